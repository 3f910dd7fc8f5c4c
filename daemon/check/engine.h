/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine - when a check is tried next and what its tries decide, as a pure function over (state, result).
 *
 * A try is one connection, one script run, one URL. A round is a try with its further tries (retry), for a check of
 * several URLs one pass over all of them; rounds decide: `fall' failed ones in a row take a server down, `rise' good
 * ones bring it up. Opens nothing, asks no clock and no random source: both are parameters. Timing is keepalived's
 * (keepalived.conf(5)); rise, fall and jitter are ours. Invariant: up and decided change only in engine_result, and
 * a server is never down before it was decided, unless alpha.
 */
#ifndef ELVS_DAEMON_CHECK_ENGINE_H
#define ELVS_DAEMON_CHECK_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

struct conf_check;

struct engine_rules {
	uint64_t delay_us, retry_delay_us, warmup_us, jitter_us;
	uint32_t retry, rise, fall;
	uint32_t steps; /* URLs, one per try; 1 for all other kinds */
	bool alpha;
	bool eager;	      /* fast_recovery: while not known to be up, the next URL follows at once */
	bool from_start;      /* delay counts from the begin of a try, not from its end (scripts) */
	bool always_retries;  /* SMTP_CHECK: further tries also at the beginning and while down */
	bool slow_while_down; /* HTTP: while down no sooner than retry_delay_us */
};

enum engine_event {
	ENGINE_OK,
	ENGINE_FAILED,
	ENGINE_REFUSED, /* the server itself says that it is out: counts at once */
	ENGINE_AGAIN,	/* could not be tried, by no fault of the server's: nothing follows from it */
};

struct engine {
	bool up;
	bool decided;	    /* not only assumed */
	bool cautious;	    /* another checker was here before: nothing counts before a full round */
	bool stuck;	    /* a URL failed: that one must work before all are tried again */
	uint32_t tries;	    /* further tries used up in this round */
	uint32_t good, bad; /* rounds in a row */
	uint32_t step;
};

struct engine_next {
	uint64_t delay_us;
	bool from_start;  /* delay counts from the begin of this try */
	bool decided_now; /* this try made it up or down, or is the first to confirm what was assumed */
	bool changed;	  /* against what was decided or assumed before */
	bool round_failed;
	uint32_t tries; /* further tries that were made in the round that failed */
};

void engine_rules_of(struct engine_rules *ret, const struct conf_check *c);
/* again: a checker before this one died; what it knew, the keeper keeps. */
void engine_init(struct engine *e, const struct engine_rules *r, bool again);
/* From the start of the role to the first try. rnd: any number, as below. */
uint64_t engine_first_us(const struct engine_rules *r, uint64_t rnd);
struct engine_next engine_result(struct engine *e, const struct engine_rules *r, enum engine_event event,
				 uint64_t rnd);

#endif
