/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vs_test - virtual servers and checks: what is handed down, which checks are one, what a reload sees as the same.
 * (What is said about mistakes: tests/conf/cases.)
 */
#include <linux/ip_vs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "load.h"
#include "load_text.h"

#define SECOND 1000000ull

/* A service with what stands in its block, and a real server with what stands in its */
static struct loaded *service(const char *vs, const char *rs)
{
	char text[4000];

	snprintf(text, sizeof(text),
		 "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n%s\nreal_server 10.0.1.1 80 "
		 "{\n%s\n}\n}\n",
		 vs, rs);
	return load_text(text);
}

static const struct conf_target *first_target(const struct loaded *l)
{
	assert_int_equal(l->c->n_servers, 1);
	assert_true(l->c->servers[0].rs[0].n_checks >= 1);
	return &l->c->checks[l->c->servers[0].rs[0].checks[0]];
}

static const struct conf_check *first_check(const struct loaded *l)
{
	return first_target(l)->how;
}

static void times_come_from_the_nearest_level(void **state)
{
	struct loaded *l = service("delay_loop 7\nretry 4\nconnect_timeout 3\nrise 2",
				   "retry 5\nfall 6\nTCP_CHECK {\nfall 7\n}");
	const struct conf_check *c = first_check(l);

	assert_int_equal(c->delay_loop_us, 7 * SECOND);
	assert_int_equal(c->warmup_us, 7 * SECOND);
	assert_int_equal(c->retry, 5);
	assert_int_equal(c->fall, 7);
	assert_int_equal(c->rise, 2);
	assert_int_equal(c->connect_timeout_us, 3 * SECOND);
	assert_int_equal(c->delay_before_retry_us, SECOND);
	assert_int_equal(first_target(l)->addr.port, 80);
	assert_string_equal(l->messages, "");
	loaded_free(l);
}

