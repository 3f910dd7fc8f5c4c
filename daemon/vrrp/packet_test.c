/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_test - adverts byte for byte: those that keepalived 2.2.7 sent (recorded on a veth) are accepted, and ours
 * are the same; every combination that can be configured is accepted by its own configuration.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "packet.h"
#include "test_conf.h"

#define UTC 1760000000000000ull

static uint8_t recorded_pass[] = {
	0x45, 0xc0, 0x00, 0x2c, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0x18, 0x84, 0xc0, 0x00, 0x02,
	0x0a, 0xe0, 0x00, 0x00, 0x12, 0x21, 0x33, 0x64, 0x02, 0x01, 0x01, 0xb8, 0xb2, 0xc0, 0x00,
	0x02, 0x64, 0xc0, 0x00, 0x02, 0x65, 0x73, 0x65, 0x63, 0x72, 0x65, 0x74, 0x00, 0x00,
};
static uint8_t recorded_ah[] = {
	0x45, 0xc0, 0x00, 0x44, 0x00, 0x01, 0x00, 0x00, 0xff, 0x33, 0x18, 0xa9, 0xc0, 0x00, 0x02, 0x0a, 0xe0,
	0x00, 0x00, 0x12, 0x70, 0x04, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x0a, 0x00, 0x00, 0x00, 0x01, 0x73, 0x64,
	0x20, 0x12, 0x4a, 0x4d, 0xc9, 0xdb, 0xd1, 0x1a, 0xe6, 0xa8, 0x21, 0x33, 0x64, 0x02, 0x02, 0x01, 0xf3,
	0xfe, 0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};
static uint8_t recorded_v3[] = {
	0x45, 0xc0, 0x00, 0x24, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0x18, 0x8c, 0xc0, 0x00, 0x02, 0x0a, 0xe0, 0x00,
	0x00, 0x12, 0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0x42, 0xfe, 0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65,
};
static uint8_t recorded_v6[] = {
	0x31, 0x33, 0x64, 0x02, 0x00, 0x64, 0xa1, 0x5c, 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x20, 0x01, 0x0d, 0xb8,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
};
#define V6_SOURCE "fe80::5882:bfff:fec5:8559"

static struct conf_vip vips[256];
static struct vrrp_codec codec;

static int setup(void **state)
{
	vrrp_codec_init(&codec);
	return 0;
}

static struct conf_vrrp conf_auth(enum conf_auth auth)
{
	struct conf_vrrp c = conf_v2(vips);

	c.auth = auth;
	memcpy(c.auth_pass, "secret\0", 8);
	return c;
}

static void assert_same(const uint8_t *is, size_t is_len, const uint8_t *want, size_t len)
{
	assert_int_equal(is_len, len);
	assert_memory_equal(is, want, len);
}

static struct vrrp_received received(const struct conf_vrrp *c, const uint8_t *data, size_t len)
{
	return (struct vrrp_received){ .data = data,
				       .len = len,
				       .family = c->family,
				       .src = addr(V6_SOURCE),
				       .dst = addr("ff02::12"),
				       .hop_limit = 255,
				       .utc_us = UTC };
}

static enum vrrp_refusal parse(const struct conf_vrrp *c, const uint8_t *data, size_t len, struct vrrp_advert *ret)
{
	struct vrrp_received r = received(c, data, len);

	return vrrp_packet_parse(&codec, c, &r, ret);
}

static int build(const struct conf_vrrp *c, uint8_t priority, uint8_t *buf, size_t size)
{
	bool v6 = c->family == AF_INET6;
	struct vrrp_send s = { .src = addr(v6 ? V6_SOURCE : "192.0.2.10"), .priority = priority, .utc_us = UTC };

	s.dst = c->unicast ? addr(v6 ? "fe80::20" : "192.0.2.20") : c->mcast_dst;
	return vrrp_packet_build(&codec, c, &s, buf, size);
}

