/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fwd_tun - tunnelling: the packet travels in a second IP header from the director to the real server (RFC 2003,
 * RFC 2473, RFC 4213). One that is too long then is cut before (pieces.h), each piece getting a header of its own.
 */

static __always_inline int fwd_tun(ctx_t *ctx, struct pkt *p, const struct elvs_nexthop *nh,
				   const struct elvs_if *in, const struct elvs_dest *d, __u32 outer)
{
	__u16 type = d->kind == ELVS_WK_V4 ? ETH_P_IP : ETH_P_IPV6;
	struct outer o;
	void *at;

	if (!ttl_decrement(p, ctx_data(ctx), ctx_end(ctx)) || !outer_take(&o, p, ctx_data(ctx), ctx_end(ctx)))
		return -ELVS_V_INTERNAL;
	if (unlikely(pieces_needed(ctx, p, nh, outer))) {
		if (!pieces_outer(&o, d) || !ctx_link(ctx, p, nh, 0, type))
			return -ELVS_V_NO_HEADROOM;
		return ctx_send(ctx, p, nh, outer, in);
	}
	at = ctx_link(ctx, p, nh, outer, type);
	if (!at || !outer_write(at, ctx_end(ctx), &o, d->kind, d->tun_src, d->addr))
		return -ELVS_V_NO_HEADROOM;
	if (!HOOK_XDP && unlikely(!(nh->flags & ELVS_NH_VALID)))
		return ctx_send_unresolved(ctx, nh, 0, 0);
	return ctx_send(ctx, p, nh, outer, in);
}
