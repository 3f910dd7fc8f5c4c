/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config - from a configuration to running instances, and from one configuration to the next by difference: what did
 * not change keeps its state, its timers and its addresses. See role.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "log.h"
#include "role.h"

/* ---- what others measure ---- */
struct values values_new(const struct conf *c)
{
	const uint32_t n[] = { 0, c->n_scripts, c->n_processes, c->n_files, c->n_bfds };
	struct values v = { 0 };

	for (int k = CONF_TRACK_SCRIPT; k <= CONF_TRACK_BFD; k++) {
		v.of[k] = calloc(n[k] ? n[k] : 1, sizeof(*v.of[k]));
		v.n[k] = v.of[k] ? n[k] : 0;
	}
	return v;
}

void values_free(struct values *v)
{
	for (int k = CONF_TRACK_SCRIPT; k <= CONF_TRACK_BFD; k++)
		free(v->of[k]);
	memset(v, 0, sizeof(*v));
}

static const char *value_name(const struct conf *c, int kind, uint32_t i)
{
	switch (kind) {
	case CONF_TRACK_SCRIPT:
		return c->scripts[i].name;
	case CONF_TRACK_PROCESS:
		return c->processes[i].name;
	case CONF_TRACK_FILE:
		return c->files[i].name;
	default:
		return c->bfds[i].name;
	}
}

/* What is known of a script stays known under its name, until the keeper tells more. */
static void carry_values(struct values *to, const struct conf *new, const struct values *from, const struct conf *old)
{
	for (int k = CONF_TRACK_SCRIPT; k <= CONF_TRACK_BFD; k++)
		for (uint32_t i = 0; i < to->n[k]; i++)
			for (uint32_t j = 0; j < from->n[k]; j++)
				if (!strcmp(value_name(new, k, i), value_name(old, k, j)))
					to->of[k][i] = from->of[k][j];
}

/* What counts of a link goes on counting. */
static void carry_settling(struct vrrp_role *r, const struct conf *new, const struct conf *old)
{
	struct settling *s = calloc(new->n_if_delays + 1, sizeof(*s));

	for (uint32_t k = 0; s && old && r->settling && k < new->n_if_delays; k++)
		for (uint32_t j = 0; j < old->n_if_delays; j++)
			if (!strcmp(new->if_delays[k].ifname, old->if_delays[j].ifname))
				s[k] = r->settling[j];
	free(r->settling);
	r->settling = s;
}

/* The kernel tells the switch of groups like 224.0.0.18, unless asked not to. Not put back. */
static void set_igmp(const struct conf *c)
{
	int e = c->global.disable_local_igmp ? sysctl_net("ipv4/igmp_link_local_mcast_reports", "0") : 0;

	if (e < 0)
		log_err("disable_local_igmp: %s", strerror(-e));
}

/* ---- instances ---- */
/* Could the one become the other without anybody noticing? Otherwise it is stopped, and a new one begins. */
static bool same_router(const struct conf_vrrp *x, const struct conf_vrrp *y)
{
	return x->family == y->family && x->vrid == y->vrid && x->version == y->version &&
	       !strcmp(x->iface, y->iface) && !strcmp(x->vrf, y->vrf) && x->unicast == y->unicast &&
	       x->use_vmac == y->use_vmac && x->use_ipvlan == y->use_ipvlan && !strcmp(x->vmac_name, y->vmac_name) &&
	       x->has_vmac_mac == y->has_vmac_mac && !memcmp(x->vmac_mac, y->vmac_mac, 6);
}

static bool same_keys(const struct conf_vrrp *x, const struct conf_vrrp *y)
{
	return x->auth == y->auth && !memcmp(x->auth_pass, y->auth_pass, sizeof(x->auth_pass)) &&
	       x->n_hmac_keys == y->n_hmac_keys &&
	       (!x->n_hmac_keys || !memcmp(x->hmac_keys, y->hmac_keys, x->n_hmac_keys * sizeof(*x->hmac_keys)));
}

static struct vip *make_vips(const struct conf_vrrp *v, uint32_t *ret_n)
{
	struct vip *list = calloc(v->n_vips + v->n_excluded + 1, sizeof(*list));

