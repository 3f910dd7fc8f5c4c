/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall_test - what nftables is told of addresses, byte for byte (linux/netfilter/nf_tables.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "firewall.h"

#define NEW (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM)
#define DEL (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM)

static _Alignas(struct nlmsghdr) char buf[4096];

static struct conf_addr addr(const char *text)
{
	struct conf_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	assert_int_equal(inet_pton(a.family, text, a.bytes), 1);
	return a;
}

/* The n-th message, which must be within len. */
static const struct nlmsghdr *message(size_t len, int n)
{
	const struct nlmsghdr *h = (const void *)buf;
	int left = (int)len;

	for (; n > 0; n--) {
		assert_true(mnl_nlmsg_ok(h, left));
		h = mnl_nlmsg_next(h, &left);
	}
	assert_true(mnl_nlmsg_ok(h, left));
	return h;
}

static const struct nlattr *within(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) == type) return a;
	fail_msg("attribute %u is missing", type);
	return NULL;
}

static const struct nlattr *of(const struct nlmsghdr *h, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg)) if (mnl_attr_get_type(a) == type) return a;
	fail_msg("attribute %u is missing", type);
	return NULL;
}

static void expect(const struct nlmsghdr *h, uint16_t type, uint8_t family, const char *set, const void *key,
		   size_t len)
{
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(h);
	const struct nlattr *one = within(of(h, NFTA_SET_ELEM_LIST_ELEMENTS), NFTA_LIST_ELEM);
	const struct nlattr *value = within(within(one, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);

	assert_int_equal(h->nlmsg_type, type);
	assert_int_equal(g->nfgen_family, family);
	assert_string_equal(mnl_attr_get_str(of(h, NFTA_SET_ELEM_LIST_TABLE)), "keepalived");
	assert_string_equal(mnl_attr_get_str(of(h, NFTA_SET_ELEM_LIST_SET)), set);
	assert_int_equal(mnl_attr_get_payload_len(value), len);
	assert_memory_equal(mnl_attr_get_payload(value), key, len);
}

static void a_batch_has_a_beginning_an_element_each_and_an_end(void **state)
{
	const struct conf_addr a = addr("192.0.2.1"), b = addr("2001:db8::1");
	const struct nft_element e[] = { { .addr = &a }, { .addr = &b } };
	size_t len = firewall_batch(buf, sizeof(buf), 7, "keepalived", e, 2, true);
	const struct nfgenmsg *g = mnl_nlmsg_get_payload(message(len, 0));

	assert_int_equal(message(len, 0)->nlmsg_type, NFNL_MSG_BATCH_BEGIN);
	assert_int_equal(ntohs(g->res_id), NFNL_SUBSYS_NFTABLES);
	assert_int_equal(message(len, 0)->nlmsg_seq, 7);
	expect(message(len, 1), NEW, AF_INET, "vips", "\xc0\x00\x02\x01", 4);
	assert_int_equal(message(len, 1)->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE);
	expect(message(len, 2), NEW, AF_INET6, "vips", b.bytes, 16);
	assert_int_equal(message(len, 3)->nlmsg_type, NFNL_MSG_BATCH_END);
	assert_int_equal(message(len, 3)->nlmsg_seq, 10);
	assert_ptr_equal((const char *)message(len, 3) + message(len, 3)->nlmsg_len, buf + len);
}

static void a_link_local_address_stands_with_its_interface(void **state)
{
	const struct conf_addr a = addr("fe80::1");
	const struct nft_element e = { .addr = &a, .ifindex = 5 };
	size_t len = firewall_batch(buf, sizeof(buf), 1, "keepalived", &e, 1, false);
	uint8_t key[20];
	uint32_t ifindex = 5;

	memcpy(key, a.bytes, 16);
	memcpy(key + 16, &ifindex, 4);
	expect(message(len, 1), DEL, AF_INET6, "vips_link_local", key, 20);
	assert_int_equal(message(len, 1)->nlmsg_flags, NLM_F_REQUEST);
}

static void a_vmac_leads_to_what_is_below_it(void **state)
{
	const struct conf_addr family = { .family = AF_INET };
	const struct nft_element e = { .addr = &family, .ifindex = 9, .base = 2 };
	size_t len = firewall_batch(buf, sizeof(buf), 1, "keepalived", &e, 1, true);
	const struct nlattr *one = within(of(message(len, 1), NFTA_SET_ELEM_LIST_ELEMENTS), NFTA_LIST_ELEM);
	uint32_t ifindex = 9;

	expect(message(len, 1), NEW, AF_INET, "vmac_map", &ifindex, 4);
	assert_int_equal(mnl_attr_get_u32(within(within(one, NFTA_SET_ELEM_DATA), NFTA_DATA_VALUE)), 2);
}

static void what_does_not_fit_is_not_begun(void **state)
{
	const struct conf_addr a = addr("192.0.2.1");
	const struct nft_element e[16] = { { .addr = &a } };

	assert_int_equal(firewall_batch(buf, sizeof(buf), 1, "keepalived", e, 15, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_has_a_beginning_an_element_each_and_an_end),
		cmocka_unit_test(a_link_local_address_stands_with_its_interface),
		cmocka_unit_test(a_vmac_leads_to_what_is_below_it),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
