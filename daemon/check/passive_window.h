/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passive_window - whether a real server leaves connections unanswered, from two counters of the director.
 *
 * A server fails when at least `failures' connections went unanswered within `window_us' and not a single one was
 * established in that time: a busy server that drops some is not down. Both counters only rise; when one falls, the
 * director began anew. Pure; the clock is a parameter.
 */
#ifndef ELVS_DAEMON_CHECK_PASSIVE_WINDOW_H
#define ELVS_DAEMON_CHECK_PASSIVE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define PASSIVE_SLOTS 16

struct passive_window {
	struct passive_sample {
		uint64_t at_us, unanswered;
	} slots[PASSIVE_SLOTS]; /* oldest first; nothing was established since the first of them */
	uint32_t n;
	uint64_t established;
};

/* Takes the counters as they are now; returns the number unanswered in a row within the window. */
uint64_t passive_count(struct passive_window *w, uint64_t window_us, uint64_t unanswered, uint64_t established,
		       uint64_t now_us);
void passive_reset(struct passive_window *w); /* what was before does not count any more */

#endif
