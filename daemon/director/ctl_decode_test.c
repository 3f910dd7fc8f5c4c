/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_decode_test - messages as ipvsadm, keepalived and kube-proxy send them, and as nobody should. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "ctl_decode.h"
#include "ctl_wire.h"

static char buf[4096];

static struct nlmsghdr *message(uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh;
	struct genlmsghdr *g;

	memset(buf, 0, sizeof(buf));
	nlh = mnl_nlmsg_put_header(buf);
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	nlh->nlmsg_type = ELVS_GENL_ID;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = 77;
	nlh->nlmsg_pid = 4711;
	g->cmd = cmd;
	g->version = 1;
	return nlh;
}

static void put_key(struct nlmsghdr *nlh, uint16_t af, const char *addr, size_t len, uint16_t port)
{
	uint8_t a[16] = { 0 };

	inet_pton(af, addr, a);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, af);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, len, a);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, htons(port));
}

static void put_body(struct nlmsghdr *nlh, const char *sched, uint32_t flags, uint32_t netmask)
{
	struct ip_vs_flags f = { flags, ~0u };

	mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, sched);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(f), &f);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, 360);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, netmask);
}

/* A request for 192.0.2.10:80 */
static struct nlmsghdr *service(uint8_t cmd, const char *sched)
{
	struct nlmsghdr *nlh = message(cmd, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	put_key(nlh, AF_INET, "192.0.2.10", 16, 80);
	if (sched)
		put_body(nlh, sched, IP_VS_SVC_F_PERSISTENT, 0xffffffff);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static void put_dest(struct nlmsghdr *nlh, uint16_t af, bool say_af, const char *addr, size_t len, uint32_t method)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);
	uint8_t a[16] = { 0 };

	inet_pton(af, addr, a);
	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, len, a);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_PORT, htons(8080));
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD, method);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, 3);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, 100);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, 50);
	if (say_af)
		mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY, af);
	mnl_attr_nest_end(nlh, nest);
}

static struct ctl_req decode(const struct nlmsghdr *nlh, int want)
{
	struct ctl_req q;

	assert_int_equal(ctl_decode(nlh, nlh->nlmsg_len, &q), want);
	return q;
}

/* ---- as clients send them ---- */
static void a_service_of_ipvsadm_is_read(void **state)
{
	struct ctl_req q = decode(service(IPVS_CMD_NEW_SERVICE, "wlc"), 0);

	assert_int_equal(q.cmd, IPVS_CMD_NEW_SERVICE);
	assert_true(q.ack);
	assert_false(q.dump);
	assert_int_equal(q.seq, 77);
	assert_int_equal(q.portid, 4711);
	assert_int_equal(q.svc_error, 0);
	assert_int_equal(q.svc.key.af, AF_INET);
	assert_int_equal(q.svc.key.proto, IPPROTO_TCP);
	assert_int_equal(q.svc.key.addr.v4.s_addr, inet_addr("192.0.2.10"));
	assert_int_equal(q.svc.key.port, htons(80));
	assert_int_equal(q.svc.key.fwmark, 0);
	assert_string_equal(q.svc.sched, "wlc");
	assert_int_equal(q.svc.flags, IP_VS_SVC_F_PERSISTENT);
	assert_int_equal(q.svc.timeout, 360);
	assert_int_equal(q.svc.netmask, 0xffffffff);
	assert_false(q.has_dest);
}

static void addresses_of_four_bytes_are_taken(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_NEW_DEST, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	struct ctl_req q;

	put_key(nlh, AF_INET, "192.0.2.10", 4, 80);
	mnl_attr_nest_end(nlh, nest);
	put_dest(nlh, AF_INET, false, "10.0.0.11", 4, IP_VS_CONN_F_MASQ);
	q = decode(nlh, 0);
	assert_int_equal(q.svc_error, 0);
	assert_int_equal(q.svc.key.addr.v4.s_addr, inet_addr("192.0.2.10"));
	assert_int_equal(q.svc.key.addr.a[1], 0);
	assert_int_equal(q.dest_error, 0);
	assert_int_equal(q.dest.af, AF_INET);
	assert_int_equal(q.dest.addr.v4.s_addr, inet_addr("10.0.0.11"));
	assert_int_equal(q.dest.port, htons(8080));
	assert_int_equal(q.dest.weight, 3);
	assert_int_equal(q.dest.u_threshold, 100);
	assert_int_equal(q.dest.l_threshold, 50);
	assert_int_equal(q.dest.tun_type, 0);
}

