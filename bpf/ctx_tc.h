/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctx_tc - the TC hook: how the core reads, resizes and sends a packet here. ctx_xdp.h gives the same names for XDP.
 *
 * What XDP passes up ends here: partial checksums and segmentation (the helpers know both), next hops that are not
 * resolved yet, real servers on this host, fragments, ICMP.
 */
#ifndef ELVS_BPF_CTX_TC_H
#define ELVS_BPF_CTX_TC_H

#include "forward.h"

typedef struct __sk_buff ctx_t;
#define HOOK_XDP false

#ifndef PACKET_HOST
#define PACKET_HOST 0
#endif

#include "ctx_data.h"
#include "pieces.h"

static __always_inline __u32 ctx_ifindex(ctx_t *ctx)
{
	return ctx->ifindex;
}

#define LOOPBACK_IFINDEX 1	/* in every network namespace */

/* Does the packet come from this host itself? */
static __always_inline bool ctx_is_own(ctx_t *ctx)
{
	return ctx->ifindex == LOOPBACK_IFINDEX;
}

static __always_inline __u32 ctx_len(ctx_t *ctx, bool frags)
{
	return ctx->len;
}

/* The longest IP packet this one will be on the wire, after segmentation */
static __always_inline __u32 ctx_wire_len(ctx_t *ctx, const struct pkt *p)
{
	void *data = ctx_data(ctx), *l4 = pkt_l4(data, p);
	__u32 l4len = sizeof(struct udphdr), gso = ctx->gso_size;

	if (!gso)
		return p->len;
	if (p->proto == IPPROTO_TCP && l4 + sizeof(struct tcphdr) <= ctx_end(ctx))
		l4len = (((__u8 *)l4)[12] >> 4) * 4;
	gso += p->l3len + l4len;
	return gso < p->len ? gso : p->len;
}

/* Makes sure that the headers can be read and written directly. */
static __always_inline bool ctx_pull(ctx_t *ctx)
{
	__u32 want = ctx->len < 160 ? ctx->len : 160;

	return ctx_data(ctx) + want <= ctx_end(ctx) || !bpf_skb_pull_data(ctx, want);
}

static __always_inline void *ctx_link(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh, __u32 outer,
				      __u16 ethertype)
{
	struct ethhdr *eth;

	if (outer) {
		__u64 flags = outer == sizeof(struct iphdr) ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 :
							      BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;

		if (ctx->gso_size && p->proto == IPPROTO_UDP)
			flags |= BPF_F_ADJ_ROOM_FIXED_GSO;	/* its size delimits datagrams */
		if (bpf_skb_adjust_room(ctx, outer, BPF_ADJ_ROOM_MAC, flags))
			return 0;
	}
	if (unlikely(ctx->vlan_present))
		bpf_skb_vlan_pop(ctx);
	eth = ctx_data(ctx);
	if ((void *)(eth + 1) > ctx_end(ctx))
		return 0;
	if (nh->flags & ELVS_NH_VALID) {
		memcpy(eth->h_dest, nh->dmac, ETH_ALEN);
		memcpy(eth->h_source, nh->smac, ETH_ALEN);
	}
	eth->h_proto = bpf_htons(ethertype);
	return eth + 1;
}

/* p: the packet as it came; outer: bytes that a tunnel's header has added */
static __always_inline int ctx_send(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh, __u32 outer,
				    const struct elvs_if *in)
{
	if (unlikely(nh->vlan))
		bpf_skb_vlan_push(ctx, bpf_htons(ELVS_ETH_P_8021Q), nh->vlan);
	if (unlikely(pieces_needed(ctx, p, nh, outer)))
		return pieces_send(ctx, p, nh->ifindex, (__u32)nh->mtu << 16 | outer);
	return bpf_redirect(nh->ifindex, 0);
}

/* What a function that the verifier checks on its own is told of an address */
struct addr_port {
	__u32 addr[4];
	__u16 port;
	__u8 kind;	/* 0: none */
	__u8 source;
};

__noinline int tc_redirect_neigh(struct __sk_buff *ctx, __u32 ifindex, const struct addr_port *to)
{
	struct bpf_redir_neigh q = {};

	if (!to)
		return TC_ACT_SHOT;
	if (unlikely(ctx->vlan_present))
		bpf_skb_vlan_pop(ctx);
	if (!to->kind)
		return bpf_redirect_neigh(ifindex, 0, 0, 0);
	q.nh_family = to->kind == ELVS_WK_V4 ? 2 : 10;
	memcpy(q.ipv6_nh, to->addr, 16);
	return bpf_redirect_neigh(ifindex, &q, sizeof(q), 0);
}

static __always_inline void addr_port(struct addr_port *to, const __u32 *addr, __u16 port, __u8 kind, __u8 source)
{
	memcpy(to->addr, addr, 16);
	to->port = port;
	to->kind = kind;
	to->source = source;
}

/* Lets the kernel find the neighbour, and hold the packet until it has. kind 0: by the packet's own destination. */
static __always_inline int ctx_send_unresolved(ctx_t *ctx, const struct elvs_nexthop *nh, __u8 kind,
					       const __u32 *addr)
{
	struct addr_port to = {};

	if (!nh->ifindex)
		return -ELVS_V_NO_ROUTE;
	if (kind)
		addr_port(&to, addr, 0, kind, 0);
	return tc_redirect_neigh(ctx, nh->ifindex, &to);
}

