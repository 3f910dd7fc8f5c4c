/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsm - what an instance does about each event: a function per state and event. Names and texts: fsm_names.c. */
#include "fsm_internal.h"

/*
 * Out of INIT or FAULT. `state MASTER' at the start does not wait for three adverts; an owner does not wait at all.
 */
static void run(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	uint64_t down;

	f->master_interval_us = f->conf->advert_us;
	if (fsm_is_owner(f) && f->state == VRRP_INIT && !f->grouped) { /* RFC 9568 6.4.1 */
		fsm_become_master(f, now, out);
		return;
	}
	down = vrrp_fsm_master_down(f);
	if (fsm_is_owner(f))
		down = 0;
	else if (f->state == VRRP_INIT && f->conf->start_master)
		down = f->conf->advert_us + vrrp_fsm_skew(f->conf->version, 255, f->conf->advert_us);
	fsm_become_backup(f, down, now, out);
}

/* The set of reasons, or something it depends on, has changed. */
static void reconsider(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	bool halted = f->state == VRRP_INIT || f->state == VRRP_FAULT;

	if (!f->started || f->start_at != VRRP_NEVER)
		return;
	if (f->why & ~VRRP_WHY_WAITS) {
		if (f->state != VRRP_FAULT)
			fsm_become_fault(f, now, out);
	} else if (halted && !f->why) {
		run(f, now, out);
	}
}

static void on_start(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (f->started)
		return;
	f->started = true;
	if (f->start_at)
		f->start_at += now; /* it was the delay until here */
	else
		f->start_at = VRRP_NEVER;
	reconsider(f, now, out);
}

/* An advert that counts: whoever sent it is the master now. */
static void heed(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now)
{
	f->why_next = WHY_NO_RESPONSE;
	f->wants_master = false;
	f->master = e->src;
	f->master_priority = e->priority;
	f->master_interval_us = f->conf->version == 3 && e->interval_us ? e->interval_us : f->conf->advert_us;
	f->timer = now + vrrp_fsm_master_down(f);
}

/* A lower master is left alone for a while (preempt_delay), counted from its first advert. */
static bool preempt_waits(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	if (!f->conf->preempt_delay_us)
		return false;
	if (f->preempt_at == VRRP_NEVER) {
		f->preempt_at = now + f->conf->preempt_delay_us;
		fsm_say(f, VRRP_SAY_PREEMPT_DELAY, e, out);
	}
	return now < f->preempt_at;
}

static void backup_advert(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	if (e->priority == VRRP_PRIO_STOP) {
		fsm_say(f, VRRP_SAY_PRIO0, e, out);
		f->preempt_at = VRRP_NEVER;
		f->why_next = WHY_PRIORITY;
		f->timer = now + vrrp_fsm_skew(f->conf->version, f->priority, f->master_interval_us);
	} else if (e->priority >= f->priority) {
		f->preempt_at = VRRP_NEVER;
		heed(f, e, now);
	} else if (f->conf->nopreempt || preempt_waits(f, e, now, out)) {
		heed(f, e, now);
	} else {
		f->why_next = WHY_PREEMPTED;
		fsm_say(f, VRRP_SAY_DISCARD, e, out);
	}
}

static void yield_to(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	if (f->conf->higher_prio_send_advert)
		fsm_send_advert(f, f->priority, out);
	fsm_become_backup(f, 0, now, out);
	heed(f, e, now);
}

/* A lower one thinks it is master: it is corrected, and whoever believed it, too. */
static void correct(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	const struct conf_garp *g = &f->conf->garp;

	if (f->conf->lower_prio_no_advert) {
		fsm_say(f, VRRP_SAY_LOWER_QUIET, e, out);
	} else {
		fsm_say(f, VRRP_SAY_LOWER, e, out);
		fsm_send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
	}
	if (f->garp_lower_at == VRRP_NEVER) { /* no second burst is due: one that does not listen gets no flood */
		fsm_send_garps(f, g->lower_prio_repeat, out);
		f->garp_lower_at = g->lower_prio_repeat ? fsm_after(now, g->lower_prio_delay_us) : VRRP_NEVER;
	}
	fsm_act(out, f, VRRP_DO_RX_LOWER);
}

/*
 * Two configured owners, and the other one has the higher address. It may not have heard us yet: two adverts of
 * ours and 1.2 intervals later it has; if it goes on, we are an owner no longer.
 */
static void other_owner(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	uint64_t longer = e->interval_us > f->conf->advert_us ? e->interval_us : f->conf->advert_us;
	bool stale = f->owners_until != VRRP_NEVER && now > f->owners_until + 3 * longer;

	if (!f->owners_sent || stale) {
		fsm_say(f, VRRP_SAY_OWNERS, e, out);
		fsm_send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
		f->owners_sent = 1;
		f->owners_until = VRRP_NEVER;
	} else if (f->owners_sent >= 2 && f->owners_until == VRRP_NEVER) {
		f->owners_until = now + longer + longer / 5;
	} else if (f->owners_sent >= 2 && now >= f->owners_until) {
		f->priority = 254;
		fsm_say(f, VRRP_SAY_OWNER_YIELDS, e, out);
		fsm_priority_changed(f, VRRP_PRIO_OWNER, out);
		yield_to(f, e, now, out);
	}
}

