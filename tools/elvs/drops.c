/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs drops - where packets went: the data plane's verdicts, and by interface what drivers and kernel lost, failed
 * redirects among it (nothing else tells of those).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "ctl_wire.h"
#include "nicstats.h"
#include "nl.h"
#include "redirects.h"
#include "verb.h"

static const char usage[] =
	"Usage: elvs drops [--all] [--watch [SECONDS]] [--json]\n\n"
	"Shows how many packets ended how: forwarded, left to the local stack, handed from XDP to TC, thrown away "
	"and why;\n"
	"and for every interface what its driver and the kernel dropped, failed XDP transmissions among it.\n\n"
	"  --all               lines of zero, too\n"
	"  --watch[=SECONDS]   what came in every second (or so many), until Ctrl-C; and every failed XDP "
	"transmission, from\n"
	"                      which interface to which and why (this is traced while it runs)\n"
	"  --json              as JSON (with --watch one object a line)\n";

static void add_counter(void *arg, const char *name, uint64_t count)
{
	json_object_set_new(arg, name, json_integer((json_int_t)count));
}

static int add_link(void *arg, const struct nl_link *l)
{
	json_t *o = json_object(), *counters = json_object();

	json_object_set_new(o, "interface", json_string(l->name));
	add_counter(counters, "rx_dropped", l->rx_dropped);
	add_counter(counters, "tx_dropped", l->tx_dropped);
	nicstats_each(l->name, add_counter, counters); /* a driver that counts nothing adds nothing */
	json_object_set_new(o, "counters", counters);
	json_array_append_new(arg, o);
	return 0;
}

static json_t *snapshot(const struct verb *v, struct ctl *c, const struct redirects *failed)
{
	json_t *o = json_object(), *verdicts, *links = json_array();
	int r;

	verdicts = ask(c, ELVS_CMD_GET_DROPS, true, false, &r);
	if (verdicts)
		json_object_set_new(o, "verdicts", verdicts);
	else
		verb_error(v, "the director does not answer: %s", ctl_why(c)[0] ? ctl_why(c) : strerror(-r));
	if (verdicts) {
		r = nl_links(add_link, links);
		if (r < 0)
			verb_error(v, "cannot list the interfaces: %s", strerror(-r));
	}
	json_object_set_new(o, "interfaces", links);
	if (failed)
		json_object_set_new(o, "redirects", redirects_read(failed));
	if (r >= 0)
		return o;
	json_decref(o);
	return NULL;
}

/* ---- differences ---- */

/* Failed redirects have no name of their own: three members together */
static json_t *find_redirect(const json_t *list, const json_t *like)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (strcmp(ask_str(o, "from"), ask_str(like, "from")) == 0 &&
		    strcmp(ask_str(o, "to"), ask_str(like, "to")) == 0 &&
		    strcmp(ask_str(o, "error"), ask_str(like, "error")) == 0)
			return o;
	}
	return NULL;
}

static json_t *find(const json_t *list, const char *key, const char *name)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (strcmp(ask_str(o, key), name) == 0)
			return o;
	}
	return NULL;
}

/* now minus before: interfaces and verdicts that are new count from 0 */
static json_t *difference(const json_t *now, const json_t *before)
{
	json_t *d = json_deep_copy(now), *o, *was, *n;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(d, "verdicts"), i, o)
	{
		was = find(json_object_get(before, "verdicts"), "name", ask_str(o, "name"));
		json_object_set_new(o, "count",
				    json_integer(ask_int(o, "count") - (was ? ask_int(was, "count") : 0)));
	}
	json_array_foreach(json_object_get(d, "redirects"), i, o)
	{
		was = find_redirect(json_object_get(before, "redirects"), o);
		json_object_set_new(o, "count",
				    json_integer(ask_int(o, "count") - (was ? ask_int(was, "count") : 0)));
	}
	json_array_foreach(json_object_get(d, "interfaces"), i, o)
	{
		was = find(json_object_get(before, "interfaces"), "interface", ask_str(o, "interface"));
		json_object_foreach(json_object_get(o, "counters"), name, n)
			json_integer_set(n, json_integer_value(n) - ask_int(json_object_get(was, "counters"), name));
	}
	return d;
}

/* ---- text ---- */

static void print_kind(const json_t *o, const char *kind, const char *title, bool all)
{
	bool titled = false;
	const json_t *v;
	size_t i;

	json_array_foreach(json_object_get(o, "verdicts"), i, v)
	{
		if (strcmp(ask_str(v, "kind"), kind) != 0 || (!all && ask_int(v, "count") == 0))
			continue;
		if (!titled)
			printf("%s\n", title);
		titled = true;
		printf("  %14" JSON_INTEGER_FORMAT "  %-16s %s\n", ask_int(v, "count"), ask_str(v, "name"),
		       ask_str(v, "text"));
	}
}

