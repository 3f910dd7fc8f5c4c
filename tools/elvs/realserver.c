/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs realserver - makes this machine a real server: it takes the virtual address on lo without telling anybody.
 *
 * What is changed: ARP is kept quiet first (so that there is no moment at which the address is announced), then
 * tunnelled packets are taken out of their outer header, then the address is put on lo. IPv6 needs no quieting: the
 * kernel answers neighbour solicitations only for addresses of the interface on which they arrive.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "boot.h"
#include "change.h"
#include "verb.h"
#include "nl.h"
#include "realserver.h"

#define MAX_DEVS 16
#define QUIET_IGNORE "2 8" /* arp_ignore values that are as good as 1 */

struct options {
	const char *arp; /* "sysctl", "nft" */
	bool tunnel, use_kernel, json;
	const char *devs[MAX_DEVS];
	int ndevs;
	const char *hook; /* auto, xdp, tc */
	const char *root, *name;
	char **vips;
	int nvips;
};

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

/* ---- the wanted changes ---- */

static void want(json_t *wanted, json_t *change)
{
	json_array_append_new(wanted, change);
}

static void want_arp_sysctl(json_t *wanted)
{
	want(wanted, change_sysctl("net/ipv4/conf/all/arp_ignore", "1", QUIET_IGNORE));
	want(wanted, change_sysctl("net/ipv4/conf/lo/arp_ignore", "1", QUIET_IGNORE));
	want(wanted, change_sysctl("net/ipv4/conf/all/arp_announce", "2", NULL));
	want(wanted, change_sysctl("net/ipv4/conf/lo/arp_announce", "2", NULL));
}

struct nft_script {
	FILE *out;
	const struct vip *vip;
	const struct nl_link *link; /* whose address is looked for */
	bool done;
};

static int nft_source(void *arg, const struct nl_addr *a)
{
	struct nft_script *s = arg;
	char vip[VIP_STRLEN], own[VIP_STRLEN];

	if (a->ifindex != s->link->ifindex || a->addr.af != AF_INET || vip_same_addr(&a->addr, s->vip))
		return 0;
	fprintf(s->out, "\t\toifname \"%s\" arp saddr ip %s arp saddr ip set %s accept\n", s->link->name,
		vip_format(s->vip, false, vip), vip_format(&a->addr, false, own));
	return 1;
}

static int nft_link(void *arg, const struct nl_link *l)
{
	struct nft_script *s = arg;
	int r;

	if (l->type != ARPHRD_ETHER)
		return 0;
	s->link = l;
	r = nl_addrs(nft_source, s);
	return r < 0 ? r : 0;
}

/*
 * Requests for the VIP are not heard; what we ask ourselves says the interface's first address instead of the VIP
 * (dropping it would leave us without an answer when we talk as VIP). An interface without an address asks as
 * 0.0.0.0, as in a probe, which is answered and put in nobody's table.
 */
