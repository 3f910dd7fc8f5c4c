/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse - headers to struct pkt, or the verdict that says why not. Reads only what lies within the frame.
 *
 * Pure: needs nothing but the two pointers and the frame's length, so it also compiles for user space (fuzzing).
 */
#ifndef ELVS_BPF_PARSE_H
#define ELVS_BPF_PARSE_H

#include "csum.h"

#define ELVS_ETH_P_8021Q 0x8100
#define ELVS_ETH_P_8021AD 0x88a8
#define ELVS_IP_DF 0x4000
#define ELVS_IP_MF_OFFSET 0x3fff	/* more fragments, or an offset */
#define ELVS_IP_OFFSET 0x1fff

struct pkt {
	__u16 l2len;		/* bytes before the IP header */
	__u16 l3len;		/* of IP header and options */
	__u32 len;		/* of the IP packet, as its header says */
	__u8 kind;		/* ELVS_WK_V4, ELVS_WK_V6 */
	__u8 proto;
	__u8 tcp_flags;
	__u8 frag;		/* FRAG_*: ports are only there in the first */
	__u16 sport, dport;
	__u32 saddr[4], daddr[4];
	__u16 frag_off;		/* IPv4: flags and offset, network order */
	__u16 pad;
	__u32 frag_id;
};

/* Plain data without pointers or padding: it is handed to functions that the verifier checks on their own. */
_Static_assert(sizeof(struct pkt) == 56, "struct pkt must have no padding");

/* Before it is handed over: the parts of the addresses that IPv4 does not have */
static __always_inline void pkt_whole(struct pkt *p)
{
	if (p->kind != ELVS_WK_V4)
		return;
	p->saddr[1] = p->saddr[2] = p->saddr[3] = 0;
	p->daddr[1] = p->daddr[2] = p->daddr[3] = 0;
}

static __always_inline void *pkt_l3(void *data, const struct pkt *p)
{
	return data + (p->l2len & 31);
}

static __always_inline void *pkt_l4(void *data, const struct pkt *p)
{
	return data + (p->l2len & 31) + (p->l3len & 0x3fff);
}


enum { FRAG_NONE, FRAG_FIRST, FRAG_LATER };

#define PARSE_OK ELVS_V_FORWARDED

/*
 * Ethernet and up to two VLAN tags. Returns the ethertype (host order), 0 when cut short.
 * zero: 0, but the compiler and the verifier must not know: lengths of untagged and tagged frames then are one case
 * to them, not three, for all that follows.
 */
static __always_inline __u16 parse_l2(void *data, void *end, struct pkt *p, __u32 zero)
{
	__u32 len = sizeof(struct ethhdr);
	__u16 *at = data + 2 * ETH_ALEN, type;	/* not through struct ethhdr, which is packed: byte by byte */

	if (data + sizeof(struct ethhdr) > end)
		return 0;
	type = bpf_ntohs(*at);
	for (int i = 0; i < 2; i++) {
		__u16 *tag;

		if (likely(type != ELVS_ETH_P_8021Q && type != ELVS_ETH_P_8021AD))
			break;
		tag = data + len;
		if ((void *)(tag + 2) > end)
			return 0;
		type = bpf_ntohs(tag[1]);
		len += 4;
	}
	p->l2len = (len + zero) & 31;
	return type;
}

static __always_inline int parse_l4(void *l4, void *end, struct pkt *p)
{
	__u16 *ports = l4;

	if (p->proto == IPPROTO_TCP) {
		struct tcphdr *th = l4;

		if ((void *)(th + 1) > end || p->len < p->l3len + sizeof(*th) || ((__u8 *)th)[12] >> 4 < 5)
			return ELVS_V_TRUNCATED;
		p->tcp_flags = ((__u8 *)th)[13];
	} else if (p->proto == IPPROTO_UDP) {
		if (l4 + sizeof(struct udphdr) > end || p->len < p->l3len + sizeof(struct udphdr))
			return ELVS_V_TRUNCATED;
		p->tcp_flags = 0;
	} else {
		return ELVS_V_OTHER_PROTOCOL;
	}
	p->sport = ports[0];
	p->dport = ports[1];
	return PARSE_OK;
}

/*
 * frame: bytes of the whole frame, also what lies outside the linear part. walk: this hook can do with fragments and
 * IPv6 extension headers (TC); a later fragment still ends with TC_FRAGMENT, its ports are found elsewhere.
 */
