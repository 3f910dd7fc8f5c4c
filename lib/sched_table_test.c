/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_table_test - the tables against a straightforward simulation of IPVS's rr and wrr, through random changes of
 * the servers, and sh and dh against sequences recorded on a real IPVS.
 */
#include "sched_table.h"
#include "weights.h"
#include "../abi/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MAX 12

/* ---- IPVS as its documentation has it: a list, a pointer into it, a current weight ---- */

struct sim {
	struct sched_dest d[MAX]; /* newest first */
	size_t n;
	uint32_t last; /* 0 = list head */
	int32_t cw, mw, di;
};

static int at_of(const struct sim *s, uint32_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->d[i].id == id)
			return i;
	return -1;
}

static uint32_t sim_rr(struct sim *s)
{
	int from = at_of(s, s->last);

	for (size_t k = 1; k <= s->n + 1; k++) {
		int i = from + k;

		if (from >= 0)
			i %= (int)s->n;
		if (i >= (int)s->n || s->d[i].weight <= 0)
			continue;
		return s->last = s->d[i].id;
	}
	return 0;
}

/* Weight scale, walked node by node; the list head is a node that ends a pass. */
static uint32_t sim_wrr(struct sim *s)
{
	for (long steps = 0; steps < 1000000; steps++) {
		int i = s->last ? at_of(s, s->last) + 1 : 0;

		for (; i < (int)s->n; i++)
			if (s->d[i].weight > 0 && s->d[i].weight >= s->cw)
				return s->last = s->d[i].id;
		s->last = 0;
		s->cw -= s->di;
		if (s->cw <= 0)
			s->cw = s->mw;
		if (!s->mw)
			return 0;
	}
	return 0;
}

static int gcd_of(int a, int b)
{
	return b ? gcd_of(b, a % b) : a;
}

static void sim_wrr_changed(struct sim *s)
{
	int g = 0, max = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->d[i].weight <= 0)
			continue;
		g = gcd_of(s->d[i].weight, g);
		if (s->d[i].weight > max)
			max = s->d[i].weight;
	}
	s->di = g ? g : 1;
	s->mw = max - (s->di - 1);
	s->last = 0;
	if (s->cw > s->mw || s->cw == 0)
		s->cw = s->mw;
	else if (s->di > 1)
		s->cw = s->cw / s->di * s->di + 1;
}

static void sim_add(struct sim *s, uint32_t id, int32_t weight)
{
	memmove(s->d + 1, s->d, s->n * sizeof(*s->d));
	s->d[0] = (struct sched_dest){ id, weight };
	s->n++;
}

static void sim_del(struct sim *s, int i)
{
	memmove(s->d + i, s->d + i + 1, (s->n - i - 1) * sizeof(*s->d));
	s->n--;
}

/* ---- the data plane's side ---- */

static uint32_t table_pick(const struct sched_table *t, uint64_t cursor)
{
	uint64_t at;
	uint32_t seg;

	if (!t->len)
		return 0;
	if (t->sched != ELVS_SCHED_WRR_LONG)
		return t->entry[cursor % t->len];
	at = cursor % t->cycle;
	for (seg = t->entry[0] - 1; seg; seg--)
		if ((t->entry[1 + 4 * seg] | (uint64_t)t->entry[2 + 4 * seg] << 32) <= at)
			break;
	at -= t->entry[1 + 4 * seg] | (uint64_t)t->entry[2 + 4 * seg] << 32;
	return t->entry[t->entry[3 + 4 * seg] + at % t->entry[4 + 4 * seg]];
}

