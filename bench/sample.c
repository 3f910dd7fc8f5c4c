// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sample - medians and trimmed means, see sample.h.
 */
#include "sample.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double sample_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), ascending);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double sample_min(const double *v, size_t n)
{
	double min = v[0];

	for (size_t i = 1; i < n; i++)
		if (v[i] < min)
			min = v[i];
	return min;
}

double sample_trimmed_mean(double *v, size_t n)
{
	size_t cut = n / 10;
	double sum = 0;

	qsort(v, n, sizeof(*v), ascending);
	for (size_t i = cut; i < n - cut; i++)
		sum += v[i];
	return sum / (n - 2 * cut);
}
