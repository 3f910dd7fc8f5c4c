/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hop - where a packet goes next. Towards servers the daemon has written it into the destination's record; towards
 * clients the routing table is asked once and the answer is cached: IPv4 by client address, wide connections in
 * their slot. Any change of routes or neighbours raises settings.generation and so forgets all cached answers.
 *
 * When the daemon has been silent for 5 s nothing that is cached is believed: the kernel is asked for every packet.
 */
#ifndef ELVS_BPF_HOP_H
#define ELVS_BPF_HOP_H

/* include ctx_xdp.h or ctx_tc.h first */

#ifndef AF_INET
#define AF_INET 2
#define AF_INET6 10
#endif

static __always_inline bool daemon_alive(void)
{
	return (__s32)(settings.clock - settings.heartbeat) < ELVS_HEARTBEAT_TICKS;
}

static __always_inline struct elvs_if *if_find(__u32 ifindex)
{
	__u32 zero = 0;
	struct if_table *t = bpf_map_lookup_elem(&ifs, &zero);
	__u64 i = ifindex;
	struct elvs_if *e;

	if (!t)
		return 0;
	opaque(i);
	e = &t->at[i & (ELVS_IFS - 1)];
	if (likely(e->ifindex == ifindex))
		return e;
	e = &t->at[(i & (ELVS_IFS - 1)) ^ 1];
	return e->ifindex == ifindex ? e : 0;
}

/*
 * Asks the kernel's routing and neighbour tables. Returns 0 with *nh filled; BPF_FIB_LKUP_RET_NO_NEIGH with only
 * nh->ifindex known; else another BPF_FIB_LKUP_RET_*, or a negative error.
 */
static __noinline long hop_ask(ctx_t *ctx, __u32 kind, const __u32 *src, const __u32 *dst, struct elvs_nexthop *nh)
{
	struct bpf_fib_lookup q = {};
	struct elvs_if *e;
	long r;

	q.ifindex = ctx_ifindex(ctx);
	q.tot_len = 1;	/* have the route's MTU returned */
	if (kind == ELVS_WK_V4) {
		q.family = AF_INET;
		q.ipv4_src = src[0];
		q.ipv4_dst = dst[0];
	} else {
		q.family = AF_INET6;
		memcpy(q.ipv6_src, src, 16);
		memcpy(q.ipv6_dst, dst, 16);
	}
	r = bpf_fib_lookup(ctx, &q, sizeof(q), 0);
	memset(nh, 0, sizeof(*nh));
	nh->ifindex = q.ifindex;
	nh->mtu = q.tot_len > 1 ? q.tot_len : 0xffff;
	if (r)
		return r;
	memcpy(nh->dmac, q.dmac, ETH_ALEN);
	memcpy(nh->smac, q.smac, ETH_ALEN);
	nh->gen = settings.generation;
	nh->flags = ELVS_NH_VALID;
	e = if_find(q.ifindex);
	if (e && e->flags & ELVS_IF_XMIT)
		nh->flags |= ELVS_NH_XDP;
	return 0;
}

#ifdef ELVS_CORE
/* Keeps an answer in the shared table. Its number (1-based), or 0 when its four places are taken. */
__noinline __u32 hop_keep(const struct elvs_nexthop *nh)
{
	__u64 h;

	if (!nh)
		return 0;
	h = elvs_mix((__u64)nh->ifindex << 32 | *(__u32 *)(nh->dmac + 2), *(__u16 *)nh->dmac, nh->flags);
	for (int i = 0; i < 4; i++) {
		__u32 at = (h + i) % ELVS_NEXTHOPS, gen;
		struct elvs_nexthop *e = bpf_map_lookup_elem(&nexthops, &at);

		if (!e)
			return 0;
		gen = READ_ONCE(e->gen);
		if (gen == nh->gen) {
			if (e->ifindex == nh->ifindex && *(__u32 *)e->dmac == *(__u32 *)nh->dmac &&
			    *(__u16 *)(e->dmac + 4) == *(__u16 *)(nh->dmac + 4) && e->flags == nh->flags)
				return at + 1;
			continue;
		}
		if (__sync_val_compare_and_swap(&e->gen, gen, 0) != gen)
			continue;
		memcpy(e->dmac, nh->dmac, ETH_ALEN);
		memcpy(e->smac, nh->smac, ETH_ALEN);
		e->ifindex = nh->ifindex;
		e->mtu = nh->mtu;
		e->vlan = nh->vlan;
		e->flags = nh->flags;
		barrier();
		WRITE_ONCE(e->gen, nh->gen);
		return at + 1;
	}
	return 0;
}
#else
__u32 hop_keep(const struct elvs_nexthop *nh);
#endif

static __always_inline struct elvs_nexthop *hop_by_id(__u32 id)
{
	__u32 at = id - 1;
	struct elvs_nexthop *e = bpf_map_lookup_elem(&nexthops, &at);

	return e && READ_ONCE(e->gen) == settings.generation ? e : 0;
}

/* Its place in the cache: addresses are in network order, so neighbours differ in the high bits only. */
static __always_inline __u32 hop_place(__u32 caddr)
{
	return (__u32)(((__u64)caddr * 0x9e3779b97f4a7c15ull) >> 32) & settings.nh_mask;
}

/* Cached next hop towards an IPv4 client */
static __always_inline struct elvs_nexthop *hop_cached(__u32 caddr)
{
	__u32 at = hop_place(caddr);
	__u64 *e = bpf_map_lookup_elem(&nh_cache, &at), v;

	if (!e)
		return 0;
	v = READ_ONCE(*e);
	if ((__u32)v != caddr || (__u16)(v >> 48) != (__u16)settings.generation)
		return 0;
	return hop_by_id((__u16)(v >> 32));
}

static __always_inline void hop_cache(__u32 caddr, __u32 id)
{
	__u32 at = hop_place(caddr);
	__u64 *e = bpf_map_lookup_elem(&nh_cache, &at);

	if (e && id)
		WRITE_ONCE(*e, (__u64)caddr | (__u64)(__u16)id << 32 | (__u64)settings.generation << 48);
}

#endif
