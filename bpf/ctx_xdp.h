/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctx_xdp - the XDP hook: how the core reads, resizes and sends a frame here. ctx_tc.h gives the same names for TC.
 */
#ifndef ELVS_BPF_CTX_XDP_H
#define ELVS_BPF_CTX_XDP_H

#include "forward.h"

typedef struct xdp_md ctx_t;
#define HOOK_XDP true

#include "ctx_data.h"

static __always_inline __u32 ctx_ifindex(ctx_t *ctx)
{
	return ctx->ingress_ifindex;
}

static __always_inline __u32 ctx_len(ctx_t *ctx, bool frags)
{
	return frags ? bpf_xdp_get_buff_len(ctx) : ctx_end(ctx) - ctx_data(ctx);
}

/* Is the frame for this host? XDP also sees what is not. */
static __always_inline bool ctx_for_us(ctx_t *ctx, const struct elvs_if *i)
{
	void *dest = ctx_data(ctx);
	const void *mac = i->mac;

	if (dest + sizeof(struct ethhdr) > ctx_end(ctx))
		return false;
	return *(__u32 *)dest == *(const __u32 *)mac && *(__u16 *)(dest + 4) == *(const __u16 *)(mac + 4);
}

/*
 * Puts a link-layer header of the hop in front of the IP packet, after making room for `outer` more bytes before it
 * (negative: none). Returns where the bytes after the link-layer header begin, or NULL.
 */
static __always_inline void *ctx_link(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh, __u32 outer,
				      __u16 ethertype)
{
	__u32 want = nh->vlan ? sizeof(struct ethhdr) + 4 : sizeof(struct ethhdr);
	void *data;

	if (outer || unlikely(p->l2len != want)) {
		__u16 *type;

		if (bpf_xdp_adjust_head(ctx, (int)p->l2len - (int)(want + outer)))
			return 0;
		data = ctx_data(ctx);
		if (data + sizeof(struct ethhdr) + 4 > ctx_end(ctx))
			return 0;
		type = data + 2 * ETH_ALEN;
		if (nh->vlan) {
			type[0] = bpf_htons(ELVS_ETH_P_8021Q);
			type[1] = bpf_htons(nh->vlan);
			type += 2;
		}
		type[0] = bpf_htons(ethertype);
	} else {
		data = ctx_data(ctx);
		if (data + sizeof(struct ethhdr) + 4 > ctx_end(ctx))
			return 0;
		if (nh->vlan)
			((__u16 *)data)[7] = bpf_htons(nh->vlan);
	}
	((__u32 *)data)[0] = ((const __u32 *)nh)[0];	/* both addresses, as one block */
	((__u32 *)data)[1] = ((const __u32 *)nh)[1];
	((__u32 *)data)[2] = ((const __u32 *)nh)[2];
	return data + want;
}

static __always_inline int ctx_send(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh, __u32 outer,
				    const struct elvs_if *in)
{
	/* not on veth and the like: there XDP_TX only wakes a peer that runs a program of its own */
	if (nh->ifindex == in->ifindex && !(in->flags & ELVS_IF_PARTIAL))
		return XDP_TX;
	return bpf_redirect(nh->ifindex, 0);
}

/*
 * NAT: replaces address and port of the source (from the server) or of the destination (to the server) and mends
 * both checksums.
 */
static __always_inline bool ctx_nat(ctx_t *ctx, struct pkt *p, bool source, const __u32 *addr, __u16 port)
{
	const __u32 *old = source ? p->saddr : p->daddr;
	void *data = ctx_data(ctx), *end = ctx_end(ctx), *l4 = pkt_l4(data, p);
	__u16 old_port = source ? p->sport : p->dport, *ports = l4, *check;
	__u64 diff;

	if (p->kind == ELVS_WK_V4) {
		struct iphdr *ip = pkt_l3(data, p);

		if ((void *)(ip + 1) > end)
			return false;
		diff = csum_swap32(old[0], addr[0]);
		ip->check = csum_apply(ip->check, diff);
		if (source)
			ip->saddr = addr[0];
		else
			ip->daddr = addr[0];
	} else {
		struct ipv6hdr *ip = pkt_l3(data, p);
		__u32 *a;

		if ((void *)(ip + 1) > end)
			return false;
		diff = csum_swap128(old, addr);
		a = source ? (__u32 *)&ip->saddr : (__u32 *)&ip->daddr;
		a[0] = addr[0];
		a[1] = addr[1];
		a[2] = addr[2];
		a[3] = addr[3];
	}
	diff += csum_swap16(old_port, port);
	if (p->proto == IPPROTO_TCP) {
		if (l4 + sizeof(struct tcphdr) > end)
			return false;
		check = l4 + 16;
		*check = csum_apply(*check, diff);
	} else {
		if (l4 + sizeof(struct udphdr) > end)
			return false;
		check = l4 + 6;
		if (*check) {	/* 0: the sender computed none (RFC 768), and so it stays */
			*check = csum_apply(*check, diff);
			if (!*check)
				*check = 0xffff;
		}
	}
	ports[source ? 0 : 1] = port;
	return true;
}

/* Does the packet come from this host itself? XDP does not run on the loopback interface. */
#define ctx_is_own(ctx) false

/* What only TC can do; never called here, HOOK_XDP being a constant */
#define tc_obstacle(ctx, p, nh, outer) 0
#define to_local(ctx, p, d, method, dport) 0
#define to_self(ctx, p, vaddr, vport) 0
#define ctx_send_unresolved(ctx, nh, kind, addr) 0
#define pieces_needed(ctx, p, nh, outer) false
#define pieces_outer(o, d) false

/* A packet that XDP cannot finish goes up unchanged; TC takes it from there. */
static __always_inline int ctx_verdict(enum elvs_verdict v)
{
#define X(name, kind, text)                                                                                            \
	case ELVS_V_##name:                                                                                            \
		return ELVS_KIND_##kind == ELVS_KIND_DROP ? XDP_DROP : XDP_PASS;
	switch (v) {
		ELVS_VERDICTS(X)
	default:
		return XDP_PASS;
	}
#undef X
}

#endif
