/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * endpoint - is this address and port one of ours? Requests are looked up by their destination; whether a packet may
 * be a real server's reply is asked of a filter first, so that other traffic costs no visit to the connection table.
 */
#ifndef ELVS_BPF_ENDPOINT_H
#define ELVS_BPF_ENDPOINT_H

#include "parse.h"
#include "maps.h"

static __always_inline bool ep_is(const struct elvs_ep *ep, __u64 head, const __u32 *addr, bool v6)
{
	if (READ_ONCE(*(__u64 *)ep) != head)
		return false;
	return !v6 || (ep->addr[0] == addr[1] && ep->addr[1] == addr[2] && ep->addr[2] == addr[3]);
}

static __always_inline struct elvs_ep_line *ep_line(__u64 i)
{
	__u32 zero = 0;
	struct ep_table *t = bpf_map_lookup_elem(&eps, &zero);

	opaque(i);
	return t ? &t->line[i & (ELVS_EP_LINES - 1)] : 0;
}

/* port in network order; 0 finds services of all ports */
static __always_inline struct elvs_ep *ep_find(const __u32 *addr, __u16 port, __u8 proto, bool v6)
{
	__u8 kind = v6 ? ELVS_WK_V6 : ELVS_WK_V4;
	__u64 head = (__u64)addr[0] | (__u64)port << 32 | (__u64)proto << 48 | (__u64)kind << 56;
	__u64 level = READ_ONCE(*(__u64 *)&settings.ep_mask);	/* mask and base change together */
	__u32 mask = (__u32)level, base = level >> 32, h = elvs_ep_hash(kind, addr, port, proto), i;
	struct elvs_ep_line *line;

	i = base + (h & mask);
	line = ep_line(i);
	if (!line)
		return 0;
	if (ep_is(&line->ep[0], head, addr, v6))
		return &line->ep[0];
	if (ep_is(&line->ep[1], head, addr, v6))
		return &line->ep[1];
	if (likely(!line->ep[0].more))
		return 0;
	for (int n = 1; n < ELVS_EP_PROBES; n++) {
		i = base + ((h + n) & mask);
		line = ep_line(i);
		if (!line)
			return 0;
		if (ep_is(&line->ep[0], head, addr, v6))
			return &line->ep[0];
		if (ep_is(&line->ep[1], head, addr, v6))
			return &line->ep[1];
		if (!line->ep[0].more)
			return 0;
	}
	return 0;
}

static __always_inline bool rs_bit(__u32 bit)
{
	__u32 i = bit / 64;
	__u64 *w = bpf_map_lookup_elem(&rs_filter, &i);

	return w && READ_ONCE(*w) >> (bit % 64) & 1;
}

/* May this be the reply of a NAT real server? No false "no". */
static __always_inline bool rs_maybe(const struct pkt *p, bool v6)
{
	__u32 addr[4] = { p->saddr[0] };

	if (v6) {
		addr[1] = p->saddr[1];
		addr[2] = p->saddr[2];
		addr[3] = p->saddr[3];
	}
	return rs_bit(elvs_rs_bit(addr, p->sport, p->proto)) || rs_bit(elvs_rs_bit(addr, 0, p->proto));
}

#endif
