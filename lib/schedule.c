/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule - the services' scheduler tables: when they must be written anew, where they lie, and the cursor that
 * makes rr and wrr go on where IPVS would.
 *
 * The data plane counts choices in svc.cursor. What IPVS remembers is the destination chosen last (rr) or the
 * current weight (wrr); both are worked out from the cursor before the first change of a batch, kept in svc.last and
 * svc.level while destinations change, and turned into a cursor again when the table is written.
 * Order of the writes: entries, then svc.table (one word), then svc.cursor.
 */
#include "internal.h"
#include "sched_table.h"

#include <stdlib.h>
#include <string.h>

#define PARKED_MAX (1u << 20) /* entries waiting to be freed: beyond it a grace period is cheaper than the memory */

static bool is_wrr(uint32_t sched)
{
	return sched == ELVS_SCHED_WRR || sched == ELVS_SCHED_WRR_LONG;
}

/* The live destinations, newest first. The caller frees. */
static struct sched_dest *dests_of(const struct elvs *e, uint32_t svc, size_t *ret_n)
{
	struct sched_dest *v = malloc((e->svcs[svc].ndests + 1) * sizeof(*v));
	size_t n = 0;

	for (uint32_t id = e->srec[svc].head; v && id; id = e->drec[id].next)
		v[n++] = (struct sched_dest){ id, dest_at(e, id)->weight };
	*ret_n = n;
	return v;
}

static void weights_forget(struct svc_rec *r)
{
	weights_free(r->weights);
	r->weights = NULL;
}

/* The weights as the list has them now; on lack of memory counted at the next chance. */
static void weights_count(struct elvs *e, uint32_t svc)
{
	struct svc_rec *r = &e->srec[svc];
	int err = 0;

	r->weights = calloc(1, sizeof(*r->weights));
	if (!r->weights)
		return;
	r->weights->gcd = 1;
	for (uint32_t id = r->head; id && !err; id = e->drec[id].next)
		err = weights_add(r->weights, dest_at(e, id)->weight);
	if (err)
		weights_forget(r);
}

/* rr, wrr written out: what position the data plane is at, said in IPVS's terms */
static void position_read(struct elvs *e, uint32_t svc)
{
	struct elvs_svc *s = &e->svcs[svc];
	uint64_t cursor = LOAD(s->cursor), pos, len = ELVS_TAB_LEN(s->table);
	struct sched_dest *v;
	size_t n;

	if (cursor == s->base || !len)
		return;
	if (s->sched == ELVS_SCHED_RR) {
		pos = (cursor - 1) % len;
		s->last = *sched_at(e, ELVS_TAB_CHUNK(s->table), ELVS_TAB_OFF(s->table) + pos);
	} else if (is_wrr(s->sched) && s->cycle) {
		v = dests_of(e, svc, &n);
		if (v)
			s->level = sched_wrr_level(v, n, (cursor - 1) % s->cycle);
		free(v);
	}
	s->base = cursor;
}

void sched_touch(struct elvs *e, uint32_t svc)
{
	struct svc_rec *r = &e->srec[svc];

	if (r->dirty)
		return;
	position_read(e, svc);
	r->dirty = true;
	r->dirty_next = e->dirty_head;
	e->dirty_head = svc;
}

/* `removed` and `added`: weights, 0 for none. The list is as it is after the change. */
static void wrr_changed(struct elvs *e, uint32_t svc, int32_t removed, int32_t added)
{
	struct elvs_svc *s = &e->svcs[svc];
	struct svc_rec *r = &e->srec[svc];

	if (!is_wrr(s->sched))
		return;
	if (!r->weights) {
		weights_count(e, svc);
	} else {
		weights_del(r->weights, removed);
		if (weights_add(r->weights, added))
			weights_forget(r);
	}
	if (r->weights)
		s->level = sched_wrr_adjust(s->level, r->weights->gcd, weights_max(r->weights));
}

void sched_reset(struct elvs *e, uint32_t svc)
{
	e->svcs[svc].last = 0;
	e->svcs[svc].level = 0;
	weights_forget(&e->srec[svc]);
	wrr_changed(e, svc, 0, 0);
}

void sched_dest_added(struct elvs *e, uint32_t svc, uint32_t id)
{
	wrr_changed(e, svc, 0, dest_at(e, id)->weight);
}

/* IPVS's rr steps back when the server chosen last goes: the one after it is still next. */
void sched_dest_removing(struct elvs *e, uint32_t svc, uint32_t id)
{
	struct elvs_svc *s = &e->svcs[svc];

	if (s->sched == ELVS_SCHED_RR && s->last == id)
		s->last = e->drec[id].prev;
}

void sched_dest_removed(struct elvs *e, uint32_t svc, int32_t weight)
{
	wrr_changed(e, svc, weight, 0);
}

void sched_dest_edited(struct elvs *e, uint32_t svc, int32_t old_weight, int32_t weight)
{
	wrr_changed(e, svc, old_weight, weight);
}

/* ---- writing ---- */

static int room(struct elvs *e, uint32_t len, uint32_t *chunk, uint32_t *off)
{
	int r = extent_alloc(&e->extents, len, chunk, off);

	if (r && e->extents.parked_entries > PARKED_MAX) {
		dir_grace(&e->sched);
		extent_expire(&e->extents, UINT64_MAX);
		r = extent_alloc(&e->extents, len, chunk, off);
	}
	if (!r)
		return 0;
	if (e->sched.count == e->sched.max && e->extents.nparked) {
		dir_grace(&e->sched);
		extent_expire(&e->extents, UINT64_MAX);
		r = extent_alloc(&e->extents, len, chunk, off);
		return r ? fail(e, r, "no room left for a scheduler table of %u entries", len) : 0;
	}
	r = dir_grow(e, &e->sched, e->sched.count + 1);
	if (!r)
		r = extent_add_chunk(&e->extents);
	return r ? r : extent_alloc(&e->extents, len, chunk, off);
}