static int want_arp_nft(struct journal *j, json_t *wanted, const struct vip *v)
{
	struct nft_script s = { .vip = v };
	char vip[VIP_STRLEN], table[REALSERVER_USER_LEN], *text = NULL;
	size_t size;
	int r;

	vip_format(v, false, vip);
	snprintf(table, sizeof(table), "elvs-rs-%s", vip);
	s.out = open_memstream(&text, &size);
	if (!s.out)
		return journal_fail(j, -ENOMEM, "out of memory");
	fprintf(s.out,
		"table arp %s {\n\tchain input {\n\t\ttype filter hook input priority filter;\n"
		"\t\tarp operation request arp daddr ip %s drop\n\t}\n"
		"\tchain output {\n\t\ttype filter hook output priority filter;\n",
		table, vip);
	r = nl_links(nft_link, &s);
	fprintf(s.out, "\t\tarp saddr ip %s arp saddr ip set 0.0.0.0\n\t}\n}\n", vip);
	if (fclose(s.out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		journal_fail(j, r, "cannot list the interfaces: %s", strerror(-r));
	else
		want(wanted, change_nft(table, text));
	free(text);
	return r;
}

static void want_kernel_tunnel(json_t *wanted, const struct vip *v)
{
	bool v4 = v->af == AF_INET;
	struct nl_link l;

	if (nl_link_by_name(&l, v4 ? "tunl0" : "ip6tnl0") < 0)
		want(wanted, change_module(v4 ? "ipip" : "ip6_tunnel"));
	want(wanted, change_link_up(v4 ? "tunl0" : "ip6tnl0"));
	/* The way back to the client is not tunl0: strict reverse path filtering drops everything. 2 beats all=1. */
	if (v4)
		want(wanted, change_sysctl("net/ipv4/conf/tunl0/rp_filter", "2", "0"));
}

struct dev_list {
	json_t *wanted;
	const char *hook;
	const struct nl_link *link;
	int found;
};

static int has_address(void *arg, const struct nl_addr *a)
{
	const struct nl_link *l = arg;

	return a->ifindex == l->ifindex && a->scope == 0 /* RT_SCOPE_UNIVERSE */;
}

static int want_dev(void *arg, const struct nl_link *l)
{
	struct dev_list *d = arg;

	if (!l->up || l->type != ARPHRD_ETHER || nl_addrs(has_address, (void *)l) != 1)
		return 0;
	want(d->wanted, change_decap(l->name, d->hook));
	d->found++;
	return 0;
}

static int want_decap(struct journal *j, json_t *wanted, const struct options *o)
{
	struct dev_list d = { .wanted = wanted, .hook = o->hook };
	int i, r;

	for (i = 0; i < o->ndevs; i++)
		want(wanted, change_decap(o->devs[i], o->hook));
	if (o->ndevs)
		return 0;
	r = nl_links(want_dev, &d);
	if (r < 0)
		return journal_fail(j, r, "cannot list the interfaces: %s", strerror(-r));
	if (!d.found)
		return journal_fail(j, -ENODEV,
				    "no Ethernet interface that is up has an address: tell me with --dev where "
				    "tunnelled packets arrive");
	return 0;
}

static int wanted_changes(struct journal *j, json_t *wanted, const struct vip *v, const struct options *o)
{
	int r = 0;

	if (v->af == AF_INET && strcmp(o->arp, "sysctl") == 0)
		want_arp_sysctl(wanted);
	else if (v->af == AF_INET)
		r = want_arp_nft(j, wanted, v);
	if (r >= 0 && o->tunnel && o->use_kernel)
		want_kernel_tunnel(wanted, v);
	else if (r >= 0 && o->tunnel)
		r = want_decap(j, wanted, o);
	if (r >= 0)
		want(wanted, change_addr("lo", v));
	return r;
}

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

static int start_one(struct journal *j, const struct vip *v, const struct options *o)
{
	json_t *wanted = json_array(), *opts = json_object();
	char user[REALSERVER_USER_LEN];
	int r;

	realserver_user(v, user);
	json_object_set_new(opts, "arp", json_string(o->arp));
	json_object_set_new(opts, "tunnel", json_boolean(o->tunnel));
	json_object_set_new(opts, "use_kernel", json_boolean(o->use_kernel));
	r = wanted_changes(j, wanted, v, o);
	if (r >= 0)
		r = journal_start(j, user, opts, wanted);
	json_decref(wanted);
	json_decref(opts);
	warn_elsewhere(j, v);
	return r;
}

static int finish(const struct verb *c, struct journal *j, int r)
{
	if (j->notes[0])
		fputs(j->notes, stderr);
	journal_close(j);
	return r < 0 ? verb_error(c, "%s", j->why) : EXIT_OK;
}

static int do_start(const struct verb *c, const struct options *o)
{
	struct journal j;
	struct vip v;
	int i, r = 0;

	if (o->nvips == 0)
		return verb_usage(c, "start needs at least one virtual address");
	for (i = 0; i < o->nvips; i++) {
		r = parse_vip(c, o->vips[i], &v);
		if (r)
			return r;
	}
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	for (i = 0; i < o->nvips && r >= 0; i++) {
		parse_vip(c, o->vips[i], &v);
		r = start_one(&j, &v, o);
	}
	return finish(c, &j, r);
}

/* VIPs of the journal's users of this role, as a new array of user names */
static json_t *all_users(const struct journal *j)
{
	json_t *names = json_array(), *v;
	const char *user;

	json_object_foreach(j->users, user, v)
	{
		if (strncmp(user, "realserver ", 11) == 0)
			json_array_append_new(names, json_string(user));
	}
	return names;
}

static int named_users(const struct verb *c, const struct options *o, json_t *ret)
{
	char user[REALSERVER_USER_LEN];
	struct vip v;
	int i, r;

	for (i = 0; i < o->nvips; i++) {
		r = parse_vip(c, o->vips[i], &v);
		if (r)
			return r;
		realserver_user(&v, user);
		json_array_append_new(ret, json_string(user));
	}
	return 0;
}

static int do_stop(const struct verb *c, const struct options *o)
{
	json_t *users = json_array(), *u;
	struct journal j;
	int r, first = 0;
	size_t i;

	r = named_users(c, o, users);
	if (r)
		goto out;
	r = journal_open(&j);
	if (r < 0) {
		r = verb_error(c, "%s", j.why);
		goto out;
	}
	if (o->nvips == 0) {
		json_decref(users);
		users = all_users(&j);
	}
	json_array_foreach(users, i, u)
	{
		r = journal_stop(&j, json_string_value(u));
		if (r < 0 && first == 0)
			first = r;
	}
	r = finish(c, &j, first);
out:
	json_decref(users);
	return r;
}

/* ---- status ---- */

static int do_status(const struct verb *c, const struct options *o)
{
	json_t *users = json_array(), *list = json_array(), *u, *one;
	int r, worst = EXIT_OK;
	const char *state, *why;
	struct journal j;
	struct vip v;
	size_t i;

	r = named_users(c, o, users);
	if (r)
		goto out;
	r = journal_open(&j);
	if (r < 0) {
		r = verb_error(c, "%s", j.why);
		goto out;
	}
	if (o->nvips == 0) {
		json_decref(users);
		users = all_users(&j);
	}
	json_array_foreach(users, i, u)
	{
		if (vip_parse(&v, json_string_value(u) + 11, &why) < 0)
			continue;
		one = realserver_status(&j, &v);
		state = json_string_value(json_object_get(one, "state"));
		if (strcmp(state, "incomplete") == 0)
			worst = EXIT_FAILED;
		else if (strcmp(state, "stopped") == 0 && worst == EXIT_OK)
			worst = EXIT_STOPPED;
		json_array_append_new(list, one);
	}
	journal_close(&j);
	if (json_array_size(list) == 0)
		worst = EXIT_STOPPED;
	if (o->json) {
		verb_print_json(json_incref(list));
	} else {
		json_array_foreach(list, i, one) realserver_print(one);
		if (json_array_size(list) == 0)
			puts("no virtual address: this machine is no real server of elvs");
	}
	r = worst;
out:
	json_decref(users);
	json_decref(list);
	return r;
}

/* ---- enable, disable ---- */

static int do_enable(const struct verb *c, const struct options *o)
{
	char vips[4096] = "", options[1024], name[VIP_STRLEN];
	struct vip v;
	int i, n, r;

	if (o->nvips == 0)
		return verb_usage(c, "enable needs at least one virtual address");
	for (i = 0, n = 0; i < o->nvips; i++) {
		r = parse_vip(c, o->vips[i], &v);
		if (r)
			return r;
		n += snprintf(vips + n, sizeof(vips) - (size_t)n, "%s%s", n ? " " : "", o->vips[i]);
		if (n >= (int)sizeof(vips))
			return verb_usage(c, "too many addresses for one unit: use several, with --name");
	}
	n = snprintf(options, sizeof(options), "--arp %s%s%s%s%s", o->arp, o->tunnel ? " --tunnel" : "",
		     o->use_kernel ? " --use-kernel" : "", o->tunnel ? " --hook " : "", o->tunnel ? o->hook : "");
	for (i = 0; i < o->ndevs; i++)
		n += snprintf(options + n, sizeof(options) - (size_t)n, " --dev %s", o->devs[i]);
	parse_vip(c, o->vips[0], &v);
	return boot_enable(c, o->root, o->name ?: vip_format(&v, false, name), vips, options);
}

static int do_disable(const struct verb *c, const struct options *o)
{
	int i, r = 0;

	if (o->nvips == 0)
		return verb_usage(c, "disable needs the virtual address or name that was enabled");
	for (i = 0; i < o->nvips && !r; i++) {
		if (strchr(o->vips[i], '/'))
			return verb_usage(c, "%s: a name has no slash", o->vips[i]);
		r = boot_disable(c, o->root, o->vips[i]);
	}
	return r;
}

/* ---- words ---- */

static int check_options(const struct verb *c, const struct options *o)
{
	if (strcmp(o->arp, "sysctl") != 0 && strcmp(o->arp, "nft") != 0)
		return verb_usage(c, "--arp is sysctl or nft, not %s", o->arp);
	if (strcmp(o->hook, "auto") != 0 && strcmp(o->hook, "xdp") != 0 && strcmp(o->hook, "tc") != 0)
		return verb_usage(c, "--hook is xdp or tc, not %s", o->hook);
	if (o->use_kernel && !o->tunnel)
		return verb_usage(c, "--use-kernel goes with --tunnel");
	if (o->ndevs && (!o->tunnel || o->use_kernel))
		return verb_usage(
			c, "--dev says where tunnelled packets arrive: it goes with --tunnel, without --use-kernel");
	if (o->name && strchr(o->name, '/'))
		return verb_usage(c, "--name %s: a name has no slash", o->name);
	return 0;
}

static int run(const struct verb *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "arp", required_argument, NULL, 'a' },  { "tunnel", no_argument, NULL, 't' },
		{ "use-kernel", no_argument, NULL, 'k' }, { "dev", required_argument, NULL, 'd' },
		{ "hook", required_argument, NULL, 'H' }, { "root", required_argument, NULL, 'R' },
		{ "name", required_argument, NULL, 'n' }, { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, OPT_HELP },  {},
	};
	static const struct {
		const char *word;
		int (*run)(const struct verb *c, const struct options *o);
	} actions[] = { { "start", do_start },
			{ "stop", do_stop },
			{ "status", do_status },
			{ "enable", do_enable },
			{ "disable", do_disable } };
	struct options o = { .arp = "sysctl", .hook = "auto", .root = "" };
	size_t i;
	int opt, r;

	if (argc > 1 && strcmp(argv[1], "agent") == 0)
		return agent_run(c, argc - 1, argv + 1);
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (opt) {
		case 'a':
			o.arp = optarg;
			break;
		case 't':
			o.tunnel = true;
			break;
		case 'k':
			o.use_kernel = true;
			break;
		case 'H':
			o.hook = optarg;
			break;
		case 'R':
			o.root = optarg;
			break;
		case 'n':
			o.name = optarg;
			break;
		case 'j':
			o.json = true;
			break;
		case 'd':
			if (o.ndevs == MAX_DEVS)
				return verb_usage(c, "at most %d --dev", MAX_DEVS);
			o.devs[o.ndevs++] = optarg;
			break;
		default:
			return verb_bad_option(c, opt, argv);
		}
	}
	if (optind >= argc)
		return verb_usage(c, "start, stop, status, enable, disable or agent?");
	r = check_options(c, &o);
	if (r)
		return r;
	o.vips = argv + optind + 1;
	o.nvips = argc - optind - 1;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(argv[optind], actions[i].word) == 0)
			return actions[i].run(c, &o);
	}
	return verb_usage(c, "`%s' is not start, stop, status, enable, disable or agent", argv[optind]);
}

const struct verb verb_realserver = { "realserver", "make this machine a real server, or no longer", usage, run };
