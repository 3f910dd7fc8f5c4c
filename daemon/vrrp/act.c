/* SPDX-License-Identifier: GPL-2.0-or-later */
/* act - what the state machines want done: adverts, addresses, gratuitous ARPs, news. See role.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipcmd.h"
#include "log.h"
#include "role.h"

void act_log(const struct instance *i, int level, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_msg(level, "(%s) %s", i->conf->name, text);
}

const char *act_addr(const struct conf_addr *a, char buf[INET6_ADDRSTRLEN])
{
	if (!inet_ntop(a->family, a->bytes, buf, INET6_ADDRSTRLEN))
		snprintf(buf, INET6_ADDRSTRLEN, "?");
	return buf;
}

/* ---- adverts ---- */
static int send_to(struct vrrp_role *r, struct instance *i, uint8_t priority, const struct conf_addr *dst)
{
	const struct conf_vrrp *v = i->conf;
	uint8_t packet[VRRP_PACKET_MAX];
	struct vrrp_send s = { .src = i->fsm.src, .dst = *dst, .priority = priority };
	struct tx to = { .family = v->family,
			 .ifindex = i->tx_ifindex,
			 .multicast = !v->unicast,
			 .hop_limit = v->unicast && v->ttl > 0 ? (uint8_t)v->ttl : 255,
			 .src = s.src,
			 .dst = *dst };
	struct timespec t;
	int len;

	if (s.src.family != v->family)
		return -EADDRNOTAVAIL;
	clock_gettime(CLOCK_REALTIME, &t);
	s.utc_us = (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	len = vrrp_packet_build(i->codec, v, &s, packet, sizeof(packet));
	return len < 0 ? len : sockets_send(r->sockets, &to, packet, len);
}

static void send_advert(struct vrrp_role *r, struct instance *i, uint8_t priority)
{
	int e = 0, one;

	if (!i->conf->unicast)
		e = send_to(r, i, priority, &i->conf->mcast_dst);
	for (uint32_t n = 0; i->conf->unicast && n < i->conf->n_peers; n++) {
		one = send_to(r, i, priority, &i->conf->peers[n].addr);
		e = one < 0 ? one : e;
	}
	if (e < 0)
		i->send_failures++;
	if (e < 0 && e != i->send_error && nl_link_up(netlink_link_at(&r->nl, i->tx_ifindex))) /* first of its kind */
		act_log(i, LOG_ERR, "cannot send adverts: %s", strerror(-e));
	i->send_error = e;
	if (priority == VRRP_PRIO_STOP && e == 0)
		act_log(i, LOG_INFO, "sent 0 priority");
}

/* ---- addresses, routes, rules ---- */
static void note_result(struct instance *i, const struct addr_op *op)
{
	struct vip *v = op->user;
	char text[INET6_ADDRSTRLEN];

	if (!op->add) {
		v->set = false;
		v->ifindex = 0;
		if (op->result < 0 && op->result != -EADDRNOTAVAIL && op->result != -ENODEV)
			act_log(i, LOG_ERR, "address %s cannot be removed: %s", act_addr(&op->vip->addr, text),
				strerror(-op->result));
		return;
	}
	v->set = op->result == 0 || op->result == -EEXIST;
	v->ifindex = op->ifindex;
	if (!v->set)
		act_log(i, LOG_ERR, "address %s cannot be added: %s", act_addr(&op->vip->addr, text),
			strerror(-op->result));
}

#define PORTION 64 /* addresses put on at once: 2 ms or so; thousands would hold up the next advert */

/* Before they come, and when they have gone. */
static void guard(struct vrrp_role *r, const struct instance *i, const struct addr_op *ops, uint32_t n, bool add)
{
	struct guard list[PORTION];
	uint32_t some = 0;

	if (add && !firewall_wants(i->conf))
		return;
	for (uint32_t k = 0; k < n; k++) {
		list[some++] = (struct guard){ .addr = ops[k].vip->addr, .ifindex = ops[k].ifindex };
		if (some < PORTION && k + 1 < n)
			continue;
		if (add)
			firewall_guard(&r->firewall, list, some);
		else
			firewall_release(&r->firewall, list, some);
		some = 0;
	}
}

void act_guard_all(struct vrrp_role *r, struct instance *i)
{
	if (i->vmac.name[0])
		firewall_vmac(&r->firewall, i->conf->family, i->vmac.ifindex, i->ifindex, true);
	for (uint32_t k = 0; k < i->n_vmacs; k++)
		firewall_vmac(&r->firewall, i->vmacs[k].family, i->vmacs[k].vmac.ifindex,
			      if_nametoindex(i->vmacs[k].dev), true);
	for (uint32_t k = 0; k < i->n_vips; k++) {
		const struct addr_op op = { .vip = i->vips[k].conf, .ifindex = i->vips[k].ifindex };

		if (i->vips[k].set)
			guard(r, i, &op, 1, true);
	}
}

void act_vips(struct vrrp_role *r, struct instance *i, struct vip **list, uint32_t n, bool add)
{
	struct addr_op *ops = calloc(n ? n : 1, sizeof(*ops));
	char text[INET6_ADDRSTRLEN];
	uint32_t used = 0;

	if (!ops)
		return;
	for (uint32_t k = 0; k < n; k++) {
		struct vip *v = list[k];
		uint32_t ifindex = add ? vip_ifindex(r, i, v->conf) : v->ifindex;

		if (!ifindex && add)
			act_log(i, LOG_ERR, "address %s cannot be added: there is no interface %s",
				act_addr(&v->conf->addr, text), v->conf->dev[0] ? v->conf->dev : i->conf->iface);
		if (!ifindex)
			continue;
		ops[used++] = (struct addr_op){ .vip = v->conf, .ifindex = ifindex, .add = add, .user = v };
	}
	if (add)
		guard(r, i, ops, used, true);
	addr_apply(&r->nl, ops, used);
	if (!add)
		guard(r, i, ops, used, false);
	for (uint32_t k = 0; k < used; k++)
		note_result(i, &ops[k]);
	free(ops);
}

bool act_own_more(struct vrrp_role *r, struct instance *i)
{
	struct vip *list[PORTION];
	uint32_t n = 0, from = i->adding;

	for (; i->owns && i->adding < i->n_vips && n < PORTION; i->adding++)
		list[n++] = &i->vips[i->adding];
	act_vips(r, i, list, n, true);
	if (from == 0) /* the state machine asks for the first ones' GARPs */
		return n;
	act_garps(r, i, list, n);
	return n;
}

static void take_off(struct vrrp_role *r, struct instance *i)
{
	struct vip **list = calloc(i->n_vips ? i->n_vips : 1, sizeof(*list));
	uint32_t n = 0;

	if (!list)
		return;
	i->adding = i->n_vips;
	for (uint32_t k = 0; k < i->n_vips; k++)
		if (i->vips[k].set && !change_moves(r, i, &i->vips[k]))
			list[n++] = &i->vips[k];
	act_vips(r, i, list, n, false);
	free(list);
}

static void queue_line(struct vrrp_role *r, const struct instance *i, const struct conf_ipline *l, bool rule,
		       bool add)
{
	int e = ipcmd_queue(&r->commands, l, rule, add);

	if (e < 0)
		act_log(i, LOG_ERR, "%s:%u: this %s cannot be given to ip(8): %s", l->where.file, l->where.line,
			rule ? "rule" : "route", e == -EINVAL ? "a word holds a quote, a blank or #" : strerror(-e));
}

void act_lines(struct vrrp_role *r, const struct instance *i, bool add)
{
	const struct conf_vrrp *v = i->conf;

	for (uint32_t k = 0; add && k < v->n_routes; k++)
		queue_line(r, i, &v->routes[k], false, true);
	for (uint32_t k = 0; k < v->n_rules; k++)
		queue_line(r, i, &v->rules[k], true, add);
	for (uint32_t k = v->n_routes; !add && k-- > 0;)
		queue_line(r, i, &v->routes[k], false, false);
	commands_start(&r->commands);
}

/* Removing an address must not take others of the same network with it. */
static void promote(struct vrrp_role *r, struct instance *i, bool on)
{
	const struct nl_link *l = netlink_link_at(&r->nl, i->ifindex);

	if (!i->conf->promote_secondaries || !l || i->promote == on)
		return;
	i->promote = on;
	if (on)
		sysctl_hold(&r->sysctls, "ipv4", l->name, "promote_secondaries", "1");
	else
		sysctl_release(&r->sysctls, "ipv4", l->name, "promote_secondaries");
}

void act_own(struct vrrp_role *r, struct instance *i)
{
	i->owns = true;
	i->vip_lost = i->vip_refused = false;
	act_log(i, LOG_INFO, "setting VIPs.");
	promote(r, i, true);
	i->adding = 0;
	act_own_more(r, i);
	if (i->adding < i->n_vips)
		event_active(r->ev_more, 0, 0);
	act_lines(r, i, true);
}

void act_disown(struct vrrp_role *r, struct instance *i)
{
	garp_drop(&r->garp, i);
	if (!i->owns || r->keep_addresses)
		return;
	i->owns = false;
	act_log(i, LOG_INFO, "removing VIPs.");
	act_lines(r, i, false);
	take_off(r, i);
	promote(r, i, false);
}

/* ---- gratuitous ARPs ---- */
static void queue_garp(struct vrrp_role *r, struct instance *i, const struct conf_addr *a, uint32_t ifindex)
{
	const struct garp_item item = { .addr = *a, .ifindex = ifindex, .owner = i };
	const struct nl_link *l = netlink_link_at(&r->nl, ifindex);
	char name[IFNAMSIZ] = "";

	if (!l) /* made a moment ago (a VMAC) */
		if_indextoname(ifindex, name);
	garp_add(&r->garp, l ? l->name : name, &item);
	event_active(r->ev_garp, 0, 0);
}

void act_garp(struct vrrp_role *r, struct instance *i, const struct vip *v)
{
	if (v->set && v->ifindex)
		queue_garp(r, i, &v->conf->addr, v->ifindex);
}

void act_garps(struct vrrp_role *r, struct instance *i, struct vip *const *list, uint32_t n)
{
	for (uint32_t rep = 0; rep < i->conf->garp.master_repeat; rep++)
		for (uint32_t k = 0; k < n; k++)
			act_garp(r, i, list[k]);
}

static void garp_burst(struct vrrp_role *r, struct instance *i, uint32_t repeat)
{
	if (garp_waits(&r->garp, i)) /* a slow lane: the ones that wait say the same */
		return;
	log_debug("(%s) Sending/queueing gratuitous ARPs on %s", i->conf->name, i->conf->iface);
	for (uint32_t n = 0; n < repeat; n++)
		for (uint32_t k = 0; k < i->n_vips; k++)
			act_garp(r, i, &i->vips[k]);
}

static void garp_extra(struct vrrp_role *r, struct instance *i)
{
	uint32_t own = i->vmac.name[0] ? i->vmac.ifindex : i->ifindex;

	if (garp_waits(&r->garp, i))
		return;
	for (uint32_t k = 0; k < i->n_vips; k++)
		if (i->conf->garp.extra_if_all || i->vips[k].ifindex != own)
			act_garp(r, i, &i->vips[k]);
}

/* ---- news ---- */
static void tell(struct vrrp_role *r, bool group, uint32_t index, const struct vrrp_action *a,
		 enum vrrp_event_kind event, const char *why)
{
	struct message m = { .type = MSG_VRRP_STATE };

	m.vrrp_state = (struct msg_vrrp_state){
		.generation = r->generation,
		.index = index,
		.group = group,
		.state = a->state,
		.old = a->old,
		.priority = a->priority,
		.event = event,
	};
	snprintf(m.vrrp_state.why, sizeof(m.vrrp_state.why), "%s", why);
	role_tell(r, &m);
}

static void notify_now(struct vrrp_role *r, struct instance *i, const struct vrrp_action *a)
{
	const char *why = a->state == VRRP_FAULT ? vrrp_why_text(i->fsm.why) : "";

	if (a->old == VRRP_BACKUP && a->state == VRRP_MASTER)
		act_log(i, LOG_INFO, "Receive advertisement timeout");
	if (a->state == VRRP_FAULT && why[0])
		act_log(i, LOG_INFO, "Entering FAULT STATE (%s)", why);
	else if (a->state == VRRP_STOPPED || a->state == VRRP_DELETED)
		act_log(i, LOG_INFO, "%s", a->state == VRRP_STOPPED ? "Stopped" : "Deleted");
	else
		act_log(i, LOG_INFO, "Entering %s STATE%s", vrrp_state_name(a->state),
			a->old == VRRP_INIT && a->state == VRRP_BACKUP ? " (init)" : "");
	i->said = i->remarked = 0;
	/* others have forgotten where we are while our interface was away */
	if (a->old == VRRP_FAULT && i->conf->unicast && i->ifindex && i->fsm.src.family)
		queue_garp(r, i, &i->fsm.src, i->ifindex);
	tell(r, false, i->index, a, VRRP_EV_STATE, why);
}

void act_tell_state(struct vrrp_role *r, struct instance *i)
{
	const struct vrrp_action a = { .state = i->fsm.state, .old = i->fsm.state, .priority = i->fsm.priority };

	act_log(i, LOG_INFO, "goes on in %s STATE under this name", vrrp_state_name(a.state));
	tell(r, false, i->index, &a, VRRP_EV_STATE, "");
}

static void notify_instance(struct vrrp_role *r, struct instance *i, const struct vrrp_action *a)
{
	if (i->lingers) /* when its addresses have gone */
		return;
	notify_now(r, i, a);
}

void act_end_linger(struct vrrp_role *r, struct instance *i)
{
	const struct vrrp_action a = { .kind = VRRP_DO_NOTIFY,
				       .fsm = &i->fsm,
				       .old = VRRP_MASTER,
				       .state = i->fsm.state,
				       .priority = i->fsm.priority };

	i->lingers = false;
	act_disown(r, i);
	notify_now(r, i, &a);
}

static void notify_group(struct vrrp_role *r, const struct sync *s, const struct vrrp_action *a)
{
	log_info("VRRP_Group(%s) Syncing instances to %s state", s->group.conf->name, vrrp_state_name(a->state));
	tell(r, true, s->index, a, VRRP_EV_STATE, "");
}

static void news(struct vrrp_role *r, struct instance *i, struct vrrp_action *a)
{
	char text[200];

	a->state = a->old = i->fsm.state;
	if (a->kind == VRRP_DO_RX_LOWER) {
		tell(r, false, i->index, a, VRRP_EV_RX_LOWER_PRI, "");
	} else if (a->kind == VRRP_DO_PRIORITY) {
		act_log(i, LOG_INFO, "Changing effective priority from %u to %u", a->src_priority, a->priority);
		tell(r, false, i->index, a, VRRP_EV_PRIORITY, "");
	} else {
		act_log(i, LOG_INFO, "%s", vrrp_say(a, text, sizeof(text)));
	}
}

static void act(struct vrrp_role *r, struct sync *s, struct vrrp_action *a)
{
	struct instance *i = a->fsm ? a->fsm->user : NULL;

	if (!i) {
		notify_group(r, s, a);
		return;
	}
	switch (a->kind) {
	case VRRP_DO_ADVERT:
		send_advert(r, i, a->priority);
		break;
	case VRRP_DO_ADD:
		act_own(r, i);
		break;
	case VRRP_DO_REMOVE:
		garp_drop(&r->garp, i);
		i->lingers = r->lingering && i->owns;
		if (!i->lingers)
			act_disown(r, i);
		break;
	case VRRP_DO_GARP:
		garp_burst(r, i, a->repeat);
		break;
	case VRRP_DO_GARP_EXTRA:
		garp_extra(r, i);
		break;
	case VRRP_DO_NOTIFY:
		notify_instance(r, i, a);
		break;
	default:
		news(r, i, a);
	}
}

/* Before anybody hears of it: traffic may come as soon as the first advert is out. */
static void announce(struct vrrp_role *r, const struct vrrp_action *a)
{
	struct instance *i = a->fsm ? a->fsm->user : NULL;
	const struct vrrp_action about = { .state = VRRP_MASTER, .old = VRRP_BACKUP, .priority = a->priority };

	if (a->kind == VRRP_DO_ADD && i)
		tell(r, false, i->index, &about, VRRP_EV_ABOUT, "");
}

void act_all(struct vrrp_role *r, struct sync *s)
{
	for (uint32_t n = 0; n < r->actions.n; n++)
		announce(r, &r->actions.list[n]);
	for (uint32_t n = 0; n < r->actions.n; n++)
		act(r, s, &r->actions.list[n]);
	r->actions.n = 0;
	if (r->actions.lost) {
		log_err("out of memory: something that VRRP wanted was not done");
		r->actions.lost = false;
	}
}
