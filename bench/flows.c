// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flows - builds the bench's packets, see flows.h. Frames are laid out once, here; the wrapper's template is cut
 * out of such a frame, so that the two cannot differ by more than the fields of struct bench_flow.
 */
#include "flows.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>
#include "csum.h"

#define L3 14

struct layout {
	size_t saddr, daddr, l4, frame; /* offsets; addresses: of their last word */
	uint8_t proto;
};

static struct layout layout_of(const struct flow_kind *k)
{
	struct layout l = {
		.saddr = k->v6 ? L3 + 20 : L3 + 12,
		.daddr = k->v6 ? L3 + 36 : L3 + 16,
		.l4 = k->v6 ? L3 + 40 : L3 + 20,
		.proto = k->packet == FLOW_UDP ? IPPROTO_UDP : IPPROTO_TCP,
	};

	l.frame = k->v6 ? l.l4 + 20 : 60;
	return l;
}

static void put16(uint8_t *p, uint16_t v)
{
	v = htons(v);
	memcpy(p, &v, 2);
}

static void write_ip(uint8_t *p, const struct flow_kind *k, const struct layout *l)
{
	static const uint8_t prefix[12] = BENCH_PREFIX6;

	if (!k->v6) {
		p[0] = 0x45;
		put16(p + 2, l->frame - L3);
		p[6] = 0x40; /* DF */
		p[8] = 64;
		p[9] = l->proto;
		return;
	}
	p[0] = 0x60;
	put16(p + 4, l->frame - l->l4);
	p[6] = l->proto;
	p[7] = 64;
	memcpy(p + 8, prefix, sizeof(prefix));
	memcpy(p + 24, prefix, sizeof(prefix));
}

static void write_l4(uint8_t *p, const struct flow_kind *k, const struct layout *l)
{
	if (k->packet == FLOW_UDP) {
		put16(p + 4, l->frame - l->l4);
		return;
	}
	p[12] = 0x50;
	p[13] = k->packet == FLOW_SYN ? 0x02 : 0x10;
	put16(p + 14, 65535);
}

/* The bytes that all flows share; the fields of struct bench_flow are zero. */
static struct layout blank(uint8_t *frame, const struct flow_kind *k)
{
	struct layout l = layout_of(k);

	memset(frame, 0, BENCH_FRAME_MAX);
	memcpy(frame, k->dmac, 6);
	memcpy(frame + 6, k->smac, 6);
	put16(frame + 12, k->v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	write_ip(frame + L3, k, &l);
	write_l4(frame + l.l4, k, &l);
	return l;
}

void flow_template(struct bench_run *run, const struct flow_kind *k)
{
	static const uint8_t at4[] = BENCH_AT4, at6[] = BENCH_AT6;
	const uint8_t *at = k->v6 ? at6 : at4;
	size_t n = k->v6 ? sizeof(at6) : sizeof(at4);
	uint8_t frame[BENCH_FRAME_MAX];
	struct layout l = blank(frame, k);

	run->v6 = k->v6;
	run->udp = k->packet == FLOW_UDP;
	run->len = l.frame;
	for (size_t i = 0; i < n; i++)
		memcpy(&run->word[i], frame + at[i], sizeof(run->word[i]));
}

static void write_flow(uint8_t *frame, const struct flow_kind *k, const struct layout *l, const struct bench_flow *f)
{
	memcpy(frame + l->saddr, &f->saddr, 4);
	memcpy(frame + l->daddr, &f->daddr, 4);
	memcpy(frame + l->l4, &f->sport, 2);
	memcpy(frame + l->l4 + 2, &f->dport, 2);
	if (!k->v6)
		memcpy(frame + L3 + 10, &f->ip_csum, 2);
	memcpy(frame + l->l4 + (k->packet == FLOW_UDP ? 6 : 16), &f->l4_csum, 2);
}

size_t flow_frame(uint8_t frame[BENCH_FRAME_MAX], const struct flow_kind *k, const struct bench_flow *f)
{
	struct layout l = blank(frame, k);

	write_flow(frame, k, &l, f);
	return l.frame;
}

struct bench_flow flow_between(const struct flow_kind *k, uint32_t saddr, uint16_t sport, uint32_t daddr,
			       uint16_t dport)
{
	struct bench_flow f = { .saddr = saddr, .daddr = daddr, .sport = sport, .dport = dport };
	uint8_t frame[BENCH_FRAME_MAX];
	struct layout l = blank(frame, k);

	write_flow(frame, k, &l, &f);
	f.ip_csum = k->v6 ? 0 : csum_fold(csum_add(0, frame + L3, 20));
	f.l4_csum = csum_l4(frame + L3, l.frame - L3);
	if (k->packet == FLOW_UDP && !f.l4_csum)
		f.l4_csum = 0xffff;
	return f;
}

struct bench_flow flow_request(const struct flow_kind *k, uint32_t i, uint32_t clients)
{
	uint32_t client = i % clients, nth = i / clients;
	/* An odd factor permutes 24 bits: clients are all different and scattered over 10.0.0.0/8. */
	uint32_t addr = BENCH_CLIENT_NET | (client * 0x9e3779b1u & 0xffffff);
	uint16_t port = 1024 + (client * 7919u + nth * 101u) % 64500; /* 101 does not divide 64500: all different */

	return flow_between(k, htonl(addr), htons(port), htonl(BENCH_VIP), htons(BENCH_VPORT));
}

void flows_shuffle(struct bench_flow *f, uint32_t n, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ull | 1;

	for (uint32_t i = n; i > 1; i--) {
		struct bench_flow t = f[i - 1];
		uint32_t j;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		j = x % i;
		f[i - 1] = f[j];
		f[j] = t;
	}
}
