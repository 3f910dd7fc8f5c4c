/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_hash - sh and dh: 256 buckets over the client's or the destination's address. A bucket whose server is not
 * available gives none, but sh-fallback then tries the other 255 in IPVS's order.
 */
#ifndef ELVS_BPF_SCHED_HASH_H
#define ELVS_BPF_SCHED_HASH_H

#include "sched_table.h"

struct sh_ctx {
	struct sched_table t;
	__u32 base;	/* the address's own hash */
	__u32 first;	/* its bucket without fallback: where the search for others begins */
	__u32 id;
};

static long sh_step(__u32 off, struct sh_ctx *c)
{
	__u32 turn = (off + c->first) & ((1 << ELVS_SH_BITS) - 1);
	__u32 id = sched_entry(&c->t, (turn + c->base) & ((1 << ELVS_SH_BITS) - 1));

	if (!sched_usable(id))
		return 0;
	c->id = id;
	return 1;
}

static __always_inline __u32 sched_sh(struct elvs_svc *svc, __u32 addr, __u16 port)
{
	struct sh_ctx c = { .t = sched_table(svc) };
	__u32 key = bpf_ntohl(addr), id;

	if (svc->flags & ELVS_SVC_SCHED2)	/* sh-port */
		key += bpf_ntohs(port);
	c.base = elvs_hash_32(key, ELVS_SH_BITS);
	c.first = c.base;
	id = sched_entry(&c.t, c.base);
	if (sched_usable(id))
		return id;
	if (!(svc->flags & ELVS_SVC_SCHED1))	/* sh-fallback */
		return 0;
	bpf_loop(1 << ELVS_SH_BITS, sh_step, &c, 0);
	return c.id;
}

static __always_inline __u32 sched_dh(struct elvs_svc *svc, __u32 addr)
{
	struct sched_table t = sched_table(svc);
	__u32 id = sched_entry(&t, elvs_hash_32(bpf_ntohl(addr), ELVS_SH_BITS));

	return sched_usable(id) ? id : 0;
}

#endif