static __always_inline long tc_nat_l4(struct __sk_buff *ctx, const struct pkt *p, __u32 l4, const struct addr_port *to)
{
	const __u32 *old = to->source ? p->saddr : p->daddr;
	__u64 flags = p->proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 at = l4 + (p->proto == IPPROTO_TCP ? 16 : 6), from[4], addr[4];
	__u16 old_port = to->source ? p->sport : p->dport, port = to->port;
	long r;

	if (p->kind == ELVS_WK_V4) {
		r = bpf_l4_csum_replace(ctx, at, old[0], to->addr[0], flags | BPF_F_PSEUDO_HDR | 4);
	} else {
		memcpy(from, old, 16);
		memcpy(addr, to->addr, 16);
		r = bpf_csum_diff(from, 16, addr, 16, 0);
		r = bpf_l4_csum_replace(ctx, at, 0, r, flags | BPF_F_PSEUDO_HDR);
	}
	if (!r && old_port != port)
		r = bpf_l4_csum_replace(ctx, at, old_port, port, flags | 2);
	return r ? r : bpf_skb_store_bytes(ctx, l4 + (to->source ? 0 : 2), &port, sizeof(port), 0);
}

/* Rewrites one address and port; the helpers know of partial checksums. 0 or an error. */
__noinline int tc_nat(struct __sk_buff *ctx, const struct pkt *p, const struct addr_port *to)
{
	__u32 l3, addr[4];

	if (!p || !to)
		return -1;
	l3 = p->l2len;
	/* later fragments have no ports to replace, and their checksum went with the first */
	if (p->frag != FRAG_LATER && tc_nat_l4(ctx, p, l3 + p->l3len, to))
		return -1;
	memcpy(addr, to->addr, 16);
	if (p->kind == ELVS_WK_V4) {
		__u32 old = to->source ? p->saddr[0] : p->daddr[0];

		if (bpf_l3_csum_replace(ctx, l3 + __builtin_offsetof(struct iphdr, check), old, addr[0], 4))
			return -1;
		return bpf_skb_store_bytes(ctx,
					   l3 + (to->source ? __builtin_offsetof(struct iphdr, saddr) :
							      __builtin_offsetof(struct iphdr, daddr)),
					   addr, 4, 0);
	}
	return bpf_skb_store_bytes(ctx,
				   l3 + (to->source ? __builtin_offsetof(struct ipv6hdr, saddr) :
						      __builtin_offsetof(struct ipv6hdr, daddr)),
				   addr, 16, 0);
}

static __always_inline bool ctx_nat(ctx_t *ctx, struct pkt *p, bool source, const __u32 *addr, __u16 port)
{
	struct addr_port to;

	pkt_whole(p);
	addr_port(&to, addr, port, p->kind, source);
	return !tc_nat(ctx, p, &to);
}

/* What is not ours goes on to the next filter, if somebody has put one there. */
static __always_inline int ctx_verdict(enum elvs_verdict v)
{
#define X(name, kind, text)                                                                                            \
	case ELVS_V_##name:                                                                                            \
		return ELVS_KIND_##kind == ELVS_KIND_DROP ? TC_ACT_SHOT : TC_ACT_UNSPEC;
	switch (v) {
		ELVS_VERDICTS(X)
	default:
		return TC_ACT_UNSPEC;
	}
#undef X
}

#include "icmp.h"

/*
 * What stops the packet even here: a used-up TTL or too small an MTU, both answered by ICMP. 0: nothing; else a
 * verdict (negative) or an action.
 */
static __always_inline int tc_obstacle(ctx_t *ctx, struct pkt *p, const struct elvs_nexthop *nh, __u32 outer)
{
	bool df = p->kind == ELVS_WK_V6 || p->frag_off & bpf_htons(ELVS_IP_DF);
	__u32 mtu = nh->mtu ? nh->mtu : 0xffff;

	if (nh->flags & ELVS_NH_LOCAL)
		return 0;
	if (ttl_of(p, ctx_data(ctx), ctx_end(ctx)) <= 1)
		return icmp_answer(ctx, p, ICMP_ERR_TTL, 0, ELVS_V_TTL_EXPIRED);
	if (ctx_wire_len(ctx, p) + outer <= mtu)
		return 0;
	if (df)
		return icmp_answer(ctx, p, ICMP_ERR_TOO_BIG, mtu - outer, ELVS_V_TOO_BIG);
	return pieces_can(ctx, p, nh, outer) ? 0 : -ELVS_V_TOO_BIG;
}

/* The real server is this host: NAT rewrites, the others leave the packet as it is; the local stack takes it. */
static __always_inline int to_local(ctx_t *ctx, struct pkt *p, const struct elvs_dest *d, __u32 method, __u16 dport)
{
	if (method == ELVS_MASQ && !ctx_nat(ctx, p, false, d->addr, dport))
		return -ELVS_V_INTERNAL;
	return -ELVS_V_LOCAL;
}

/*
 * To a program of this host. The packet's source is an address of this host, too, which no interface but the loopback
 * may receive (and that one by accept_local, which the director sets).
 */
static __always_inline int ctx_send_self(ctx_t *ctx)
{
	static const __u8 none[2 * ETH_ALEN];

	if (bpf_skb_store_bytes(ctx, 0, none, sizeof(none), 0))
		return -ELVS_V_INTERNAL;
	return bpf_redirect(LOOPBACK_IFINDEX, BPF_F_INGRESS);
}

/* A reply whose client is a program of this host */
static __always_inline int to_self(ctx_t *ctx, struct pkt *p, const __u32 *vaddr, __u16 vport)
{
	return ctx_nat(ctx, p, true, vaddr, vport) ? ctx_send_self(ctx) : -ELVS_V_INTERNAL;
}

#endif
