/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track_test - the pure parts of tracking: rise and fall, a file's number, which processes are meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "file_value.h"
#include "process_match.h"
#include "rise_fall.h"

/* results: + and -; verdicts after each: U, D, or ? while nothing is known; a change said is upper case */
static void results(uint32_t rise, uint32_t fall, bool init_fail, const char *in, const char *want)
{
	struct rise_fall r;
	char got[64] = "";

	rise_fall_begin(&r, init_fail);
	for (size_t i = 0; in[i]; i++) {
		bool said = rise_fall_step(&r, rise, fall, in[i] == '+');

		got[i] = !r.known ? '?' : r.up ? (said ? 'U' : 'u') : (said ? 'D' : 'd');
		got[i + 1] = '\0';
	}
	assert_string_equal(got, want);
}

static void rise_and_fall(void **state)
{
	results(1, 1, false, "+-+", "UDU");
	results(2, 3, false, "+---++", "UuuDdU");
	results(2, 3, false, "-+-++", "DdddU");
	results(3, 2, false, "+-+-+--+++", "UuuuuuDddU");
	results(2, 2, true, "+-+--", "UuuuD");
	results(2, 2, true, "-++", "ddU");
	results(1, 1, true, "", "");
}

static void init_fail_is_known(void **state)
{
	struct rise_fall r;

	rise_fall_begin(&r, true);
	assert_true(r.known && !r.up);
	rise_fall_begin(&r, false);
	assert_false(r.known);
}

static void number(const char *text, size_t n, bool ok, int32_t want)
{
	int32_t got = 77;

	assert_int_equal(file_value(text, n, &got), ok);
	assert_int_equal(got, want);
}

static void file_numbers(void **state)
{
	number("5\n", 2, true, 5);
	number("-254", 4, true, -254);
	number("  +7 rest", 9, true, 7);
	number("", 0, true, 0);
	number(" \n\t", 3, true, 0);
	number("\0\0\0", 3, true, 0);
	number("12", 1, true, 1); /* no byte beyond the length */
	number("abc", 3, false, 0);
	number("1x", 2, false, 0);
	number("-", 1, false, 0);
	number("99999999999999999999999999", 26, true, INT32_MAX);
	number("-99999999999999999999999999", 27, true, INT32_MIN);
	number("2147483647", 10, true, INT32_MAX);
	number("-2147483648", 11, true, INT32_MIN);
}

#define ARGV(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define CMD(s) s, sizeof(s) /* with its last NUL, as /proc has it */

static void by_name(void **state)
{
	struct conf_track_process c = { .argv = ARGV("nginx") };

	assert_false(process_needs_cmdline(&c));
	assert_true(process_matches(&c, "nginx", "", 0));
	assert_false(process_matches(&c, "nginx2", "", 0));
	assert_false(process_matches(&c, "ngin", "", 0));
	assert_true(process_matches(&c, "nginx", CMD("nginx: worker")));
	assert_true(process_matches(&c, "python", CMD("/usr/sbin/nginx\0-g")));
	assert_false(process_matches(&c, "sh", CMD("/bin/sh\0nginx")));
}

/* The kernel keeps 15 characters of a name. */
static void long_names(void **state)
{
	struct conf_track_process c = { .argv = ARGV("a-very-long-process-name") };

	assert_true(process_needs_cmdline(&c));
	assert_true(process_matches(&c, "a-very-long-pro", CMD("/x/a-very-long-process-name")));
	assert_false(process_matches(&c, "a-very-long-pro", CMD("/x/a-very-long-process-other")));
	assert_true(process_matches(&c, "a-very-long-pro", "", 0));
}

static void by_parameters(void **state)
{
	struct conf_track_process c = { .argv = ARGV("app", "-c", "one") };

	assert_true(process_needs_cmdline(&c));
	assert_true(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0one")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0one\0more")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-c")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0oneself")));
	c.params_initial = true;
	assert_true(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0one\0more")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0oneself")));
	c.params_initial = false;
	c.params_partial = true;
	assert_true(process_matches(&c, "app", CMD("/usr/bin/app\0-c\0oneself")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-cc\0oneself")));
}

static void whole_commands(void **state)
{
	struct conf_track_process c = { .argv = ARGV("/usr/bin/app"), .full_command = true };

	assert_true(process_matches(&c, "app", CMD("/usr/bin/app")));
	assert_false(process_matches(&c, "app", CMD("app")));
	assert_false(process_matches(&c, "app", CMD("/usr/bin/app\0-x")));
	c.full_command = false;
	assert_true(process_matches(&c, "app", CMD("/usr/bin/app\0-x")));
}

static void quorums(void **state)
{
	struct conf_track_process c = { .quorum = 2, .quorum_max = 3 };

	assert_false(process_quorum(&c, 1));
	assert_true(process_quorum(&c, 2));
	assert_true(process_quorum(&c, 3));
	assert_false(process_quorum(&c, 4));
	c.quorum_max = UINT32_MAX;
	assert_true(process_quorum(&c, 1000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rise_and_fall),  cmocka_unit_test(init_fail_is_known),
		cmocka_unit_test(file_numbers),	  cmocka_unit_test(by_name),
		cmocka_unit_test(long_names),	  cmocka_unit_test(by_parameters),
		cmocka_unit_test(whole_commands), cmocka_unit_test(quorums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
