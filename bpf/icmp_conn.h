/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp_conn - ICMP and ICMPv6 errors about connections, on TC: they go where the packet that they are about came from
 * (spec 2.10), so that path MTU discovery works and refusals are seen at once.
 *
 *   about a reply      from the client or a router to the virtual address: sent on to the real server, as the
 *                      connection's method has it; NAT: translated
 *   about a request    that NAT had translated, from the real server or a router to the client: translated back
 *   about a tunnel     from a router to this host: told to the client as an error about its own packet, with the MTU
 *                      that is left for it
 *
 * No connection's state or timer changes. A message whose checksum is wrong would get a right-looking one: it is
 * dropped. So is one in fragments, which cannot be judged.
 */
#ifndef ELVS_BPF_ICMP_CONN_H
#define ELVS_BPF_ICMP_CONN_H

#include "quote.h"

#define ICMP_PULL 256 /* bytes in which all headers are looked for */
#define ICMP_MTU_LEAST 68

#define ICMP_UNTUNNEL (-1000) /* no verdict: icmp_untunnel() is to be called */

/* This CPU's message. Not on the stack: 512 bytes are all there is for a program and whom it calls. */
struct icmp_work {
	struct quote c;
	struct elvs_nexthop nh;
	struct addr_port to;
	struct elvs_wkey key;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct icmp_work);
	__uint(max_entries, 1);
} icmp_works SEC(".maps");

static __always_inline struct icmp_work *icmp_work(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&icmp_works, &zero);
}

/* On its own, so that all its ways are one case to the verifier afterwards */
__noinline int icmp_read(struct __sk_buff *ctx, const struct pkt *p, struct quote *c)
{
	__u32 want = ctx->len < ICMP_PULL ? ctx->len : ICMP_PULL;

	if (!p || !c || (ctx_data(ctx) + want > ctx_end(ctx) && bpf_skb_pull_data(ctx, want)))
		return ELVS_V_OTHER_PROTOCOL;
	return quote_read(ctx_data(ctx), ctx_end(ctx), p, c);
}

/* Whether the message has come whole */
__noinline int icmp_intact(struct __sk_buff *ctx, const struct pkt *p)
{
	__u32 len;
	__u64 sum;

	if (!p || p->frag != FRAG_NONE)
		return 0;
	len = p->len - p->l3len;
	sum = icmp_sum(ctx, p->l2len + p->l3len, len);
	if (p->kind == ELVS_WK_V6)
		sum += csum_addr(p->saddr, 4) + csum_addr(p->daddr, 4) + bpf_htonl(len) + bpf_htonl(IPPROTO_ICMPV6);
	return csum_fold(sum) == 0xffff;
}

/* The quoted IPv4 header's checksum, mended. What that adds to a sum, or -1 */
static __always_inline __s64 icmp_mend_v4(struct __sk_buff *ctx, __u32 at, __u64 diff)
{
	__u16 old, new;

	at += __builtin_offsetof(struct iphdr, check);
	if (bpf_skb_load_bytes(ctx, at, &old, sizeof(old)))
		return -1;
	new = csum_apply(old, diff);
	return bpf_skb_store_bytes(ctx, at, &new, sizeof(new), 0) ? -1 : (__s64)csum_swap16(old, new);
}

/* Stores an address of the header at `at`; source: as its source */
static __always_inline long icmp_store_addr(struct __sk_buff *ctx, __u32 at, __u8 kind, bool source, const __u32 *a)
{
	if (kind == ELVS_WK_V4)
		return bpf_skb_store_bytes(ctx, at + (source ? 12 : 16), a, 4, 0);
	return bpf_skb_store_bytes(ctx, at + (source ? 8 : 24), a, 16, 0);
}

/*
 * Translates the message: its source or destination, and the other one of the packet it quotes, become *to. The
 * quoted transport checksum stays, as it is not all there to compute it from. c->of: as its receiver would answer.
 */
