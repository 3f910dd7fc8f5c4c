/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipcmd_test - lines of a configuration as lines for ip -batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "ipcmd.h"

static char buf[200];

static const char *text(bool rule, bool add, const char *const *words)
{
	const struct conf_ipline l = { .words = words };

	assert_int_equal(ipcmd_text(&l, rule, add, buf, sizeof(buf)), 0);
	return buf;
}
#define ROUTE(...) text(false, true, (const char *const[]){ __VA_ARGS__, NULL })

static void every_line_is_marked(void **state)
{
	assert_string_equal(ROUTE("10.0.0.0/8", "via", "192.0.2.1"),
			    "route add 10.0.0.0/8 via 192.0.2.1 protocol 18");
	assert_string_equal(text(true, false, (const char *const[]){ "from", "10.0.0.1", "table", "5", NULL }),
			    "rule del from 10.0.0.1 table 5 protocol 18");
}

static void the_mark_of_several_next_hops_stands_before_them(void **state)
{
	assert_string_equal(ROUTE("10.0.0.0/8", "nexthop", "via", "192.0.2.1", "nexthop", "via", "192.0.2.2"),
			    "route add 10.0.0.0/8 protocol 18 nexthop via 192.0.2.1 nexthop via 192.0.2.2");
}

static void a_protocol_that_is_named_stays(void **state)
{
	assert_string_equal(ROUTE("10.0.0.0/8", "protocol", "static", "nexthop", "via", "192.0.2.1"),
			    "route add 10.0.0.0/8 protocol static nexthop via 192.0.2.1");
}

static void what_ip_would_take_for_something_else_is_refused(void **state)
{
	static const char *const bad[] = { "a b", "a#b", "a\"b", "a\nb", "" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *const words[] = { "10.0.0.0/8", bad[i], NULL };
		const struct conf_ipline l = { .words = words };

		assert_int_equal(ipcmd_text(&l, false, true, buf, sizeof(buf)), -EINVAL);
	}
}

static void a_line_that_is_too_long_is_refused(void **state)
{
	const char *const words[] = { "10.0.0.0/8", "via", "192.0.2.1", NULL };
	const struct conf_ipline l = { .words = words };

	for (size_t size = 1; size <= strlen("route add 10.0.0.0/8 via 192.0.2.1 protocol 18"); size++)
		assert_int_equal(ipcmd_text(&l, false, true, buf, size), -E2BIG);
	assert_int_equal(
		ipcmd_text(&l, false, true, buf, strlen("route add 10.0.0.0/8 via 192.0.2.1 protocol 18") + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_is_marked),
		cmocka_unit_test(the_mark_of_several_next_hops_stands_before_them),
		cmocka_unit_test(a_protocol_that_is_named_stays),
		cmocka_unit_test(what_ip_would_take_for_something_else_is_refused),
		cmocka_unit_test(a_line_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
