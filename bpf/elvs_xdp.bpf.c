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

static __always_inline int handle(struct xdp_md *ctx, bool frags)
{
	const struct elvs_if *in;
	void *data, *end;
	struct pkt p;
	__u16 type;
	int r;

	in = if_find(ctx_ifindex(ctx));
	if (unlikely(!in || !ctx_for_us(ctx, in))) {
		r = -ELVS_V_NOT_FOR_US;
		goto out;
	}
	if (!frags) {
		r = established(ctx, in);
		if (likely(r >= 0))
			return r;
		if (unlikely(r != LONG_WAY))
			goto out;
	}
	data = ctx_data(ctx);
	end = ctx_end(ctx);
	type = parse_l2(data, end, &p, settings.zero);
	if (likely(type == ETH_P_IP)) {
		r = parse_v4(data, end, ctx_len(ctx, frags), &p, false);
		r = r == PARSE_OK ? direct(ctx, &p, in, false) : -r;
	} else if (type == ETH_P_IPV6) {
		r = parse_v6(data, end, ctx_len(ctx, frags), &p, 0, false);
		r = r == PARSE_OK ? direct(ctx, &p, in, true) : -r;
	} else {
		r = -ELVS_V_NOT_IP;
	}
	if (likely(r >= 0))
		return r;
	if (r == -ELVS_V_OTHER_PROTOCOL && (p.proto == IPPROTO_ICMP || p.proto == IPPROTO_ICMPV6))
		r = -ELVS_V_TC_ICMP;
out:
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
