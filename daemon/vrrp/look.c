/* SPDX-License-Identifier: GPL-2.0-or-later */
/* look - interfaces, addresses and tracked things as they are, and what that means for each instance. See role.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "role.h"

/* ---- what the kernel tells ---- */
static void on_link(void *arg, const struct nl_link *l, bool gone)
{
	struct vrrp_role *r = arg;

	/* the routes of a link that was down went with it, without a word */
	if (nl_link_up(l) && r->conf && r->conf->n_static_routes)
		lines_restore_soon(r);
	role_look_soon(r);
}

static bool is_there(const struct vip *v, const struct nl_link *l, const struct nl_addr *a)
{
	return v->set && v->ifindex == l->ifindex && conf_addr_same(&v->conf->addr, &a->addr);
}

static void on_addr(void *arg, const struct nl_link *l, const struct nl_addr *a, bool gone)
{
	struct vrrp_role *r = arg;

	for (uint32_t n = 0; gone && n < r->n_instances; n++) {
		struct instance *i = r->instances[n];

		for (uint32_t k = 0; i->owns && k < i->n_vips; k++)
			i->vip_lost |= is_there(&i->vips[k], l, a) && !i->vips[k].conf->no_track;
	}
	for (uint32_t k = 0; gone && k < r->n_statics; k++)
		r->statics_lost |= is_there(&r->statics[k], l, a) && !r->statics[k].conf->no_track;
	role_look_soon(r);
}

const struct nl_events look_events = { .link = on_link, .addr = on_addr };

/* ---- interfaces ---- */
/* Counts it when it has lasted; arms the timer that looks again. */
static bool settle(struct vrrp_role *r, struct settling *s, const struct conf_if_delay *d, bool up)
{
	uint64_t now = clock_us(), wait = up ? d->up_us : d->down_us;

	if (!s->known || up == s->up) {
		s->at = 0;
	} else if (!s->at) {
		s->at = now + wait;
	}
	if (!s->known || (s->at && now >= s->at)) {
		s->known = true;
		s->up = up;
		s->at = 0;
	}
	if (s->at) {
		wait = s->at - now;
		event_add(r->ev_settle, &(struct timeval){ .tv_sec = wait / 1000000, .tv_usec = wait % 1000000 });
	}
	return s->up;
}

bool look_up(struct vrrp_role *r, const struct nl_link *l)
{
	for (uint32_t k = 0; l && r->settling && k < r->conf->n_if_delays; k++)
		if (!strcmp(r->conf->if_delays[k].ifname, l->name))
			return settle(r, &r->settling[k], &r->conf->if_delays[k], nl_link_up(l));
	return nl_link_up(l);
}

static struct addr_vmac *addr_vmac(const struct instance *i, const struct conf_vip *v)
{
	const char *dev = v->dev[0] ? v->dev : i->conf->iface;

	for (uint32_t k = 0; k < i->n_vmacs; k++)
		if (i->vmacs[k].family == v->addr.family && !strcmp(i->vmacs[k].dev, dev))
			return &i->vmacs[k];
	return NULL;
}

uint32_t vip_ifindex(const struct vrrp_role *r, const struct instance *i, const struct conf_vip *v)
{
	const struct addr_vmac *m = vmac_for_address(i->conf, v) ? addr_vmac(i, v) : NULL;
	const struct nl_link *l;

	if (m && m->vmac.name[0])
		return m->vmac.ifindex;
	if (!v->dev[0] || !strcmp(v->dev, i->conf->iface))
		return i->vmac.name[0] ? i->vmac.ifindex : i->ifindex;
	l = netlink_link(&r->nl, v->dev);
	return l ? l->ifindex : 0;
}

static void make_vmac(struct vrrp_role *r, struct instance *i, struct vmac *m, const struct vmac_of *w)
{
	const struct nl_link *base = netlink_link(&r->nl, w->dev);
	int e;

	if (m->name[0] && !netlink_link_at(&r->nl, m->ifindex) && !if_nametoindex(m->name)) {
		for (uint32_t k = 0; k < i->n_vips; k++)
			i->vips[k].set &= i->vips[k].ifindex != m->ifindex;
		i->vip_lost = i->owns;
		vmac_lost(m, &r->sysctls);
	}
	if (m->name[0] || i->vmac_refused || !base)
		return;
	e = vmac_create(m, &r->nl, &r->sysctls, w, base);
	if (e == 0)
		firewall_vmac(&r->firewall, w->family, m->ifindex, base->ifindex, true);
	if (e == 0 || e == -ENODEV)
		return;
	i->vmac_refused = true;
	act_log(i, LOG_WARNING, "%s: %s; the instance works without a MAC address of its own, on %s itself",
		i->conf->use_ipvlan ? "use_ipvlan" : "use_vmac",
		e == -EOPNOTSUPP ? "this kernel knows no such interfaces" : strerror(-e), base->name);
}

