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
	struct sched_table t;
	__u32 id;
};

static long cycle_step(__u32 n, struct cycle_ctx *c)
{
	__u64 at = __sync_fetch_and_add(&c->svc->cursor, 1);
	__u32 id;

	if (!c->t.len)
		return 1;
	id = sched_entry(&c->t, at % c->t.len);
	if (!sched_usable(id))
		return 0;
	c->id = id;
	return 1;
}

static __always_inline __u32 sched_cycle(struct elvs_svc *svc)
{
	struct cycle_ctx c = { .svc = svc, .t = sched_table(svc) };

	if (!c.t.len)
		return 0;
	if (!cycle_step(0, &c) && c.t.len > 1)	/* the first is nearly always usable */
		bpf_loop(c.t.len - 1, cycle_step, &c, 0);
	return c.id;
}

/* ---- cycles too long to be written out: segments of constant membership ---- */

struct segment_ctx {
	struct sched_table t;
	__u64 at;
	__u32 lo, hi;	/* the segment is in [lo, hi) */
};

static long segment_step(__u32 n, struct segment_ctx *c)
{
	__u32 mid = (c->lo + c->hi) / 2;
	__u64 start;

	if (c->hi - c->lo <= 1)
		return 1;
	start = sched_entry(&c->t, 1 + mid * 4) | (__u64)sched_entry(&c->t, 2 + mid * 4) << 32;
	if (start <= c->at)
		c->lo = mid;
	else
		c->hi = mid;
	return 0;
}

static long cycle_long_step(__u32 n, struct cycle_ctx *c)
{
	struct segment_ctx s = { .t = c->t };
	__u64 start;
	__u32 at, len, id;

	if (!c->svc->cycle)
		return 1;
	s.at = __sync_fetch_and_add(&c->svc->cursor, 1) % c->svc->cycle;
	s.hi = sched_entry(&c->t, 0);
	bpf_loop(32, segment_step, &s, 0);
	start = sched_entry(&s.t, 1 + s.lo * 4) | (__u64)sched_entry(&s.t, 2 + s.lo * 4) << 32;
	at = sched_entry(&s.t, 3 + s.lo * 4);
	len = sched_entry(&s.t, 4 + s.lo * 4);
	if (!len)
		return 1;
	id = sched_entry(&s.t, at + (__u32)((s.at - start) % len));
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
