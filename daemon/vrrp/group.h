/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group - instances that change state together (vrrp_sync_group), as a pure function over their state machines.
 *
 * An instance without a group is a group of one: whoever drives instances calls vrrp_group_step() and nothing else.
 * Invariant after each step: all members are in the same state (but one may be in FAULT or INIT for a reason of its
 * own while the others are for the group's), and they are MASTER only if every one of them wanted it.
 */
#ifndef ELVS_DAEMON_VRRP_GROUP_H
#define ELVS_DAEMON_VRRP_GROUP_H

#include "fsm.h"

struct vrrp_group {
	const struct conf_sync_group *conf; /* NULL: one instance on its own */
	struct vrrp_fsm **members;	    /* borrowed, n_members of them */
	uint32_t n_members;
	enum vrrp_state state; /* VRRP_INIT, BACKUP, MASTER, FAULT, STOPPED, DELETED */
	void *user;
};

/* members: array and machines belong to the caller. Marks the machines as grouped when conf is not NULL. */
void vrrp_group_init(struct vrrp_group *g, const struct conf_sync_group *conf, struct vrrp_fsm **members, uint32_t n);

/* Takes the group's state from its members, after vrrp_fsm_resume_master() of all of them. Nothing is notified. */
void vrrp_group_adopt(struct vrrp_group *g);

/*
 * One event of one member (start, stop, why, source: tell each member). What follows for the others is done and
 * listed, too; a NOTIFY action with fsm NULL is the group's own change of state.
 */
void vrrp_group_step(struct vrrp_group *g, struct vrrp_fsm *member, const struct vrrp_event *e, uint64_t now,
		     struct vrrp_actions *out);

#endif
