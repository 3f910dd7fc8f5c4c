/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsm_test - every row of the RFCs' tables (RFC 3768 6.4, RFC 9568 6.4), and what keepalived adds to them.
 *
 * A test tells one machine events at times and compares the whole list of actions, as text: "advert 100; add; garp 5;
 * notify BACKUP MASTER".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "fsm.h"
#include "test_conf.h"

static struct bench {
	struct conf_vip vips[2];
	struct conf_vrrp conf;
	struct vrrp_fsm f;
	struct vrrp_actions out;
	char text[1024];
} b;

static void setup_with(struct conf_vrrp c)
{
	vrrp_actions_free(&b.out);
	b.conf = c;
	vrrp_fsm_init(&b.f, &b.conf, 0, 0);
	b.f.src = addr("192.0.2.10");
}

static int setup(void **state)
{
	setup_with(conf_v2(b.vips));
	return 0;
}

static int teardown(void **state)
{
	vrrp_actions_free(&b.out);
	return 0;
}

/* The actions since the last event */
static const char *done(void)
{
	size_t n = 0;

	b.text[0] = 0;
	for (uint32_t i = 0; i < b.out.n; i++) {
		const struct vrrp_action *a = &b.out.list[i];
		char *at = b.text + n;
		size_t left = sizeof(b.text) - n;

		assert_ptr_equal(a->fsm, &b.f);
		n += (size_t)snprintf(at, left, "%s%s", i ? "; " : "", vrrp_action_name(a->kind));
		at = b.text + n;
		left = sizeof(b.text) - n;
		if (a->kind == VRRP_DO_ADVERT || a->kind == VRRP_DO_PRIORITY)
			n += (size_t)snprintf(at, left, " %u", a->priority);
		else if (a->kind == VRRP_DO_GARP)
			n += (size_t)snprintf(at, left, " %u", a->repeat);
		else if (a->kind == VRRP_DO_LOG)
			n += (size_t)snprintf(at, left, " %d", a->say);
		else if (a->kind == VRRP_DO_NOTIFY)
			n += (size_t)snprintf(at, left, " %s %s", vrrp_state_name(a->old), vrrp_state_name(a->state));
	}
	return b.text;
}

static const char *step(const struct vrrp_event *e, uint64_t now)
{
	b.out.n = 0;
	vrrp_fsm_step(&b.f, e, now, &b.out);
	return done();
}

static const char *event(enum vrrp_event_type type, uint64_t now)
{
	return step(&(struct vrrp_event){ .type = type }, now);
}

static const char *hear_every(uint8_t priority, const char *from, uint64_t interval, uint64_t now)
{
	return step(
		&(struct vrrp_event){
			.type = VRRP_ON_ADVERT, .priority = priority, .src = addr(from), .interval_us = interval },
		now);
}

static const char *hear(uint8_t priority, uint64_t now)
{
	return hear_every(priority, "192.0.2.20", SEC, now);
}

static const char *why(uint32_t reasons, uint64_t now)
{
	return step(&(struct vrrp_event){ .type = VRRP_ON_WHY, .why = reasons }, now);
}

static const char *priority(uint8_t p, uint64_t now)
{
	return step(&(struct vrrp_event){ .type = VRRP_ON_PRIORITY, .priority = p }, now);
}

#define TAKEOVER "advert 100; add; garp 5; notify BACKUP MASTER"
#define SKEW_100 609375ull /* (256 - 100) / 256 s */
#define DOWN_100 (3 * SEC + SKEW_100)

/* Started at 0, became master at the time that is returned. */
static uint64_t make_master(void)
{
	uint64_t now;

	event(VRRP_ON_START, 0);
	now = b.f.timer;
	event(VRRP_ON_TIMER, now);
	assert_int_equal(b.f.state, VRRP_MASTER);
	return now;
}

static void says(enum vrrp_say want)
{
	for (uint32_t i = 0; i < b.out.n; i++)
		if (b.out.list[i].kind == VRRP_DO_LOG && b.out.list[i].say == want)
			return;
	fail_msg("nothing said of kind %d in: %s", want, done());
}