static void only_the_first_four_bytes_of_an_ipv4_address_count(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_DEL_SERVICE, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	uint8_t a[16] = { 192, 0, 2, 10, 0xde, 0xad, 0xbe, 0xef };
	struct ctl_req q;

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, AF_INET);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_UDP);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, 16, a);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, 0);
	mnl_attr_nest_end(nlh, nest);
	q = decode(nlh, 0);
	assert_int_equal(q.svc_error, 0);
	assert_int_equal(q.svc.key.addr.a[0], inet_addr("192.0.2.10"));
	assert_int_equal(q.svc.key.addr.a[1], 0);
}

static void a_firewall_mark_replaces_the_address(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_NEW_SERVICE, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	struct ctl_req q;

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, AF_INET6);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, 4294967295u);
	put_body(nlh, "rr", 0, 128);
	mnl_attr_nest_end(nlh, nest);
	q = decode(nlh, 0);
	assert_int_equal(q.svc_error, 0);
	assert_int_equal(q.svc.key.fwmark, 4294967295u);
	assert_int_equal(q.svc.key.af, AF_INET6);
	assert_int_equal(q.svc.netmask, 128);
}

static void an_empty_service_in_a_dump_is_no_error(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	struct ctl_req q;

	mnl_attr_nest_end(nlh, nest);
	q = decode(nlh, 0);
	assert_true(q.dump);
	assert_int_equal(q.svc_error, -EINVAL);
}

static void a_tunnelled_server_may_be_of_the_other_family(void **state)
{
	struct nlmsghdr *nlh = service(IPVS_CMD_NEW_DEST, NULL);
	struct ctl_req q;

	put_dest(nlh, AF_INET6, true, "2001:db8::11", 16, IP_VS_CONN_F_TUNNEL);
	q = decode(nlh, 0);
	assert_int_equal(q.dest_error, 0);
	assert_int_equal(q.dest.af, AF_INET6);
	nlh = service(IPVS_CMD_SET_DEST, NULL);
	put_dest(nlh, AF_INET6, true, "2001:db8::11", 16, IP_VS_CONN_F_DROUTE);
	q = decode(nlh, 0);
	assert_int_equal(q.dest_error, -EINVAL);
	nlh = service(IPVS_CMD_DEL_DEST, NULL);	/* deleting needs address and port only */
	put_dest(nlh, AF_INET6, true, "2001:db8::11", 16, IP_VS_CONN_F_DROUTE);
	q = decode(nlh, 0);
	assert_int_equal(q.dest_error, 0);
}

static void timeouts_that_are_left_out_are_zero(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_SET_CONFIG, NLM_F_ACK);
	struct ctl_req q;

	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, 20);
	q = decode(nlh, 0);
	assert_int_equal(q.timeout_sec[0], 0);
	assert_int_equal(q.timeout_sec[1], 20);
	assert_int_equal(q.timeout_sec[2], 0);
}

static void a_daemon_needs_state_interface_and_id(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_NEW_DAEMON, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DAEMON);
	struct ctl_req q;

	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_STATE, IP_VS_STATE_MASTER);
	mnl_attr_put_strz(nlh, IPVS_DAEMON_ATTR_MCAST_IFN, "eth0");
	mnl_attr_nest_end(nlh, nest);
	q = decode(nlh, 0);
	assert_int_equal(q.daemon_error, -EINVAL);
	nlh = message(IPVS_CMD_DEL_DAEMON, NLM_F_ACK);
	nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DAEMON);
	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_STATE, IP_VS_STATE_BACKUP);
	mnl_attr_nest_end(nlh, nest);
	q = decode(nlh, 0);
	assert_int_equal(q.daemon_error, 0);
	assert_int_equal(q.daemon.state, IP_VS_STATE_BACKUP);
}

static void attributes_of_our_own_are_read(void **state)
{
	struct nlmsghdr *nlh = message(ELVS_CMD_ATTACH, NLM_F_ACK);
	struct ctl_req q;

	mnl_attr_put_strz(nlh, ELVS_ATTR_IFNAME, "averylongname15");
	mnl_attr_put_u32(nlh, ELVS_ATTR_HOOK, 3);
	mnl_attr_put_u32(nlh, ELVS_ATTR_BATCH_OP, 2);
	mnl_attr_put(nlh, ELVS_ATTR_PLAN, 0, NULL);
	q = decode(nlh, 0);
	assert_string_equal(q.ifname, "averylongname15");
	assert_int_equal(q.hook, 3);
	assert_int_equal(q.batch_op, 2);
	assert_true(q.plan);
}

