/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm - what an instance does about each event. Names and texts: fsm_names.c.
 *
 * One function per state and event. Whoever enters a state sets all of its timers: `enter' clears them first, so that
 * none of the old state's survives.
 */
#include <stdlib.h>

#include "bytes.h"
#include "fsm.h"
#include "packet.h"

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

static struct vrrp_action *act(struct vrrp_actions *out, struct vrrp_fsm *f, enum vrrp_action_kind kind)
{
	struct vrrp_action *a = vrrp_actions_add(out, kind);

	if (a) {
		a->fsm = f;
		a->priority = f->priority;
	}
	return a;
}

static void send_advert(struct vrrp_fsm *f, uint8_t priority, struct vrrp_actions *out)
{
	struct vrrp_action *a = act(out, f, VRRP_DO_ADVERT);

	if (a)
		a->priority = priority;
	f->sent++;
	f->sent_prio0 += priority == VRRP_PRIO_STOP;
}

static void send_garps(struct vrrp_fsm *f, uint32_t repeat, struct vrrp_actions *out)
{
	struct vrrp_action *a = repeat ? act(out, f, VRRP_DO_GARP) : NULL;

	if (a)
		a->repeat = repeat;
}

static void say(struct vrrp_fsm *f, enum vrrp_say what, const struct vrrp_event *e, struct vrrp_actions *out)
{
	struct vrrp_action *a = act(out, f, VRRP_DO_LOG);

	if (!a)
		return;
	a->say = what;
	if (e) {
		a->src = e->src;
		a->src_priority = e->priority;
	}
}

static uint64_t after(uint64_t now, uint64_t us)
{
	return us ? now + us : VRRP_NEVER;
}

uint64_t vrrp_fsm_skew(unsigned version, uint8_t priority, uint64_t interval_us)
{
	return (256 - priority) * (version == 2 ? 1000000 : interval_us) / 256;
}

static uint64_t down_with(const struct vrrp_fsm *f, uint8_t priority)
{
	uint32_t adverts = f->conf->down_timer_adverts ? f->conf->down_timer_adverts : 3;

	return adverts * f->master_interval_us + vrrp_fsm_skew(f->conf->version, priority, f->master_interval_us);
}

uint64_t vrrp_fsm_master_down(const struct vrrp_fsm *f)
{
	return down_with(f, f->priority);
}

static bool is_owner(const struct vrrp_fsm *f)
{
	return f->priority == VRRP_PRIO_OWNER;
}

/* Into a state with no timer running; the caller sets those it has. */
static void enter(struct vrrp_fsm *f, enum vrrp_state state, uint64_t now)
{
	f->state = state;
	f->since = now;
	f->wants_master = false;
	f->timer = f->preempt_at = VRRP_NEVER;
	f->garp_at = f->garp_lower_at = f->garp_refresh_at = f->garp_extra_at = VRRP_NEVER;
	f->owners_until = VRRP_NEVER;
	f->owners_sent = 0;
}

static void notify(struct vrrp_fsm *f, enum vrrp_state old, struct vrrp_actions *out)
{
	struct vrrp_action *a = act(out, f, VRRP_DO_NOTIFY);

	if (a) {
		a->old = old;
		a->state = f->state;
	}
}

/* The master's timers; its advert has just been sent. */
static void run_as_master(struct vrrp_fsm *f, uint64_t now)
{
	const struct conf_garp *g = &f->conf->garp;

	enter(f, VRRP_MASTER, now);
	f->master = (struct conf_addr){ 0 };
	f->master_interval_us = f->conf->advert_us;
	f->master_priority = f->priority;
	f->timer = now + f->conf->advert_us;
	f->garp_at = after(now, g->master_delay_us);
	f->garp_refresh_at = after(now, g->master_refresh_us);
	f->garp_extra_at = after(now, g->extra_if_us);
}

/* The advert goes first: whoever else wants to be master must know before we are busy with addresses. */
static void become_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	run_as_master(f, now);
	f->became_master++;
	send_advert(f, f->priority, out);
	act(out, f, VRRP_DO_ADD);
	send_garps(f, f->conf->garp.master_repeat, out);
	notify(f, old, out);
}

static void leave_master(struct vrrp_fsm *f, bool tell, struct vrrp_actions *out)
{
	if (f->state != VRRP_MASTER)
		return;
	f->released_master++;
	if (tell)
		send_advert(f, VRRP_PRIO_STOP, out);
	act(out, f, VRRP_DO_REMOVE);
}

static void become_backup(struct vrrp_fsm *f, uint64_t down_us, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	leave_master(f, false, out);
	enter(f, VRRP_BACKUP, now);
	f->timer = now + down_us;
	notify(f, old, out);
}

static void become_fault(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	leave_master(f, true, out);
	enter(f, VRRP_FAULT, now);
	f->master = (struct conf_addr){ 0 };
	notify(f, old, out);
}

/* Out of INIT or FAULT. `state MASTER' at the start does not wait for three adverts; an owner does not wait at all. */
static void run(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	uint64_t down;

	f->master_interval_us = f->conf->advert_us;
	down = vrrp_fsm_master_down(f);
	if (is_owner(f))
		down = 0;
	else if (f->state == VRRP_INIT && f->conf->start_master)
		down = f->conf->advert_us + vrrp_fsm_skew(f->conf->version, 255, f->conf->advert_us);
	become_backup(f, down, now, out);
}

