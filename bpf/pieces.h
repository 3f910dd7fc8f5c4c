/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pieces - a packet that is too long for the way to its real server or client, and may be fragmented (IPv4 without
 * DF), leaves in fragments, on TC. In a tunnel every fragment gets a header of its own, instead of the tunnel's
 * packet being cut: so whatever takes the header off at the real server has nothing to reassemble (RFC 4459 3.4).
 *
 * The packet is copied into a room of this CPU and given out piece by piece: bpf_clone_redirect() for all but the
 * last. A checksum that was left to a device is completed first, since no device could do it for a piece.
 * Not for packets with IPv4 options, nor for those that are to be segmented.
 */
#ifndef ELVS_BPF_PIECES_H
#define ELVS_BPF_PIECES_H

#define PIECES_DATA 9216 /* longest payload that is cut */
#define PIECES_MAX 32
#define PIECES_PULL 40 /* more than what stands before the transport header of one that is cut */

/* What is common to all pieces of a packet, and how far it has gone */
struct pieces_work {
	__u32 ifindex;
	__u32 outer, step;
	__u32 done;	/* bytes that have gone */
	__u16 frag_off; /* the packet's own, host order */
	__u8 bad;
	__u8 pad;
};

struct pieces {
	struct pieces_work k;
	__u32 head[15];		    /* outer header, if any, and the packet's own */
	__u32 payload;		    /* bytes after them */
	__u8 data[2 * PIECES_DATA]; /* of which the first half is used; the verifier adds offset and length */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct pieces);
	__uint(max_entries, 1);
} pieces SEC(".maps");

static __always_inline struct pieces *pieces_room(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pieces, &zero);
}

/* Payload of each piece but the last */
static __always_inline __u32 pieces_step(__u32 mtu, __u32 outer)
{
	__u32 head = outer + sizeof(struct iphdr);

	return mtu < head + 8 ? 0 : (mtu - head) & 0xfff8;
}

/* May the packet leave in pieces? outer: bytes of a tunnel's header */
static __always_inline bool pieces_can(struct __sk_buff *ctx, const struct pkt *p, const struct elvs_nexthop *nh,
				       __u32 outer)
{
	return p->kind == ELVS_WK_V4 && !(p->frag_off & bpf_htons(ELVS_IP_DF)) && p->l3len == sizeof(struct iphdr) &&
	       p->len > 3 * PIECES_PULL && !ctx->gso_size && nh->flags & ELVS_NH_VALID &&
	       p->len - sizeof(struct iphdr) <= PIECES_DATA && pieces_step(nh->mtu, outer) * PIECES_MAX >= p->len;
}

/* Is the packet too long for the way, in one piece? */
static __always_inline bool pieces_needed(struct __sk_buff *ctx, const struct pkt *p, const struct elvs_nexthop *nh,
					  __u32 outer)
{
	return p->len + outer > nh->mtu && nh->mtu && !ctx->gso_size;
}

/* The header for a tunnel, which each piece gets then; the packet itself is left without. False: no room */
static __always_inline bool pieces_outer(const struct outer *o, const struct elvs_dest *d)
{
	struct pieces *room = pieces_room();

	return room && outer_write(room->head, room->head + 15, o, d->kind, d->tun_src, d->addr);
}

struct pieces_sum {
	__u64 sum;
};

/* 16 bytes a step; behind the payload there are zeros */
static long pieces_sum_step(__u32 n, struct pieces_sum *s)
{
	struct pieces *room = pieces_room();
	__u32 off = n * 16, *w;

	if (!room || off > PIECES_DATA)
		return 1;
	w = (__u32 *)(room->data + off);
	s->sum += (__u64)w[0] + w[1] + w[2] + w[3];
	return 0;
}

