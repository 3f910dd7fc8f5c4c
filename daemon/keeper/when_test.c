/* SPDX-License-Identifier: GPL-2.0-or-later */
/* when_test - the times that a reload can be asked for at, and what is none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "when.h"

#define NOW 1700000000 /* 2023-11-14 22:13:20 UTC */

static void is(const char *text, time_t want)
{
	time_t got = 0;

	assert_int_equal(when_parse(text, strlen(text), NOW, &got), 0);
	assert_int_equal(got, want);
}

static void good(void **state)
{
	is("22:13:21Z", NOW + 1);
	is("22:13:20Z\n", NOW + 86400); /* it is so late now: tomorrow */
	is(" 00:00:00Z", NOW + 6400);
	is("2023-11-14 22:13:20Z", NOW);
	is("23-11-14 22:13:20Z", NOW);
	is("2023-11-13 22:13:20Z", NOW - 86400);
	setenv("TZ", "EST5", 1);
	tzset();
	is("17:13:21", NOW + 1);
	is("2023-11-14 17:13:20", NOW);
}

static void bad(void **state)
{
	static const char *const rows[] = { "",
					    "x",
					    "24:00:00",
					    "12:60:00",
					    "12:00",
					    "12:00:00x",
					    "2023-13-01 00:00:00",
					    "2023-00-01 00:00:00",
					    "2023-01-32 00:00:00",
					    "-1:00:00",
					    "2023-11-14",
					    "1900-01-01 00:00:00",
					    "2023-11-14 22:13:20 and much more text than fits" };
	time_t got;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (when_parse(rows[i], strlen(rows[i]), NOW, &got) != -EINVAL)
			fail_msg("`%s' was taken", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(good), cmocka_unit_test(bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
