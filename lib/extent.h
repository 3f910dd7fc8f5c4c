/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent - a buddy allocator for ranges of entries inside the chunks of sched_dir. Knows numbers only, no memory.
 *
 * A freed extent may still be read by a packet that began before: extent_defer() parks it until extent_expire()
 * is told that this can no longer be.
 */
#ifndef ELVS_LIB_EXTENT_H
#define ELVS_LIB_EXTENT_H

#include <stdbool.h>
#include <stdint.h>
#include "../abi/limits.h"

#define EXTENT_MIN_ORDER 4	/* 16 entries: a cache line */
#define EXTENT_MAX_ORDER 16	/* a chunk */
#define EXTENT_BLOCKS (ELVS_SCHED_CHUNK >> EXTENT_MIN_ORDER)
#define EXTENT_NONE UINT32_MAX

struct extent_chunk {
	uint8_t order[EXTENT_BLOCKS];	/* of the free extent that begins here; 0 = none */
	uint32_t prev[EXTENT_BLOCKS], next[EXTENT_BLOCKS];
};

struct extent_parked {
	uint64_t table;	/* ELVS_TAB */
	uint64_t when;
};

struct extents {
	struct extent_chunk **chunk;
	uint32_t count;		/* chunks known */
	uint32_t head[EXTENT_MAX_ORDER + 1];
	struct extent_parked *parked;
	uint32_t nparked, parked_size;
	uint64_t parked_entries;
};

int extent_init(struct extents *x);
void extent_free_all(struct extents *x);
/* One more chunk, all of it free. -ENOMEM. */
int extent_add_chunk(struct extents *x);
/* Chunk and offset of a range of len entries (1..ELVS_SCHED_CHUNK); -ENOSPC when no chunk has room. */
int extent_alloc(struct extents *x, uint32_t len, uint32_t *ret_chunk, uint32_t *ret_off);
/* Takes the extent that an adopted table occupies; -EEXIST when it overlaps another. */
int extent_take(struct extents *x, uint64_t table);
void extent_release(struct extents *x, uint64_t table);
int extent_defer(struct extents *x, uint64_t table, uint64_t when);	/* -ENOMEM: leaked until the next start */
void extent_expire(struct extents *x, uint64_t before);	/* releases what was deferred earlier than that */

#endif
