/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_least - lc and wlc: least overhead = active * 256 + all connections, wlc per weight by cross-multiplication.
 * The first of equals wins, which is the server nearest to the head of IPVS's list (the newest).
 * Destinations are looked at eight a step: the step's fixed cost is about that of two of them.
 */

struct least_ctx {
	struct sched_table t;
	__u32 best;
	__u32 weighted;
	__u64 best_overhead;
	__u64 best_weight;
};

#define LEAST_BLOCK 8

static long least_step(__u32 n, struct least_ctx *c)
{
	__u32 chunk = c->t.chunk;
	void *m = bpf_map_lookup_elem(&sched_dir, &chunk);

	if (!m)
		return 1;
	for (int i = 0; i < LEAST_BLOCK; i++) {
		__u32 k = n * LEAST_BLOCK + i, at = c->t.off + k, two = at / 2, *e, id;
		struct elvs_load *l;
		__u64 overhead, weight;

		if (k >= c->t.len)
			return 1;
		e = bpf_map_lookup_elem(m, &two);
		if (!e)
			return 1;
		id = READ_ONCE(e[at & 1]);
		l = load_get(id);
		if (!l)
			return 1;
		weight = READ_ONCE(l->weight);
		if (!weight || READ_ONCE(l->flags) & ELVS_LOAD_OVERLOAD)
			continue;
		if (!c->weighted)
			weight = 1;
		overhead = ((__u64)READ_ONCE(l->act) << 8) + READ_ONCE(l->act) + READ_ONCE(l->inact);
		if (c->best && overhead * c->best_weight >= c->best_overhead * weight)
			continue;
		c->best = id;
		c->best_overhead = overhead;
		c->best_weight = weight;
	}
	return 0;
}

static __always_inline __u32 sched_least(struct elvs_svc *svc, bool weighted)
{
	struct least_ctx c = { .t = sched_table(svc), .weighted = weighted };

	bpf_loop((c.t.len + LEAST_BLOCK - 1) / LEAST_BLOCK, least_step, &c, 0);
	return c.best;
}
