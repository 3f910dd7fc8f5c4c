/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_refusal_test - each reason for which an advert is refused is a row: a good advert, one thing wrong with
 * it.
 *
 * A row changes the packet, the configuration of the receiver or what came with the packet; checksums that are not
 * the point are made right again. Without its change every row is accepted, which is checked, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bytes.h"
#include "packet.h"
#include "test_conf.h"

#define UTC 1760000000000000ull

enum kind { PLAIN, PASS, AH, V3, V6, UNICAST, SIGNED };

struct world {
	struct conf_vip vips[2];
	struct conf_vrrp conf;
	struct conf_peer peer;
	struct vrrp_codec sender, receiver;
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_received r;
};

static const struct conf_hmac_key keys[] = {
	{ .id = 1, .len = 32, .bytes = "0123456789abcdef0123456789abcdef" },
	{ .id = 2, .len = 32, .bytes = "fedcba98765432100123456789abcdef" },
};

static void send_at(struct world *w, uint64_t utc_us)
{
	bool v6 = w->conf.family == AF_INET6;
	struct vrrp_send s = { .src = addr(v6 ? "fe80::10" : "192.0.2.10"),
			       .dst = w->conf.mcast_dst,
			       .priority = 100,
			       .utc_us = utc_us };
	int n;

	if (w->conf.unicast)
		s.dst = addr(v6 ? "fe80::20" : "192.0.2.20");
	n = vrrp_packet_build(&w->sender, &w->conf, &s, w->buf, sizeof(w->buf));
	assert_true(n > 0);
	w->r = (struct vrrp_received){ .data = w->buf,
				       .len = (size_t)n,
				       .family = w->conf.family,
				       .src = s.src,
				       .dst = s.dst,
				       .hop_limit = 255,
				       .utc_us = utc_us };
}

static void prepare(struct world *w, enum kind kind)
{
	memset(w, 0, sizeof(*w));
	w->conf = kind == V3 || kind == UNICAST ? conf_v3(w->vips) : kind == V6 ? conf_v6(w->vips) : conf_v2(w->vips);
	w->conf.auth = kind == PASS ? CONF_AUTH_PASS : kind == AH ? CONF_AUTH_AH : CONF_AUTH_NONE;
	memcpy(w->conf.auth_pass, "secret\0", 8);
	if (kind == UNICAST) {
		w->peer = (struct conf_peer){ addr("192.0.2.10"), -1, -1 };
		w->conf.unicast = true;
		w->conf.peers = &w->peer;
		w->conf.n_peers = 1;
	}
	if (kind == SIGNED) {
		w->conf.hmac_keys = keys;
		w->conf.n_hmac_keys = 2;
		w->conf.hmac_active = 1;
		w->conf.hmac_window_us = 5 * SEC;
	}
	send_at(w, UTC);
}

static enum vrrp_refusal parse(struct world *w)
{
	struct vrrp_advert a = { .priority = 77 };
	enum vrrp_refusal why = vrrp_packet_parse(&w->receiver, &w->conf, &w->r, &a);

	if (why != VRRP_ACCEPTED)
		assert_int_equal(a.priority, 77); /* nothing of a refused packet gets out */
	return why;
}

/* Makes the sums right after a change in the VRRP message; len: of the message */
static void mend(struct world *w, size_t len)
{
	uint8_t *pdu = w->buf + (w->conf.family == AF_INET ? 20 : 0);
	uint64_t sum = 0;

	put16(pdu + 6, 0);
	if (w->conf.version == 3) {
		size_t n = addr_bytes(w->conf.family);

		sum = sum_add(sum, w->r.src.bytes, n);
		sum = sum_add(sum, w->r.dst.bytes, n) + len + 112;
	}
	put16(pdu + 6, sum_fold(sum_add(sum, pdu, len)));
}

#define MESSAGE_V2 24 /* two addresses */
#define MESSAGE_V3 16

