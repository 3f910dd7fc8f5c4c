/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options - see options.h. One table is the parser's and the usage text's. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>

enum {
	OPT_ALL = 256,
	OPT_SIGNUM,
	OPT_PRINT,
	OPT_IGNORE_SIGINT,
	OPT_FLUSH,
	OPT_PERF,
	OPT_DEBUG,
	OPT_NO_MEM,
	OPT_CONFIG_FD,
	OPT_NONE, /* short only */
};

static const struct word {
	int opt;
	const char *name;
	const char *arg; /* NULL: takes none; "=X": must have one; "[=X]": may */
	const char *text;
	bool ignored;
} words[] = {
	{ 'f', "use-file", "=FILE", "the configuration; default " KEEPER_CONF_FILE },
	{ 'P', "vrrp", NULL, "run VRRP only" },
	{ 'C', "check", NULL, "run the health checks only" },
	{ 'B', "no_bfd", NULL, "do not run BFD" },
	{ OPT_ALL, "all", NULL, "run all parts, even those without configuration" },
	{ 'l', "log-console", NULL, "log to the terminal" },
	{ 'D', "log-detail", NULL, "log more" },
	{ 'S', "log-facility", "=0-7|local0-7|user|daemon", "syslog's facility; default daemon" },
	{ 'g', "log-file", "[=FILE]", "log to FILE too (/tmp/keepalived.log), with _vrrp, _healthcheckers, _bfd" },
	{ OPT_FLUSH, "flush-log-file", NULL, "every line is written at once anyway" },
	{ 'G', "no-syslog", NULL, "do not log to syslog" },
	{ 'u', "umask", "=MASK", "umask for files, octal" },
	{ 'X', "release-vips", NULL, "drop the addresses on a stop signal before anything else" },
	{ 'V', "dont-release-vrrp", NULL, "leave VRRP's addresses and routes where they are on stop" },
	{ 'I', "dont-release-ipvs", NULL, "leave the virtual services where they are on stop" },
	{ 'R', "dont-respawn", NULL, "end when a part dies instead of starting it again" },
	{ 'n', "dont-fork", NULL, "stay in the foreground" },
	{ 'd', "dump-conf", NULL, "log the configuration as it was understood" },
	{ 'p', "pid", "=FILE", "pid file of the keeper" },
	{ 'r', "vrrp_pid", "=FILE", "pid file of the VRRP part" },
	{ 'c', "checkers_pid", "=FILE", "pid file of the checks" },
	{ 'b', "bfd_pid", "=FILE", "pid file of the BFD part" },
	{ 'T', "genhash", NULL, "be genhash (the first option)" },
	{ 'a', "address-monitoring", NULL, "no effect here", true },
	{ 's', "namespace", "=NAME", "run in this network namespace, whatever the configuration says" },
	{ 'e', "all-config", NULL, "an include that matches no file is an error" },
	{ 'i', "config-id", "=ID", "for lines that begin with @ID; default the host's name" },
	{ 'x', "snmp", NULL, "serve everything there is to the SNMP agent" },
	{ 'A', "snmp-agent-socket", "=FILE", "where that agent listens; FILE as in snmp_socket" },
	{ 'm', "core-dump", NULL, "allow core dumps" },
	{ 'M', "core-dump-pattern", "[=PATTERN]", "set the machine's core_pattern too (core)" },
	{ OPT_SIGNUM, "signum", "=FUNC", "print the signal for STOP RELOAD DATA STATS STATS_CLEAR JSON" },
	{ 't', "config-test", "[=FILE]", "check the configuration; messages to stderr or FILE" },
	{ OPT_PRINT, "print-config", NULL, "print the configuration in its canonical form" },
	{ OPT_PERF, "perf", "[=WHAT]", "no effect here", true },
	{ OPT_DEBUG, "debug", "[=WHAT]", "log more" },
	{ OPT_NO_MEM, "no-mem-check", NULL, "no effect here", true },
	{ 'L', "mem-check-log", NULL, "no effect here", true },
	{ 'O', "openssl-mem-check", NULL, "no effect here", true },
	{ OPT_CONFIG_FD, "config-fd", "=N", "no effect here", true },
	{ OPT_IGNORE_SIGINT, "ignore-sigint", NULL, "do not stop on SIGINT" },
	{ 'v', "version", NULL, "print the version" },
	{ 'h', "help", NULL, "print this text" },
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static int say(char *why, unsigned size, const char *what, const char *arg)
{
	snprintf(why, size, "%s%s%s", what, arg ? " " : "", arg ? arg : "");
	return -EINVAL;
}

/* getopt's own tables, from ours */
static void tables(struct option *longs, char *shorts)
{
	*shorts++ = ':'; /* a missing argument is told apart from an unknown option */
	for (size_t i = 0; i < N_WORDS; i++) {
		const struct word *w = &words[i];
		int has = !w->arg ? no_argument : w->arg[0] == '[' ? optional_argument : required_argument;

		longs[i] = (struct option){ w->name, has, NULL, w->opt };
		if (w->opt >= OPT_ALL)
			continue;
		*shorts++ = (char)w->opt;
		for (int k = 0; k < has; k++) /* one colon: required, two: optional */
			*shorts++ = ':';
	}
	longs[N_WORDS] = (struct option){ 0 };
	*shorts = '\0';
}

static int facility(const char *arg, int *ret)
{
	const char *n = strncasecmp(arg, "local", 5) ? arg : arg + 5;

	if (n[0] >= '0' && n[0] <= '7' && !n[1])
		*ret = LOG_LOCAL0 + ((n[0] - '0') << 3);
	else if (!strcasecmp(arg, "user"))
		*ret = LOG_USER;
	else if (!strcasecmp(arg, "daemon"))
		*ret = LOG_DAEMON;
	else
		return -EINVAL;
	return 0;
}

static int parse_umask(struct keeper_options *o, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 8);

	if (!*arg || *end || *arg == '-' || n > 0777)
		return -EINVAL;
	o->has_umask = true;
	o->umask = (mode_t)n;
	return 0;
}