static uint32_t rnd(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* One random change of the list; returns the id deleted. */
static uint32_t change(struct sim *s, uint32_t *seed, uint32_t *next_id, int32_t max_weight)
{
	uint32_t what = rnd(seed, 3), i = s->n ? rnd(seed, s->n) : 0, id = 0;
	int32_t w = rnd(seed, 4) ? rnd(seed, max_weight) + 1 : 0;

	if (rnd(seed, 2))
		w = w / 10 * 10; /* so that gcds above 1 come up */
	if (!s->n || (what == 0 && s->n < MAX)) {
		sim_add(s, (*next_id)++, w);
	} else if (what == 1) {
		id = s->d[i].id;
		sim_del(s, i);
	} else {
		s->d[i].weight = w;
	}
	return id;
}

static void rr_goes_on_through_changes_as_ipvs_does(void **state)
{
	uint32_t seed = 1, next_id = 1;
	struct sim s = { 0 };

	for (int round = 0; round < 4000; round++) {
		struct sim before = s;
		uint32_t last = s.last, gone = change(&s, &seed, &next_id, 40);
		struct sched_table t;
		uint64_t cursor;

		if (gone && gone == last) { /* steps back */
			int i = at_of(&before, gone);

			s.last = i ? before.d[i - 1].id : 0;
		}
		assert_int_equal(sched_table_make(ELVS_SCHED_RR, s.d, s.n, &t), 0);
		cursor = sched_rr_next(s.d, s.n, s.last);
		for (uint32_t k = rnd(&seed, 20); k; k--)
			assert_int_equal(table_pick(&t, cursor++), sim_rr(&s));
		free(t.entry);
	}
}

static void wrr_walk(int32_t max_weight, int rounds, uint32_t picks, uint32_t seed)
{
	struct sim s = { 0 };
	uint32_t next_id = 1;
	int32_t level = 0;

	for (int round = 0; round < rounds; round++) {
		struct sched_table t;
		uint64_t cursor, base;
		int32_t gcd, max;

		change(&s, &seed, &next_id, max_weight);
		sim_wrr_changed(&s);
		sched_weights(s.d, s.n, &gcd, &max);
		level = sched_wrr_adjust(level, gcd, max);
		assert_int_equal(level, s.cw);
		assert_int_equal(sched_table_make(ELVS_SCHED_WRR, s.d, s.n, &t), 0);
		base = cursor = sched_wrr_start(s.d, s.n, level);
		for (uint32_t k = rnd(&seed, picks); k; k--)
			assert_int_equal(table_pick(&t, cursor++), sim_wrr(&s));
		if (cursor != base && t.len)
			level = sched_wrr_level(s.d, s.n, (cursor - 1) % t.cycle);
		free(t.entry);
	}
}

static void wrr_goes_on_through_changes_as_ipvs_does(void **state)
{
	wrr_walk(7, 4000, 60, 2);
	wrr_walk(200, 2000, 400, 3);
}

static void wrr_of_a_long_cycle_is_the_same_walk(void **state)
{
	wrr_walk(65535, 400, 3000, 4);
}

static void wrr_gives_exact_shares_when_even_segments_are_too_many(void **state)
{
	enum { N = 1024 };
	struct sched_dest *d = calloc(N, sizeof(*d));
	uint64_t *share = calloc(N + 1, sizeof(*share)), cycle = 0;
	struct sched_table t;

	for (int i = 0; i < N; i++) {
		d[i] = (struct sched_dest){ i + 1, (i * 37) % N + 1 }; /* all distinct */
		cycle += d[i].weight;
	}
	assert_int_equal(sched_table_make(ELVS_SCHED_WRR, d, N, &t), 0);
	assert_int_equal(t.sched, ELVS_SCHED_WRR_LONG);
	assert_true(t.len <= ELVS_SCHED_CHUNK);
	assert_int_equal(t.cycle, cycle);
	for (uint64_t k = 0; k < cycle; k++)
		share[table_pick(&t, k)]++;
	for (int i = 0; i < N; i++)
		assert_int_equal(share[i + 1], d[i].weight);
	free(t.entry);
	free(share);
	free(d);
}

static void weights_are_counted_as_a_look_at_all_gives_them(void **state)
{
	struct weights *w = calloc(1, sizeof(*w));
	struct sched_dest d[200];
	uint32_t seed = 5;
	size_t n = 0;

	w->gcd = 1;
	for (int round = 0; round < 20000; round++) {
		int32_t gcd, max;

		if (n < 200 && (!n || rnd(&seed, 200) > n)) {
			d[n].weight = rnd(&seed, 12) * (rnd(&seed, 8) ? 6 : 1);
			assert_int_equal(weights_add(w, d[n++].weight), 0);
		} else {
			size_t i = rnd(&seed, n);

			weights_del(w, d[i].weight);
			d[i] = d[--n];
		}
		if (!rnd(&seed, 300))
			for (; n; n--)
				weights_del(w, d[n - 1].weight);
		sched_weights(d, n, &gcd, &max);
		assert_int_equal(w->gcd, gcd);
		assert_int_equal(weights_max(w), max);
	}
	weights_free(w);
}

static void lc_and_wlc_list_who_has_weight_newest_first(void **state)
{
	const struct sched_dest d[] = { { 4, 1 }, { 3, 0 }, { 2, 5 }, { 1, 2 } };
	struct sched_table t;

	for (uint32_t sched = ELVS_SCHED_LC; sched <= ELVS_SCHED_WLC; sched++) {
		assert_int_equal(sched_table_make(sched, d, 4, &t), 0);
		assert_int_equal(t.len, 3);
		assert_int_equal(t.entry[0], 4);
		assert_int_equal(t.entry[1], 2);
		assert_int_equal(t.entry[2], 1);
		free(t.entry);
	}
}

/* Which of rs1..rs4 the clients 10.0.1.0 to 10.0.1.63 got from a real IPVS (weights of rs1..rs4, added in order) */
static void expect_buckets(uint32_t sched, const int32_t weight[4], uint32_t first, const char *want)
{
	struct sched_dest d[4];
	struct sched_table t;

	for (int i = 0; i < 4; i++)
		d[3 - i] = (struct sched_dest){ i + 1, weight[i] };
	assert_int_equal(sched_table_make(sched, d, 4, &t), 0);
	assert_int_equal(t.len, 256);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(t.entry[elvs_hash_32(first + i, ELVS_SH_BITS)], want[i] - '0');
	free(t.entry);
}

static void sh_and_dh_choose_as_a_real_ipvs_did(void **state)
{
	const int32_t equal[4] = { 1, 1, 1, 1 }, rising[4] = { 1, 2, 3, 4 }, zero[4] = { 1, 0, 1, 1 };

	expect_buckets(ELVS_SCHED_SH, equal, 0x0a000100,
		       "2421313142421313142421313142424313142424313142424313132424313132");
	expect_buckets(ELVS_SCHED_SH, rising, 0x0a000100,
		       "4441412133333444444242323234343414132323434444442121233343444142");
	expect_buckets(ELVS_SCHED_SH, zero, 0x0a000100, /* weight 0 keeps its slot: those clients are turned away */
		       "2421313142421313142421313142424313142424313142424313132424313132");
	expect_buckets(ELVS_SCHED_DH, rising, 0x0a090000,
		       "2421313242421313142421313142421313142424313142424313132424313132");
}

static void hashes_are_those_of_the_kernel(void **state)
{
	assert_int_equal(elvs_hash_32(0xc0000201, 8), 50);
	assert_int_equal(elvs_hash_32(0xc0000201 + 54321, 8), 249);
	assert_int_equal(elvs_hash_32(0x0a000001 + 80, 8), 182);
	assert_int_equal(elvs_hash_32(0xc0000201, 10), 203);
}

static void names_are_known_or_refused(void **state)
{
	assert_int_equal(sched_by_name("wlc"), ELVS_SCHED_WLC);
	assert_int_equal(sched_by_name("none"), ELVS_SCHED_NONE);
	assert_int_equal(sched_by_name("mh"), -EOPNOTSUPP);
	assert_int_equal(sched_by_name(""), -ENOENT);
	assert_int_equal(sched_by_name("nosuch"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rr_goes_on_through_changes_as_ipvs_does),
		cmocka_unit_test(wrr_goes_on_through_changes_as_ipvs_does),
		cmocka_unit_test(wrr_of_a_long_cycle_is_the_same_walk),
		cmocka_unit_test(wrr_gives_exact_shares_when_even_segments_are_too_many),
		cmocka_unit_test(weights_are_counted_as_a_look_at_all_gives_them),
		cmocka_unit_test(lc_and_wlc_list_who_has_weight_newest_first),
		cmocka_unit_test(sh_and_dh_choose_as_a_real_ipvs_did),
		cmocka_unit_test(hashes_are_those_of_the_kernel),
		cmocka_unit_test(names_are_known_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