/* clang-format off */
static void cut_ip(struct world *w) { w->r.len = 19; }
static void cut_message(struct world *w) { w->r.len = 27; }
static void lie_total(struct world *w) { put16(w->buf + 2, 200); }
static void cut_vrrp(struct world *w) { put16(w->buf + 2, 27); }
static void not_ipv4(struct world *w) { w->buf[0] = 0x65; }
static void short_ihl(struct world *w) { w->buf[0] = 0x44; }
static void long_ihl(struct world *w) { w->buf[0] = 0x4f; }
static void not_vrrp(struct world *w) { w->buf[9] = 17; }
static void other_family(struct world *w) { w->r.family = AF_INET6; }
static void want_ah(struct world *w) { w->conf.auth = CONF_AUTH_AH; }
static void no_ah(struct world *w) { w->conf.auth = CONF_AUTH_NONE; }
static void cut_ah(struct world *w) { put16(w->buf + 2, 43); }
static void ah_next(struct world *w) { w->buf[20] = 6; }
static void ah_length(struct world *w) { w->buf[21] = 5; }
static void ah_spi(struct world *w) { w->buf[24] ^= 1; }
static void ah_icv(struct world *w) { w->buf[43] ^= 1; }
static void ah_message(struct world *w) { w->buf[46] ^= 1; }
static void ah_key(struct world *w) { w->conf.auth_pass[0] ^= 1; }
static void ah_replay(struct world *w) { assert_int_equal(parse(w), VRRP_ACCEPTED); }
static void one_more_address(struct world *w) { w->buf[23]++; }
static void cut_address(struct world *w) { put16(w->buf + 2, 20 + MESSAGE_V2 - 4); }
static void low_ttl(struct world *w) { w->buf[8] = 254; }
static void low_hops(struct world *w) { w->r.hop_limit = 254; }
static void no_hops(struct world *w) { w->r.hop_limit = -1; }
static void peer_min(struct world *w) { w->peer.min_ttl = 255; w->buf[8] = 254; }
static void peer_max(struct world *w) { w->peer.max_ttl = 254; }
static void want_v3(struct world *w) { w->conf.version = 3; }
static void version_2(struct world *w)
{
	w->buf[20] = 0x21;
	w->r.len += 8;
	put16(w->buf + 2, (uint16_t)w->r.len);
}
static void other_vrid(struct world *w) { w->buf[21]++; mend(w, MESSAGE_V2); }
static void want_hmac(struct world *w)
{
	w->conf.hmac_keys = keys;
	w->conf.n_hmac_keys = 2;
}
static void no_hmac(struct world *w) { w->conf.n_hmac_keys = 0; }
static void hmac_type(struct world *w) { w->buf[20 + MESSAGE_V2] = 2; }
static void hmac_reserved(struct world *w) { w->buf[20 + MESSAGE_V2 + 3] = 1; }
static void hmac_key(struct world *w) { w->buf[20 + MESSAGE_V2 + 1] = 9; }
static void hmac_other_key(struct world *w) { w->buf[20 + MESSAGE_V2 + 1] = 2; }
static void hmac_tag(struct world *w) { w->buf[20 + MESSAGE_V2 + 27] ^= 0x80; }
static void hmac_message(struct world *w) { w->buf[22]++; mend(w, MESSAGE_V2); }
static void hmac_source(struct world *w) { w->buf[15]++; }
static void hmac_old(struct world *w) { w->r.utc_us += 6 * SEC; }
static void hmac_early(struct world *w) { w->r.utc_us -= 6 * SEC; }
static void hmac_replay(struct world *w) { assert_int_equal(parse(w), VRRP_ACCEPTED); }
static void hmac_permissive_wrong(struct world *w) { w->conf.hmac_mode = CONF_HMAC_PERMISSIVE; hmac_tag(w); }
static void auth_type(struct world *w) { w->conf.auth = CONF_AUTH_PASS; }
static void auth_none(struct world *w) { w->conf.auth = CONF_AUTH_NONE; }
static void password(struct world *w) { w->conf.auth_pass[7] = 'x'; }
static void interval(struct world *w) { w->conf.advert_us = 2 * SEC; }
static void type(struct world *w) { w->buf[20] = 0x22; mend(w, MESSAGE_V2); }
static void type_v3(struct world *w) { w->buf[20] = 0x30; mend(w, MESSAGE_V3); }
static void sum(struct world *w) { w->buf[26] ^= 1; }
static void sum_v6(struct world *w) { w->buf[6] ^= 1; }
static void v6_other_destination(struct world *w) { w->r.dst.bytes[15]++; }
static void want_unicast(struct world *w) { w->conf.unicast = true; }
static void want_multicast(struct world *w) { w->conf.unicast = false; }
static void owner(struct world *w) { w->conf.priority = 255; w->conf.owner_ignore_adverts = true; }
static void stranger(struct world *w) { w->conf.check_unicast_src = true; w->peer.addr = addr("192.0.2.99"); }
static void stranger_ttl(struct world *w) { w->peer.min_ttl = 200; w->peer.addr = addr("192.0.2.99"); }
/* clang-format on */

