/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * local - replies of real servers that are the director itself, seen on egress: NAT connections get the virtual
 * service's address back, the others only their state and accounts (they are then no longer INPUT_ONLY).
 */
#ifndef ELVS_BPF_LOCAL_H
#define ELVS_BPF_LOCAL_H

static __always_inline void local_count(struct elvs_dest *d, const struct pkt *p)
{
	struct elvs_stats *st = stats_of(d);

	st->outpkts++;
	st->outbytes += p->len;
}

/* From a NAT server on this host */
static __always_inline bool local_nat(struct __sk_buff *ctx, struct pkt *p, bool v6)
{
	struct elvs_dest *d;
	struct conn c = {};
	struct origin o;

	pkt_whole(p);
	if (!answer_conn(p, v6, &c, &o))
		return false;
	d = dest_get(word_dest(c.word));
	if (!d)
		return false;
	answered(&c, p);
	touch(&c, p, TCP_DIR_OUT, !!o.ws);
	local_count(d, p);
	ctx_nat(ctx, p, true, o.vaddr, o.vport);
	return true;
}

/* From the virtual address itself: the connection is the request's, seen from the other side. Turns *p round. */
static __always_inline void local_plain(struct pkt *p, bool v6)
{
	struct elvs_ep *ep = ep_find(p->saddr, p->sport, p->proto, v6);
	struct conn c = {};
	struct elvs_dest *d;
	struct elvs_wkey k;

	if (!ep && settings.flags & ELVS_SET_PORT0)
		ep = ep_find(p->saddr, 0, p->proto, v6);
	if (!ep || !(ep->flags & ELVS_EP_LIVE))
		return;
	quote_reverse(p);
	d = request_find(&c, p, ep, &k, v6) ? dest_get(word_dest(c.word)) : 0;
	if (!d)
		return;
	if (c.word & ELVS_W_NOOUTPUT) {
		__sync_fetch_and_and(c.we, ~ELVS_W_NOOUTPUT);
		c.word &= ~ELVS_W_NOOUTPUT;
	}
	touch(&c, p, TCP_DIR_OUT, v6 || ep->flags & ELVS_EP_WIDE);
	local_count(d, p);
}

static __always_inline void local_reply(struct __sk_buff *ctx, struct pkt *p, bool v6)
{
	if (settings.flags & ELVS_SET_NAT && rs_maybe(p, v6) && local_nat(ctx, p, v6))
		return;
	if (settings.flags & ELVS_SET_LOCAL)
		local_plain(p, v6);
}

#endif
