/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs_xdp - the XDP hook's programs: the director for frames in one piece, the same for frames in fragments
 * (interfaces of large MTU), and libelvs's control program with the sweeper. Also holds what both hooks share.
 */
#define ELVS_CORE
#include "ctx_xdp.h"
#include "director.h"
#include "established.h"
#include "capture.h"
#include "sweep.h"

static __always_inline int parse(struct xdp_md *ctx, struct pkt *p, bool frags)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx);
	__u16 type = parse_l2(data, end, p, settings.zero);

	if (likely(type == ETH_P_IP))
		return parse_v4(data, end, ctx_len(ctx, frags), p, false);
	if (type == ETH_P_IPV6)
		return parse_v6(data, end, ctx_len(ctx, frags), p, 0, false);
	return ELVS_V_NOT_IP;
}

/* Functions that the verifier looks at on their own: what follows is then one case to it, not one per way through here. */
__noinline int xdp_parse(struct xdp_md *ctx, struct pkt *p)
{
	return p ? parse(ctx, p, false) : ELVS_V_INTERNAL;
}

__noinline int xdp_parse_frags(struct xdp_md *ctx, struct pkt *p)
{
	return p ? parse(ctx, p, true) : ELVS_V_INTERNAL;
}

/* An action, or a negative verdict */
static __always_inline int long_way(struct xdp_md *ctx, const struct elvs_if *in, bool frags)
{
	struct pkt p = {};
	int r = frags ? xdp_parse_frags(ctx, &p) : xdp_parse(ctx, &p);

	if (unlikely(r != PARSE_OK)) {
		if (r == ELVS_V_OTHER_PROTOCOL && (p.proto == IPPROTO_ICMP || p.proto == IPPROTO_ICMPV6))
			return -ELVS_V_TC_ICMP;
		return -r;
	}
	return p.kind == ELVS_WK_V4 ? direct(ctx, &p, in, false) : direct(ctx, &p, in, true);
}

static __always_inline int handle(struct xdp_md *ctx, bool frags)
{
	const struct elvs_if *in = if_find(ctx_ifindex(ctx));
	int r = LONG_WAY;

	if (unlikely(!in || !ctx_for_us(ctx, in)))
		r = -ELVS_V_NOT_FOR_US;
	else if (!frags)
		r = established(ctx, in);
	if (likely(r >= 0))
		return r;
	if (r == LONG_WAY)
		r = long_way(ctx, in, frags);
	if (likely(r >= 0))
		return r;
	count_verdict(-r);
	return ctx_verdict(-r);
}

static __always_inline int entry(struct xdp_md *ctx, bool frags)
{
	capture_before(ctx, CAPTURE_XDP);
	return capture_after(ctx, CAPTURE_XDP, handle(ctx, frags));
}

SEC("xdp")
int elvs_xdp(struct xdp_md *ctx)
{
	return entry(ctx, false);
}

SEC("xdp.frags")
int elvs_xdp_frags(struct xdp_md *ctx)
{
	return entry(ctx, true);
}

char _license[] SEC("license") = "GPL";
