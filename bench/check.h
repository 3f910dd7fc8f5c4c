/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - is what came out of the target the packet that ought to come out? Every byte is compared: a figure for a
 * program that does something else is worth nothing.
 */
#ifndef ELVS_BENCH_CHECK_H
#define ELVS_BENCH_CHECK_H

#include "target.h"

struct check {
	uint32_t packets;			    /* found right */
	uint32_t server_seen[DIRECTOR_SERVERS + 1]; /* packets by server number */
	char why[256];				    /* the first fault */
};

/*
 * Runs flow f once through the target and compares. Returns 0, -EBADMSG with ck->why set when the packet is
 * wrong, or another -errno.
 */
int check_packet(struct check *ck, struct target *t, const struct wrapper *w, const struct flow_kind *k,
		 const struct bench_flow *f);

/*
 * Runs flows 0 .. n - 1 behind the wrapper, as when they are timed, and compares what becomes of the last one: the
 * wrapper must have undone all that the target did to the packets before it. 0 or -EBADMSG.
 */
int check_last(struct check *ck, struct target *t, struct wrapper *w, const struct flow_kind *k, uint32_t n);

/* Is the wrapper's frame of flow `at` the one that flow_frame() builds? 0 or -EBADMSG. */
int check_wrapper(struct check *ck, struct wrapper *w, int null_fd, const struct flow_kind *k, uint32_t at);

/* Did every server get some of the checked packets? 0 or -EBADMSG. */
int check_spread(struct check *ck, uint32_t servers);

#endif
