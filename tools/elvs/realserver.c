/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs realserver - makes this machine a real server: it takes the virtual address on lo without telling anybody.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "boot.h"
#include "change.h"
#include "nl.h"
#include "realserver.h"
#include "setup.h"

static const char usage[] =
	"Usage: elvs realserver start VIP... [--arp sysctl|nft] [--tunnel [--use-kernel] [--dev DEV]... [--hook "
	"xdp|tc]]\n"
	"       elvs realserver stop [VIP...]\n"
	"       elvs realserver status [VIP...] [--json]\n"
	"       elvs realserver enable VIP... [options of start] [--name NAME] [--root DIR]\n"
	"       elvs realserver disable VIP|NAME... [--root DIR]\n"
	"       elvs realserver agent [--port N] ...   (see `elvs realserver agent --help')\n\n"
	"Makes this machine a real server for the virtual address VIP (direct routing or tunnelling): VIP on lo, and "
	"no\n"
	"answer to ARP requests for it. `stop' puts everything back as it was, and only what `start' changed; "
	"without\n"
	"VIP it stops all. A second `start' does no harm. `enable' does it at every boot.\n\n"
	"  --arp sysctl   arp_ignore=1 and arp_announce=2 on all interfaces and lo (the default)\n"
	"  --arp nft      an nftables table that drops requests for VIP and never sends VIP as source\n"
	"  --tunnel       packets come in a tunnel (IPIP and its IPv6 kin): take the outer header off\n"
	"  --use-kernel   with the kernel's own tunl0 (ip6tnl0 for IPv6) instead of elvs's program\n"
	"  --dev DEV      interface on which tunnelled packets arrive (may be repeated; default: all with an "
	"address)\n"
	"  --hook xdp|tc  where elvs's program is attached (default: XDP on hardware that has it, else TC)\n"
	"  --name NAME    of the file and unit that enable makes (default: the first VIP)\n"
	"  --root DIR     enable in the system below DIR\n"
	"  --json         status as JSON\n";

/* ---- start, stop ---- */

static int parse_vip(const struct verb *c, const char *text, struct vip *ret)
{
	const char *why;

	if (vip_parse(ret, text, &why) < 0)
		return verb_usage(c, "%s: %s", text, why);
	if (ret->plen != (ret->af == AF_INET ? 32 : 128))
		return verb_usage(c, "%s: a real server takes the address alone, without a network; leave /%u out",
				  text, ret->plen);
	return 0;
}

struct where {
	const struct vip *vip;
	struct nl_link lo;
	uint32_t other;
};

static int find_elsewhere(void *arg, const struct nl_addr *a)
{
	struct where *w = arg;

	if (vip_same_addr(&a->addr, w->vip) && a->ifindex != w->lo.ifindex)
		w->other = a->ifindex;
	return 0;
}

static void warn_elsewhere(struct journal *j, const struct vip *v)
{
	struct where w = { .vip = v };
	char name[IF_NAMESIZE] = "?", text[VIP_STRLEN];

	if (nl_link_by_name(&w.lo, "lo") < 0 || nl_addrs(find_elsewhere, &w) < 0 || !w.other)
		return;
	if_indextoname(w.other, name);
	journal_note(j, "%s is on %s, too, where it answers ARP: take it off there (ip address del %s dev %s)",
		     vip_format(v, false, text), name, text, name);
}

static int start_one(struct journal *j, const struct vip *v, const struct realserver_options *o)
{
	json_t *wanted = json_array(), *opts = json_object();
	char user[REALSERVER_USER_LEN];
	int r;

	realserver_user(v, user);
	json_object_set_new(opts, "arp", json_string(o->arp));
	json_object_set_new(opts, "tunnel", json_boolean(o->tunnel));
	json_object_set_new(opts, "use_kernel", json_boolean(o->use_kernel));
	r = realserver_changes(j, wanted, v, o);
	if (r >= 0)
		r = journal_start(j, user, opts, wanted);
	json_decref(wanted);
	json_decref(opts);
	warn_elsewhere(j, v);
	return r;
}

static int check_vips(const struct verb *c, const struct realserver_options *o, const char *what)
{
	struct vip v;
	int r = 0;

	if (o->all.nvips == 0)
		return verb_usage(c, "%s needs at least one virtual address", what);
	for (int i = 0; i < o->all.nvips && !r; i++)
		r = parse_vip(c, o->all.vips[i], &v);
	return r;
}

static int do_start(const struct verb *c, const void *options)
{
	const struct realserver_options *o = options;
	struct journal j;
	struct vip v;
	int r = check_vips(c, o, "start");

	if (r)
		return r;
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	for (int i = 0; i < o->all.nvips && r >= 0; i++) {
		parse_vip(c, o->all.vips[i], &v);
		r = start_one(&j, &v, o);
	}
	return setup_finish(c, &j, r);
}

/* Users that the command line names, or all, and the journal open: an exit status (said already), or 0 */
static int open_users(const struct verb *c, const struct setup_options *o, struct journal *j, json_t **ret)
{
	json_t *users = json_array();
	char user[REALSERVER_USER_LEN];
	struct vip v;
	int r = 0;

	for (int i = 0; i < o->nvips && !r; i++) {
		r = parse_vip(c, o->vips[i], &v);
		if (!r)
			json_array_append_new(users, json_string(realserver_user(&v, user)));
	}
	if (!r && journal_open(j) < 0)
		r = verb_error(c, "%s", j->why);
	if (r) {
		json_decref(users);
		return r;
	}
	if (o->nvips == 0) {
		json_decref(users);
		users = setup_users(j, REALSERVER_USER, NULL);
	}
	*ret = users;
	return 0;
}

