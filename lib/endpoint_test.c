/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * endpoint_test - every endpoint added is found, through growth and removal of others, and nothing else is.
 */
#include "internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define N 16000

static struct elvs_ep ep_of(uint32_t i)
{
	struct elvs_ep ep = { .addr0 = 0x0a000000 + i / 8,
			      .port = i % 8 ? 80 + i % 8 : 0,
			      .proto = IPPROTO_TCP,
			      .kind = ELVS_WK_V4,
			      .id = i };

	if (i % 3 == 0) {
		ep.kind = ELVS_WK_V6;
		ep.addr[2] = i;
	}
	return ep;
}

static struct elvs_ep *find(const struct ep_table *t, const struct elvs_ep *ep)
{
	const uint32_t addr[4] = { ep->addr0, ep->addr[0], ep->addr[1], ep->addr[2] };

	return ep_find(t, ep->kind, addr, ep->port, ep->proto);
}

static bool del(struct ep_table *t, const struct elvs_ep *ep)
{
	const uint32_t addr[4] = { ep->addr0, ep->addr[0], ep->addr[1], ep->addr[2] };

	return ep_del(t, ep->kind, addr, ep->port, ep->proto);
}

static void all_are_found_through_growth_and_removal(void **state)
{
	struct elvs_settings set = { .ep_base = 8, .ep_mask = 7 };
	struct ep_table t = { aligned_alloc(64, sizeof(struct elvs_ep_line) * ELVS_EP_LINES), &set, 0 };

	memset(t.lines, 0xff, sizeof(*t.lines) * ELVS_EP_LINES); /* what is not cleared would be seen */
	memset(t.lines, 0, sizeof(*t.lines) * 16);
	for (uint32_t i = 1; i < N; i++) {
		struct elvs_ep ep = ep_of(i);

		assert_int_equal(ep_add(&t, &ep), 0);
		assert_true(set.ep_base == set.ep_mask + 1 && t.count <= set.ep_base);
	}
	assert_int_equal(t.count, N - 1);
	for (uint32_t i = 1; i < N; i++) {
		struct elvs_ep ep = ep_of(i);

		assert_non_null(find(&t, &ep));
		assert_int_equal(find(&t, &ep)->id, i);
		if (i % 2)
			assert_true(del(&t, &ep));
	}
	for (uint32_t i = 1; i < N; i++) {
		struct elvs_ep ep = ep_of(i);

		if (i % 2)
			assert_null(find(&t, &ep));
		else
			assert_int_equal(find(&t, &ep)->id, i);
		ep.proto = IPPROTO_UDP;
		assert_null(find(&t, &ep));
		assert_false(del(&t, &ep));
	}
	for (uint32_t i = 1; i < N; i += 2) { /* freed places are used again, without growth */
		struct elvs_ep ep = ep_of(i);
		uint32_t base = set.ep_base;

		assert_int_equal(ep_add(&t, &ep), 0);
		assert_int_equal(set.ep_base, base);
	}
	assert_int_equal(t.count, N - 1);
	free(t.lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_found_through_growth_and_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
