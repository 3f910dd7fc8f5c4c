/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forward - the hook-neutral part of forwarding: TTL, outer headers of tunnels, verdict counters.
 */
#ifndef ELVS_BPF_FORWARD_H
#define ELVS_BPF_FORWARD_H

#include "endpoint.h"
#include "flow.h"

static __always_inline void count_verdict(enum elvs_verdict v)
{
	struct elvs_cpu *c = cpu_get();
	__u64 i = v;

	/* masked in 64 bits: the verifier of 6.1 does not see that a negated 32-bit number has an empty upper half */
	opaque(i);
	i &= 63;
	if (c && i < ELVS_V_COUNT) {
		c->verdict[i]++;
		c->last = i;
	}
}

/* TTL or hop limit as the packet has it */
static __always_inline __u8 ttl_of(const struct pkt *p, void *data, void *end)
{
	void *l3 = pkt_l3(data, p);

	if (p->kind == ELVS_WK_V4)
		return l3 + sizeof(struct iphdr) > end ? 0 : ((struct iphdr *)l3)->ttl;
	return l3 + sizeof(struct ipv6hdr) > end ? 0 : ((struct ipv6hdr *)l3)->hop_limit;
}

/* One hop less, as IPVS does for every method. The caller has seen that it is more than 1. */
static __always_inline bool ttl_decrement(const struct pkt *p, void *data, void *end)
{
	if (p->kind == ELVS_WK_V4) {
		struct iphdr *ip = pkt_l3(data, p);
		__u32 check;

		if ((void *)(ip + 1) > end)
			return false;
		check = (__u32)ip->check + bpf_htons(0x0100);
		ip->check = check + (check >= 0xffff);
		ip->ttl--;
	} else {
		struct ipv6hdr *ip = pkt_l3(data, p);

		if ((void *)(ip + 1) > end)
			return false;
		ip->hop_limit--;
	}
	return true;
}

/* ---- tunnels: the outer header (spec 2.9) ---- */

/* What it takes from the inner one */
struct outer {
	__u32 len;	/* of the inner packet */
	__u16 df;
	__u8 tos, ttl;
	__u8 proto;
};

static __always_inline __u32 outer_len(const struct elvs_dest *d)
{
	return d->kind == ELVS_WK_V4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/*
 * The inner packet has its TTL decremented already and gives it to the outer; class of service goes along, with
 * "congestion experienced" left to the inner one; DF is copied (pmtu_disc = 1).
 */
static __always_inline bool outer_take(struct outer *o, const struct pkt *p, void *data, void *end)
{
	if (p->kind == ELVS_WK_V4) {
		struct iphdr *ip = pkt_l3(data, p);

		if ((void *)(ip + 1) > end)
			return false;
		o->tos = ip->tos;
		o->ttl = ip->ttl;
		o->df = ip->frag_off & bpf_htons(ELVS_IP_DF);
		o->proto = IPPROTO_IPIP;
	} else {
		struct ipv6hdr *ip = pkt_l3(data, p);

		if ((void *)(ip + 1) > end)
			return false;
		o->tos = bpf_ntohs(*(__u16 *)ip) >> 4;
		o->ttl = ip->hop_limit;
		o->df = 0;	/* IPv6 in IPv4: IPVS leaves the outer packet fragmentable */
		o->proto = IPPROTO_IPV6;
	}
	if ((o->tos & 3) == 3)
		o->tos = (o->tos & ~3) | 2;
	o->len = p->len;
	return true;
}

static __always_inline void outer_write4(__u32 *w, const struct outer *o, __u32 src, __u32 dst)
{
	__u16 id = o->df ? 0 : bpf_get_prandom_u32();
	__u32 w0 = bpf_htonl(0x45000000 | (__u32)o->tos << 16 | (o->len + 20));
	__u32 w1 = (__u32)bpf_htons(id) | (__u32)o->df << 16;
	__u32 w2 = bpf_htonl((__u32)o->ttl << 24 | (__u32)o->proto << 16);
	__u64 sum = (__u64)w0 + w1 + w2 + src + dst;

	w[0] = w0;
	w[1] = w1;
	w[2] = w2 | (__u32)(__u16)~csum_fold(sum) << 16;
	w[3] = src;
	w[4] = dst;
}

static __always_inline void outer_write6(__u32 *w, const struct outer *o, const __u32 *src, const __u32 *dst)
{
	w[0] = bpf_htonl(0x60000000 | (__u32)o->tos << 20);
	w[1] = bpf_htonl(o->len << 16 | (__u32)o->proto << 8 | o->ttl);
	for (int i = 0; i < 4; i++) {
		w[2 + i] = src[i];
		w[6 + i] = dst[i];
	}
}

/* The outer header, of the family `kind`, where the link-layer header ends */
static __always_inline bool outer_write(void *at, void *end, const struct outer *o, __u8 kind, const __u32 *src,
					const __u32 *dst)
{
	if (kind == ELVS_WK_V4) {
		if (at + sizeof(struct iphdr) > end)
			return false;
		outer_write4(at, o, src[0], dst[0]);
	} else {
		if (at + sizeof(struct ipv6hdr) > end)
			return false;
		outer_write6(at, o, src, dst);
	}
	return true;
}

#endif
