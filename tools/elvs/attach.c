/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs attach, detach, down - which interfaces the director works on, and its end.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "ctl_wire.h"
#include "verb.h"

static const char attach_usage[] =
	"Usage: elvs attach [--dry-run] [--hook xdp|tc|both] [--json] [DEV...]\n\n"
	"Attaches the director to interfaces, now and from now on. By itself it attaches to those that its services "
	"need,\n"
	"when the first service comes. Without DEV, or with --dry-run: shows every interface, what would be done "
	"with it\n"
	"and why, and changes nothing.\n\n"
	"  --hook HOOK   xdp, tc or both (default: both, which is what native XDP needs for what it passes up)\n"
	"  --json        the plan as JSON\n";
static const char detach_usage[] = "Usage: elvs detach DEV...\n\n"
				   "Takes the director off interfaces, and keeps it off until `elvs attach DEV'.\n";
static const char down_usage[] = "Usage: elvs down [--all]\n\n"
				 "Ends the director of this network namespace and removes every trace: services, "
				 "connections, programs, pins.\n"
				 "With --all: those of all namespaces.\n";

static int open_director(const struct verb *v, struct ctl **ret)
{
	const char *why = "";
	int r = ctl_open(ret, 0, &why);

	return r < 0 ? verb_error(v, "%s", why) : 0;
}

static int print_plan(const struct verb *v, struct ctl *c, bool json)
{
	json_t *list, *o;
	size_t i;
	int r;

	list = ask(c, ELVS_CMD_GET_IFACE, true, true, &r);
	if (!list)
		return verb_error(v, "the director does not tell its plan: %s",
				  ctl_why(c)[0] ? ctl_why(c) : strerror(-r));
	if (json)
		return verb_print_json(list);
	json_array_foreach(list, i, o)
		printf("%-15s %-10s %-8s %s\n", ask_str(o, "interface"),
		       ask_str(o, "kind")[0] ? ask_str(o, "kind") : "-", ask_str(o, "hook"), ask_str(o, "text"));
	json_decref(list);
	return EXIT_OK;
}

static int change(const struct verb *v, struct ctl *c, uint8_t command, const char *dev, uint32_t hook)
{
	struct nlmsghdr *nlh;
	int r;

	if (!if_nametoindex(dev))
		return verb_error(v, "there is no interface %s here", dev);
	nlh = ctl_request(c, command, NLM_F_ACK);
	mnl_attr_put_strz(nlh, ELVS_ATTR_IFNAME, dev);
	if (hook)
		mnl_attr_put_u32(nlh, ELVS_ATTR_HOOK, hook);
	r = ctl_call(c, nlh, NULL, NULL);
	return r < 0 ? verb_error(v, "%s: %s", dev, ctl_why(c)[0] ? ctl_why(c) : strerror(-r)) : 0;
}

static int change_all(const struct verb *v, struct ctl *c, uint8_t command, char **devs, uint32_t hook)
{
	int r = 0, s;

	for (; *devs; devs++) {
		s = change(v, c, command, *devs, hook);
		r = r ? r : s;
	}
	return r;
}

static int run_attach(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "dry-run", no_argument, NULL, 'n' },
					       { "hook", required_argument, NULL, 'H' },
					       { "json", no_argument, NULL, 'j' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	static const char *const hooks[] = { "", "xdp", "tc", "both" };
	bool dry = false, json = false;
	uint32_t hook = 3, k;
	struct ctl *c;
	int opt, r;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt == 'n') {
			dry = true;
		} else if (opt == 'j') {
			json = true;
		} else if (opt == 'H') {
			for (hook = 0, k = 1; k < 4; k++)
				hook = strcmp(optarg, hooks[k]) == 0 ? k : hook;
			if (!hook)
				return verb_usage(v, "--hook is xdp, tc or both, not %s", optarg);
		} else {
			return verb_bad_option(v, opt, argv);
		}
	}
	r = open_director(v, &c);
	if (r)
		return r;
	r = dry || optind == argc ? print_plan(v, c, json) : change_all(v, c, ELVS_CMD_ATTACH, argv + optind, hook);
	ctl_close(c);
	return r;
}

static int only_help(const struct verb *v, int argc, char **argv, bool *ret_all)
{
	static const struct option longs[] = { { "all", no_argument, NULL, 'a' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt != 'a' || !ret_all)
			return verb_bad_option(v, opt, argv) ?: -1;
		*ret_all = true;
	}
	return 0;
}

static int run_detach(const struct verb *v, int argc, char **argv)
{
	struct ctl *c;
	int r = only_help(v, argc, argv, NULL);

	if (r)
		return r < 0 ? EXIT_OK : r;
	if (optind == argc)
		return verb_usage(v, "which interface?");
	r = open_director(v, &c);
	if (r)
		return r;
	r = change_all(v, c, ELVS_CMD_DETACH, argv + optind, 0);
	ctl_close(c);
	return r;
}

static int down(const struct verb *v, bool all)
{
	const char *why = "";
	char stays[200];
	struct ctl *c;
	int r = ctl_open(&c, CTL_NO_START | (all ? CTL_SUPERVISOR : CTL_EXISTING), &why);

	if (r == -ENOENT)
		return EXIT_OK; /* the supervisor knows of nothing here */
	if (r == -EPROTO && all) { /* one of another version: ours takes down what it leaves */
		if (ctl_end_supervisor(stays, sizeof(stays)) < 0)
			return verb_error(v, "%s", stays);
		r = -ECONNREFUSED;
	}
	/* nobody runs, but pins of killed daemons may be there: only a supervisor finds and removes them */
	if (r == -ECONNREFUSED)
		r = ctl_open(&c, all ? CTL_SUPERVISOR : 0, &why);
	if (r < 0)
		return verb_error(v, "%s", why);
	r = ctl_call(c, ctl_request(c, ELVS_CMD_DOWN, NLM_F_ACK), NULL, NULL);
	if (r < 0 && r != -EPIPE) /* gone already is what was wanted */
		r = verb_error(v, "%s", ctl_why(c)[0] ? ctl_why(c) : strerror(-r));
	else
		r = EXIT_OK;
	ctl_close(c);
	if (r == EXIT_OK && all)
		ctl_await_end();
	return r;
}

static int run_down(const struct verb *v, int argc, char **argv)
{
	bool all = false;
	int r = only_help(v, argc, argv, &all);

	if (r)
		return r < 0 ? EXIT_OK : r;
	if (optind < argc)
		return verb_usage(v, "no argument is needed, %s is one", argv[optind]);
	return down(v, all);
}

const struct verb verb_attach = { "attach", "attach to interfaces, or show the plan", attach_usage, run_attach };
const struct verb verb_detach = { "detach", "take the director off interfaces", detach_usage, run_detach };
const struct verb verb_down = { "down", "end the director and remove every trace", down_usage, run_down };
