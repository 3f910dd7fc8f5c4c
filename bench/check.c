// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * check - compares a target's output with what IPVS would have sent, see check.h.
 *
 * The expected frame is built from the input by the plain rules of each mode (TTL one less, addresses, ports,
 * checksums from scratch), with only the server's number taken from the output.
 */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "csum.h"

#define L3 14
#define OUTER 20 /* bytes of the outer IPv4 header of TUN */

static int __attribute__((format(printf, 2, 3))) wrong(struct check *ck, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(ck->why, sizeof(ck->why), format, ap);
	va_end(ap);
	return -EBADMSG;
}

static int same_bytes(struct check *ck, const char *what, const uint8_t *got, const uint8_t *want, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (got[i] != want[i])
			return wrong(ck, "%s: byte %zu is %02x, should be %02x", what, i, got[i], want[i]);
	return 0;
}

static int verdict_right(struct check *ck, const struct target *t, int verdict)
{
	if (t->cell->hook == BENCH_TC)
		return verdict == TC_ACT_REDIRECT ? 0 : wrong(ck, "TC verdict %d, not redirect (7)", verdict);
	if (verdict == XDP_REDIRECT || verdict == XDP_TX)
		return 0;
	return wrong(ck, "XDP verdict %d, neither TX (3) nor redirect (4)", verdict);
}

static void fill_ip_csum(uint8_t *ip)
{
	uint16_t sum;

	if (ip[0] >> 4 == 6)
		return;
	memset(ip + 10, 0, 2);
	sum = csum_fold(csum_add(0, ip, 20));
	memcpy(ip + 10, &sum, 2);
}

static void decrement_ttl(uint8_t *ip)
{
	ip[ip[0] >> 4 == 6 ? 7 : 8]--;
	fill_ip_csum(ip);
}

static void fill_l4_csum(uint8_t *ip, size_t len, bool udp)
{
	uint8_t *at = ip + (ip[0] >> 4 == 6 ? 40 : 20) + (udp ? 6 : 16);
	uint16_t sum;

	memset(at, 0, 2);
	sum = csum_l4(ip, len);
	if (udp && !sum)
		sum = 0xffff;
	memcpy(at, &sum, 2);
}

/* NAT: new address and port in place of the service's (request) or of the server's (reply) */
static void translate(uint8_t *frame, size_t len, const struct cell *c, uint32_t addr, uint16_t port)
{
	uint8_t *ip = frame + L3;
	size_t hlen = c->v6 ? 40 : 20, last = c->v6 ? 20 : 12;
	/* an IPv6 destination stands 16 bytes behind the source, an IPv4 one 4 */
	size_t addr_at = c->reply ? last : last + (c->v6 ? 16 : 4);

	memcpy(ip + addr_at, &addr, 4);
	memcpy(ip + hlen + (c->reply ? 0 : 2), &port, 2);
	fill_ip_csum(ip);
	fill_l4_csum(ip, len - L3, c->udp);
}

/* The outer header's own choices (identification, DF, TOS) are the target's; all else must be as expected. */
static int check_outer(struct check *ck, const uint8_t *ip, size_t len, uint32_t server)
{
	uint32_t src = htonl(DIRECTOR_TUN_SRC), dst = director_server_addr(server);

	if (ip[0] != 0x45)
		return wrong(ck, "outer header: version and length are %02x, should be 45", ip[0]);
	if ((size_t)(ip[2] << 8 | ip[3]) != len)
		return wrong(ck, "outer header: length is %u, should be %zu", ip[2] << 8 | ip[3], len);
	if (ip[9] != IPPROTO_IPIP)
		return wrong(ck, "outer header: protocol is %u, should be 4", ip[9]);
	if (csum_fold(csum_add(0, ip, OUTER)))
		return wrong(ck, "outer header: wrong checksum");
	if (memcmp(ip + 12, &src, 4) || memcmp(ip + 16, &dst, 4))
		return wrong(ck, "outer header: wrong addresses");
	return 0;
}

/* Number of the server that the frame was sent to, by its MAC; 0: none of ours */
static uint32_t server_of(const uint8_t *frame, uint32_t servers)
{
	uint32_t n = frame[4] << 8 | frame[5];
	uint8_t mac[6];

	director_server_mac(n, mac);
	return n <= servers && !memcmp(mac, frame, 6) ? n : 0;
}

