/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fwd_nat - masquerading: to the server the destination, to the client the source is replaced.
 */

static __always_inline int fwd_nat(ctx_t *ctx, struct pkt *p, const struct elvs_nexthop *nh,
				   const struct elvs_if *in, bool source, const __u32 *addr, __u16 port)
{
	if (!ctx_nat(ctx, p, source, addr, port) || !ttl_decrement(p, ctx_data(ctx), ctx_end(ctx)))
		return -ELVS_V_INTERNAL;
	if (!HOOK_XDP && unlikely(!(nh->flags & ELVS_NH_VALID)))
		return ctx_send_unresolved(ctx, nh, 0, 0);
	if (!ctx_link(ctx, p, nh, 0, p->kind == ELVS_WK_V4 ? ETH_P_IP : ETH_P_IPV6))
		return -ELVS_V_NO_HEADROOM;
	return ctx_send(ctx, nh, in);
}
