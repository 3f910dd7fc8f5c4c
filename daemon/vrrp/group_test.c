/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group_test - sync groups: what happens to one member happens to all, and MASTER only together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "group.h"
#include "test_conf.h"

#define MEMBERS 3
#define DOWN_100 (3 * SEC + 609375)

static struct bench {
	struct conf_vip vips[2];
	struct conf_vrrp conf[MEMBERS];
	struct conf_sync_group group_conf;
	struct vrrp_fsm f[MEMBERS], *members[MEMBERS];
	struct vrrp_group g;
	struct vrrp_actions out;
	char text[2048];
} b;

static int setup(void **state)
{
	b.group_conf = (struct conf_sync_group){ .name = "G" };
	for (unsigned i = 0; i < MEMBERS; i++) {
		b.conf[i] = conf_v2(b.vips);
		vrrp_fsm_init(&b.f[i], &b.conf[i], 0, 0);
		b.f[i].src = addr("192.0.2.10");
		b.members[i] = &b.f[i];
	}
	vrrp_group_init(&b.g, &b.group_conf, b.members, MEMBERS);
	return 0;
}

static int teardown(void **state)
{
	vrrp_actions_free(&b.out);
	return 0;
}

/* "0 advert 100; G notify BACKUP MASTER": member's number, G the group; what is only said is left out */
static const char *done(void)
{
	size_t n = 0;

	b.text[0] = 0;
	for (uint32_t i = 0; i < b.out.n; i++) {
		const struct vrrp_action *a = &b.out.list[i];
		char who[12] = "G";

		if (a->kind == VRRP_DO_LOG)
			continue;
		if (a->fsm)
			snprintf(who, sizeof(who), "%d", (int)(a->fsm - b.f));
		n += (size_t)snprintf(b.text + n, sizeof(b.text) - n, "%s%s %s", n ? "; " : "", who,
				      vrrp_action_name(a->kind));
		if (a->kind == VRRP_DO_ADVERT)
			n += (size_t)snprintf(b.text + n, sizeof(b.text) - n, " %u", a->priority);
		else if (a->kind == VRRP_DO_NOTIFY)
			n += (size_t)snprintf(b.text + n, sizeof(b.text) - n, " %s", vrrp_state_name(a->state));
	}
	return b.text;
}

static const char *step(unsigned who, struct vrrp_event e, uint64_t now)
{
	b.out.n = 0;
	vrrp_group_step(&b.g, &b.f[who], &e, now, &b.out);
	return done();
}

static const char *event(unsigned who, enum vrrp_event_type type, uint64_t now)
{
	return step(who, (struct vrrp_event){ .type = type }, now);
}

static const char *hear(unsigned who, uint8_t priority, uint64_t now)
{
	return step(
		who,
		(struct vrrp_event){
			.type = VRRP_ON_ADVERT, .priority = priority, .src = addr("192.0.2.20"), .interval_us = SEC },
		now);
}

static const char *why(unsigned who, uint32_t reasons, uint64_t now)
{
	return step(who, (struct vrrp_event){ .type = VRRP_ON_WHY, .why = reasons }, now);
}

static void start_all(void)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		event(i, VRRP_ON_START, 0);
}

static void make_master(void)
{
	start_all();
	for (unsigned i = 0; i < MEMBERS; i++)
		event(i, VRRP_ON_TIMER, DOWN_100);
	assert_int_equal(b.g.state, VRRP_MASTER);
}

static void all_are(enum vrrp_state s)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		assert_int_equal(b.f[i].state, s);
	assert_int_equal(b.g.state, s);
}

static void an_instance_alone_needs_no_group(void **state)
{
	vrrp_group_init(&b.g, NULL, b.members, 1);
	assert_string_equal(event(0, VRRP_ON_START, 0), "0 notify BACKUP");
	assert_string_equal(event(0, VRRP_ON_TIMER, DOWN_100), "0 advert 100; 0 add; 0 garp; 0 notify MASTER");
	assert_int_equal(b.g.state, VRRP_MASTER);
}

static void a_group_is_backup_when_all_are(void **state)
{
	assert_string_equal(event(0, VRRP_ON_START, 0), "0 notify BACKUP");
	assert_string_equal(event(1, VRRP_ON_START, 0), "1 notify BACKUP");
	assert_string_equal(event(2, VRRP_ON_START, 0), "2 notify BACKUP; G notify BACKUP");
}

static void all_become_master_when_the_last_one_wants_to(void **state)
{
	start_all();
	assert_string_equal(event(0, VRRP_ON_TIMER, DOWN_100), "");
	assert_true(b.f[0].wants_master);
	assert_int_equal(b.f[0].timer, 2 * DOWN_100);
	assert_string_equal(event(1, VRRP_ON_TIMER, DOWN_100), "");
	assert_string_equal(
		event(2, VRRP_ON_TIMER, DOWN_100),
		"0 advert 100; 0 add; 0 garp; 0 notify MASTER; 1 advert 100; 1 add; 1 garp; 1 notify MASTER; "
		"2 advert 100; 2 add; 2 garp; 2 notify MASTER; G notify MASTER");
}