static void each_kind_has_its_own_defaults(void **state)
{
	static const struct {
		const char *block;
		uint32_t retry;
		uint64_t before_retry_us;
		uint16_t port;
	} rows[] = {
		{ "TCP_CHECK {\n}", 1, SECOND, 80 },
		{ "HTTP_GET {\nurl {\npath /\n}\n}", 1, 3 * SECOND, 80 },
		{ "SSL_GET {\nurl {\npath /\n}\n}", 1, 3 * SECOND, 80 },
		{ "DNS_CHECK {\n}", 3, 60 * SECOND, 80 },
		{ "MISC_CHECK {\nmisc_path /bin/true\n}", 0, SECOND, 0 },
		{ "PING_CHECK {\n}", 1, SECOND, 0 },
		{ "UDP_CHECK {\n}", 1, SECOND, 80 },
		{ "SMTP_CHECK {\n}", 1, SECOND, 80 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct loaded *l = service("", rows[i].block);
		const struct conf_check *c = first_check(l);

		assert_int_equal(c->delay_loop_us, 60 * SECOND);
		assert_int_equal(c->connect_timeout_us, 5 * SECOND);
		assert_int_equal(c->retry, rows[i].retry);
		assert_int_equal(c->delay_before_retry_us, rows[i].before_retry_us);
		assert_int_equal(first_target(l)->addr.port, rows[i].port);
		assert_int_equal(c->rise, 1);
		assert_int_equal(c->fall, 1);
		loaded_free(l);
	}
}

static void virtualhost_comes_from_the_nearest_level(void **state)
{
	struct loaded *l =
		service("virtualhost vs",
			"virtualhost rs\n"
			"HTTP_GET {\nvirtualhost check\nurl {\npath /a\nvirtualhost url\n}\nurl {\npath /b\n}\n}\n"
			"SSL_GET {\nurl {\npath /c\n}\n}");
	const struct conf_check *c = first_check(l);

	assert_string_equal(c->http.urls[0].virtualhost, "url");
	assert_string_equal(c->http.urls[1].virtualhost, "check");
	assert_string_equal(l->c->checks[1].how->http.urls[0].virtualhost, "rs");
	assert_int_equal(c->http.urls[1].status[3], ~0xffull); /* 200-255 */
	loaded_free(l);
}

static void servers_inherit_too(void **state)
{
	struct loaded *l =
		service("weight 7\ninhibit_on_failure\nalpha\nslow_start 9\ndrain\nreal_server 10.0.1.2 {\nweight 3\n"
			"alpha off\ninhibit_on_failure off\nslow_start 0\ndrain off\nlvs_method NAT\n}",
			"TCP_CHECK {\n}");
	const struct conf_rs *own = &l->c->servers[0].rs[0], *all = &l->c->servers[0].rs[1];

	assert_int_equal(all->weight, 7);
	assert_true(all->inhibit && all->alpha && all->drain && all->smtp_alert);
	assert_int_equal(all->slow_start_us, 9 * SECOND);
	assert_int_equal(all->method, IP_VS_CONN_F_DROUTE);
	assert_true(l->c->checks[all->checks[0]].how->alpha);
	assert_int_equal(own->weight, 3);
	assert_false(own->inhibit || own->alpha || own->drain);
	assert_int_equal(own->slow_start_us, 0);
	assert_int_equal(own->method, IP_VS_CONN_F_MASQ);
	assert_int_equal(own->addr.port, 80);
	assert_false(l->c->servers[0].smtp_alert);
	loaded_free(l);
}

static void persistence_and_flags(void **state)
{
	struct loaded *l = service("persistence_granularity 24\nlb_algo mh\nmh-port\nmh-fallback\nflag-3", "");
	const struct conf_vs *v = &l->c->servers[0];

	assert_int_equal(v->persistence_s, 360);
	assert_int_equal(v->netmask, htonl(0xffffff00));
	assert_int_equal(v->flags,
			 IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2 | IP_VS_SVC_F_SCHED3);
	assert_string_equal(v->sched, "mh");
	loaded_free(l);
}

#define HTTP(more) "HTTP_GET {\n" more "\nurl {\npath /\n}\n}\n"
#define TWICE(first, second)                                                                                    \
	"virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.1.1 80 {\n" first \
	"}\n}\nvirtual_server 10.0.0.2 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.1.1 80 "    \
	"{\n" second "}\n}\n"

static void equal_checks_are_one(void **state)
{
	struct loaded *l = load_text(TWICE(HTTP(""), HTTP("delay_loop 60")));

	assert_int_equal(l->c->n_checks, 1);
	assert_int_equal(l->c->servers[0].rs[0].checks[0], l->c->servers[1].rs[0].checks[0]);
	loaded_free(l);
	/* ping does not know ports, a check of another server is another check */
	l = service("real_server 10.0.1.1 81 {\nPING_CHECK {\n}\n}\nlb_kind NAT\nreal_server 10.0.1.2 80 "
		    "{\nPING_CHECK {\n}\n}",
		    "PING_CHECK {\n}\nPING_CHECK {\n}");
	assert_int_equal(l->c->n_checks, 2);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(l->c->servers[0].rs[i].n_checks, 1);
	loaded_free(l);
}

static void any_difference_makes_two(void **state)
{
	static const char *const more[] = {
		"retry 2",
		"delay_loop 5",
		"warmup 1",
		"connect_timeout 4",
		"delay_before_retry 2",
		"total_timeout 9",
		"jitter 1",
		"rise 2",
		"fall 2",
		"alpha",
		"connect_ip 10.0.1.9",
		"connect_port 81",
		"bindto 10.0.1.8",
		"bind_port 99",
		"bind_if eth0",
		"fwmark 3",
		"via_vip",
		"log_all_failures",
		"virtualhost x",
		"http_protocol 1.1",
		"fast_recovery",
		"url {\npath /b\n}",
		"enable_sni",
		"sni_name x",
		"tls_compliant",
		"verify",
		"verify_ca /x",
	};
	char text[2000];

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		struct loaded *l;

		snprintf(text, sizeof(text), TWICE(HTTP(""), HTTP("%s")), more[i]);
		l = load_text(text);
		if (l->c->n_checks != 2)
			print_error("%s makes no difference\n", more[i]);
		assert_int_equal(l->c->n_checks, 2);
		assert_true(l->c->checks[0].key != l->c->checks[1].key);
		assert_false(conf_target_equal(l->c, &l->c->checks[0], l->c, &l->c->checks[1]));
		loaded_free(l);
	}
}

