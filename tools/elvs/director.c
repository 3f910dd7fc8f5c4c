/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs director - makes this machine a director: virtual addresses on its interface, forwarding where the real
 * servers need it, saved rules loaded. What it did is undone by stop, and nothing else.
 *
 * Every virtual address is a user of the journal ("director 10.0.0.1"); forwarding and rules belong to the user
 * "director host", which goes when stop names no address, or the last one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce.h"
#include "boot.h"
#include "change.h"
#include "verb.h"
#include "nl.h"
#include "rules.h"

#define HOST_USER "director host"

struct options {
	const char *dev, *rules, *root, *name;
	bool nat, json;
	char **vips;
	int nvips;
};

static const char usage[] =
	"Usage: elvs director start [VIP[/MASK]...] [--dev DEV] [--nat] [--rules FILE]\n"
	"       elvs director stop [VIP...]\n"
	"       elvs director status [--json]\n"
	"       elvs director enable [VIP[/MASK]...] [options of start] [--name NAME] [--root DIR]\n"
	"       elvs director disable VIP|NAME... [--root DIR]\n\n"
	"Makes this machine a director: puts the virtual addresses on an interface and tells the neighbours, "
	"switches\n"
	"forwarding on where the real servers need it, loads saved rules. `stop' puts everything back as it was, and "
	"only\n"
	"what `start' changed; without VIP it stops all. A second `start' does no harm. `enable' does it at every "
	"boot.\n\n"
	"  --dev DEV      interface for the addresses (default: the one whose network the address lies in)\n"
	"  --nat          the real servers use this machine as their gateway: switch forwarding on\n"
	"  --rules FILE   load the virtual services of FILE (as `elvs restore' does); stop removes those\n"
	"  --name NAME    of the file and unit that enable makes (default: the first VIP)\n"
	"  --root DIR     enable in the system below DIR\n"
	"  --json         status as JSON\n";

/* ---- which interface ---- */

struct pick {
	const struct vip *vip;
	uint32_t has, covers; /* interface with the address itself; with its network */
	uint8_t plen;
};

static int pick_addr(void *arg, const struct nl_addr *a)
{
	struct pick *p = arg;

	if (vip_same_addr(&a->addr, p->vip))
		p->has = a->ifindex;
	else if (vip_covers(&a->addr, p->vip) && a->addr.plen >= p->plen && a->ifindex != if_nametoindex("lo")) {
		p->covers = a->ifindex;
		p->plen = a->addr.plen;
	}
	return 0;
}

static int pick_dev(struct journal *j, const struct vip *v, const char *dev, char ret[IF_NAMESIZE])
{
	struct pick p = { .vip = v };
	char text[VIP_STRLEN];
	int r;

	if (dev) {
		if (!if_nametoindex(dev))
			return journal_fail(j, -ENODEV, "there is no interface %s here", dev);
		snprintf(ret, IF_NAMESIZE, "%s", dev);
		return 0;
	}
	r = nl_addrs(pick_addr, &p);
	if (r < 0)
		return journal_fail(j, r, "cannot list the addresses: %s", strerror(-r));
	if (!p.has && !p.covers)
		return journal_fail(j, -EADDRNOTAVAIL,
				    "no interface is in the network of %s: say with --dev which one shall have it",
				    vip_format(v, false, text));
	return if_indextoname(p.has ?: p.covers, ret) ? 0
						      : journal_fail(j, -ENODEV, "the interface has just vanished");
}

/* ---- start ---- */

static int start_vip(struct journal *j, const struct vip *v, const struct options *o)
{
	json_t *wanted = json_array(), *opts = json_object();
	char user[VIP_STRLEN + 16], text[VIP_STRLEN], dev[IF_NAMESIZE];
	int r = pick_dev(j, v, o->dev, dev);

	if (r >= 0) {
		snprintf(user, sizeof(user), "director %s", vip_format(v, false, text));
		json_object_set_new(opts, "dev", json_string(dev));
		json_object_set_new(opts, "plen", json_integer(v->plen));
		json_array_append_new(wanted, change_addr(dev, v));
		r = journal_start(j, user, opts, wanted);
	}
	if (r >= 0 && announce(dev, v) < 0 && strcmp(dev, "lo") != 0)
		journal_note(j, "could not tell the neighbours on %s of %s", dev, vip_format(v, false, text));
	json_decref(wanted);
	json_decref(opts);
	return r;
}

