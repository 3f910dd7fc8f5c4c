/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_table - see sched_table.h.
 *
 * wrr. IPVS walks the list with a falling "current weight" cw = mw, mw - gcd, ..., 1 (mw = max - gcd + 1) and takes
 * every destination of at least that weight. With weights divided by the gcd that is pass L = m, m-1, ..., 1, where
 * m = max / gcd and cw = (L - 1) * gcd + 1; destination d takes part in its weight's last passes. So the cycle has
 * sum(weights) / gcd positions, and pass L begins at the sum of max(0, weight - L).
 */
#include "sched_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int sched_by_name(const char *name)
{
	static const struct {
		const char *name;
		int sched;
	} known[] = {
		{ "none", ELVS_SCHED_NONE }, { "rr", ELVS_SCHED_RR },	{ "wrr", ELVS_SCHED_WRR },
		{ "lc", ELVS_SCHED_LC },     { "wlc", ELVS_SCHED_WLC }, { "sh", ELVS_SCHED_SH },
		{ "dh", ELVS_SCHED_DH },     { "lblc", -EOPNOTSUPP },	{ "lblcr", -EOPNOTSUPP },
		{ "sed", -EOPNOTSUPP },	     { "nq", -EOPNOTSUPP },	{ "fo", -EOPNOTSUPP },
		{ "ovf", -EOPNOTSUPP },	     { "mh", -EOPNOTSUPP },	{ "twos", -EOPNOTSUPP },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(name, known[i].name))
			return known[i].sched;
	return -ENOENT;
}

int32_t sched_gcd(int32_t a, int32_t b)
{
	while (b) {
		int32_t t = a % b;

		a = b;
		b = t;
	}
	return a;
}

void sched_weights(const struct sched_dest *d, size_t n, int32_t *ret_gcd, int32_t *ret_max)
{
	int32_t g = 0, max = 0;

	for (size_t i = 0; i < n; i++) {
		if (d[i].weight <= 0)
			continue;
		g = g == 1 ? 1 : sched_gcd(d[i].weight, g);
		if (d[i].weight > max)
			max = d[i].weight;
	}
	*ret_gcd = g ? g : 1;
	*ret_max = max;
}

uint64_t sched_rr_next(const struct sched_dest *d, size_t n, uint32_t last)
{
	uint64_t pos = 0;

	for (size_t i = 0; last && i < n; i++) {
		pos += d[i].weight > 0;
		if (d[i].id == last)
			break;
	}
	for (size_t i = 0, eligible = 0; i < n; i++) { /* past the last one: wrap */
		eligible += d[i].weight > 0;
		if (eligible > pos)
			return pos;
	}
	return 0;
}

int32_t sched_wrr_adjust(int32_t cw, int32_t gcd, int32_t max)
{
	int32_t mw = max - (gcd - 1);

	if (cw > mw || !cw)
		return mw;
	return gcd > 1 ? cw / gcd * gcd + 1 : cw;
}

static uint64_t pass_start(const struct sched_dest *d, size_t n, int32_t gcd, int64_t pass)
{
	uint64_t pos = 0;

	for (size_t i = 0; i < n; i++)
		if (d[i].weight > 0 && d[i].weight / gcd > pass)
			pos += d[i].weight / gcd - pass;
	return pos;
}

uint64_t sched_wrr_start(const struct sched_dest *d, size_t n, int32_t cw)
{
	int32_t gcd, max;

	sched_weights(d, n, &gcd, &max);
	return max && cw > 0 ? pass_start(d, n, gcd, (cw - 1) / gcd + 1) : 0;
}

int32_t sched_wrr_level(const struct sched_dest *d, size_t n, uint64_t pos)
{
	int32_t gcd, max, lo = 1, hi;

	sched_weights(d, n, &gcd, &max);
	if (!max)
		return 0;
	for (hi = max / gcd; lo < hi;) { /* the lowest pass that begins at or before pos */
		int32_t mid = lo + (hi - lo) / 2;

		if (pass_start(d, n, gcd, mid) <= pos)
			hi = mid;
		else
			lo = mid + 1;
	}
	return (lo - 1) * gcd + 1;
}

/* ---- tables ---- */

static int alloc_table(struct sched_table *t, size_t len)
{
	if (len > ELVS_SCHED_CHUNK)
		return -ENOSPC;
	t->len = 0;
	t->entry = len ? malloc(len * sizeof(*t->entry)) : NULL;
	return len && !t->entry ? -ENOMEM : 0;
}

/* rr, lc, wlc: who has a weight, in list order */
static int make_list(const struct sched_dest *d, size_t n, struct sched_table *t)
{
	int r = alloc_table(t, n);

	for (size_t i = 0; !r && i < n; i++)
		if (d[i].weight > 0)
			t->entry[t->len++] = d[i].id;
	return r;
}

/* sh repeats a server weight times before the next one's turn (once for weight 0), dh ignores weights. */
static int make_buckets(const struct sched_dest *d, size_t n, bool weighted, struct sched_table *t)
{
	int r = n ? alloc_table(t, 1 << ELVS_SH_BITS) : 0;
	int32_t turns = 0;
	size_t at = 0;

	while (!r && n && t->len < 1 << ELVS_SH_BITS) {
		t->entry[t->len++] = d[at].id;
		if (++turns < (weighted ? d[at].weight : 1))
			continue;
		turns = 0;
		at = (at + 1) % n;
	}
	return r;
}

static int weight_falls(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return x > y ? -1 : x < y;
}