__noinline int icmp_nat(struct __sk_buff *ctx, const struct pkt *p, const struct quote *c, const struct addr_port *to)
{
	const __u32 *outer, *inner;
	__u16 old, port;
	__u64 diff;
	__s64 mend;
	bool source;

	if (!p || !c || !to)
		return -1;
	source = to->source;
	outer = source ? p->saddr : p->daddr;
	inner = source ? c->of.saddr : c->of.daddr;
	old = source ? c->of.sport : c->of.dport;
	port = to->port;
	if (p->kind == ELVS_WK_V4) {
		mend = icmp_mend_v4(ctx, c->at, csum_swap32(inner[0], to->addr[0]));
		if (mend < 0 || bpf_l3_csum_replace(ctx, p->l2len + __builtin_offsetof(struct iphdr, check), outer[0],
						    to->addr[0], 4))
			return -1;
		diff = csum_swap32(inner[0], to->addr[0]) + mend;
	} else {
		diff = csum_swap128(inner, to->addr) + csum_swap128(outer, to->addr);
	}
	diff += csum_swap16(old, port);
	diff = (diff & 0xffffffff) + (diff >> 32);
	diff = (diff & 0xffffffff) + (diff >> 32);
	if (bpf_l4_csum_replace(ctx, p->l2len + p->l3len + 2, 0, diff, 0) ||
	    icmp_store_addr(ctx, p->l2len, p->kind, source, to->addr) ||
	    icmp_store_addr(ctx, c->at, p->kind, !source, to->addr))
		return -1;
	return bpf_skb_store_bytes(ctx, c->l4 + (source ? 2 : 0), &port, sizeof(port), 0);
}

/* What stops the message: no error is sent about an error. 0, or a verdict */
static __always_inline int icmp_obstacle(struct __sk_buff *ctx, const struct pkt *p, const struct elvs_nexthop *nh,
					 __u32 outer)
{
	if (ttl_of(p, ctx_data(ctx), ctx_end(ctx)) <= 1)
		return ELVS_V_TTL_EXPIRED;
	return p->len + outer > nh->mtu && nh->mtu ? ELVS_V_TOO_BIG : 0;
}

/* About a reply. ep: what the answer to the quoted packet would be addressed to */
static __always_inline int icmp_to_server(struct __sk_buff *ctx, struct pkt *p, struct icmp_work *w,
					  const struct elvs_ep *ep)
{
	const struct quote *c = &w->c;
	const struct elvs_nexthop *nh;
	struct elvs_stats *st;
	struct conn conn = {};
	__u32 method, outer;
	struct elvs_dest *d;
	bool local;
	int r;

	if (!request_find(&conn, &c->of, ep, &w->key, p->kind == ELVS_WK_V6))
		return -ELVS_V_NO_CONNECTION;
	d = dest_get(word_dest(conn.word));
	if (!d || !(READ_ONCE(d->flags) & ELVS_DEST_AVAILABLE))
		return -ELVS_V_DEST_GONE;
	if (!icmp_intact(ctx, p))
		return -ELVS_V_ICMP_BAD;
	nh = server_hop(ctx, d, &w->nh);
	method = word_method(conn.word);
	local = method == ELVS_LOCAL || nh->flags & ELVS_NH_LOCAL;
	outer = method == ELVS_TUNNEL ? outer_len(d) : 0;
	r = local ? 0 : icmp_obstacle(ctx, p, nh, outer);
	if (r)
		return -r;
	st = stats_of(d);
	st->inpkts++;
	st->inbytes += p->len;
	if (method == ELVS_MASQ) {
		addr_port(&w->to, d->addr, conn.dport ? conn.dport : d->port ? d->port : c->of.dport, p->kind, 0);
		if (icmp_nat(ctx, p, c, &w->to))
			return -ELVS_V_INTERNAL;
	}
	if (local)
		return -ELVS_V_LOCAL;
	if (method == ELVS_TUNNEL)
		return fwd_tun(ctx, p, nh, 0, d, outer);
	return fwd_dr(ctx, p, nh, 0, method == ELVS_MASQ ? 0 : d->kind, d->addr);
}

