/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine_test - keepalived's timing, row by row: what a series of tries leads to, and when the next one follows.
 *
 * A row is a string: o good, x failed, r refused by the server itself, a could not be tried. What is expected is a
 * string, too: per try a letter for the delay (d delay_loop, r delay_before_retry, 0 at once, m the greater of both),
 * then U/D when the server was decided to be up or down, then ! when that is a change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "engine.h"

#define DELAY 5000000
#define RETRY_DELAY 1000000

static const struct engine_rules plain = {
	.delay_us = DELAY, .retry_delay_us = RETRY_DELAY, .retry = 1, .rise = 1, .fall = 1, .steps = 1
};

static enum engine_event event_of(char c)
{
	return c == 'o' ? ENGINE_OK : c == 'x' ? ENGINE_FAILED : c == 'r' ? ENGINE_REFUSED : ENGINE_AGAIN;
}

static void row(const struct engine_rules *r, bool again, const char *tries, const char *want)
{
	char got[200] = "", *p = got;
	struct engine e;

	engine_init(&e, r, again);
	for (; *tries; tries++) {
		struct engine_next n = engine_result(&e, r, event_of(*tries), 0);

		if (p != got)
			*p++ = ' ';
		*p++ = n.delay_us == DELAY ? 'd' : n.delay_us == RETRY_DELAY ? 'r' : n.delay_us == 0 ? '0' : 'm';
		if (n.decided_now)
			*p++ = e.up ? 'U' : 'D';
		if (n.changed)
			*p++ = '!';
	}
	*p = '\0';
	assert_string_equal(got, want);
}

static void the_first_failure_needs_no_further_try(void **state)
{
	row(&plain, false, "x", "dD!");
}

static void the_first_success_confirms_what_was_assumed(void **state)
{
	row(&plain, false, "oo", "dU d");
}

static void one_further_try_then_down_then_one_success_is_enough(void **state)
{
	row(&plain, false, "oxxxo", "dU r dD! d dU!");
}

static void a_success_between_gives_all_further_tries_back(void **state)
{
	row(&plain, false, "oxoxox", "dU r d r d r");
}

static void without_further_tries_the_first_failure_counts(void **state)
{
	struct engine_rules r = plain;

	r.retry = 0;
	row(&r, false, "oxo", "dU dD! dU!");
}

static void what_could_not_be_tried_changes_nothing(void **state)
{
	row(&plain, false, "aoxaaxa", "d dU r d d dD! d");
}

static void alpha_is_down_until_it_answers(void **state)
{
	struct engine_rules r = plain;

	r.alpha = true;
	row(&r, false, "o", "dU!");
	row(&r, false, "xo", "dD dU!");
	r.rise = 2;
	row(&r, false, "oo", "d dU!");
}

static void down_after_three_failures_up_after_two_successes(void **state)
{
	struct engine_rules r = plain;

	r.retry = 0;
	r.fall = 3;
	r.rise = 2;
	row(&r, false, "oxxoxxx", "dU d d d d d dD!");
	row(&r, false, "oxxxoxoo", "dU d d dD! d d d dU!");
}

static void retries_are_inside_of_a_round(void **state)
{
	struct engine_rules r = plain;

	r.fall = 2;
	row(&r, false, "oxxxx", "dU r d r dD!");
}

static void a_restarted_checker_decides_only_after_full_rounds(void **state)
{
	struct engine_rules r = plain;

	row(&r, true, "xx", "r dD");
	row(&r, true, "o", "dU");
	r.rise = 2;
	r.fall = 2;
	row(&r, true, "oo", "d dU");
	row(&r, true, "xxxo", "r d r d");
	row(&r, true, "xxxxoo", "r d r dD d dU!");
}

static void a_server_that_says_it_is_out_is_out_at_once(void **state)
{
	struct engine_rules r = plain;

	r.fall = 3;
	r.retry = 5;
	row(&r, false, "oro", "dU dD! dU!");
}

static void smtp_tries_again_also_while_down(void **state)
{
	struct engine_rules r = plain;

	r.always_retries = true;
	row(&r, false, "oxxxxo", "dU r dD! r d dU!");
	row(&r, false, "xxo", "r dD! dU!"); /* the very first one, too */
}