/* ---- timers ---- */
static void skew_is_of_a_second_in_version_2_and_of_the_interval_in_version_3(void **state)
{
	assert_int_equal(vrrp_fsm_skew(2, 100, 5 * SEC), SKEW_100);
	assert_int_equal(vrrp_fsm_skew(2, 254, SEC), 7812);
	assert_int_equal(vrrp_fsm_skew(3, 100, 10000), 6093);
	assert_int_equal(vrrp_fsm_skew(3, 255, SEC), 3906);
}

static void master_down_is_three_intervals_and_skew(void **state)
{
	assert_int_equal(vrrp_fsm_master_down(&b.f), DOWN_100);
	b.conf.down_timer_adverts = 1;
	assert_int_equal(vrrp_fsm_master_down(&b.f), SEC + SKEW_100);
}

/* ---- INIT ---- */
static void init_does_nothing_before_it_is_started(void **state)
{
	assert_string_equal(hear(200, 1), "");
	assert_string_equal(event(VRRP_ON_TIMER, 100 * SEC), "");
	assert_int_equal(b.f.state, VRRP_INIT);
	assert_true(vrrp_fsm_due(&b.f) == VRRP_NEVER);
}

static void start_is_backup_for_master_down(void **state)
{
	assert_string_equal(event(VRRP_ON_START, 7), "notify INIT BACKUP");
	assert_int_equal(vrrp_fsm_due(&b.f), 7 + DOWN_100);
	assert_string_equal(event(VRRP_ON_START, 8), "");
}

static void state_master_waits_for_one_interval_only(void **state)
{
	b.conf.start_master = true;
	event(VRRP_ON_START, 0);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + 3906);
}

static void an_owner_takes_over_at_once(void **state)
{
	b.conf.priority = 255;
	vrrp_fsm_init(&b.f, &b.conf, 0, 0);
	assert_string_equal(event(VRRP_ON_START, 5), "advert 255; add; garp 5; notify INIT MASTER");
	assert_int_equal(vrrp_fsm_due(&b.f), 5 + SEC);
	/* after a fault it is a backup first, as keepalived's is */
	why(VRRP_WHY_IF_DOWN, SEC);
	assert_string_equal(why(0, 2 * SEC), "notify FAULT BACKUP");
	assert_string_equal(event(VRRP_ON_TIMER, 2 * SEC), "advert 255; add; garp 5; notify BACKUP MASTER");
}

static void a_start_up_delay_is_waited_for_deafly(void **state)
{
	vrrp_fsm_init(&b.f, &b.conf, 10 * SEC, 0);
	assert_string_equal(event(VRRP_ON_START, SEC), "");
	assert_int_equal(vrrp_fsm_due(&b.f), 11 * SEC);
	assert_string_equal(hear(0, 2 * SEC), "");
	assert_string_equal(why(VRRP_WHY_IF_DOWN, 3 * SEC), "");
	assert_string_equal(why(0, 4 * SEC), "");
	assert_string_equal(event(VRRP_ON_TIMER, 11 * SEC), "notify INIT BACKUP");
	assert_int_equal(vrrp_fsm_due(&b.f), 11 * SEC + DOWN_100);
}

static void what_waits_for_its_scripts_stays_init(void **state)
{
	why(VRRP_WHY_WAIT, 0);
	assert_string_equal(event(VRRP_ON_START, 0), "");
	assert_int_equal(b.f.state, VRRP_INIT);
	assert_string_equal(why(0, SEC), "notify INIT BACKUP");
}

static void a_master_does_not_stop_for_a_script_that_is_new(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(why(VRRP_WHY_WAIT, t), "");
	assert_string_equal(why(0, t), "");
	assert_int_equal(b.f.state, VRRP_MASTER);
}