/* About a request that NAT had translated. own: sent by this host, on its way out, and nothing is left but to translate */
static __always_inline int icmp_to_client(struct __sk_buff *ctx, struct pkt *p, struct icmp_work *w, bool own)
{
	struct elvs_stats *st;
	struct conn conn = {};
	struct elvs_dest *d;
	struct origin o;
	bool self;
	int r = 0;

	if (!answer_conn(&w->c.of, p->kind == ELVS_WK_V6, &conn, &o))
		return -ELVS_V_NO_CONNECTION;
	d = dest_get(word_dest(conn.word));
	if (!d)
		return -ELVS_V_INTERNAL;
	if (!icmp_intact(ctx, p))
		return -ELVS_V_ICMP_BAD;
	addr_port(&w->to, o.vaddr, o.vport, p->kind, 1);
	self = addr_same(p->daddr, w->to.addr);
	if (!own && !self) {
		hop_ask(ctx, p->kind, w->to.addr, p->daddr, &w->nh);
		r = icmp_obstacle(ctx, p, &w->nh, 0);
	}
	if (r)
		return -r;
	st = stats_of(d);
	st->outpkts++;
	st->outbytes += p->len;
	if (icmp_nat(ctx, p, &w->c, &w->to))
		return -ELVS_V_INTERNAL;
	if (own)
		return 0;
	return self ? ctx_send_self(ctx) : fwd_dr(ctx, p, &w->nh, 0, 0, 0);
}

/* Type and code for the client's family, when it is not the tunnel's; 0: there are none */
static __always_inline __u32 icmp_other_family(__u8 kind, __u8 type, bool needed)
{
	enum icmp_err err = ICMP_ERR_HOST;

	if (needed)
		err = ICMP_ERR_TOO_BIG;
	else if (type == (kind == ELVS_WK_V4 ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEED))
		err = ICMP_ERR_TTL;
	else if (type != (kind == ELVS_WK_V4 ? ICMP_DEST_UNREACH : ICMPV6_DEST_UNREACH))
		return 0;
	return kind == ELVS_WK_V4 ? icmp_head6(err) : icmp_head4(err);
}

/* What the client is to be told. False: nothing */
static __always_inline bool icmp_retell(const struct pkt *p, const struct quote *c, __u32 outer, struct icmp_msg *m)
{
	bool v4 = p->kind == ELVS_WK_V4, needed;

	needed = v4 ? c->type == ICMP_DEST_UNREACH && c->code == ICMP_FRAG_NEEDED : c->type == ICMPV6_PKT_TOOBIG;
	m->info = needed && v4 ? c->info & 0xffff : c->info;
	m->head = (__u32)c->type << 24 | (__u32)c->code << 16;
	if (c->of.kind != p->kind)
		m->head = icmp_other_family(p->kind, c->type, needed);
	if (needed && m->info > ICMP_MTU_LEAST + outer)
		m->info -= outer;
	/* a client that lets its packets be fragmented does not look for the path's MTU */
	return m->head && !(needed && c->of.kind == ELVS_WK_V4 && !(c->of.frag_off & bpf_htons(ELVS_IP_DF)));
}

/* Turns the message into one about the packet inside the tunnel, and sends it to the client. */
__noinline int icmp_untunnel(struct __sk_buff *ctx, const struct pkt *p)
{
	struct icmp_work *w = icmp_work();
	struct icmp_msg m = {};
	struct quote *c;
	__u32 strip;
	__u16 type;

	if (!p || !w)
		return -ELVS_V_INTERNAL;
	c = &w->c;
	strip = c->at - p->l2len;
	if (!icmp_retell(p, c, c->tunnel.l3len, &m))
		return -ELVS_V_ICMP_TUNNEL;
	m.quote = p->len - strip < ICMP_QUOTE_MAX ? p->len - strip : ICMP_QUOTE_MAX;
	if (p->len <= strip || bpf_skb_adjust_room(ctx, -(int)strip, BPF_ADJ_ROOM_MAC, 0) ||
	    icmp_make(ctx, &c->of, &m))
		return -ELVS_V_ICMP_TUNNEL;
	type = c->of.kind == ELVS_WK_V4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	hop_ask(ctx, c->of.kind, c->of.daddr, c->of.saddr, &w->nh);
	if (!w->nh.ifindex || bpf_skb_store_bytes(ctx, 2 * ETH_ALEN, &type, sizeof(type), 0))
		return -ELVS_V_NO_ROUTE;
	count_verdict(ELVS_V_ICMP_SENT);
	w->to.kind = 0; /* by the packet's own destination */
	return tc_redirect_neigh(ctx, w->nh.ifindex, &w->to);
}