/* Completes the transport checksum in the room, which so far holds the pseudo header's sum. at: where it stands */
static __always_inline void pieces_complete(struct pieces *room, __u8 proto)
{
	struct pieces_sum s = {};
	__u16 check;

	if (room->payload > PIECES_DATA)
		return;
	memset(room->data + room->payload, 0, 16);
	bpf_loop(room->payload / 16 + 1, pieces_sum_step, &s, 0);
	check = ~csum_fold(s.sum);
	*(__u16 *)(room->data + (proto == IPPROTO_TCP ? 16 : 6)) = check ? check : 0xffff;
}

/* Lengths, offset and checksums for a piece of n bytes */
static __always_inline void pieces_head(struct pieces *room, __u32 n, bool last)
{
	const struct pieces_work *k = &room->k;
	__u32 *ip = room->head + (k->outer == 20 ? 5 : k->outer == 40 ? 10 : 0), off;

	off = (k->frag_off & ELVS_IP_OFFSET) + k->done / 8;
	off |= last ? k->frag_off & 0x2000 : 0x2000;
	ip[0] = bpf_htonl(0x45000000) | (ip[0] & bpf_htonl(0xff0000)) | bpf_htonl(n + 20);
	ip[1] = (ip[1] & bpf_htonl(0xffff0000)) | bpf_htonl(off);
	ip[2] &= bpf_htonl(0xffff0000);
	ip[2] |= (__u32)(__u16)~csum_fold(csum_addr(ip, 5)) << 16;
	ip = room->head;
	if (k->outer == 20) {
		ip[0] = bpf_htonl(0x45000000) | (ip[0] & bpf_htonl(0xff0000)) | bpf_htonl(n + 40);
		ip[1] = (__u16)bpf_get_prandom_u32();
		ip[2] &= bpf_htonl(0xffff0000);
		ip[2] |= (__u32)(__u16)~csum_fold(csum_addr(ip, 5)) << 16;
	} else if (k->outer == 40) {
		ip[1] = (ip[1] & bpf_htonl(0xffff)) | bpf_htonl((n + 20) << 16);
	}
}

static __always_inline long pieces_store_head(struct __sk_buff *ctx, const struct pieces *room, __u32 outer)
{
	__u32 l2 = sizeof(struct ethhdr);

	if (outer == 20)
		return bpf_skb_store_bytes(ctx, l2, room->head, 40, 0);
	if (outer == 40)
		return bpf_skb_store_bytes(ctx, l2, room->head, 60, 0);
	return bpf_skb_store_bytes(ctx, l2, room->head, 20, 0);
}

struct pieces_ctx {
	struct __sk_buff *ctx;
};

/* One piece a step; the last one stays in the buffer. */
static long pieces_give(__u32 i, struct pieces_ctx *c)
{
	struct pieces *room = pieces_room();
	struct pieces_work *k;
	__u32 head, done, n;
	bool last;

	if (!room)
		return 1;
	k = &room->k;
	k->bad = 1;
	done = k->done;
	if (done > PIECES_DATA || room->payload > PIECES_DATA || done >= room->payload)
		return 1;
	n = room->payload - done;
	last = n <= k->step;
	if (!last)
		n = k->step;
	opaque(n);
	n = ((n - 1) & 0x3fff) + 1;
	if (n > PIECES_DATA)
		return 1;
	head = sizeof(struct ethhdr) + k->outer + sizeof(struct iphdr);
	pieces_head(room, n, last);
	if (bpf_skb_change_tail(c->ctx, head + n, 0) || pieces_store_head(c->ctx, room, k->outer) ||
	    bpf_skb_store_bytes(c->ctx, head, room->data + done, n, 0))
		return 1;
	if (!last && bpf_clone_redirect(c->ctx, k->ifindex, 0))
		return 1;
	k->bad = 0;
	k->done = done + n;
	return last;
}

static __always_inline long pieces_load_head(struct __sk_buff *ctx, struct pieces *room, __u32 outer)
{
	__u32 *to = room->head + (outer == 20 ? 5 : outer == 40 ? 10 : 0);

	return bpf_skb_load_bytes(ctx, sizeof(struct ethhdr), to, sizeof(struct iphdr));
}

