/* SPDX-License-Identifier: GPL-2.0-or-later */
/* priority_test - each rule about weights is a row: what is tracked, how it is, what comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "priority.h"

struct row {
	const char *what;
	struct conf_track track;
	struct vrrp_tracked is;
	uint8_t base, priority;
	uint32_t faults, unknown;
};

#define SCRIPT CONF_TRACK_SCRIPT
#define FILE_ CONF_TRACK_FILE
#define UP              \
	{               \
		true, 1 \
	}
#define DOWN            \
	{               \
		true, 0 \
	}
#define IS(n)           \
	{               \
		true, n \
	}
#define UNKNOWN          \
	{                \
		false, 0 \
	}

static const struct row rows[] = {
	{ "positive weight, up: added", { SCRIPT, .weight = 20 }, UP, 100, 120, 0, 0 },
	{ "positive weight, down: nothing", { SCRIPT, .weight = 20 }, DOWN, 100, 100, 0, 0 },
	{ "negative weight, up: nothing", { SCRIPT, .weight = -20 }, UP, 100, 100, 0, 0 },
	{ "negative weight, down: taken off", { SCRIPT, .weight = -20 }, DOWN, 100, 80, 0, 0 },
	{ "weight 0, up", { SCRIPT, .weight = 0 }, UP, 100, 100, 0, 0 },
	{ "weight 0, down: fault", { SCRIPT, .weight = 0 }, DOWN, 100, 100, 1, 0 },
	{ "reverse, positive, up: nothing", { SCRIPT, .weight = 20, .reverse = true }, UP, 100, 100, 0, 0 },
	{ "reverse, positive, down: added", { SCRIPT, .weight = 20, .reverse = true }, DOWN, 100, 120, 0, 0 },
	{ "reverse, negative, up: taken off", { SCRIPT, .weight = -20, .reverse = true }, UP, 100, 80, 0, 0 },
	{ "reverse, weight 0, up: fault", { SCRIPT, .weight = 0, .reverse = true }, UP, 100, 100, 1, 0 },
	{ "reverse, weight 0, down: well", { SCRIPT, .weight = 0, .reverse = true }, DOWN, 100, 100, 0, 0 },
	{ "unknown with weight 0: waits", { SCRIPT, .weight = 0 }, UNKNOWN, 100, 100, 0, 1 },
	{ "unknown with a weight: neither here nor there", { SCRIPT, .weight = -20 }, UNKNOWN, 100, 100, 0, 0 },
	{ "an interface", { CONF_TRACK_IF, .weight = -30 }, DOWN, 100, 70, 0, 0 },
	{ "a process", { CONF_TRACK_PROCESS, .weight = 254 }, UP, 100, 254, 0, 0 },
	{ "a BFD session", { CONF_TRACK_BFD, .weight = 0 }, DOWN, 100, 100, 1, 0 },
	{ "never above 254", { SCRIPT, .weight = 200 }, UP, 100, 254, 0, 0 },
	{ "never below 1", { SCRIPT, .weight = -200 }, DOWN, 100, 1, 0, 0 },
	{ "an owner stays one", { SCRIPT, .weight = -200 }, DOWN, 255, 255, 0, 0 },
	{ "an owner has faults, too", { SCRIPT, .weight = 0 }, DOWN, 255, 255, 1, 0 },
	{ "file: number times weight", { FILE_, .weight = 2 }, IS(-15), 100, 70, 0, 0 },
	{ "file, reverse: the other way", { FILE_, .weight = 2, .reverse = true }, IS(-15), 100, 130, 0, 0 },
	{ "file: -254 is a fault", { FILE_, .weight = 1 }, IS(-254), 100, 100, 1, 0 },
	{ "file: below is, too", { FILE_, .weight = 254 }, IS(-2147483647), 100, 100, 1, 0 },
	{ "file: -253 is not", { FILE_, .weight = 1 }, IS(-253), 200, 1, 0, 0 },
	{ "file: much is 253", { FILE_, .weight = 254 }, IS(2147483647), 1, 254, 0, 0 },
	{ "file, weight 0: 0 is well", { FILE_, .weight = 0 }, IS(0), 100, 100, 0, 0 },
	{ "file, weight 0: anything else is a fault", { FILE_, .weight = 0 }, IS(7), 100, 100, 1, 0 },
	{ "file, weight 0, reverse: 0 is a fault", { FILE_, .weight = 0, .reverse = true }, IS(0), 100, 100, 1, 0 },
};

static void every_rule(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct vrrp_standing s = { 0 };

		vrrp_standing_add(&s, &r->track, 1, &r->is, true);
		vrrp_standing_finish(&s, r->base);
		if (s.priority != r->priority || s.faults != r->faults || s.unknown != r->unknown)
			fail_msg("%s: priority %u faults %u unknown %u, want %u %u %u", r->what, s.priority, s.faults,
				 s.unknown, r->priority, r->faults, r->unknown);
	}
}

static void sums_meet_before_they_are_clamped(void **state)
{
	const struct conf_track t[] = { { SCRIPT, .weight = -200 }, { SCRIPT, .weight = 150 } };
	const struct vrrp_tracked is[] = { DOWN, UP };
	struct vrrp_standing s = { 0 };

	vrrp_standing_add(&s, t, 2, is, true);
	vrrp_standing_finish(&s, 100);
	assert_int_equal(s.priority, 50);
}

static void a_group_s_tracks_are_added_to_a_member_s_own(void **state)
{
	const struct conf_track own = { SCRIPT, .weight = -10 }, group = { CONF_TRACK_IF, .weight = -30 };
	const struct vrrp_tracked down = DOWN;
	struct vrrp_standing s = { 0 };

	vrrp_standing_add(&s, &own, 1, &down, true);
	vrrp_standing_add(&s, &group, 1, &down, true);
	vrrp_standing_finish(&s, 100);
	assert_int_equal(s.priority, 60);
}

static void without_tracking_weight_a_failure_is_a_fault(void **state)
{
	const struct conf_track t = { SCRIPT, .weight = -10 };
	const struct vrrp_tracked down = DOWN;
	struct vrrp_standing s = { 0 };

	vrrp_standing_add(&s, &t, 1, &down, false);
	vrrp_standing_finish(&s, 100);
	assert_int_equal(s.priority, 100);
	assert_int_equal(s.faults, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule),
		cmocka_unit_test(sums_meet_before_they_are_clamped),
		cmocka_unit_test(a_group_s_tracks_are_added_to_a_member_s_own),
		cmocka_unit_test(without_tracking_weight_a_failure_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
