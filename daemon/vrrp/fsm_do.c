/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm_do - what entering and leaving a state means, and the list of what is to be done. When that is: fsm.c.
 *
 * Whoever enters a state sets all of its timers: fsm_enter() clears them first, so that none of the old state's
 * survives.
 */
#include <stdlib.h>

#include "fsm_internal.h"

void vrrp_actions_free(struct vrrp_actions *a)
{
	free(a->list);
	*a = (struct vrrp_actions){ 0 };
}

struct vrrp_action *vrrp_actions_add(struct vrrp_actions *out, enum vrrp_action_kind kind)
{
	if (out->n == out->size) {
		uint32_t size = out->size ? out->size * 2 : 16;
		struct vrrp_action *list = realloc(out->list, size * sizeof(*list));

		if (!list) {
			out->lost = true;
			return NULL;
		}
		out->list = list;
		out->size = size;
	}
	out->list[out->n] = (struct vrrp_action){ .kind = kind };
	return &out->list[out->n++];
}

struct vrrp_action *fsm_act(struct vrrp_actions *out, struct vrrp_fsm *f, enum vrrp_action_kind kind)
{
	struct vrrp_action *a = vrrp_actions_add(out, kind);

	if (a) {
		a->fsm = f;
		a->priority = f->priority;
	}
	return a;
}

void fsm_priority_changed(struct vrrp_fsm *f, uint8_t before, struct vrrp_actions *out)
{
	struct vrrp_action *a = fsm_act(out, f, VRRP_DO_PRIORITY);

	if (a)
		a->src_priority = before;
}

void fsm_send_advert(struct vrrp_fsm *f, uint8_t priority, struct vrrp_actions *out)
{
	struct vrrp_action *a = fsm_act(out, f, VRRP_DO_ADVERT);

	if (a)
		a->priority = priority;
	f->sent++;
	f->sent_prio0 += priority == VRRP_PRIO_STOP;
}

void fsm_send_garps(struct vrrp_fsm *f, uint32_t repeat, struct vrrp_actions *out)
{
	struct vrrp_action *a = repeat ? fsm_act(out, f, VRRP_DO_GARP) : NULL;

	if (a)
		a->repeat = repeat;
}

void fsm_say(struct vrrp_fsm *f, enum vrrp_say what, const struct vrrp_event *e, struct vrrp_actions *out)
{
	struct vrrp_action *a = fsm_act(out, f, VRRP_DO_LOG);

	if (!a)
		return;
	a->say = what;
	if (e) {
		a->src = e->src;
		a->src_priority = e->priority;
	}
}

uint64_t fsm_after(uint64_t now, uint64_t us)
{
	return us ? now + us : VRRP_NEVER;
}

uint64_t vrrp_fsm_skew(unsigned version, uint8_t priority, uint64_t interval_us)
{
	return (256 - priority) * (version == 2 ? 1000000 : interval_us) / 256;
}

uint64_t fsm_down_with(const struct vrrp_fsm *f, uint8_t priority)
{
	uint32_t adverts = f->conf->down_timer_adverts ? f->conf->down_timer_adverts : 3;

	return adverts * f->master_interval_us + vrrp_fsm_skew(f->conf->version, priority, f->master_interval_us);
}

uint64_t vrrp_fsm_master_down(const struct vrrp_fsm *f)
{
	return fsm_down_with(f, f->priority);
}

bool fsm_is_owner(const struct vrrp_fsm *f)
{
	return f->priority == VRRP_PRIO_OWNER;
}

/* Into a state with no timer running; the caller sets those it has. */
void fsm_enter(struct vrrp_fsm *f, enum vrrp_state state, uint64_t now)
{
	f->state = state;
	f->since = now;
	f->wants_master = false;
	f->timer = f->preempt_at = VRRP_NEVER;
	f->garp_at = f->garp_lower_at = f->garp_refresh_at = f->garp_extra_at = VRRP_NEVER;
	f->owners_until = VRRP_NEVER;
	f->owners_sent = 0;
}

void fsm_notify(struct vrrp_fsm *f, enum vrrp_state old, struct vrrp_actions *out)
{
	struct vrrp_action *a = fsm_act(out, f, VRRP_DO_NOTIFY);

	if (a) {
		a->old = old;
		a->state = f->state;
	}
}

/* The master's timers; its advert has just been sent. */
void fsm_run_as_master(struct vrrp_fsm *f, uint64_t now)
{
	const struct conf_garp *g = &f->conf->garp;

	fsm_enter(f, VRRP_MASTER, now);
	f->master = (struct conf_addr){ 0 };
	f->master_interval_us = f->conf->advert_us;
	f->master_priority = f->priority;
	f->timer = now + f->conf->advert_us;
	f->garp_at = fsm_after(now, g->master_delay_us);
	f->garp_refresh_at = fsm_after(now, g->master_refresh_us);
	f->garp_extra_at = fsm_after(now, g->extra_if_us);
}

/* The advert goes first: whoever else wants to be master must know before we are busy with addresses. */
void fsm_become_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	fsm_run_as_master(f, now);
	f->became_master++;
	f->why_master = f->why_next;
	f->why_next = WHY_NO_RESPONSE;
	fsm_send_advert(f, f->priority, out);
	fsm_act(out, f, VRRP_DO_ADD);
	fsm_send_garps(f, f->conf->garp.master_repeat, out);
	fsm_notify(f, old, out);
}

void fsm_leave_master(struct vrrp_fsm *f, bool tell, struct vrrp_actions *out)
{
	if (f->state != VRRP_MASTER)
		return;
	f->released_master++;
	if (tell)
		fsm_send_advert(f, VRRP_PRIO_STOP, out);
	fsm_act(out, f, VRRP_DO_REMOVE);
}

void fsm_become_backup(struct vrrp_fsm *f, uint64_t down_us, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	fsm_leave_master(f, false, out);
	fsm_enter(f, VRRP_BACKUP, now);
	f->timer = now + down_us;
	fsm_notify(f, old, out);
}

void fsm_become_fault(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	fsm_leave_master(f, true, out);
	fsm_enter(f, VRRP_FAULT, now);
	f->master = (struct conf_addr){ 0 };
	fsm_notify(f, old, out);
}
