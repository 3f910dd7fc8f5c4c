/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark - services of firewall marks. A mark is known only after netfilter has seen the packet, when XDP and TC are past.
 * So the routing rules that the daemon makes (daemon/director/marks.h) send marked packets out of an interface of our
 * own, whose egress program this is: there the mark can be read. What it does not send to a server goes to the local
 * stack, as in IPVS, which stands on the way there.
 *
 * Every packet of such a connection comes this way; replies of NAT servers go theirs, like all others.
 */
#ifndef ELVS_BPF_MARK_H
#define ELVS_BPF_MARK_H

/* include ctx_tc.h and director.h first */

/*
 * Routing has taken a hop off, which the director takes off as well: IPVS does it once. A function of its own, like the
 * next one, so that to the verifier what follows is one case.
 */
__noinline int mark_ttl_back(struct __sk_buff *ctx, const struct pkt *p)
{
	void *data = ctx_data(ctx), *end = ctx_end(ctx), *l3 = data + sizeof(struct ethhdr);
	__u32 check;

	if (!p || p->l2len != sizeof(struct ethhdr))
		return 0;
	if (p->kind == ELVS_WK_V6) {
		struct ipv6hdr *ip6 = l3;

		if ((void *)(ip6 + 1) <= end)
			ip6->hop_limit++;
	} else {
		struct iphdr *ip = l3;

		if ((void *)(ip + 1) > end)
			return 0;
		check = (__u32)ip->check + 0xffff - bpf_htons(0x0100);
		ip->check = check + (check >> 16);
		ip->ttl++;
	}
	return 0;
}

/* The mark's endpoint: its id, with ELVS_EP_* in the third byte; 0 = none */
__noinline __u32 mark_endpoint(__u32 mark, __u32 kind)
{
	__u32 key[4] = { mark };
	struct elvs_ep *ep = kind == ELVS_WK_V6 ? ep_find(key, 0, 0, true) : ep_find(key, 0, 0, false);

	return ep ? ep->id | (__u32)ep->flags << 16 : 0;
}

/* In at the loopback interface, whose packets the mark's routing rules leave alone */
static __always_inline int mark_pass(struct __sk_buff *ctx)
{
	int r;

	ctx->mark = 0;
	r = ctx_send_self(ctx);
	return r < 0 ? TC_ACT_SHOT : r;
}

/* The packet has become an ICMP error, on its way back by an interface where nobody is: towards the client, then. */
static __always_inline int mark_answer(struct __sk_buff *ctx, const struct pkt *p)
{
	struct addr_port direct = {};
	struct elvs_nexthop nh;
	long r = hop_ask(ctx, p->kind, p->daddr, p->saddr, &nh);

	if ((r && r != BPF_FIB_LKUP_RET_NO_NEIGH) || !nh.ifindex)
		return TC_ACT_SHOT;
	return tc_redirect_neigh(ctx, nh.ifindex, &direct);
}

static __always_inline int mark_request(struct __sk_buff *ctx, struct pkt *p, __u32 endpoint, bool v6)
{
	struct elvs_ep ep = { .id = endpoint, .flags = endpoint >> 16 };

	return request_in(ctx, p, &ep, 0, v6, true);
}

#endif
