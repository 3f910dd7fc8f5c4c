/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format_test - what listings look like, byte for byte, and in what order: numbers that no fresh table shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/types.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "sort.h"

struct page {
	char *text;
	size_t size, seen;
	struct names names;
	struct format f;
};

static int setup(void **state)
{
	struct page *p = calloc(1, sizeof(*p));

	p->names.numeric = true;
	p->f.names = &p->names;
	p->f.out = open_memstream(&p->text, &p->size);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct page *p = *state;

	fclose(p->f.out);
	free(p->text);
	free(p);
	return 0;
}

/* Compares what was printed since the last call. */
static void printed(struct page *p, const char *want)
{
	fflush(p->f.out);
	assert_string_equal(p->text + p->seen, want);
	p->seen = p->size;
}

static struct addr v4(const char *text)
{
	struct addr a = { .af = AF_INET };

	assert_int_equal(inet_pton(AF_INET, text, &a.v4), 1);
	return a;
}

static struct addr v6(const char *text)
{
	struct addr a = { .af = AF_INET6 };

	assert_int_equal(inet_pton(AF_INET6, text, &a.v6), 1);
	return a;
}

static struct service service(const char *addr, uint16_t port, uint16_t proto, const char *sched)
{
	struct service s = { .proto = proto, .port = htons(port), .netmask = UINT32_MAX };

	s.addr = strchr(addr, ':') ? v6(addr) : v4(addr);
	s.af = s.addr.af;
	if (s.af == AF_INET6)
		s.netmask = 128;
	strcpy(s.sched, sched);
	return s;
}

static void services(void **state)
{
	struct page *p = *state;
	struct service s = service("192.0.2.10", 80, IPPROTO_TCP, "wlc");

	s.flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_HASHED;
	s.timeout = 360;
	s.netmask = htonl(0xffffff00);
	format_service(&p->f, &s);
	format_rule_service(&p->f, &s);
	printed(p, "TCP  192.0.2.10:80 wlc persistent 360 mask 255.255.255.0\n"
		   "-A -t 192.0.2.10:80 -s wlc -p 360 -M 255.255.255.0\n");
	s = service("192.0.2.10", 5060, IPPROTO_UDP, "rr");
	s.flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET;
	s.timeout = 60;
	strcpy(s.pe, "sip");
	format_service(&p->f, &s);
	format_rule_service(&p->f, &s);
	printed(p, "UDP  192.0.2.10:5060 rr persistent 60 pe sip ops\n"
		   "-A -u 192.0.2.10:5060 -s rr -p 60 --pe sip -o\n");
	s = service("2001:db8::80", 80, IPPROTO_TCP, "mh");
	s.flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2;
	s.timeout = 300;
	s.netmask = 64;
	format_service(&p->f, &s);
	format_rule_service(&p->f, &s);
	printed(p, "TCP  [2001:db8::80]:80 mh (mh-fallback,mh-port) persistent 300 mask 64\n"
		   "-A -t [2001:db8::80]:80 -s mh -p 300 -M 64 -b mh-fallback,mh-port\n");
	s = service("::", 0, 0, "rr");
	s.fwmark = 18;
	s.flags = IP_VS_SVC_F_SCHED3;
	format_service(&p->f, &s);
	format_rule_service(&p->f, &s);
	printed(p, "FWM  18 IPv6 rr (flag-3)\n-A -f 18 -6 -s rr -b flag-3\n");
	strcpy(s.sched, "sh"); /* it has no name for that bit */
	format_service(&p->f, &s);
	format_rule_service(&p->f, &s);
	printed(p, "FWM  18 IPv6 sh ()\n-A -f 18 -6 -s sh -b \n");
}

static void counters_shorten_as_they_grow(void **state)
{
	struct page *p = *state;
	struct service s = service("192.0.2.10", 80, IPPROTO_TCP, "wlc");
	struct dest d = { .addr = v6("fe80::1234:5678:9abc:def0"), .port = htons(80) };

	s.counters = (struct counters){ .conns = 2468,
					.inpkts = 99999999,
					.outpkts = 100000000,
					.inbytes = 246913578,
					.outbytes = 19753086420246,
					.cps = 12,
					.inpps = 345,
					.outpps = 678,
					.inbps = 123456,
					.outbps = 1641975309 };
	d.counters = s.counters;
	d.counters.outbytes = 100000000000000;
	p->f.mode = LIST_STATS;
	format_titles(&p->f);
	format_service(&p->f, &s);
	format_dest(&p->f, &s, &d);
	printed(p, "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n"
		   "  -> RemoteAddress:Port\n"
		   "TCP  192.0.2.10:80                    2468 99999999  100000K  246913K   19753G\n"
		   "  -> [fe80::1234:5678:9abc:def0]:80     2468 99999999  100000K  246913K     100T\n");
	p->f.exact = true;
	format_service(&p->f, &s);
	printed(p, "TCP  192.0.2.10:80                    2468 99999999 100000000 246913578 19753086420246\n");
	p->f.exact = false;
	p->f.mode = LIST_RATE;
	d.addr = v4("10.0.0.1");
	d.counters.cps = 1234567890;
	format_titles(&p->f);
	format_service(&p->f, &s);
	format_dest(&p->f, &s, &d);
	printed(p, "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS\n"
		   "  -> RemoteAddress:Port\n"
		   "TCP  192.0.2.10:80                      12      345      678   123456    1641M\n"
		   "  -> 10.0.0.1:80                  1234567890      345      678   123456    1641M\n");
}

