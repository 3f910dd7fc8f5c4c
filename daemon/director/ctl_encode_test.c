/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_encode_test - what clients read in answers: types, lengths, order, the bits that kube-proxy insists on. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "ctl_encode.h"
#include "ctl_wire.h"

static char buf[CTL_ENCODE_MAX];
static const struct ctl_req request = { .seq = 5, .portid = 6 };
static const struct elvs_counters counters = { 1, 2, 3, 1ull << 40, 5, 6, 7, 8, 9, 10 };

struct seen {
	uint16_t type[32], len[32];
	const struct nlattr *at[32];
	size_t n;
};

static void look(const struct nlattr *nest, struct seen *s)
{
	const struct nlattr *a;

	s->n = 0;
	mnl_attr_for_each_nested(a, nest) {
		s->type[s->n] = mnl_attr_get_type(a);
		s->len[s->n] = mnl_attr_get_payload_len(a);
		s->at[s->n++] = a;
	}
}

static const struct nlattr *find(const struct seen *s, uint16_t type)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->type[i] == type)
			return s->at[i];
	fail_msg("attribute %u is missing", type);
	return NULL;
}

static const struct nlattr *only_attr(const struct nlmsghdr *nlh)
{
	return mnl_nlmsg_get_payload_offset(nlh, sizeof(struct genlmsghdr));
}

static const struct nlattr *second_attr(const struct nlmsghdr *nlh)
{
	return mnl_attr_next(only_attr(nlh));
}

static void both_forms_of_counters_have_their_widths(void **state)
{
	static const uint16_t narrow[] = { 4, 4, 4, 8, 8, 4, 4, 4, 4, 4 };
	struct elvs_svc_info s = { .conf = { .key = { .af = AF_INET, .fwmark = 7 }, .sched = "rr" },
				   .counters = counters };
	struct nlmsghdr *nlh = ctl_encode_begin(buf, &request, IPVS_CMD_NEW_SERVICE, true);
	struct seen svc, st, st64;

	ctl_put_service(nlh, &s);
	look(only_attr(nlh), &svc);
	look(find(&svc, IPVS_SVC_ATTR_STATS), &st);
	look(find(&svc, IPVS_SVC_ATTR_STATS64), &st64);
	assert_int_equal(st.n, 10);
	assert_int_equal(st64.n, 10);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(st.type[i], i + 1);
		assert_int_equal(st.len[i], narrow[i]);
		assert_int_equal(st64.type[i], i + 1);
		assert_int_equal(st64.len[i], 8);
	}
	assert_int_equal(mnl_attr_get_u32(st.at[8]), 9);
	assert_true(mnl_attr_get_u64(st.at[3]) == 1ull << 40);
	assert_true(mnl_attr_get_u64(st64.at[9]) == 10);
}

static void a_service_says_what_it_is(void **state)
{
	struct elvs_svc_info s = { .conf = { .key = { .af = AF_INET, .proto = IPPROTO_UDP, .port = htons(53) },
					     .sched = "sh", .pe = "sip", .flags = IP_VS_SVC_F_ONEPACKET,
					     .timeout = 300, .netmask = 0x00ffffff } };
	struct nlmsghdr *nlh = ctl_encode_begin(buf, &request, IPVS_CMD_NEW_SERVICE, false);
	struct ip_vs_flags f;
	struct seen svc;

	s.conf.key.addr.v4.s_addr = inet_addr("192.0.2.10");
	ctl_put_service(nlh, &s);
	assert_int_equal(nlh->nlmsg_type, ELVS_GENL_ID);
	assert_int_equal(nlh->nlmsg_seq, 5);
	assert_int_equal(nlh->nlmsg_pid, 6);
	assert_int_equal(nlh->nlmsg_flags, 0);
	look(only_attr(nlh), &svc);
	assert_int_equal(mnl_attr_get_payload_len(find(&svc, IPVS_SVC_ATTR_ADDR)), 16);
	assert_memory_equal(mnl_attr_get_payload(find(&svc, IPVS_SVC_ATTR_ADDR)), &s.conf.key.addr, 16);
	assert_int_equal(mnl_attr_get_u16(find(&svc, IPVS_SVC_ATTR_PROTOCOL)), IPPROTO_UDP);
	assert_int_equal(mnl_attr_get_u16(find(&svc, IPVS_SVC_ATTR_PORT)), htons(53));
	assert_string_equal(mnl_attr_get_str(find(&svc, IPVS_SVC_ATTR_SCHED_NAME)), "sh");
	assert_string_equal(mnl_attr_get_str(find(&svc, IPVS_SVC_ATTR_PE_NAME)), "sip");
	assert_int_equal(mnl_attr_get_u32(find(&svc, IPVS_SVC_ATTR_TIMEOUT)), 300);
	assert_int_equal(mnl_attr_get_u32(find(&svc, IPVS_SVC_ATTR_NETMASK)), 0x00ffffff);
	memcpy(&f, mnl_attr_get_payload(find(&svc, IPVS_SVC_ATTR_FLAGS)), sizeof(f));
	assert_int_equal(f.flags, IP_VS_SVC_F_ONEPACKET | IP_VS_SVC_F_HASHED);
	assert_int_equal(f.mask, ~0u);
}

