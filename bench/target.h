/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target - the program under test, made ready in a private network namespace with two arms: cli0 towards the
 * clients, srv0 towards the real servers. Either elvs, loaded and configured through libelvs, or a floor.
 */
#ifndef ELVS_BENCH_TARGET_H
#define ELVS_BENCH_TARGET_H

#include "cell.h"
#include "director.h"

struct target {
	const struct cell *cell; /* borrowed */
	bool elvs;		 /* else a floor, and director is not open */
	struct director_conf conf;
	struct director director;
	struct floor_bpf *floor;
	int prog_fd; /* under test */
	int null_fd; /* the empty program, for the baseline */
	struct director_port cli, srv;
	char why[256]; /* the last failure, a sentence */
};

/* 0, or -errno with why set */
int target_open(struct target *t, const struct cell *c);
void target_close(struct target *t);

extern const uint8_t target_gateway_mac[6]; /* of the clients' router */

#endif