static void master_advert(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	int above = e->priority - f->priority;

	if (e->priority == VRRP_PRIO_STOP) {
		fsm_send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
		return;
	}
	if (!above)
		above = addr_compare(&e->src, &f->src);
	if (above < 0) {
		correct(f, e, now, out);
	} else if (above > 0 && fsm_is_owner(f)) {
		other_owner(f, e, now, out);
	} else if (above > 0) {
		fsm_say(f, e->priority > f->priority ? VRRP_SAY_HIGHER : VRRP_SAY_SAME_HIGHER_IP, e, out);
		yield_to(f, e, now, out);
	}
	/* the same priority from our own address: an echo, or a misconfiguration that no rule can settle */
}

static void on_advert(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	f->received++;
	f->received_prio0 += e->priority == VRRP_PRIO_STOP;
	if (f->state == VRRP_BACKUP)
		backup_advert(f, e, now, out);
	else if (f->state == VRRP_MASTER)
		master_advert(f, e, now, out);
}

/* A group's member only says that it would; group.c decides. */
static void backup_timer(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (!f->grouped) {
		fsm_become_master(f, now, out);
		return;
	}
	f->wants_master = true;
	f->master_interval_us = f->conf->advert_us;
	f->timer = now + vrrp_fsm_master_down(f);
}

/* Has a backup of that priority taken over since our last advert was due to leave? (timer_expired_backup) */
static bool is_too_late(const struct vrrp_fsm *f, uint64_t now)
{
	int priority = f->conf->timer_expired_backup;

	if (priority < 0 || !f->conf->nopreempt || fsm_is_owner(f))
		return false;
	return now > f->timer - f->conf->advert_us + fsm_down_with(f, (uint8_t)priority);
}

static void master_timer(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (is_too_late(f, now)) {
		fsm_say(f, VRRP_SAY_LATE, NULL, out);
		fsm_become_backup(f, vrrp_fsm_master_down(f), now, out);
		return;
	}
	fsm_send_advert(f, f->priority, out);
	if (f->owners_sent && f->owners_sent < 2)
		f->owners_sent++;
	f->timer += f->conf->advert_us; /* from when it was due: lateness does not add up */
	if (f->timer <= now)
		f->timer = now + f->conf->advert_us;
}

static void garp_timers(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	const struct conf_garp *g = &f->conf->garp;

	if (now >= f->garp_at) {
		f->garp_at = VRRP_NEVER;
		fsm_send_garps(f, g->master_repeat, out);
	}
	if (now >= f->garp_lower_at) {
		f->garp_lower_at = VRRP_NEVER;
		fsm_send_garps(f, g->lower_prio_repeat, out);
	}
	if (now >= f->garp_refresh_at) {
		f->garp_refresh_at = fsm_after(now, g->master_refresh_us);
		fsm_send_garps(f, g->master_refresh_repeat, out);
	}
	if (now >= f->garp_extra_at) {
		f->garp_extra_at = fsm_after(now, g->extra_if_us);
		fsm_act(out, f, VRRP_DO_GARP_EXTRA);
	}
}

static void on_timer(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (f->started && now >= f->start_at) {
		f->start_at = VRRP_NEVER;
		reconsider(f, now, out);
	}
	if (now >= f->timer) {
		if (f->state == VRRP_BACKUP)
			backup_timer(f, now, out);
		else if (f->state == VRRP_MASTER)
			master_timer(f, now, out);
	}
	garp_timers(f, now, out);
}

/* The running timer moves by what the change does to its length (keepalived's rule; the RFCs do not know changes). */
static void on_priority(struct vrrp_fsm *f, uint8_t priority, uint64_t now, struct vrrp_actions *out)
{
	uint64_t was = vrrp_fsm_master_down(f), is;
	uint8_t before = f->priority;

	if (f->conf->priority == VRRP_PRIO_OWNER || priority == f->priority)
		return;
	f->priority = priority;
	is = vrrp_fsm_master_down(f);
	if (f->state == VRRP_BACKUP)
		f->timer = f->timer + is > now + was ? f->timer + is - was : now;
	fsm_priority_changed(f, before, out);
}

static void on_stop(struct vrrp_fsm *f, bool deleted, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	if (old == VRRP_STOPPED || old == VRRP_DELETED)
		return;
	fsm_leave_master(f, true, out);
	fsm_enter(f, deleted ? VRRP_DELETED : VRRP_STOPPED, now);
	f->start_at = VRRP_NEVER;
	f->started = false;
	fsm_notify(f, old, out);
}

