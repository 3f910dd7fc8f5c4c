/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp - ICMP and ICMPv6 errors that the director owes a client (RFC 792, RFC 4443), on TC only: the packet itself is
 * turned into the answer and sent back where it came from. As the kernel does it, the answer comes from the address
 * the packet was sent to, and quotes as much of it as fits in 576 bytes (IPv6: the same).
 */
#ifndef ELVS_BPF_ICMP_H
#define ELVS_BPF_ICMP_H

enum icmp_err { ICMP_ERR_PORT, ICMP_ERR_HOST, ICMP_ERR_TTL, ICMP_ERR_TOO_BIG };

#define ICMP_QUOTE_MAX 528 /* multiple of 16, header and quote stay below 576 bytes */
#define ICMP_SUM_MAX 65536

struct icmp_sum {
	struct __sk_buff *ctx;
	__u32 off, left;
	__u64 sum;
};

/* 16 bytes a step */
static long icmp_sum_step(__u32 n, struct icmp_sum *s)
{
	__u32 w[4] = {}, take = s->left < 16 ? s->left : 16;

	if (!take)
		return 1;
	take--;
	opaque(take);
	take = (take & 15) + 1; /* 1 to 16, as the verifier can see, too */
	if (bpf_skb_load_bytes(s->ctx, s->off, w, take))
		return 1;
	s->sum += (__u64)w[0] + w[1] + w[2] + w[3];
	s->off += take;
	s->left -= take;
	return 0;
}

static __noinline __u64 icmp_sum(struct __sk_buff *ctx, __u32 off, __u32 len)
{
	struct icmp_sum s = { .ctx = ctx, .off = off, .left = len };

	bpf_loop(len < ICMP_SUM_MAX ? len / 16 + 2 : 0, icmp_sum_step, &s, 0);
	return s.sum;
}

static __always_inline __u32 icmp_head4(enum icmp_err err)
{
	switch (err) {
	case ICMP_ERR_PORT:
		return ICMP_DEST_UNREACH << 24 | ICMP_PORT_UNREACH << 16;
	case ICMP_ERR_HOST:
		return ICMP_DEST_UNREACH << 24 | ICMP_HOST_UNREACH << 16;
	case ICMP_ERR_TTL:
		return ICMP_TIME_EXCEEDED << 24;
	default:
		return ICMP_DEST_UNREACH << 24 | ICMP_FRAG_NEEDED << 16;
	}
}

static __always_inline __u32 icmp_head6(enum icmp_err err)
{
	switch (err) {
	case ICMP_ERR_PORT:
		return ICMPV6_DEST_UNREACH << 24 | ICMPV6_PORT_UNREACH << 16;
	case ICMP_ERR_HOST:
		return ICMPV6_DEST_UNREACH << 24 | ICMPV6_ADDR_UNREACH << 16;
	case ICMP_ERR_TTL:
		return ICMPV6_TIME_EXCEED << 24;
	default:
		return (__u32)ICMPV6_PKT_TOOBIG << 24;
	}
}

/* An ICMP message to be made of a packet */
struct icmp_msg {
	__u32 head;  /* type << 24 | code << 16 */
	__u32 info;  /* its second word, host order */
	__u32 quote; /* bytes of the packet that it quotes */
};

