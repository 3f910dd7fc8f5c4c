/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * director - a packet's way: parse, find its connection or make one, forward, account. Compiled once per hook.
 *
 * Before anything is changed it is decided whether this hook can finish the packet; so what XDP hands to TC has left
 * no trace but, perhaps, a new connection, which TC then finds.
 */
#ifndef ELVS_BPF_DIRECTOR_H
#define ELVS_BPF_DIRECTOR_H

/* include ctx_xdp.h or ctx_tc.h first */
#include "deliver.h"
#include "check.h"

static __always_inline void request_key(const struct pkt *p, const struct elvs_ep *ep, struct elvs_wkey *k, bool v6)
{
	k->word[0] = v6 ? wkey_pair(p->saddr[0], p->saddr[1]) : p->saddr[0];
	k->word[1] = v6 ? wkey_pair(p->saddr[2], p->saddr[3]) : 0;
	k->word[2] = v6 ? wkey_pair(p->daddr[0], p->daddr[1]) : p->daddr[0];
	k->word[3] = v6 ? wkey_pair(p->daddr[2], p->daddr[3]) : 0;
	k->word[4] = wkey_last(p->sport, p->dport, ep->id, p->proto, v6 ? ELVS_WK_V6 : ELVS_WK_V4);
}

/*
 * May the packet open a connection (spec 2.4)? own: it comes from this very host, over the loopback interface. Then the
 * virtual address may be its source, and what answers a connection opens none.
 */
static __always_inline bool opens(const struct pkt *p, bool own)
{
	if (own && p->proto == IPPROTO_TCP && p->tcp_flags & TCPF_ACK)
		return false;
	if (p->proto == IPPROTO_TCP && (p->tcp_flags & TCPF_RST || !(p->tcp_flags & TCPF_SYN)) &&
	    !(settings.sloppy_tcp && !(p->tcp_flags & TCPF_RST)))
		return false;
	if (!own && p->saddr[0] == p->daddr[0] && (p->kind == ELVS_WK_V4 || (p->saddr[1] == p->daddr[1] &&
	    p->saddr[2] == p->daddr[2] && p->saddr[3] == p->daddr[3])))
		return false;	/* claims to come from the virtual address itself: the host's source check says no */
	return p->sport != bpf_htons(20);	/* active FTP's data connection: never scheduled by itself */
}

/* A SYN on a connection that is as good as over gets a new one (conn_reuse_mode). */
static __always_inline bool reuses(const struct pkt *p, __u32 word)
{
	__u32 state = word_state(word);

	return p->proto == IPPROTO_TCP && p->tcp_flags & TCPF_SYN && settings.conn_reuse &&
	       !(word & ELVS_W_CONTROLLED) && (state == ELVS_TCP_TIME_WAIT || state == ELVS_TCP_CLOSE);
}

/* A connection for the packet: persistence first, then the table. 0, or a verdict. f->dest is 0. */
static __always_inline int open_conn(struct flow *f)
{
	struct elvs_svc *svc = svc_get(f->key.svc);
	int r;

	if (!svc || svc->used != 1)
		return ELVS_V_NO_CONNECTION;
	if (svc->flags & ELVS_SVC_PERSISTENT) {
		f->dest = template_dest(&f->key);
		if (f->dest & TEMPLATE_FAILED)
			return f->dest & ~TEMPLATE_FAILED;
	}
	r = f->wide ? wide_new(f) : narrow_new(f);
	if (unlikely(r == FLOW_STALE)) {
		if (f->wide)
			wide_end(f->loc, f->stale);
		else
			narrow_end(f->loc, f->stale);
		r = f->wide ? wide_new(f) : narrow_new(f);
		if (r == FLOW_STALE)
			r = ELVS_V_LOCK_BUSY;
	}
	if (unlikely(f->dest && !f->word))
		template_put(&f->key, f->dest);	/* no child came of it */
	return r;
}

/* The same, with f->key filled, and the verdict as this hook has it */
static __always_inline int open_flow(struct flow *f, const struct pkt *p, bool wide, bool reuse)
{
	int r;

	f->tcp_flags = p->tcp_flags;
	f->wide = wide;
	f->reuse = reuse;
	f->pad = 0;
	f->dest = 0;
	f->loc = 0;
	f->word = 0;
	f->stale = 0;
	r = open_conn(f);
	if (HOOK_XDP && unlikely(r))
		return r == ELVS_V_NO_DEST ? ELVS_V_TC_NO_DEST : r == ELVS_V_LOCK_BUSY ? ELVS_V_TC_LOCK : r;
	return r;
}

