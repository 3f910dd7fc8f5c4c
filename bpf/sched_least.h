/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_least - lc and wlc: least overhead = active * 256 + all connections, wlc per weight by cross-multiplication.
 * The first of equals wins, which is the server nearest to the head of IPVS's list (the newest).
 * Destinations are looked at sixteen a step: the step's fixed cost is about that of two of them.
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

#define LEAST_BLOCK 16

/* A block of the table; the best so far is kept in registers over it. */
static long least_step(__u32 n, struct least_ctx *c)
{
	const struct sched_chunk *chunk = sched_chunk(&c->t);
	struct load_table *loads_of = load_table();
	__u64 best_overhead = c->best_overhead, best_weight = c->best_weight;
	__u32 best = c->best, k = n * LEAST_BLOCK;

	if (!chunk || !loads_of)
		return 1;
	for (int i = 0; i < LEAST_BLOCK && k < c->t.len; i++, k++) {
		__u32 id = chunk_entry(chunk, c->t.off + k);
		struct elvs_load *l = load_of(loads_of, id);
		/* two loads: active | inactive << 32, weight | flags << 32 */
		__u64 counts = READ_ONCE(*(__u64 *)&l->act), limits = READ_ONCE(*(__u64 *)&l->weight);
		__u64 overhead = (__u64)(__u32)counts * 257 + (counts >> 32), weight = (__u32)limits;

		if (unlikely(!weight || limits >> 32 & ELVS_LOAD_OVERLOAD))
			continue;
		if (!c->weighted)
			weight = 1;
		if (likely(best) && overhead * best_weight >= best_overhead * weight)
			continue;
		best = id;
		best_overhead = overhead;
		best_weight = weight;
	}
	c->best = best;
	c->best_overhead = best_overhead;
	c->best_weight = best_weight;
	return k >= c->t.len;
}

static __always_inline __u32 sched_least(struct elvs_svc *svc, bool weighted)
{
	struct least_ctx c = { .t = sched_table(svc), .weighted = weighted };

	bpf_loop((c.t.len + LEAST_BLOCK - 1) / LEAST_BLOCK, least_step, &c, 0);
	return c.best;
}

#endif
