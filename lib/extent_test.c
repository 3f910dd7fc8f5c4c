/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * extent_test - extents never overlap, freed ones join again, and an allocator rebuilt from the tables in use is as
 * good as the one that made them.
 */
#include "extent.h"
#include "../abi/maps.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 300

static uint32_t rnd(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* Marks entries as used by one table; fails when another has them. */
static void claim(uint8_t *owner, uint64_t t, int by)
{
	uint8_t *at = owner + ELVS_TAB_CHUNK(t) * ELVS_SCHED_CHUNK + ELVS_TAB_OFF(t);

	for (uint32_t i = 0; i < ELVS_TAB_LEN(t); i++) {
		assert_true(by ? !at[i] : at[i]);
		at[i] = by;
	}
}

static uint64_t alloc(struct extents *x, uint32_t len)
{
	uint32_t chunk, off;

	if (extent_alloc(x, len, &chunk, &off)) {
		assert_int_equal(extent_add_chunk(x), 0);
		assert_int_equal(extent_alloc(x, len, &chunk, &off), 0);
	}
	return ELVS_TAB(chunk, off, len);
}

static void extents_never_overlap_and_survive_a_rebuild(void **state)
{
	uint8_t *owner = calloc(64, ELVS_SCHED_CHUNK);
	uint64_t table[N] = { 0 };
	uint32_t seed = 7, chunk, off;
	struct extents x, again;

	assert_int_equal(extent_init(&x), 0);
	for (int round = 0; round < 20000; round++) {
		uint32_t i = rnd(&seed, N);

		if (table[i]) {
			claim(owner, table[i], 0);
			extent_release(&x, table[i]);
			table[i] = 0;
		} else {
			table[i] = alloc(&x, rnd(&seed, 20) ? rnd(&seed, 500) + 1 : rnd(&seed, ELVS_SCHED_CHUNK) + 1);
			claim(owner, table[i], 1);
		}
	}
	assert_int_equal(extent_init(&again), 0);
	for (uint32_t i = 0; i < x.count; i++)
		assert_int_equal(extent_add_chunk(&again), 0);
	for (int i = 0; i < N; i++)
		assert_int_equal(extent_take(&again, table[i]), 0);
	for (int i = 0; i < N; i++)
		if (table[i])
			assert_int_equal(extent_take(&again, table[i]), -EEXIST);
	for (int i = 0; i < N; i++) {
		extent_release(&x, table[i]);
		extent_release(&again, table[i]);
	}
	for (uint32_t i = 0; i < x.count; i++) { /* all of it in one piece again */
		assert_int_equal(extent_alloc(&x, ELVS_SCHED_CHUNK, &chunk, &off), 0);
		assert_int_equal(extent_alloc(&again, ELVS_SCHED_CHUNK, &chunk, &off), 0);
	}
	assert_int_equal(extent_alloc(&x, 1, &chunk, &off), -ENOSPC);
	extent_free_all(&x);
	extent_free_all(&again);
	free(owner);
}

static void deferred_extents_come_back_when_told(void **state)
{
	uint32_t chunk, off;
	struct extents x;

	assert_int_equal(extent_init(&x), 0);
	assert_int_equal(extent_add_chunk(&x), 0);
	assert_int_equal(extent_alloc(&x, ELVS_SCHED_CHUNK, &chunk, &off), 0);
	assert_int_equal(extent_defer(&x, ELVS_TAB(chunk, off, ELVS_SCHED_CHUNK), 1000), 0);
	extent_expire(&x, 1000);
	assert_int_equal(extent_alloc(&x, 1, &chunk, &off), -ENOSPC);
	extent_expire(&x, 1001);
	assert_int_equal(extent_alloc(&x, 1, &chunk, &off), 0);
	assert_int_equal(x.parked_entries, 0);
	extent_free_all(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_never_overlap_and_survive_a_rebuild),
		cmocka_unit_test(deferred_extents_come_back_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
