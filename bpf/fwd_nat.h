/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fwd_nat - masquerading: to the server the destination, to the client the source is replaced.
 */

static __always_inline int fwd_nat(ctx_t *ctx, struct pkt *p, const struct elvs_nexthop *nh,
				   const struct elvs_if *in, bool source, const __u32 *addr, __u16 port)
{
	return ctx_nat(ctx, p, source, addr, port) ? fwd_dr(ctx, p, nh, in, 0, 0) : -ELVS_V_INTERNAL;
}
