/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_least - lc and wlc: least overhead = active * 256 + all connections, wlc per weight by cross-multiplication.
 * The first of equals wins, which is the server nearest to the head of IPVS's list (the newest).
 * Destinations are looked at eight a step: the step's fixed cost is about that of two of them.
 */
#ifndef ELVS_BPF_SCHED_LEAST_H
#define ELVS_BPF_SCHED_LEAST_H

#include "sched_table.h"

struct least_ctx {
	struct sched_table t;
	__u32 best;
	__u32 weighted;
	__u64 best_overhead;
	__u64 best_weight;
};

#define LEAST_BLOCK 8

static __always_inline void least_consider(struct least_ctx *c, __u32 id)
{
	struct elvs_load *l = load_get(id);
	__u64 counts, limits, overhead, weight;

	if (!l)
		return;
	/* two loads: active | inactive << 32, weight | flags << 32 */
	counts = READ_ONCE(*(__u64 *)&l->act);
	limits = READ_ONCE(*(__u64 *)&l->weight);
	weight = (__u32)limits;
	if (unlikely(!weight || limits >> 32 & ELVS_LOAD_OVERLOAD))
		return;
	if (!c->weighted)
		weight = 1;
	overhead = ((__u64)(__u32)counts << 8) + (__u32)counts + (counts >> 32);
	if (likely(c->best) && overhead * c->best_weight >= c->best_overhead * weight)
		return;
	c->best = id;
	c->best_overhead = overhead;
	c->best_weight = weight;
}

/* A block; the table's entries stand two in a value. Behind its end may be others' entries: they are not looked at. */
static long least_step(__u32 n, struct least_ctx *c)
{
	__u32 chunk = c->t.chunk, k = n * LEAST_BLOCK, at = c->t.off + k, two = at / 2;
	void *m = bpf_map_lookup_elem(&sched_dir, &chunk);

	if (!m)
		return 1;
	if (unlikely(at & 1 || c->t.len - k < LEAST_BLOCK)) {	/* the last block, or a table that begins in the middle */
		for (int i = 0; i < LEAST_BLOCK; i++) {
			if (k + i >= c->t.len)
				return 1;
			least_consider(c, sched_entry(&c->t, k + i));
		}
		return 0;
	}
	for (int i = 0; i < LEAST_BLOCK / 2; i++, two++) {
		__u64 *e = bpf_map_lookup_elem(m, &two), ids;

		if (!e)
			return 1;
		ids = READ_ONCE(*e);
		least_consider(c, (__u32)ids);
		least_consider(c, ids >> 32);
	}
	return 0;
}

static __always_inline __u32 sched_least(struct elvs_svc *svc, bool weighted)
{
	struct least_ctx c = { .t = sched_table(svc), .weighted = weighted };

	bpf_loop((c.t.len + LEAST_BLOCK - 1) / LEAST_BLOCK, least_step, &c, 0);
	return c.best;
}

#endif