static void a_mark_service_has_no_address(void **state)
{
	struct elvs_svc_info s = { .conf = { .key = { .af = AF_INET6, .fwmark = 9 }, .sched = "rr" } };
	struct nlmsghdr *nlh = ctl_encode_begin(buf, &request, IPVS_CMD_NEW_SERVICE, true);
	struct seen svc;

	ctl_put_service(nlh, &s);
	assert_int_equal(nlh->nlmsg_flags, NLM_F_MULTI);
	look(only_attr(nlh), &svc);
	assert_int_equal(mnl_attr_get_u32(find(&svc, IPVS_SVC_ATTR_FWMARK)), 9);
	for (size_t i = 0; i < svc.n; i++)
		assert_true(svc.type[i] != IPVS_SVC_ATTR_ADDR && svc.type[i] != IPVS_SVC_ATTR_PORT);
}

static void a_destination_says_what_it_is(void **state)
{
	struct elvs_dest_info d = { .conf = { .af = AF_INET6, .port = htons(8080), .method = IP_VS_CONN_F_TUNNEL,
					      .weight = 65535, .u_threshold = 10, .l_threshold = 5, .tun_type = 1,
					      .tun_port = htons(6080), .tun_flags = 1 },
				    .active = 11, .inactive = 12, .persist = 13, .counters = counters,
				    .passive = { 14, 15, 16, 1ull << 40 } };
	struct elvs_passive_wire passive;
	struct nlmsghdr *nlh = ctl_encode_begin(buf, &request, IPVS_CMD_NEW_DEST, true);
	struct seen dest;

	ctl_put_dest(nlh, &d);
	assert_true(nlh->nlmsg_len <= CTL_ENCODE_MAX);
	look(only_attr(nlh), &dest);
	assert_int_equal(mnl_attr_get_type(second_attr(nlh)), ELVS_ATTR_PASSIVE);
	assert_int_equal(mnl_attr_get_payload_len(second_attr(nlh)), sizeof(passive));
	memcpy(&passive, mnl_attr_get_payload(second_attr(nlh)), sizeof(passive));
	assert_true(passive.conns == 14 && passive.established == 15 && passive.unanswered == 16 &&
		    passive.repeated == 1ull << 40);
	assert_int_equal(mnl_attr_get_u32(find(&dest, IPVS_DEST_ATTR_FWD_METHOD)), IP_VS_CONN_F_TUNNEL);
	assert_int_equal(mnl_attr_get_u32(find(&dest, IPVS_DEST_ATTR_WEIGHT)), 65535);
	assert_int_equal(mnl_attr_get_u32(find(&dest, IPVS_DEST_ATTR_ACTIVE_CONNS)), 11);
	assert_int_equal(mnl_attr_get_u32(find(&dest, IPVS_DEST_ATTR_INACT_CONNS)), 12);
	assert_int_equal(mnl_attr_get_u32(find(&dest, IPVS_DEST_ATTR_PERSIST_CONNS)), 13);
	assert_int_equal(mnl_attr_get_u16(find(&dest, IPVS_DEST_ATTR_ADDR_FAMILY)), AF_INET6);
	assert_int_equal(mnl_attr_get_u8(find(&dest, IPVS_DEST_ATTR_TUN_TYPE)), 1);
	assert_int_equal(mnl_attr_get_u16(find(&dest, IPVS_DEST_ATTR_TUN_PORT)), htons(6080));
	assert_int_equal(mnl_attr_get_u16(find(&dest, IPVS_DEST_ATTR_TUN_FLAGS)), 1);
}

static void errors_carry_their_sentence(void **state)
{
	struct nlmsghdr *nlh = ctl_encode_error(buf, &request, -ENOSPC, "the table is full");
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(nlh, sizeof(*e));

	assert_int_equal(nlh->nlmsg_type, NLMSG_ERROR);
	assert_int_equal(e->error, -ENOSPC);
	assert_int_equal(mnl_attr_get_type(a), NLMSGERR_ATTR_MSG);
	assert_string_equal(mnl_attr_get_str(a), "the table is full");
	nlh = ctl_encode_error(buf, &request, 0, NULL);
	assert_int_equal(nlh->nlmsg_len, MNL_NLMSG_HDRLEN + sizeof(*e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_of_counters_have_their_widths),
		cmocka_unit_test(a_service_says_what_it_is),
		cmocka_unit_test(a_mark_service_has_no_address),
		cmocka_unit_test(a_destination_says_what_it_is),
		cmocka_unit_test(errors_carry_their_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
