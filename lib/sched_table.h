/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_table - from a service's destinations to the table that the data plane's scheduler reads (abi/maps.h), and
 * IPVS's positions in it. Pure: touches no map.
 *
 * Lists are in IPVS's order: the destination added last comes first.
 */
#ifndef ELVS_LIB_SCHED_TABLE_H
#define ELVS_LIB_SCHED_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../abi/maps.h"

struct sched_dest {
	uint32_t id;
	int32_t weight;
};

struct sched_table {
	uint32_t sched;		/* enum elvs_sched: as given, or ELVS_SCHED_WRR_LONG */
	uint32_t *entry;	/* NULL when len is 0; free() it */
	uint32_t len;
	uint64_t cycle;		/* wrr: choices until it repeats */
};

/* -EOPNOTSUPP: IPVS knows this scheduler, we do not yet. -ENOENT: nobody does. name is lower case. */
int sched_by_name(const char *name);

/* -ENOMEM; -ENOSPC: no table of at most ELVS_SCHED_CHUNK entries can hold it. */
int sched_table_make(uint32_t sched, const struct sched_dest *d, size_t n, struct sched_table *ret);

/* Greatest common divisor of the positive weights (1 if there are none), and the greatest weight. */
void sched_weights(const struct sched_dest *d, size_t n, int32_t *ret_gcd, int32_t *ret_max);
int32_t sched_gcd(int32_t a, int32_t b);

/* rr: position of the first eligible destination after `last` in the list (0 = the head), wrapping. */
uint64_t sched_rr_next(const struct sched_dest *d, size_t n, uint32_t last);

/* wrr: IPVS's current weight when a destination was added, removed or edited: gcd and max as they are now. */
int32_t sched_wrr_adjust(int32_t cw, int32_t gcd, int32_t max);
/* wrr: first position of the pass with that current weight */
uint64_t sched_wrr_start(const struct sched_dest *d, size_t n, int32_t cw);
/* wrr: current weight of the pass to which a position of the cycle belongs */
int32_t sched_wrr_level(const struct sched_dest *d, size_t n, uint64_t pos);

#endif