/* A client asks a second time because nobody has answered it: the first thing to be seen of a dead server. */
static __always_inline void repeated(const struct pkt *p, __u32 word)
{
	struct elvs_dest *d;

	if (likely(p->proto != IPPROTO_TCP || !(p->tcp_flags & TCPF_SYN) || word_state(word) != ELVS_TCP_SYN_RECV))
		return;
	d = dest_get(word_dest(word));
	if (d)
		stats_of(d)->repeated++;
}

/* The request's connection: found, or made. 0 with *c filled, or a verdict. */
static __always_inline int request_conn(ctx_t *ctx, const struct pkt *p, const struct elvs_ep *ep,
					const struct elvs_if *in, bool v6, bool wide, struct conn *c)
{
	struct flow f;
	bool found, reuse = false;
	int r;

	if (wide) {
		request_key(p, ep, &f.key, v6);
		found = wide_find(c, &f.key);
	} else {
		found = narrow_find(c, request_narrow_key(p, ep));
	}
	if (likely(found)) {
		reuse = reuses(p, c->word);
		if (likely(!reuse)) {
			repeated(p, c->word);
			return 0;
		}
	}
	if (ep->flags & ELVS_EP_GONE || !opens(p, ctx_is_own(ctx)))
		return ELVS_V_NO_CONNECTION;
	if (HOOK_XDP && in->flags & ELVS_IF_PARTIAL && parse_partial(ctx_data(ctx), ctx_end(ctx), p))
		return ELVS_V_TC_CHECKSUM;
	if (!wide)
		request_key(p, ep, &f.key, v6);
	if (unlikely(settings.flags & ELVS_SET_CHECK) && check_concerns(&f.key))
		return ELVS_V_NO_CONNECTION;
	r = open_flow(&f, p, wide, reuse);
	if (unlikely(r))
		return r;
	return (wide ? wide_at(c, f.loc) : narrow_at(c, f.loc)) ? 0 : ELVS_V_INTERNAL;
}

/* A packet to a service. ep: what its destination was found as; wide: the table of its connections. */
static __always_inline int request_in(ctx_t *ctx, struct pkt *p, const struct elvs_ep *ep, const struct elvs_if *in,
				      bool v6, bool wide)
{
	struct elvs_dest *d;
	struct conn c;
	int r;

	r = request_conn(ctx, p, ep, in, v6, wide, &c);
	if (unlikely(r))
		return -r;
	d = dest_get(word_dest(c.word));
	if (unlikely(!d || !(READ_ONCE(d->flags) & ELVS_DEST_AVAILABLE)))
		return -ELVS_V_DEST_GONE;
	return to_server(ctx, p, d, &c, in, wide);
}

static __always_inline int request(ctx_t *ctx, struct pkt *p, const struct elvs_ep *ep, const struct elvs_if *in,
				   bool v6)
{
	return request_in(ctx, p, ep, in, v6, v6 || ep->flags & ELVS_EP_WIDE);
}

/* The connection of a request, if there is one. k: room for its key */
static __always_inline bool request_find(struct conn *c, const struct pkt *p, const struct elvs_ep *ep,
					 struct elvs_wkey *k, bool v6)
{
	if (!v6 && !(ep->flags & ELVS_EP_WIDE))
		return narrow_find(c, request_narrow_key(p, ep));
	request_key(p, ep, k, v6);
	return wide_find(c, k);
}

/* What a packet is addressed to; NULL: nothing of ours */
static __always_inline struct elvs_ep *ep_of(const struct pkt *p, bool v6)
{
	struct elvs_ep *ep = ep_find(p->daddr, p->dport, p->proto, v6);

	/* a deleted service does not hide the one for all ports */
	if (unlikely((!ep || ep->flags & ELVS_EP_GONE) && settings.flags & ELVS_SET_PORT0)) {
		struct elvs_ep *all = ep_find(p->daddr, 0, p->proto, v6);

		/* the answer to this host's own request has such an address, too, and was there first (spec 2.1) */
		if (all)
			ep = is_answer(p) ? 0 : all;
	}
	return ep;
}

/* Tells requests from replies. */
static __always_inline int direct(ctx_t *ctx, struct pkt *p, const struct elvs_if *in, bool v6)
{
	struct elvs_ep *ep = ep_of(p, v6);

	if (likely(ep && ep->flags & ELVS_EP_LIVE))
		return request(ctx, p, ep, in, v6);
	if (unlikely(ep && ep->flags & ELVS_EP_MUTED))	/* here: with ep still known below, 6.1 verifies half as much again */
		return -ELVS_V_VIP_MUTED;
	if (settings.flags & ELVS_SET_NAT && rs_maybe(p, v6))
		return reply(ctx, p, in, v6);
	return ep ? -ELVS_V_VIP_NOT_LOCAL : -ELVS_V_NO_SERVICE;
}

#endif
