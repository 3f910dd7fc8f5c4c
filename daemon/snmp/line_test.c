/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line_test - routes and rules in ip(8)'s words, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <cmocka.h>

#include "view.h"

static char text[300];
static const char *words[60];

static const struct conf_ipline *line(const char *s, uint16_t family)
{
	static struct conf_ipline l;
	unsigned n = 0;

	snprintf(text, sizeof(text), "%s", s);
	for (char *w = strtok(text, " "); w; w = strtok(NULL, " "))
		words[n++] = w;
	words[n] = NULL;
	l = (struct conf_ipline){ .words = words, .family = family };
	return &l;
}

static void assert_addr(const struct conf_addr *a, const char *want)
{
	char got[INET6_ADDRSTRLEN];

	assert_non_null(inet_ntop(a->family, a->bytes, got, sizeof(got)));
	assert_string_equal(got, want);
}

static void a_route_has_its_words(void **state)
{
	struct line l;

	line_route(line("10.51.0.0/16 via 10.1.0.2 dev e0 src 10.1.0.9 scope link table 66 metric 5 proto static "
			"mtu lock 1400 rtt 300 realms 5/6 features ecn pref high",
			AF_INET),
		   &l);
	assert_addr(&l.dst, "10.51.0.0");
	assert_int_equal(l.dst_len, 16);
	assert_addr(&l.via, "10.1.0.2");
	assert_addr(&l.src, "10.1.0.9");
	assert_string_equal(l.dev, "e0");
	assert_int_equal(l.scope, RT_SCOPE_LINK);
	assert_int_equal(l.table, 66);
	assert_int_equal(l.metric, 5);
	assert_string_equal(l.proto, "static");
	assert_true(l.mtu.given && l.mtu.lock);
	assert_int_equal(l.mtu.value, 1400);
	assert_true(l.rtt.given && !l.rtt.lock);
	assert_int_equal(l.realms[0], 5);
	assert_int_equal(l.realms[1], 6);
	assert_true(l.ecn);
	assert_string_equal(l.pref, "high");
	assert_string_equal(l.type, "unicast");
}

static void next_hops_are_told_apart(void **state)
{
	struct line l;

	line_route(
		line("default nexthop via 10.1.0.3 dev e0 weight 2 nexthop via inet6 fe80::1 dev e1 onlink", AF_INET),
		&l);
	assert_true(l.has_dst);
	assert_int_equal(l.dst_len, 0);
	assert_int_equal(l.n_hops, 2);
	assert_addr(&l.hops[0].via, "10.1.0.3");
	assert_int_equal(l.hops[0].weight, 2);
	assert_false(l.hops[0].onlink);
	assert_addr(&l.hops[1].via, "fe80::1");
	assert_string_equal(l.hops[1].dev, "e1");
	assert_true(l.hops[1].onlink);
	assert_int_equal(l.via.family, 0);
}

static void a_rule_has_its_words(void **state)
{
	struct line l;

	line_rule(line("not to fd00::/64 from fd01::/48 iif e0 fwmark 0x5/0xff tos 0x10 table main priority 7 "
		       "uidrange 5-9 ipproto tcp sport 10-20 dport 80 tun_id 77",
		       AF_INET6),
		  &l);
	assert_true(l.invert && l.has_dst && l.has_from && l.has_fwmark && l.has_fwmask);
	assert_addr(&l.dst, "fd00::");
	assert_int_equal(l.dst_len, 64);
	assert_int_equal(l.from_len, 48);
	assert_int_equal(l.fwmark, 5);
	assert_int_equal(l.fwmask, 255);
	assert_int_equal(l.tos, 16);
	assert_int_equal(l.table, RT_TABLE_MAIN);
	assert_int_equal(l.uid[1], 9);
	assert_int_equal(l.ipproto, 6);
	assert_int_equal(l.sport[0], 10);
	assert_int_equal(l.dport[1], 80);
	assert_int_equal(l.tun_id, 77);
	line_rule(line("from 10.0.0.0/8 goto 2000", AF_INET), &l);
	assert_true(l.has_goto);
	assert_int_equal(l.target, 2000);
	line_rule(line("from 10.0.0.0/8 type blackhole", AF_INET), &l);
	assert_string_equal(l.type, "blackhole");
}

/* A word that wants a value and stands last ends the line, no more. */
static void words_without_their_value_do_no_harm(void **state)
{
	static const char *const last[] = {
		"via", "dev", "mtu", "mtu lock", "realms", "table", "nexthop via", "type"
	};
	struct line l;

	for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		char s[100];

		snprintf(s, sizeof(s), "10.0.0.0/8 %s", last[i]);
		line_route(line(s, AF_INET), &l);
		assert_int_equal(l.dst_len, 8);
		line_rule(line(s, AF_INET), &l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_has_its_words),
		cmocka_unit_test(next_hops_are_told_apart),
		cmocka_unit_test(a_rule_has_its_words),
		cmocka_unit_test(words_without_their_value_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
