/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * established - the short way, on XDP: IPv4 without options or tags, TCP with nothing but ACK (or UDP), on a
 * connection that stands where it is looked for first, whose state does not change, with a next hop that is known.
 * Nine packets in ten are that. Takes the same steps as director.h and deliver.h, but with the packet's layout known
 * to the compiler; whatever is not as said goes the long way, and nothing has been changed before that is decided.
 */
#ifndef ELVS_BPF_ESTABLISHED_H
#define ELVS_BPF_ESTABLISHED_H

#include "deliver.h"

#define LONG_WAY (-1000)	/* no verdict is that */

static __always_inline bool plain(ctx_t *ctx, struct pkt *p)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx);
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u8 *l4 = (void *)(ip + 1);

	if ((void *)l4 + sizeof(struct tcphdr) > end)
		return false;
	if (*(__u16 *)(data + 2 * ETH_ALEN) != bpf_htons(ETH_P_IP) || *(__u8 *)ip != 0x45 ||
	    ip->frag_off & bpf_htons(ELVS_IP_MF_OFFSET) || ip->ttl <= 1)
		return false;
	p->l2len = sizeof(struct ethhdr);
	p->l3len = sizeof(*ip);
	p->len = bpf_ntohs(ip->tot_len);
	p->kind = ELVS_WK_V4;
	p->proto = ip->protocol;
	p->frag = FRAG_NONE;
	p->tcp_flags = TCPF_ACK;
	p->saddr[0] = ip->saddr;
	p->daddr[0] = ip->daddr;
	p->sport = *(__u16 *)l4;
	p->dport = *(__u16 *)(l4 + 2);
	if (p->len < sizeof(*ip) + sizeof(struct tcphdr) || p->len + sizeof(struct ethhdr) > (__u32)(end - data))
		return false;
	if (likely(p->proto == IPPROTO_TCP))
		return (l4[13] & (TCPF_SYN | TCPF_FIN | TCPF_RST | TCPF_ACK)) == TCPF_ACK && l4[12] >= 0x50;
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

static __always_inline void rearm(struct elvs_slot *s, __u8 proto)
{
	__u32 expiry = settings.clock +
		       (proto == IPPROTO_UDP ? settings.udp_timeout : settings.timeout[ELVS_TCP_ESTABLISHED]);

	if (READ_ONCE(s->expiry) != expiry)
		WRITE_ONCE(s->expiry, expiry);
}

static __always_inline int established_request(ctx_t *ctx, struct pkt *p, const struct elvs_ep *ep,
					       const struct elvs_if *in)
{
	__u64 key = request_narrow_key(p, ep), hash;
	__u32 i, loc, word, method, outer = 0;
	struct elvs_stats *st;
	struct elvs_pair *pair;
	struct elvs_slot *s;
	struct elvs_dest *d;

	if ((ep->flags & (ELVS_EP_LIVE | ELVS_EP_WIDE | ELVS_EP_GONE)) != ELVS_EP_LIVE)
		return LONG_WAY;
	pair = first_pair(p->saddr[0], p->sport, &hash, &i);
	s = pair ? narrow_near(pair, i, hash, key, &loc) : 0;
	if (unlikely(!s))
		return LONG_WAY;
	word = READ_ONCE(s->word);
	if (unlikely(!steady(s, word, p->proto) || READ_ONCE(s->key) != key))
		return LONG_WAY;
	d = dest_get(word_dest(word));
	method = word_method(word);
	if (unlikely(!d || !(READ_ONCE(d->flags) & ELVS_DEST_AVAILABLE) || method == ELVS_LOCAL))
		return LONG_WAY;
	if (method == ELVS_TUNNEL)
		outer = outer_len(d);
	if (unlikely(xdp_obstacle(ctx, p, &d->nh, outer, in)))
		return LONG_WAY;
	rearm(s, p->proto);
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
	if (unlikely(!nh || xdp_obstacle(ctx, p, nh, 0, in)))
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
	if (likely(ep))
		return established_request(ctx, &p, ep, in);
	if (settings.flags & ELVS_SET_NAT)
		return established_reply(ctx, &p, in);
	return LONG_WAY;
}

#endif
