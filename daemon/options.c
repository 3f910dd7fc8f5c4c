/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options - see options.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_ON_DEMAND = 256, OPT_READY_FD, OPT_ROLE, OPT_COOKIE, OPT_PIN_DIR, OPT_UNIT, OPT_DEBUG };

static const struct option longopts[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "debug", no_argument, NULL, OPT_DEBUG },
	{ "on-demand", no_argument, NULL, OPT_ON_DEMAND },
	{ "ready-fd", required_argument, NULL, OPT_READY_FD },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "cookie", required_argument, NULL, OPT_COOKIE },
	{ "pin-dir", required_argument, NULL, OPT_PIN_DIR },
	{ "unit", no_argument, NULL, OPT_UNIT },
	{ 0 },
};

static int say(char *why, unsigned size, const char *text, const char *what)
{
	snprintf(why, size, text, what);	/* text: one %s */
	return -EINVAL;
}

static int copy_path(char *dst, const char *src, const char *what, char *why, unsigned size)
{
	if (src[0] != '/' || strlen(src) >= ELVS_PATH_MAX)
		return say(why, size, "%s must be an absolute path of less than 200 characters", what);
	snprintf(dst, ELVS_PATH_MAX, "%s", src);
	return 0;
}

static int parse_environment(struct options *o, char *why, unsigned size)
{
	const char *dir = getenv("ELVS_RUN_DIR"), *hook = getenv("ELVS_HOOK");

	o->hook = ELVS_HOOK_BOTH;
	if (hook && *hook) {
		if (!strcmp(hook, "tc"))
			o->hook = ELVS_HOOK_TC;
		else if (strcmp(hook, "xdp"))
			return say(why, size, "ELVS_HOOK must be xdp or tc, not `%s'", hook);
	}
	return copy_path(o->run_dir, dir && *dir ? dir : "/run/elvs", "ELVS_RUN_DIR", why, size);
}

static int parse_number(const char *s, unsigned long long max, unsigned long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 10);
	return errno || *end || !*s || *s == '-' || *ret > max ? -EINVAL : 0;
}

static int parse_one(struct options *o, int opt, const char *arg, char *why, unsigned size)
{
	unsigned long long n;

	switch (opt) {
	case 'h':
		o->help = true;
		return 0;
	case 'V':
		o->version = true;
		return 0;
	case OPT_DEBUG:
		o->debug = true;
		return 0;
	case OPT_ON_DEMAND:
		o->on_demand = true;
		return 0;
	case OPT_READY_FD:
		if (parse_number(arg, 1 << 20, &n) < 0)
			return say(why, size, "--ready-fd needs a descriptor number, not `%s'", arg);
		o->ready_fd = n;
		return 0;
	case OPT_ROLE:
		o->director = !strcmp(arg, "director");
		return o->director ? 0 : say(why, size, "there is no role `%s'", arg);
	case OPT_COOKIE:
		if (parse_number(arg, ~0ull, &n) < 0)
			return say(why, size, "--cookie needs a number, not `%s'", arg);
		o->cookie = n;
		return 0;
	case OPT_PIN_DIR:
		return copy_path(o->pin_dir, arg, "--pin-dir", why, size);
	case OPT_UNIT:
		o->unit = true;
		return 0;
	default:
		return say(why, size, "unknown or incomplete option; `elvsd --help' lists them%s", "");
	}
}

int options_parse(struct options *o, int argc, char **argv, char *why, unsigned size)
{
	int opt, r;

	memset(o, 0, sizeof(*o));
	o->ready_fd = -1;
	r = parse_environment(o, why, size);
	opterr = 0;
	while (!r && (opt = getopt_long(argc, argv, "hV", longopts, NULL)) != -1)
		r = parse_one(o, opt, optarg, why, size);
	if (!r && optind < argc)
		r = say(why, size, "unexpected argument `%s'", argv[optind]);
	return r;
}