static void servers_in_every_mode(void **state)
{
	struct page *p = *state;
	struct service s = service("192.0.2.10", 80, IPPROTO_TCP, "wlc");
	struct dest d = { .addr = v4("10.0.0.3"),
			  .port = htons(80),
			  .method = IP_VS_CONN_F_TUNNEL,
			  .weight = 3,
			  .u_threshold = 100,
			  .l_threshold = 75,
			  .active = 1,
			  .inactive = 40,
			  .persistent = 2,
			  .tun_type = IP_VS_CONN_F_TUNNEL_TYPE_GUE,
			  .tun_port = htons(6080),
			  .tun_flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM };
	enum list_mode mode;

	for (mode = LIST_THRESHOLDS; mode <= LIST_TUN_INFO; mode++) {
		p->f.mode = mode;
		format_titles(&p->f);
		format_dest(&p->f, &s, &d);
	}
	printed(p, "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn \n"
		   "  -> RemoteAddress:Port\n"
		   "  -> 10.0.0.3:80                  100        75         1          40        \n"
		   "Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn \n"
		   "  -> RemoteAddress:Port\n"
		   "  -> 10.0.0.3:80                  3         2           1          40        \n"
		   "Prot LocalAddress:Port Scheduler Flags\n"
		   "  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn\n"
		   "  -> 10.0.0.3:80                  Tunnel  gue:6080:+c   3      1          40        \n");
	p->f.mode = LIST_NORMAL;
	format_dest(&p->f, &s, &d);
	format_rule_dest(&p->f, &s, &d);
	d.method = IP_VS_CONN_F_LOCALNODE;
	format_dest(&p->f, &s, &d);
	format_rule_dest(&p->f, &s, &d);
	printed(p, "  -> 10.0.0.3:80                  Tunnel  3      1          40        \n"
		   "-a -t 192.0.2.10:80 -r 10.0.0.3:80 -i -w 3 --tun-type gue --tun-port 6080 --tun-csum\n"
		   "  -> 10.0.0.3:80                  Local   3      1          40        \n"
		   "-a -t 192.0.2.10:80 -r 10.0.0.3:80 -g -w 3\n");
}

static void connections(void **state)
{
	struct page *p = *state;
	struct elvs_conn_wire c = { .af = AF_INET,
				    .daf = AF_INET,
				    .proto = IPPROTO_TCP,
				    .cport = htons(54321),
				    .vport = htons(80),
				    .dport = htons(80),
				    .expires = 899,
				    .state = "ESTABLISHED" };

	c.caddr[0] = v4("192.0.2.1").a[0];
	c.vaddr[0] = v4("192.0.2.10").a[0];
	c.daddr[0] = v4("10.0.0.1").a[0];
	format_conn_titles(&p->f, false);
	format_conn(&p->f, &c);
	c.proto = IPPROTO_IP;
	c.expires = 59;
	strcpy(c.state, "NONE");
	c.caddr[0] = v4("192.0.2.0").a[0];
	c.vaddr[0] = htonl(17);
	c.cport = c.vport = c.dport = 0;
	format_conn(&p->f, &c);
	c.af = AF_INET6;
	c.proto = IPPROTO_SCTP;
	c.expires = 6061;
	memcpy(c.caddr, v6("2001:db8::1").a, 16);
	memcpy(c.vaddr, v6("2001:db8::80").a, 16);
	format_conn(&p->f, &c);
	format_conn_titles(&p->f, true);
	printed(p, "IPVS connection entries\n"
		   "pro expire state       source             virtual            destination\n"
		   "TCP 14:59  ESTABLISHED 192.0.2.1:54321    192.0.2.10:80      10.0.0.1:80\n"
		   "IP  00:59  NONE        192.0.2.0:0        0.0.0.17:0         10.0.0.1:0\n"
		   "SCTP 101:01 NONE        [2001:db8::1]:0    [2001:db8::80]:0   10.0.0.1:0\n"
		   "IPVS connection entries\n"
		   "pro expire state       source             virtual            destination        pe name          "
		   "pe_data\n");
}

