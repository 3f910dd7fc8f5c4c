/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_test - the canonical form loads to the same configuration: for texts made at random from the table of words
 * itself (so that no word can be forgotten), and for every file that the tests have.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "keywords.h"
#include "load.h"
#include "load_text.h"
#include "store.h"

#define ROUNDS 400

/* ---- texts at random ---- */
struct maker {
	FILE *out;
	uint32_t random, names;
};

static uint32_t next(struct maker *m, uint32_t below)
{
	m->random = m->random * 1664525u + 1013904223u;
	return (m->random >> 8) % below;
}

/* What words that are read by a function of their own may be followed by; several with | between them */
static const struct {
	const char *word, *args;
} samples[] = {
	{ "notification_email", "{ a@b \"c d\"\n e@f\n }" },
	{ "smtp_server", "mail.example 26|10.0.0.1" },
	{ "vrrp_cpu_affinity", "0 2" },
	{ "checker_cpu_affinity", "1" },
	{ "bfd_cpu_affinity", "0 1 2" },
	{ "umask", "0027|IRUSR|0177" },
	{ "dynamic_interfaces", "|allow_if_changes" },
	{ "reload_check_config", "|/tmp/log" },
	{ "reload_time_file", "/tmp/time" },
	{ "script_user", "bob|bob staff" },
	{ "notify_fifo_script", "/bin/f|\"/bin/f 'a b'\" bob" },
	{ "lvs_notify_fifo_script", "/bin/g" },
	{ "vrrp_notify_fifo_script", "/bin/h bob staff" },
	{ "lvs_sync_daemon", "eth0 inst V1 id 3 ttl 5|eth1 group 224.0.0.99|eth0 maxlen 1400 port 9000" },
	{ "lvs_timeouts", "tcp 5 udp 7|tcpfin 9" },
	{ "lvs_flush_on_stop", "|VS" },
	{ "lvs_flush_onstop", "VS" },
	{ "vrrp_garp_extra_if", "all 3|0.5" },
	{ "vrrp_vmac_garp_intvl", "4" },
	{ "vrrp_iptables", "|IN|IN OUT" },
	{ "static_ipaddress", "{ 10.7.0.1/24 dev eth1 brd + scope link label eth1:x\n2001:db8::7/64 nodad home\n }" },
	{ "static_routes",
	  "{ default via 10.7.0.254 append\n10.8.0.0/16 via 10.7.0.1 or 10.7.0.2 dev eth1 no_track\n }" },
	{ "static_rules", "{ from 10.8.0.0/16 table 7\nto 2001:db8::/32 lookup 8 priority 5\n }" },
	{ "interface_up_down_delays", "{ eth0 1.5 2\neth1 0.25\n }" },
	{ "group", "{ V1\nV2\n }|{ V3 }" },
	{ "weight", "5|-3 reverse|0" },
	{ "init_file", "|7|-2 overwrite" },
	{ "process", "nginx|\"a b\" -g \"c d\"" },
	{ "param_match", "initial|partial" },
	{ "user", "bob|bob staff" },
	{ "interfaces", "{ eth0 eth1\n }" },
	{ "interface", "eth0|eth1|eth2" },
	{ "notify_deleted", "|\"/bin/del 'x y'\" bob" },
	{ "garp_extra_if", "all 7|0" },
	{ "vmac_garp_intvl", "6" },
	{ "track_interface", "{ eth3 weight 5\neth4\n }|{ eth5 weight -5 reverse\n }" },
	{ "track_script", "{ S1\nS2 weight 9 noreverse\n }" },
	{ "track_process", "{ P1 weight 3\n }" },
	{ "track_file", "{ F1\n }|{ F1 weight 2 reverse\n }" },
	{ "track_bfd", "{ B1 weight -8\n }" },
	{ "auth_pass", "1111|\"pass word\"|longerthaneight" },
	{ "key", "1 hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff|2 file:/key" },
	{ "lvs_sync_daemon_interface", "eth3" },
	{ "use_vmac", "|vm7|vm8 00:11:22:33:44:55|00:11:22:33:44" },
	{ "use_ipvlan", "|ipv1 10.9.9.9 private|vepa" },
	{ "unicast_peer", "{ 10.3.0.1\n10.3.0.2 min_ttl 5 max_ttl 9\n }" },
	{ "old_unicast_checksum", "|never" },
	{ "virtual_ipaddress",
	  "{ 10.4.0.1/24 dev eth1 label eth1:v\n10.4.0.2 no_track\n10.4.0.3 peer 10.4.0.9\n }|{ 2001:db8::4\n"
	  "2001:db8::5/64 -nodad preferred_lft forever scope host\n }" },
	{ "virtual_ipaddress_excluded", "{ 10.4.1.1\n2001:db8::6 mngtmpaddr noprefixroute autojoin\n }" },
	{ "virtual_routes", "{ 10.5.0.0/16 dev eth1 scope link add\nblackhole 10.6.0.0/16\n }" },
	{ "virtual_rules", "{ fwmark 7 table 9\n }" },
	/* virtual servers */
	{ "virtual_server_group", "G1 { 10.20.0.1-4 80\n10.20.1.0/30 80\nfwmark 77 inet\n }" },
	{ "lvs_sched", "rr|wlc|sh" },
	{ "lb_algo", "wrr|mh" },
	{ "lvs_method", "NAT|DR|TUN|TUN type gue port 4000 csum" },
	{ "lb_kind", "NAT|DR" },
	{ "ops", "" },
	{ "flag-1", "" },
	{ "flag-2", "" },
	{ "flag-3", "" },
	{ "sh-port", "" },
	{ "sh-fallback", "" },
	{ "mh-port", "" },
	{ "mh-fallback", "" },
	{ "persistence_timeout", "|50" },
	{ "persistence_granularity", "255.255.255.0|64" },
	{ "sorry_server", "10.30.0.1 80|10.30.0.2" },
	{ "sorry_server_inhibit", "" },
	{ "sorry_server_lvs_method", "NAT" },
	{ "connect_ip", "10.31.0.1" },
	{ "bindto", "10.31.0.2" },
	{ "via_vip", "|10.31.0.3" },
	{ "payload", "00ff10" },
	{ "require_reply", "|0x1X" },
	{ "digest", "640205b7b0fc66c1ea91c463fac6334d" },
	{ "status_code", "200|200-204 301 404" },
	{ "regex_options", "caseless dotall" },
	{ "regex_stack", "1000 2000" },
	{ "snmp_socket", "unix:/run/x|tcp:127.0.0.1:705|udp6:[::1]:7050" },
	{ "enable_snmp_rfc", "" },
};