/* The set of reasons, or something it depends on, has changed. */
static void reconsider(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	bool halted = f->state == VRRP_INIT || f->state == VRRP_FAULT;

	if (!f->started || f->start_at != VRRP_NEVER)
		return;
	if (f->why & ~VRRP_WHY_WAITS) {
		if (f->state != VRRP_FAULT)
			become_fault(f, now, out);
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
		say(f, VRRP_SAY_PREEMPT_DELAY, e, out);
	}
	return now < f->preempt_at;
}

static void backup_advert(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	if (e->priority == VRRP_PRIO_STOP) {
		say(f, VRRP_SAY_PRIO0, e, out);
		f->preempt_at = VRRP_NEVER;
		f->timer = now + vrrp_fsm_skew(f->conf->version, f->priority, f->master_interval_us);
	} else if (e->priority >= f->priority) {
		f->preempt_at = VRRP_NEVER;
		heed(f, e, now);
	} else if (f->conf->nopreempt || preempt_waits(f, e, now, out)) {
		heed(f, e, now);
	} else {
		say(f, VRRP_SAY_DISCARD, e, out);
	}
}

static void yield_to(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	if (f->conf->higher_prio_send_advert)
		send_advert(f, f->priority, out);
	become_backup(f, 0, now, out);
	heed(f, e, now);
}

/* A lower one thinks it is master: it is corrected, and whoever believed it, too. */
static void correct(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	const struct conf_garp *g = &f->conf->garp;

	if (f->conf->lower_prio_no_advert) {
		say(f, VRRP_SAY_LOWER_QUIET, e, out);
	} else {
		say(f, VRRP_SAY_LOWER, e, out);
		send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
	}
	if (f->garp_lower_at == VRRP_NEVER) { /* no second burst is due: one that does not listen gets no flood */
		send_garps(f, g->lower_prio_repeat, out);
		f->garp_lower_at = g->lower_prio_repeat ? after(now, g->lower_prio_delay_us) : VRRP_NEVER;
	}
	act(out, f, VRRP_DO_RX_LOWER);
}

/*
 * Two configured owners, and the other one has the higher address. It may not have heard us yet: two adverts of ours and
 * 1.2 intervals later it has; if it goes on, we are an owner no longer.
 */
