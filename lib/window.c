/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window - a flat map seen from this process: address space for all of it, memory mapped as far as it is used. What
 * is mapped counts as this process's memory, and most maps are made for far more than there ever is.
 *
 * Invariant: pointers into a window stay right while it grows. What lies beyond must not be touched.
 */
#include "internal.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEP (64u << 10)

static size_t pages(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

int window_open(struct elvs *e, struct window *w, int fd, size_t bytes)
{
	void *at = mmap(NULL, pages(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return fail(e, -errno, "no address space for a map of %zu kB: %s", bytes >> 10, strerror(errno));
	*w = (struct window){ .fd = fd, .at = at, .bytes = bytes };
	return 0;
}

int window_reach(struct elvs *e, struct window *w, size_t bytes)
{
	size_t to, all = pages(w->bytes);

	if (bytes <= w->mapped)
		return 0;
	to = (bytes + w->mapped / 4 + STEP - 1) / STEP * STEP; /* by a quarter: each piece is a mapping of its own */
	if (to > all)
		to = all;
	if (bytes > all || mmap(w->at + w->mapped, to - w->mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
				w->fd, w->mapped) == MAP_FAILED) {
		int r = bytes > all ? -EPROTO : -errno;

		return fail(e, r, "%zu kB of a map cannot be mapped: %s", bytes >> 10, strerror(-r));
	}
	w->mapped = to;
	return 0;
}

void window_shrink(struct window *w, size_t bytes)
{
	size_t to = (bytes + STEP - 1) / STEP * STEP;

	if (to < w->mapped && mmap(w->at + to, w->mapped - to, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED)
		w->mapped = to;
}

void window_close(struct window *w)
{
	if (w->at)
		munmap(w->at, pages(w->bytes));
	memset(w, 0, sizeof(*w));
}