/* ---- BACKUP ---- */
static void backup_takes_over_advert_first(void **state)
{
	event(VRRP_ON_START, 0);
	assert_string_equal(event(VRRP_ON_TIMER, DOWN_100 - 1), "");
	assert_string_equal(event(VRRP_ON_TIMER, DOWN_100), TAKEOVER);
	assert_int_equal(b.f.timer, DOWN_100 + SEC);
	assert_int_equal(b.f.became_master, 1);
}

static void backup_resets_its_timer_for_a_higher_or_equal_priority(void **state)
{
	event(VRRP_ON_START, 0);
	assert_string_equal(hear(101, SEC), "");
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + DOWN_100);
	assert_string_equal(hear(100, 2 * SEC), "");
	assert_int_equal(vrrp_fsm_due(&b.f), 2 * SEC + DOWN_100);
}

static void backup_discards_a_lower_priority(void **state)
{
	event(VRRP_ON_START, 0);
	hear(99, SEC);
	says(VRRP_SAY_DISCARD);
	assert_int_equal(vrrp_fsm_due(&b.f), DOWN_100);
}

static void backup_with_nopreempt_follows_a_lower_priority(void **state)
{
	b.conf.nopreempt = true;
	event(VRRP_ON_START, 0);
	assert_string_equal(hear(1, SEC), "");
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + DOWN_100);
}

static void backup_waits_skew_only_when_the_master_resigns(void **state)
{
	event(VRRP_ON_START, 0);
	hear(0, SEC);
	says(VRRP_SAY_PRIO0);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + SKEW_100);
}

/* RFC 6527, vrrpv3StatisticsNewMasterReason */
static void it_is_known_why_it_became_master(void **state)
{
	event(VRRP_ON_START, 0);
	assert_int_equal(b.f.why_master, WHY_NOT_MASTER);
	event(VRRP_ON_TIMER, vrrp_fsm_due(&b.f));
	assert_int_equal(b.f.why_master, WHY_NO_RESPONSE);
	hear(200, 10 * SEC);
	hear(0, 11 * SEC);
	event(VRRP_ON_TIMER, vrrp_fsm_due(&b.f));
	assert_int_equal(b.f.why_master, WHY_PRIORITY);
	hear(200, 20 * SEC);
	hear(50, 21 * SEC);
	event(VRRP_ON_TIMER, vrrp_fsm_due(&b.f));
	assert_int_equal(b.f.why_master, WHY_PREEMPTED);
}

static void preempt_delay_counts_from_the_first_lower_advert(void **state)
{
	b.conf.preempt_delay_us = 5 * SEC;
	event(VRRP_ON_START, 0);
	hear(50, SEC);
	says(VRRP_SAY_PREEMPT_DELAY);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + DOWN_100);
	assert_string_equal(hear(50, 5 * SEC), "");
	assert_int_equal(vrrp_fsm_due(&b.f), 5 * SEC + DOWN_100);
	hear(50, 6 * SEC);
	says(VRRP_SAY_DISCARD);
	assert_int_equal(vrrp_fsm_due(&b.f), 5 * SEC + DOWN_100);
}

static void preempt_delay_begins_anew_after_a_higher_master(void **state)
{
	b.conf.preempt_delay_us = 5 * SEC;
	event(VRRP_ON_START, 0);
	hear(50, SEC);
	hear(200, 2 * SEC);
	hear(50, 3 * SEC);
	says(VRRP_SAY_PREEMPT_DELAY);
	assert_int_equal(b.f.preempt_at, 8 * SEC);
}

static void preempt_delay_does_not_delay_the_takeover_of_a_dead_master(void **state)
{
	b.conf.preempt_delay_us = 500 * SEC;
	event(VRRP_ON_START, 0);
	hear(50, SEC);
	assert_string_equal(event(VRRP_ON_TIMER, SEC + DOWN_100), TAKEOVER);
}

static void version_3_learns_the_master_s_interval(void **state)
{
	setup_with(conf_v3(b.vips));
	event(VRRP_ON_START, 0);
	hear_every(200, "192.0.2.20", 10000, SEC);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + 30000 + 6093);
	event(VRRP_ON_TIMER, 2 * SEC);
	assert_int_equal(b.f.state, VRRP_MASTER);
	assert_int_equal(b.f.timer, 3 * SEC); /* and goes back to its own */
	assert_int_equal(b.f.master_interval_us, SEC);
}