/* Checks of the same kind and timing have one description, whatever their targets */
static void what_differs_only_in_its_target_is_kept_once(void **state)
{
	struct loaded *l = load_text("virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n"
				     "real_server 10.0.1.1 80 {\nTCP_CHECK {\n}\n}\n"
				     "real_server 10.0.1.2 80 {\nTCP_CHECK {\n}\n}\n"
				     "real_server 10.0.1.3 80 {\nTCP_CHECK {\nretry 9\n}\n}\n}\n");

	assert_int_equal(l->c->n_checks, 3);
	assert_ptr_equal(l->c->checks[0].how, l->c->checks[1].how);
	assert_ptr_not_equal(l->c->checks[0].how, l->c->checks[2].how);
	assert_true(l->c->checks[0].key != l->c->checks[1].key);
	assert_int_equal(l->c->checks[1].addr.bytes[3], 2);
	assert_int_equal(l->c->checks[1].where.line, 10);
	loaded_free(l);
}

static const char bfds[] = "bfd_instance other {\nneighbor_ip 10.0.1.7\n}\n",
		  bfd[] = "bfd_instance one {\nneighbor_ip 10.0.1.1\n}\n", files[] = "track_file x {\nfile /x\n}\n",
		  file[] = "track_file f {\nfile /f\n}\n";

static void equality_knows_no_indices(void **state)
{
	static const char vs[] =
		"virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.1.1 80 {\n"
		"BFD_CHECK {\nname one\n}\nFILE_CHECK {\ntrack_file f\n}\nTCP_CHECK {\n}\n}\n}\n";
	static const char before[] = "virtual_server 10.0.0.9 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n"
				     "real_server 10.0.1.9 80 {\nTCP_CHECK {\n}\n}\n}\n";
	char x[2000], y[2000];
	struct loaded *a, *b;

	snprintf(x, sizeof(x), "%s%s%s", bfd, file, vs);
	snprintf(y, sizeof(y), "# other places, other indices\n%s%s%s%s%s%s", bfds, bfd, files, file, before, vs);
	a = load_text(x);
	b = load_text(y);
	assert_int_equal(a->c->n_servers, 1);
	assert_int_equal(b->c->n_servers, 2);
	assert_int_equal(a->c->servers[0].rs[0].n_checks, 3);
	assert_true(a->c->servers[0].rs[0].checks[0] != b->c->servers[1].rs[0].checks[0]);
	assert_true(conf_vs_equal(a->c, &a->c->servers[0], b->c, &b->c->servers[1]));
	assert_false(conf_vs_equal(a->c, &a->c->servers[0], b->c, &b->c->servers[0]));
	for (uint32_t i = 0; i < 3; i++)
		assert_true(a->c->checks[a->c->servers[0].rs[0].checks[i]].key ==
			    b->c->checks[b->c->servers[1].rs[0].checks[i]].key);
	loaded_free(a);
	loaded_free(b);
}

