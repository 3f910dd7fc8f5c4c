/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decap - takes the outer header off packets that a director tunnelled to this real server: IPv4 and IPv6, either
 * in either. For kernels without ipip and ip6_tunnel, and faster than those.
 *
 * Touches only packets whose outer destination is an address of this host (locals) and whose inner destination is
 * a virtual address it serves (vips); everything else goes on untouched, so that other tunnels keep working. What
 * is decapsulated goes up the stack as if it had arrived so. Reassembles nothing: an outer fragment goes on untouched.
 * Congestion marks travel as RFC 6040 section 4.2 wants.
 * User space (tools/elvs/decap.c) fills the maps before it attaches, and replaces the program when they change.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../abi/decap.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct decap_addr);
	__type(value, __u8);
	__uint(max_entries, 1024);
} vips SEC(".maps"), locals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, DECAP_COUNTS);
} counts SEC(".maps");

#define IP_FRAGMENT 0x3fff /* more fragments, or an offset */
#define ECN_MASK 3
#define ECN_CE 3

struct tunnel {
	__u32 outer_len; /* bytes to take off behind the Ethernet header */
	__u8 outer_v6, inner_v6;
	__u8 ecn; /* of the outer header */
};

static __always_inline void count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&counts, &what);

	if (n)
		(*n)++;
}

static __always_inline int known_v4(void *map, __be32 addr)
{
	struct decap_addr key = { .family = 4, .addr = { addr } };

	return bpf_map_lookup_elem(map, &key) != NULL;
}

static __always_inline int known_v6(void *map, const struct in6_addr *addr)
{
	struct decap_addr key = { .family = 6 };

	__builtin_memcpy(key.addr, addr, sizeof(key.addr));
	return bpf_map_lookup_elem(map, &key) != NULL;
}

/* The outer header. Returns the protocol number inside, 0 if it is not one of ours to look into. */
static __always_inline __u8 outer_header(void *data, void *end, struct tunnel *t)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct ipv6hdr *ip6 = data + sizeof(*eth);

	if ((void *)(eth + 1) > end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
			return 0;
		if (ip->protocol != IPPROTO_IPIP && ip->protocol != IPPROTO_IPV6)
			return 0;
		if (!known_v4(&locals, ip->daddr))
			return 0;
		if (ip->frag_off & bpf_htons(IP_FRAGMENT)) {
			count(DECAP_FRAGMENT);
			return 0;
		}
		t->outer_len = ip->ihl * 4;
		t->ecn = ip->tos & ECN_MASK;
		return ip->protocol;
	}
	if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(ip6 + 1) > end || ip6->version != 6)
			return 0;
		if (ip6->nexthdr != IPPROTO_IPIP && ip6->nexthdr != IPPROTO_IPV6)
			return 0;
		if (!known_v6(&locals, &ip6->daddr))
			return 0;
		t->outer_v6 = 1;
		t->outer_len = sizeof(*ip6);
		t->ecn = (ip6->flow_lbl[0] >> 4) & ECN_MASK;
		return ip6->nexthdr;
	}
	return 0;
}

/* Tunnels drop what says that the way is congested to a receiver that cannot hear it. */
static __always_inline int mark_v4(struct iphdr *ip, __u8 ecn)
{
	__u32 sum;

	if (ecn != ECN_CE || (ip->tos & ECN_MASK) == ECN_CE)
		return 0;
	if ((ip->tos & ECN_MASK) == 0)
		return -1;
	/* the checksum's complement loses what the field gains: RFC 1624 for a 16-bit word whose low byte grows */
	sum = (__u16)~ip->check;
	sum += bpf_htons((__u16)(ECN_CE - (ip->tos & ECN_MASK)));
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = (__u16)~sum;
	ip->tos |= ECN_CE;
	return 0;
}