static void on_group_backup(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (f->state == VRRP_MASTER) {
		fsm_become_backup(f, vrrp_fsm_master_down(f), now, out);
	} else if (f->state == VRRP_BACKUP) {
		f->wants_master = false;
		f->timer = now + vrrp_fsm_master_down(f);
	}
}

static void on_group_garp(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	const struct conf_garp *g = &f->conf->garp;

	if (f->state != VRRP_MASTER || f->garp_lower_at != VRRP_NEVER)
		return;
	fsm_send_garps(f, g->lower_prio_repeat, out);
	f->garp_lower_at = g->lower_prio_repeat ? fsm_after(now, g->lower_prio_delay_us) : VRRP_NEVER;
}

static void on_why(struct vrrp_fsm *f, uint32_t why, bool of_group, uint64_t now, struct vrrp_actions *out)
{
	uint32_t group = VRRP_WHY_GROUP | VRRP_WHY_GROUP_WAIT;

	f->why = of_group ? (f->why & ~group) | (why & group) : (f->why & group) | (why & ~group);
	reconsider(f, now, out);
}

void vrrp_fsm_step(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	switch (e->type) {
	case VRRP_ON_START:
		on_start(f, now, out);
		break;
	case VRRP_ON_TIMER:
		on_timer(f, now, out);
		break;
	case VRRP_ON_ADVERT:
		on_advert(f, e, now, out);
		break;
	case VRRP_ON_WHY:
		on_why(f, e->why, false, now, out);
		break;
	case VRRP_ON_PRIORITY:
		on_priority(f, e->priority, now, out);
		break;
	case VRRP_ON_SOURCE:
		f->src = e->src;
		break;
	case VRRP_ON_STOP:
		on_stop(f, e->deleted, now, out);
		break;
	case VRRP_ON_GROUP_MASTER:
		if (f->state == VRRP_BACKUP)
			fsm_become_master(f, now, out);
		break;
	case VRRP_ON_GROUP_BACKUP:
		on_group_backup(f, now, out);
		break;
	case VRRP_ON_GROUP_WHY:
		on_why(f, e->why, true, now, out);
		break;
	case VRRP_ON_GROUP_GARP:
		on_group_garp(f, now, out);
		break;
	case VRRP_EVENT_TYPES:
		break;
	}
}

uint64_t vrrp_fsm_due(const struct vrrp_fsm *f)
{
	const uint64_t times[] = { f->started ? f->start_at : VRRP_NEVER,
				   f->timer,
				   f->garp_at,
				   f->garp_lower_at,
				   f->garp_refresh_at,
				   f->garp_extra_at };
	uint64_t due = VRRP_NEVER;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		due = times[i] < due ? times[i] : due;
	return due;
}

void vrrp_fsm_init(struct vrrp_fsm *f, const struct conf_vrrp *conf, uint64_t delay_us, uint64_t now)
{
	*f = (struct vrrp_fsm){ .conf = conf, .priority = conf->priority, .master_interval_us = conf->advert_us };
	fsm_enter(f, VRRP_INIT, now);
	f->why_next = WHY_NO_RESPONSE;
	f->start_at = delay_us;
}

void vrrp_fsm_resume_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	f->started = true;
	f->start_at = VRRP_NEVER;
	fsm_run_as_master(f, now);
	fsm_send_advert(f, f->priority, out);
	fsm_act(out, f, VRRP_DO_ADD);
}

/* A timer that was set by an old interval may not run longer than a new one would. */
static uint64_t sooner(uint64_t timer, uint64_t at)
{
	return timer < at ? timer : at;
}

void vrrp_fsm_reconf(struct vrrp_fsm *f, const struct conf_vrrp *conf, uint64_t now)
{
	const struct conf_garp *g = &conf->garp;
	bool learnt = conf->version == 3 && f->state == VRRP_BACKUP && f->master.family;

	f->conf = conf;
	if (conf->priority == VRRP_PRIO_OWNER)
		f->priority = VRRP_PRIO_OWNER;
	if (!learnt)
		f->master_interval_us = conf->advert_us;
	if (f->state == VRRP_BACKUP)
		f->timer = sooner(f->timer, fsm_is_owner(f) ? now : now + vrrp_fsm_master_down(f));
	if (f->preempt_at != VRRP_NEVER)
		f->preempt_at =
			conf->preempt_delay_us ? sooner(f->preempt_at, now + conf->preempt_delay_us) : VRRP_NEVER;
	if (f->state != VRRP_MASTER)
		return;
	f->timer = sooner(f->timer, now + conf->advert_us);
	f->garp_refresh_at =
		g->master_refresh_us ? sooner(f->garp_refresh_at, now + g->master_refresh_us) : VRRP_NEVER;
	f->garp_extra_at = g->extra_if_us ? sooner(f->garp_extra_at, now + g->extra_if_us) : VRRP_NEVER;
}