static const struct {
	enum kind kind;
	void (*change)(struct world *w);
	enum vrrp_refusal why;
} rows[] = {
	{ PLAIN, cut_ip, VRRP_REFUSED_SHORT },
	{ PLAIN, cut_message, VRRP_REFUSED_SHORT },
	{ PLAIN, lie_total, VRRP_REFUSED_SHORT },
	{ PLAIN, cut_vrrp, VRRP_REFUSED_SHORT },
	{ PLAIN, long_ihl, VRRP_REFUSED_SHORT },
	{ AH, cut_ah, VRRP_REFUSED_SHORT },
	{ PLAIN, not_ipv4, VRRP_REFUSED_IP },
	{ PLAIN, short_ihl, VRRP_REFUSED_IP },
	{ PLAIN, not_vrrp, VRRP_REFUSED_IP },
	{ PLAIN, other_family, VRRP_REFUSED_IP },
	{ PLAIN, want_ah, VRRP_REFUSED_AH_MISSING },
	{ AH, no_ah, VRRP_REFUSED_AH_UNWANTED },
	{ PLAIN, one_more_address, VRRP_REFUSED_LENGTH },
	{ PLAIN, cut_address, VRRP_REFUSED_LENGTH },
	{ PLAIN, low_ttl, VRRP_REFUSED_TTL },
	{ V6, low_hops, VRRP_REFUSED_TTL },
	{ V6, no_hops, VRRP_REFUSED_TTL },
	{ UNICAST, peer_min, VRRP_REFUSED_PEER_TTL },
	{ UNICAST, peer_max, VRRP_REFUSED_PEER_TTL },
	{ PLAIN, want_v3, VRRP_REFUSED_VERSION },
	{ V3, version_2, VRRP_REFUSED_VERSION },
	{ PLAIN, other_vrid, VRRP_REFUSED_VRID },
	{ PLAIN, want_hmac, VRRP_REFUSED_HMAC_MISSING },
	{ SIGNED, no_hmac, VRRP_REFUSED_HMAC_UNWANTED },
	{ SIGNED, hmac_type, VRRP_REFUSED_HMAC_FORMAT },
	{ SIGNED, hmac_reserved, VRRP_REFUSED_HMAC_FORMAT },
	{ SIGNED, hmac_key, VRRP_REFUSED_HMAC_KEY },
	{ SIGNED, hmac_other_key, VRRP_REFUSED_HMAC },
	{ SIGNED, hmac_tag, VRRP_REFUSED_HMAC },
	{ SIGNED, hmac_message, VRRP_REFUSED_HMAC },
	{ SIGNED, hmac_source, VRRP_REFUSED_HMAC },
	{ SIGNED, hmac_permissive_wrong, VRRP_REFUSED_HMAC },
	{ SIGNED, hmac_old, VRRP_REFUSED_HMAC_TIME },
	{ SIGNED, hmac_early, VRRP_REFUSED_HMAC_TIME },
	{ SIGNED, hmac_replay, VRRP_REFUSED_HMAC_REPLAY },
	{ PLAIN, auth_type, VRRP_REFUSED_AUTH_TYPE },
	{ PASS, auth_none, VRRP_REFUSED_AUTH_TYPE },
	{ PASS, password, VRRP_REFUSED_AUTH_PASS },
	{ AH, ah_next, VRRP_REFUSED_AH_FORMAT },
	{ AH, ah_length, VRRP_REFUSED_AH_FORMAT },
	{ AH, ah_spi, VRRP_REFUSED_AH_FORMAT },
	{ AH, ah_icv, VRRP_REFUSED_AH_ICV },
	{ AH, ah_message, VRRP_REFUSED_AH_ICV },
	{ AH, ah_key, VRRP_REFUSED_AH_ICV },
	{ AH, ah_replay, VRRP_REFUSED_AH_REPLAY },
	{ PLAIN, interval, VRRP_REFUSED_INTERVAL },
	{ PLAIN, type, VRRP_REFUSED_TYPE },
	{ V3, type_v3, VRRP_REFUSED_TYPE },
	{ PLAIN, sum, VRRP_REFUSED_CHECKSUM },
	{ V3, sum, VRRP_REFUSED_CHECKSUM },
	{ V6, sum_v6, VRRP_REFUSED_CHECKSUM },
	{ V6, v6_other_destination, VRRP_REFUSED_CHECKSUM },
	{ V3, want_unicast, VRRP_REFUSED_CAST },
	{ UNICAST, want_multicast, VRRP_REFUSED_CAST },
	{ PLAIN, owner, VRRP_REFUSED_OWNER },
	{ UNICAST, stranger, VRRP_REFUSED_SOURCE },
	{ UNICAST, stranger_ttl, VRRP_REFUSED_SOURCE },
};

