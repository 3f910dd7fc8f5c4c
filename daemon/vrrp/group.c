/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group - what one member's event means for the others.
 *
 * The member's own machine goes first; then the others follow: faults and waits spread, a member that left MASTER
 * pulls all, members that all want to be master become it together. Told events never lead to further ones (the
 * group's events are answered by no member with news for the group), so that one round is enough.
 */
#include "group.h"

#define OWN_FAULTS (~(VRRP_WHY_GROUP | VRRP_WHY_WAITS))

void vrrp_group_init(struct vrrp_group *g, const struct conf_sync_group *conf, struct vrrp_fsm **members, uint32_t n)
{
	*g = (struct vrrp_group){ .conf = conf, .members = members, .n_members = n, .state = VRRP_INIT };
	for (uint32_t i = 0; i < n; i++)
		members[i]->grouped = conf != NULL;
}

static void tell(struct vrrp_fsm *f, enum vrrp_event_type type, uint32_t why, uint64_t now, struct vrrp_actions *out)
{
	vrrp_fsm_step(f, &(struct vrrp_event){ .type = type, .why = why }, now, out);
}

static bool is_stopped(const struct vrrp_fsm *f)
{
	return f->state == VRRP_STOPPED || f->state == VRRP_DELETED;
}

/* What the others' reasons mean for f */
static uint32_t reasons_of_others(const struct vrrp_group *g, const struct vrrp_fsm *f)
{
	uint32_t why = 0;

	for (uint32_t i = 0; i < g->n_members; i++) {
		const struct vrrp_fsm *m = g->members[i];

		if (m == f || is_stopped(m))
			continue;
		if (m->why & OWN_FAULTS)
			why |= VRRP_WHY_GROUP;
		if (m->why & VRRP_WHY_WAIT)
			why |= VRRP_WHY_GROUP_WAIT;
	}
	return why;
}

static void spread_reasons(struct vrrp_group *g, uint64_t now, struct vrrp_actions *out)
{
	const uint32_t mine = VRRP_WHY_GROUP | VRRP_WHY_GROUP_WAIT;

	for (uint32_t i = 0; i < g->n_members; i++) {
		uint32_t why = reasons_of_others(g, g->members[i]);

		if ((g->members[i]->why & mine) != why)
			tell(g->members[i], VRRP_ON_GROUP_WHY, why, now, out);
	}
}

static void tell_others(struct vrrp_group *g, const struct vrrp_fsm *member, enum vrrp_event_type type, uint64_t now,
			struct vrrp_actions *out)
{
	for (uint32_t i = 0; i < g->n_members; i++)
		if (g->members[i] != member)
			tell(g->members[i], type, 0, now, out);
}

static bool all_want_master(const struct vrrp_group *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->n_members; i++) {
		const struct vrrp_fsm *m = g->members[i];

		if (m->state != VRRP_MASTER && !(m->state == VRRP_BACKUP && m->wants_master))
			return false;
		any |= m->state != VRRP_MASTER;
	}
	return any;
}

/* All in one state: that one. Any in FAULT: FAULT. Otherwise (some wait in INIT) it is still INIT. */
static enum vrrp_state common_state(const struct vrrp_group *g)
{
	enum vrrp_state first = g->n_members ? g->members[0]->state : VRRP_INIT;
	bool same = true;

	for (uint32_t i = 0; i < g->n_members; i++) {
		if (g->members[i]->state == VRRP_FAULT)
			return VRRP_FAULT;
		same &= g->members[i]->state == first;
	}
	return same ? first : g->state;
}

static void notify_change(struct vrrp_group *g, struct vrrp_actions *out)
{
	enum vrrp_state state = common_state(g);
	struct vrrp_action *a;

	if (state == g->state)
		return;
	a = vrrp_actions_add(out, VRRP_DO_NOTIFY);
	if (a) {
		a->old = g->state;
		a->state = state;
	}
	g->state = state;
}

void vrrp_group_adopt(struct vrrp_group *g)
{
	g->state = common_state(g);
}

static bool any_master(const struct vrrp_group *g)
{
	for (uint32_t i = 0; i < g->n_members; i++)
		if (g->members[i]->state == VRRP_MASTER)
			return true;
	return false;
}

/* It follows another master: either it was one itself, or it has just heard one that it heeds. */
static bool follows(const struct vrrp_fsm *m, enum vrrp_state before, const struct vrrp_event *e)
{
	if (m->state != VRRP_BACKUP)
		return false;
	return before == VRRP_MASTER || (e->type == VRRP_ON_ADVERT && e->priority >= m->priority);
}

static bool heard_lower(const struct vrrp_actions *out, uint32_t from)
{
	for (uint32_t i = from; i < out->n; i++)
		if (out->list[i].kind == VRRP_DO_RX_LOWER)
			return true;
	return false;
}

void vrrp_group_step(struct vrrp_group *g, struct vrrp_fsm *member, const struct vrrp_event *e, uint64_t now,
		     struct vrrp_actions *out)
{
	enum vrrp_state before = member->state;
	uint32_t from = out->n;

	vrrp_fsm_step(member, e, now, out);
	if (!g->conf) {
		g->state = member->state;
		return;
	}
	spread_reasons(g, now, out);
	if (follows(member, before, e) && any_master(g))
		tell_others(g, member, VRRP_ON_GROUP_BACKUP, now, out);
	if (heard_lower(out, from))
		tell_others(g, member, VRRP_ON_GROUP_GARP, now, out);
	if (all_want_master(g))
		tell_others(g, NULL, VRRP_ON_GROUP_MASTER, now, out);
	notify_change(g, out);
}