/* ---- as nobody should ---- */
static void a_service_without_a_full_key_is_invalid(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_GET_SERVICE, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, AF_INET);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, htons(80));
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(decode(nlh, 0).svc_error, -EINVAL);
	assert_int_equal(decode(message(IPVS_CMD_GET_SERVICE, 0), 0).svc_error, -EINVAL);
	assert_int_equal(decode(service(IPVS_CMD_NEW_SERVICE, NULL), 0).svc_error, -EINVAL);
}

static void an_unknown_family_is_not_supported(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_DEL_SERVICE, NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, AF_UNIX);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, 1);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(decode(nlh, 0).svc_error, -EAFNOSUPPORT);
}

static void ipv6_masks_are_1_to_128(void **state)
{
	static const struct {
		uint32_t mask;
		int want;
	} row[] = { { 0, -EINVAL }, { 1, 0 }, { 64, 0 }, { 128, 0 }, { 129, -EINVAL }, { ~0u, -EINVAL } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct nlmsghdr *nlh = message(IPVS_CMD_NEW_SERVICE, NLM_F_ACK);
		struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

		put_key(nlh, AF_INET6, "2001:db8::10", 16, 80);
		put_body(nlh, "rr", 0, row[i].mask);
		mnl_attr_nest_end(nlh, nest);
		assert_int_equal(decode(nlh, 0).svc_error, row[i].want);
	}
}

static void attributes_of_wrong_length_are_refused(void **state)
{
	static const uint8_t bytes[32];
	struct nlmsghdr *nlh = message(IPVS_CMD_SET_CONFIG, NLM_F_ACK);
	struct nlattr *nest;

	mnl_attr_put(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, 3, bytes);
	decode(nlh, -ERANGE);
	nlh = message(ELVS_CMD_ATTACH, NLM_F_ACK);
	mnl_attr_put(nlh, ELVS_ATTR_IFNAME, 4, "eth0");	/* not terminated */
	decode(nlh, -EINVAL);
	nlh = message(ELVS_CMD_ATTACH, NLM_F_ACK);
	mnl_attr_put_strz(nlh, ELVS_ATTR_IFNAME, "averyverylongname");
	decode(nlh, -EINVAL);
	nlh = message(IPVS_CMD_DEL_SERVICE, NLM_F_ACK);
	nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, 17, bytes);
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(decode(nlh, 0).svc_error, -ERANGE);
	nlh = message(IPVS_CMD_DEL_SERVICE, NLM_F_ACK);
	mnl_attr_put(nlh, IPVS_CMD_ATTR_SERVICE, 2, bytes);
	decode(nlh, -EINVAL);
}

static void broken_headers_are_told_apart(void **state)
{
	struct nlmsghdr *nlh = message(IPVS_CMD_GET_INFO, 0);
	struct ctl_req q;

	assert_int_equal(ctl_decode(buf, 15, &q), -EBADMSG);
	nlh->nlmsg_len = 15;
	assert_int_equal(ctl_decode(buf, 100, &q), -EBADMSG);
	nlh->nlmsg_len = 101;
	assert_int_equal(ctl_decode(buf, 100, &q), -EBADMSG);
	nlh->nlmsg_len = 16;
	assert_int_equal(ctl_decode(buf, 100, &q), -EINVAL);
	nlh = message(IPVS_CMD_GET_INFO, NLM_F_ACK);
	nlh->nlmsg_type = NLMSG_NOOP;
	assert_int_equal(ctl_decode(buf, nlh->nlmsg_len, &q), -ENOENT);
	assert_int_equal(q.seq, 77);
}

/* The copy has no byte to spare, so that AddressSanitizer sees each read beyond it. */
static void no_cut_is_read_beyond(void **state)
{
	struct nlmsghdr *nlh = service(IPVS_CMD_NEW_SERVICE, "wlc");
	size_t len;

	put_dest(nlh, AF_INET6, true, "2001:db8::11", 16, IP_VS_CONN_F_TUNNEL);
	mnl_attr_put_strz(nlh, ELVS_ATTR_IFNAME, "eth0");
	len = nlh->nlmsg_len;
	for (size_t cut = 0; cut <= len; cut++)
		for (size_t at = 0; at < len; at += 2) {
			char *copy = malloc(cut ? cut : 1);
			struct ctl_req q;

			assert_non_null(copy);
			memcpy(copy, buf, cut);
			if (cut >= 4)
				memcpy(copy, &(uint32_t){ cut }, 4);
			if (at + 2 <= cut && at >= 16)
				memcpy(copy + at, "\xff\x7f", 2);
			ctl_decode(copy, cut, &q);
			free(copy);
		}
}