static uint64_t cursor_for(const struct elvs_svc *s, const struct sched_dest *v, size_t n)
{
	if (s->sched == ELVS_SCHED_RR)
		return sched_rr_next(v, n, s->last);
	return is_wrr(s->sched) ? sched_wrr_start(v, n, s->level) : 0;
}

static void table_put(struct elvs *e, uint32_t svc, const struct sched_table *t, uint64_t table, uint64_t cursor)
{
	struct elvs_svc *s = &e->svcs[svc];
	uint64_t old = s->table;

	if (s->sched != t->sched || t->sched == ELVS_SCHED_WRR_LONG) {
		/* Form and contents must not be read mixed: nobody is chosen until all of it is there. */
		STORE(s->table, 0);
		STORE(s->sched, t->sched);
		STORE(s->cycle, t->cycle);
	} else {
		s->cycle = t->cycle;
	}
	STORE(s->table, table);
	STORE(s->cursor, cursor);
	s->base = cursor;
	extent_defer(&e->extents, old, e->now_ms);
}

/* Is the table in the map this one already? */
static bool table_same(const struct elvs *e, const struct elvs_svc *s, const struct sched_table *t)
{
	if (t->sched != s->sched || t->len != ELVS_TAB_LEN(s->table) || t->cycle != s->cycle)
		return false;
	return !t->len || !memcmp(sched_at(e, ELVS_TAB_CHUNK(s->table), ELVS_TAB_OFF(s->table)), t->entry,
				  t->len * sizeof(*t->entry));
}

static int table_make(struct elvs *e, uint32_t svc, const struct sched_dest *v, size_t n, struct sched_table *ret)
{
	const struct elvs_svc *s = &e->svcs[svc];
	int r = v ? sched_table_make(s->sched == ELVS_SCHED_WRR_LONG ? ELVS_SCHED_WRR : s->sched, v, n, ret)
		  : -ENOMEM;

	if (r == -ENOSPC)
		return fail(e, r, "too many real servers for one service: a scheduler table has at most %u entries",
			    ELVS_SCHED_CHUNK);
	return r ? fail(e, r, "out of memory for a scheduler table") : 0;
}

static int table_write(struct elvs *e, uint32_t svc)
{
	struct elvs_svc *s = &e->svcs[svc];
	struct sched_table t = { 0 };
	uint32_t chunk = 0, off = 0;
	size_t n;
	struct sched_dest *v = dests_of(e, svc, &n);
	int r = table_make(e, svc, v, n, &t);

	if (!r &&
	    table_same(e, s, &t)) { /* wrr begins its pass again at every change, also one that changes nothing */
		if (is_wrr(s->sched)) {
			s->base = cursor_for(s, v, n);
			STORE(s->cursor, s->base);
		}
		goto out;
	}
	if (!r && t.len)
		r = room(e, t.len, &chunk, &off);
	if (!r && t.len)
		memcpy(sched_at(e, chunk, off), t.entry, t.len * sizeof(*t.entry));
	if (!r)
		table_put(e, svc, &t, t.len ? ELVS_TAB(chunk, off, t.len) : 0, cursor_for(s, v, n));
out:
	free(t.entry);
	free(v);
	return r;
}

void sched_drop(struct elvs *e, uint32_t svc)
{
	struct elvs_svc *s = &e->svcs[svc];
	uint64_t old = s->table;

	STORE(s->table, 0);
	extent_defer(&e->extents, old, e->now_ms);
	weights_forget(&e->srec[svc]);
}

static int dirty_write(struct elvs *e, uint32_t svc)
{
	e->srec[svc].dirty = false;
	return e->svcs[svc].used == LIVE ? table_write(e, svc) : 0;
}

int sched_flush_all(struct elvs *e)
{
	int first = e->late_error;

	e->late_error = 0;
	while (e->dirty_head) {
		uint32_t i = e->dirty_head;
		int r;

		e->dirty_head = e->srec[i].dirty_next;
		r = dirty_write(e, i);
		if (!first)
			first = r;
	}
	return first;
}

int sched_flush(struct elvs *e, uint32_t svc)
{
	return e->batch ? 0 : sched_flush_all(e);
}

static void table_check(struct elvs *e, uint32_t svc)
{
	struct sched_table t = { 0 };
	size_t n;
	struct sched_dest *v = dests_of(e, svc, &n);

	if (table_make(e, svc, v, n, &t) || !table_same(e, &e->svcs[svc], &t))
		sched_touch(e, svc);
	free(t.entry);
	free(v);
}

/* What a former process had laid out, into the allocator */
int sched_adopt(struct elvs *e)
{
	int r = extent_init(&e->extents);

	for (uint32_t i = 0; !r && i < e->sched.count; i++)
		r = extent_add_chunk(&e->extents);
	if (r)
		return fail(e, r, "out of memory for the scheduler tables' allocator");
	for (uint32_t i = e->svc_head; i; i = e->srec[i].next) {
		r = extent_take(&e->extents, e->svcs[i].table);
		if (r)
			return fail(e, -EPROTO, "service %u of the pinned instance: its scheduler table is damaged",
				    i);
	}
	/* A process killed between a change and its table: write every table that is behind, and no other. */
	for (uint32_t i = e->svc_head; i; i = e->srec[i].next)
		table_check(e, i);
	return sched_flush_all(e);
}