static int start_host(struct journal *j, const struct options *o, bool v4, bool v6)
{
	json_t *wanted = json_array(), *opts = json_object();
	char path[PATH_MAX];
	int r = 0;

	json_object_set_new(opts, "nat", json_boolean(o->nat));
	if (o->nat && v4)
		json_array_append_new(wanted, change_forward(AF_INET));
	if (o->nat && v6)
		json_array_append_new(wanted, change_forward(AF_INET6));
	if (o->rules) {
		if (realpath(o->rules, path)) {
			json_object_set_new(opts, "rules", json_string(path));
			json_array_append_new(wanted, change_rules(path));
		} else {
			r = journal_fail(j, -errno, "cannot read %s: %s", o->rules, strerror(errno));
		}
	}
	if (r >= 0)
		r = journal_start(j, HOST_USER, opts, wanted);
	json_decref(wanted);
	json_decref(opts);
	return r;
}

static int finish(const struct verb *c, struct journal *j, int r)
{
	if (j->notes[0])
		fputs(j->notes, stderr);
	journal_close(j);
	return r < 0 ? verb_error(c, "%s", j->why) : EXIT_OK;
}

static int parse_vips(const struct verb *c, const struct options *o, bool *ret_v4, bool *ret_v6)
{
	const char *why;
	struct vip v;
	int i;

	*ret_v4 = *ret_v6 = false;
	for (i = 0; i < o->nvips; i++) {
		if (vip_parse(&v, o->vips[i], &why) < 0)
			return verb_usage(c, "%s: %s", o->vips[i], why);
		*(v.af == AF_INET ? ret_v4 : ret_v6) = true;
	}
	return 0;
}

static int do_start(const struct verb *c, const struct options *o)
{
	struct journal j;
	bool v4, v6;
	const char *why;
	struct vip v;
	int i, r;

	r = parse_vips(c, o, &v4, &v6);
	if (r)
		return r;
	if (o->nvips == 0 && !o->nat && !o->rules)
		return verb_usage(c, "start needs a virtual address, --nat or --rules");
	if (o->nvips == 0)
		v4 = true;
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	/* Rules last: what they name is then local, and forwarded from the first packet on. */
	for (i = 0; i < o->nvips && r >= 0; i++) {
		vip_parse(&v, o->vips[i], &why);
		r = start_vip(&j, &v, o);
	}
	if (r >= 0 && (o->nat || o->rules))
		r = start_host(&j, o, v4, v6);
	return finish(c, &j, r);
}

/* ---- stop ---- */

static size_t vip_users(const struct journal *j)
{
	const char *user;
	json_t *v;
	size_t n = 0;

	json_object_foreach(j->users, user, v) n +=
		strncmp(user, "director ", 9) == 0 && strcmp(user, HOST_USER) != 0;
	return n;
}

static int stop_all(struct journal *j)
{
	json_t *names = json_array(), *v;
	int r, first = 0;
	const char *user;
	size_t i;

	if (journal_user(j, HOST_USER))
		first = journal_stop(j, HOST_USER);
	json_object_foreach(j->users, user, v)
	{
		if (strncmp(user, "director ", 9) == 0 && strcmp(user, HOST_USER) != 0)
			json_array_append_new(names, json_string(user));
	}
	json_array_foreach(names, i, v)
	{
		r = journal_stop(j, json_string_value(v));
		if (r < 0 && first == 0)
			first = r;
	}
	json_decref(names);
	return first;
}