static void version_2_does_not_learn(void **state)
{
	event(VRRP_ON_START, 0);
	hear_every(200, "192.0.2.20", 10000, SEC);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + DOWN_100);
}

static void a_change_of_priority_moves_the_running_timer(void **state)
{
	event(VRRP_ON_START, 0);
	assert_string_equal(priority(200, SEC), "priority 200");
	assert_int_equal(vrrp_fsm_due(&b.f), 3 * SEC + 218750);
	assert_string_equal(priority(100, SEC), "priority 100");
	assert_int_equal(vrrp_fsm_due(&b.f), DOWN_100);
	assert_string_equal(priority(100, SEC), "");
}

static void a_timer_never_moves_into_the_past(void **state)
{
	event(VRRP_ON_START, 0);
	hear(0, 0);
	priority(254, 500000);
	assert_int_equal(vrrp_fsm_due(&b.f), 500000);
}

/* ---- MASTER ---- */
static void master_advertises_every_interval_without_drift(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(event(VRRP_ON_TIMER, t + SEC + 3000), "advert 100");
	assert_int_equal(b.f.timer, t + 2 * SEC);
	assert_string_equal(event(VRRP_ON_TIMER, t + 2 * SEC), "advert 100");
}

static void a_master_that_slept_does_not_catch_up(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(event(VRRP_ON_TIMER, t + 4 * SEC + 1), "advert 100");
	assert_int_equal(b.f.timer, t + 5 * SEC + 1);
}

static void a_second_burst_of_garps_and_no_third(void **state)
{
	uint64_t t = make_master();

	assert_int_equal(b.f.garp_at, t + 5 * SEC);
	b.f.timer = t + 9 * SEC;
	assert_string_equal(event(VRRP_ON_TIMER, t + 5 * SEC), "garp 5");
	assert_string_equal(event(VRRP_ON_TIMER, t + 8 * SEC), "");
}

static void no_second_burst_when_its_delay_is_0(void **state)
{
	b.conf.garp.master_delay_us = 0;
	make_master();
	assert_true(b.f.garp_at == VRRP_NEVER);
}

static void garps_are_refreshed(void **state)
{
	uint64_t t;

	b.conf.garp.master_delay_us = 0;
	b.conf.garp.master_refresh_us = 60 * SEC;
	b.conf.garp.master_refresh_repeat = 2;
	b.conf.garp.extra_if_us = 90 * SEC;
	t = make_master();
	b.f.timer = t + 1000 * SEC;
	assert_string_equal(event(VRRP_ON_TIMER, t + 60 * SEC), "garp 2");
	assert_string_equal(event(VRRP_ON_TIMER, t + 90 * SEC), "garp extra");
	assert_string_equal(event(VRRP_ON_TIMER, t + 120 * SEC), "garp 2");
	assert_int_equal(vrrp_fsm_due(&b.f), t + 180 * SEC);
}

static void master_answers_priority_0_at_once(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(hear(0, t + 1), "advert 100");
	assert_int_equal(b.f.timer, t + 1 + SEC);
}

static void master_yields_to_a_higher_priority(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(hear(101, t + 1), "log 0; remove; notify MASTER BACKUP");
	says(VRRP_SAY_HIGHER);
	assert_int_equal(vrrp_fsm_due(&b.f), t + 1 + DOWN_100);
	assert_int_equal(b.f.released_master, 1);
}

static void master_says_so_before_it_yields_when_asked(void **state)
{
	uint64_t t;

	b.conf.higher_prio_send_advert = true;
	t = make_master();
	assert_string_equal(hear(101, t + 1), "log 0; advert 100; remove; notify MASTER BACKUP");
}