/*
 * Is the checksum left to a device? Then it is the pseudo header's sum. (One that is right and happens to be that is
 * the same when computed once more.) p: for what NAT leaves as it is
 */
static __always_inline bool pieces_partial(const struct pieces *room, const struct pkt *p, __u32 outer)
{
	const __u32 *ip = room->head + (outer == 20 ? 5 : outer == 40 ? 10 : 0);
	__u64 sum = (__u64)ip[3] + ip[4] + bpf_htons(room->payload) + bpf_htons(p->proto);

	return p->frag == FRAG_NONE && *(__u16 *)(room->data + (p->proto == IPPROTO_TCP ? 16 : 6)) == csum_fold(sum);
}

/* Does the kernel know, too? It does not cut a packet off within the field, as it would any other. */
static __always_inline bool pieces_known(struct __sk_buff *ctx, const struct pkt *p, __u32 head)
{
	return bpf_skb_change_tail(ctx, head + (p->proto == IPPROTO_TCP ? 17 : 7), 0);
}

/*
 * Takes away, and puts back, the place from which on a device's checksum counts: so the kernel forgets that there is one
 * to compute. Kernels of 2022 only see at the next time that it has gone, so it is done twice.
 */
static __always_inline long pieces_forget(struct __sk_buff *ctx)
{
	return bpf_skb_adjust_room(ctx, -PIECES_PULL, BPF_ADJ_ROOM_MAC, 0) ||
	       bpf_skb_adjust_room(ctx, -PIECES_PULL, BPF_ADJ_ROOM_MAC, 0) ||
	       bpf_skb_adjust_room(ctx, 2 * PIECES_PULL, BPF_ADJ_ROOM_MAC, 0);
}

/*
 * Sends the packet, which is ready but too long, in pieces out of an interface. p: as it came. mtu_outer: MTU << 16 |
 * length of the header that pieces_outer() has been given. The action of the last one, or a verdict.
 */
__noinline int pieces_send(struct __sk_buff *ctx, const struct pkt *p, __u32 ifindex, __u32 mtu_outer)
{
	struct pieces *room = pieces_room();
	__u32 outer = mtu_outer & 0xffff, payload, head;
	struct pieces_ctx c = { .ctx = ctx };

	if (!p || !room || p->len <= sizeof(struct iphdr))
		return -ELVS_V_INTERNAL;
	payload = p->len - sizeof(struct iphdr);
	opaque(payload);
	payload = ((payload - 1) & 0x3fff) + 1;
	if (payload > PIECES_DATA)
		return -ELVS_V_TOO_BIG;
	head = sizeof(struct ethhdr) + sizeof(struct iphdr);
	room->payload = payload;
	if (pieces_load_head(ctx, room, outer) || bpf_skb_load_bytes(ctx, head, room->data, payload))
		return -ELVS_V_INTERNAL;
	if (pieces_partial(room, p, outer))
		pieces_complete(room, p->proto);
	if (pieces_known(ctx, p, head) && pieces_forget(ctx))
		return -ELVS_V_INTERNAL;
	if (outer == sizeof(struct ipv6hdr) && bpf_skb_change_proto(ctx, bpf_htons(ETH_P_IPV6), 0))
		return -ELVS_V_INTERNAL;
	room->k.ifindex = ifindex;
	room->k.outer = outer;
	room->k.step = pieces_step(mtu_outer >> 16, outer);
	room->k.done = 0;
	room->k.frag_off = bpf_ntohs(p->frag_off);
	bpf_loop(PIECES_MAX + 1, pieces_give, &c, 0);
	if (room->k.bad)
		return -ELVS_V_REDIRECT_FAILED;
	count_verdict(ELVS_V_FRAGMENTED);
	return bpf_redirect(ifindex, 0);
}

#endif
