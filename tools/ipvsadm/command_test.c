/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command_test - command lines and what becomes of them: the parsed command, or the message and status that the
 * original gives. No daemon, no root, no resolver beyond /etc/services.
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

#include "command.h"

#define WORDS_MAX 32

/* Parses "ipvsadm LINE"; a word _ stands for an empty one. */
static enum parse_result parse(struct command *cmd, const char *line, char **err, int *status)
{
	static char text[512], empty[] = "", prog[] = "ipvsadm";
	char *argv[WORDS_MAX + 2] = { prog }, *save = NULL, *word;
	int n = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (word = strtok_r(text, " ", &save); word && n < WORDS_MAX; word = strtok_r(NULL, " ", &save))
		argv[n++] = strcmp(word, "_") ? word : empty;
	return command_parse(cmd, argv, err, status);
}

static void must_fail(const char *line, enum parse_result want, int want_status, const char *want_err)
{
	struct command cmd;
	char *err = NULL;
	int status = 0;
	enum parse_result result = parse(&cmd, line, &err, &status);

	if (result != want || status != want_status || !err || strcmp(err, want_err))
		fail_msg("`ipvsadm %s': result %d, status %d, \"%s\"; wanted %d, %d, \"%s\"", line, result, status,
			 err ? err : "(none)", want, want_status, want_err);
	free(err);
}

static struct command must_pass(const char *line)
{
	struct command cmd;
	char *err = NULL;
	int status = 0;

	if (parse(&cmd, line, &err, &status) != PARSE_OK)
		fail_msg("`ipvsadm %s': %s", line, err ? err : "refused without a message");
	return cmd;
}

static const char try_help[] = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