static void print_text(const json_t *o, bool all)
{
	json_t *link, *n;
	const char *name;
	size_t i;

	print_kind(o, "forward", "sent on", all);
	print_kind(o, "up", "left to the local stack", all);
	print_kind(o, "tc", "handed from XDP to TC", all);
	print_kind(o, "drop", "thrown away", all);
	json_array_foreach(json_object_get(o, "interfaces"), i, link)
	{
		json_object_foreach(json_object_get(link, "counters"), name, n)
		{
			if (all || json_integer_value(n))
				printf("%s: %" JSON_INTEGER_FORMAT " %s\n", ask_str(link, "interface"),
				       json_integer_value(n), name);
		}
	}
	json_array_foreach(json_object_get(o, "redirects"), i, n)
	{
		if (all || ask_int(n, "count"))
			printf("%s: %" JSON_INTEGER_FORMAT " could not be sent to %s: %s\n", ask_str(n, "from"),
			       ask_int(n, "count"), ask_str(n, "to"), ask_str(n, "error"));
	}
	fflush(stdout);
}

static bool anything(const json_t *o)
{
	json_t *x, *n;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(o, "verdicts"), i, x)
	{
		if (ask_int(x, "count"))
			return true;
	}
	json_array_foreach(json_object_get(o, "redirects"), i, x)
	{
		if (ask_int(x, "count"))
			return true;
	}
	json_array_foreach(json_object_get(o, "interfaces"), i, x)
	{
		json_object_foreach(json_object_get(x, "counters"), name, n)
		{
			if (json_integer_value(n))
				return true;
		}
	}
	return false;
}

static int watch_with(const struct verb *v, struct ctl *c, const struct redirects *failed, long seconds, bool json,
		      bool all)
{
	struct timespec pause = { .tv_sec = seconds };
	json_t *before = snapshot(v, c, failed), *now, *d;
	char clock[16];
	time_t t;

	while (before) {
		nanosleep(&pause, NULL);
		now = snapshot(v, c, failed);
		if (!now)
			break;
		d = difference(now, before);
		json_decref(before);
		before = now;
		if (json) {
			json_dumpf(d, stdout, JSON_COMPACT);
			putchar('\n');
			fflush(stdout);
		} else if (all || anything(d)) {
			t = time(NULL);
			strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&t));
			printf("-- %s\n", clock);
			print_text(d, all);
		}
		json_decref(d);
		if (ferror(stdout))
			break;
	}
	json_decref(before);
	return EXIT_FAILED;
}

static int watch(const struct verb *v, struct ctl *c, long seconds, bool json, bool all)
{
	struct redirects *failed = NULL;
	int r = redirects_open(&failed);

	if (r < 0)
		verb_error(v, "failed redirects are not counted: %s", strerror(-r));
	r = watch_with(v, c, failed, seconds, json, all);
	redirects_close(failed);
	return r;
}

static int once(const struct verb *v, struct ctl *c, bool json, bool all)
{
	json_t *o = snapshot(v, c, NULL);

	if (!o)
		return EXIT_FAILED;
	if (json)
		return verb_print_json(o);
	print_text(o, all);
	json_decref(o);
	return EXIT_OK;
}

static int run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "all", no_argument, NULL, 'a' },
					       { "watch", optional_argument, NULL, 'w' },
					       { "json", no_argument, NULL, 'j' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	bool all = false, json = false;
	const char *why = "";
	long seconds = 0;
	struct ctl *c;
	char *end;
	int opt, r;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (opt) {
		case 'a':
			all = true;
			break;
		case 'j':
			json = true;
			break;
		case 'w':
			seconds = optarg ? strtol(optarg, &end, 10) : 1;
			if (seconds < 1 || seconds > 86400 || (optarg && *end))
				return verb_usage(v, "--watch takes seconds, 1 to 86400, not %s", optarg);
			break;
		default:
			return verb_bad_option(v, opt, argv);
		}
	}
	if (optind < argc)
		return verb_usage(v, "no argument is needed, %s is one", argv[optind]);
	r = ctl_open(&c, CTL_NO_START | CTL_EXISTING, &why);
	if (r < 0)
		return verb_error(v, "%s", why);
	r = seconds ? watch(v, c, seconds, json, all) : once(v, c, json, all);
	ctl_close(c);
	return r;
}

const struct verb verb_drops = { "drops", "count packets by what became of them", usage, run };
