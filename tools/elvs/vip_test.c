/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vip_test - addresses as people write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "vip.h"

static void parses_what_people_write(void **state)
{
	static const struct {
		const char *text, *address;
		unsigned int plen;
		int af;
	} rows[] = {
		{ "10.0.0.1", "10.0.0.1", 32, AF_INET },
		{ "10.0.0.1/24", "10.0.0.1", 24, AF_INET },
		{ "10.0.0.1/255.255.240.0", "10.0.0.1", 20, AF_INET },
		{ "10.0.0.1/255.255.255.255", "10.0.0.1", 32, AF_INET },
		{ "fd00::1", "fd00::1", 128, AF_INET6 },
		{ "FD00:0:0::1/64", "fd00::1", 64, AF_INET6 },
	};
	char text[VIP_STRLEN];
	const char *why;
	struct vip v;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vip_parse(&v, rows[i].text, &why), 0);
		assert_string_equal(vip_format(&v, false, text), rows[i].address);
		assert_int_equal(v.plen, rows[i].plen);
		assert_int_equal(v.af, rows[i].af);
	}
}

static void refuses_with_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "10.0.0", "not an IPv4 address" },
		{ "www.example.com", "not an IPv4 address" },
		{ "", "not an IPv4 address" },
		{ "fd00::1::2", "not an IPv6 address" },
		{ "224.0.0.18", "not a unicast address" },
		{ "0.0.0.0", "not a unicast address" },
		{ "ff02::1", "not a unicast address" },
		{ "::", "not a unicast address" },
		{ "10.0.0.1/0", "prefix length" },
		{ "10.0.0.1/33", "1 to 32" },
		{ "fd00::1/129", "1 to 128" },
		{ "10.0.0.1/", "prefix length" },
		{ "10.0.0.1/8x", "prefix length" },
		{ "10.0.0.1/255.0.255.0", "run of ones" },
		{ "10.0.0.1/0.0.0.0", "run of ones" },
		{ "10.0.0.1/255.255.255.256", "four numbers" },
		{ "1234567890123456789012345678901234567890123456789012345678901234567890", "too long" },
	};
	const char *why;
	struct vip v;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why = "";
		assert_true(vip_parse(&v, rows[i].text, &why) < 0);
		assert_non_null(strstr(why, rows[i].why));
	}
}

static void knows_which_network_covers_which_address(void **state)
{
	static const struct {
		const char *net, *addr;
		bool covers;
	} rows[] = {
		{ "10.1.2.3/24", "10.1.2.250", true },	{ "10.1.2.3/24", "10.1.3.1", false },
		{ "10.1.2.3/23", "10.1.3.1", true },	{ "10.1.2.3/32", "10.1.2.3", true },
		{ "10.1.2.3/9", "10.127.0.1", true },	{ "10.1.2.3/9", "10.128.0.1", false },
		{ "fd00::1/64", "fd00::ffff:1", true }, { "fd00::1/64", "fd00:0:0:1::1", false },
		{ "fd00::3/127", "fd00::2", true },	{ "10.0.0.1/1", "fd00::1", false },
	};
	const char *why;
	struct vip net, addr;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vip_parse(&net, rows[i].net, &why), 0);
		assert_int_equal(vip_parse(&addr, rows[i].addr, &why), 0);
		assert_int_equal(vip_covers(&net, &addr), rows[i].covers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_what_people_write),
		cmocka_unit_test(refuses_with_a_reason),
		cmocka_unit_test(knows_which_network_covers_which_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