static void equal_priority_the_higher_address_wins(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(hear_every(100, "192.0.2.9", SEC, t + 1), "log 2; advert 100; garp 5; rx lower");
	assert_string_equal(hear_every(100, "192.0.2.11", SEC, t + 2), "log 1; remove; notify MASTER BACKUP");
}

static void equal_priority_addresses_are_compared_as_bytes_not_as_signed(void **state)
{
	uint64_t t = make_master();

	b.f.src = addr("10.0.0.1");
	assert_string_equal(hear_every(100, "192.0.2.1", SEC, t + 1), "log 1; remove; notify MASTER BACKUP");
}

static void our_own_address_with_our_priority_means_nothing(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(hear_every(100, "192.0.2.10", SEC, t + 1), "");
	assert_int_equal(b.f.state, VRRP_MASTER);
}

static void master_corrects_a_lower_priority(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(hear(99, t + 1), "log 2; advert 100; garp 5; rx lower");
	assert_int_equal(b.f.timer, t + 1 + SEC);
	assert_int_equal(b.f.garp_lower_at, t + 1 + 5 * SEC);
	assert_string_equal(hear(99, t + 2), "log 2; advert 100; rx lower");
	b.f.timer = b.f.garp_at = t + 100 * SEC;
	assert_string_equal(event(VRRP_ON_TIMER, t + 1 + 5 * SEC), "garp 5");
	assert_string_equal(hear(99, t + 6 * SEC), "log 2; advert 100; garp 5; rx lower");
}

static void lower_prio_no_advert_is_quiet(void **state)
{
	uint64_t t;

	b.conf.lower_prio_no_advert = true;
	t = make_master();
	assert_string_equal(hear(99, t + 1), "log 3; garp 5; rx lower");
	assert_int_equal(b.f.timer, t + SEC);
}

static void a_change_of_priority_shows_in_the_next_advert(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(priority(80, t), "priority 80");
	assert_string_equal(event(VRRP_ON_TIMER, t + SEC), "advert 80");
}

static void a_late_master_goes_back_when_asked(void **state)
{
	uint64_t t, limit;

	b.conf.nopreempt = true;
	b.conf.timer_expired_backup = 200;
	t = make_master();
	limit = t + 3 * SEC + 218750; /* a backup of priority 200 takes over then */
	b.f.garp_at = VRRP_NEVER;
	assert_string_equal(event(VRRP_ON_TIMER, limit), "advert 100");
	b.f.timer = t + SEC;
	assert_string_equal(event(VRRP_ON_TIMER, limit + 1), "log 9; remove; notify MASTER BACKUP");
	assert_int_equal(vrrp_fsm_due(&b.f), limit + 1 + DOWN_100);
}

static void a_late_master_stays_when_not_asked(void **state)
{
	uint64_t t = make_master();

	b.f.garp_at = VRRP_NEVER;
	assert_string_equal(event(VRRP_ON_TIMER, t + 100 * SEC), "advert 100");
}

/* ---- owners ---- */
static void an_owner_s_priority_never_changes(void **state)
{
	b.conf.priority = 255;
	vrrp_fsm_init(&b.f, &b.conf, 0, 0);
	assert_string_equal(priority(10, 0), "");
	assert_int_equal(b.f.priority, 255);
}

static void of_two_owners_the_lower_address_yields_but_not_at_once(void **state)
{
	uint64_t t;

	b.conf.priority = 255;
	vrrp_fsm_init(&b.f, &b.conf, 0, 0);
	b.f.src = addr("192.0.2.10");
	t = make_master();
	assert_string_equal(hear(255, t + 1), "log 7; advert 255");
	assert_string_equal(hear(255, t + SEC), "");
	assert_string_equal(event(VRRP_ON_TIMER, t + SEC + 1), "advert 255");
	assert_string_equal(hear(255, t + 2 * SEC), "");
	assert_string_equal(hear(255, t + 3 * SEC), "");
	assert_string_equal(hear(255, t + 3 * SEC + SEC / 5), "log 8; priority 254; remove; notify MASTER BACKUP");
	assert_int_equal(b.f.priority, 254);
	assert_string_equal(hear(255, t + 4 * SEC), "");
}