static void every_row_is_refused_for_its_reason(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		enum vrrp_refusal why;
		uint64_t before;

		prepare(&w, rows[i].kind);
		rows[i].change(&w);
		before = w.receiver.count[VRRP_ACCEPTED];
		why = parse(&w);
		if (why != rows[i].why)
			fail_msg("row %zu: %s, want %s", i, vrrp_refusal_name(why), vrrp_refusal_name(rows[i].why));
		assert_int_equal(w.receiver.count[why], 1);
		assert_int_equal(w.receiver.count[VRRP_ACCEPTED], before);
	}
}

static void every_kind_is_accepted_as_it_comes(void **state)
{
	for (enum kind k = PLAIN; k <= SIGNED; k++) {
		struct world w;

		prepare(&w, k);
		assert_int_equal(parse(&w), VRRP_ACCEPTED);
	}
}

static void every_reason_has_a_row(void **state)
{
	bool has[VRRP_REFUSALS] = { [VRRP_ACCEPTED] = true };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		has[rows[i].why] = true;
	for (int r = 0; r < VRRP_REFUSALS; r++)
		if (!has[r])
			fail_msg("no row for %s", vrrp_refusal_name(r));
}

/* No length of a good packet, and no length beyond, is read past its end (ASan) or accepted. */
static void every_shorter_packet_is_refused(void **state)
{
	for (enum kind k = PLAIN; k <= SIGNED; k++) {
		struct world w;
		size_t len;

		prepare(&w, k);
		len = w.r.len;
		for (size_t n = 0; n < len; n++) {
			uint8_t *exact = malloc(n ? n : 1); /* ASan minds its end */

			memcpy(exact, w.buf, n);
			w.r.data = exact;
			w.r.len = n;
			assert_int_not_equal(parse(&w), VRRP_ACCEPTED);
			vrrp_packet_vrid(&w.r);
			free(exact);
		}
	}
}

static void unsigned_adverts_pass_while_keys_are_rolled_out(void **state)
{
	struct world w;
	struct vrrp_advert a;

	prepare(&w, PLAIN);
	want_hmac(&w);
	w.conf.hmac_mode = CONF_HMAC_PERMISSIVE;
	assert_int_equal(vrrp_packet_parse(&w.receiver, &w.conf, &w.r, &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, VRRP_REMARK_UNSIGNED);
	assert_int_equal(w.receiver.count[VRRP_REFUSED_HMAC_MISSING], 1);
}

static void receive_only_does_not_sign(void **state)
{
	struct world w;

	prepare(&w, SIGNED);
	w.conf.hmac_mode = CONF_HMAC_RECEIVE_ONLY;
	send_at(&w, UTC);
	assert_int_equal(w.r.len, 20 + MESSAGE_V2);
}

static void a_signing_clock_that_stands_still_is_no_replay(void **state)
{
	struct world w;

	prepare(&w, SIGNED);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(parse(&w), VRRP_ACCEPTED);
		send_at(&w, UTC);
	}
}

