/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_least - lc and wlc: least overhead = active * 256 + all connections, wlc per weight by cross-multiplication.
 * The first of equals wins, which is the server nearest to the head of IPVS's list (the newest).
 * Destinations are looked at sixteen a step: the step's fixed cost is about that of two of them.
 */
#ifndef ELVS_BPF_SCHED_LEAST_H
#define ELVS_BPF_SCHED_LEAST_H

#include "sched_table.h"

/* The best so far; weight 0: none yet, and then anything is better */
struct least {
	__u64 overhead;
	__u32 weight, id;
};

/* Small: it stands on the stack below nearly all else. */
struct least_ctx {
	__u64 table;	/* ELVS_TAB */
	struct least best;
};

#define LEAST_BLOCK 16

/* Destination id against the best so far: few instructions, this is done for every server of the service. */
static __always_inline void least_look(struct least *best, struct load_table *loads_of, __u32 id, bool weighted)
{
	struct elvs_load *l = load_of(loads_of, id);
	/* two loads: active | inactive << 32, weight | flags << 32 */
	__u64 counts = READ_ONCE(*(__u64 *)&l->act), limits = READ_ONCE(*(__u64 *)&l->weight);
	__u64 overhead = (__u64)(__u32)counts * 257 + (counts >> 32);

	if (unlikely(limits - 1 >= 0xffffffff))	/* weight 0, or a flag: overloaded */
		return;
	if (weighted ? overhead * best->weight >= best->overhead * limits :
		       best->weight && overhead >= best->overhead)
		return;
	best->id = id;
	best->overhead = overhead;
	best->weight = weighted ? limits : 1;
}

/* A block of the table; the best so far is kept in registers over it. */
static __always_inline long least_block(__u32 n, struct least_ctx *c, bool weighted)
{
	const struct sched_table t = sched_table_at(c->table);
	const struct sched_chunk *chunk = sched_chunk(&t);
	struct load_table *loads_of = load_table();
	__u32 at = t.off + n * LEAST_BLOCK, left = t.len - n * LEAST_BLOCK;
	struct least best = c->best;

	if (!chunk || !loads_of)
		return 1;
	if (likely(left >= LEAST_BLOCK)) {
		const __u32 *id = chunk->entry;
		__u64 first = at;

		opaque(first);
		if (first > ELVS_SCHED_CHUNK - LEAST_BLOCK)	/* no table crosses a chunk; the verifier wants to see it */
			return 1;
		id += first;
#pragma unroll
		for (int i = 0; i < LEAST_BLOCK; i++)
			least_look(&best, loads_of, READ_ONCE(id[i]), weighted);
	} else {
		for (int i = 0; i < LEAST_BLOCK && i < left; i++)
			least_look(&best, loads_of, chunk_entry(chunk, at + i), weighted);
	}
	c->best = best;
	return left <= LEAST_BLOCK;
}

static long lc_step(__u32 n, struct least_ctx *c)
{
	return least_block(n, c, false);
}

static long wlc_step(__u32 n, struct least_ctx *c)
{
	return least_block(n, c, true);
}

static __always_inline __u32 sched_least(struct elvs_svc *svc, bool weighted)
{
	struct least_ctx c = { .table = READ_ONCE(svc->table), .best.overhead = 1 };
	__u32 blocks = (ELVS_TAB_LEN(c.table) + LEAST_BLOCK - 1) / LEAST_BLOCK;

	if (weighted)
		bpf_loop(blocks, wlc_step, &c, 0);
	else
		bpf_loop(blocks, lc_step, &c, 0);
	return c.best.id;
}

#endif