static void an_owner_with_the_higher_address_stays(void **state)
{
	uint64_t t;

	b.conf.priority = 255;
	vrrp_fsm_init(&b.f, &b.conf, 0, 0);
	b.f.src = addr("192.0.2.10");
	t = make_master();
	assert_string_equal(hear_every(255, "192.0.2.9", SEC, t + 1), "log 2; advert 255; garp 5; rx lower");
}

/* ---- FAULT ---- */
static void a_fault_ends_mastership_with_priority_0(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(why(VRRP_WHY_IF_DOWN, t + 1), "advert 0; remove; notify MASTER FAULT");
	assert_true(vrrp_fsm_due(&b.f) == VRRP_NEVER);
	assert_string_equal(hear(0, t + 2), "");
	assert_int_equal(b.f.sent_prio0, 1);
}

static void a_backup_s_fault_says_nothing_on_the_wire(void **state)
{
	event(VRRP_ON_START, 0);
	assert_string_equal(why(VRRP_WHY_TRACK, 1), "notify BACKUP FAULT");
}

static void a_fault_lasts_until_its_last_reason_is_gone(void **state)
{
	event(VRRP_ON_START, 0);
	why(VRRP_WHY_IF_DOWN | VRRP_WHY_TRACK, 1);
	assert_string_equal(why(VRRP_WHY_TRACK, 2), "");
	assert_string_equal(why(0, 3), "notify FAULT BACKUP");
	assert_int_equal(vrrp_fsm_due(&b.f), 3 + DOWN_100);
}

static void what_starts_with_a_fault_is_in_fault(void **state)
{
	why(VRRP_WHY_NO_SOURCE, 0);
	assert_string_equal(event(VRRP_ON_START, 0), "notify INIT FAULT");
}

static void state_master_does_not_hurry_after_a_fault(void **state)
{
	b.conf.start_master = true;
	event(VRRP_ON_START, 0);
	why(VRRP_WHY_IF_DOWN, 1);
	why(0, 2);
	assert_int_equal(vrrp_fsm_due(&b.f), 2 + DOWN_100);
}

/* ---- the end, reloads, restarts ---- */
static void stop_resigns(void **state)
{
	uint64_t t = make_master();

	assert_string_equal(event(VRRP_ON_STOP, t), "advert 0; remove; notify MASTER STOP");
	assert_string_equal(event(VRRP_ON_STOP, t), "");
	assert_string_equal(hear(0, t), "");
	assert_string_equal(event(VRRP_ON_TIMER, t + 100 * SEC), "");
	assert_true(vrrp_fsm_due(&b.f) == VRRP_NEVER);
}

static void a_deleted_instance_says_so(void **state)
{
	event(VRRP_ON_START, 0);
	assert_string_equal(step(&(struct vrrp_event){ .type = VRRP_ON_STOP, .deleted = true }, 1),
			    "notify BACKUP DELETED");
}

static void a_restarted_role_goes_on_as_master(void **state)
{
	b.out.n = 0;
	vrrp_fsm_resume_master(&b.f, 5, &b.out);
	assert_string_equal(done(), "advert 100; add");
	assert_int_equal(b.f.timer, 5 + SEC);
	assert_string_equal(hear(200, 6), "log 0; remove; notify MASTER BACKUP");
}

static void a_reload_shortens_a_running_timer_but_keeps_the_state(void **state)
{
	struct conf_vrrp other = b.conf;
	uint64_t t = make_master();

	other.version = 3;
	other.advert_us = 100000;
	vrrp_fsm_reconf(&b.f, &other, t + 1);
	assert_int_equal(b.f.state, VRRP_MASTER);
	assert_int_equal(b.f.timer, t + 100001);
}

static void a_reload_that_changes_nothing_moves_no_timer(void **state)
{
	struct conf_vrrp same = b.conf;

	event(VRRP_ON_START, 0);
	hear(200, SEC);
	vrrp_fsm_reconf(&b.f, &same, 2 * SEC);
	assert_int_equal(vrrp_fsm_due(&b.f), SEC + DOWN_100);
}

