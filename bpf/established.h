/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * established - the short way, on XDP: IPv4 without options or tags, TCP with nothing but ACK (or UDP), on a
 * connection that stands where it is looked for first, whose state does not change, with a next hop that is known.
 * Nine packets in ten are that. TCP with nothing but SYN (or UDP) that opens a connection goes it, too. Takes the same
 * steps as director.h and deliver.h, but with the packet's layout known to the compiler; whatever is not as said goes
 * the long way, and nothing but the new connection has been changed before that is decided.
 */
#ifndef ELVS_BPF_ESTABLISHED_H
#define ELVS_BPF_ESTABLISHED_H

#include "deliver.h"

#define LONG_WAY (-1000)	/* no verdict is that */
#define SHORT_HEADERS (sizeof(struct ethhdr) + sizeof(struct iphdr))

/* What plain() looks at in one load: version, header length, fragment flags and offset */
#define PLAIN_MASK 0xff3f0000000000ffull
#define PLAIN_WANT 0x45

/* Few loads, each of whole fields: this is what every packet pays. */
static __always_inline bool plain(ctx_t *ctx, struct pkt *p)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx);
	__u64 head, addrs;
	__u32 ttl, ports;
	__u16 flags;

	if (data + SHORT_HEADERS + sizeof(struct tcphdr) > end)
		return false;
	head = *(__u64 *)(data + 14);
	ttl = *(__u32 *)(data + 22);
	addrs = *(__u32 *)(data + 26) | (__u64)*(__u32 *)(data + 30) << 32;
	ports = *(__u32 *)(data + 34);
	flags = *(__u16 *)(data + 46);
	if (*(__u16 *)(data + 2 * ETH_ALEN) != bpf_htons(ETH_P_IP) || (head & PLAIN_MASK) != PLAIN_WANT ||
	    (ttl & 0xff) <= 1)
		return false;
	p->l2len = sizeof(struct ethhdr);
	p->l3len = sizeof(struct iphdr);
	p->len = bpf_ntohs((__u16)(head >> 16));
	p->kind = ELVS_WK_V4;
	p->proto = ttl >> 8;
	p->frag = FRAG_NONE;
	p->tcp_flags = 0;
	p->saddr[0] = addrs;
	p->daddr[0] = addrs >> 32;
	p->sport = ports;
	p->dport = ports >> 16;
	if (p->len < sizeof(struct iphdr) + sizeof(struct tcphdr) ||
	    p->len + sizeof(struct ethhdr) > (__u32)(end - data))
		return false;
	if (likely(p->proto == IPPROTO_TCP)) {
		p->tcp_flags = flags >> 8 & (TCPF_SYN | TCPF_FIN | TCPF_RST | TCPF_ACK);
		return (p->tcp_flags == TCPF_ACK || p->tcp_flags == TCPF_SYN) && (flags & 0xff) >= 0x50;
	}
	return p->proto == IPPROTO_UDP;
}

/* The pair in which the connection of this client is looked for first */
static __always_inline struct elvs_pair *first_pair(__u32 caddr, __u16 cport, __u64 *hash, __u32 *i)
{
	*hash = elvs_conn_hash(caddr, cport, settings.key);
	*i = narrow_index(elvs_probe(*hash, 0));
	return narrow_pair(*i);
}

/* Alive, and nothing but the timer to change: TCP established, any UDP to the server */
static __always_inline bool steady(const struct elvs_slot *s, __u32 word, __u8 proto)
{
	return word_dest(word) && (__s32)(READ_ONCE(s->expiry) - settings.clock) > 0 &&
	       (proto == IPPROTO_UDP || word_state(word) == ELVS_TCP_ESTABLISHED);
}

/* parse_partial() for such packets; p's address goes nowhere, so that its fields are registers and constants */
static __always_inline bool short_partial(ctx_t *ctx, const struct pkt *p)
{
	void *check = ctx_data(ctx) + SHORT_HEADERS + (p->proto == IPPROTO_TCP ? 16 : 6);
	__u64 s = (__u64)p->saddr[0] + p->daddr[0] + bpf_htons(p->len - sizeof(struct iphdr)) + bpf_htons(p->proto);

	return check + 2 <= ctx_end(ctx) && *(__u16 *)check == csum_fold(s);
}

/* Whether the packet cannot go to that hop as it is */
static __always_inline bool short_obstacle(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh,
					   __u32 outer, const struct elvs_if *in)
{
	const __u8 need = ELVS_NH_VALID | ELVS_NH_XDP;

	if ((READ_ONCE(nh->flags) & (need | ELVS_NH_LOCAL)) != need || p->len + outer > nh->mtu)
		return true;
	return unlikely(in->flags & ELVS_IF_PARTIAL) && short_partial(ctx, p);
}

static __always_inline void rearm(struct elvs_slot *s, __u8 proto)
{
	__u32 expiry = settings.clock +
		       (proto == IPPROTO_UDP ? settings.udp_timeout : settings.timeout[ELVS_TCP_ESTABLISHED]);

	if (READ_ONCE(s->expiry) != expiry)
		WRITE_ONCE(s->expiry, expiry);
}

/*
 * A first packet makes its connection: 0 with *word, or a verdict (negative), or LONG_WAY. None stands in the pair.
 */
