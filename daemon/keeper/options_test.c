/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options_test - keepalived's command line: each option, what may not be, and what is put together from several. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "options.h"

static char why[200];

static int parse(struct keeper_options *o, const char *line)
{
	static char copy[400];
	char *argv[40] = { "keepalived" };
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	argv[argc] = NULL;
	return keeper_options_parse(o, argc, argv, why, sizeof(why));
}

static void defaults(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, ""), 0);
	assert_string_equal(o.conf_file, "/etc/keepalived/keepalived.conf");
	assert_true(o.vrrp && o.check && o.bfd);
	assert_int_equal(o.facility, LOG_DAEMON);
	assert_false(o.test || o.print || o.dont_fork || o.has_umask);
}

static void stored(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, "-f /x -nlDGR -p a -r b -c d -b e -s ns -i id -I -V -X -e -d -m --ignore-sigint"),
			 0);
	assert_string_equal(o.conf_file, "/x");
	assert_true(o.dont_fork && o.console && o.detail && o.no_syslog && o.dont_respawn);
	assert_string_equal(o.pid, "a");
	assert_string_equal(o.vrrp_pid, "b");
	assert_string_equal(o.check_pid, "d");
	assert_string_equal(o.bfd_pid, "e");
	assert_string_equal(o.net_namespace, "ns");
	assert_string_equal(o.config_id, "id");
	assert_true(o.dont_release_ipvs && o.dont_release_vrrp && o.release_vips && o.all_includes && o.dump_conf);
	assert_true(o.core_dump && o.ignore_sigint);
	assert_int_equal(parse(&o, "--use-file=/y --dont-fork --log-console --pid=q --print-config"), 0);
	assert_string_equal(o.conf_file, "/y");
	assert_string_equal(o.pid, "q");
	assert_true(o.print);
}

static void parts(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, "-P"), 0);
	assert_true(o.vrrp && !o.check && o.bfd);
	assert_int_equal(parse(&o, "-C -B"), 0);
	assert_true(!o.vrrp && o.check && !o.bfd);
	assert_int_equal(parse(&o, "-P -C"), 0);
	assert_true(o.vrrp && o.check);
}

static void facilities(void **state)
{
	static const struct {
		const char *word;
		int facility;
	} rows[] = { { "0", LOG_LOCAL0 },
		     { "7", LOG_LOCAL7 },
		     { "local3", LOG_LOCAL3 },
		     { "user", LOG_USER },
		     { "daemon", LOG_DAEMON } };
	struct keeper_options o;
	char line[40];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(line, sizeof(line), "-S %s", rows[i].word);
		assert_int_equal(parse(&o, line), 0);
		assert_int_equal(o.facility, rows[i].facility);
	}
	assert_int_not_equal(parse(&o, "-S 8"), 0);
	assert_int_not_equal(parse(&o, "-S local"), 0);
	assert_non_null(strstr(why, "local"));
}

static void optional_arguments(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, "-t -g"), 0);
	assert_true(o.test);
	assert_null(o.test_file);
	assert_string_equal(o.log_file, "/tmp/keepalived.log");
	assert_int_equal(parse(&o, "-tout --log-file=x -M"), 0);
	assert_string_equal(o.test_file, "out");
	assert_string_equal(o.log_file, "x");
	assert_string_equal(o.core_pattern, "core");
	assert_true(o.core_dump);
}

static void refused(void **state)
{
	struct keeper_options o;

	assert_int_not_equal(parse(&o, "--no-such"), 0);
	assert_non_null(strstr(why, "--no-such"));
	assert_int_not_equal(parse(&o, "-f"), 0);
	assert_non_null(strstr(why, "missing"));
	assert_int_not_equal(parse(&o, "-n stray"), 0);
	assert_non_null(strstr(why, "stray"));
	assert_int_not_equal(parse(&o, "-u 8"), 0);
	assert_int_not_equal(parse(&o, "-u 1000"), 0);
	assert_int_not_equal(parse(&o, "--signum=KILL"), 0);
	assert_int_equal(parse(&o, "-u 027"), 0);
	assert_int_equal(o.umask, 027);
}

static void said_once(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, "-a --no-mem-check -x -A /agentx --perf=all"), 0);
	assert_int_equal(o.n_ignored, 3);
	assert_string_equal(o.ignored[0], "address-monitoring");
	assert_string_equal(o.ignored[2], "perf");
	assert_true(o.snmp);
	assert_string_equal(o.snmp_socket, "/agentx");
	assert_int_equal(parse(&o, "-a -a -a -a -a -a -a -a -a -a -a -a -a -a -a -a -a -a -a -a"), 0);
	assert_int_equal(o.n_ignored, KEEPER_IGNORED_MAX);
}

/* What follows is not ours. */
static void genhash(void **state)
{
	struct keeper_options o;

	assert_int_equal(parse(&o, "-T -s 10.0.0.1 -p 80 -u /"), 0);
	assert_true(o.genhash);
	assert_int_equal(o.genhash_at, 1);
	assert_int_equal(parse(&o, "-n --genhash --no-such"), 0);
	assert_int_equal(o.genhash_at, 2);
}

static void signals(void **state)
{
	assert_int_equal(keeper_signum("STOP"), SIGTERM);
	assert_int_equal(keeper_signum("RELOAD"), 1);
	assert_int_equal(keeper_signum("DATA"), 10);
	assert_int_equal(keeper_signum("STATS"), 12);
	assert_int_equal(keeper_signum("STATS_CLEAR"), 63);
	assert_int_equal(keeper_signum("JSON"), 36);
	assert_int_equal(keeper_signum("stop"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(stored),
		cmocka_unit_test(parts),
		cmocka_unit_test(facilities),
		cmocka_unit_test(optional_arguments),
		cmocka_unit_test(refused),
		cmocka_unit_test(said_once),
		cmocka_unit_test(genhash),
		cmocka_unit_test(signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