static int do_stop(const struct verb *c, const struct options *o)
{
	char user[VIP_STRLEN + 16], text[VIP_STRLEN];
	struct journal j;
	const char *why;
	struct vip v;
	bool v4, v6;
	int i, r, first = 0;

	r = parse_vips(c, o, &v4, &v6);
	if (r)
		return r;
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	for (i = 0; i < o->nvips; i++) {
		vip_parse(&v, o->vips[i], &why);
		snprintf(user, sizeof(user), "director %s", vip_format(&v, false, text));
		r = journal_stop(&j, user);
		if (r < 0 && first == 0)
			first = r;
	}
	if (first == 0 && (o->nvips == 0 || vip_users(&j) == 0))
		first = stop_all(&j);
	return finish(c, &j, first);
}

/* ---- status ---- */

struct on_dev {
	struct vip vip;
	uint32_t ifindex;
	bool there;
};

static int find_addr(void *arg, const struct nl_addr *a)
{
	struct on_dev *q = arg;

	q->there |= a->ifindex == q->ifindex && vip_same_addr(&a->addr, &q->vip);
	return 0;
}

static json_t *vip_json(const char *user, const json_t *opts, bool *ok)
{
	const char *dev = json_string_value(json_object_get(opts, "dev")) ?: "?", *why;
	struct on_dev q = { .ifindex = if_nametoindex(dev) };
	json_t *o = json_object();

	if (vip_parse(&q.vip, user + strlen("director "), &why) == 0 && q.ifindex)
		nl_addrs(find_addr, &q);
	*ok &= q.there;
	json_object_set_new(o, "vip", json_string(user + strlen("director ")));
	json_object_set_new(o, "interface", json_string(dev));
	json_object_set_new(o, "present", json_boolean(q.there));
	return o;
}

static bool is_on(const char *path)
{
	char now[32];

	return sysctl_read(path, now, sizeof(now)) == 0 && strcmp(now, "0") != 0;
}

static json_t *status_json(const struct journal *j, bool *ret_ok, bool *ret_any)
{
	json_t *o = json_object(), *vips = json_array(), *v, *host = journal_user(j, HOST_USER);
	const char *user;

	*ret_any = host != NULL;
	json_object_foreach(j->users, user, v)
	{
		if (strncmp(user, "director ", 9) != 0 || strcmp(user, HOST_USER) == 0)
			continue;
		*ret_any = true;
		json_array_append_new(vips, vip_json(user, v, ret_ok));
	}
	json_object_set_new(o, "vips", vips);
	json_object_set_new(o, "ip_forward", json_boolean(is_on("net/ipv4/ip_forward")));
	json_object_set_new(o, "ipv6_forwarding", json_boolean(is_on("net/ipv6/conf/all/forwarding")));
	if (json_is_true(json_object_get(host, "nat")) && !is_on("net/ipv4/ip_forward") &&
	    !is_on("net/ipv6/conf/all/forwarding"))
		*ret_ok = false;
	if (json_object_get(host, "nat"))
		json_object_set(o, "nat", json_object_get(host, "nat"));
	if (json_object_get(host, "rules"))
		json_object_set(o, "rules", json_object_get(host, "rules"));
	json_object_set_new(o, "state", json_string(!*ret_any ? "stopped" : *ret_ok ? "running" : "incomplete"));
	return o;
}

static void print_status(const json_t *o)
{
	const json_t *v;
	size_t i;

	printf("director: %s\n", json_string_value(json_object_get(o, "state")));
	json_array_foreach(json_object_get(o, "vips"), i, v)
		printf("  %s %s %s\n", json_string_value(json_object_get(v, "vip")),
		       json_is_true(json_object_get(v, "present")) ? "on" : "MISSING on",
		       json_string_value(json_object_get(v, "interface")));
	printf("  forwarding: IPv4 %s, IPv6 %s%s\n", json_is_true(json_object_get(o, "ip_forward")) ? "on" : "off",
	       json_is_true(json_object_get(o, "ipv6_forwarding")) ? "on" : "off",
	       json_is_true(json_object_get(o, "nat")) ? " (asked for by --nat)" : "");
	if (json_object_get(o, "rules"))
		printf("  rules: %s\n", json_string_value(json_object_get(o, "rules")));
}