static struct addr_vmac *add_vmac(struct instance *i, const struct conf_vip *v)
{
	struct addr_vmac *list = realloc(i->vmacs, (i->n_vmacs + 1) * sizeof(*list));

	if (!list)
		return NULL;
	i->vmacs = list;
	list += i->n_vmacs++;
	*list = (struct addr_vmac){ .family = v->addr.family };
	snprintf(list->dev, sizeof(list->dev), "%s", v->dev[0] ? v->dev : i->conf->iface);
	return list;
}

/* Those that no address needs any more go, when their addresses have gone. */
static void sweep_vmacs(struct vrrp_role *r, struct instance *i)
{
	for (uint32_t k = i->n_vmacs; k-- > 0;) {
		if (i->vmacs[k].wanted)
			continue;
		vmac_remove(&i->vmacs[k].vmac, &r->nl, &r->sysctls);
		i->vmacs[k] = i->vmacs[--i->n_vmacs];
	}
}

void look_vmacs(struct vrrp_role *r, struct instance *i)
{
	for (uint32_t k = 0; k < i->n_vmacs; k++)
		i->vmacs[k].wanted = false;
	for (uint32_t k = 0; k < i->n_vips; k++) {
		const struct conf_vip *v = i->vips[k].conf;
		struct addr_vmac *m = vmac_for_address(i->conf, v) ? addr_vmac(i, v) : NULL;

		if (!vmac_for_address(i->conf, v) || (!m && !(m = add_vmac(i, v))) || m->wanted)
			continue;
		m->wanted = true;
		make_vmac(r, i, &m->vmac,
			  &(struct vmac_of){ .conf = r->conf, .v = i->conf, .dev = m->dev, .family = m->family });
	}
	sweep_vmacs(r, i);
}

void look_vmacs_remove(struct vrrp_role *r, struct instance *i)
{
	for (uint32_t k = 0; k < i->n_vmacs; k++)
		i->vmacs[k].wanted = false;
	sweep_vmacs(r, i);
	vmac_remove(&i->vmac, &r->nl, &r->sysctls);
}

static void find_interface(struct vrrp_role *r, struct instance *i)
{
	const struct nl_link *l = i->conf->iface[0] ? netlink_link(&r->nl, i->conf->iface) : NULL;
	const struct nl_link *vrf = !i->conf->iface[0] && i->conf->vrf[0] ? netlink_link(&r->nl, i->conf->vrf) : NULL;

	i->ifindex = l ? l->ifindex : vrf ? vrf->ifindex : 0;
	if (i->conf->use_vmac || i->conf->use_ipvlan)
		make_vmac(r, i, &i->vmac,
			  &(struct vmac_of){
				  .conf = r->conf, .v = i->conf, .dev = i->conf->iface, .family = i->conf->family });
	look_vmacs(r, i);
	i->tx_ifindex = i->vmac.name[0] && !i->conf->vmac_xmit_base ? i->vmac.ifindex : i->ifindex;
}

static bool find_source(struct vrrp_role *r, struct instance *i, struct conf_addr *ret)
{
	const struct conf_vrrp *v = i->conf;
	const struct nl_link *l = netlink_link_at(&r->nl, i->ifindex);
	const struct nl_addr *a;

	if (v->source.family) {
		*ret = v->source;
		return !v->track_src || nl_link_find(l, &v->source);
	}
	a = nl_link_primary(l, v->family);
	if (a)
		*ret = a->addr;
	return a != NULL;
}

/* ---- the socket ---- */
static void key_of(const struct instance *i, const struct conf_addr *src, struct rx_key *ret)
{
	const struct conf_vrrp *v = i->conf;

	memset(ret, 0, sizeof(*ret));
	ret->ifindex = i->ifindex;
	ret->family = v->family;
	ret->protocol = v->auth == CONF_AUTH_AH && v->version == 2 ? VRRP_IPPROTO_AH : VRRP_IPPROTO;
	ret->unicast = v->unicast;
	ret->addr.family = v->family;
	memcpy(ret->addr.bytes, v->unicast ? src->bytes : v->mcast_dst.bytes, sizeof(ret->addr.bytes));
}