static void put_one_of(struct maker *m, const char *choices)
{
	unsigned n = 1;
	const char *p;

	for (p = choices; *p; p++)
		n += *p == '|';
	for (n = next(m, n); n; n--)
		choices = strchr(choices, '|') + 1;
	fprintf(m->out, " %.*s", (int)strcspn(choices, "|"), choices);
}

static void put_sample(struct maker *m, const struct row *r)
{
	for (unsigned i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (!strcmp(samples[i].word, r->word)) {
			put_one_of(m, samples[i].args);
			return;
		}
	fail_msg("print_test has no sample of %s", r->word);
}

static int64_t any_in_range(struct maker *m, const struct row *r)
{
	int64_t min, max, v;

	store_range(r, &min, &max);
	switch (next(m, 4)) {
	case 0:
		return min;
	case 1:
		return max;
	default:
		v = min +
		    (int64_t)(((uint64_t)next(m, 1 << 20) << 20 | next(m, 1 << 20)) % ((uint64_t)(max - min) + 1));
		return v;
	}
}

static void put_enum(struct maker *m, const struct row *r)
{
	unsigned n = 0;

	while (r->words[n].word)
		n++;
	fprintf(m->out, " %s", r->words[next(m, n)].word);
}

static void put_addr(struct maker *m, const struct row *r)
{
	static const char *const v4[] = { "10.40.0.1", "224.0.1.7", "10.40.0.2" };
	static const char *const v6[] = { "2001:db8::40", "ff02::77", "fe80::9" };

	fprintf(m->out, " %s", r->min == 10 || (!r->min && next(m, 4) == 0) ? v6[next(m, 3)] : v4[next(m, 3)]);
	if (r->kind == V_ADDR_PORT && next(m, 2))
		fprintf(m->out, " %u", 1 + next(m, 65535));
}

static void put_args(struct maker *m, const struct row *r)
{
	static const char *const strings[] = { "plain",	    "\"two words\"", "\"with # and { and !\"",
					       "/abs/path", "a.b-c_d",	     "\"(a|b)+\"" };
	static const char *const scripts[] = { "/bin/true", "\"/bin/x 'a b' \\\"c\\\"\"",
					       "\"/bin/x \\x24HOME \\\\ y\"", "\"[[ -f /x ]] && exit 1\"" };
	int64_t v;

	switch (r->kind) {
	case V_BOOL:
	case V_TRISTATE:
		put_one_of(m, "|on|off|yes|false");
		break;
	case V_NUM:
	case V_USECS:
		fprintf(m->out, " %lld", (long long)any_in_range(m, r));
		break;
	case V_SECS:
	case V_MSECS:
		v = any_in_range(m, r);
		fprintf(m->out, r->kind == V_SECS ? " %lld.%06lld" : " %lld.%03lld",
			(long long)(v / (r->kind == V_SECS ? 1000000 : 1000)),
			(long long)(v % (r->kind == V_SECS ? 1000000 : 1000)));
		break;
	case V_ENUM:
		put_enum(m, r);
		break;
	case V_STRING:
		fprintf(m->out, " %s", strings[next(m, 6)]);
		break;
	case V_ADDR:
	case V_ADDR_PORT:
		put_addr(m, r);
		break;
	case V_SCRIPT:
		fprintf(m->out, " %s", scripts[next(m, 4)]);
		if (!(r->flags & R_NO_USER))
			put_one_of(m, "| bob| bob staff");
		break;
	case V_FIFO:
		put_one_of(m, "/run/fifo|/run/fifo bob staff");
		break;
	case V_LIST:
	case V_CUSTOM:
		put_sample(m, r);
		break;
	default:
		break;
	}
}

static void put_block(struct maker *m, const struct schema_block *b, const char *head);

/* What stands between the keyword and the brace */
static void put_nested(struct maker *m, const struct row *r)
{
	char head[200];

	if (!strcmp(r->word, "real_server"))
		snprintf(head, sizeof(head), "real_server 10.50.%u.%u 80", m->names >> 8 & 255, m->names & 255);
	else
		snprintf(head, sizeof(head), "%s", r->word);
	m->names++;
	put_block(m, r->block, head);
}

/* Each row with a chance of one in three; a block several times */
static void put_block(struct maker *m, const struct schema_block *b, const char *head)
{
	fprintf(m->out, "%s {\n", head);
	for (const struct row_part *p = b->parts; p->table; p++)
		for (unsigned i = 0; i < p->table->n; i++) {
			const struct row *r = &p->table->rows[i];

			if (next(m, 3))
				continue;
			if (r->kind == V_BLOCK) {
				put_nested(m, r);
				continue;
			}
			fputs(r->word, m->out);
			put_args(m, r);
			fputc('\n', m->out);
		}
	fputs("}\n", m->out);
}

static void put_named(struct maker *m, const char *path, const char *letter, unsigned n)
{
	char head[100];

	for (unsigned i = 1; i <= n; i++) {
		snprintf(head, sizeof(head), "%s %s%u", path, letter, i);
		put_block(m, schema_path(path), head);
	}
}

static void put_instances(struct maker *m)
{
	for (unsigned i = 1; i <= 4; i++) {
		fprintf(m->out,
			"vrrp_instance V%u {\ninterface eth%u\nvirtual_router_id %u\nvirtual_ipaddress { 10.60.0.%u "
			"}\n",
			i, i, i, i);
		put_block(m, schema_path("vrrp_instance"), "");
		fputs("}\n", m->out);
	}
}

static char *make_text(unsigned seed)
{
	struct maker m = { .random = seed * 2654435761u };
	char *text = NULL, *p;
	size_t size;

	m.out = open_memstream(&text, &size);
	put_block(&m, schema_path("global_defs"), "global_defs");
	put_named(&m, "vrrp_script", "S", 2);
	put_named(&m, "track_file", "F", 1);
	put_named(&m, "vrrp_track_process", "P", 1);
	fputs("bfd_instance B1 {\nneighbor_ip 10.61.0.1\n}\n", m.out);
	put_named(&m, "bfd_instance", "C", 1);
	put_named(&m, "track_group", "T", 1);
	put_block(&m, schema_path("garp_group"), "garp_group");
	put_named(&m, "vrrp_sync_group", "G", 2);
	put_instances(&m);
	put_block(&m, schema_path("SSL"), "SSL");
	put_block(&m, schema_path("virtual_server"), "virtual_server 10.62.0.1 80");
	put_block(&m, schema_path("virtual_server"), "virtual_server fwmark 9");
	put_block(&m, schema_path("virtual_server"), "virtual_server group G1");
	put_block(&m, schema_path("service_check"), "service_check 10.63.0.1 80");
	for (const struct row_part *part = schema_root.parts; part->table; part++)
		for (unsigned i = 0; i < part->table->n; i++)
			if (part->table->rows[i].kind != V_BLOCK && next(&m, 2)) {
				fputs(part->table->rows[i].word, m.out);
				put_args(&m, &part->table->rows[i]);
				fputc('\n', m.out);
			}
	fclose(m.out);
	/* instances are written with one block inside another: take the inner braces out */
	while ((p = strstr(text, "\n {\n")))
		memset(p + 1, ' ', 2);
	while ((p = strstr(text, "}\n}\nvrrp_instance")) || (p = strstr(text, "}\n}\nSSL")))
		*p = ' ';
	return text;
}

/* ---- the same? ---- */
static void equal_lists(const struct conf *a, const struct conf *b)
{
	assert_int_equal(a->n_vrrps, b->n_vrrps);
	for (uint32_t i = 0; i < a->n_vrrps; i++)
		if (!conf_vrrp_equal(a, &a->vrrps[i], b, &b->vrrps[i]))
			fail_msg("instance %s differs", a->vrrps[i].name);
	assert_int_equal(a->n_servers, b->n_servers);
	for (uint32_t i = 0; i < a->n_servers; i++)
		if (!conf_vs_equal(a, &a->servers[i], b, &b->servers[i]))
			fail_msg("virtual server %u differs", i);
	assert_int_equal(a->n_checks, b->n_checks);
	assert_int_equal(a->n_bfds, b->n_bfds);
	for (uint32_t i = 0; i < a->n_bfds; i++)
		assert_true(conf_bfd_equal(&a->bfds[i], &b->bfds[i]));
	assert_int_equal(a->n_scripts, b->n_scripts);
	for (uint32_t i = 0; i < a->n_scripts; i++)
		assert_true(conf_track_script_equal(&a->scripts[i], &b->scripts[i]));
	assert_int_equal(a->n_static_routes, b->n_static_routes);
	assert_int_equal(a->n_groups, b->n_groups);
	assert_int_equal(a->n_vsgs, b->n_vsgs);
	assert_int_equal(a->n_service_checks, b->n_service_checks);
}

/* Text, printed, loaded, printed: the same; and the printed text has no mistakes. */
static void round_trip(const char *what, const char *text)
{
	struct loaded *l = load_text(text), *again;
	char *first = printed(l->c), *second;
	const char *mistake;

	again = load_text(first);
	second = printed(again->c);
	if (strcmp(first, second)) {
		size_t i = 0, line = 0;

		while (first[i] == second[i])
			line = first[i++] == '\n' ? i : line;
		fail_msg("%s: printed\n%.400s\n--- and then\n%.400s\n--- messages\n%s", what, first + line,
			 second + line, again->messages);
	}
	/* servers that all have weight 0 have no quorum, however one writes it */
	mistake = strstr(again->messages, "error: ");
	if (mistake && !strstr(mistake, "exceeds total weight"))
		fail_msg("%s: the canonical form is said to be wrong: %.*s", what, (int)strcspn(mistake, "\n"),
			 mistake);
	equal_lists(l->c, again->c);
	free(first);
	free(second);
	loaded_free(l);
	loaded_free(again);
}

static void any_configuration_comes_back(void **state)
{
	char what[32];

	for (unsigned seed = 1; seed <= ROUNDS; seed++) {
		char *text = make_text(seed);

		snprintf(what, sizeof(what), "seed %u", seed);
		round_trip(what, text);
		free(text);
	}
}

static char *file_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(f);
	if (getdelim(&text, &size, 0, f) < 0)
		fail_msg("%s is empty", path);
	fclose(f);
	return text;
}

static void every_sample_comes_back(void **state)
{
	static const char *const patterns[] = { CONF_TESTS "/seeds/*", CONF_TESTS "/samples/keepalived.conf.*" };
	glob_t g = { 0 };

	for (unsigned i = 0; i < 2; i++)
		glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &g);
	assert_true(g.gl_pathc > 25);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *text = file_text(g.gl_pathv[i]);

		round_trip(g.gl_pathv[i], text);
		free(text);
	}
	globfree(&g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_configuration_comes_back),
		cmocka_unit_test(every_sample_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
