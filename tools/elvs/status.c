/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs status - how the director of this network namespace stands, and which others this machine has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "ctl_wire.h"
#include "keeper.h"
#include "journal.h"
#include "status_keeper.h"
#include "verb.h"

static const char usage[] =
	"Usage: elvs status [--json]\n\n"
	"Shows the director of this network namespace: services, connections, attached interfaces, warnings; and "
	"the\n"
	"namespaces that have one; and the keepalived of this namespace: VRRP instances, services, health checks "
	"with\n"
	"their last error and latency. Exit status: 0 running, 1 trouble, 3 there is neither here.\n";

/* The director of this namespace, or null */
static int add_director(json_t *o, const char **ret_why)
{
	json_t *list, *ifaces;
	struct ctl *c;
	int r = ctl_open(&c, CTL_NO_START | CTL_EXISTING, ret_why), e;

	json_object_set_new(o, "director", json_null());
	if (r < 0)
		return r == -ENOENT || r == -ECONNREFUSED ? 0 : r;
	list = ask(c, ELVS_CMD_GET_STATUS, false, false, &r);
	if (!list)
		*ret_why = "the director does not answer the question for its status";
	if (list && json_array_size(list) == 1)
		json_object_set(o, "director", json_array_get(list, 0));
	json_decref(list);
	ifaces = ask(c, ELVS_CMD_GET_IFACE, true, false, &e);
	if (ifaces)
		json_object_set_new(o, "interfaces", ifaces);
	ctl_close(c);
	return r;
}

/* 1: a supervisor runs */
static int add_instances(json_t *o, const char **ret_why)
{
	json_t *list;
	struct ctl *c;
	int r = ctl_open(&c, CTL_NO_START | CTL_SUPERVISOR, ret_why);

	if (r == -ECONNREFUSED || r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	list = ask(c, ELVS_CMD_GET_INSTANCE, true, false, &r);
	ctl_close(c);
	if (!list) {
		*ret_why = "the supervisor does not name its instances";
		return r;
	}
	json_object_set_new(o, "instances", list);
	return 1;
}

/* The keepalived of this namespace, or null; if there are several, the others in a list */
static int add_keeper(json_t *o, const char **ret_why)
{
	json_t *request = json_pack("{s:s}", "verb", "status"), *all, *others;
	int r = 0;

	all = keeper_ask_all(request, &r);
	json_decref(request);
	json_object_set_new(o, "keepalived", all ? json_incref(json_array_get(all, 0)) : json_null());
	if (json_array_size(all) > 1) {
		others = json_deep_copy(all);
		json_array_remove(others, 0);
		json_object_set_new(o, "other_keepalived", others);
	}
	json_decref(all);
	if (all || r == -ENOENT || r == -ECONNREFUSED)
		return 0;
	*ret_why = r == -EACCES || r == -EPERM ? "only root may ask keepalived" : "keepalived does not answer";
	return r;
}

static void print_director(const json_t *d)
{
	const json_t *w;
	size_t i;

	printf("director: running (pid %" JSON_INTEGER_FORMAT ", namespace %s%s%s)\n", ask_int(d, "pid"),
	       ask_str(d, "cookie"), ask_str(d, "netns")[0] ? " " : "", ask_str(d, "netns"));
	printf("  services: %" JSON_INTEGER_FORMAT ", real servers: %" JSON_INTEGER_FORMAT "\n",
	       ask_int(d, "services"), ask_int(d, "destinations"));
	printf("  connections: %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT
	       " of them wide (room now %" JSON_INTEGER_FORMAT ", at most %" JSON_INTEGER_FORMAT ")\n",
	       ask_int(d, "connections") + ask_int(d, "wide_connections"), ask_int(d, "wide_connections"),
	       ask_int(d, "capacity"), ask_int(d, "max_connections"));
	printf("  memory: %.1f MiB\n", (double)ask_int(d, "memory_bytes") / (1 << 20));
	printf("  state: %s\n", json_is_true(json_object_get(d, "pinned")) ? "pinned: survives the daemon"
									   : "NOT pinned: dies with the daemon");
	json_array_foreach(json_object_get(d, "warnings"), i, w) printf("  warning: %s\n", json_string_value(w));
}

static void print_all(const json_t *o)
{
	const json_t *d = json_object_get(o, "director"), *v;
	size_t i;

	if (json_is_object(d))
		print_director(d);
	else
		puts("director: none in this network namespace");
	json_array_foreach(json_object_get(o, "interfaces"), i, v)
		printf("  %s: %s (%s)\n", ask_str(v, "interface"), ask_str(v, "hook"), ask_str(v, "text"));
	if (json_is_object(json_object_get(o, "keepalived")))
		status_keeper_print(json_object_get(o, "keepalived"));
	json_array_foreach(json_object_get(o, "other_keepalived"), i, v) status_keeper_print(v);
	if (!json_is_true(json_object_get(o, "supervisor")))
		puts("supervisor: not running");
	json_array_foreach(json_object_get(o, "instances"), i, v)
		printf("instance %s%s%s: pid %" JSON_INTEGER_FORMAT ", %s%s\n", ask_str(v, "cookie"),
		       ask_str(v, "netns")[0] ? " " : "", ask_str(v, "netns"), ask_int(v, "pid"), ask_str(v, "text"),
		       json_is_true(json_object_get(v, "pinned")) ? "" : ", not pinned");
}

static int run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "json", no_argument, NULL, 'j' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	json_t *o = json_object();
	const char *why = "";
	bool json = false, here;
	int opt, r;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt != 'j') {
			json_decref(o);
			return verb_bad_option(v, opt, argv);
		}
		json = true;
	}
	r = optind < argc ? verb_usage(v, "no argument is needed, %s is one", argv[optind]) : 0;
	if (r)
		goto out;
	r = add_instances(o, &why);
	json_object_set_new(o, "supervisor", json_boolean(r == 1));
	if (r >= 0)
		r = add_director(o, &why);
	if (r >= 0)
		r = add_keeper(o, &why);
	if (r < 0) {
		r = verb_error(v, "%s", why);
		goto out;
	}
	here = json_is_object(json_object_get(o, "director")) || json_is_object(json_object_get(o, "keepalived"));
	if (json)
		verb_print_json(json_incref(o));
	else
		print_all(o);
	r = here ? EXIT_OK : EXIT_STOPPED;
out:
	json_decref(o);
	return r;
}

const struct verb verb_status = { "status", "show how the director stands", usage, run };
