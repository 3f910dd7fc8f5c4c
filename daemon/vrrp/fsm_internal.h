/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsm_internal - the steps of which fsm.c's transitions are made; nobody else includes it. */
#ifndef ELVS_DAEMON_VRRP_FSM_INTERNAL_H
#define ELVS_DAEMON_VRRP_FSM_INTERNAL_H

#include "bytes.h"
#include "fsm.h"
#include "packet.h"

/* Actions: appended to out, which may run out of memory (out->lost): then NULL. */
struct vrrp_action *fsm_act(struct vrrp_actions *out, struct vrrp_fsm *f, enum vrrp_action_kind kind);
void fsm_priority_changed(struct vrrp_fsm *f, uint8_t before, struct vrrp_actions *out);
void fsm_send_advert(struct vrrp_fsm *f, uint8_t priority, struct vrrp_actions *out);
void fsm_send_garps(struct vrrp_fsm *f, uint32_t repeat, struct vrrp_actions *out);
void fsm_say(struct vrrp_fsm *f, enum vrrp_say what, const struct vrrp_event *e, struct vrrp_actions *out);

/* now + us; 0: VRRP_NEVER */
uint64_t fsm_after(uint64_t now, uint64_t us);
/* How long a backup of that priority would wait */
uint64_t fsm_down_with(const struct vrrp_fsm *f, uint8_t priority);
bool fsm_is_owner(const struct vrrp_fsm *f);

/*
 * States: fsm_enter() stops all timers; fsm_run_as_master() also starts the master's; fsm_become_*() do all there
 * is to.
 */
void fsm_enter(struct vrrp_fsm *f, enum vrrp_state state, uint64_t now);
void fsm_notify(struct vrrp_fsm *f, enum vrrp_state old, struct vrrp_actions *out);
void fsm_run_as_master(struct vrrp_fsm *f, uint64_t now);
void fsm_become_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out);
/* Nothing unless it is the master. tell: with an advert of priority 0 */
void fsm_leave_master(struct vrrp_fsm *f, bool tell, struct vrrp_actions *out);
void fsm_become_backup(struct vrrp_fsm *f, uint64_t down_us, uint64_t now, struct vrrp_actions *out);
void fsm_become_fault(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out);
#endif