/* The distinct positive weights, greatest first. The caller frees. */
static int32_t *distinct_weights(const struct sched_dest *d, size_t n, size_t *ret_n)
{
	int32_t *w = malloc(n * sizeof(*w));
	size_t have = 0, k = 0;

	for (size_t i = 0; w && i < n; i++)
		if (d[i].weight > 0)
			w[have++] = d[i].weight;
	if (w)
		qsort(w, have, sizeof(*w), weight_falls);
	for (size_t i = 0; w && i < have; i++)
		if (!k || w[k - 1] != w[i])
			w[k++] = w[i];
	*ret_n = k;
	return w;
}

static size_t at_least(const struct sched_dest *d, size_t n, int32_t weight, uint32_t *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (d[i].weight >= weight)
			out[k++] = d[i].id;
	return k;
}

/* The whole cycle, written out */
static int make_wrr(const struct sched_dest *d, size_t n, const int32_t *w, size_t nw, int32_t gcd,
		    struct sched_table *t)
{
	int r = alloc_table(t, t->cycle);

	for (size_t k = 0; !r && k < nw; k++) {
		int32_t passes = (w[k] - (k + 1 < nw ? w[k + 1] : 0)) / gcd;
		size_t len = at_least(d, n, w[k], t->entry + t->len);

		for (int32_t p = 1; p < passes; p++)
			memcpy(t->entry + t->len + p * len, t->entry + t->len, len * sizeof(*t->entry));
		t->len += passes * len;
	}
	return r;
}

struct by_weight {
	int32_t weight;
	uint32_t order, id;
};

static int by_weight_cmp(const void *a, const void *b)
{
	const struct by_weight *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* One list, heaviest first, of which each segment's set is the begin. */
static int shared_set(const struct sched_dest *d, size_t n, uint32_t *out)
{
	struct by_weight *v = malloc(n * sizeof(*v));
	size_t k = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (d[i].weight > 0)
			v[k++] = (struct by_weight){ d[i].weight, i, d[i].id };
	qsort(v, k, sizeof(*v), by_weight_cmp);
	for (size_t i = 0; i < k; i++)
		out[i] = v[i].id;
	free(v);
	return 0;
}

/*
 * A cycle too long to be written out: segments of passes with the same members. If even the members of all segments
 * are too many for a chunk, the segments share one list sorted by weight: shares stay exact, only the order inside
 * a pass is then by weight and not the list's.
 */
static int make_wrr_long(const struct sched_dest *d, size_t n, const int32_t *w, size_t nw, int32_t gcd,
			 struct sched_table *t)
{
	size_t members = 0, positive = 0, len;
	bool shared;
	uint64_t start = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		positive += d[i].weight > 0;
	for (size_t k = 0; k < nw && members <= ELVS_SCHED_CHUNK; k++)
		for (size_t i = 0; i < n; i++)
			members += d[i].weight >= w[k];
	shared = 1 + 4 * nw + members > ELVS_SCHED_CHUNK;
	len = 1 + 4 * nw + (shared ? positive : members);
	r = alloc_table(t, len);
	if (!r && shared)
		r = shared_set(d, n, t->entry + 1 + 4 * nw);
	if (r)
		return r;
	t->sched = ELVS_SCHED_WRR_LONG;
	t->len = len;
	t->entry[0] = nw;
	for (size_t k = 0, at = 1 + 4 * nw; k < nw; k++) {
		uint32_t *seg = t->entry + 1 + 4 * k;
		uint64_t passes = (w[k] - (k + 1 < nw ? w[k + 1] : 0)) / gcd;
		size_t set = 0;

		if (shared)
			for (size_t i = 0; i < n; i++)
				set += d[i].weight >= w[k];
		else
			set = at_least(d, n, w[k], t->entry + at);
		seg[0] = (uint32_t)start;
		seg[1] = start >> 32;
		seg[2] = at;
		seg[3] = set;
		start += passes * set;
		if (!shared)
			at += set;
	}
	return 0;
}

static int make_wrr_any(const struct sched_dest *d, size_t n, struct sched_table *t)
{
	int32_t gcd, max, *w;
	size_t nw;
	int r;

	sched_weights(d, n, &gcd, &max);
	t->cycle = pass_start(d, n, gcd, 0);
	if (!max)
		return 0;
	w = distinct_weights(d, n, &nw);
	if (!w)
		return -ENOMEM;
	if (t->cycle <= ELVS_SCHED_CHUNK)
		r = make_wrr(d, n, w, nw, gcd, t);
	else
		r = make_wrr_long(d, n, w, nw, gcd, t);
	free(w);
	return r;
}

int sched_table_make(uint32_t sched, const struct sched_dest *d, size_t n, struct sched_table *ret)
{
	struct sched_table t = { .sched = sched };
	int r = 0;

	switch (sched) {
	case ELVS_SCHED_RR:
	case ELVS_SCHED_LC:
	case ELVS_SCHED_WLC:
		r = make_list(d, n, &t);
		break;
	case ELVS_SCHED_WRR:
		r = make_wrr_any(d, n, &t);
		break;
	case ELVS_SCHED_SH:
	case ELVS_SCHED_DH:
		r = make_buckets(d, n, sched == ELVS_SCHED_SH, &t);
		break;
	default:
		break;
	}
	if (r || !t.len) {
		free(t.entry);
		t.entry = NULL;
		t.len = 0;
	}
	if (!r)
		*ret = t;
	return r;
}