static int open_socket(struct vrrp_role *r, struct instance *i, const struct conf_addr *src)
{
	struct rx_key key;
	struct rx *rx;
	int e;

	key_of(i, src, &key);
	if (i->rx && !memcmp(rx_key(i->rx), &key, sizeof(key)))
		return 0;
	rx_put(r->sockets, i->rx);
	i->rx = NULL;
	e = rx_get(r->sockets, &key, i->conf->kernel_rx_buf, &rx);
	if (e == 0)
		i->rx = rx;
	if (e < 0 && e != i->open_error)
		act_log(i, LOG_ERR, "cannot open its socket: %s", strerror(-e));
	i->open_error = e;
	return e;
}

static void close_socket(struct vrrp_role *r, struct instance *i)
{
	rx_put(r->sockets, i->rx);
	i->rx = NULL;
}

/* ---- reasons ---- */
static bool is_duplicate(const struct vrrp_role *r, const struct instance *i)
{
	for (uint32_t n = 0; n < i->index; n++) {
		const struct instance *o = r->instances[n];

		if (o->conf->vrid == i->conf->vrid && o->conf->family == i->conf->family &&
		    o->ifindex == i->ifindex && i->ifindex && o->conf->unicast == i->conf->unicast &&
		    !i->conf->unicast)
			return true;
	}
	return false;
}

static bool static_missing(const struct vrrp_role *r, const struct instance *i)
{
	for (uint32_t k = 0; k < r->n_statics; k++) {
		const struct conf_vip *v = r->statics[k].conf;

		if (!v->track_group[0] || r->statics[k].set)
			continue;
		for (uint32_t g = 0; g < r->conf->n_track_groups; g++) {
			const struct conf_track_group *t = &r->conf->track_groups[g];

			for (uint32_t m = 0; !strcmp(t->name, v->track_group) && m < t->n_vrrps; m++)
				if (t->vrrps[m] == i->index)
					return true;
		}
	}
	return false;
}

static void add_tracks(struct vrrp_role *r, struct vrrp_standing *s, const struct conf_track *tracks, uint32_t n,
		       bool count_weights)
{
	for (uint32_t k = 0; k < n; k++) {
		struct vrrp_tracked t = { 0 };

		if (tracks[k].kind == CONF_TRACK_IF)
			t = (struct vrrp_tracked){ true, look_up(r, netlink_link(&r->nl, tracks[k].ifname)) };
		else if (tracks[k].index < r->values.n[tracks[k].kind])
			t = r->values.of[tracks[k].kind][tracks[k].index];
		vrrp_standing_add(s, &tracks[k], 1, &t, count_weights);
	}
}

static struct vrrp_standing standing_of(struct vrrp_role *r, const struct instance *i)
{
	const struct conf_sync_group *g = i->sync->group.conf;
	bool count = !g || g->tracking_weight;
	struct vrrp_standing s = { 0 };

	add_tracks(r, &s, i->conf->tracks, i->conf->n_tracks, count);
	if (g)
		add_tracks(r, &s, g->tracks, g->n_tracks, count);
	vrrp_standing_finish(&s, i->conf->priority);
	return s;
}

static uint32_t reasons(struct vrrp_role *r, struct instance *i, const struct vrrp_standing *s,
			struct conf_addr *ret_src)
{
	const struct nl_link *l = netlink_link_at(&r->nl, i->ifindex);
	uint32_t why = 0;

	if ((i->conf->iface[0] && !l) || (l && !look_up(r, l) && !i->conf->dont_track_primary))
		why |= VRRP_WHY_IF_DOWN;
	if (!find_source(r, i, ret_src))
		why |= VRRP_WHY_NO_SOURCE;
	if (s->faults)
		why |= VRRP_WHY_TRACK;
	if (s->unknown)
		why |= VRRP_WHY_WAIT;
	if (i->vip_refused) /* until something changes: then it is tried again */
		why |= VRRP_WHY_VIP;
	i->vip_refused = false;
	if (is_duplicate(r, i))
		why |= VRRP_WHY_DUPLICATE;
	if (i->conf->unicast && !i->conf->n_peers)
		why |= VRRP_WHY_CONFIG;
	if (static_missing(r, i))
		why |= VRRP_WHY_STATIC;
	if (why & (VRRP_WHY_IF_DOWN | VRRP_WHY_DUPLICATE) || !ret_src->family)
		close_socket(r, i);
	else if (open_socket(r, i, ret_src) < 0)
		why |= VRRP_WHY_SEND;
	return why;
}

