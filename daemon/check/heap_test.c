/* SPDX-License-Identifier: GPL-2.0-or-later */
/* heap_test - items come out in the order of their times, whatever was moved and removed before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "heap.h"

#define N 5000

static uint32_t next(uint32_t *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

static void an_empty_heap_has_no_first(void **state)
{
	struct heap h = { 0 };

	assert_null(heap_first(&h));
	heap_free(&h);
}

static void items_leave_in_order_after_moves_and_removals(void **state)
{
	static struct heap_item items[N];
	struct heap h = { 0 };
	uint32_t seed = 7, left = N, seen = 0;
	uint64_t last = 0;

	for (int i = 0; i < N; i++)
		assert_int_equal(heap_set(&h, &items[i], next(&seed) % 1000), 0);
	for (int i = 0; i < N; i += 3)
		assert_int_equal(heap_set(&h, &items[i], next(&seed) % 2000), 0);
	for (int i = 1; i < N; i += 5, left--)
		heap_remove(&h, &items[i]);
	heap_remove(&h, &items[1]); /* twice does nothing */
	assert_int_equal(h.n, left);
	for (struct heap_item *f; (f = heap_first(&h)); seen++) {
		assert_true(f->when_us >= last);
		last = f->when_us;
		heap_remove(&h, f);
		assert_int_equal(f->place, 0);
	}
	assert_int_equal(seen, left);
	heap_free(&h);
}

static void moving_the_first_back_lets_another_come_first(void **state)
{
	struct heap_item a = { 0 }, b = { 0 };
	struct heap h = { 0 };

	heap_set(&h, &a, 10);
	heap_set(&h, &b, 20);
	assert_ptr_equal(heap_first(&h), &a);
	heap_set(&h, &a, 30);
	assert_ptr_equal(heap_first(&h), &b);
	assert_int_equal(h.n, 2);
	heap_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_no_first),
		cmocka_unit_test(items_leave_in_order_after_moves_and_removals),
		cmocka_unit_test(moving_the_first_back_lets_another_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
