/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heap - see heap.h. */
#include "heap.h"

#include <errno.h>
#include <stdlib.h>

static void put(struct heap *h, uint32_t i, struct heap_item *item)
{
	h->items[i] = item;
	item->place = i + 1;
}

static void up(struct heap *h, uint32_t i)
{
	struct heap_item *item = h->items[i];

	for (; i && h->items[(i - 1) / 2]->when_us > item->when_us; i = (i - 1) / 2)
		put(h, i, h->items[(i - 1) / 2]);
	put(h, i, item);
}

static void down(struct heap *h, uint32_t i)
{
	struct heap_item *item = h->items[i];
	uint32_t child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && h->items[child + 1]->when_us < h->items[child]->when_us)
			child++;
		if (h->items[child]->when_us >= item->when_us)
			break;
		put(h, i, h->items[child]);
		i = child;
	}
	put(h, i, item);
}

static int grow(struct heap *h)
{
	uint32_t room = h->room ? 2 * h->room : 64;
	struct heap_item **items = reallocarray(h->items, room, sizeof(struct heap_item *));

	if (!items)
		return -ENOMEM;
	h->items = items;
	h->room = room;
	return 0;
}

int heap_set(struct heap *h, struct heap_item *item, uint64_t when_us)
{
	if (!item->place) {
		if (h->n == h->room && grow(h) < 0)
			return -ENOMEM;
		put(h, h->n++, item);
	}
	item->when_us = when_us;
	up(h, item->place - 1);
	down(h, item->place - 1);
	return 0;
}

void heap_remove(struct heap *h, struct heap_item *item)
{
	uint32_t i = item->place - 1;
	struct heap_item *last;

	if (!item->place)
		return;
	item->place = 0;
	last = h->items[--h->n];
	if (last == item)
		return;
	put(h, i, last);
	up(h, i);
	down(h, last->place - 1);
}

struct heap_item *heap_first(const struct heap *h)
{
	return h->n ? h->items[0] : NULL;
}

void heap_free(struct heap *h)
{
	free(h->items);
	*h = (struct heap){ 0 };
}