static void every_name_has_a_name(void **state)
{
	char line[200];

	for (int i = 0; i < VRRP_EVENT_TYPES; i++)
		assert_non_null(vrrp_event_name(i));
	for (int i = 0; i < VRRP_ACTION_KINDS; i++)
		assert_non_null(vrrp_action_name(i));
	assert_string_equal(vrrp_state_name(VRRP_STOPPED), "STOP");
	assert_string_equal(vrrp_state_name((enum vrrp_state)77), "unknown");
	assert_string_equal(vrrp_why_text(VRRP_WHY_GROUP | VRRP_WHY_TRACK), vrrp_why_text(VRRP_WHY_TRACK));
	assert_string_equal(vrrp_say(&(struct vrrp_action){ .say = VRRP_SAY_HIGHER,
							    .src = addr("192.0.2.1"),
							    .src_priority = 150,
							    .priority = 100 },
				     line, sizeof(line)),
			    "Master received advert from 192.0.2.1 with higher priority 150, ours 100");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(skew_is_of_a_second_in_version_2_and_of_the_interval_in_version_3),
		T(master_down_is_three_intervals_and_skew),
		T(init_does_nothing_before_it_is_started),
		T(start_is_backup_for_master_down),
		T(state_master_waits_for_one_interval_only),
		T(an_owner_takes_over_at_once),
		T(a_start_up_delay_is_waited_for_deafly),
		T(what_waits_for_its_scripts_stays_init),
		T(a_master_does_not_stop_for_a_script_that_is_new),
		T(backup_takes_over_advert_first),
		T(backup_resets_its_timer_for_a_higher_or_equal_priority),
		T(backup_discards_a_lower_priority),
		T(backup_with_nopreempt_follows_a_lower_priority),
		T(backup_waits_skew_only_when_the_master_resigns),
		T(it_is_known_why_it_became_master),
		T(preempt_delay_counts_from_the_first_lower_advert),
		T(preempt_delay_begins_anew_after_a_higher_master),
		T(preempt_delay_does_not_delay_the_takeover_of_a_dead_master),
		T(version_3_learns_the_master_s_interval),
		T(version_2_does_not_learn),
		T(a_change_of_priority_moves_the_running_timer),
		T(a_timer_never_moves_into_the_past),
		T(master_advertises_every_interval_without_drift),
		T(a_master_that_slept_does_not_catch_up),
		T(a_second_burst_of_garps_and_no_third),
		T(no_second_burst_when_its_delay_is_0),
		T(garps_are_refreshed),
		T(master_answers_priority_0_at_once),
		T(master_yields_to_a_higher_priority),
		T(master_says_so_before_it_yields_when_asked),
		T(equal_priority_the_higher_address_wins),
		T(equal_priority_addresses_are_compared_as_bytes_not_as_signed),
		T(our_own_address_with_our_priority_means_nothing),
		T(master_corrects_a_lower_priority),
		T(lower_prio_no_advert_is_quiet),
		T(a_change_of_priority_shows_in_the_next_advert),
		T(a_late_master_goes_back_when_asked),
		T(a_late_master_stays_when_not_asked),
		T(an_owner_s_priority_never_changes),
		T(of_two_owners_the_lower_address_yields_but_not_at_once),
		T(an_owner_with_the_higher_address_stays),
		T(a_fault_ends_mastership_with_priority_0),
		T(a_backup_s_fault_says_nothing_on_the_wire),
		T(a_fault_lasts_until_its_last_reason_is_gone),
		T(what_starts_with_a_fault_is_in_fault),
		T(state_master_does_not_hurry_after_a_fault),
		T(stop_resigns),
		T(a_deleted_instance_says_so),
		T(a_restarted_role_goes_on_as_master),
		T(a_reload_shortens_a_running_timer_but_keeps_the_state),
		T(a_reload_that_changes_nothing_moves_no_timer),
		T(every_name_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