static void timeouts_and_daemons(void **state)
{
	struct page *p = *state;
	struct timeouts t = { 900, 120, 300 };
	struct sync_daemon d = { .state = IP_VS_STATE_MASTER,
				 .syncid = 1,
				 .maxlen = 1472,
				 .group = v4("224.0.0.81"),
				 .port = 8848,
				 .ttl = 1,
				 .ifname = "eth0" };

	format_timeouts(&p->f, &t);
	format_daemon(&p->f, &d);
	d = (struct sync_daemon){ .state = IP_VS_STATE_BACKUP, .ifname = "eth1" };
	format_daemon(&p->f, &d);
	printed(p, "Timeout (tcp tcpfin udp): 900 120 300\n"
		   "master sync daemon (mcast=eth0, syncid=1, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n"
		   "backup sync daemon (mcast=eth1, syncid=0)\n");
}

/* As recorded: the servers were added in this order's reverse. */
static void servers_are_sorted_by_a_difference_that_wraps(void **state)
{
	static const char *const newest_first[] = { "10.0.0.11:8081", "192.0.2.1", "127.0.0.2", "127.0.0.1",
						    "10.0.0.27",      "10.0.0.24", "10.0.0.22", "10.0.0.21",
						    "10.0.0.20",      "10.0.0.19", "10.0.0.18", "10.0.0.17",
						    "10.0.0.16",      "10.0.0.15", "10.0.0.14", "10.0.0.13",
						    "10.0.0.12",      "10.0.0.11" };
	static const char *const sorted[] = { "10.0.0.11:80", "10.0.0.12:80",  "10.0.0.13:80", "10.0.0.14:80",
					      "10.0.0.15:80", "10.0.0.16:80",  "10.0.0.17:80", "10.0.0.18:80",
					      "10.0.0.19:80", "10.0.0.20:80",  "10.0.0.21:80", "10.0.0.22:80",
					      "10.0.0.24:80", "10.0.0.27:80",  "127.0.0.1:80", "127.0.0.2:80",
					      "192.0.2.1:80", "10.0.0.11:8081" };
	enum { N = sizeof(sorted) / sizeof(sorted[0]) };
	struct dest dests[N] = { 0 };
	struct dest_list l = { .d = dests, .n = N };
	char text[ADDR_TEXT];
	struct endpoint ep;
	size_t i;

	for (i = 0; i < N; i++) {
		assert_int_equal(addr_parse_endpoint(&ep, newest_first[i], IPPROTO_TCP), 0);
		dests[i].addr = ep.addr;
		dests[i].port = ep.has_port ? ep.port : htons(80);
	}
	assert_int_equal(sort_dests(&l), 0);
	for (i = 0; i < N; i++)
		assert_string_equal(addr_format_endpoint(text, &dests[i].addr, dests[i].port), sorted[i]);
}

static void services_are_sorted_by_mark_family_protocol_address_port(void **state)
{
	struct service s[] = {
		service("2001:db8::1", 80, IPPROTO_TCP, "rr"), service("0.0.0.0", 0, 0, "marked"),
		service("10.0.0.1", 80, IPPROTO_TCP, "rr"),    service("192.0.2.1", 80, IPPROTO_UDP, "rr"),
		service("192.0.2.1", 443, IPPROTO_TCP, "rr"),  service("192.0.2.1", 80, IPPROTO_TCP, "rr"),
	};
	enum { N = sizeof(s) / sizeof(s[0]) };
	static const char *const sorted[N] = { "192.0.2.1:80", "192.0.2.1:443",	   "10.0.0.1:80",
					       "192.0.2.1:80", "[2001:db8::1]:80", "0.0.0.0:0" };
	struct service_list l = { .s = s, .n = N };
	char text[ADDR_TEXT];
	size_t i;

	s[1].fwmark = 3;
	assert_int_equal(sort_services(&l), 0);
	for (i = 0; i < N; i++)
		assert_string_equal(addr_format_endpoint(text, &s[i].addr, s[i].port), sorted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(services, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_shorten_as_they_grow, setup, teardown),
		cmocka_unit_test_setup_teardown(servers_in_every_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(connections, setup, teardown),
		cmocka_unit_test_setup_teardown(timeouts_and_daemons, setup, teardown),
		cmocka_unit_test(servers_are_sorted_by_a_difference_that_wraps),
		cmocka_unit_test(services_are_sorted_by_mark_family_protocol_address_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
