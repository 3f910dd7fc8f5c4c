/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * quote - the packet that an ICMP error is about: of it the error quotes the headers, and what follows as far as
 * there was room (RFC 792, RFC 1812 4.3.2.3, RFC 4443 2.4). So, unlike parse.h, nothing is believed of lengths, and
 * four bytes of the transport header are enough.
 *
 * Pure, as parse.h is. Reads only what lies within the frame.
 */
#ifndef ELVS_BPF_QUOTE_H
#define ELVS_BPF_QUOTE_H

#include "parse.h"

#define QUOTE_REACH 0xff /* quoted headers begin within so many bytes of the frame */

/* An ICMP error, and the packet it is about */
struct quote {
	struct pkt of;	   /* l3len, len: as quoted. Of a tunnel's packet: the one inside */
	struct pkt tunnel; /* the tunnel's header, when kind is not 0 */
	__u32 at, l4;	   /* where in the frame the headers of `of` begin */
	__u32 info;	   /* the error's second word, host order: the MTU, for one */
	__u8 type, code;
	__u8 pad[2];
};

/* The ports, which stand `at` bytes into the frame. PARSE_OK, or a verdict. */
static __always_inline int quote_ports(void *data, void *end, __u32 at, struct pkt *q)
{
	__u16 *ports = data + (at & 0x1ff);

	if (q->proto != IPPROTO_TCP && q->proto != IPPROTO_UDP)
		return ELVS_V_OTHER_PROTOCOL;
	if ((void *)(ports + 2) > end)
		return ELVS_V_TRUNCATED;
	q->sport = ports[0];
	q->dport = ports[1];
	return PARSE_OK;
}

static __always_inline int quote_v4(void *data, void *end, __u32 at, struct pkt *q)
{
	struct iphdr *ip = data + (at & QUOTE_REACH);

	if ((void *)(ip + 1) > end)
		return ELVS_V_TRUNCATED;
	q->l3len = (*(__u8 *)ip & 15) * 4;
	if (*(__u8 *)ip >> 4 != 4 || q->l3len < sizeof(*ip))
		return ELVS_V_TRUNCATED;
	q->kind = ELVS_WK_V4;
	q->len = bpf_ntohs(ip->tot_len);
	q->proto = ip->protocol;
	q->frag_off = ip->frag_off;
	q->saddr[0] = ip->saddr;
	q->daddr[0] = ip->daddr;
	if (ip->frag_off & bpf_htons(ELVS_IP_OFFSET))
		return ELVS_V_FRAGMENT; /* it has no ports */
	return quote_ports(data, end, at + q->l3len, q);
}

/* Up to four extension headers are skipped, a fragment header among them. */
static __always_inline int quote_v6(void *data, void *end, __u32 at, struct pkt *q)
{
	struct ipv6hdr *ip = data + (at & QUOTE_REACH);

	if ((void *)(ip + 1) > end || *(__u8 *)ip >> 4 != 6)
		return ELVS_V_TRUNCATED;
	q->kind = ELVS_WK_V6;
	q->l3len = sizeof(*ip);
	q->len = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	q->proto = ip->nexthdr;
	memcpy(q->saddr, &ip->saddr, 16);
	memcpy(q->daddr, &ip->daddr, 16);
	for (int i = 0; i < 4; i++) {
		__u8 *ext = data + ((at + q->l3len) & 0x1ff);

		if (q->proto != IPPROTO_HOPOPTS && q->proto != IPPROTO_ROUTING && q->proto != IPPROTO_DSTOPTS &&
		    q->proto != IPPROTO_FRAGMENT)
			break;
		if ((void *)(ext + 8) > end)
			return ELVS_V_TRUNCATED;
		if (q->proto == IPPROTO_FRAGMENT && *(__u16 *)(ext + 2) & bpf_htons(0xfff8))
			return ELVS_V_FRAGMENT;
		q->l3len += q->proto == IPPROTO_FRAGMENT ? 8 : (ext[1] + 1) * 8;
		q->proto = ext[0];
		if (q->l3len > QUOTE_REACH)
			return ELVS_V_TRUNCATED;
	}
	return quote_ports(data, end, at + q->l3len, q);
}

static __always_inline int quote_ip(void *data, void *end, __u32 at, struct pkt *q, bool v6)
{
	if (at > QUOTE_REACH)
		return ELVS_V_TRUNCATED;
	return v6 ? quote_v6(data, end, at, q) : quote_v4(data, end, at, q);
}

/* The errors that tell of a connection; redirects, for one, do not. */
static __always_inline bool quote_concerns(__u8 kind, __u8 type)
{
	if (kind == ELVS_WK_V6)
		return type < ICMPV6_INFOMSG_MASK;
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED;
}

/* The packet as its receiver would answer it */
static __always_inline void quote_reverse(struct pkt *q)
{
	__u16 port = q->sport;
	__u32 addr[4];

	memcpy(addr, q->saddr, 16);
	memcpy(q->saddr, q->daddr, 16);
	memcpy(q->daddr, addr, 16);
	q->sport = q->dport;
	q->dport = port;
}

/*
 * Reads the ICMP message of *p, whose IP header has been parsed. PARSE_OK: *c, which came zeroed, tells of TCP or UDP.
 * OTHER_PROTOCOL: it is no such error, or about something else.
 */
static __always_inline int quote_read(void *data, void *end, const struct pkt *p, struct quote *c)
{
	__u32 at = p->l2len + p->l3len;
	__u8 *icmp = data + (at & QUOTE_REACH);
	int r;

	if (at > QUOTE_REACH || (void *)(icmp + 8) > end || p->len < p->l3len + 8)
		return ELVS_V_OTHER_PROTOCOL;
	c->type = icmp[0];
	c->code = icmp[1];
	if (!quote_concerns(p->kind, c->type))
		return ELVS_V_OTHER_PROTOCOL;
	c->info = bpf_ntohl(*(__u32 *)(icmp + 4));
	c->at = at + 8;
	r = quote_ip(data, end, c->at, &c->of, p->kind == ELVS_WK_V6);
	if (r == ELVS_V_OTHER_PROTOCOL && (c->of.proto == IPPROTO_IPIP || c->of.proto == IPPROTO_IPV6)) {
		c->tunnel = c->of;
		memset(&c->of, 0, sizeof(c->of));
		c->at += c->tunnel.l3len;
		r = quote_ip(data, end, c->at, &c->of, c->tunnel.proto == IPPROTO_IPV6);
	}
	c->l4 = c->at + c->of.l3len;
	return r;
}

#endif