static void ignore(struct keeper_options *o, const char *name)
{
	if (o->n_ignored < KEEPER_IGNORED_MAX)
		o->ignored[o->n_ignored++] = name;
}

/* Options that only store something; false: not one of them */
static bool parse_stored(struct keeper_options *o, int opt, const char *arg)
{
	const struct {
		int opt;
		bool *flag;
		const char **text;
	} at[] = {
		{ 'f', NULL, &o->conf_file },
		{ OPT_ALL, &o->all, NULL },
		{ 'l', &o->console, NULL },
		{ 'D', &o->detail, NULL },
		{ OPT_DEBUG, &o->detail, NULL },
		{ 'G', &o->no_syslog, NULL },
		{ 'X', &o->release_vips, NULL },
		{ 'V', &o->dont_release_vrrp, NULL },
		{ 'I', &o->dont_release_ipvs, NULL },
		{ 'R', &o->dont_respawn, NULL },
		{ 'n', &o->dont_fork, NULL },
		{ 'x', &o->snmp, NULL },
		{ 'd', &o->dump_conf, NULL },
		{ 'p', NULL, &o->pid },
		{ 'r', NULL, &o->vrrp_pid },
		{ 'c', NULL, &o->check_pid },
		{ 'b', NULL, &o->bfd_pid },
		{ 's', NULL, &o->net_namespace },
		{ 'A', NULL, &o->snmp_socket },
		{ 'e', &o->all_includes, NULL },
		{ 'i', NULL, &o->config_id },
		{ 'm', &o->core_dump, NULL },
		{ OPT_SIGNUM, NULL, &o->signum },
		{ OPT_PRINT, &o->print, NULL },
		{ OPT_IGNORE_SIGINT, &o->ignore_sigint, NULL },
		{ 'v', &o->version, NULL },
		{ 'h', &o->help, NULL },
	};

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		if (at[i].opt != opt)
			continue;
		if (at[i].flag)
			*at[i].flag = true;
		else
			*at[i].text = arg;
		return true;
	}
	return false;
}

