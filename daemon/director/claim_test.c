/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claim_test - what is another machine's claim of an address, and when it counts. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "claim.h"

static const uint8_t theirs[6] = { 2, 0, 0, 0, 0, 9 }, here[6] = { 2, 0, 0, 0, 0, 1 },
		     ours[][6] = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 0, 0, 0x5e, 0, 1, 51 } };

static union elvs_addr ip4(const char *text)
{
	union elvs_addr a = { 0 };

	assert_int_equal(inet_pton(AF_INET, text, &a.v4), 1);
	return a;
}

/* A gratuitous ARP, as a new master sends it */
static void arp(uint8_t p[28], const char *from, const uint8_t mac[6])
{
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	union elvs_addr a = ip4(from);

	memset(p, 0, 28);
	memcpy(p, head, sizeof(head));
	memcpy(p + 8, mac, 6);
	memcpy(p + 14, &a.v4, 4);
	memcpy(p + 24, &a.v4, 4);
}

static void an_arp_packet_claims_its_senders_address(void **state)
{
	union elvs_addr want = ip4("10.1.0.100");
	struct claim c;
	uint8_t p[28];

	arp(p, "10.1.0.100", theirs);
	assert_int_equal(claim_parse_arp(&c, p, sizeof(p)), 0);
	assert_int_equal(c.af, AF_INET);
	assert_memory_equal(&c.addr, &want, sizeof(want));
	assert_memory_equal(c.mac, theirs, 6);
	p[7] = 2; /* an answer */
	assert_int_equal(claim_parse_arp(&c, p, sizeof(p)), 0);
	assert_true(claim_parse_arp(&c, p, 27) < 0);
	p[7] = 3;
	assert_true(claim_parse_arp(&c, p, sizeof(p)) < 0);
	arp(p, "0.0.0.0", theirs); /* asks whether anybody has it: no claim */
	assert_true(claim_parse_arp(&c, p, sizeof(p)) < 0);
	for (int i = 0; i < 6; i++) { /* of another medium or protocol */
		arp(p, "10.1.0.100", theirs);
		p[i] ^= 1;
		assert_true(claim_parse_arp(&c, p, sizeof(p)) < 0);
	}
}

static void a_neighbour_advertisement_claims_its_target(void **state)
{
	uint8_t p[72] = { 0x60, 0, 0, 0, 0, 32, 58, 255 }, bad[72];
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = { { 0, 0x40 }, { 5, 23 }, { 6, 17 }, { 7, 254 }, { 40, 135 }, { 41, 1 } };
	union elvs_addr want;
	struct claim c;

	assert_int_equal(inet_pton(AF_INET6, "2001:db8::64", &want.v6), 1);
	p[40] = 136;
	memcpy(p + 48, &want.v6, 16);
	assert_int_equal(claim_parse_na(&c, p, sizeof(p), theirs), 0);
	assert_int_equal(c.af, AF_INET6);
	assert_memory_equal(&c.addr, &want, 16);
	assert_memory_equal(c.mac, theirs, 6);
	assert_int_equal(claim_parse_na(&c, p, 64, theirs), 0);
	assert_true(claim_parse_na(&c, p, 63, theirs) < 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(bad, p, sizeof(p));
		bad[wrong[i].at] = wrong[i].value;
		assert_true(claim_parse_na(&c, bad, sizeof(bad), theirs) < 0);
	}
}

static void our_own_packets_are_no_claim(void **state)
{
	struct claim c = { .af = AF_INET };

	memcpy(c.mac, theirs, 6);
	assert_true(claim_is_foreign(&c, here, ours, 3));
	memcpy(c.mac, here, 6);
	assert_false(claim_is_foreign(&c, here, ours, 3));
	memcpy(c.mac, ours[1], 6); /* another interface on the same network */
	assert_false(claim_is_foreign(&c, here, ours, 3));
	memcpy(c.mac, ours[2], 6); /* the virtual MAC address, which the new master uses as the old one did */
	assert_true(claim_is_foreign(&c, here, ours, 3));
	assert_false(claim_is_foreign(&c, ours[2], ours, 3));
}

static struct claim claim_of(const char *ip)
{
	return (struct claim){ .af = AF_INET, .addr = ip4(ip) };
}

static void an_address_is_lost_only_while_nobody_looks_after_it(void **state)
{
	union elvs_addr vip = ip4("10.1.0.100");
	struct claim c = claim_of("10.1.0.100"), other = claim_of("10.1.0.101");
	struct holdings l = { 0 };
	int keeper, another;

	assert_true(holdings_stands(&l, AF_INET, &vip, true)); /* no mode: as it stands */
	assert_int_equal(holdings_set(&l, AF_INET, &vip, &keeper), 0);
	assert_true(holdings_stands(&l, AF_INET, &vip, true));
	assert_false(holding_listens(l.first));
	assert_false(holdings_claimed(&l, &c)); /* the keeper sees to it */
	holdings_client_gone(&l, &another);
	assert_false(holding_listens(l.first));
	holdings_client_gone(&l, &keeper);
	assert_true(holding_listens(l.first));
	assert_true(holdings_stands(&l, AF_INET, &vip, true)); /* service goes on */
	assert_false(holdings_claimed(&l, &other));
	assert_true(holdings_claimed(&l, &c));
	assert_false(holdings_stands(&l, AF_INET, &vip, true));
	assert_false(holding_listens(l.first));
	assert_false(holdings_claimed(&l, &c)); /* once */
	assert_int_equal(holdings_set(&l, AF_INET, &vip, &another), 0);
	assert_true(holdings_stands(&l, AF_INET, &vip, true));
	holdings_free(&l);
}

static void what_does_not_stand_here_cannot_be_lost(void **state)
{
	union elvs_addr vip = ip4("10.1.0.100");
	struct claim c = claim_of("10.1.0.100");
	struct holdings l = { 0 };

	assert_int_equal(holdings_set(&l, AF_INET, &vip, NULL), 0); /* found in the maps: who set it is gone */
	assert_false(holdings_stands(&l, AF_INET, &vip, false));
	assert_false(holdings_claimed(&l, &c));
	assert_true(holdings_stands(&l, AF_INET, &vip, true));
	assert_true(holdings_claimed(&l, &c));
	assert_false(holdings_stands(&l, AF_INET, &vip, false));
	assert_true(holdings_stands(&l, AF_INET, &vip, true)); /* put there anew */
	holdings_drop(&l, AF_INET, &vip);
	assert_null(l.first);
	assert_true(holdings_stands(&l, AF_INET, &vip, true));
	holdings_drop(&l, AF_INET, &vip);
	holdings_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arp_packet_claims_its_senders_address),
		cmocka_unit_test(a_neighbour_advertisement_claims_its_target),
		cmocka_unit_test(our_own_packets_are_no_claim),
		cmocka_unit_test(an_address_is_lost_only_while_nobody_looks_after_it),
		cmocka_unit_test(what_does_not_stand_here_cannot_be_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
