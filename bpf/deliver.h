/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deliver - to the real server and back to the client: what may stop a packet here, then state and accounts, then
 * the rewriting, one forwarding method a file.
 */
#ifndef ELVS_BPF_DELIVER_H
#define ELVS_BPF_DELIVER_H

#include "answer.h"
#include "hop.h"
#include "track.h"
#include "fwd_dr.h"
#include "fwd_nat.h"
#include "fwd_tun.h"

/*
 * Why this hook cannot send the packet to that hop as it is (a verdict), or 0. XDP gives all such packets to TC.
 * outer: bytes that a tunnel adds.
 */
static __always_inline int xdp_obstacle(ctx_t *ctx, const struct pkt *p, const struct elvs_nexthop *nh, __u32 outer,
					const struct elvs_if *in)
{
	if (unlikely(nh->flags & ELVS_NH_LOCAL))
		return ELVS_V_TC_LOCAL;
	if (unlikely((nh->flags & (ELVS_NH_VALID | ELVS_NH_XDP)) != (ELVS_NH_VALID | ELVS_NH_XDP)))
		return ELVS_V_TC_NEXTHOP;
	if (unlikely(p->len + outer > nh->mtu))
		return ELVS_V_TC_MTU;
	if (unlikely(in->flags & ELVS_IF_PARTIAL) && parse_partial(ctx_data(ctx), ctx_end(ctx), p))
		return ELVS_V_TC_CHECKSUM;
	if (unlikely(ttl_of(p, ctx_data(ctx), ctx_end(ctx)) <= 1))
		return ELVS_V_TC_TTL;
	return 0;
}

/* Next hop to a server: as the daemon says, while it lives */
static __always_inline const struct elvs_nexthop *server_hop(ctx_t *ctx, const struct elvs_dest *d,
							     struct elvs_nexthop *asked)
{
	if (unlikely(!daemon_alive()) && !(d->nh.flags & ELVS_NH_LOCAL) &&
	    !hop_ask(ctx, d->kind, d->tun_src, d->addr, asked))
		return asked;
	return &d->nh;
}

static __always_inline int to_server(ctx_t *ctx, struct pkt *p, struct elvs_dest *d, struct conn *c,
				     const struct elvs_if *in, bool wide)
{
	__u32 method = word_method(c->word), outer = 0;
	const struct elvs_nexthop *nh;
	struct elvs_nexthop asked;
	struct elvs_stats *st;
	__u16 dport = c->dport ? c->dport : d->port ? d->port : p->dport;
	int r;

	nh = server_hop(ctx, d, &asked);
	if (method == ELVS_TUNNEL)
		outer = outer_len(d);
	if (HOOK_XDP) {
		r = method == ELVS_LOCAL ? ELVS_V_TC_LOCAL : xdp_obstacle(ctx, p, nh, outer, in);
		if (unlikely(r))
			return -r;
	} else {
		r = tc_obstacle(ctx, p, nh, outer);
		if (unlikely(r))
			return r;
	}
	touch(c, p, method == ELVS_MASQ || !(c->word & ELVS_W_NOOUTPUT) ? TCP_DIR_IN : TCP_DIR_INPUT_ONLY, wide);
	st = stats_of(d);
	st->inpkts++;
	st->inbytes += p->len;
	if (!HOOK_XDP && (nh->flags & ELVS_NH_LOCAL || method == ELVS_LOCAL))
		return to_local(ctx, p, d, method, dport);
	if (method == ELVS_MASQ)
		return fwd_nat(ctx, p, nh, in, false, d->addr, dport);
	if (method == ELVS_TUNNEL)
		return fwd_tun(ctx, p, nh, in, d, outer);
	return fwd_dr(ctx, p, nh, in, d->kind, d->addr);
}

