/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs_tc - the TC hook's programs: the director for what XDP passes up (or for everything, where XDP is not
 * attached), and on egress the replies of real servers on this very host.
 */
#include "ctx_tc.h"
#include "director.h"
#include "capture.h"
#include "frag.h"
#include "local.h"

/* Fragments, once their ports are known, go the way of any packet: they are forwarded one by one. */
static __always_inline int family(struct __sk_buff *ctx, struct pkt *p, bool v6)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx);
	int r = v6 ? parse_v6(data, end, ctx->len, p, settings.zero, true) : parse_v4(data, end, ctx->len, p, true);

	if (unlikely(r == ELVS_V_TC_FRAGMENT)) {
		if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP)
			return -ELVS_V_OTHER_PROTOCOL;
		pkt_whole(p);
		if (!frag_recall(p))
			return -ELVS_V_FRAGMENT;
	} else if (r != PARSE_OK) {
		return -r;
	} else if (unlikely(p->frag == FRAG_FIRST)) {
		pkt_whole(p);
		frag_remember(p);
	}
	return direct(ctx, p, 0, v6);
}

static __always_inline int handle_in(struct __sk_buff *ctx)
{
	struct pkt p;
	__u16 type;
	int r;

	if (ctx->pkt_type != PACKET_HOST) {
		r = -ELVS_V_NOT_FOR_US;
		goto out;
	}
	if (!ctx_pull(ctx)) {
		r = -ELVS_V_BAD_HEADER;
		goto out;
	}
	type = parse_l2(ctx_data(ctx), ctx_end(ctx), &p, settings.zero);
	if (p.l2len != sizeof(struct ethhdr))
		r = -ELVS_V_NOT_IP;	/* a second tag inside: the first is not in the packet any more */
	else if (type == ETH_P_IP)
		r = family(ctx, &p, false);
	else if (type == ETH_P_IPV6)
		r = family(ctx, &p, true);
	else
		r = -ELVS_V_NOT_IP;
	if (r == -ELVS_V_NO_DEST)
		r = icmp_answer(ctx, &p, ICMP_ERR_PORT, 0, ELVS_V_NO_DEST);
	if (likely(r >= 0))
		return r;
out:
	count_verdict(-r);
	return ctx_verdict(-r);
}

SEC("tc")
int elvs_tc_in(struct __sk_buff *ctx)
{
	capture_before(ctx, CAPTURE_TC_IN);
	return capture_after(ctx, CAPTURE_TC_IN, handle_in(ctx));
}

static __always_inline int handle_out(struct __sk_buff *ctx)
{
	struct pkt p;
	__u16 type;

	/* forwarded, or redirected by us: not a local server's */
	if (ctx->ingress_ifindex || !(settings.flags & (ELVS_SET_NAT | ELVS_SET_LOCAL)))
		return TC_ACT_UNSPEC;
	if (!ctx_pull(ctx))
		return TC_ACT_UNSPEC;
	type = parse_l2(ctx_data(ctx), ctx_end(ctx), &p, settings.zero);
	if (type == ETH_P_IP && parse_v4(ctx_data(ctx), ctx_end(ctx), ctx->len, &p, true) == PARSE_OK)
		local_reply(ctx, &p, false);
	else if (type == ETH_P_IPV6 && parse_v6(ctx_data(ctx), ctx_end(ctx), ctx->len, &p, settings.zero, true) == PARSE_OK)
		local_reply(ctx, &p, true);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int elvs_tc_out(struct __sk_buff *ctx)
{
	capture_before(ctx, CAPTURE_TC_OUT);
	return capture_after(ctx, CAPTURE_TC_OUT, handle_out(ctx));
}

char _license[] SEC("license") = "GPL";