static __always_inline int parse_v4(void *data, void *end, __u32 frame, struct pkt *p, bool walk)
{
	struct iphdr *ip = pkt_l3(data, p);

	if ((void *)(ip + 1) > end)
		return ELVS_V_BAD_HEADER;
	p->kind = ELVS_WK_V4;
	p->l3len = (*(__u8 *)ip & 15) * 4;
	p->len = bpf_ntohs(ip->tot_len);
	if (*(__u8 *)ip >> 4 != 4 || p->l3len < sizeof(*ip) || p->len < p->l3len || p->l2len + p->len > frame)
		return ELVS_V_BAD_HEADER;
	p->proto = ip->protocol;
	p->saddr[0] = ip->saddr;
	p->daddr[0] = ip->daddr;
	p->frag_off = ip->frag_off;
	p->frag_id = ip->id;
	p->pad = 0;
	p->frag = FRAG_NONE;
	if (unlikely(ip->frag_off & bpf_htons(ELVS_IP_MF_OFFSET))) {
		p->frag = ip->frag_off & bpf_htons(ELVS_IP_OFFSET) ? FRAG_LATER : FRAG_FIRST;
		if (!walk || p->frag == FRAG_LATER)
			return ELVS_V_TC_FRAGMENT;
	}
	return parse_l4((void *)ip + p->l3len, end, p);
}

/* Up to four extension headers before TCP or UDP are skipped. zero: as for parse_l2. */
static __always_inline int parse_v6(void *data, void *end, __u32 frame, struct pkt *p, __u32 zero, bool walk)
{
	struct ipv6hdr *ip = pkt_l3(data, p);
	void *l4 = ip + 1;
	__u32 *a;

	if ((void *)(ip + 1) > end)
		return ELVS_V_BAD_HEADER;
	p->kind = ELVS_WK_V6;
	p->l3len = sizeof(*ip);
	p->len = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	if (*(__u8 *)ip >> 4 != 6 || p->l2len + p->len > frame)
		return ELVS_V_BAD_HEADER;
	p->proto = ip->nexthdr;
	p->frag = FRAG_NONE;
	p->pad = 0;
	p->frag_off = 0;
	p->frag_id = 0;
	a = (__u32 *)&ip->saddr;
	p->saddr[0] = a[0];
	p->saddr[1] = a[1];
	p->saddr[2] = a[2];
	p->saddr[3] = a[3];
	p->daddr[0] = a[4];
	p->daddr[1] = a[5];
	p->daddr[2] = a[6];
	p->daddr[3] = a[7];
	for (int i = 0; i < 4; i++) {
		__u8 *ext = l4;

		if (likely(p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP))
			break;
		if (p->proto != IPPROTO_HOPOPTS && p->proto != IPPROTO_ROUTING && p->proto != IPPROTO_DSTOPTS &&
		    p->proto != IPPROTO_FRAGMENT)
			break;
		if (!walk)
			return p->proto == IPPROTO_FRAGMENT ? ELVS_V_TC_FRAGMENT : ELVS_V_TC_EXTENSION;
		if ((void *)(ext + 8) > end)
			return ELVS_V_TRUNCATED;
		if (p->proto == IPPROTO_FRAGMENT) {
			p->frag = *(__u16 *)(ext + 2) & bpf_htons(0xfff8) ? FRAG_LATER : FRAG_FIRST;
			p->frag_id = *(__u32 *)(ext + 4);
			p->l3len += 8;
		} else {
			p->l3len += (ext[1] + 1) * 8;
		}
		p->proto = ext[0];
		if (p->frag == FRAG_LATER)
			return p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP ? ELVS_V_TC_FRAGMENT :
										    ELVS_V_OTHER_PROTOCOL;
		l4 = (void *)ip + (p->l3len & 0x3fff);
	}
	if (walk) {	/* however many headers there were, one case from here on */
		p->l3len = (p->l3len + zero) & 0x1fff;
		p->proto = (p->proto + zero) & 0xff;
		p->frag = (p->frag + zero) & 3;
		l4 = (void *)ip + p->l3len;
	}
	return parse_l4(l4, end, p);
}

/*
 * Does the L4 checksum still hold only the pseudo-header's sum? Then the sender left the rest to a device that this
 * packet never met. (One good packet in 65,536 looks like that, too.)
 */
static __always_inline bool parse_partial(void *data, void *end, const struct pkt *p)
{
	void *l4 = pkt_l4(data, p);
	__u16 len = bpf_htons(p->len - p->l3len), check;
	int words = p->kind == ELVS_WK_V4 ? 1 : 4;
	__u64 s = csum_addr(p->saddr, words) + csum_addr(p->daddr, words) + len + bpf_htons(p->proto);

	if (p->proto == IPPROTO_TCP) {
		struct tcphdr *th = l4;

		if ((void *)(th + 1) > end)
			return false;
		check = th->check;
	} else {
		struct udphdr *uh = l4;

		if ((void *)(uh + 1) > end)
			return false;
		check = uh->check;
	}
	return check == csum_fold(s);
}

#endif
