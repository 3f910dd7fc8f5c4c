/* SPDX-License-Identifier: GPL-2.0-or-later */
/* garp_test - the queue of gratuitous ARPs, the packets themselves, and the lines for ip(8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arp.h"
#include "garp.h"
#include "ipcmd.h"
#include "ndisc.h"

static struct garp_item item(const void *owner, uint32_t ifindex, uint8_t last)
{
	struct garp_item i = { .ifindex = ifindex, .owner = owner };

	i.addr.family = AF_INET;
	i.addr.bytes[3] = last;
	return i;
}

static void without_an_interval_all_go_at_once_in_order(void **state)
{
	struct conf c = { 0 };
	struct garp g = { 0 };
	struct garp_item got, i;
	uint64_t at;

	garp_conf(&g, &c);
	for (int n = 0; n < 100; n++) {
		i = item(&c, 1, n);
		garp_add(&g, "eth0", &i);
	}
	for (int n = 0; n < 100; n++) {
		assert_true(garp_next(&g, 1000, &got, &at));
		assert_int_equal(got.addr.bytes[3], n);
	}
	assert_false(garp_next(&g, 1000, &got, &at));
	assert_true(at == UINT64_MAX);
	garp_conf(&g, NULL);
}

static void an_interval_keeps_them_apart_for_each_interface(void **state)
{
	struct conf c = { .global.vrrp_garp_interval_us = 500 };
	struct garp g = { 0 };
	struct garp_item got, i;
	uint64_t at;

	garp_conf(&g, &c);
	for (int n = 0; n < 2; n++) {
		i = item(&c, 1, n);
		garp_add(&g, "eth0", &i);
		i = item(&c, 2, 10 + n);
		garp_add(&g, "eth1", &i);
	}
	assert_true(garp_next(&g, 1000, &got, &at));
	assert_int_equal(got.addr.bytes[3], 0);
	assert_true(garp_next(&g, 1000, &got, &at));
	assert_int_equal(got.addr.bytes[3], 10);
	assert_false(garp_next(&g, 1499, &got, &at));
	assert_true(at == 1500);
	assert_true(garp_next(&g, 1500, &got, &at));
	assert_int_equal(got.addr.bytes[3], 1);
	garp_conf(&g, NULL);
}

static void a_group_shares_its_interval(void **state)
{
	const char *const names[] = { "eth0", "eth1" };
	struct conf_garp_group group = { .garp_interval_us = 100, .ifnames = names, .n_ifnames = 2 };
	struct conf c = { .garp_groups = &group, .n_garp_groups = 1 };
	struct garp_item got, a = item(&c, 1, 1), b = item(&c, 2, 2);
	struct garp g = { 0 };
	uint64_t at;

	garp_conf(&g, &c);
	garp_add(&g, "eth0", &a);
	garp_add(&g, "eth1", &b);
	assert_true(garp_next(&g, 1000, &got, &at));
	assert_false(garp_next(&g, 1000, &got, &at));
	assert_true(at == 1100);
	garp_conf(&g, NULL);
}

static void what_belongs_to_an_instance_can_be_taken_back(void **state)
{
	int x, y;
	struct garp_item got, a = item(&x, 1, 1), b = item(&y, 1, 2);
	struct conf c = { 0 };
	struct garp g = { 0 };
	uint64_t at;

	garp_conf(&g, &c);
	garp_add(&g, "eth0", &a);
	garp_add(&g, "eth0", &b);
	garp_add(&g, "eth0", &a);
	assert_true(garp_waits(&g, &x));
	garp_drop(&g, &x);
	assert_false(garp_waits(&g, &x));
	assert_true(garp_next(&g, 0, &got, &at));
	assert_ptr_equal(got.owner, &y);
	assert_false(garp_next(&g, 0, &got, &at));
	garp_conf(&g, NULL);
}

static void a_gratuitous_arp_is_a_request_for_its_own_address(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	static const uint8_t want[ARP_BYTES] = {
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 192, 0, 2, 7, 255, 255, 255, 255, 255, 255, 192, 0, 2, 7,
	};
	struct in_addr a = { htonl(0xc0000207) };
	uint8_t got[ARP_BYTES];

	arp_build(got, mac, &a);
	assert_memory_equal(got, want, sizeof(want));
}

static void a_neighbour_advertisement_has_override_and_a_good_checksum(void **state)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	struct in6_addr a = { .s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 7 } };
	uint8_t p[NDISC_BYTES];
	uint32_t sum = NDISC_BYTES - 40 + IPPROTO_ICMPV6;

	ndisc_build(p, mac, &a, true);
	assert_int_equal(p[7], 255);
	assert_int_equal(p[40], 136);
	assert_int_equal(p[44], 0xa0);
	assert_memory_equal(p + 8, &a, 16);
	assert_memory_equal(p + 48, &a, 16);
	assert_memory_equal(p + 66, mac, 6);
	for (int i = 8; i < NDISC_BYTES; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
}

static void routes_and_rules_become_lines(void **state)
{
	const char *const route[] = { "10.0.0.0/8", "via", "192.0.2.1", "dev", "eth0", NULL };
	const char *const rule[] = { "from", "192.0.2.7", "table", "5", "protocol", "3", NULL };
	const char *const bad[] = { "10.0.0.0/8\nroute", "del", NULL };
	struct conf_ipline r = { .words = route, .family = AF_INET, .prepend = true };
	struct conf_ipline u = { .words = rule, .family = AF_INET }, b = { .words = bad, .family = AF_INET };
	char text[200];

	assert_int_equal(ipcmd_text(&r, false, true, text, sizeof(text)), 0);
	assert_string_equal(text, "route prepend 10.0.0.0/8 via 192.0.2.1 dev eth0 protocol 18");
	assert_int_equal(ipcmd_text(&r, false, false, text, sizeof(text)), 0);
	assert_string_equal(text, "route del 10.0.0.0/8 via 192.0.2.1 dev eth0 protocol 18");
	assert_int_equal(ipcmd_text(&u, true, true, text, sizeof(text)), 0);
	assert_string_equal(text, "rule add from 192.0.2.7 table 5 protocol 3");
	assert_int_equal(ipcmd_text(&b, false, true, text, sizeof(text)), -22);
	assert_int_equal(ipcmd_text(&r, false, true, text, 20), -7);
	assert_true(ipline_equal(&r, &r));
	assert_false(ipline_equal(&r, &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_interval_all_go_at_once_in_order),
		cmocka_unit_test(an_interval_keeps_them_apart_for_each_interface),
		cmocka_unit_test(a_group_shares_its_interval),
		cmocka_unit_test(what_belongs_to_an_instance_can_be_taken_back),
		cmocka_unit_test(a_gratuitous_arp_is_a_request_for_its_own_address),
		cmocka_unit_test(a_neighbour_advertisement_has_override_and_a_good_checksum),
		cmocka_unit_test(routes_and_rules_become_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