static void a_line_with_a_mistake_gets_the_originals_message(void **state)
{
	static const struct {
		const char *line, *err;
	} rows[] = {
		{ "-A", "You need to supply the 'service-address' option for the 'add-service' command" },
		{ "-A -t 1.2.3.4", "Zero port specified for non-persistent service" },
		{ "-A -t 1.2.3.4:80 -s rr -s wlc", "multiple 'scheduler' options specified" },
		{ "-A -t 1.2.3.4:80 -u 1.2.3.4:80", "multiple 'service-address' options specified" },
		{ "-A -D -t 1.2.3.4:80", "invalid option `-D'" },
		{ "-A --start-daemon master", "invalid option `master'" },
		{ "-Lh", "invalid option `-Lh'" },
		{ "-A -6 -f 1", "-6 used before -f\n" },
		{ "-A -t [2001:db8::1]", "illegal virtual server address[:port] specified" },
		{ "-A -t 80", "illegal virtual server address[:port] specified" },
		{ "-A -t [2001:db8::1]:80 -p -M 129", "illegal ipv6 netmask specified" },
		{ "-A -t 1.2.3.4:80 -o", "One-Packet Scheduling is only for UDP virtual services" },
		{ "-A -f 0", "invalid fwmark value `0' specified" },
		{ "-A -f 4294967296", "invalid fwmark value `4294967296' specified" },
		{ "-A -t 1.2.3.4:80 -b sh-port", "incompatible scheduler flag `sh-port'" },
		{ "-A -b bogus", "invalid scheduler flag `bogus'" },
		{ "-A -b bogus foo", "unexpected argument foo" },
		{ "-a -t 1.2.3.4:80", "You need to supply the 'real-server' option for the 'add-server' command" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -m -g", "multiple 'forwarding-method' options specified" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -w 2147483648", "illegal weight specified" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -w _", "illegal weight specified" },
		{ "-a -t 1.2.3.4:80 -r [2001:db8::1]:80 -m",
		  "Different address family is allowed only for tunneling servers" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -m --tun-type gue", "Tunnel options conflict with forward method" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-type gue",
		  "You need to supply the 'tun-port' option for the 'gue' tunnel type" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-type gue --tun-port 1 --tun-csum --tun-remcsum",
		  "The option 'tun-remcsum' conflicts with the 'tun-csum' option in the 'gue' tunnel type" },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -i --tun-csum",
		  "Illegal 'tun-csum' option with the 'ipip' tunnel type" },
		{ "-L -c --stats", "options conflicts in the list command" },
		{ "-L --timeout -c",
		  "The option 'timeout' conflicts with the 'connection' option in the 'list' command" },
		{ "-list", "Illegal 'scheduler' option with the 'list' command" },
		{ "-C -n", "Illegal 'numeric' option with the 'flush' command" },
		{ "--set 1 2", "--set option requires 3 timeout values" },
		{ "--set x 2", "--set option requires 3 timeout values" },
		{ "--set 1 2 x 4", "invalid timeout value `x' specified" },
		{ "--set 1 2 3 4", "unexpected argument 4" },
		{ "--set 1 2 2678401", "invalid timeout value `2678401' specified" },
		{ "--start-daemon foo -q", "illegal start-daemon parameter specified" },
		{ "--stop-daemon foo", "illegal start_daemon specified" },
		{ "--start-daemon master --syncid 256", "illegal syncid specified" },
		{ "--start-daemon master --mcast-group 10.0.0.1", "invalid IPv4 mcast-group `10.0.0.1'" },
		{ "--start-daemon master --mcast-group ::1", "invalid IPv6 mcast-group `::1'" },
		{ "--restore --nosort", "Illegal 'nosort' option with the 'restore' command" },
		{ "- -L", "unexpected argument -" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		must_fail(rows[i].line, PARSE_FAILED, STATUS_USAGE, rows[i].err);
}

static void the_first_option_is_the_command(void **state)
{
	static const char *const lines[] = {
		"foo",	 "-n",	    "-X",	  "--bogus", "-t 1.2.3.4:80 -A", "--start-daemon", "-L=n", "--list=",
		"-- -L", "--set=1", "--add-serv", "_",	     "---list",
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		must_fail(lines[i], PARSE_FAILED, STATUS_REFUSED, try_help);
}

static void a_word_that_fits_no_option_is_named(void **state)
{
	static const struct {
		const char *line, *err;
	} rows[] = {
		{ "-A -t", "-t: missing argument" },
		{ "-At", "-At: missing argument" },
		{ "-A -t 1.2.3.4:80 --sched rr", "--sched: unknown option" },
		{ "-A -qn", "-qn: unknown option" },
		{ "-L --numeric=1", "--numeric=1: option does not take an argument" },
		{ "-Ln=c", "-Ln=c: option does not take an argument" },
		{ "--set 1 2 -q", "-q: unknown option" },
		{ "-A -t 1.2.3.4:80 -p -1", "-1: unknown option" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		must_fail(rows[i].line, PARSE_BAD_WORD, STATUS_REFUSED, rows[i].err);
}

static void help_and_version_count_as_first_option_only(void **state)
{
	struct command cmd;
	char *err = NULL;
	int status = 0;

	assert_int_equal(parse(&cmd, "-h foo --bogus", &err, &status), PARSE_HELP);
	assert_int_equal(parse(&cmd, "-vh", &err, &status), PARSE_VERSION);
	assert_null(err);
	must_fail("-L -v", PARSE_FAILED, STATUS_USAGE, "invalid option `-v'");
}

static void a_service_is_described_whole(void **state)
{
	struct command c = must_pass("-A -t 1.2.3.4:80 -s SH -p100 -M 255.255.255.0 --pe sip -b sh-port,sh-fallback");

	assert_int_equal(c.op, OP_ADD);
	assert_int_equal(c.svc.af, AF_INET);
	assert_int_equal(c.svc.proto, IPPROTO_TCP);
	assert_int_equal(c.svc.addr.a[0], htonl(0x01020304));
	assert_int_equal(c.svc.port, htons(80));
	assert_string_equal(c.svc.sched, "sh");
	assert_string_equal(c.svc.pe, "sip");
	assert_int_equal(c.svc.timeout, 100);
	assert_int_equal(c.svc.netmask, htonl(0xffffff00));
	assert_int_equal(c.svc.flags, IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED1 | IP_VS_SVC_F_SCHED2);
}

static void values_may_be_attached_in_every_way_popt_knows(void **state)
{
	static const char *const lines[] = {
		"-A -t 1.2.3.4:80 -s rr -p 60",
		"-At 1.2.3.4:80 -srr -p60",
		"-A -t=1.2.3.4:80 -s=rr -p=60",
		"--add-service --tcp-service=1.2.3.4:80 --scheduler=rr --persistent=60",
		"-A -t1.2.3.4:80 -s rr -p 60 --",
	};
	struct command want = must_pass(lines[0]), got;
	size_t i;

	for (i = 1; i < sizeof(lines) / sizeof(lines[0]); i++) {
		got = must_pass(lines[i]);
		assert_memory_equal(&got, &want, sizeof(got));
	}
}

static void defaults_are_the_originals(void **state)
{
	struct command c = must_pass("-A -f 7 -p");

	assert_string_equal(c.svc.sched, "wlc");
	assert_int_equal(c.svc.timeout, 360);
	assert_int_equal(c.svc.netmask, UINT32_MAX);
	c = must_pass("-A -f 7 -M 24 -6 -p");
	assert_int_equal(c.svc.af, AF_INET6);
	assert_int_equal(c.svc.netmask, 128);
	c = must_pass("-a -t 1.2.3.4:80 -r 10.0.0.1");
	assert_int_equal(c.dest.weight, 1);
	assert_int_equal(c.dest.method, IP_VS_CONN_F_DROUTE);
	assert_string_equal(c.svc.sched, "");
	c = must_pass("--start-daemon master");
	assert_string_equal(c.daemon.ifname, "eth0");
	assert_int_equal(c.daemon.syncid, 0);
}

static void a_servers_port(void **state)
{
	static const struct {
		const char *line;
		uint16_t port;
	} rows[] = {
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1 -m", 80 }, /* the service's */
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:8080 -m", 8080 },
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:0 -m", 0 },
		{ "-a -r 10.0.0.1 -t 1.2.3.4:80 -m", 0 },    /* the service was not known yet */
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:8080", 80 }, /* direct routing cannot change it */
		{ "-a -t 1.2.3.4:80 -r 10.0.0.1:8080 -i", 80 },
		{ "-a -f 1 -r 10.0.0.1:8080 -g", 8080 },
		{ "-d -t 1.2.3.4:80 -r 10.0.0.1:8080", 8080 },
		{ "-a -t [2001:db8::1]:80 -r [10.0.0.1]:99 -i", 80 },
	};
	struct command c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c = must_pass(rows[i].line);
		if (c.dest.port != htons(rows[i].port))
			fail_msg("`ipvsadm %s': port %u, wanted %u", rows[i].line, ntohs(c.dest.port), rows[i].port);
	}
}

static void addresses_in_all_the_forms_that_are_taken(void **state)
{
	static const struct {
		const char *word;
		uint16_t af;
		uint32_t first_word;
		int port; /* -1: refused */
	} rows[] = {
		{ "192.0.2:80", AF_INET, 0xc0000002, 80 },
		{ "0xc000020b:81", AF_INET, 0xc000020b, 81 },
		{ "3221226000:81", AF_INET, 0xc0000210, 81 },
		{ "192.0.2.10:+80", AF_INET, 0xc000020a, 80 },
		{ "[192.0.2.10]:80", AF_INET, 0xc000020a, 0 },
		{ "[192.0.2.10]:", AF_INET, 0xc000020a, 0 },
		{ "2001:db8::25:80", AF_INET6, 0x20010db8, 0 },
		{ "[2001:db8::25]:80", AF_INET6, 0x20010db8, 80 },
		{ "3221226000", 0, 0, -1 },
		{ "192.0.2.10:", 0, 0, -1 },
		{ ":80", 0, 0, -1 },
		{ "192.0.2.10:65536", 0, 0, -1 },
		{ "192.0.2.10:-1", 0, 0, -1 },
		{ "[2001:db8::25]", 0, 0, -1 },
		{ "[2001:db8::25]80", 0, 0, -1 },
		{ "[2001:db8::25]:", 0, 0, -1 },
		{ "[2001:db8::25]:80:90", 0, 0, -1 },
		{ "", 0, 0, -1 },
	};
	struct endpoint ep;
	size_t i;
	int r;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = addr_parse_endpoint(&ep, rows[i].word, IPPROTO_TCP);
		if (rows[i].port < 0) {
			if (!r)
				fail_msg("%s was taken", rows[i].word);
			continue;
		}
		if (r || ep.addr.af != rows[i].af || ntohl(ep.addr.a[0]) != rows[i].first_word ||
		    ntohs(ep.port) != rows[i].port)
			fail_msg("%s: %d, family %u, %08x port %u", rows[i].word, r, ep.addr.af, ntohl(ep.addr.a[0]),
				 ntohs(ep.port));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_with_a_mistake_gets_the_originals_message),
		cmocka_unit_test(the_first_option_is_the_command),
		cmocka_unit_test(a_word_that_fits_no_option_is_named),
		cmocka_unit_test(help_and_version_count_as_first_option_only),
		cmocka_unit_test(a_service_is_described_whole),
		cmocka_unit_test(values_may_be_attached_in_every_way_popt_knows),
		cmocka_unit_test(defaults_are_the_originals),
		cmocka_unit_test(a_servers_port),
		cmocka_unit_test(addresses_in_all_the_forms_that_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