static void urls_follow_one_per_delay(void **state)
{
	struct engine_rules r = plain;

	r.steps = 3;
	row(&r, false, "ooooo", "d d dU d d");
}

static void a_failed_url_must_work_before_all_are_tried_again(void **state)
{
	struct engine_rules r = plain;

	r.steps = 2;
	r.slow_while_down = true;
	/* up; first good, second fails twice: down; fails, works; then both again */
	row(&r, false, "oooxxxooo", "d dU d r dD! d d d dU!");
	r.retry_delay_us = 2 * DELAY;
	row(&r, false, "x", "mD!");
}

static void with_one_url_one_success_is_enough(void **state)
{
	struct engine_rules r = plain;

	r.slow_while_down = true;
	row(&r, false, "xo", "dD! dU!");
}

static void fast_recovery_does_not_wait_between_urls(void **state)
{
	struct engine_rules r = plain;

	r.steps = 3;
	r.eager = true;
	row(&r, false, "xoooo", "dD! 0 0 0 dU!");
	row(&r, false, "oooooo", "0 0 dU d d d"); /* not before it is known to be up, too */
}

static void jitter_is_added_and_bounded(void **state)
{
	struct engine_rules r = plain;
	struct engine e;

	r.jitter_us = 1000;
	engine_init(&e, &r, false);
	assert_int_equal(engine_result(&e, &r, ENGINE_OK, 1000).delay_us, DELAY + 1000);
	assert_int_equal(engine_result(&e, &r, ENGINE_OK, 1001).delay_us, DELAY);
}

static void the_first_try_is_a_second_after_the_start_plus_warmup(void **state)
{
	struct engine_rules r = plain;

	assert_int_equal(engine_first_us(&r, 12345), 1000000);
	r.warmup_us = 9;
	assert_int_equal(engine_first_us(&r, 9), 1000009);
	assert_int_equal(engine_first_us(&r, 10), 1000000);
}

static void rules_come_from_the_configuration(void **state)
{
	const struct conf_check c = { .kind = CONF_CHECK_SMTP, .delay_loop_us = 7, .retry = 2 };
	const struct conf_check w = { .kind = CONF_CHECK_SSL, .http = { .n_urls = 4, .fast_recovery = true } };
	struct engine_rules r;

	engine_rules_of(&r, &c);
	assert_true(r.always_retries && !r.slow_while_down && !r.from_start);
	assert_int_equal(r.steps, 1);
	assert_int_equal(r.rise, 1);
	assert_int_equal(r.fall, 1);
	assert_int_equal(r.retry, 2);
	assert_int_equal(r.delay_us, 7);
	engine_rules_of(&r, &w);
	assert_true(!r.always_retries && r.slow_while_down && r.eager);
	assert_int_equal(r.steps, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_failure_needs_no_further_try),
		cmocka_unit_test(the_first_success_confirms_what_was_assumed),
		cmocka_unit_test(one_further_try_then_down_then_one_success_is_enough),
		cmocka_unit_test(a_success_between_gives_all_further_tries_back),
		cmocka_unit_test(without_further_tries_the_first_failure_counts),
		cmocka_unit_test(what_could_not_be_tried_changes_nothing),
		cmocka_unit_test(alpha_is_down_until_it_answers),
		cmocka_unit_test(down_after_three_failures_up_after_two_successes),
		cmocka_unit_test(retries_are_inside_of_a_round),
		cmocka_unit_test(a_restarted_checker_decides_only_after_full_rounds),
		cmocka_unit_test(a_server_that_says_it_is_out_is_out_at_once),
		cmocka_unit_test(smtp_tries_again_also_while_down),
		cmocka_unit_test(urls_follow_one_per_delay),
		cmocka_unit_test(a_failed_url_must_work_before_all_are_tried_again),
		cmocka_unit_test(with_one_url_one_success_is_enough),
		cmocka_unit_test(fast_recovery_does_not_wait_between_urls),
		cmocka_unit_test(jitter_is_added_and_bounded),
		cmocka_unit_test(the_first_try_is_a_second_after_the_start_plus_warmup),
		cmocka_unit_test(rules_come_from_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
