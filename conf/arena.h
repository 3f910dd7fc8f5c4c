/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena - memory that is given out and never taken back, in a file without a name (memfd) that is mapped at the same
 * address by every process forked from the one that reserved it: pointers inside mean the same everywhere.
 *
 * The keeper reserves address space once (arena_reserve), before it forks anything. A configuration is built by a
 * child in one slot and read by all others, mapped read-only. Not thread-safe. Nothing is freed singly.
 */
#ifndef ELVS_CONF_ARENA_H
#define ELVS_CONF_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_SLOTS 3		/* in use, being built, still in use by a role that is late */
#define ARENA_SLOT_BYTES (1ul << 30)	/* of address space; memory is what is used */

struct arena_space {
	char *base;		/* ARENA_SLOTS * ARENA_SLOT_BYTES, reserved */
};
int arena_reserve(struct arena_space *ret);	/* -errno */

struct arena {
	char *base;
	size_t used, size;	/* size: what fd has, grown by arena_alloc */
	int fd;			/* -1: plain memory of this process (tests, tools) */
	bool failed;		/* an allocation did not succeed: what was built is not to be used */
};
/* slot: 0..ARENA_SLOTS-1; whatever was mapped there before is unmapped. The arena owns its fd. */
int arena_open(struct arena *ret, const struct arena_space *space, unsigned slot);
int arena_open_private(struct arena *ret);	/* for a single process */
/* Maps an arena that another process built, read-only; takes fd. */
int arena_map(struct arena *ret, const struct arena_space *space, unsigned slot, int fd, size_t used);
void arena_close(struct arena *a);

/* Zeroed, aligned to 16. Never NULL: an arena that cannot grow ends the process that builds (it is a child). */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *arena_memdup(struct arena *a, const void *p, size_t n);

#endif