static int parse_one(struct keeper_options *o, int opt, const char *arg, char *why, unsigned size)
{
	if (parse_stored(o, opt, arg))
		return 0;
	switch (opt) {
	case 'S':
		return facility(arg, &o->facility) < 0
			       ? say(why, size, "-S needs 0-7, local0-local7, user or daemon, not", arg)
			       : 0;
	case 'u':
		return parse_umask(o, arg) < 0 ? say(why, size, "-u needs an octal number up to 777, not", arg) : 0;
	case 'g':
		o->log_file = arg ? arg : "/tmp/keepalived.log";
		return 0;
	case 'M':
		o->core_dump = true;
		o->core_pattern = arg ? arg : "core";
		return 0;
	case 't':
		o->test = true;
		o->test_file = arg;
		return 0;
	default:
		return 0;
	}
}

/* -P and -C choose: what neither names does not run. -B is apart. */
static void choose_parts(struct keeper_options *o, bool only_vrrp, bool only_check, bool no_bfd)
{
	bool chosen = only_vrrp || only_check;

	o->vrrp = !chosen || only_vrrp;
	o->check = !chosen || only_check;
	o->bfd = !no_bfd;
}

/* The word that getopt has just returned an option of */
static const struct word *word_of(int opt)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (words[i].opt == opt)
			return &words[i];
	return NULL;
}

int keeper_options_parse(struct keeper_options *o, int argc, char **argv, char *why, unsigned size)
{
	struct option longs[N_WORDS + 1];
	char shorts[3 * N_WORDS + 2];
	bool only_vrrp = false, only_check = false, no_bfd = false;
	const struct word *w;
	int opt, r = 0;

	*o = (struct keeper_options){
		.program = "keepalived", .conf_file = KEEPER_CONF_FILE, .facility = LOG_DAEMON, .config_id = ""
	};
	tables(longs, shorts);
	opterr = 0;
	optind = 1;
	while (!r && (opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (opt == '?')
			return say(why, size, "unknown option", argv[optind - 1]);
		if (opt == ':')
			return say(why, size, "an argument is missing after", argv[optind - 1]);
		w = word_of(opt);
		only_vrrp |= opt == 'P';
		only_check |= opt == 'C';
		no_bfd |= opt == 'B';
		if (w && w->ignored)
			ignore(o, w->name);
		if (opt == 'T') {
			o->genhash = true;
			o->genhash_at = optind - 1;
			return 0;
		}
		r = parse_one(o, opt, optarg, why, size);
	}
	if (!r && optind < argc)
		r = say(why, size, "unexpected argument", argv[optind]);
	if (!r && o->signum && keeper_signum(o->signum) < 0)
		r = say(why, size, "--signum knows STOP RELOAD DATA STATS STATS_CLEAR JSON, not", o->signum);
	choose_parts(o, only_vrrp, only_check, no_bfd);
	return r;
}

void keeper_options_usage(const char *program)
{
	printf("Usage: %s [OPTION...]\n", program);
	for (size_t i = 0; i < N_WORDS; i++) {
		const struct word *w = &words[i];
		char left[64];
		int n = w->opt < OPT_ALL ? snprintf(left, sizeof(left), "  -%c, ", w->opt)
					 : snprintf(left, sizeof(left), "      ");

		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s", w->name, w->arg ? w->arg : "");
		printf("%-30s%s%s\n", left, strlen(left) < 30 ? " " : "\n                               ", w->text);
	}
}

int keeper_signum(const char *word)
{
	const struct {
		const char *word;
		int sig;
	} all[] = {
		{ "STOP", SIGTERM },
		{ "RELOAD", SIGHUP },
		{ "DATA", SIGUSR1 },
		{ "STATS", SIGUSR2 },
		{ "STATS_CLEAR", SIGRTMAX - 1 },
		{ "JSON", SIGRTMIN + 2 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].word, word))
			return all[i].sig;
	return -1;
}
