/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sweep - the data plane's own housekeeping, run by a BPF timer whether or not a daemon lives: it advances the clock,
 * ends what has expired, and splits pairs while the tables are more than half full.
 *
 * A pass over both tables takes about a second, in slices that stay well under 100 us; how often the timer fires
 * follows from how many slices a pass has.
 */
#ifndef ELVS_BPF_SWEEP_H
#define ELVS_BPF_SWEEP_H

#include "flow.h"

#define NSEC_PER_SEC 1000000000ull
#define PASS_NSEC (NSEC_PER_SEC * 8 / 10)
#define SLICE_PAIRS 1024	/* pairs looked at in one slice: about 25 us when nothing is due */
#define SLICE_MAX_NSEC (NSEC_PER_SEC / 16)	/* and at least this often, for the clock */
#define SPLITS_PER_SLICE 256	/* some 80 us */
#define GROWING_NSEC 200000	/* until the next slice while the tables lag behind: a million new connections a second */
#define CONTROLLED_TICKS (60 * ELVS_TICKS_PER_SEC)	/* how long a template with children is prolonged (spec 2.3) */

struct sweep_ctx {
	__u32 first, end;	/* pairs */
	__u32 now;
};

static __always_inline int due(__u32 word, __u32 expiry, __u32 now)
{
	return word_dest(word) && (__s32)(expiry - now) <= 0;
}

/*
 * The same without a branch, for the scan: word and expiry in one load, word in the low half. Bit 31 of the result
 * says that the slot is due: its expiry is not in the future, and its destination is not 0.
 */
static __always_inline __u32 narrow_due(const struct elvs_slot *s, __u32 now)
{
	__u64 v = READ_ONCE(*(__u64 *)&s->word);
	__u32 past = (__u32)(v >> 32) - now - 1, taken = 0 - word_dest((__u32)v);

	opaque(taken);
	return past & taken;
}

__noinline int narrow_sweep_pair(__u32 i, __u32 now)
{
	struct elvs_pair *p = narrow_pair(i);

	if (!p)
		return 0;
	for (int k = 0; k < ELVS_PAIR_SLOTS; k++) {
		__u32 word = READ_ONCE(p->slot[k].word);

		if (due(word, READ_ONCE(p->slot[k].expiry), now))
			narrow_end(1 + i * ELVS_PAIR_SLOTS + k, word);
	}
	return 0;
}

/* Several pairs a step: on kernels with return thunks a call costs as much as looking at a pair. */
#define SWEEP_BLOCK 4

static long narrow_sweep_step(__u32 n, struct sweep_ctx *c)
{
	__u32 now = c->now, at = c->first + n * SWEEP_BLOCK;

	for (int i = 0; i < SWEEP_BLOCK; i++, at++) {
		struct elvs_pair *p = at < c->end ? narrow_pair(at) : 0;
		__u32 any;

		if (!p)
			return 1;
		any = narrow_due(&p->slot[0], now) | narrow_due(&p->slot[1], now) | narrow_due(&p->slot[2], now) |
		      narrow_due(&p->slot[3], now) | narrow_due(&p->slot[4], now) | narrow_due(&p->slot[5], now) |
		      narrow_due(&p->slot[6], now) | narrow_due(&p->slot[7], now);
		if (unlikely(any >> 31))
			narrow_sweep_pair(at, now);
	}
	return 0;
}

/* A template that is due: prolonged while connections made from it live, unless its service has changed its rules. */
static __always_inline int template_due(__u32 loc, __u32 word, __u32 now)
{
	struct elvs_wslot *s = wide_slot(loc);
	struct elvs_svc *svc;

	if (!s)
		return 0;
	svc = svc_get(s->key.svc);
	if (READ_ONCE(s->children)) {
		if (svc && svc->used == 1 && svc->scheme == s->nh_gen) {
			WRITE_ONCE(s->expiry, now + CONTROLLED_TICKS);
			return 0;
		}
		WRITE_ONCE(s->children, 0);
	}
	return wide_end(loc, word);
}

__noinline int wide_sweep_pair(__u32 i, __u32 now)
{
	struct elvs_wpair *p = wide_pair(i);

	if (!p)
		return 0;
	for (int k = 0; k < ELVS_PAIR_SLOTS; k++) {
		__u32 word = READ_ONCE(p->slot[k].word), loc = 1 + i * ELVS_PAIR_SLOTS + k;

		if (!due(word, READ_ONCE(p->slot[k].expiry), now))
			continue;
		if (p->slot[k].key.kind & ELVS_WK_TEMPLATE)
			template_due(loc, word, now);
		else
			wide_end(loc, word);
	}
	return 0;
}

static long wide_sweep_step(__u32 n, struct sweep_ctx *c)
{
	wide_sweep_pair(c->first + n, c->now);
	return 0;
}

struct count_ctx {
	__s64 conns, wconns;
};

static long count_step(__u32 n, struct count_ctx *c)
{
	struct elvs_cpu *cpu = bpf_map_lookup_elem(&cpus, &n);

	if (!cpu)
		return 1;
	c->conns += READ_ONCE(cpu->conns);
	c->wconns += READ_ONCE(cpu->wconns);
	return 0;
}