static __always_inline int mark_v6(struct ipv6hdr *ip6, __u8 ecn)
{
	__u8 inner = (ip6->flow_lbl[0] >> 4) & ECN_MASK;

	if (ecn != ECN_CE || inner == ECN_CE)
		return 0;
	if (inner == 0)
		return -1;
	ip6->flow_lbl[0] |= ECN_CE << 4;
	return 0;
}

/* 1: to be decapsulated as *t says. 0: not ours. -1: to be dropped. */
static __always_inline int look(void *data, void *end, struct tunnel *t)
{
	__u8 proto = outer_header(data, end, t);
	void *inner;
	int marked;

	if (!proto)
		return 0;
	inner = data + sizeof(struct ethhdr) + (t->outer_len & 0x3c);
	if (proto == IPPROTO_IPIP) {
		struct iphdr *ip = inner;

		if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
			goto bad;
		if (!known_v4(&vips, ip->daddr))
			goto not_vip;
		marked = mark_v4(ip, t->ecn);
	} else {
		struct ipv6hdr *ip6 = inner;

		if ((void *)(ip6 + 1) > end || ip6->version != 6)
			goto bad;
		if (!known_v6(&vips, &ip6->daddr))
			goto not_vip;
		t->inner_v6 = 1;
		marked = mark_v6(ip6, t->ecn);
	}
	if (marked == 0)
		return 1;
	count(DECAP_CONGESTION);
	return -1;
bad:
	count(DECAP_MALFORMED);
	return 0;
not_vip:
	count(DECAP_NOT_VIP);
	return 0;
}

SEC("xdp.frags")
int elvs_decap_xdp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct tunnel t = {};
	struct ethhdr eth, *to;
	int r = look(data, end, &t);

	if (r <= 0)
		return r < 0 ? XDP_DROP : XDP_PASS;
	if (data + sizeof(eth) > end)
		return XDP_PASS;
	__builtin_memcpy(&eth, data, sizeof(eth));
	eth.h_proto = t.inner_v6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	if (bpf_xdp_adjust_head(ctx, (int)t.outer_len)) {
		count(DECAP_FAILED);
		return XDP_DROP;
	}
	to = (void *)(long)ctx->data;
	if ((void *)(to + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	__builtin_memcpy(to, &eth, sizeof(eth));
	count(DECAP_DONE);
	return XDP_PASS;
}

/*
 * Shrinks the frame by len bytes behind the Ethernet header and leaves the right skb->protocol behind. The flags
 * that tell bpf_skb_adjust_room() of a new family are Linux 6.3's; bpf_skb_change_proto() does it on 6.1, by
 * moving 20 bytes one way or the other.
 */
static __always_inline long strip(struct __sk_buff *skb, const struct tunnel *t)
{
	__be16 proto = t->inner_v6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	int len = (int)t->outer_len;
	long r;

	if (t->outer_v6 != t->inner_v6) {
		r = bpf_skb_change_proto(skb, proto, 0);
		if (r)
			return r;
		len += t->inner_v6 ? 20 : -20;
	}
	r = bpf_skb_adjust_room(skb, -len, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	if (r || t->outer_v6 == t->inner_v6)
		return r;
	return bpf_skb_store_bytes(skb, offsetof(struct ethhdr, h_proto), &proto, sizeof(proto), 0);
}

SEC("tc")
int elvs_decap_tc(struct __sk_buff *skb)
{
	struct tunnel t = {};
	__u32 want = sizeof(struct ethhdr) + 2 * sizeof(struct ipv6hdr);
	int r;

	if (skb->pkt_type != 0 /* PACKET_HOST */)
		return TC_ACT_UNSPEC;
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return TC_ACT_UNSPEC;
	if (skb->data_end - skb->data < want)
		bpf_skb_pull_data(skb, skb->len < want ? skb->len : want);
	r = look((void *)(long)skb->data, (void *)(long)skb->data_end, &t);
	if (r <= 0)
		return r < 0 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
	if (strip(skb, &t)) {
		count(DECAP_FAILED);
		return TC_ACT_SHOT;
	}
	count(DECAP_DONE);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "GPL";
