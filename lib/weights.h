/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weights - the positive weights of a service's destinations, each with how many have it: so that the greatest
 * common divisor and the maximum are known after every one of thousands of changes without a look at all of them.
 */
#ifndef ELVS_LIB_WEIGHTS_H
#define ELVS_LIB_WEIGHTS_H

#include <stdint.h>

struct weights {
	struct weight {
		int32_t weight;
		uint32_t count;
	} *w;			/* ascending */
	uint32_t n, size;
	int32_t gcd;		/* 1 if there are none, as IPVS has it */
};

/* Weights of 0 are ignored by both. -ENOMEM. */
int weights_add(struct weights *s, int32_t weight);
void weights_del(struct weights *s, int32_t weight);
int32_t weights_max(const struct weights *s);
void weights_free(struct weights *s);	/* accepts NULL; frees s too */

#endif