	*ret_n = list ? v->n_vips + v->n_excluded : 0;
	for (uint32_t k = 0; k < *ret_n; k++) {
		list[k].excluded = k >= v->n_vips;
		list[k].conf = list[k].excluded ? &v->excluded[k - v->n_vips] : &v->vips[k];
	}
	return list;
}

static uint64_t start_delay(const struct conf_global *g)
{
	uint64_t delay = g->vrrp_startup_delay_us, up;
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	up = (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	if (g->vrrp_delay_after_boot_us > up && g->vrrp_delay_after_boot_us - up > delay)
		delay = g->vrrp_delay_after_boot_us - up;
	return delay;
}

static struct instance *make_instance(struct vrrp_role *r, const struct conf *c, uint32_t index, bool first)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (!i)
		return NULL;
	i->codec = ear_memory(sizeof(*i->codec));
	if (!i->codec) {
		free(i);
		return NULL;
	}
	i->role = r;
	i->conf = &c->vrrps[index];
	i->index = index;
	i->vips = make_vips(i->conf, &i->n_vips);
	vrrp_codec_init(i->codec);
	i->serial = ++r->serials;
	vrrp_fsm_init(&i->fsm, i->conf, first ? start_delay(&c->global) : 0, clock_us());
	i->fsm.user = i;
	return i;
}

static void free_instance(struct vrrp_role *r, struct instance *i)
{
	garp_drop(&r->garp, i);
	rx_put(r->sockets, i->rx);
	if (!r->keep_addresses)
		look_vmacs_remove(r, i);
	ear_memory_free(i->codec, sizeof(*i->codec));
	free(i->vips);
	free(i->vmacs);
	free(i);
}

static void take_conf(struct vrrp_role *r, struct instance *i, const struct conf_vrrp *v, uint32_t index)
{
	if (!same_keys(i->conf, v)) {
		memset(&i->codec->ah, 0, sizeof(i->codec->ah));
		memset(&i->codec->hmac, 0, sizeof(i->codec->hmac));
	}
	i->conf = v;
	i->index = index;
	i->old_vips = i->vips;
	i->n_old_vips = i->n_vips;
	i->vips = make_vips(v, &i->n_vips);
	i->said = i->remarked = 0;
	vrrp_fsm_reconf(&i->fsm, v, clock_us());
}

/* ---- sync groups ---- */
static void free_syncs(struct sync **list, uint32_t n)
{
	for (uint32_t k = 0; k < n; k++) {
		free(list[k]->members);
		free(list[k]);
	}
	free(list);
}

static struct sync *add_sync(struct vrrp_role *r, const struct conf *c, uint32_t index, uint32_t n)
{
	struct sync *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->members = calloc(n, sizeof(*s->members));
	s->index = index;
	if (!s->members) {
		free(s);
		return NULL;
	}
	r->syncs[r->n_syncs++] = s;
	return s;
}

static int join(struct vrrp_role *r, const struct conf *c, uint32_t group)
{
	const struct conf_sync_group *g = &c->groups[group];
	struct sync *s;
	uint32_t n = 0;

	if (!g->n_members)
		return 0;
	s = add_sync(r, c, group, g->n_members);
	if (!s)
		return -ENOMEM;
	for (uint32_t m = 0; m < g->n_members; m++) {
		struct instance *i = g->members[m] < r->n_instances ? r->instances[g->members[m]] : NULL;

		if (!i || i->sync)
			continue;
		i->sync = s;
		s->members[n++] = &i->fsm;
	}
	vrrp_group_init(&s->group, g, s->members, n);
	return 0;
}

static int make_syncs(struct vrrp_role *r, const struct conf *c)
{
	uint64_t now = clock_us();

	r->n_syncs = 0;
	r->syncs = calloc(c->n_groups + r->n_instances + 1, sizeof(*r->syncs));
	if (!r->syncs)
		return -ENOMEM;
	for (uint32_t g = 0; g < c->n_groups; g++)
		if (join(r, c, g) < 0)
			return -ENOMEM;
	for (uint32_t n = 0; n < r->n_instances; n++) {
		struct instance *i = r->instances[n];

		if (i->sync)
			continue;
		i->sync = add_sync(r, c, CONF_NONE, 1);
		if (!i->sync)
			return -ENOMEM;
		i->sync->members[0] = &i->fsm;
		vrrp_group_init(&i->sync->group, NULL, i->sync->members, 1);
		if (i->fsm.why & (VRRP_WHY_GROUP | VRRP_WHY_GROUP_WAIT)) /* it has left its group */
			vrrp_fsm_step(&i->fsm, &(struct vrrp_event){ .type = VRRP_ON_GROUP_WHY }, now, &r->actions);
		act_all(r, i->sync);
	}
	for (uint32_t k = 0; k < r->n_syncs; k++)
		vrrp_group_adopt(&r->syncs[k]->group);
	return 0;
}

