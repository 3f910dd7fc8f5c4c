/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_vrrp - all VRRP instances together: which of them clash, their sync groups, what they track; from drafts
 * to what stays.
 */
#include <arpa/inet.h>
#include <string.h>

#include "parts.h"
#include "track.h"
#include "validate.h"

#define VRRP(l, i) VEC_AT((l)->vrrps, struct vrrp_draft *, i)
#define GROUP(l, i) VEC_AT((l)->groups, struct sync_group_draft *, i)

uint32_t kept_vrrp(struct load *l, const char *name)
{
	uint32_t i = names_find(&l->vrrp_names, name);

	return i == CONF_NONE || VRRP(l, i)->dropped ? CONF_NONE : VRRP(l, i)->index;
}

static bool same_addr(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Unicast instances may have the same id as long as no machine is a peer of both. */
static bool peers_overlap(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	for (uint32_t i = 0; i < a->n_peers; i++)
		for (uint32_t k = 0; k < b->n_peers; k++)
			if (same_addr(&a->peers[i].addr, &b->peers[k].addr))
				return true;
	return false;
}

static bool clash(const struct conf_vrrp *a, const struct conf_vrrp *b)
{
	if (a->vrid != b->vrid || a->family != b->family || strcmp(a->iface, b->iface) || a->unicast != b->unicast)
		return false;
	return a->unicast ? peers_overlap(a, b) : same_addr(&a->mcast_dst, &b->mcast_dst);
}

/* Instances with the same id hang together in a chain each; the later one of two that clash is left out. */
static void drop_clashes(struct load *l)
{
	uint32_t *next = load_scratch(l, (l->vrrps.n + 1) * sizeof(*next)), first[256];

	memset(first, 0xff, sizeof(first));
	for (uint32_t i = 0; i < l->vrrps.n; i++) {
		struct vrrp_draft *d = VRRP(l, i);

		if (d->dropped)
			continue;
		for (uint32_t k = first[d->v.vrid]; k != CONF_NONE && !d->dropped; k = next[k]) {
			const struct conf_vrrp *other = &VRRP(l, k)->v;

			if (!clash(&d->v, other))
				continue;
			load_error_at(l, CONF_ERROR, d->v.where,
				      "%s and %s both use VRID %u with %s on interface %s; %s is left out",
				      other->name, d->v.name, d->v.vrid, d->v.family == AF_INET ? "IPv4" : "IPv6",
				      d->v.iface, d->v.name);
			d->dropped = true;
		}
		next[i] = first[d->v.vrid];
		if (!d->dropped)
			first[d->v.vrid] = i;
	}
}

/* ---- sync groups ---- */
static uint32_t find_members(struct load *l, struct sync_group_draft *g, uint32_t group, uint32_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < g->members.n; i++) {
		const struct member *m = &VEC_AT(g->members, struct member, i);
		uint32_t at = names_find(&l->vrrp_names, m->name);
		struct vrrp_draft *d = at == CONF_NONE ? NULL : VRRP(l, at);

		if (!d || d->dropped) {
			load_error_at(l, CONF_ERROR, m->where, "vrrp_sync_group %s: %s vrrp_instance %s, ignoring it",
				      g->g.name, d ? "there is no usable" : "there is no", m->name);
		} else if (d->v.group == group) {
			load_error_at(l, CONF_ERROR, m->where,
				      "vrrp_sync_group %s: %s is named twice, ignoring this one", g->g.name, m->name);
		} else if (d->v.group != CONF_NONE) {
			load_error_at(l, CONF_ERROR, m->where,
				      "vrrp_sync_group %s: %s is in another group already, ignoring it", g->g.name,
				      m->name);
		} else {
			d->v.group = group;
			out[n++] = d->index;
		}
	}
	return n;
}

static void global_tracking(struct load *l, struct sync_group_draft *g, uint32_t group)
{
	for (uint32_t i = 0; i < l->vrrps.n; i++) {
		struct vrrp_draft *d = VRRP(l, i);

		if (d->dropped || d->v.group != group)
			continue;
		for (uint32_t k = 0; k < d->tracks.n; k++)
			*(struct track_draft *)vec_add(l, &g->tracks, sizeof(struct track_draft)) =
				VEC_AT(d->tracks, struct track_draft, k);
		d->tracks.n = 0;
	}
}