static void one_that_hears_a_master_no_longer_wants(void **state)
{
	start_all();
	event(0, VRRP_ON_TIMER, DOWN_100);
	event(1, VRRP_ON_TIMER, DOWN_100);
	hear(1, 200, DOWN_100);
	assert_string_equal(event(2, VRRP_ON_TIMER, DOWN_100), "");
	assert_int_equal(b.g.state, VRRP_BACKUP);
	assert_true(b.f[0].wants_master);
	event(1, VRRP_ON_TIMER, 2 * DOWN_100);
	all_are(VRRP_MASTER);
}

static void one_that_yields_pulls_all(void **state)
{
	make_master();
	assert_string_equal(hear(1, 200, 4 * SEC), "1 remove; 1 notify BACKUP; 0 remove; 0 notify BACKUP; 2 remove; "
						   "2 notify BACKUP; G notify BACKUP");
	all_are(VRRP_BACKUP);
	assert_int_equal(b.f[0].timer, 4 * SEC + DOWN_100);
}

static void one_fault_is_everybody_s_and_masters_resign(void **state)
{
	make_master();
	assert_string_equal(
		why(1, VRRP_WHY_IF_DOWN, 4 * SEC),
		"1 advert 0; 1 remove; 1 notify FAULT; 0 advert 0; 0 remove; 0 notify FAULT; 2 advert 0; 2 remove; "
		"2 notify FAULT; G notify FAULT");
	assert_string_equal(vrrp_why_text(b.f[0].why), vrrp_why_text(VRRP_WHY_GROUP));
}

static void two_faults_need_both_to_clear(void **state)
{
	start_all();
	why(0, VRRP_WHY_IF_DOWN, 1);
	why(1, VRRP_WHY_IF_DOWN, 2);
	all_are(VRRP_FAULT);
	assert_string_equal(why(0, 0, 3), "");
	all_are(VRRP_FAULT);
	assert_string_equal(why(1, 0, 4), "1 notify BACKUP; 0 notify BACKUP; 2 notify BACKUP; G notify BACKUP");
	all_are(VRRP_BACKUP);
}

static void members_wait_for_each_other_s_scripts(void **state)
{
	why(2, VRRP_WHY_WAIT, 0);
	start_all();
	all_are(VRRP_INIT);
	why(2, 0, SEC);
	all_are(VRRP_BACKUP);
}

static void a_lower_priority_on_one_link_makes_all_repeat_their_garps(void **state)
{
	make_master();
	assert_string_equal(hear(0, 1, 4 * SEC), "0 advert 100; 0 garp; 0 rx lower; 1 garp; 2 garp");
}

static void a_group_of_owners_starts_as_master(void **state)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		b.conf[i].priority = 255;
		vrrp_fsm_init(&b.f[i], &b.conf[i], 0, 0);
		b.f[i].grouped = true;
	}
	start_all();
	for (unsigned i = 0; i < MEMBERS; i++)
		event(i, VRRP_ON_TIMER, 0);
	all_are(VRRP_MASTER);
}

static void stopping_all_is_told_once(void **state)
{
	make_master();
	event(0, VRRP_ON_STOP, 4 * SEC);
	event(1, VRRP_ON_STOP, 4 * SEC);
	assert_string_equal(event(2, VRRP_ON_STOP, 4 * SEC), "2 advert 0; 2 remove; 2 notify STOP; G notify STOP");
}

static void a_new_member_that_hears_a_master_pulls_the_others_down(void **state)
{
	make_master();
	vrrp_fsm_init(&b.f[1], &b.conf[1], 0, 4 * SEC);
	b.f[1].grouped = true;
	event(1, VRRP_ON_START, 4 * SEC);
	hear(1, 200, 5 * SEC);
	all_are(VRRP_BACKUP);
}

static void a_restarted_role_takes_the_state_from_its_members(void **state)
{
	for (unsigned i = 0; i < MEMBERS; i++)
		vrrp_fsm_resume_master(&b.f[i], 1, &b.out);
	vrrp_group_adopt(&b.g);
	b.out.n = 0;
	all_are(VRRP_MASTER);
	assert_string_equal(event(0, VRRP_ON_TIMER, 2), "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_instance_alone_needs_no_group),
		T(a_group_is_backup_when_all_are),
		T(all_become_master_when_the_last_one_wants_to),
		T(one_that_hears_a_master_no_longer_wants),
		T(one_that_yields_pulls_all),
		T(one_fault_is_everybody_s_and_masters_resign),
		T(two_faults_need_both_to_clear),
		T(members_wait_for_each_other_s_scripts),
		T(a_lower_priority_on_one_link_makes_all_repeat_their_garps),
		T(a_group_of_owners_starts_as_master),
		T(stopping_all_is_told_once),
		T(a_new_member_that_hears_a_master_pulls_the_others_down),
		T(a_restarted_role_takes_the_state_from_its_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