/* ---- beginning ---- */
/* Was every instance of its group, or it alone, master in the process before this one? */
static bool was_master(const struct vrrp_role *r, const struct instance *i)
{
	bool found = false;

	for (uint32_t k = 0; k < r->n_hints; k++)
		found |= !r->hints[k].group && r->hints[k].index == i->index && r->hints[k].state == VRRP_MASTER;
	return found;
}

static bool resumes(const struct vrrp_role *r, const struct sync *s)
{
	bool all = s->group.n_members > 0;

	for (uint32_t m = 0; m < s->group.n_members; m++)
		/* what is not known yet (a script that has not run again) is no reason against it */
		all &= was_master(r, s->group.members[m]->user) && !(s->group.members[m]->why & ~VRRP_WHY_WAITS);
	return all;
}

/* Addresses that a daemon before this one left behind would make two masters: of us and of whoever took over. */
static void remove_residual(struct vrrp_role *r, struct instance *i)
{
	for (uint32_t k = 0; k < i->n_vips; k++) {
		struct vip *v = &i->vips[k], *one = v;
		uint32_t ifindex = vip_ifindex(r, i, v->conf);
		const struct nl_addr *a = nl_link_find(netlink_link_at(&r->nl, ifindex), &v->conf->addr);
		const struct guard g = { .addr = v->conf->addr, .ifindex = ifindex };

		if (firewall_wants(i->conf))
			firewall_residual(&r->firewall, &g);
		/* an owner's address is the administrator's, unless it bears our mark */
		if (!a || (a->proto != NL_PROTO && i->conf->priority == 255))
			continue;
		v->ifindex = ifindex;
		act_vips(r, i, &one, 1, false);
	}
}

static void start_sync(struct vrrp_role *r, struct sync *s)
{
	const struct vrrp_event start = { .type = VRRP_ON_START };
	bool resume = resumes(r, s);

	for (uint32_t m = 0; m < s->group.n_members; m++) {
		struct instance *i = s->group.members[m]->user;

		if (i->fsm.started || i->fsm.state != VRRP_INIT)
			continue;
		if (resume) {
			act_log(i, LOG_INFO, "resuming MASTER STATE after a restart of this process");
			vrrp_fsm_resume_master(&i->fsm, clock_us(), &r->actions);
			act_all(r, s);
		} else {
			remove_residual(r, i);
			role_step(r, i, &start);
		}
		role_rearm(r, i);
	}
	vrrp_group_adopt(&s->group);
}

/* ---- the whole ---- */
static struct instance *predecessor(const struct vrrp_role *r, struct instance **list, uint32_t n, uint32_t index)
{
	for (uint32_t k = 0; k < n; k++)
		if (list[k] && list[k]->becomes == index)
			return list[k];
	return NULL;
}

/* Each instance of the next configuration continues one that exists: of its name if it can, else a renamed one. */
static void match(struct vrrp_role *r, const struct conf *c)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		r->instances[n]->becomes = CONF_NONE;
	for (int renamed = 0; renamed < 2; renamed++)
		for (uint32_t n = 0; n < r->n_instances; n++)
			for (uint32_t k = 0; r->instances[n]->becomes == CONF_NONE && k < c->n_vrrps; k++)
				if (same_router(r->instances[n]->conf, &c->vrrps[k]) &&
				    (renamed ? !predecessor(r, r->instances, r->n_instances, k)
					     : !strcmp(r->instances[n]->conf->name, c->vrrps[k].name)))
					r->instances[n]->becomes = k;
}