/* The first answer of a NAT server to a SYN: whether the client comes back is no longer the server's business. */
static __always_inline void answered(struct conn *c, const struct pkt *p)
{
	if (likely(p->proto != IPPROTO_TCP || word_state(c->word) != ELVS_TCP_SYN_RECV || c->word & ELVS_W_ANSWERED))
		return;
	__sync_fetch_and_or(c->we, ELVS_W_ANSWERED);
	c->word |= ELVS_W_ANSWERED;
}

/* Next hop to the client: cached, or asked for and kept. NULL: the kernel knows none, *ret_asked says what it does know. */
static __always_inline const struct elvs_nexthop *client_hop(ctx_t *ctx, const struct pkt *p, const __u32 *vaddr,
							     struct elvs_wslot *ws, struct elvs_nexthop *asked,
							     bool v6)
{
	const struct elvs_nexthop *nh = 0;
	__u32 id;

	if (likely(daemon_alive())) {
		if (ws)
			nh = ws->nh && ws->nh_gen == settings.generation ? hop_by_id(ws->nh) : 0;
		else
			nh = hop_cached(p->daddr[0]);
		if (likely(nh))
			return nh;
	}
	if (hop_ask(ctx, p->kind, vaddr, p->daddr, asked))
		return 0;
	id = hop_keep(asked);
	if (ws) {
		ws->nh = id;
		ws->nh_gen = settings.generation;
	} else {
		hop_cache(p->daddr[0], id);
	}
	return asked;
}

/* What the request of an answer had been addressed to, and the connection's slot when that is a wide one */
struct origin {
	const __u32 *vaddr;
	struct elvs_wslot *ws;
	__u16 vport;
};

/* The connection that an answer of a NAT real server belongs to. p: pkt_whole() */
static __always_inline bool answer_conn(const struct pkt *p, bool v6, struct conn *c, struct origin *o)
{
	__u32 loc = v6 ? 0 : narrow_answer(p);
	struct elvs_svc *svc;
	struct elvs_slot *s;

	o->ws = 0;
	if (loc) {
		s = narrow_slot(loc);
		svc = s ? svc_get(READ_ONCE(s->key) >> 48) : 0;
		if (!svc || !narrow_at(c, loc))
			return false;
		o->vaddr = svc->vaddr;
		o->vport = svc->vport;
		return true;
	}
	loc = wide_answer(p);
	o->ws = loc ? wide_slot(loc) : 0;
	if (!o->ws || !wide_at(c, loc))
		return false;
	o->vaddr = o->ws->key.vaddr;
	o->vport = o->ws->key.vport;
	return true;
}

/* A packet from a NAT real server, if it belongs to a connection: its source becomes the virtual service again. */
static __always_inline int reply(ctx_t *ctx, struct pkt *p, const struct elvs_if *in, bool v6)
{
	const struct elvs_nexthop *nh;
	struct elvs_nexthop asked;
	struct elvs_stats *st;
	struct elvs_dest *d;
	struct conn c = {};
	struct origin o;
	bool self;
	int r;

	pkt_whole(p);
	if (!answer_conn(p, v6, &c, &o))
		return -ELVS_V_NO_CONNECTION;
	d = dest_get(word_dest(c.word));
	if (!d)
		return -ELVS_V_INTERNAL;
	nh = client_hop(ctx, p, o.vaddr, o.ws, &asked, v6);
	self = !HOOK_XDP && !nh && addr_same(p->daddr, o.vaddr);
	if (HOOK_XDP) {
		r = nh ? xdp_obstacle(ctx, p, nh, 0, in) : ELVS_V_TC_NEXTHOP;
		if (unlikely(r))
			return -r;
	} else if (likely(!self)) {
		if (!nh)
			nh = &asked;
		r = tc_obstacle(ctx, p, nh, 0);
		if (unlikely(r))
			return r;
	}
	answered(&c, p);
	touch(&c, p, TCP_DIR_OUT, !!o.ws);
	st = stats_of(d);
	st->outpkts++;
	st->outbytes += p->len;
	if (unlikely(self))
		return to_self(ctx, p, o.vaddr, o.vport);
	return fwd_nat(ctx, p, nh, in, true, o.vaddr, o.vport);
}

#endif
