/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_cycle - rr and wrr: the table is the cycle in which IPVS would choose, and one cursor, shared by all CPUs,
 * walks it. So over any whole cycle each server gets exactly its share, however many CPUs schedule.
 */
#ifndef ELVS_BPF_SCHED_CYCLE_H
#define ELVS_BPF_SCHED_CYCLE_H

#include "sched_table.h"

struct cycle_ctx {
	struct elvs_svc *svc;
	struct sched_table t;	/* of long cycles */
	__u32 id;
};

/* The next in turn, or 0: it is not usable. It nearly always is. */
static __always_inline __u32 sched_cycle_next(struct elvs_svc *svc)
{
	struct sched_table t = sched_table(svc);
	__u32 id;

	if (!t.len)
		return 0;
	id = sched_entry(&t, __sync_fetch_and_add(&svc->cursor, 1) % t.len);
	return sched_usable(id) ? id : 0;
}

static long cycle_step(__u32 n, struct cycle_ctx *c)
{
	c->id = sched_cycle_next(c->svc);
	return !!c->id;
}

/* One of those after it */
static __always_inline __u32 sched_cycle_further(struct elvs_svc *svc)
{
	__u32 len = ELVS_TAB_LEN(READ_ONCE(svc->table));
	struct cycle_ctx c = { .svc = svc };

	if (len > 1)
		bpf_loop(len - 1, cycle_step, &c, 0);
	return c.id;
}

/* ---- cycles too long to be written out: segments of constant membership ---- */

#define SEGMENT_STEPS 14	/* a chunk holds fewer than 2^14 segments of four entries */
_Static_assert(ELVS_SCHED_CHUNK / 4 <= 1 << SEGMENT_STEPS, "every segment is found in so many halvings");

static __always_inline __u64 segment_start(const struct sched_chunk *c, __u32 segments)
{
	return chunk_entry(c, segments) | (__u64)chunk_entry(c, segments + 1) << 32;
}

/* The segment of n in which position `at` lies. Without branches: to the verifier it is one path. */
static __always_inline __u32 segment_find(const struct sched_chunk *c, const struct sched_table *t, __u32 n, __u64 at)
{
	__u32 lo = 0, hi = n, mid;

	for (int i = 0; i < SEGMENT_STEPS; i++) {
		__s64 before;

		mid = (lo + hi) / 2;
		before = (__s64)(at - segment_start(c, t->off + 1 + mid * 4)) >> 63;
		opaque(before);
		lo = mid ^ ((mid ^ lo) & (__u32)before);
		hi = hi ^ ((hi ^ mid) & (__u32)before);
	}
	return lo;
}

static long cycle_long_step(__u32 n, struct cycle_ctx *c)
{
	const struct sched_chunk *chunk = sched_chunk(&c->t);
	__u32 segment, at, len, id;
	__u64 place;

	if (!c->svc->cycle || !chunk)
		return 1;
	place = __sync_fetch_and_add(&c->svc->cursor, 1) % c->svc->cycle;
	segment = c->t.off + 1 + 4 * segment_find(chunk, &c->t, sched_entry(&c->t, 0), place);
	at = chunk_entry(chunk, segment + 2);
	len = chunk_entry(chunk, segment + 3);
	if (!len)
		return 1;
	id = sched_entry(&c->t, at + (__u32)((place - segment_start(chunk, segment)) % len));
	if (!sched_usable(id))
		return 0;
	c->id = id;
	return 1;
}

static __always_inline __u32 sched_cycle_long(struct elvs_svc *svc)
{
	struct cycle_ctx c = { .svc = svc, .t = sched_table(svc) };

	/* An overloaded server of a great weight may be next for long: bounded, then it counts as none. */
	bpf_loop(65536, cycle_long_step, &c, 0);
	return c.id;
}

#endif
