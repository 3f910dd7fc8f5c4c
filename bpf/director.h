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
	memset(k, 0, sizeof(*k));
	k->caddr[0] = p->saddr[0];
	k->vaddr[0] = p->daddr[0];
	if (v6) {
		k->caddr[1] = p->saddr[1];
		k->caddr[2] = p->saddr[2];
		k->caddr[3] = p->saddr[3];
		k->vaddr[1] = p->daddr[1];
		k->vaddr[2] = p->daddr[2];
		k->vaddr[3] = p->daddr[3];
	}
	k->cport = p->sport;
	k->vport = p->dport;
	k->svc = ep->id;
	k->proto = p->proto;
	k->kind = v6 ? ELVS_WK_V6 : ELVS_WK_V4;
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

/* A connection for the packet: persistence first, then the table. 0, or a verdict. */
static __always_inline int open_conn(struct flow *f)
{
	struct elvs_svc *svc = svc_get(f->key.svc);

	if (!svc)
		return ELVS_V_INTERNAL;
	f->dest = 0;
	if (svc->flags & ELVS_SVC_PERSISTENT) {
		f->dest = template_dest(&f->key);
		if (f->dest & TEMPLATE_FAILED)
			return f->dest & ~TEMPLATE_FAILED;
	}
	return conn_new(f);
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
	bool found;
	int r;

	if (wide) {
		request_key(p, ep, &f.key, v6);
		found = wide_find(c, &f.key);
	} else {
		found = narrow_find(c, request_narrow_key(p, ep));
	}
	f.reuse = 0;
	if (likely(found)) {
		f.reuse = reuses(p, c->word);
		if (likely(!f.reuse)) {
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
	f.tcp_flags = p->tcp_flags;
	f.wide = wide;
	f.pad = 0;
	f.loc = 0;
	r = open_conn(&f);
	if (unlikely(r)) {
		if (HOOK_XDP && r == ELVS_V_NO_DEST)
			return ELVS_V_TC_NO_DEST;
		return HOOK_XDP && r == ELVS_V_LOCK_BUSY ? ELVS_V_TC_LOCK : r;
	}
	return (wide ? wide_at(c, f.loc) : narrow_at(c, f.loc)) ? 0 : ELVS_V_INTERNAL;
}

/* A packet to a service. ep: what its destination was found as. */
static __always_inline int request(ctx_t *ctx, struct pkt *p, const struct elvs_ep *ep, const struct elvs_if *in,
				   bool v6)
{
	bool wide = v6 || ep->flags & ELVS_EP_WIDE;
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

/* The connection of a request, if there is one */
static __always_inline bool request_find(struct conn *c, const struct pkt *p, const struct elvs_ep *ep, bool v6)
{
	struct elvs_wkey k;

	if (!v6 && !(ep->flags & ELVS_EP_WIDE))
		return narrow_find(c, request_narrow_key(p, ep));
	request_key(p, ep, &k, v6);
	return wide_find(c, &k);
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