static struct nlmsghdr *vip(uint32_t af, size_t len, uint32_t mode)
{
	struct nlmsghdr *nlh = message(ELVS_CMD_SET_VIP, NLM_F_ACK);
	uint8_t a[20] = { 192, 0, 2, 10 };	/* one test asks for too many */

	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, af);
	mnl_attr_put(nlh, ELVS_ATTR_ADDR, len, a);
	mnl_attr_put_u32(nlh, ELVS_ATTR_VIP_MODE, mode);
	return nlh;
}

static void a_virtual_address_and_its_mode_are_read(void **state)
{
	struct ctl_req q = decode(vip(AF_INET, 4, ELVS_VIP_MODE_MUTED), 0);

	assert_int_equal(q.af, AF_INET);
	assert_true(q.has_addr);
	assert_true(q.has_vip_mode);
	assert_false(q.has_raddr);
	assert_int_equal(q.addr.v4.s_addr, inet_addr("192.0.2.10"));
	assert_int_equal(q.vip_mode, ELVS_VIP_MODE_MUTED);
	q = decode(vip(AF_INET6, 16, 7), 0);
	assert_int_equal(q.af, AF_INET6);
	assert_true(q.has_addr);
	assert_int_equal(q.vip_mode, 7);
}

static void half_an_address_is_none(void **state)
{
	assert_false(decode(vip(AF_INET6, 4, 0), 0).has_addr);
	assert_false(decode(vip(AF_INET, 3, 0), 0).has_addr);
	assert_false(decode(vip(AF_UNIX, 16, 0), 0).has_addr);
	assert_false(decode(vip(0x10002, 16, 0), 0).has_addr);
	decode(vip(AF_INET6, 17, 0), -ERANGE);
	assert_false(decode(message(ELVS_CMD_SET_VIP, NLM_F_ACK), 0).has_vip_mode);
}

static void a_check_has_two_addresses_and_a_method(void **state)
{
	struct nlmsghdr *nlh = message(ELVS_CMD_SET_CHECK, NLM_F_ACK);
	struct ctl_req q;

	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, AF_INET);
	mnl_attr_put_u32(nlh, ELVS_ATTR_ADDR, inet_addr("192.0.2.10"));
	mnl_attr_put_u32(nlh, ELVS_ATTR_RADDR, inet_addr("192.0.2.20"));
	mnl_attr_put_u32(nlh, ELVS_ATTR_METHOD, IP_VS_CONN_F_TUNNEL);
	q = decode(nlh, 0);
	assert_true(q.has_addr && q.has_raddr && q.has_method);
	assert_int_equal(q.addr.v4.s_addr, inet_addr("192.0.2.10"));
	assert_int_equal(q.raddr.v4.s_addr, inet_addr("192.0.2.20"));
	assert_int_equal(q.method, IP_VS_CONN_F_TUNNEL);
	nlh = message(ELVS_CMD_DEL_CHECK, NLM_F_ACK);
	mnl_attr_put_u32(nlh, ELVS_ATTR_MARK, 0xe1000005);
	assert_int_equal(decode(nlh, 0).mark, 0xe1000005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_of_ipvsadm_is_read),
		cmocka_unit_test(addresses_of_four_bytes_are_taken),
		cmocka_unit_test(only_the_first_four_bytes_of_an_ipv4_address_count),
		cmocka_unit_test(a_firewall_mark_replaces_the_address),
		cmocka_unit_test(an_empty_service_in_a_dump_is_no_error),
		cmocka_unit_test(a_tunnelled_server_may_be_of_the_other_family),
		cmocka_unit_test(timeouts_that_are_left_out_are_zero),
		cmocka_unit_test(a_daemon_needs_state_interface_and_id),
		cmocka_unit_test(attributes_of_our_own_are_read),
		cmocka_unit_test(a_service_without_a_full_key_is_invalid),
		cmocka_unit_test(an_unknown_family_is_not_supported),
		cmocka_unit_test(ipv6_masks_are_1_to_128),
		cmocka_unit_test(attributes_of_wrong_length_are_refused),
		cmocka_unit_test(broken_headers_are_told_apart),
		cmocka_unit_test(no_cut_is_read_beyond),
		cmocka_unit_test(a_virtual_address_and_its_mode_are_read),
		cmocka_unit_test(half_an_address_is_none),
		cmocka_unit_test(a_check_has_two_addresses_and_a_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