static int compare_forwarded(struct check *ck, struct target *t, uint8_t *want, size_t len, const uint8_t *got,
			     size_t got_len)
{
	const struct cell *c = t->cell;
	size_t grown = c->mode == DIRECTOR_TUN ? OUTER : 0;
	uint32_t server = server_of(got, c->servers);
	int r;

	if (!server)
		return wrong(ck, "destination MAC is no server's");
	ck->server_seen[server]++;
	if (got_len != len + grown)
		return wrong(ck, "frame has %zu bytes, should have %zu", got_len, len + grown);
	director_server_mac(server, want);
	memcpy(want + 6, t->srv.mac, 6);
	decrement_ttl(want + L3);
	if (c->mode == DIRECTOR_NAT)
		translate(want, len, c, director_server_addr(server), htons(DIRECTOR_NAT_PORT));
	r = same_bytes(ck, "Ethernet header", got, want, L3);
	if (!r && grown)
		r = check_outer(ck, got + L3, got_len - L3, server);
	return r ? r : same_bytes(ck, "packet", got + L3 + grown, want + L3, len - L3);
}

static int compare_reply(struct check *ck, struct target *t, uint8_t *want, size_t len, const uint8_t *got,
			 size_t got_len)
{
	if (got_len != len)
		return wrong(ck, "frame has %zu bytes, should have %zu", got_len, len);
	memcpy(want, target_gateway_mac, 6);
	memcpy(want + 6, t->cli.mac, 6);
	decrement_ttl(want + L3);
	translate(want, len, t->cell, htonl(BENCH_VIP), htons(BENCH_VPORT));
	return same_bytes(ck, "reply", got, want, len);
}

/* The floors' answers are their own: floor.bpf.c */
static int compare_floor(struct check *ck, struct target *t, uint8_t *want, size_t len, const uint8_t *got,
			 size_t got_len)
{
	uint8_t mac[12];

	memcpy(mac, want + 6, 6);
	memcpy(mac + 6, want, 6);
	if (t->cell->target == CELL_TABLE) {
		director_server_mac(got[5], mac);
		memcpy(mac + 6, want, 6);
	}
	memcpy(want, mac, 12);
	if (got_len != len)
		return wrong(ck, "frame has %zu bytes, should have %zu", got_len, len);
	return same_bytes(ck, "frame", got, want, len);
}

/* The frame that came out for flow f */
static int compare(struct check *ck, struct target *t, const struct flow_kind *k, const struct bench_flow *f,
		   const uint8_t *got, size_t got_len)
{
	uint8_t want[BENCH_FRAME_MAX];
	size_t len = flow_frame(want, k, f);

	if (!t->elvs)
		return compare_floor(ck, t, want, len, got, got_len);
	if (t->cell->reply)
		return compare_reply(ck, t, want, len, got, got_len);
	return compare_forwarded(ck, t, want, len, got, got_len);
}

int check_packet(struct check *ck, struct target *t, const struct wrapper *w, const struct flow_kind *k,
		 const struct bench_flow *f)
{
	uint8_t frame[BENCH_FRAME_MAX] = { 0 };
	size_t len = flow_frame(frame, k, f);
	int verdict, r;

	verdict = wrapper_once(w, t->prog_fd, frame, &len);
	if (verdict < 0)
		return wrong(ck, "BPF_PROG_RUN: %s", strerror(-verdict));
	r = verdict_right(ck, t, verdict);
	if (!r)
		r = compare(ck, t, k, f, frame, len);
	ck->packets += !r;
	return r;
}

int check_last(struct check *ck, struct target *t, struct wrapper *w, const struct flow_kind *k, uint32_t n)
{
	uint8_t frame[BENCH_FRAME_MAX];
	size_t len;
	int r;

	r = wrapper_send(w, t->prog_fd, k, 0, n, n, frame, &len);
	if (r)
		return wrong(ck, "BPF_PROG_RUN: %s", strerror(-r));
	return compare(ck, t, k, &w->flows[n - 1], frame, len);
}

int check_wrapper(struct check *ck, struct wrapper *w, int null_fd, const struct flow_kind *k, uint32_t at)
{
	uint8_t want[BENCH_FRAME_MAX], got[BENCH_FRAME_MAX];
	size_t len = flow_frame(want, k, &w->flows[at]);
	int got_len = wrapper_frame(w, null_fd, k, at, got);

	if (got_len != (int)len)
		return wrong(ck, "the wrapper's frame has %d bytes, should have %zu (a fault of the bench)", got_len,
			     len);
	return same_bytes(ck, "the wrapper's frame (a fault of the bench)", got, want, len);
}

int check_spread(struct check *ck, uint32_t servers)
{
	for (uint32_t n = 1; n <= servers; n++)
		if (!ck->server_seen[n])
			return wrong(ck, "server %u of %u got none of %u packets", n, servers, ck->packets);
	return 0;
}