static void other_owner(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	uint64_t longer = e->interval_us > f->conf->advert_us ? e->interval_us : f->conf->advert_us;
	bool stale = f->owners_until != VRRP_NEVER && now > f->owners_until + 3 * longer;

	if (!f->owners_sent || stale) {
		say(f, VRRP_SAY_OWNERS, e, out);
		send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
		f->owners_sent = 1;
		f->owners_until = VRRP_NEVER;
	} else if (f->owners_sent >= 2 && f->owners_until == VRRP_NEVER) {
		f->owners_until = now + longer + longer / 5;
	} else if (f->owners_sent >= 2 && now >= f->owners_until) {
		f->priority = 254;
		say(f, VRRP_SAY_OWNER_YIELDS, e, out);
		act(out, f, VRRP_DO_PRIORITY);
		yield_to(f, e, now, out);
	}
}

static void master_advert(struct vrrp_fsm *f, const struct vrrp_event *e, uint64_t now, struct vrrp_actions *out)
{
	int above = e->priority - f->priority;

	if (e->priority == VRRP_PRIO_STOP) {
		send_advert(f, f->priority, out);
		f->timer = now + f->conf->advert_us;
		return;
	}
	if (!above)
		above = addr_compare(&e->src, &f->src);
	if (above < 0) {
		correct(f, e, now, out);
	} else if (above > 0 && is_owner(f)) {
		other_owner(f, e, now, out);
	} else if (above > 0) {
		say(f, e->priority > f->priority ? VRRP_SAY_HIGHER : VRRP_SAY_SAME_HIGHER_IP, e, out);
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
		become_master(f, now, out);
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

	if (priority < 0 || !f->conf->nopreempt || is_owner(f))
		return false;
	return now > f->timer - f->conf->advert_us + down_with(f, (uint8_t)priority);
}

static void master_timer(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (is_too_late(f, now)) {
		say(f, VRRP_SAY_LATE, NULL, out);
		become_backup(f, vrrp_fsm_master_down(f), now, out);
		return;
	}
	send_advert(f, f->priority, out);
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
		send_garps(f, g->master_repeat, out);
	}
	if (now >= f->garp_lower_at) {
		f->garp_lower_at = VRRP_NEVER;
		send_garps(f, g->lower_prio_repeat, out);
	}
	if (now >= f->garp_refresh_at) {
		f->garp_refresh_at = after(now, g->master_refresh_us);
		send_garps(f, g->master_refresh_repeat, out);
	}
	if (now >= f->garp_extra_at) {
		f->garp_extra_at = after(now, g->extra_if_us);
		act(out, f, VRRP_DO_GARP_EXTRA);
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

	if (f->conf->priority == VRRP_PRIO_OWNER || priority == f->priority)
		return;
	f->priority = priority;
	is = vrrp_fsm_master_down(f);
	if (f->state == VRRP_BACKUP)
		f->timer = f->timer + is > now + was ? f->timer + is - was : now;
	act(out, f, VRRP_DO_PRIORITY);
}

static void on_stop(struct vrrp_fsm *f, bool deleted, uint64_t now, struct vrrp_actions *out)
{
	enum vrrp_state old = f->state;

	if (old == VRRP_STOPPED || old == VRRP_DELETED)
		return;
	leave_master(f, true, out);
	enter(f, deleted ? VRRP_DELETED : VRRP_STOPPED, now);
	f->start_at = VRRP_NEVER;
	f->started = false;
	notify(f, old, out);
}

static void on_group_backup(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	if (f->state == VRRP_MASTER) {
		become_backup(f, vrrp_fsm_master_down(f), now, out);
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
	send_garps(f, g->lower_prio_repeat, out);
	f->garp_lower_at = g->lower_prio_repeat ? after(now, g->lower_prio_delay_us) : VRRP_NEVER;
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
			become_master(f, now, out);
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
	enter(f, VRRP_INIT, now);
	f->start_at = delay_us;
}

void vrrp_fsm_resume_master(struct vrrp_fsm *f, uint64_t now, struct vrrp_actions *out)
{
	f->started = true;
	f->start_at = VRRP_NEVER;
	run_as_master(f, now);
	send_advert(f, f->priority, out);
	act(out, f, VRRP_DO_ADD);
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
		f->timer = sooner(f->timer, is_owner(f) ? now : now + vrrp_fsm_master_down(f));
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
