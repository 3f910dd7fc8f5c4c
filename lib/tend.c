/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tend - what has to be done now and then: rates, the trash, freed scheduler tables, the NAT filter, growth. None of
 * it is needed for packets to be forwarded.
 */
#include "internal.h"

#define RATE_MS 2000	     /* the estimator's step (IPVS: 2 s) */
#define TRASH_IDLE_MS 2000   /* unreferenced so long: no CPU still looks at it */
#define TRASH_KEEP_MS 120000 /* IPVS keeps a deleted server so long for its service */
#define TABLE_MS 1000
#define FILTER_MS 10000

/* Of the trash: gone from its service for good, or kept for it to come back? */
static bool dest_due(struct elvs *e, uint32_t id, uint64_t now)
{
	struct dest_rec *r = &e->drec[id];
	uint64_t idle;

	if (dest_referenced(e, id)) {
		r->idle_ms = 0;
		return false;
	}
	if (!r->idle_ms)
		r->idle_ms = now ? now : 1;
	idle = now - r->idle_ms;
	return idle >= (e->svcs[dest_at(e, id)->svc].used == LIVE ? TRASH_KEEP_MS : TRASH_IDLE_MS);
}

static void reap_svcs(struct elvs *e, uint64_t now, bool all)
{
	for (uint32_t i = 1; e->ntrash_svcs && i < e->svc_top; i++) {
		struct svc_rec *r = &e->srec[i];

		if (e->svcs[i].used != TRASH || r->trash)
			continue;
		if (!r->idle_ms)
			r->idle_ms = now ? now : 1;
		if (all || now - r->idle_ms >= TRASH_IDLE_MS)
			svc_free(e, i);
	}
}

void trash_reap_now(struct elvs *e)
{
	uint32_t next;

	if (!e->ntrash && !e->ntrash_svcs)
		return;
	if (e->dirty_head) /* an index that is used again must not stand on the list of changed services */
		e->late_error = sched_flush_all(e);
	dir_grace(&e->sched);
	for (uint32_t id = e->trash_head; id; id = next) {
		next = e->drec[id].next;
		if (!dest_referenced(e, id))
			dest_free(e, id);
	}
	reap_svcs(e, 0, true);
}

static void reap(struct elvs *e, uint64_t now)
{
	uint32_t next;

	if (e->batch || (!e->ntrash && !e->ntrash_svcs))
		return;
	for (uint32_t id = e->trash_head; id; id = next) {
		next = e->drec[id].next;
		if (dest_due(e, id, now))
			dest_free(e, id);
	}
	reap_svcs(e, now, false);
}

void elvs_tend(struct elvs *e, uint64_t now_ms)
{
	for (uint32_t i = 0; !e->now_ms && i < e->extents.nparked; i++)
		e->extents.parked[i].when = now_ms; /* parked before we knew the time */
	e->now_ms = now_ms;
	if (now_ms - e->rate_ms >= RATE_MS) {
		/* After a pause it is one long step, not many: rates then run low for a while, as IPVS's do. */
		e->rate_ms = now_ms - e->rate_ms < 2 * RATE_MS ? e->rate_ms + RATE_MS : now_ms;
		rates_update(e);
	}
	reap(e, now_ms);
	extent_expire(&e->extents, now_ms > TABLE_MS ? now_ms - TABLE_MS : 0);
	if (e->filter_stale && now_ms - e->filter_ms >= FILTER_MS) {
		e->filter_ms = now_ms;
		filter_rebuild(e);
	}
	conns_grow(e);
	if (!e->batch)
		dir_rest(&e->dest, 0);
}