static void a_signing_clock_that_was_far_ahead_is_followed_back(void **state)
{
	struct world w;

	prepare(&w, SIGNED);
	send_at(&w, UTC + 1000 * SEC);
	assert_int_equal(parse(&w), VRRP_ACCEPTED);
	send_at(&w, UTC);
	assert_int_equal(parse(&w), VRRP_ACCEPTED); /* what is remembered is outside of the window */
}

static void monotonic_does_not_look_at_the_clock_but_never_goes_back(void **state)
{
	struct world w;

	prepare(&w, SIGNED);
	w.conf.hmac_monotonic = true;
	send_at(&w, UTC + 1000 * SEC);
	w.r.utc_us = 0;
	assert_int_equal(parse(&w), VRRP_ACCEPTED);
	memset(&w.sender, 0, sizeof(w.sender));
	send_at(&w, UTC);
	assert_int_equal(parse(&w), VRRP_REFUSED_HMAC_REPLAY);
}

static void more_senders_than_places_lose_no_protection_for_the_latest(void **state)
{
	struct world w;
	uint8_t kept[VRRP_PACKET_MAX];
	size_t len;

	prepare(&w, SIGNED);
	for (unsigned i = 0; i < VRRP_HMAC_SENDERS + 3; i++) {
		struct vrrp_send s = { .src = addr("192.0.2.10"), .dst = w.conf.mcast_dst, .utc_us = UTC };

		s.src.bytes[3] = (uint8_t)(100 + i);
		w.r.len = (size_t)vrrp_packet_build(&w.sender, &w.conf, &s, w.buf, sizeof(w.buf));
		assert_int_equal(parse(&w), VRRP_ACCEPTED);
	}
	len = w.r.len;
	memcpy(kept, w.buf, len);
	assert_int_equal(parse(&w), VRRP_REFUSED_HMAC_REPLAY);
}

static void an_ah_sender_that_was_silent_may_begin_again(void **state)
{
	struct world w;

	prepare(&w, AH);
	assert_int_equal(parse(&w), VRRP_ACCEPTED);
	w.r.utc_us += 4 * SEC;
	assert_int_equal(parse(&w), VRRP_REFUSED_AH_REPLAY);
	w.r.utc_us += 1;
	assert_int_equal(parse(&w), VRRP_ACCEPTED);
}

static void names_are_there_for_every_reason(void **state)
{
	assert_string_equal(vrrp_refusal_name(VRRP_REFUSED_TTL), "REFUSED_TTL");
	assert_string_equal(vrrp_refusal_text((enum vrrp_refusal)1000), "unknown");
	for (int r = 0; r < VRRP_REFUSALS; r++)
		assert_true(strlen(vrrp_refusal_text(r)) > 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_accepted_as_it_comes),
		cmocka_unit_test(every_row_is_refused_for_its_reason),
		cmocka_unit_test(every_reason_has_a_row),
		cmocka_unit_test(every_shorter_packet_is_refused),
		cmocka_unit_test(unsigned_adverts_pass_while_keys_are_rolled_out),
		cmocka_unit_test(receive_only_does_not_sign),
		cmocka_unit_test(a_signing_clock_that_stands_still_is_no_replay),
		cmocka_unit_test(a_signing_clock_that_was_far_ahead_is_followed_back),
		cmocka_unit_test(monotonic_does_not_look_at_the_clock_but_never_goes_back),
		cmocka_unit_test(more_senders_than_places_lose_no_protection_for_the_latest),
		cmocka_unit_test(an_ah_sender_that_was_silent_may_begin_again),
		cmocka_unit_test(names_are_there_for_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