static void equality_sees_every_change(void **state)
{
	static const char *const changes[] = {
		"lb_algo wrr",
		"lb_kind NAT",
		"protocol UDP",
		"persistence_timeout 9",
		"quorum 2\nweight 2",
		"omega",
		"alpha",
		"hysteresis 1\nquorum 3\nweight 3",
		"sorry_server 10.0.1.9 80",
		"quorum_up /bin/true",
		"quorum_down /bin/true",
		"virtualhost x",
		"snmp_name x",
		"ha_suspend",
		"smtp_alert",
		"delay_loop 9",
		"inhibit_on_failure",
		"slow_start 3",
		"drain",
		"real_server 10.0.1.2 80 {\n}",
		"persistence_granularity 255.255.0.0",
		"flag-1",
	};
	struct loaded *a = service("", "TCP_CHECK {\n}"), *same = service("# remark", "TCP_CHECK {\n\n}"), *b;

	assert_true(conf_vs_equal(a->c, &a->c->servers[0], same->c, &same->c->servers[0]));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		b = service(changes[i], "TCP_CHECK {\n}");
		if (conf_vs_equal(a->c, &a->c->servers[0], b->c, &b->c->servers[0]))
			print_error("%s is not seen\n", changes[i]);
		assert_false(conf_vs_equal(a->c, &a->c->servers[0], b->c, &b->c->servers[0]));
		loaded_free(b);
	}
	loaded_free(a);
	loaded_free(same);
}

static void groups_hold_ranges_and_marks(void **state)
{
	struct loaded *l = load_text(
		"virtual_server_group g {\n10.0.0.1 80\n10.0.0.5-9 81\n10.0.0.250-10.0.1.3\n10.0.2.8/29 82\n"
		"fwmark 7\n}\nvirtual_server group g {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n"
		"persistence_timeout 5\nreal_server 10.0.1.1 80 {\nPASSIVE_CHECK {\n}\n}\n}\n");
	const struct conf_vsg *g = &l->c->vsgs[l->c->servers[0].vsg];
	uint32_t counts[] = { 1, 5, 10, 8, 1 };

	assert_string_equal(l->messages, "");
	assert_int_equal(g->n_entries, 5);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(g->entries[i].count, counts[i]);
		assert_int_equal(g->entries[i].first.family, AF_INET);
	}
	assert_int_equal(g->entries[4].fwmark, 7);
	/* one PASSIVE_CHECK for each address and mark */
	assert_int_equal(l->c->n_checks, 25);
	assert_int_equal(l->c->checks[6].how->passive.service.bytes[3], 250);
	assert_int_equal(l->c->checks[12].how->passive.service.bytes[2], 1); /* 250 + 6 carries over */
	assert_int_equal(l->c->checks[12].how->passive.service.bytes[3], 0);
	assert_int_equal(l->c->checks[24].how->passive.service_mark, 7);
	loaded_free(l);
}

static void via_vip_is_the_services_address(void **state)
{
	struct loaded *l = service("", "TCP_CHECK {\nvia_vip\n}");
	const struct conf_check *c = first_check(l);

	assert_int_equal(c->via_vip.family, AF_INET);
	assert_int_equal(c->via_vip.bytes[3], 1);
	assert_int_equal(c->via_method, IP_VS_CONN_F_DROUTE);
	assert_int_equal(first_target(l)->addr.bytes[2], 1);
	loaded_free(l);
}

static void udp_payloads_are_read_as_keepalived_does(void **state)
{
	struct loaded *l = service("", "UDP_CHECK {\npayload Ab12f 3 456 546443123\nrequire_reply 0X x1 f\n}");
	const struct conf_check *c = first_check(l);

	assert_int_equal(c->udp.n_payload, 11);
	assert_memory_equal(c->udp.payload, "\xab\x12\x0f\x03\x45\x06\x54\x64\x43\x12\x03", 11);
	assert_int_equal(c->udp.n_reply, 3);
	assert_memory_equal(c->udp.reply, "\x00\x01\x0f", 3);
	assert_memory_equal(c->udp.reply_mask, "\xf0\x0f\xff", 3);
	assert_int_equal(c->udp.max_reply, 255);
	loaded_free(l);
}