static void accepts(const struct conf_vrrp *c, const uint8_t *data, size_t len)
{
	struct vrrp_advert a = { 0 };

	assert_string_equal(vrrp_refusal_name(parse(c, data, len, &a)), "ACCEPTED");
	assert_int_equal(a.priority, 100);
	assert_int_equal(a.n_addrs, 2);
	assert_int_equal(a.interval_us, SEC);
	assert_int_equal(a.ttl, 255);
	assert_int_equal(a.remarks, 0);
	assert_string_equal(inet_ntoa(a.src.family == AF_INET ? a.src.v4 : (struct in_addr){ 0 }),
			    c->family == AF_INET ? "192.0.2.10" : "0.0.0.0");
	assert_int_equal(codec.count[VRRP_ACCEPTED], 1);
}

static void what_keepalived_sends_is_accepted(void **state)
{
	struct conf_vrrp pass = conf_auth(CONF_AUTH_PASS), ah = conf_auth(CONF_AUTH_AH), v3 = conf_v3(vips), v6;

	accepts(&pass, recorded_pass, sizeof(recorded_pass));
	vrrp_codec_init(&codec);
	accepts(&ah, recorded_ah, sizeof(recorded_ah));
	vrrp_codec_init(&codec);
	accepts(&v3, recorded_v3, sizeof(recorded_v3));
	vrrp_codec_init(&codec);
	v6 = conf_v6(vips);
	accepts(&v6, recorded_v6, sizeof(recorded_v6));
}

/*
 * keepalived counts its IP identifications up from 1, we leave them to the kernel: 1 is put in, and the sum
 * changed.
 */
static void as_keepalived_numbers_it(uint8_t *ip, const uint8_t *recorded)
{
	assert_int_equal(ip[4] << 8 | ip[5], 0);
	memcpy(ip + 4, recorded + 4, 2);
	assert_int_equal((ip[10] << 8 | ip[11]) - (recorded[10] << 8 | recorded[11]), 1);
	memcpy(ip + 10, recorded + 10, 2);
}

static void what_we_send_is_the_same(void **state)
{
	struct conf_vrrp c = conf_auth(CONF_AUTH_PASS);
	uint8_t buf[VRRP_PACKET_MAX];
	int n = build(&c, 100, buf, sizeof(buf));

	as_keepalived_numbers_it(buf, recorded_pass);
	assert_same(buf, (size_t)n, recorded_pass, sizeof(recorded_pass));
	c = conf_v3(vips);
	n = build(&c, 100, buf, sizeof(buf));
	as_keepalived_numbers_it(buf, recorded_v3);
	assert_same(buf, (size_t)n, recorded_v3, sizeof(recorded_v3));
	c = conf_v6(vips);
	n = build(&c, 100, buf, sizeof(buf));
	assert_same(buf, (size_t)n, recorded_v6, sizeof(recorded_v6));
}

/* A clock that stands at second 1 gives keepalived's first sequence number, and with it every byte of its packet. */
static void our_authentication_header_is_the_same(void **state)
{
	struct conf_vrrp c = conf_auth(CONF_AUTH_AH);
	struct vrrp_send s = { .src = addr("192.0.2.10"), .dst = c.mcast_dst, .priority = 100, .utc_us = SEC };
	uint8_t buf[VRRP_PACKET_MAX];
	int n = vrrp_packet_build(&codec, &c, &s, buf, sizeof(buf));

	assert_same(buf, (size_t)n, recorded_ah, sizeof(recorded_ah));
}

static void sequence_numbers_grow_also_when_the_clock_does_not(void **state)
{
	struct conf_vrrp c = conf_auth(CONF_AUTH_AH);
	uint8_t buf[VRRP_PACKET_MAX];

	build(&c, 100, buf, sizeof(buf));
	assert_int_equal(codec.ah.sent, UTC / SEC);
	build(&c, 100, buf, sizeof(buf));
	assert_int_equal(codec.ah.sent, UTC / SEC + 1);
	codec.ah.sent = UINT32_MAX;
	assert_int_equal(build(&c, 100, buf, sizeof(buf)), -EOVERFLOW);
}

static void a_unicast_ttl_is_sent(void **state)
{
	struct conf_vrrp c = conf_v3(vips);
	uint8_t buf[VRRP_PACKET_MAX];

	c.ttl = 64;
	build(&c, 100, buf, sizeof(buf));
	assert_int_equal(buf[8], 255); /* not to a multicast group */
	c.unicast = true;
	build(&c, 100, buf, sizeof(buf));
	assert_int_equal(buf[8], 64);
}