/* About a tunnel's packet: only what a client's connection, its server and the tunnel's two ends agree on is retold. */
static __always_inline int icmp_of_tunnel(struct __sk_buff *ctx, const struct pkt *p, struct icmp_work *w)
{
	const struct quote *c = &w->c;
	bool v6 = c->of.kind == ELVS_WK_V6;
	struct conn conn = {};
	struct elvs_dest *d;
	struct elvs_ep *ep;

	if (!addr_same(p->daddr, c->tunnel.saddr))
		return -ELVS_V_OTHER_PROTOCOL;
	ep = ep_of(&c->of, v6);
	if (!ep || !(ep->flags & ELVS_EP_LIVE) || !request_find(&conn, &w->c.of, ep, &w->key, v6))
		return -ELVS_V_OTHER_PROTOCOL;
	d = dest_get(word_dest(conn.word));
	if (!d || word_method(conn.word) != ELVS_TUNNEL || d->kind != c->tunnel.kind ||
	    !addr_same(d->addr, c->tunnel.daddr))
		return -ELVS_V_OTHER_PROTOCOL;
	return icmp_intact(ctx, p) ? ICMP_UNTUNNEL : -ELVS_V_ICMP_BAD;
}

/* Reads the message's quote. NULL: it is no error, or about nothing of ours */
static __always_inline struct icmp_work *icmp_quote(struct __sk_buff *ctx, struct pkt *p)
{
	struct icmp_work *w = icmp_work();

	if (!w || p->frag == FRAG_LATER || p->l2len != sizeof(struct ethhdr))
		return 0;
	pkt_whole(p);
	memset(w, 0, sizeof(*w));
	if (icmp_read(ctx, p, &w->c) != PARSE_OK)
		return 0;
	if (!w->c.tunnel.kind)
		quote_reverse(&w->c.of);
	return w;
}

/* An ICMP message that came in. An action, ICMP_UNTUNNEL, or a verdict: OTHER_PROTOCOL when it is none of ours */
__noinline int icmp_in(struct __sk_buff *ctx, struct pkt *p)
{
	struct icmp_work *w = p ? icmp_quote(ctx, p) : 0;
	const struct quote *c;
	struct elvs_ep *ep;

	if (!w)
		return -ELVS_V_OTHER_PROTOCOL;
	c = &w->c;
	if (c->tunnel.kind)
		return icmp_of_tunnel(ctx, p, w);
	if (!addr_same(p->daddr, c->of.daddr)) /* whoever sent a packet is told of it */
		return -ELVS_V_OTHER_PROTOCOL;
	ep = ep_of(&c->of, p->kind == ELVS_WK_V6);
	if (ep && ep->flags & ELVS_EP_LIVE)
		return icmp_to_server(ctx, p, w, ep);
	if (settings.flags & ELVS_SET_NAT && rs_maybe(&c->of, true))
		return icmp_to_client(ctx, p, w, false);
	return -ELVS_V_OTHER_PROTOCOL;
}

/* One that this host sends, itself being a NAT real server: translated on its way out */
__noinline int icmp_out(struct __sk_buff *ctx, struct pkt *p)
{
	struct icmp_work *w = p ? icmp_quote(ctx, p) : 0;

	if (!w || w->c.tunnel.kind || !addr_same(p->daddr, w->c.of.daddr) || !rs_maybe(&w->c.of, true))
		return 0;
	return icmp_to_client(ctx, p, w, true);
}

#endif
