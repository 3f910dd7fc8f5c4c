/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index - finds services and destinations by what users call them, and rebuilds every in-memory record from the
 * maps when an instance is opened.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SVC_BUCKETS (ELVS_MAX_SVCS * 2)
#define DEST_BUCKETS 1024 /* at first */

static uint32_t svc_hash(uint8_t kind, uint8_t proto, const uint32_t a[4], uint16_t port, uint32_t fwmark)
{
	uint64_t h;

	if (fwmark)
		return (uint32_t)(elvs_mix(fwmark, kind, 1) >> 16) & (SVC_BUCKETS - 1);
	h = elvs_mix((uint64_t)a[0] << 32 | a[1], kind, (uint64_t)a[2] << 32 | a[3]);
	return (uint32_t)(elvs_mix(h, port, proto) >> 16) & (SVC_BUCKETS - 1);
}

static uint32_t svc_bucket(const struct elvs_svc *s)
{
	return svc_hash(s->kind, s->proto, s->vaddr, s->vport, s->fwmark);
}

uint32_t svc_find(const struct elvs *e, const struct elvs_svc_key *k)
{
	union elvs_addr a = addr_clean(k->af, &k->addr);
	uint8_t kind = kind_of(k->af);
	uint32_t i = e->svc_bucket[svc_hash(kind, k->proto, a.a, k->port, k->fwmark)];

	for (; i; i = e->srec[i].hash_next) {
		const struct elvs_svc *s = &e->svcs[i];

		if (s->kind != kind || s->fwmark != k->fwmark)
			continue;
		if (k->fwmark || (s->proto == k->proto && s->vport == k->port && !memcmp(s->vaddr, &a, sizeof(a))))
			return i;
	}
	return 0;
}

void svc_hash_add(struct elvs *e, uint32_t i)
{
	uint32_t *b = &e->svc_bucket[svc_bucket(&e->svcs[i])];

	e->srec[i].hash_next = *b;
	*b = i;
}

void svc_hash_del(struct elvs *e, uint32_t i)
{
	uint32_t *p = &e->svc_bucket[svc_bucket(&e->svcs[i])];

	while (*p != i)
		p = &e->srec[*p].hash_next;
	*p = e->srec[i].hash_next;
}

static uint32_t dest_hash(uint32_t svc, uint8_t kind, const uint32_t a[4], uint16_t port)
{
	uint64_t h = elvs_mix((uint64_t)a[0] << 32 | a[1], kind, (uint64_t)a[2] << 32 | a[3]);

	return (uint32_t)(elvs_mix(h, svc, port) >> 16);
}

static uint32_t *dest_bucket(const struct elvs *e, uint32_t id)
{
	const struct elvs_dest *d = dest_at(e, id);

	return &e->dest_bucket[dest_hash(d->svc, d->kind, d->addr, d->port) & e->dest_mask];
}

uint32_t dest_find(const struct elvs *e, uint32_t svc, uint16_t af, const union elvs_addr *a, uint16_t port)
{
	uint8_t kind = kind_of(af);
	uint32_t id = e->dest_bucket[dest_hash(svc, kind, a->a, port) & e->dest_mask];

	for (; id; id = e->drec[id].hash_next) {
		const struct elvs_dest *d = dest_at(e, id);

		if (d->svc == svc && d->kind == kind && d->port == port && !memcmp(d->addr, a, sizeof(*a)))
			return id;
	}
	return 0;
}

static void dest_hash_link(struct elvs *e, uint32_t id)
{
	uint32_t *b = dest_bucket(e, id);

	e->drec[id].hash_next = *b;
	*b = id;
}

/* Twice the buckets; without memory for them the chains get longer. */
static void dest_hash_grow(struct elvs *e)
{
	uint32_t size = e->dest_mask + 1, *old = e->dest_bucket, *fresh = calloc(size * 2, sizeof(*fresh));

	if (!fresh)
		return;
	e->dest_bucket = fresh;
	e->dest_mask = size * 2 - 1;
	for (uint32_t i = 0; i < size; i++)
		for (uint32_t id = old[i], next; id; id = next) {
			next = e->drec[id].hash_next;
			dest_hash_link(e, id);
		}
	free(old);
}

void dest_hash_add(struct elvs *e, uint32_t id)
{
	if (e->dest_hashed++ > e->dest_mask)
		dest_hash_grow(e);
	dest_hash_link(e, id);
}

void dest_hash_del(struct elvs *e, uint32_t id)
{
	uint32_t *p = dest_bucket(e, id);

	while (*p != id)
		p = &e->drec[*p].hash_next;
	*p = e->drec[id].hash_next;
	e->dest_hashed--;
}

/* ---- rebuilding ---- */

struct by_seq {
	uint64_t seq;
	uint32_t id;
};

static int by_seq_cmp(const void *a, const void *b)
{
	uint64_t x = ((const struct by_seq *)a)->seq, y = ((const struct by_seq *)b)->seq;

	return x < y ? -1 : x > y;
}

/* Services in order of creation; free indexes on the free list, low ones first out. */
static int svcs_collect(struct elvs *e, struct by_seq *v, size_t *ret_n)
{
	size_t n = 0;

	for (uint32_t i = e->adopted ? ELVS_MAX_SVCS - 1 : 0; i > 0; i--) {
		const struct elvs_svc *s = &e->svcs[i];

		if (!s->used) {
			if (n) { /* below the highest one used */
				e->srec[i].next = e->svc_free;
				e->svc_free = i;
			}
			continue;
		}
		if (s->used > TRASH)
			return fail(e, -EPROTO, "service %u of the pinned instance is damaged", i);
		if (!n)
			e->svc_top = i + 1;
		if (s->seq > e->seq)
			e->seq = s->seq;
		v[n++] = (struct by_seq){ s->seq, i };
	}
	qsort(v, n, sizeof(*v), by_seq_cmp);
	*ret_n = n;
	return 0;
}

