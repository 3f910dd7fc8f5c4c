/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_fuzz - adverts from anybody, under every kind of configuration, and what the state machine makes of them.
 *
 * The first two bytes choose the configuration (see configure()), the rest is the packet. Bit 7 of the second has
 * lengths, checksums and passwords mended before, so that what lies behind those checks is reached.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../../daemon/vrrp/bytes.h"
#include "../../daemon/vrrp/group.h"
#include "../../daemon/vrrp/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

#define UTC 1760000000000000ull

static const struct conf_hmac_key key = { .id = 1, .len = 32, .bytes = "0123456789abcdef0123456789abcdef" };

struct setting {
	struct conf_vip vips[2];
	struct conf_peer peer;
	struct conf_vrrp conf;
	struct vrrp_received r;
};

static void configure(struct setting *s, uint8_t a, uint8_t b)
{
	static const uint8_t v4[] = { 192, 0, 2, 100 }, peer4[] = { 192, 0, 2, 10 }, group4[] = { 224, 0, 0, 18 };
	bool v6 = a % 3 == 2;
	uint16_t family = v6 ? AF_INET6 : AF_INET;
	struct conf_vrrp *c = &s->conf;

	memset(s, 0, sizeof(*s));
	*c = (struct conf_vrrp){ .family = family,
				 .version = a % 3 ? 3 : 2,
				 .vrid = 51,
				 .priority = 100,
				 .advert_us = 1000000,
				 .vips = s->vips,
				 .n_vips = 2,
				 .timer_expired_backup = -1 };
	c->auth = a % 3 ? CONF_AUTH_NONE : (enum conf_auth)(a / 3 % 3);
	memcpy(c->auth_pass, "secret\0", 8);
	c->unicast = b & 1;
	c->v3_checksum_as_v2 = b & 2;
	c->skip_check_adv_addr = b & 4;
	c->owner_ignore_adverts = b & 8;
	c->check_unicast_src = b & 16;
	c->old_unicast_checksum_never = b & 32;
	c->nopreempt = b & 8;
	if (b & 64) {
		c->hmac_keys = &key;
		c->n_hmac_keys = c->hmac_active = 1;
		c->hmac_window_us = 5000000;
		c->hmac_mode = (enum conf_hmac_mode)(a / 9 % 3);
	}
	s->vips[0].addr.family = s->vips[1].addr.family = c->mcast_dst.family = s->peer.addr.family = family;
	memcpy(s->vips[0].addr.bytes, v4, 4);
	memcpy(s->vips[1].addr.bytes, v4, 4);
	memcpy(s->peer.addr.bytes, peer4, 4);
	memcpy(c->mcast_dst.bytes, v6 ? (const uint8_t *)"\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\x12" : group4,
	       v6 ? 16 : 4);
	s->peer.min_ttl = b & 4 ? 10 : -1;
	s->peer.max_ttl = -1;
	c->peers = &s->peer;
	c->n_peers = c->unicast;
	s->r.family = s->r.src.family = s->r.dst.family = family;
	s->r.src = s->peer.addr;
	s->r.dst = c->unicast ? s->vips[0].addr : c->mcast_dst;
	s->r.hop_limit = 255;
	s->r.utc_us = UTC;
}

/* As a sender who knows everything would have written it; stays inside of len. */
static void mend(const struct setting *s, uint8_t *p, size_t len)
{
	size_t at = s->conf.family == AF_INET ? 20 : 0, n;
	uint64_t sum = 0;

	if (at && len >= 20) {
		p[0] = 0x45;
		put16(p + 2, (uint16_t)len);
		if (s->conf.auth == CONF_AUTH_AH)
			at += VRRP_AH_BYTES;
		p[9] = s->conf.auth == CONF_AUTH_AH ? VRRP_IPPROTO_AH : VRRP_IPPROTO;
		memcpy(p + 12, s->peer.addr.bytes, 4);
		memcpy(p + 16, s->r.dst.bytes, 4);
	}
	if (len < at + VRRP_HEADER_BYTES)
		return;
	n = VRRP_HEADER_BYTES + p[at + 3] * addr_bytes(s->conf.family) + (s->conf.version == 2 ? VRRP_AUTH_BYTES : 0);
	if (len < at + n)
		return;
	p[at] = (uint8_t)(s->conf.version << 4 | 1);
	p[at + 1] = 51;
	if (s->conf.version == 2) {
		p[at + 4] = s->conf.auth;
		p[at + 5] = 1;
		memcpy(p + at + n - VRRP_AUTH_BYTES, s->conf.auth_pass, VRRP_AUTH_BYTES);
	}
	if (s->conf.n_hmac_keys && len >= at + n + VRRP_HMAC_BYTES) {
		struct vrrp_hmac_state state = { 0 };

		vrrp_hmac_sign(&state, &s->conf, &s->peer.addr, p + at, n, UTC);
	}
	if (at == 20 + VRRP_AH_BYTES) {
		struct vrrp_ah_state state = { 0 };

		vrrp_ah_sign(&state, p, len, s->conf.auth_pass, VRRP_IPPROTO, UTC);
	}
	put16(p + at + 6, 0);
	if (s->conf.version == 3) {
		sum = sum_add(sum, s->r.src.bytes, addr_bytes(s->conf.family));
		sum = sum_add(sum, s->r.dst.bytes, addr_bytes(s->conf.family)) + n + VRRP_IPPROTO;
	}
	put16(p + at + 6, sum_fold(sum_add(sum, p + at, n)));
}

/* Any advert, in any state, leaves a machine that holds its invariant. */
static void drive(const struct setting *s, const struct vrrp_advert *a, uint8_t how)
{
	struct vrrp_fsm f, *members[] = { &f };
	struct vrrp_event e = {
		.type = VRRP_ON_ADVERT, .priority = a->priority, .interval_us = a->interval_us, .src = a->src
	};
	struct vrrp_actions out = { 0 };
	struct vrrp_group g;

	vrrp_fsm_init(&f, &s->conf, 0, 0);
	vrrp_group_init(&g, NULL, members, 1);
	vrrp_group_step(&g, &f, &(struct vrrp_event){ .type = VRRP_ON_START }, 0, &out);
	if (how & 1)
		vrrp_group_step(&g, &f, &(struct vrrp_event){ .type = VRRP_ON_TIMER }, 4000000, &out);
	vrrp_group_step(&g, &f, &e, 5000000, &out);
	MUST(f.state == VRRP_BACKUP || f.state == VRRP_MASTER);
	MUST(vrrp_fsm_due(&f) <= 5000000 + 200000000);
	vrrp_actions_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct setting s;
	struct vrrp_codec c;
	struct vrrp_advert a;
	enum vrrp_refusal why;
	uint8_t *packet;

	if (len < 2)
		return 0;
	configure(&s, in[0], in[1]);
	packet = malloc(len - 2 ? len - 2 : 1);
	MUST(packet);
	memcpy(packet, in + 2, len - 2);
	if (in[1] & 128)
		mend(&s, packet, len - 2);
	s.r.data = packet;
	s.r.len = len - 2;
	vrrp_codec_init(&c);
	memset(&a, 0xaa, sizeof(a));
	why = vrrp_packet_parse(&c, &s.conf, &s.r, &a);
	MUST(why < VRRP_REFUSALS && c.count[why] >= 1);
	if (why == VRRP_ACCEPTED) {
		MUST(vrrp_packet_vrid(&s.r) == 51 && a.interval_us > 0 && a.remarks < 64);
		drive(&s, &a, in[0] >> 7);
	} else {
		MUST(a.priority == 0xaa); /* nothing of it got out */
	}
	free(packet);
	return 0;
}
