/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fwd_dr - direct routing: the packet stays as it is, but for its TTL and the link-layer header.
 */

/* addr: the real server, which is the next hop itself; kind 0: the packet's own destination says where it is */
static __always_inline int fwd_dr(ctx_t *ctx, struct pkt *p, const struct elvs_nexthop *nh,
				  const struct elvs_if *in, __u8 kind, const __u32 *addr)
{
	if (!ttl_decrement(p, ctx_data(ctx), ctx_end(ctx)))
		return -ELVS_V_INTERNAL;
	if (!HOOK_XDP && unlikely(!(nh->flags & ELVS_NH_VALID)))
		return ctx_send_unresolved(ctx, nh, kind, addr);
	if (!ctx_link(ctx, p, nh, 0, p->kind == ELVS_WK_V4 ? ETH_P_IP : ETH_P_IPV6))
		return -ELVS_V_NO_HEADROOM;
	return ctx_send(ctx, p, nh, 0, in);
}