/* Was its address local, or held, when the last daemon looked? Its endpoint says so. */
static void vip_adopt(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, 0 };
	struct elvs_ep *ep = s->fwmark ? NULL : ep_find(&t, s->kind, s->vaddr, s->vport, s->proto);

	if (ep && ep->flags & ELVS_EP_LIVE && e->srec[i].vip)
		e->vips.rec[e->srec[i].vip].local = e->vips.rec[e->srec[i].vip].held = true;
}

static int svcs_build(struct elvs *e)
{
	struct by_seq *v = calloc(ELVS_MAX_SVCS, sizeof(*v));
	size_t n = 0;
	int r = v ? svcs_collect(e, v, &n) : fail(e, -ENOMEM, "out of memory");

	window_shrink(&e->window[W_SVCS], e->svc_top * sizeof(*e->svcs));
	for (size_t k = 0; !r && k < n; k++) {
		uint32_t i = v[k].id;

		e->svcs[i].ndests = 0; /* counted again as they join */
		svc_hash_add(e, i);
		svc_vip_add(e, i);
		vip_adopt(e, i);
		if (e->svcs[i].used == LIVE)
			svc_list_add(e, i);
		else
			e->ntrash_svcs++;
	}
	free(v);
	return r;
}

static int dests_collect(struct elvs *e, struct by_seq *v, size_t *ret_n)
{
	size_t n = 0;

	for (uint32_t id = e->dest.count * ELVS_DEST_CHUNK - 1; id > 0; id--) {
		const struct elvs_dest *d = dest_at(e, id);

		if (!d->used) {
			if (n) {
				e->drec[id].next = e->dest_free;
				e->dest_free = id;
			}
			continue;
		}
		if (d->used > TRASH || d->svc >= e->svc_top || !e->svcs[d->svc].used)
			return fail(e, -EPROTO, "real server %u of the pinned instance is damaged", id);
		if (!n)
			e->dest_top = id + 1;
		if (d->seq > e->seq)
			e->seq = d->seq;
		v[n++] = (struct by_seq){ d->seq, id };
	}
	qsort(v, n, sizeof(*v), by_seq_cmp);
	*ret_n = n;
	return 0;
}

static int dests_build(struct elvs *e)
{
	struct by_seq *v = calloc(ELVS_MAX_DESTS, sizeof(*v));
	size_t n = 0;
	int r = v ? dests_collect(e, v, &n) : fail(e, -ENOMEM, "out of memory");

	if (!r)
		r = window_reach(e, &e->window[W_LOADS], e->dest_top * sizeof(*e->loads));
	for (size_t k = 0; !r && k < n; k++) {
		uint32_t id = v[k].id;
		struct elvs_dest *d = dest_at(e, id);

		dest_hash_add(e, id);
		dest_addr_add(e, id);
		e->drec[id].was_masq = d->method == ELVS_MASQ || dest_referenced(e, id);
		hop_adopt(e, id);
		hop_local_note(e, id);
		if (d->used == TRASH) {
			dest_trash_add(e, id);
			continue;
		}
		dest_live_add(e, id);
		STORE(e->loads[id].weight, d->weight);
		if (e->svcs[d->svc].used == TRASH) /* killed in the middle of deleting the service */
			dest_to_trash(e, id);
	}
	hop_local_flag(e);
	dir_rest(&e->dest, DESTS_MAPPED);
	free(v);
	return r;
}

int index_build(struct elvs *e)
{
	int r;

	/* dest_rec is large and mostly unused: pages that are never touched cost nothing */
	e->drec = mmap(NULL, sizeof(*e->drec) * ELVS_MAX_DESTS, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (e->drec == MAP_FAILED)
		e->drec = NULL;
	e->srec = calloc(ELVS_MAX_SVCS, sizeof(*e->srec));
	e->svc_bucket = calloc(SVC_BUCKETS, sizeof(*e->svc_bucket));
	e->dest_bucket = calloc(DEST_BUCKETS, sizeof(*e->dest_bucket));
	e->dest_mask = DEST_BUCKETS - 1;
	if (!e->drec || !e->srec || !e->svc_bucket || !e->dest_bucket)
		return fail(e, -ENOMEM, "out of memory for the index");
	e->svc_top = 1;
	e->dest_top = 1;
	r = svc_ep_reach(e);
	if (!r)
		r = svcs_build(e);
	if (!r)
		r = dests_build(e);
	if (!r)
		r = vip_modes_adopt(e);
	return r ? r : svc_ep_adopt(e);
}

void index_free(struct elvs *e)
{
	for (uint32_t id = 1; e->drec && id < e->dest_top; id++)
		free(e->drec[id].rate);
	if (e->drec)
		munmap(e->drec, sizeof(*e->drec) * ELVS_MAX_DESTS);
	for (uint32_t i = 1; e->srec && i < e->svc_top; i++)
		weights_free(e->srec[i].weights);
	free(e->srec);
	free(e->svc_bucket);
	free(e->dest_bucket);
	addr_table_free(&e->daddrs);
	addr_table_free(&e->vips);
}