static int do_status(const struct verb *c, const struct options *o)
{
	bool ok = true, any = false;
	struct journal j;
	json_t *st;
	int r;

	if (o->nvips)
		return verb_usage(c, "status takes no address");
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	st = status_json(&j, &ok, &any);
	journal_close(&j);
	if (o->json) {
		verb_print_json(st);
	} else {
		print_status(st);
		json_decref(st);
	}
	return !any ? EXIT_STOPPED : ok ? EXIT_OK : EXIT_FAILED;
}

/* ---- enable, disable ---- */

static int do_enable(const struct verb *c, const struct options *o)
{
	char vips[4096] = "", options[2 * PATH_MAX] = "", name[VIP_STRLEN] = "host", path[PATH_MAX];
	const char *why;
	struct vip v;
	bool v4, v6;
	int i, n, r = parse_vips(c, o, &v4, &v6);

	if (r)
		return r;
	if (o->nvips == 0 && !o->nat && !o->rules)
		return verb_usage(c, "enable needs a virtual address, --nat or --rules");
	for (i = 0, n = 0; i < o->nvips && n < (int)sizeof(vips); i++)
		n += snprintf(vips + n, sizeof(vips) - (size_t)n, "%s%s", n ? " " : "", o->vips[i]);
	if (n >= (int)sizeof(vips))
		return verb_usage(c, "too many addresses for one unit: use several, with --name");
	n = 0;
	if (o->dev)
		n += snprintf(options + n, sizeof(options) - (size_t)n, "--dev %s ", o->dev);
	if (o->nat)
		n += snprintf(options + n, sizeof(options) - (size_t)n, "--nat ");
	if (o->rules) {
		if (!realpath(o->rules, path))
			return verb_error(c, "cannot read %s: %s", o->rules, strerror(errno));
		if (strpbrk(path, " \t\"'\\$"))
			return verb_error(c, "%s: a path with blanks or quotes cannot stand in a unit's file", path);
		snprintf(options + n, sizeof(options) - (size_t)n, "--rules %s", path);
	}
	if (o->nvips) {
		vip_parse(&v, o->vips[0], &why);
		vip_format(&v, false, name);
	}
	return boot_enable(c, o->root, o->name ?: name, vips, options);
}

static int do_disable(const struct verb *c, const struct options *o)
{
	int i, r = 0;

	if (o->nvips == 0)
		return verb_usage(c, "disable needs the virtual address or name that was enabled");
	for (i = 0; i < o->nvips && !r; i++) {
		o->vips[i][strcspn(o->vips[i], "/")] = '\0';
		r = boot_disable(c, o->root, o->vips[i]);
	}
	return r;
}

/* ---- words ---- */

static int run(const struct verb *c, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dev", required_argument, NULL, 'd' },   { "nat", no_argument, NULL, 'n' },
		{ "rules", required_argument, NULL, 'r' }, { "root", required_argument, NULL, 'R' },
		{ "name", required_argument, NULL, 'N' },  { "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, OPT_HELP },   {},
	};
	static const struct {
		const char *word;
		int (*run)(const struct verb *c, const struct options *o);
	} actions[] = { { "start", do_start },
			{ "stop", do_stop },
			{ "status", do_status },
			{ "enable", do_enable },
			{ "disable", do_disable } };
	struct options o = { .root = "" };
	size_t i;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (opt) {
		case 'd':
			o.dev = optarg;
			break;
		case 'n':
			o.nat = true;
			break;
		case 'r':
			o.rules = optarg;
			break;
		case 'R':
			o.root = optarg;
			break;
		case 'N':
			o.name = optarg;
			break;
		case 'j':
			o.json = true;
			break;
		default:
			return verb_bad_option(c, opt, argv);
		}
	}
	if (optind >= argc)
		return verb_usage(c, "start, stop, status, enable or disable?");
	if (o.name && strchr(o.name, '/'))
		return verb_usage(c, "--name %s: a name has no slash", o.name);
	o.vips = argv + optind + 1;
	o.nvips = argc - optind - 1;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(argv[optind], actions[i].word) == 0)
			return actions[i].run(c, &o);
	}
	return verb_usage(c, "`%s' is not start, stop, status, enable or disable", argv[optind]);
}

const struct verb verb_director = { "director", "make this machine a director, or no longer", usage, run };
