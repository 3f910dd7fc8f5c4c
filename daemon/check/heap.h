/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heap - who is due next, among tens of thousands: a binary heap of items that know their own place in it.
 *
 * Owns the array, never the items. Insert, move, remove: O(log n). Equal times come in any order.
 * Invariant: items[i]->place == i + 1, and no item is due before its parent.
 */
#ifndef ELVS_DAEMON_CHECK_HEAP_H
#define ELVS_DAEMON_CHECK_HEAP_H

#include <stdint.h>

struct heap_item {
	uint64_t when_us;
	uint32_t place; /* 0: in no heap */
};

struct heap {
	struct heap_item **items;
	uint32_t n, room;
};

/* Puts item in, or moves it, to when_us. -ENOMEM: it is where it was. */
int heap_set(struct heap *h, struct heap_item *item, uint64_t when_us);
void heap_remove(struct heap *h, struct heap_item *item);
struct heap_item *heap_first(const struct heap *h); /* NULL: empty */
void heap_free(struct heap *h);

#endif