/* ---- addresses that somebody took away ---- */
static void restore_vips(struct vrrp_role *r, struct instance *i)
{
	struct vip **list = calloc(i->n_vips ? i->n_vips : 1, sizeof(*list));
	char text[INET6_ADDRSTRLEN];
	uint32_t n = 0;

	i->vip_lost = false;
	if (!list || i->fsm.state != VRRP_MASTER) {
		free(list);
		return;
	}
	for (uint32_t k = 0; k < i->n_vips; k++) {
		struct vip *v = &i->vips[k];
		const struct nl_link *l = netlink_link_at(&r->nl, v->ifindex);

		if (k >= i->adding) /* its turn comes yet */
			break;
		/* of a link that went down the kernel itself removes them: that is a fault, not somebody's doing */
		if (v->conf->no_track || (v->set && (!nl_link_up(l) || nl_link_find(l, &v->conf->addr))))
			continue;
		inet_ntop(v->conf->addr.family, v->conf->addr.bytes, text, sizeof(text));
		act_log(i, LOG_WARNING, "address %s was removed from %s by somebody else, putting it back", text,
			v->set ? l->name : "its interface, or with it,");
		list[n++] = v;
	}
	act_vips(r, i, list, n, true);
	for (uint32_t k = 0; k < n; k++)
		i->vip_refused |= !list[k]->set;
	act_garps(r, i, list, n);
	free(list);
}

void statics_apply(struct vrrp_role *r)
{
	char text[INET6_ADDRSTRLEN];
	bool lost = r->statics_lost;

	r->statics_lost = false;
	for (uint32_t k = 0; k < r->n_statics; k++) {
		struct vip *v = &r->statics[k];
		const char *dev = v->conf->dev[0] ? v->conf->dev : r->conf->global.default_interface;
		const struct nl_link *l = netlink_link(&r->nl, dev);
		struct addr_op op = { .vip = v->conf, .ifindex = l ? l->ifindex : 0, .add = true };

		if (l && v->set && v->ifindex == l->ifindex &&
		    (!lost || v->conf->no_track || nl_link_find(l, &v->conf->addr)))
			continue;
		v->set = false;
		if (!l)
			continue; /* it may come yet */
		addr_apply(&r->nl, &op, 1);
		v->set = op.result == 0 || op.result == -EEXIST;
		v->ifindex = l->ifindex;
		inet_ntop(v->conf->addr.family, v->conf->addr.bytes, text, sizeof(text));
		if (!v->set && v->error != op.result)
			log_err("static address %s cannot be added to %s: %s", text, dev, strerror(-op.result));
		v->error = op.result;
	}
}

/* ---- all of it ---- */
void look_instance(struct vrrp_role *r, struct instance *i)
{
	struct vrrp_standing s = standing_of(r, i);
	struct vrrp_event e = { 0 };
	uint32_t why = reasons(r, i, &s, &e.src);

	if (e.src.family && !conf_addr_same(&e.src, &i->fsm.src)) {
		e.type = VRRP_ON_SOURCE;
		role_step(r, i, &e);
		ear_stale(r);
	}
	e.type = VRRP_ON_PRIORITY;
	e.priority = s.priority;
	if (s.priority != i->fsm.priority)
		role_step(r, i, &e);
	e.type = VRRP_ON_WHY;
	e.why = why;
	if (why != (i->fsm.why & ~(VRRP_WHY_GROUP | VRRP_WHY_GROUP_WAIT)))
		role_step(r, i, &e);
}

void look_all(struct vrrp_role *r)
{
	statics_apply(r);
	for (uint32_t n = 0; n < r->n_instances; n++)
		find_interface(r, r->instances[n]);
	for (uint32_t n = 0; n < r->n_instances; n++) {
		if (r->instances[n]->vip_lost)
			restore_vips(r, r->instances[n]);
		look_instance(r, r->instances[n]);
	}
}
