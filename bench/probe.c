// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * probe - see probe.h. A walk along one random cycle through all cache lines: each read must wait for the one before.
 */
#include "probe.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#define LINES (8 * 1024 * 1024 / 64)
#define STEPS (2 * LINES)

struct line {
	uint32_t next;
	uint32_t pad[15];
};

/* Sattolo's shuffle: one cycle through all */
static void link_lines(struct line *l)
{
	uint64_t x = 88172645463325252ull;

	for (uint32_t i = 0; i < LINES; i++)
		l[i].next = i;
	for (uint32_t i = LINES - 1; i > 0; i--) {
		uint32_t t = l[i].next, j;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		j = x % i;
		l[i].next = l[j].next;
		l[j].next = t;
	}
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

double probe_memory_ns(void)
{
	const size_t bytes = LINES * sizeof(struct line);
	struct line *l = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile uint32_t at = 0;
	uint32_t i = 0;
	double t;

	if (l == MAP_FAILED)
		return 0;
	/* BPF arrays stand in 4 KB pages too */
	madvise(l, bytes, MADV_NOHUGEPAGE);
	link_lines(l);
	for (uint32_t n = 0; n < LINES; n++)
		i = l[i].next;
	t = now_ns();
	for (uint32_t n = 0; n < STEPS; n++)
		i = l[i].next;
	t = now_ns() - t;
	at = i; /* else the compiler leaves the walk out */
	(void)at;
	munmap(l, bytes);
	return t / STEPS;
}
