/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent - see extent.h. Free extents of each order are a doubly linked list; a node's number is
 * chunk * EXTENT_BLOCKS + block, EXTENT_NONE ends a list.
 */
#include "extent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../abi/maps.h"

static uint8_t order_of(uint32_t len)
{
	uint8_t o = EXTENT_MIN_ORDER;

	while ((1u << o) < len)
		o++;
	return o;
}

static void list_push(struct extents *x, uint32_t node, uint8_t order)
{
	struct extent_chunk *c = x->chunk[node / EXTENT_BLOCKS];
	uint32_t b = node % EXTENT_BLOCKS, head = x->head[order];

	c->order[b] = order;
	c->prev[b] = EXTENT_NONE;
	c->next[b] = head;
	if (head != EXTENT_NONE)
		x->chunk[head / EXTENT_BLOCKS]->prev[head % EXTENT_BLOCKS] = node;
	x->head[order] = node;
}

static void list_del(struct extents *x, uint32_t node)
{
	struct extent_chunk *c = x->chunk[node / EXTENT_BLOCKS];
	uint32_t b = node % EXTENT_BLOCKS, prev = c->prev[b], next = c->next[b];

	if (prev != EXTENT_NONE)
		x->chunk[prev / EXTENT_BLOCKS]->next[prev % EXTENT_BLOCKS] = next;
	else
		x->head[c->order[b]] = next;
	if (next != EXTENT_NONE)
		x->chunk[next / EXTENT_BLOCKS]->prev[next % EXTENT_BLOCKS] = prev;
	c->order[b] = 0;
}

/* A free extent of order `from`, off its list: its upper halves go back until `to` is left at its begin. */
static void split(struct extents *x, uint32_t node, uint8_t from, uint8_t to)
{
	while (from > to) {
		from--;
		list_push(x, node + (1u << (from - EXTENT_MIN_ORDER)), from);
	}
}

int extent_init(struct extents *x)
{
	memset(x, 0, sizeof(*x));
	for (int o = 0; o <= EXTENT_MAX_ORDER; o++)
		x->head[o] = EXTENT_NONE;
	x->chunk = calloc(ELVS_SCHED_CHUNKS, sizeof(*x->chunk));
	return x->chunk ? 0 : -ENOMEM;
}

void extent_free_all(struct extents *x)
{
	for (uint32_t i = 0; i < x->count; i++)
		free(x->chunk[i]);
	free(x->chunk);
	free(x->parked);
	memset(x, 0, sizeof(*x));
}

int extent_add_chunk(struct extents *x)
{
	struct extent_chunk *c;

	if (x->count == ELVS_SCHED_CHUNKS)
		return -ENOSPC;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	x->chunk[x->count] = c;
	list_push(x, x->count * EXTENT_BLOCKS, EXTENT_MAX_ORDER);
	x->count++;
	return 0;
}

int extent_alloc(struct extents *x, uint32_t len, uint32_t *ret_chunk, uint32_t *ret_off)
{
	uint8_t want, o;
	uint32_t node;

	if (!len || len > ELVS_SCHED_CHUNK)
		return -ENOSPC;
	want = order_of(len);
	for (o = want; o <= EXTENT_MAX_ORDER && x->head[o] == EXTENT_NONE; o++)
		;
	if (o > EXTENT_MAX_ORDER)
		return -ENOSPC;
	node = x->head[o];
	list_del(x, node);
	split(x, node, o, want);
	*ret_chunk = node / EXTENT_BLOCKS;
	*ret_off = (node % EXTENT_BLOCKS) << EXTENT_MIN_ORDER;
	return 0;
}

int extent_take(struct extents *x, uint64_t table)
{
	uint32_t chunk = ELVS_TAB_CHUNK(table), off = ELVS_TAB_OFF(table), len = ELVS_TAB_LEN(table);
	uint8_t want, o;

	if (!len)
		return 0;
	if (chunk >= x->count || len > ELVS_SCHED_CHUNK)
		return -EINVAL;
	want = order_of(len);
	if (off & ((1u << want) - 1) || off + len > ELVS_SCHED_CHUNK)
		return -EINVAL;
	for (o = want; o <= EXTENT_MAX_ORDER; o++) {
		uint32_t at = (off & ~((1u << o) - 1)) >> EXTENT_MIN_ORDER;
		uint32_t node = chunk * EXTENT_BLOCKS + at, target = off >> EXTENT_MIN_ORDER;

		if (x->chunk[chunk]->order[at] != o)
			continue;
		list_del(x, node);
		while (o > want) { /* keep the half that holds the target, give the other back */
			uint32_t half = 1u << (--o - EXTENT_MIN_ORDER);

			if (target >= at + half) {
				list_push(x, chunk * EXTENT_BLOCKS + at, o);
				at += half;
			} else {
				list_push(x, chunk * EXTENT_BLOCKS + at + half, o);
			}
		}
		return 0;
	}
	return -EEXIST;
}

void extent_release(struct extents *x, uint64_t table)
{
	uint32_t chunk = ELVS_TAB_CHUNK(table), b = ELVS_TAB_OFF(table) >> EXTENT_MIN_ORDER;
	uint8_t o;

	if (!ELVS_TAB_LEN(table) || chunk >= x->count)
		return;
	for (o = order_of(ELVS_TAB_LEN(table)); o < EXTENT_MAX_ORDER; o++) {
		uint32_t buddy = b ^ (1u << (o - EXTENT_MIN_ORDER));

		if (x->chunk[chunk]->order[buddy] != o)
			break;
		list_del(x, chunk * EXTENT_BLOCKS + buddy);
		if (buddy < b)
			b = buddy;
	}
	list_push(x, chunk * EXTENT_BLOCKS + b, o);
}

int extent_defer(struct extents *x, uint64_t table, uint64_t when)
{
	if (!ELVS_TAB_LEN(table))
		return 0;
	if (x->nparked == x->parked_size) {
		uint32_t n = x->parked_size ? x->parked_size * 2 : 64;
		struct extent_parked *p = realloc(x->parked, n * sizeof(*p));

		if (!p)
			return -ENOMEM;
		x->parked = p;
		x->parked_size = n;
	}
	x->parked[x->nparked++] = (struct extent_parked){ table, when };
	x->parked_entries += ELVS_TAB_LEN(table);
	return 0;
}

void extent_expire(struct extents *x, uint64_t before)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < x->nparked; i++) {
		if (x->parked[i].when >= before) {
			x->parked[kept++] = x->parked[i];
			continue;
		}
		x->parked_entries -= ELVS_TAB_LEN(x->parked[i].table);
		extent_release(x, x->parked[i].table);
	}
	x->nparked = kept;
}