/* What they say is about the configuration before. */
static void stop_gone(struct vrrp_role *r, const struct conf *c)
{
	const struct vrrp_event stop = { .type = VRRP_ON_STOP, .deleted = true };

	match(r, c);
	r->next = c;
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->becomes == CONF_NONE)
			role_step(r, r->instances[n], &stop);
	r->next = NULL;
}

static int take_instances(struct vrrp_role *r, const struct conf *c, bool first)
{
	struct instance **old = r->instances;
	uint32_t n_old = r->n_instances, made = 0;

	r->instances = calloc(c->n_vrrps + 1, sizeof(*r->instances));
	if (!r->instances) {
		r->instances = old;
		return -ENOMEM;
	}
	r->n_instances = 0;
	for (uint32_t k = 0; k < n_old; k++) {
		if (old[k]->becomes == CONF_NONE) {
			free_instance(r, old[k]);
			old[k] = NULL;
		}
	}
	for (; made < c->n_vrrps; made++) {
		struct instance *i = predecessor(r, old, n_old, made);

		if (i) {
			const struct conf_vrrp *was = i->conf;

			take_conf(r, i, &c->vrrps[made], made);
			if (i->owns)
				change_lines(r, was, i->conf);
			if (strcmp(was->name, i->conf->name) &&
			    i->fsm.state != VRRP_INIT) /* nobody knows of it under this name */
				act_tell_state(r, i);
		} else {
			i = make_instance(r, c, made, first);
		}
		if (!i)
			break;
		i->sync = NULL;
		r->instances[made] = i;
	}
	r->n_instances = made;
	free(old);
	return made == c->n_vrrps ? 0 : -ENOMEM;
}

int config_apply(struct vrrp_role *r, const struct conf *c, uint32_t generation)
{
	const struct conf *old = r->conf;
	struct values values = values_new(c);
	struct sync **old_syncs = r->syncs;
	uint32_t n_old_syncs = r->n_syncs;
	int e;

	stop_gone(r, c);
	r->generation = generation;
	if (old)
		carry_values(&values, c, &r->values, old);
	values_free(&r->values);
	carry_settling(r, c, old);
	set_igmp(c);
	lines_conf(r, c);
	r->values = values;
	r->conf = c;
	garp_conf(&r->garp, c);
	e = take_instances(r, c, !old);
	if (e == 0)
		e = make_syncs(r, c);
	free_syncs(old_syncs, n_old_syncs);
	if (e < 0) {
		log_err("out of memory: the configuration is not in force as a whole");
		return e;
	}
	ear_stale(r);
	change_statics(r, old, c);
	if (firewall_conf(&r->firewall, c) < 0)
		log_err("out of memory: no_accept has no effect");
	for (uint32_t n = 0; n < r->n_instances; n++)
		change_vips_drop(r, r->instances[n]);
	for (uint32_t n = 0; n < r->n_instances; n++)
		look_vmacs(r, r->instances[n]);
	for (uint32_t n = 0; n < r->n_instances; n++)
		change_vips_add(r, r->instances[n]);
	for (uint32_t n = 0; n < r->n_instances; n++)
		act_guard_all(r, r->instances[n]);
	firewall_sweep(&r->firewall);
	commands_start(&r->commands);
	look_all(r);
	for (uint32_t k = 0; k < r->n_syncs; k++)
		start_sync(r, r->syncs[k]);
	r->n_hints = 0;
	for (uint32_t n = 0; n < r->n_instances; n++)
		role_rearm(r, r->instances[n]);
	return 0;
}

/* ---- the end ---- */
void config_release(struct vrrp_role *r)
{
	static const struct conf nothing;

	change_statics(r, r->conf, &nothing);
	firewall_close(&r->firewall);
	for (uint32_t n = 0; n < r->n_instances; n++)
		look_vmacs_remove(r, r->instances[n]);
	sysctl_release_all(&r->sysctls);
}

void config_free(struct vrrp_role *r)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		free_instance(r, r->instances[n]);
	free(r->instances);
	free_syncs(r->syncs, r->n_syncs);
	free(r->statics);
	values_free(&r->values);
	lines_close(r);
	garp_conf(&r->garp, NULL);
	free(r->settling);
	free(r->sysctls.list);
	r->instances = NULL;
	r->n_instances = r->n_syncs = r->n_statics = 0;
}