static int do_stop(const struct verb *c, const void *options)
{
	struct journal j;
	json_t *users;
	int r = open_users(c, options, &j, &users);

	if (r)
		return r;
	r = setup_finish(c, &j, setup_stop(&j, users));
	json_decref(users);
	return r;
}

/* ---- status ---- */

static json_t *status_list(const struct journal *j, const json_t *users, int *ret_worst)
{
	json_t *list = json_array(), *u, *one;
	const char *state, *why;
	struct vip v;
	size_t i;

	*ret_worst = EXIT_OK;
	json_array_foreach(users, i, u)
	{
		if (vip_parse(&v, json_string_value(u) + strlen(REALSERVER_USER), &why) < 0)
			continue;
		one = realserver_status(j, &v);
		state = json_string_value(json_object_get(one, "state"));
		if (strcmp(state, "incomplete") == 0)
			*ret_worst = EXIT_FAILED;
		else if (strcmp(state, "stopped") == 0 && *ret_worst == EXIT_OK)
			*ret_worst = EXIT_STOPPED;
		json_array_append_new(list, one);
	}
	if (json_array_size(list) == 0)
		*ret_worst = EXIT_STOPPED;
	return list;
}

static int do_status(const struct verb *c, const void *options)
{
	const struct setup_options *o = options;
	json_t *users, *list, *one;
	struct journal j;
	int worst, r = open_users(c, o, &j, &users);
	size_t i;

	if (r)
		return r;
	list = status_list(&j, users, &worst);
	journal_close(&j);
	json_decref(users);
	if (o->json) {
		verb_print_json(list);
		return worst;
	}
	json_array_foreach(list, i, one) realserver_print(one);
	if (json_array_size(list) == 0)
		puts("no virtual address: this machine is no real server of elvs");
	json_decref(list);
	return worst;
}

/* ---- enable ---- */

static int do_enable(const struct verb *c, const void *options)
{
	const struct realserver_options *o = options;
	char vips[4096], text[1024], name[VIP_STRLEN];
	struct vip v;
	int n, r = check_vips(c, o, "enable");

	if (!r)
		r = setup_join(c, &o->all, vips, sizeof(vips));
	if (r)
		return r;
	n = snprintf(text, sizeof(text), "--arp %s%s%s%s%s", o->arp, o->tunnel ? " --tunnel" : "",
		     o->use_kernel ? " --use-kernel" : "", o->tunnel ? " --hook " : "", o->tunnel ? o->hook : "");
	for (int i = 0; i < o->ndevs; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " --dev %s", o->devs[i]);
	parse_vip(c, o->all.vips[0], &v);
	return boot_enable(c, o->all.root, o->all.name ?: vip_format(&v, false, name), vips, text);
}

/* ---- words ---- */

static int check_options(const struct verb *c, const void *options)
{
	const struct realserver_options *o = options;

	if (strcmp(o->arp, "sysctl") != 0 && strcmp(o->arp, "nft") != 0)
		return verb_usage(c, "--arp is sysctl or nft, not %s", o->arp);
	if (strcmp(o->hook, "auto") != 0 && strcmp(o->hook, "xdp") != 0 && strcmp(o->hook, "tc") != 0)
		return verb_usage(c, "--hook is xdp or tc, not %s", o->hook);
	if (o->use_kernel && !o->tunnel)
		return verb_usage(c, "--use-kernel goes with --tunnel");
	if (o->ndevs && (!o->tunnel || o->use_kernel))
		return verb_usage(
			c, "--dev says where tunnelled packets arrive: it goes with --tunnel, without --use-kernel");
	return 0;
}

static int option(const struct verb *c, void *options, int opt)
{
	struct realserver_options *o = options;

	switch (opt) {
	case 'a':
		o->arp = optarg;
		return 0;
	case 't':
		o->tunnel = true;
		return 0;
	case 'k':
		o->use_kernel = true;
		return 0;
	case 'H':
		o->hook = optarg;
		return 0;
	case 'd':
		if (o->ndevs == REALSERVER_DEVS)
			return verb_usage(c, "at most %d --dev", REALSERVER_DEVS);
		o->devs[o->ndevs++] = optarg;
		return 0;
	}
	return -ENOENT;
}

static int run(const struct verb *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "arp", required_argument, NULL, 'a' },  { "tunnel", no_argument, NULL, 't' },
		{ "use-kernel", no_argument, NULL, 'k' }, { "dev", required_argument, NULL, 'd' },
		{ "hook", required_argument, NULL, 'H' }, SETUP_OPTIONS
	};
	static const struct setup setup = { .longs = longs,
					    .option = option,
					    .check = check_options,
					    .words = "start, stop, status, enable, disable or agent",
					    .actions = { { "start", do_start },
							 { "stop", do_stop },
							 { "status", do_status },
							 { "enable", do_enable },
							 { "disable", setup_disable } } };
	struct realserver_options o = { .arp = "sysctl", .hook = "auto" };

	if (argc > 1 && strcmp(argv[1], "agent") == 0)
		return agent_run(c, argc - 1, argv + 1);
	return setup_run(c, &setup, &o, argc, argv);
}

const struct verb verb_realserver = { "realserver", "make this machine a real server, or no longer", usage, run };
