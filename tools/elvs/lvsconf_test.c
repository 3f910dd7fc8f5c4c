/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvsconf_test - an LVS.conf in every dress that people give it, and what is wrong with wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lvsconf.h"

#define GOOD                                                                                            \
	"interface=ens33\nrouter_id=LVS_1\nlvs_ip=192.168.159.130\nlvs_port=80\nbalance_algorithm=rr\n" \
	"persistence_timeout=0\nprotocol=TCP\ntype=MASTER\npriority=200\n"

static struct lvsconf c;
static struct lvsconf_error errors[8];

static int parse(const char *text)
{
	memset(errors, 0, sizeof(errors));
	return lvsconf_parse(&c, text, strlen(text), errors, 8);
}

static void complains(const char *text, unsigned line, unsigned col, const char *what)
{
	assert_int_equal(parse(text), 1);
	assert_string_equal(errors[0].text, what);
	assert_int_equal(errors[0].line, line);
	assert_int_equal(errors[0].col, col);
}

static void every_way_to_write_the_servers_is_read(void **state)
{
	static const char *const ways[] = {
		"real_server=(192.168.159.131 192.168.159.132)\nreal_server_port=80\n",
		"real_server=(\n  192.168.159.131   # the first\n  \"192.168.159.132\"\n)\nreal_server_port=80",
		"real_server[0]=192.168.159.131\nreal_server[1]=192.168.159.132\n",
		"real_server=192.168.159.131\nreal_server+=(192.168.159.132)\r\n",
		"real_server: 192.168.159.131, 192.168.159.132\n",
		"export real_server=('192.168.159.131' '192.168.159.132'); real_server_port=80",
	};
	char text[1000], addr[VIP_STRLEN];

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		snprintf(text, sizeof(text), "\xef\xbb\xbf# LVS.conf\n" GOOD "%s", ways[i]);
		assert_int_equal(parse(text), 0);
		assert_int_equal(c.n_servers, 2);
		assert_string_equal(vip_format(&c.servers[1], false, addr), "192.168.159.132");
		assert_int_equal(c.real_port, 80);
	}
	assert_string_equal(c.interface, "ens33");
	assert_true(c.master);
	assert_false(c.udp);
	assert_int_equal(c.priority, 200);
}

static void errors_say_where_and_what_would_be_right(void **state)
{
	complains(GOOD "real_server=(10.0.0.1)\nbalance=rr\n", 11, 1, "balance is no setting of an LVS.conf");
	complains(GOOD "real_server=(10.0.0.1\n", 10, 13, "real_server=(: the list is not closed by `)'");
	complains(GOOD "real_server=(10.0.0.1 10.0.0.1)", 10, 23, "real_server=10.0.0.1: is in the list already");
	complains(GOOD "real_server=10.0.0.1\nadvert_int=1 2\n", 11, 14,
		  "only one value belongs to advert_int; quote it if it has blanks");
	complains(GOOD "real_server=10.0.0.1\nadvert_int=0\n", 11, 12,
		  "advert_int=0: a number from 1 to 255 is needed");
	complains(GOOD "real_server=10.0.0.1\nlb_kind=route\n", 11, 9,
		  "lb_kind=route: one of DR, NAT, TUN is needed");
	complains(GOOD "real_server=10.0.0.1\ntype=MASTER\n", 11, 1, "type is given twice");
	complains(GOOD "real_server=10.0.0.1\nwhat is this\n", 11, 1, "`NAME=VALUE' is needed here");
	complains(GOOD "real_server=10.0.0.1\nauth_pass=\"abc\n", 11, 11, "the quote \" is not closed on this line");
	complains(GOOD "real_server=10.0.0.1\nreal_server_port=8080\n", 0, 0,
		  "real_server_port=8080, lvs_port=80: DR cannot change ports; make them equal, or lb_kind=NAT");
	assert_int_equal(parse(""), 9);
	assert_string_equal(errors[0].text, "interface is missing");
}

static void it_becomes_a_whole_keepalived_conf(void **state)
{
	char *text;

	assert_int_equal(parse(GOOD "auth_pass=1111\nreal_server=(192.168.159.131)\n"), 0);
	text = lvsconf_keepalived(&c, "LVS.conf");
	assert_string_equal(
		text,
		"! Configuration File for keepalived\n"
		"! Written by `elvs quickstart LVS.conf'. Changes made here are kept aside by the next "
		"quickstart.\n\n"
		"global_defs {\n\trouter_id LVS_1\n}\n\n"
		"vrrp_instance VI_1 {\n\tstate MASTER\n\tinterface ens33\n\tvirtual_router_id 51\n\tpriority 200\n"
		"\tadvert_int 1\n\tauthentication {\n\t\tauth_type PASS\n\t\tauth_pass 1111\n\t}\n"
		"\tvirtual_ipaddress {\n\t\t192.168.159.130\n\t}\n}\n\n"
		"virtual_server 192.168.159.130 80 {\n\tdelay_loop 6\n\tlb_algo rr\n\tlb_kind DR\n\tprotocol TCP\n\n"
		"\treal_server 192.168.159.131 80 {\n\t\tweight 1\n\t\tTCP_CHECK {\n\t\t\tconnect_timeout 3\n"
		"\t\t\tretry 3\n\t\t\tdelay_before_retry 1\n\t\t\tconnect_port 80\n\t\t}\n\t}\n}\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_the_servers_is_read),
		cmocka_unit_test(errors_say_where_and_what_would_be_right),
		cmocka_unit_test(it_becomes_a_whole_keepalived_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