static __always_inline int short_open(ctx_t *ctx, const struct pkt *p, const struct elvs_ep *ep,
				      const struct elvs_if *in, const struct elvs_pair *pair, __u32 *word)
{
	struct flow f;
	int r;

	if (p->tcp_flags & TCPF_ACK || !opens(p, false) || settings.flags & ELVS_SET_CHECK || settings.splitting ||
	    READ_ONCE(pair->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW)
		return LONG_WAY;
	if (unlikely(in->flags & ELVS_IF_PARTIAL) && short_partial(ctx, p))
		return LONG_WAY;
	request_key(p, ep, &f.key, false);
	r = open_flow(&f, p, false, false);
	if (unlikely(r))
		return -r;
	*word = f.word;
	return *word ? 0 : LONG_WAY;	/* 0: another CPU has made it */
}

/* proto: p's, as a constant */
static __always_inline int established_request(ctx_t *ctx, struct pkt *p, const struct elvs_ep *ep,
					       const struct elvs_if *in, __u8 proto)
{
	__u64 key = request_narrow_key(p, ep), hash;
	__u32 i, loc, word, method, outer = 0;
	struct elvs_stats *st;
	struct elvs_pair *pair;
	struct elvs_slot *s;
	struct elvs_dest *d;
	int r;

	p->proto = proto;
	if ((ep->flags & (ELVS_EP_LIVE | ELVS_EP_WIDE | ELVS_EP_GONE)) != ELVS_EP_LIVE)
		return LONG_WAY;
	pair = first_pair(p->saddr[0], p->sport, &hash, &i);
	if (unlikely(!pair))
		return LONG_WAY;
	s = narrow_near(pair, i, hash, key, &loc);
	if (likely(s)) {
		word = READ_ONCE(s->word);
		if (unlikely(p->tcp_flags == TCPF_SYN || !steady(s, word, proto) || READ_ONCE(s->key) != key))
			return LONG_WAY;
	} else {
		r = short_open(ctx, p, ep, in, pair, &word);
		if (unlikely(r))
			return r;
	}
	d = dest_get_fast(word_dest(word));
	method = word_method(word);
	if (unlikely(!d || !(READ_ONCE(d->flags) & ELVS_DEST_AVAILABLE)))
		return LONG_WAY;
	if (method == ELVS_TUNNEL)
		outer = outer_len(d);
	if (unlikely(method == ELVS_LOCAL || short_obstacle(ctx, p, &d->nh, outer, in))) {
		if (s)
			return LONG_WAY;
		/* the long way would take the packet for one that comes again */
		r = method == ELVS_LOCAL ? ELVS_V_TC_LOCAL : xdp_obstacle(ctx, p, &d->nh, outer, in);
		return r ? -r : LONG_WAY;
	}
	if (likely(s))
		rearm(s, proto);
	st = stats_of(d);
	st->inpkts++;
	st->inbytes += p->len;
	if (method == ELVS_MASQ)
		return fwd_nat(ctx, p, &d->nh, in, false, d->addr, d->port ? d->port : p->dport);
	if (method == ELVS_TUNNEL)
		return fwd_tun(ctx, p, &d->nh, in, d, outer);
	return fwd_dr(ctx, p, &d->nh, in, d->kind, d->addr);
}

static __always_inline int established_reply(ctx_t *ctx, struct pkt *p, const struct elvs_if *in)
{
	const struct elvs_nexthop *nh;
	struct elvs_stats *st;
	struct elvs_slot *s;
	struct elvs_dest *d;
	struct elvs_svc *svc;
	__u32 loc, word;

	if (!rs_maybe(p, false))
		return LONG_WAY;
	s = narrow_answer_near(p, elvs_conn_hash(p->daddr[0], p->dport, settings.key), &loc);
	if (!s || !narrow_answers(s, p, &word, &d, &svc))
		return LONG_WAY;
	/* UDP: the first answer changes the state */
	if (!steady(s, word, p->proto) || (p->proto == IPPROTO_UDP && word_state(word) == ELVS_UDP_STATE))
		return LONG_WAY;
	nh = hop_cached(p->daddr[0]);
	if (unlikely(!nh || short_obstacle(ctx, p, nh, 0, in)))
		return LONG_WAY;
	rearm(s, p->proto);
	st = stats_of(d);
	st->outpkts++;
	st->outbytes += p->len;
	return fwd_nat(ctx, p, nh, in, true, svc->vaddr, svc->vport);
}

/* An action, a verdict (negative), or LONG_WAY */
static __always_inline int established(ctx_t *ctx, const struct elvs_if *in)
{
	struct elvs_ep *ep;
	struct pkt p;

	if (!plain(ctx, &p) || !daemon_alive())
		return LONG_WAY;
	ep = ep_find(p.daddr, p.dport, p.proto, false);
	if (likely(ep)) {
		if (likely(p.proto == IPPROTO_TCP))
			return established_request(ctx, &p, ep, in, IPPROTO_TCP);
		return established_request(ctx, &p, ep, in, IPPROTO_UDP);
	}
	if (settings.flags & ELVS_SET_NAT)
		return established_reply(ctx, &p, in);
	return LONG_WAY;
}

#endif
