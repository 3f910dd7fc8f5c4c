/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passive - PASSIVE_CHECK: a real server that leaves clients' connections unanswered is taken out for a while.
 *
 * Sends nothing: the director's counters come with messages, and time only says when a server that was taken out may
 * be tried again, by clients. It is then up until new connections go unanswered.
 */
#include "kinds.h"

#include <stdlib.h>

#include "clock.h"
#include "passive_window.h"

static void start(struct check *k)
{
	/* Due for the first time: assumed to be good. Due later: it has been out long enough. */
	if (k->kept)
		passive_reset(k->kept);
	check_done(k, ENGINE_OK, NULL);
	heap_remove(&k->role->heap, &k->timer);
}

static void timeout(struct check *k)
{
	check_done(k, ENGINE_AGAIN, "timed out"); /* it never runs that long */
}

static void gone(struct check *k)
{
	free(k->kept);
}

void check_passive_counter(struct check *k, const struct msg_counter *m)
{
	uint64_t n, now = clock_us();

	if (k->conf->kind != CONF_CHECK_PASSIVE || k->suspended || (k->engine.decided && !k->engine.up))
		return;
	if (!k->kept)
		k->kept = calloc(1, sizeof(struct passive_window));
	if (!k->kept)
		return;
	n = passive_count(k->kept, k->conf->delay_loop_us, m->unanswered, m->established, now);
	if (n < k->conf->passive.failures || !n)
		return;
	k->started_us = now;
	k->role->stats.tries++;
	check_done(k, ENGINE_REFUSED, "%llu connections unanswered, none answered between", (unsigned long long)n);
	passive_reset(k->kept);
	check_at(k, now + k->conf->passive.hold_us);
}

const struct check_kind check_passive = { .name = "PASSIVE_CHECK",
					  .proto = "TCP",
					  .start = start,
					  .timeout = timeout,
					  .gone = gone,
					  .success = "Passive check of %s succeeded." };