/*
 * Whether the narrow table is to have more pairs for so many connections. Doubling begins when half of its slots are
 * taken. Pairs that have not been split yet then hold twice as much as the others, so it is to be over when they are
 * at 70 % (the table at 35 %, or 46 bytes a connection): at 100 %, which an even pace would bring, every other pair
 * overflows, for ever, and what overflowed is found late.
 */
static __always_inline bool narrow_crowded(__s64 conns)
{
	__u64 both = READ_ONCE(*(__u64 *)&settings.npairs);
	__s64 n = (__u32)both, all = (both >> 32) + 1, base = n == all ? n : all / 2;

	return conns * 5 > base * (ELVS_PAIR_SLOTS / 2) * 5 + (n - base) * ELVS_PAIR_SLOTS;
}

static long narrow_split_step(__u32 n, __s64 *conns)
{
	return !narrow_crowded(*conns) || !narrow_split();
}

static long wide_split_step(__u32 n, __s64 *conns)
{
	return *conns * 7 <= (__s64)settings.nwpairs * (ELVS_PAIR_SLOTS * 4) || !wide_split();
}

static __always_inline bool lagging(const struct count_ctx *c)
{
	return (narrow_crowded(c->conns) && settings.npairs < settings.alloc_pairs) ||
	       (c->wconns * 7 > (__s64)settings.nwpairs * (ELVS_PAIR_SLOTS * 4) &&
		settings.nwpairs < settings.alloc_wpairs);
}

/*
 * Grows the tables while more than half of their slots (wide: 4 of 7) are taken, by so many pairs at most. Returns
 * whether there is more to do.
 */
static __always_inline bool grow(__u32 most)
{
	struct count_ctx c = {};

	bpf_loop(cpu_mask + 1, count_step, &c, 0);
	if (!lagging(&c))
		return false;
	bpf_loop(most, narrow_split_step, &c.conns, 0);
	bpf_loop(most, wide_split_step, &c.wconns, 0);
	return lagging(&c);
}

/* One slice of each table, from where the last one ended. Returns true when a pass over both is complete. */
static __always_inline bool sweep_slice(struct sweeper *sw, __u32 most, __u32 now)
{
	struct sweep_ctx c = { .now = now };
	__u32 n = settings.npairs, wn = settings.nwpairs, step;

	if (sw->next < n) {
		step = n - sw->next < most ? n - sw->next : most;
		c.first = sw->next;
		sw->next += step;
		c.end = sw->next;
		bpf_loop((step + SWEEP_BLOCK - 1) / SWEEP_BLOCK, narrow_sweep_step, &c, 0);
		return false;
	}
	if (sw->wnext < wn) {
		most /= 4;	/* a wide pair is four times as long */
		step = wn - sw->wnext < most ? wn - sw->wnext : most;
		c.first = sw->wnext;
		sw->wnext += step;
		bpf_loop(step, wide_sweep_step, &c, 0);
		return false;
	}
	sw->next = sw->wnext = 0;
	return true;
}

/* The timer */
static int sweeper_fired(void *map, __u32 *key, struct sweeper *sw)
{
	__u64 slices = settings.npairs / SLICE_PAIRS + settings.nwpairs / (SLICE_PAIRS / 4) + 3;
	__u64 period = PASS_NSEC / slices;

	if (!(settings.flags & ELVS_SET_MANUAL_CLOCK))
		WRITE_ONCE(settings.clock, (__u32)(bpf_ktime_get_ns() / (NSEC_PER_SEC / ELVS_TICKS_PER_SEC)) + 1);
	sweep_slice(sw, SLICE_PAIRS, settings.clock);
	if (grow(SPLITS_PER_SLICE))
		period = GROWING_NSEC;
	bpf_timer_start(&sw->timer, period < SLICE_MAX_NSEC ? period : SLICE_MAX_NSEC, 0);
	return 0;
}

static long wide_pass_step(__u32 n, struct sweep_ctx *c)
{
	wide_sweep_pair(n, c->now);
	return 0;
}

/* Commands of libelvs, run through BPF_PROG_RUN on a frame that begins with struct elvs_ctl. */
SEC("xdp")
int elvs_ctl(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct elvs_ctl *cmd = data;
	struct sweep_ctx c = {};
	struct sweeper *sw;
	__u32 zero = 0;
	long r = -22;

	if ((void *)(cmd + 1) > end || cmd->magic != ELVS_CTL_MAGIC)
		return XDP_ABORTED;
	sw = bpf_map_lookup_elem(&sweeper, &zero);
	if (!sw)
		return XDP_ABORTED;
	switch (cmd->op) {
	case ELVS_CTL_START_TIMER:
		/* -EBUSY: a former program's timer; the callback becomes ours */
		bpf_timer_init(&sw->timer, &sweeper, 7 /* CLOCK_BOOTTIME, so that a suspended host's time counts */);
		bpf_timer_set_callback(&sw->timer, sweeper_fired);
		r = bpf_timer_start(&sw->timer, 0, 0);
		break;
	case ELVS_CTL_SWEEP:
		c.now = settings.clock;
		c.end = settings.npairs;
		bpf_loop((c.end + SWEEP_BLOCK - 1) / SWEEP_BLOCK, narrow_sweep_step, &c, 0);
		bpf_loop(settings.nwpairs, wide_pass_step, &c, 0);
		grow(1 << 22);
		r = 0;
		break;
	}
	cmd->result = r;
	return XDP_PASS;
}

#endif
