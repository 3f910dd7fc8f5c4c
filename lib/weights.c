/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weights - see weights.h.
 */
#include "weights.h"
#include "sched_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* First place whose weight is not less */
static uint32_t place_of(const struct weights *s, int32_t weight)
{
	uint32_t lo = 0, hi = s->n;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (s->w[mid].weight < weight)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int weights_add(struct weights *s, int32_t weight)
{
	uint32_t at = place_of(s, weight);

	if (weight <= 0)
		return 0;
	if (at < s->n && s->w[at].weight == weight) {
		s->w[at].count++;
		return 0;
	}
	if (s->n == s->size) {
		uint32_t size = s->size ? s->size * 2 : 4;
		struct weight *w = realloc(s->w, size * sizeof(*w));

		if (!w)
			return -ENOMEM;
		s->w = w;
		s->size = size;
	}
	memmove(s->w + at + 1, s->w + at, (s->n - at) * sizeof(*s->w));
	s->w[at] = (struct weight){ weight, 1 };
	s->gcd = s->n++ ? sched_gcd(s->gcd, weight) : weight;
	return 0;
}

void weights_del(struct weights *s, int32_t weight)
{
	uint32_t at = place_of(s, weight);
	int32_t gcd = 0;

	if (weight <= 0 || at == s->n || s->w[at].weight != weight || --s->w[at].count)
		return;
	s->n--;
	memmove(s->w + at, s->w + at + 1, (s->n - at) * sizeof(*s->w));
	for (uint32_t i = 0; i < s->n && gcd != 1; i++)
		gcd = sched_gcd(s->w[i].weight, gcd);
	s->gcd = gcd ? gcd : 1;
}

int32_t weights_max(const struct weights *s)
{
	return s->n ? s->w[s->n - 1].weight : 0;
}

void weights_free(struct weights *s)
{
	if (s)
		free(s->w);
	free(s);
}