static void templates_of_a_service_check(void **state)
{
	struct loaded *l = load_text(
		"service_check 10.0.0.1 80 {\nfall 3\nvirtualhost v\nHTTP_GET {\nurl {\npath /h\n}\n}\n}\n");
	const struct conf_service_check *s = l->c->service_checks;

	assert_int_equal(l->c->n_service_checks, 1);
	assert_int_equal(s->n_templates, 1);
	assert_int_equal(s->protocol, IPPROTO_TCP);
	assert_int_equal(s->templates[0].fall, 3);
	assert_int_equal(s->templates[0].target.family, 0);
	assert_int_equal(s->templates[0].target.port, 0);
	assert_string_equal(s->templates[0].http.urls[0].virtualhost, "v");
	assert_true(l->c->has_lvs);
	loaded_free(l);
}

static void an_adopted_service_gets_the_checks_that_ask_for_it(void **state)
{
	struct loaded *l = load_text(
		"service_check 10.0.0.1 80 {\nfall 3\nTCP_CHECK {\n}\n}\n"
		"virtual_server 10.0.0.1 80 {\nadopted\nprotocol TCP\n"
		"real_server 192.168.0.1 8080 {\nweight 3\nlvs_method DR\n}\n"
		"real_server 192.168.0.2 80 {\nlvs_method NAT\n}\n}\n"
		"virtual_server 10.0.0.2 80 {\nadopted\nprotocol TCP\nreal_server 192.168.0.3 80 {\n}\n}\n");

	assert_int_equal(l->c->n_messages, 0);
	assert_int_equal(l->c->n_servers, 1); /* nobody asks for the other one */
	assert_int_equal(l->c->servers[0].n_rs, 2);
	assert_int_equal(l->c->servers[0].rs[0].addr.port, 8080); /* as it stands in the table, DR or not */
	assert_int_equal(l->c->servers[0].rs[0].n_checks, 1);
	assert_int_equal(l->c->n_checks, 2);
	assert_int_equal(l->c->checks[0].how->fall, 3);
	assert_int_equal(l->c->checks[0].addr.port, 8080);
	loaded_free(l);
}

/*
 * A check goes to the port that was written, also where the server's own gives way: keepalived's users count on it.
 */
static void checks_keep_the_port_that_was_written(void **state)
{
	struct loaded *l = load_text("virtual_server fwmark 7 {\n lb_algo rr\n lb_kind DR\n"
				     " real_server 10.0.1.1 8080 {\n  TCP_CHECK {\n  }\n }\n}\n"
				     "virtual_server 10.0.0.1 80 {\n protocol TCP\n lb_algo rr\n lb_kind DR\n"
				     " real_server 10.0.1.2 81 {\n  TCP_CHECK {\n  }\n }\n"
				     " real_server 10.0.1.3 81 {\n  TCP_CHECK {\n   connect_port 82\n  }\n }\n"
				     " real_server 10.0.1.4 {\n  TCP_CHECK {\n  }\n }\n}");
	static const uint16_t want[] = { 8080, 81, 82, 80 };

	assert_int_equal(l->c->n_checks, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(l->c->checks[i].addr.port, want[i]);
	assert_int_equal(l->c->servers[0].rs[0].addr.port, 0);
	assert_int_equal(l->c->servers[1].rs[0].addr.port, 80);
	loaded_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_come_from_the_nearest_level),
		cmocka_unit_test(each_kind_has_its_own_defaults),
		cmocka_unit_test(virtualhost_comes_from_the_nearest_level),
		cmocka_unit_test(servers_inherit_too),
		cmocka_unit_test(persistence_and_flags),
		cmocka_unit_test(equal_checks_are_one),
		cmocka_unit_test(any_difference_makes_two),
		cmocka_unit_test(what_differs_only_in_its_target_is_kept_once),
		cmocka_unit_test(equality_knows_no_indices),
		cmocka_unit_test(equality_sees_every_change),
		cmocka_unit_test(groups_hold_ranges_and_marks),
		cmocka_unit_test(via_vip_is_the_services_address),
		cmocka_unit_test(udp_payloads_are_read_as_keepalived_does),
		cmocka_unit_test(templates_of_a_service_check),
		cmocka_unit_test(an_adopted_service_gets_the_checks_that_ask_for_it),
		cmocka_unit_test(checks_keep_the_port_that_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
