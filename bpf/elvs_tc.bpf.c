/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs_tc - the TC hook's programs: the director for what XDP passes up (or for everything, where XDP is not
 * attached), on egress the replies of real servers on this very host, and services of firewall marks (mark.h).
 */
#include "ctx_tc.h"
#include "director.h"
#include "capture.h"
#include "frag.h"
#include "icmp_conn.h"
#include "local.h"
#include "mark.h"

/* Fragments, once their ports are known, go the way of any packet: they are forwarded one by one. */
static __always_inline int parse_fragment(struct pkt *p, int r)
{
	if (unlikely(r == ELVS_V_TC_FRAGMENT)) {
		if (p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP)
			return ELVS_V_OTHER_PROTOCOL;
		pkt_whole(p);
		return frag_recall(p) ? PARSE_OK : ELVS_V_FRAGMENT;
	}
	if (unlikely(r == PARSE_OK && p->frag == FRAG_FIRST)) {
		pkt_whole(p);
		frag_remember(p);
	}
	return r;
}

/*
 * PARSE_OK, or a verdict. A function that the verifier looks at on its own: what follows is then one case to it, not one
 * per way through here.
 */
__noinline int tc_parse(struct __sk_buff *ctx, struct pkt *p)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx);
	__u16 type;

	if (!p)
		return ELVS_V_INTERNAL;
	type = parse_l2(data, end, p, settings.zero);
	if (p->l2len != sizeof(struct ethhdr))
		return ELVS_V_NOT_IP;	/* a second tag inside: the first is not in the packet any more */
	if (type == ETH_P_IP)
		return parse_fragment(p, parse_v4(data, end, ctx->len, p, true));
	if (type == ETH_P_IPV6)
		return parse_fragment(p, parse_v6(data, end, ctx->len, p, settings.zero, true));
	return ELVS_V_NOT_IP;
}

static __always_inline bool is_icmp(const struct pkt *p)
{
	return p->proto == IPPROTO_ICMP || p->proto == IPPROTO_ICMPV6;
}

static __always_inline int handle_in(struct __sk_buff *ctx)
{
	struct pkt p = {};
	int r;

	if (ctx->pkt_type != PACKET_HOST) {
		r = -ELVS_V_NOT_FOR_US;
		goto out;
	}
	if (!ctx_pull(ctx)) {
		r = -ELVS_V_BAD_HEADER;
		goto out;
	}
	r = -tc_parse(ctx, &p);
	if (r == -ELVS_V_OTHER_PROTOCOL && is_icmp(&p)) {
		r = icmp_in(ctx, &p);
		if (r == ICMP_UNTUNNEL)
			r = icmp_untunnel(ctx, &p);
	} else if (!r) {
		r = p.kind == ELVS_WK_V4 ? direct(ctx, &p, 0, false) : direct(ctx, &p, 0, true);
	}
	if (likely(r >= 0))
		return r;
	if (r == -ELVS_V_NO_DEST)
		return icmp_answer(ctx, &p, ICMP_ERR_PORT, 0, ELVS_V_NO_DEST);
	if (unlikely(settings.flags & ELVS_SET_CHECK) && check_in(ctx, &p))
		r = -ELVS_V_CHECK_ANSWER;
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

/* A packet of this host: a health check (false: it cannot be sent), or the answer of a local server */
static __always_inline bool leave(struct __sk_buff *ctx, struct pkt *p, bool v6)
{
	if (unlikely(settings.flags & ELVS_SET_CHECK && (ctx->mark & ~ELVS_CHECK_NUMBER) == ELVS_CHECK_MARK)) {
		pkt_whole(p);
		return check_out(ctx, p);
	}
	local_reply(ctx, p, v6);
	return true;
}

/* As tc_parse(), but fragments stay what they are */
__noinline int out_parse(struct __sk_buff *ctx, struct pkt *p)
{
	__u16 type;

	if (!p)
		return ELVS_V_INTERNAL;
	type = parse_l2(ctx_data(ctx), ctx_end(ctx), p, settings.zero);
	if (type == ETH_P_IP)
		return parse_v4(ctx_data(ctx), ctx_end(ctx), ctx->len, p, true);
	if (type == ETH_P_IPV6)
		return parse_v6(ctx_data(ctx), ctx_end(ctx), ctx->len, p, settings.zero, true);
	return ELVS_V_NOT_IP;
}

static __always_inline int handle_out(struct __sk_buff *ctx)
{
	struct pkt p = {};
	bool sent = true;
	int r;

	/* forwarded, or redirected by us: not a local server's */
	if (ctx->ingress_ifindex || !(settings.flags & (ELVS_SET_NAT | ELVS_SET_LOCAL | ELVS_SET_CHECK)))
		return TC_ACT_UNSPEC;
	if (!ctx_pull(ctx))
		return TC_ACT_UNSPEC;
	r = out_parse(ctx, &p);
	if (r == PARSE_OK)
		sent = p.kind == ELVS_WK_V4 ? leave(ctx, &p, false) : leave(ctx, &p, true);
	else if (r == ELVS_V_OTHER_PROTOCOL && settings.flags & ELVS_SET_NAT && is_icmp(&p))
		icmp_out(ctx, &p);
	return sent ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

SEC("tc")
int elvs_tc_out(struct __sk_buff *ctx)
{
	capture_before(ctx, CAPTURE_TC_OUT);
	return capture_after(ctx, CAPTURE_TC_OUT, handle_out(ctx));
}

static __always_inline int handle_mark(struct __sk_buff *ctx)
{
	struct elvs_cpu *cpu = cpu_get();
	struct pkt p = {};
	__u32 endpoint;
	int r;

	/* here a second time: the local stack does not want it, either */
	if (ctx->ingress_ifindex == LOOPBACK_IFINDEX)
		return TC_ACT_SHOT;
	if (!cpu || !ctx_pull(ctx))
		return mark_pass(ctx);
	r = -tc_parse(ctx, &p);
	if (r)
		goto out;
	endpoint = mark_endpoint(ctx->mark, p.kind);
	r = -ELVS_V_NO_SERVICE;
	if (!endpoint)
		goto out;
	mark_ttl_back(ctx, &p);
	cpu->last = ELVS_V_COUNT;
	r = p.kind == ELVS_WK_V4 ? mark_request(ctx, &p, endpoint, false) : mark_request(ctx, &p, endpoint, true);
	if (r == -ELVS_V_NO_DEST)
		r = icmp_answer(ctx, &p, ICMP_ERR_PORT, 0, ELVS_V_NO_DEST);
	if (r == TC_ACT_REDIRECT && cpu->last == ELVS_V_ICMP_SENT)
		return mark_answer(ctx, &p);
	if (r >= 0)
		return r;
out:
	count_verdict(-r);
	return ctx_verdict(-r) == TC_ACT_SHOT ? TC_ACT_SHOT : mark_pass(ctx);
}

/* On egress of the interface to which routing sends what carries a service's mark; loaded with the first such service */
SEC("tc")
int elvs_tc_mark(struct __sk_buff *ctx)
{
	capture_before(ctx, CAPTURE_TC_OUT);
	return capture_after(ctx, CAPTURE_TC_OUT, handle_mark(ctx));
}

char _license[] SEC("license") = "GPL";
