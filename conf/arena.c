/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena - see arena.h. A slot is mapped whole over its file from the start; only the file grows, so that addresses
 * never move. Invariant: used <= size <= ARENA_SLOT_BYTES, and what is beyond size is never touched.
 */
#include "arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN 16
#define GROW (1ul << 20)
#define HUGE_FROM \
	(8ul << 20) /* a private arena as big as this is going to be bigger: fewer page faults with huge pages */
#define EXIT_NO_MEMORY 204 /* keepalived's exit status for it */

int arena_reserve(struct arena_space *ret)
{
	void *p = mmap(NULL, ARENA_SLOTS * ARENA_SLOT_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	ret->base = p;
	return 0;
}

static char *slot_base(const struct arena_space *space, unsigned slot)
{
	return space->base + slot * ARENA_SLOT_BYTES;
}

/* Nothing is there any more, but the addresses stay ours */
static int slot_clear(char *base)
{
	void *p = mmap(base, ARENA_SLOT_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		       0);

	return p == MAP_FAILED ? -errno : 0;
}

int arena_open(struct arena *ret, const struct arena_space *space, unsigned slot)
{
	char *base = slot_base(space, slot);
	void *p;
	int fd, r;

	if (slot >= ARENA_SLOTS)
		return -EINVAL;
	r = slot_clear(base);
	if (r < 0)
		return r;
	fd = memfd_create("elvs-conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	p = mmap(base, ARENA_SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret = (struct arena){ .base = base, .fd = fd };
	return 0;
}

int arena_open_private(struct arena *ret)
{
	void *p = mmap(NULL, ARENA_SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	*ret = (struct arena){ .base = p, .size = HUGE_FROM, .fd = -1 };
	return 0;
}

int arena_map(struct arena *ret, const struct arena_space *space, unsigned slot, int fd, size_t used)
{
	char *base = slot_base(space, slot);
	void *p;
	int r;

	if (slot >= ARENA_SLOTS || used > ARENA_SLOT_BYTES)
		return -EINVAL;
	r = slot_clear(base);
	if (r < 0)
		return r;
	if (used) {
		p = mmap(base, used, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
		if (p == MAP_FAILED)
			return -errno;
	}
	*ret = (struct arena){ .base = base, .used = used, .size = used, .fd = fd };
	return 0;
}

void arena_close(struct arena *a)
{
	if (!a || !a->base)
		return;
	if (a->fd < 0) {
		munmap(a->base, ARENA_SLOT_BYTES);
	} else {
		slot_clear(a->base);
		close(a->fd);
	}
	*a = (struct arena){ .fd = -1 };
}

static void out_of_memory(struct arena *a, size_t n)
{
	a->failed = true;
	fprintf(stderr,
		"the configuration does not fit: %zu bytes more than the %zu in use were wanted, %lu MiB are "
		"allowed\n",
		n, a->used, ARENA_SLOT_BYTES >> 20);
	_exit(EXIT_NO_MEMORY);
}

static int grow(struct arena *a, size_t want)
{
	size_t size = (want + GROW - 1) & ~(GROW - 1);

	if (a->fd < 0) {
		madvise(a->base + HUGE_FROM, ARENA_SLOT_BYTES - HUGE_FROM, MADV_HUGEPAGE);
		size = ARENA_SLOT_BYTES;
	} else if (ftruncate(a->fd, (off_t)size) < 0) {
		return -errno;
	}
	a->size = size;
	return 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t want;
	void *p;

	if (n > ARENA_SLOT_BYTES || a->used + n + ALIGN > ARENA_SLOT_BYTES)
		out_of_memory(a, n);
	want = a->used + ((n + ALIGN - 1) & ~(size_t)(ALIGN - 1));
	if (want > a->size && grow(a, want) < 0)
		out_of_memory(a, n);
	p = a->base + a->used;
	a->used = want;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	return memcpy(arena_alloc(a, n), p, n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = fmt ? vsnprintf(NULL, 0, fmt, ap) : -1; /* gcc under -fsanitize=undefined asks for the test */
	va_end(ap);
	if (n < 0)
		return arena_strdup(a, "");
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
