/* SPDX-License-Identifier: GPL-2.0-or-later */
/* neigh_test - which neighbour messages mean that packets must go elsewhere. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "neigh.h"

static const uint8_t mac_a[6] = { 2, 0, 0, 0, 0, 0xa }, mac_b[6] = { 2, 0, 0, 0, 0, 0xb };

static enum neigh_change apply(struct neigh_table *t, uint16_t type, uint16_t state, const uint8_t *mac, uint32_t ext)
{
	char buf[256] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));
	uint32_t ip = inet_addr("10.0.0.11");

	nlh->nlmsg_type = type;
	nd->ndm_family = AF_INET;
	nd->ndm_ifindex = 3;
	nd->ndm_state = state;
	mnl_attr_put(nlh, NDA_DST, 4, &ip);
	if (mac)
		mnl_attr_put(nlh, NDA_LLADDR, 6, mac);
	if (ext)
		mnl_attr_put_u32(nlh, NDA_FLAGS_EXT, ext);
	return neigh_apply(t, nlh, NULL);
}

static const struct neigh *entry(const struct neigh_table *t)
{
	union elvs_addr a = { 0 };

	a.v4.s_addr = inet_addr("10.0.0.11");
	return neigh_find(t, 3, AF_INET, &a);
}

static void only_what_changes_the_address_counts(void **state)
{
	static const struct {
		uint16_t type, state;
		const uint8_t *mac;
		enum neigh_change want;
		bool valid;
	} row[] = {
		{ RTM_NEWNEIGH, NUD_INCOMPLETE, NULL, NEIGH_SAME, false },
		{ RTM_NEWNEIGH, NUD_REACHABLE, mac_a, NEIGH_NEW, true },
		{ RTM_NEWNEIGH, NUD_STALE, mac_a, NEIGH_SAME, true },
		{ RTM_NEWNEIGH, NUD_DELAY, mac_a, NEIGH_SAME, true },
		{ RTM_NEWNEIGH, NUD_PROBE, mac_a, NEIGH_SAME, true },
		{ RTM_NEWNEIGH, NUD_REACHABLE, mac_b, NEIGH_LOST, true },
		{ RTM_NEWNEIGH, NUD_FAILED, NULL, NEIGH_LOST, false },
		{ RTM_NEWNEIGH, NUD_FAILED, NULL, NEIGH_SAME, false },
		{ RTM_NEWNEIGH, NUD_REACHABLE, mac_b, NEIGH_NEW, true },
		{ RTM_DELNEIGH, NUD_REACHABLE, mac_b, NEIGH_LOST, false },
	};
	struct neigh_table *t = test_calloc(1, sizeof(*t));

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		assert_int_equal(apply(t, row[i].type, row[i].state, row[i].mac, 0), row[i].want);
		assert_non_null(entry(t));
		assert_int_equal(entry(t)->valid, row[i].valid);
	}
	neigh_clear(t);
	assert_null(entry(t));
	test_free(t);
}

static void entries_made_by_hand_are_known_as_such(void **state)
{
	struct neigh_table *t = test_calloc(1, sizeof(*t));

	assert_int_equal(apply(t, RTM_NEWNEIGH, NUD_PERMANENT, mac_a, 0), NEIGH_NEW);
	assert_true(entry(t)->fixed);
	assert_false(entry(t)->managed);
	assert_int_equal(apply(t, RTM_NEWNEIGH, NUD_REACHABLE, mac_a, NTF_EXT_MANAGED), NEIGH_SAME);
	assert_false(entry(t)->fixed);
	assert_true(entry(t)->managed);
	neigh_clear(t);
	test_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_changes_the_address_counts),
		cmocka_unit_test(entries_made_by_hand_are_known_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
