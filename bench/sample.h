/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample - what is made of many measurements of one thing. Sorts in place.
 */
#ifndef ELVS_BENCH_SAMPLE_H
#define ELVS_BENCH_SAMPLE_H

#include <stddef.h>

double sample_median(double *v, size_t n); /* n > 0 */
double sample_min(const double *v, size_t n);
/* Mean without the tenth that is lowest and the tenth that is highest: ticks and other processes fall away. */
double sample_trimmed_mean(double *v, size_t n);

#endif