static const char no_weights[] = "a sync group needs sync_group_tracking_weight for that";

void validate_groups(struct load *l)
{
	struct conf_sync_group *out = arena_alloc(l->a, l->groups.n * sizeof(*out));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->groups.n; i++) {
		struct sync_group_draft *g = GROUP(l, i);
		uint32_t *members = arena_alloc(l->a, (g->members.n + 1) * sizeof(*members));

		g->g.n_members = find_members(l, g, n, members);
		if (!g->g.n_members) {
			load_error_at(l, CONF_ERROR, g->g.where, "vrrp_sync_group %s has no members, it is left out",
				      g->g.name);
			continue;
		}
		if (g->g.n_members == 1)
			load_error_at(l, CONF_WARNING, g->g.where,
				      "vrrp_sync_group %s has only 1 member, there is nothing to synchronise",
				      g->g.name);
		g->g.members = members;
		if (g->g.global_tracking)
			global_tracking(l, g, n);
		g->g.tracks =
			track_resolve(l, g->g.name, &g->tracks, !g->g.tracking_weight, no_weights, &g->g.n_tracks);
		validate_notify(l, &g->g.notify, g->given);
		out[n++] = g->g;
	}
	l->conf->groups = out;
	l->conf->n_groups = n;
}

/* ---- what they track ---- */
static void resolve_tracks(struct load *l, struct vrrp_draft *d)
{
	const struct conf_sync_group *g = d->v.group == CONF_NONE ? NULL : &l->conf->groups[d->v.group];
	bool owner = d->v.priority == 255, grouped = g && !g->tracking_weight;

	d->v.tracks =
		track_resolve(l, d->v.name, &d->tracks, owner || grouped,
			      owner ? "the address owner's priority never changes" : no_weights, &d->v.n_tracks);
}

static void keep_instances(struct load *l)
{
	struct conf_vrrp *out = arena_alloc(l->a, l->vrrps.n * sizeof(*out));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->vrrps.n; i++) {
		struct vrrp_draft *d = VRRP(l, i);

		resolve_tracks(l, d);
		if (!d->dropped)
			out[n++] = d->v;
	}
	l->conf->vrrps = out;
	l->conf->n_vrrps = n;
}

static void number_instances(struct load *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->vrrps.n; i++)
		if (!VRRP(l, i)->dropped)
			VRRP(l, i)->index = n++;
}

static void keep_garp_groups(struct load *l)
{
	struct conf_garp_group *out = arena_alloc(l->a, l->garp_groups.n * sizeof(*out));
	const struct conf_global *global = &l->global->g;

	for (uint32_t i = 0; i < l->garp_groups.n; i++) {
		struct garp_group_draft *d = VEC_AT(l->garp_groups, struct garp_group_draft *, i);

		d->g.ifnames = vec_keep(l, &d->ifnames, sizeof(char *));
		d->g.n_ifnames = d->ifnames.n;
		if (!d->g.garp_interval_us)
			d->g.garp_interval_us = global->vrrp_garp_interval_us;
		if (!d->g.gna_interval_us)
			d->g.gna_interval_us = global->vrrp_gna_interval_us;
		out[i] = d->g;
	}
	l->conf->garp_groups = out;
	l->conf->n_garp_groups = l->garp_groups.n;
}

/* The sync daemon that follows an instance */
static void check_sync(struct load *l)
{
	struct conf_global *g = &l->conf->global;
	uint32_t i;

	if (!g->sync.on)
		return;
	check_interface(l, g->sync.where, "lvs_sync_daemon", g->sync.iface);
	if (!*g->sync.vrrp)
		return;
	i = kept_vrrp(l, g->sync.vrrp);
	if (i == CONF_NONE) {
		load_error_at(l, CONF_ERROR, g->sync.where,
			      "lvs_sync_daemon: there is no vrrp_instance %s, it is not started", g->sync.vrrp);
		g->sync.on = false;
	} else if (!g->sync.id) {
		g->sync.id = l->conf->vrrps[i].vrid;
	}
}

void validate_vrrp(struct load *l)
{
	validate_trackers(l);
	for (uint32_t i = 0; i < l->vrrps.n; i++)
		validate_instance(l, VRRP(l, i));
	drop_clashes(l);
	number_instances(l);
	validate_groups(l);
	keep_instances(l);
	keep_garp_groups(l);
	validate_static(l);
	check_sync(l);
}