static void what_does_not_exist_is_not_built(void **state)
{
	struct conf_vrrp c = conf_v3(vips);
	uint8_t buf[VRRP_PACKET_MAX];

	assert_int_equal(build(&c, 100, buf, 35), -EMSGSIZE);
	assert_int_equal(build(&c, 100, buf, 36), 36);
	c.auth = CONF_AUTH_AH;
	assert_int_equal(build(&c, 100, buf, sizeof(buf)), -EINVAL);
	c = conf_v6(vips);
	c.version = 2;
	assert_int_equal(build(&c, 100, buf, sizeof(buf)), -EINVAL);
	c = conf_v3(vips);
	c.n_vips = 256;
	assert_int_equal(build(&c, 100, buf, sizeof(buf)), -EINVAL);
}

static const struct conf_hmac_key keys[] = {
	{ .id = 1, .len = 32, .bytes = "0123456789abcdef0123456789abcdef" },
	{ .id = 7, .len = 64, .bytes = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeX" },
};

static void add_hmac(struct conf_vrrp *c)
{
	c->hmac_keys = keys;
	c->n_hmac_keys = 2;
	c->hmac_active = 7;
	c->hmac_window_us = 5 * SEC;
}

/* Computed with Python's hmac module from the description of the trailer */
static void the_hmac_trailer_byte_for_byte(void **state)
{
	static const uint8_t want[VRRP_HMAC_BYTES] = {
		1,    1,    0,	  0,	0x68, 0xe7, 0x78, 0x00, 0x80, 0x00, 0,	  0,	0x04, 0xba,
		0xc7, 0xea, 0x48, 0x36, 0x65, 0x09, 0xaa, 0xd2, 0xb1, 0x03, 0xc7, 0x89, 0x47, 0x21,
	};
	struct conf_vrrp c = conf_v3(vips);
	struct vrrp_send s = {
		.src = addr("192.0.2.10"), .dst = c.mcast_dst, .priority = 100, .utc_us = UTC + SEC / 2
	};
	uint8_t buf[VRRP_PACKET_MAX];

	add_hmac(&c);
	c.hmac_active = 1;
	assert_int_equal(vrrp_packet_build(&codec, &c, &s, buf, sizeof(buf)), 36 + VRRP_HMAC_BYTES);
	assert_memory_equal(buf + 36, want, sizeof(want));
}

/*
 * The specification's own examples: key 00 01 .. 1f, id 51, priority 200, 0x68000000.8000 s; the checksum of IPv4 is over
 * the message alone, that of IPv6 over the trailer, too.
 */
static void the_specification_s_hmac_vectors(void **state)
{
	static const uint8_t want4[40] = {
		0x31, 0x33, 0xc8, 0x01, 0x00, 0x64, 0x44, 0x02, 0xc0, 0x00, 0x02, 0x64, 0x01, 0x01,
		0x00, 0x00, 0x68, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0x1b, 0x84, 0xbc, 0x4e,
		0x8e, 0x43, 0x89, 0x2d, 0xc6, 0xd9, 0x84, 0x48, 0xf8, 0xee, 0x22, 0x65,
	};
	static const uint8_t want6[52] = {
		0x31, 0x33, 0xc8, 0x01, 0x00, 0x64, 0xa2, 0xe9, 0xfe, 0x80, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x01,
		0x00, 0x00, 0x68, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0xc8, 0xc5, 0x61,
		0x46, 0xeb, 0xfd, 0x66, 0xee, 0x10, 0xec, 0x4d, 0x81, 0x86, 0x46, 0x1b, 0x78,
	};
	struct conf_hmac_key key = { .id = 1, .len = 32 };
	struct conf_vrrp c4 = conf_v3(vips), c6;
	struct vrrp_send s = { .src = addr("198.51.100.10"),
			       .dst = addr("198.51.100.20"),
			       .priority = 200,
			       .utc_us = 0x68000000ull * SEC + SEC / 2 };
	uint8_t buf[VRRP_PACKET_MAX];

	for (unsigned i = 0; i < 32; i++)
		key.bytes[i] = (uint8_t)i;
	add_hmac(&c4);
	c4.hmac_keys = &key;
	c4.n_hmac_keys = c4.hmac_active = 1;
	c4.v3_checksum_as_v2 = true;
	c4.n_vips = 1;
	c6 = c4;
	vips[0].addr = addr("192.0.2.100");
	vrrp_codec_init(&codec);
	assert_int_equal(vrrp_packet_build(&codec, &c4, &s, buf, sizeof(buf)), 20 + sizeof(want4));
	assert_memory_equal(buf + 20, want4, sizeof(want4));
	c6.family = AF_INET6;
	vips[0].addr = addr("fe80::100");
	s.src = addr("fe80::10");
	s.dst = addr("fe80::20");
	vrrp_codec_init(&codec);
	assert_int_equal(vrrp_packet_build(&codec, &c6, &s, buf, sizeof(buf)), sizeof(want6));
	assert_memory_equal(buf, want6, sizeof(want6));
}

/* Every configuration reads what it writes. */
static void every_combination_reads_its_own(void **state)
{
	uint8_t buf[VRRP_PACKET_MAX];
	unsigned n_combinations = 0;

	for (unsigned i = 0; i < 3 * 3 * 2 * 2 * 2 * 3; i++) {
		unsigned kind = i % 3, auth = i / 3 % 3, unicast = i / 9 % 2, hmac = i / 18 % 2, as_v2 = i / 36 % 2;
		static const unsigned counts[] = { 0, 1, 255 };
		struct conf_vrrp c = kind == 0 ? conf_v2(vips) : kind == 1 ? conf_v3(vips) : conf_v6(vips);
		struct conf_peer peer = { addr(kind == 2 ? V6_SOURCE : "192.0.2.10"), 250, 255 };
		struct vrrp_advert a;
		struct vrrp_received r;
		int n;

		if (auth && (kind || hmac))
			continue;
		c.auth = auth;
		c.unicast = unicast;
		c.peers = &peer;
		c.n_peers = unicast;
		c.v3_checksum_as_v2 = as_v2;
		c.n_vips = counts[i / 72];
		for (unsigned v = 0; v < c.n_vips; v++) {
			vips[v].addr = addr(kind == 2 ? "2001:db8::100" : "192.0.2.100");
			vips[v].addr.bytes[kind == 2 ? 14 : 3] = (uint8_t)v;
		}
		if (hmac)
			add_hmac(&c);
		vrrp_codec_init(&codec);
		n = build(&c, 200, buf, sizeof(buf));
		assert_true(n > 0);
		r = received(&c, buf, (size_t)n);
		if (unicast)
			r.dst = addr("fe80::20");
		assert_int_equal(vrrp_packet_vrid(&r), 51);
		if (vrrp_packet_parse(&codec, &c, &r, &a) != VRRP_ACCEPTED || a.remarks || a.n_addrs != c.n_vips)
			fail_msg("combination %u: not read as written", i);
		n_combinations++;
	}
	assert_int_equal(n_combinations, 96);
}

static void differences_in_addresses_are_remarked_only(void **state)
{
	struct conf_vrrp c = conf_v3(vips);
	struct vrrp_advert a;

	c.n_vips = 1;
	assert_int_equal(parse(&c, recorded_v3, sizeof(recorded_v3), &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, VRRP_REMARK_COUNT);
	c.n_vips = 2;
	vips[1].addr = addr("192.0.2.200");
	parse(&c, recorded_v3, sizeof(recorded_v3), &a);
	assert_int_equal(a.remarks, VRRP_REMARK_ADDRS);
	vips[0].addr = addr("192.0.2.101");
	vips[1].addr = addr("192.0.2.100"); /* another order is no difference */
	parse(&c, recorded_v3, sizeof(recorded_v3), &a);
	assert_int_equal(a.remarks, 0);
	vips[1].addr = addr("192.0.2.200");
	c.skip_check_adv_addr = true;
	parse(&c, recorded_v3, sizeof(recorded_v3), &a);
	assert_int_equal(a.remarks, 0); /* the same master as before */
	codec.last_source = addr("192.0.2.99");
	parse(&c, recorded_v3, sizeof(recorded_v3), &a);
	assert_int_equal(a.remarks, VRRP_REMARK_ADDRS);
	assert_int_equal(codec.remarks[2], 2);
}

static void version_3_remarks_another_interval_and_gives_it(void **state)
{
	struct conf_vrrp c = conf_v3(vips);
	struct vrrp_advert a;

	c.advert_us = 20000;
	assert_int_equal(parse(&c, recorded_v3, sizeof(recorded_v3), &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, VRRP_REMARK_INTERVAL);
	assert_int_equal(a.interval_us, SEC);
}

static void padding_of_short_frames_is_no_part_of_the_packet(void **state)
{
	struct conf_vrrp c = conf_v3(vips);
	uint8_t frame[46] = { 0 };
	struct vrrp_advert a;

	memcpy(frame, recorded_v3, sizeof(recorded_v3));
	memset(frame + sizeof(recorded_v3), 0xaa, sizeof(frame) - sizeof(recorded_v3));
	assert_int_equal(parse(&c, frame, sizeof(frame), &a), VRRP_ACCEPTED);
}

/* keepalived up to 1.3.6 put the group into the pseudo header of unicast adverts. */
static void an_old_unicast_checksum_is_noticed_and_used(void **state)
{
	struct conf_vrrp old = conf_v3(vips), now = old;
	uint8_t theirs[VRRP_PACKET_MAX], ours[VRRP_PACKET_MAX];
	struct vrrp_advert a;
	int n;

	old.unicast = now.unicast = old.old_unicast_checksum = true;
	n = build(&old, 100, theirs, sizeof(theirs));
	build(&now, 100, ours, sizeof(ours));
	assert_memory_not_equal(ours, theirs, (size_t)n);
	assert_int_equal(parse(&now, theirs, (size_t)n, &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, VRRP_REMARK_OLD_SUM);
	build(&now, 100, ours, sizeof(ours));
	assert_memory_equal(ours, theirs, (size_t)n);
	now.old_unicast_checksum_never = true;
	build(&now, 100, ours, sizeof(ours));
	assert_memory_not_equal(ours, theirs, (size_t)n);
	assert_int_equal(parse(&now, theirs, (size_t)n, &a), VRRP_REFUSED_CHECKSUM);
}

static void a_checksum_as_in_version_2_is_accepted_where_configured(void **state)
{
	struct conf_vrrp plain = conf_v3(vips), as_v2 = plain;
	uint8_t buf[VRRP_PACKET_MAX];
	struct vrrp_advert a;
	int n;

	as_v2.v3_checksum_as_v2 = true;
	n = build(&as_v2, 100, buf, sizeof(buf));
	assert_int_equal(parse(&plain, buf, (size_t)n, &a), VRRP_REFUSED_CHECKSUM);
	assert_int_equal(parse(&as_v2, buf, (size_t)n, &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, 0);
	buf[26]++;
	assert_int_equal(parse(&as_v2, buf, (size_t)n, &a), VRRP_ACCEPTED);
	assert_int_equal(a.remarks, VRRP_REMARK_CHECKSUM);
}

#define T(f) cmocka_unit_test_setup(f, setup)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_keepalived_sends_is_accepted),
		T(what_we_send_is_the_same),
		T(our_authentication_header_is_the_same),
		T(sequence_numbers_grow_also_when_the_clock_does_not),
		T(a_unicast_ttl_is_sent),
		T(what_does_not_exist_is_not_built),
		T(the_hmac_trailer_byte_for_byte),
		T(the_specification_s_hmac_vectors),
		T(every_combination_reads_its_own),
		T(differences_in_addresses_are_remarked_only),
		T(version_3_remarks_another_interval_and_gives_it),
		T(padding_of_short_frames_is_no_part_of_the_packet),
		T(an_old_unicast_checksum_is_noticed_and_used),
		T(a_checksum_as_in_version_2_is_accepted_where_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
