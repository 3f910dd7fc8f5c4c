/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value_test - what a word may be: numbers, times, choices, addresses, commands, users, lines of ip(8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load_text.h"

/* Line 1 of global_defs is `line': its messages, and then the caller looks at the result */
static struct loaded *global_line(const char *line, bool test)
{
	char text[1000];

	snprintf(text, sizeof(text), "global_defs {\n%s\n}", line);
	return test ? load_text_test(text) : load_text(text);
}

static void says(const char *line, const char *want, bool test)
{
	struct loaded *l = global_line(line, test);

	assert_string_equal(l->messages, want);
	loaded_free(l);
}

static void numbers_keep_to_their_range(void **state)
{
	struct loaded *l = global_line("vrrp_priority -20\nchecker_rt_priority 99\nvrrp_garp_master_repeat 0", true);

	assert_string_equal(l->messages, "");
	assert_int_equal(l->c->global.vrrp.nice, -20);
	assert_int_equal(l->c->global.checker.rt_priority, 99);
	loaded_free(l);
	says("vrrp_priority -21", "k:2:15: error: vrrp_priority: number '-21' outside range [-20, 19]\n", true);
	says("vrrp_priority 99999999999999999999",
	     "k:2:15: error: vrrp_priority: number '99999999999999999999' outside range [-20, 19]\n", true);
	says("vrrp_priority x", "k:2:15: error: vrrp_priority: invalid number 'x'\n", true);
	says("vrrp_priority \"\"", "k:2:15: error: vrrp_priority: invalid number ''\n", true);
}

static void junk_behind_a_number_passes_but_for_the_test(void **state)
{
	struct loaded *l = global_line("checker_rt_priority 5x", false);

	assert_int_equal(l->c->global.checker.rt_priority, 5);
	assert_string_equal(l->messages,
			    "k:2:21: warning: checker_rt_priority: invalid number '5x', what follows the number "
			    "is ignored, write it without 'x'\n");
	loaded_free(l);
	l = global_line("checker_rt_priority 5x", true);
	assert_int_equal(l->c->global.checker.rt_priority, 0);
	assert_string_equal(l->messages,
			    "k:2:21: error: checker_rt_priority: invalid number '5x', write it without 'x'\n");
	loaded_free(l);
}

static uint64_t delay_of(const char *seconds)
{
	char line[200];
	struct loaded *l;
	uint64_t us;

	snprintf(line, sizeof(line), "vrrp_startup_delay %s", seconds);
	l = global_line(line, false);
	us = l->c->global.vrrp_startup_delay_us;
	loaded_free(l);
	return us;
}

static void seconds_have_six_decimals(void **state)
{
	assert_int_equal(delay_of("1"), 1000000);
	assert_int_equal(delay_of("0.5"), 500000);
	assert_int_equal(delay_of(".5"), 500000);
	assert_int_equal(delay_of("1."), 1000000);
	assert_int_equal(delay_of("+2"), 2000000);
	assert_int_equal(delay_of("0.000001"), 1);
	assert_int_equal(delay_of("1.0000005"), 1000001);
	assert_int_equal(delay_of("1.00000049"), 1000000);
	assert_int_equal(delay_of("1.9999999"), 2000000);
	assert_int_equal(delay_of("99999999999999999999999999"), 0);
	says("vrrp_startup_delay 1.0000005",
	     "k:2:20: error: vrrp_startup_delay: '1.0000005' has more than 6 decimals, it is "
	     "rounded to 1.000001\n",
	     true);
	says("vrrp_startup_delay -1", "k:2:20: error: vrrp_startup_delay: '-1' outside range [0, 10000]\n", true);
	says("vrrp_startup_delay .", "k:2:20: error: vrrp_startup_delay: invalid number of seconds '.'\n", true);
	says("vrrp_startup_delay 1.5s",
	     "k:2:20: error: vrrp_startup_delay: invalid number of seconds '1.5s', write it without 's'\n", true);
	says("vrrp_garp_interval 0", "k:2:20: error: vrrp_garp_interval: '0' outside range [0.000001, 3600]\n", true);
}

static void booleans_are_six_words(void **state)
{
	struct loaded *l = global_line("smtp_alert off\nchecker_log_all_failures\nuse_symlink_paths yes", true);

	assert_int_equal(l->c->global.smtp_alert, CONF_OFF);
	assert_true(l->c->global.checker_log_all_failures);
	assert_true(l->c->global.use_symlink_paths);
	loaded_free(l);
	says("smtp_alert Yes", "k:2:12: error: smtp_alert: 'Yes' is neither on, true, yes nor off, false, no\n",
	     true);
}

static void choices_are_named(void **state)
{
	says("vrrp_version 4", "k:2:14: error: vrrp_version: unknown value '4', it must be 2 or 3\n", true);
}

static void addresses_are_addresses(void **state)
{
	struct loaded *l = global_line("vrrp_mcast_group4 224.0.1.18\nstatus_listen 127.0.0.1 9165", true);

	assert_string_equal(l->messages, "");
	assert_int_equal(l->c->global.mcast_group4.bytes[2], 1);
	assert_int_equal(l->c->global.status_listen.port, 9165);
	loaded_free(l);
	says("vrrp_mcast_group4 10.0.0.1",
	     "k:2:19: error: vrrp_mcast_group4: '10.0.0.1' is not a multicast address, using 224.0.0.18\n", true);
	says("vrrp_mcast_group4 ff02::12", "k:2:19: error: vrrp_mcast_group4: 'ff02::12' is not an IPv4 address\n",
	     true);
	says("vrrp_mcast_group4 224.0.0",
	     "k:2:19: error: vrrp_mcast_group4: '224.0.0' is not an IP address (as 192.0.2.1 or 2001:db8::1)\n",
	     true);
}

static void odd_words_of_global_defs(void **state)
{
	struct loaded *l =
		global_line("umask IRUSR|IWGRP IXOTH\nvrrp_cpu_affinity 0 3\nlvs_timeouts tcp 7200 udp 60\n"
			    "lvs_flush_on_stop VS\ndynamic_interfaces allow_if_changes\nsmtp_server mail 26\n"
			    "notification_email { a@b c@d\n e@f }\nmax_auto_priority",
			    true);
	const struct conf_global *g = &l->c->global;

	assert_string_equal(l->messages, "");
	assert_int_equal(g->umask, 0421);
	assert_int_equal(g->vrrp.cpus, 9);
	assert_int_equal(g->timeout_tcp_s, 7200);
	assert_int_equal(g->timeout_tcpfin_s, 0);
	assert_int_equal(g->timeout_udp_s, 60);
	assert_true(g->lvs_flush_on_stop_vs && !g->lvs_flush_on_stop);
	assert_true(g->dynamic_interfaces && g->allow_if_changes);
	assert_string_equal(g->smtp_server, "mail");
	assert_int_equal(g->smtp_port, 26);
	assert_int_equal(g->n_mail_to, 3);
	assert_string_equal(g->mail_to[2], "e@f");
	assert_int_equal(g->max_auto_priority, 99);
	loaded_free(l);
	says("umask 01777",
	     "k:2:7: error: umask: '01777' is neither a number up to 0777 nor names like IRGRP|IWGRP\n", true);
	says("lvs_timeouts tcp 2678401", "k:2:18: error: lvs_timeouts: number '2678401' outside range [0, 2678400]\n",
	     true);
}

/* ---- commands ---- */
static struct loaded *startup(const char *rest)
{
	char text[1000];

	snprintf(text, sizeof(text), "global_defs {\nenable_script_security\nstartup_script %s\n}", rest);
	return load_text(text);
}

static void command_is(const char *rest, const char *const *argv, const char *user, const char *group)
{
	struct loaded *l = startup(rest);
	const struct conf_script *s = &l->c->global.startup;
	unsigned i;

	if (!s->argv)
		fail_msg("%s: %s", rest, l->messages);
	for (i = 0; argv[i]; i++) {
		assert_non_null(s->argv[i]);
		assert_string_equal(s->argv[i], argv[i]);
	}
	assert_null(s->argv[i]);
	assert_int_equal(s->has_user, *user != 0);
	assert_string_equal(s->user, user);
	assert_string_equal(s->group, group);
	loaded_free(l);
}
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void commands_are_split_without_a_shell(void **state)
{
	command_is("/bin/x", WORDS("/bin/x"), "", "");
	command_is("\"/bin/x a  b\"", WORDS("/bin/x", "a", "b"), "", "");
	command_is("\"/bin/x 'a b' c\"", WORDS("/bin/x", "a b", "c"), "", "");
	command_is("\"/bin/x a\" me", WORDS("/bin/x", "a"), "me", "");
	command_is("\"/bin/x a\" me us", WORDS("/bin/x", "a"), "me", "us");
	command_is("\"/bin/x a\" me:us", WORDS("/bin/x", "a"), "me", "us");
	command_is("/bin/x me :us", WORDS("/bin/x"), "me", "us");
	command_is("\"/bin/x \\x41\\102\\tz\"", WORDS("/bin/x", "AB", "z"), "", "");
	command_is("\"/bin/x http://h/?a=1&b=2\"", WORDS("/bin/x", "http://h/?a=1&b=2"), "", "");
}

static void what_only_a_shell_understands_gets_one(void **state)
{
	struct loaded *l = startup("\"[[ -f /etc/down ]] && exit 1 || exit 0\"");

	command_is("\"[[ -f /etc/down ]] && exit 1\"", WORDS("/bin/bash", "-c", "[[ -f /etc/down ]] && exit 1"), "",
		   "");
	command_is("\"/bin/x | /bin/y\"", WORDS("/bin/sh", "-c", "/bin/x | /bin/y"), "", "");
	command_is("\"/bin/x '|' y\"", WORDS("/bin/x", "|", "y"), "", "");
	command_is("\"</dev/tcp/127.0.0.1/80\"", WORDS("/bin/bash", "-c", "</dev/tcp/127.0.0.1/80"), "", "");
	assert_string_equal(l->messages,
			    "k:3:16: hint: startup_script: run by /bin/bash -c, for what only a shell understands "
			    "(keepalived would not)\n");
	loaded_free(l);
}

static void broken_commands_are_named(void **state)
{
	struct loaded *l = startup("\"/bin/x 'a\"");

	assert_null(l->c->global.startup.argv);
	assert_string_equal(
		l->messages,
		"k:3:16: error: startup_script: '/bin/x 'a' is not a command (a quotation mark missing?)\n");
	loaded_free(l);
	l = startup("/bin/x a b c d");
	assert_null(l->c->global.startup.argv);
	assert_string_equal(l->messages,
			    "k:3:16: error: startup_script: too many words: put the command and its arguments in "
			    "quotation marks, the user behind them\n");
	loaded_free(l);
}

static void what_cannot_or_must_not_run_is_left_out(void **state)
{
	struct loaded *l = load_text("global_defs {\nstartup_script /missing/x\nshutdown_script /secret/x\n}");

	assert_null(l->c->global.startup.argv);
	assert_string_equal(
		l->messages,
		"k:2:16: warning: startup_script: '/missing/x' is not found - disabling\n"
		"k:3:17: warning: shutdown_script: '/secret/x' is not executable for the user who is to run it - "
		"disabling\n");
	loaded_free(l);
	l = load_text("global_defs {\nstartup_script /open/x\n}");
	assert_non_null(l->c->global.startup.argv);
	assert_string_equal(
		l->messages,
		"k:2:16: security: startup_script: '/open/x' could be changed by others than root, who is to run "
		"it\n"
		"k:2:16: security: SECURITY VIOLATION - scripts are being executed but script_security not enabled: "
		"write enable_script_security and script_user in global_defs\n");
	loaded_free(l);
	l = load_text("global_defs {\nenable_script_security\nstartup_script /bin/x nosuch staff\n}");
	assert_null(l->c->global.startup.argv);
	assert_string_equal(l->messages,
			    "k:3:16: error: startup_script: there is no user nosuch or no group staff to run "
			    "'/bin/x' - disabling\n");
	loaded_free(l);
	l = load_text("global_defs {\nenable_script_security\nstartup_script /open/x\n}");
	assert_null(l->c->global.startup.argv);
	loaded_free(l);
}

static void script_user_runs_what_names_nobody(void **state)
{
	struct loaded *l = load_text(
		"vrrp_script a {\nscript /bin/a\n}\nvrrp_script b {\nscript \"/bin/b x\"\nuser bob staff\n}\n"
		"global_defs {\nscript_user ann\nenable_script_security\nnotify_fifo /run/f\n"
		"notify_fifo_script /bin/c carl\n}");
	const struct conf *c = l->c;

	assert_string_equal(l->messages, "");
	assert_string_equal(c->scripts[0].script.user, "ann");
	assert_string_equal(c->scripts[1].script.user, "bob");
	assert_string_equal(c->scripts[1].script.group, "staff");
	assert_string_equal(c->scripts[1].script.argv[1], "x");
	assert_string_equal(c->global.fifo.path, "/run/f");
	assert_string_equal(c->global.fifo.script.user, "carl");
	loaded_free(l);
}

/* ---- addresses, routes, rules ---- */
static void addresses_have_options(void **state)
{
	struct loaded *l = load_text(
		"static_ipaddress {\n192.0.2.1/24 dev eth1 label eth1:1 scope link brd + home\n"
		"192.0.2.2/255.255.255.128 peer 192.0.2.9 no_track\n2001:db8::1/64 -nodad preferred_lft 5\n}");
	const struct conf_vip *v = l->c->static_addresses;

	assert_string_equal(l->messages, "");
	assert_int_equal(l->c->n_static_addresses, 3);
	assert_int_equal(v[0].prefix, 24);
	assert_string_equal(v[0].dev, "eth1");
	assert_string_equal(v[0].label, "eth1:1");
	assert_int_equal(v[0].scope, 253);
	assert_true(v[0].brd_auto && v[0].home && !v[0].nodad);
	assert_int_equal(v[1].prefix, 25);
	assert_string_equal(v[1].dev, "eth0");
	assert_int_equal(v[1].peer.bytes[3], 9);
	assert_true(v[1].no_track);
	assert_string_equal(v[2].preferred_lft, "5");
	loaded_free(l);
}

static void wrong_addresses_are_named(void **state)
{
	struct loaded *l = load_text(
		"static_ipaddress {\n192.0.2.256\n192.0.2.1/33\n192.0.2.1/255.0.255.0\n192.0.2.1 devv eth0\n"
		"192.0.2.2 dev an_interface_too_long\n}");

	assert_string_equal(
		l->messages,
		"k:2:1: error: '192.0.2.256' is not an IP address with or without a prefix length (192.0.2.1/24)\n"
		"k:3:1: error: '192.0.2.1/33' is not an IP address with or without a prefix length (192.0.2.1/24)\n"
		"k:4:1: error: '192.0.2.1/255.0.255.0' is not an IP address with or without a prefix length "
		"(192.0.2.1/24)\n"
		"k:5:11: error: unknown word 'devv' behind an address (dev, label, scope, brd, peer, home, -nodad, "
		"mngtmpaddr, noprefixroute, autojoin, no_track, track_group, preferred_lft)\n"
		"k:5:16: error: unknown word 'eth0' behind an address (dev, label, scope, brd, peer, home, -nodad, "
		"mngtmpaddr, noprefixroute, autojoin, no_track, track_group, preferred_lft)\n"
		"k:6:15: error: 'an_interface_too_long' is not the name of an interface (at most 15 characters)\n");
	assert_int_equal(l->c->n_static_addresses, 2);
	loaded_free(l);
}

static void line_is(const struct conf_ipline *line, const char *want)
{
	char text[500] = "";

	for (const char *const *w = line->words; *w; w++) {
		strcat(text, *text ? " " : "");
		strcat(text, *w);
	}
	assert_string_equal(text, want);
}

static void routes_become_words_of_ip(void **state)
{
	struct loaded *l =
		load_text("static_routes {\nsrc 10.0.0.1 192.0.2.0/24 gw 10.0.0.254 dev eth0 no_track\n"
			  "192.0.2.0/24 via 10.0.0.1 or 10.0.0.2 dev eth1 append\nblackhole 192.0.2.9/32 add\n"
			  "default via inet6 fe80::1 dev eth0 inet6 mtu lock 1280\n}");
	const struct conf_ipline *r = l->c->static_routes;

	assert_string_equal(l->messages,
			    "k:2:27: deprecated: \"gw\" for routes is deprecated. Please use \"via\"\n"
			    "k:3:27: deprecated: \"or\" for routes is deprecated. Please use \"nexthop\"\n");
	line_is(&r[0], "src 10.0.0.1 192.0.2.0/24 via 10.0.0.254 dev eth0");
	assert_true(r[0].no_track && r[0].prepend);
	line_is(&r[1], "192.0.2.0/24 nexthop via 10.0.0.1 dev eth1 nexthop via 10.0.0.2 dev eth1");
	assert_true(r[1].append && !r[1].prepend);
	line_is(&r[2], "blackhole 192.0.2.9/32");
	assert_true(!r[2].append && !r[2].prepend);
	assert_int_equal(r[2].family, 2);
	line_is(&r[3], "default via inet6 fe80::1 dev eth0 mtu lock 1280");
	assert_int_equal(r[3].family, 10);
	loaded_free(l);
}

static void rules_become_words_of_ip(void **state)
{
	struct loaded *l = load_text("static_rules {\nfrom 192.0.2.0/24 lookup 5 order 40\nto 192.0.2.0/24 table 6\n"
				     "to 192.0.2.0/24 table 7\n}");
	const struct conf_ipline *r = l->c->static_rules;

	line_is(&r[0], "from 192.0.2.0/24 table 5 priority 40");
	line_is(&r[1], "to 192.0.2.0/24 table 6 priority 16384");
	line_is(&r[2], "to 192.0.2.0/24 table 7 priority 16383");
	assert_string_equal(
		l->messages,
		"k:3:1: warning: Rule has no preference specified - setting to 16384. This is probably not what you "
		"want.\n"
		"k:4:1: warning: Rule has no preference specified - setting to 16383. This is probably not what you "
		"want.\n");
	loaded_free(l);
}

static void wrong_lines_are_left_out(void **state)
{
	struct loaded *l = load_text("static_routes {\n192.0.2./24 dev eth0\n192.0.2.0/24 vya 10.0.0.1\n"
				     "192.0.2.0/24 via 2001:db8::1\ndev eth0\n"
				     "192.0.2.0/24 dev \"e 0\"\n192.0.2.0/24 dev a/b\n}");

	assert_int_equal(l->c->n_static_routes, 0);
	assert_string_equal(l->messages,
			    "k:2:1: error: not an address or prefix: '192.0.2./24' in a route, which is ignored\n"
			    "k:3:14: error: unknown word 'vya' in a route, which is ignored\n"
			    "k:4:18: error: addresses of two families: '2001:db8::1' in a route, which is ignored\n"
			    "k:5:1: error: a route without a destination, which is ignored\n"
			    "k:6:18: error: not a word for ip(8): 'e 0' in a route, which is ignored\n"
			    "k:7:18: error: 'a/b' is not the name of an interface (at most 15 characters)\n");
	loaded_free(l);
}

int main(void)
{
#define T(f) cmocka_unit_test(f)
	static const struct CMUnitTest tests[] = {
		T(numbers_keep_to_their_range),
		T(junk_behind_a_number_passes_but_for_the_test),
		T(seconds_have_six_decimals),
		T(booleans_are_six_words),
		T(choices_are_named),
		T(addresses_are_addresses),
		T(odd_words_of_global_defs),
		T(commands_are_split_without_a_shell),
		T(what_only_a_shell_understands_gets_one),
		T(broken_commands_are_named),
		T(what_cannot_or_must_not_run_is_left_out),
		T(script_user_runs_what_names_nobody),
		T(addresses_have_options),
		T(wrong_addresses_are_named),
		T(routes_become_words_of_ip),
		T(rules_become_words_of_ip),
		T(wrong_lines_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
