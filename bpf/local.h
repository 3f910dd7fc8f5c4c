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
	struct elvs_wslot *ws = 0;
	struct elvs_dest *d;
	const __u32 *vaddr;
	struct conn c = {};
	__u16 vport;
	__u32 loc;

	pkt_whole(p);
	loc = v6 ? 0 : narrow_answer(p);
	if (loc) {
		struct elvs_slot *s = narrow_slot(loc);
		struct elvs_svc *svc = s ? svc_get(READ_ONCE(s->key) >> 48) : 0;

		if (!svc || !narrow_at(&c, loc))
			return false;
		vaddr = svc->vaddr;
		vport = svc->vport;
	} else {
		loc = wide_answer(p);
		ws = loc ? wide_slot(loc) : 0;
		if (!ws || !wide_at(&c, loc))
			return false;
		vaddr = ws->key.vaddr;
		vport = ws->key.vport;
	}
	d = dest_get(word_dest(c.word));
	if (!d)
		return false;
	answered(&c, p);
	touch(&c, p, TCP_DIR_OUT, !!ws);
	local_count(d, p);
	ctx_nat(ctx, p, true, vaddr, vport);
	return true;
}

/* From the virtual address itself: the connection is the request's, seen from the other side. */
static __always_inline void local_plain(struct pkt *p, bool v6)
{
	struct elvs_ep *ep = ep_find(p->saddr, p->sport, p->proto, v6);
	struct conn c = {};
	struct elvs_wkey k;
	struct elvs_dest *d;
	bool wide, found;

	if (!ep && settings.flags & ELVS_SET_PORT0)
		ep = ep_find(p->saddr, 0, p->proto, v6);
	if (!ep || !(ep->flags & ELVS_EP_LIVE))
		return;
	wide = v6 || ep->flags & ELVS_EP_WIDE;
	memset(&k, 0, sizeof(k));
	k.caddr[0] = p->daddr[0];
	k.vaddr[0] = p->saddr[0];
	if (v6) {
		memcpy(k.caddr, p->daddr, 16);
		memcpy(k.vaddr, p->saddr, 16);
	}
	k.cport = p->dport;
	k.vport = p->sport;
	k.svc = ep->id;
	k.proto = p->proto;
	k.kind = v6 ? ELVS_WK_V6 : ELVS_WK_V4;
	found = wide ? wide_find(&c, &k) :
		       narrow_find(&c, (__u64)p->daddr[0] | (__u64)p->dport << 32 | (__u64)ep->id << 48);
	d = found ? dest_get(word_dest(c.word)) : 0;
	if (!d)
		return;
	if (c.word & ELVS_W_NOOUTPUT) {
		__sync_fetch_and_and(c.we, ~ELVS_W_NOOUTPUT);
		c.word &= ~ELVS_W_NOOUTPUT;
	}
	touch(&c, p, TCP_DIR_OUT, wide);
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