/* Header words in front of the quote: IP, then ICMP; 28 bytes, or 48. sum: of the quote */
static __always_inline void icmp_headers(__u32 *w, const struct pkt *p, const struct icmp_msg *m, __u64 sum)
{
	__u32 icmp = bpf_htonl(m->head), info = bpf_htonl(m->info);

	sum += icmp + (__u64)info;
	if (p->kind == ELVS_WK_V4) {
		w[0] = bpf_htonl(0x45c00000 | (m->quote + 28));
		w[1] = 0;
		w[2] = bpf_htonl(64u << 24 | IPPROTO_ICMP << 16);
		w[3] = p->daddr[0];
		w[4] = p->saddr[0];
		w[2] |= (__u32)(__u16)~csum_fold(csum_addr(w, 5)) << 16;
		w[5] = icmp | (__u32)(__u16)~csum_fold(sum) << 16;
		w[6] = info;
		return;
	}
	w[0] = bpf_htonl(0x60000000);
	w[1] = bpf_htonl((m->quote + 8) << 16 | IPPROTO_ICMPV6 << 8 | 64);
	for (int i = 0; i < 4; i++) {
		w[2 + i] = p->daddr[i];
		w[6 + i] = p->saddr[i];
	}
	sum += csum_addr(w + 2, 8) + bpf_htonl(m->quote + 8) + bpf_htonl(IPPROTO_ICMPV6);
	w[10] = icmp | (__u32)(__u16)~csum_fold(sum) << 16;
	w[11] = info;
}

/* Puts the headers of an ICMP error in front of the packet and cuts its end off. 0, or an error. */
__noinline int icmp_make(struct __sk_buff *ctx, const struct pkt *p, const struct icmp_msg *m)
{
	__u32 w[12] = {}, l2 = sizeof(struct ethhdr);
	__u64 flags;

	if (!p || !m)
		return -1;
	if (ctx->len > l2 + m->quote && bpf_skb_change_tail(ctx, l2 + m->quote, 0))
		return -1;
	icmp_headers(w, p, m, icmp_sum(ctx, l2, m->quote));
	flags = p->kind == ELVS_WK_V4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
	if (bpf_skb_adjust_room(ctx, p->kind == ELVS_WK_V4 ? 28 : 48, BPF_ADJ_ROOM_MAC, flags))
		return -1;
	return p->kind == ELVS_WK_V4 ? bpf_skb_store_bytes(ctx, l2, w, 28, 0)
				     : bpf_skb_store_bytes(ctx, l2, w, 48, 0);
}

/* Sends a packet back where it came from. The action, or an error. */
static __always_inline int icmp_back(struct __sk_buff *ctx)
{
	__u32 swap[3], macs[3];

	if (bpf_skb_load_bytes(ctx, 0, macs, sizeof(macs)))
		return -1;
	/* dest a0 a1a2, source a3a4 a5: exchange the two addresses */
	swap[0] = macs[1] >> 16 | macs[2] << 16;
	swap[1] = macs[2] >> 16 | macs[0] << 16;
	swap[2] = macs[0] >> 16 | macs[1] << 16;
	if (bpf_skb_store_bytes(ctx, 0, swap, sizeof(swap), 0))
		return -1;
	return bpf_redirect(ctx->ifindex, 0);
}

/*
 * Turns the packet into an ICMP error and sends it back. Not for later fragments (RFC 1122). err_mtu: enum icmp_err
 * << 16 | MTU. Returns the action, or a negative number when it could not be done.
 */
__noinline int icmp_send(struct __sk_buff *ctx, const struct pkt *p, __u32 err_mtu)
{
	enum icmp_err err = err_mtu >> 16;
	struct icmp_msg m = {};

	if (!p || p->l2len != sizeof(struct ethhdr) || p->frag == FRAG_LATER)
		return -1;
	m.quote = p->len < ICMP_QUOTE_MAX ? p->len : ICMP_QUOTE_MAX;
	m.head = p->kind == ELVS_WK_V4 ? icmp_head4(err) : icmp_head6(err);
	m.info = err == ICMP_ERR_TOO_BIG ? err_mtu & 0xffff : 0;
	return icmp_make(ctx, p, &m) ? -1 : icmp_back(ctx);
}

static __always_inline int icmp_answer(struct __sk_buff *ctx, struct pkt *p, enum icmp_err err, __u32 mtu,
				       enum elvs_verdict verdict)
{
	int r;

	pkt_whole(p);
	r = icmp_send(ctx, p, (__u32)err << 16 | (mtu & 0xffff));
	count_verdict(verdict);
	if (r < 0)
		return TC_ACT_SHOT;
	count_verdict(ELVS_V_ICMP_SENT);
	return r;
}

#endif
