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
#include "director.h"
#include "nl.h"
#include "rules.h"
#include "setup.h"

struct options {
	struct setup_options all;
	const char *dev, *rules;
	bool nat;
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
		snprintf(user, sizeof(user), DIRECTOR_USER "%s", vip_format(v, false, text));
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
		r = journal_start(j, DIRECTOR_HOST, opts, wanted);
	json_decref(wanted);
	json_decref(opts);
	return r;
}

static int parse_vips(const struct verb *c, const struct options *o, bool *ret_v4, bool *ret_v6)
{
	const char *why;
	struct vip v;
	int i;

	*ret_v4 = *ret_v6 = false;
	for (i = 0; i < o->all.nvips; i++) {
		if (vip_parse(&v, o->all.vips[i], &why) < 0)
			return verb_usage(c, "%s: %s", o->all.vips[i], why);
		*(v.af == AF_INET ? ret_v4 : ret_v6) = true;
	}
	return 0;
}

static int do_start(const struct verb *c, const void *options)
{
	const struct options *o = options;
	struct journal j;
	bool v4, v6;
	const char *why;
	struct vip v;
	int i, r;

	r = parse_vips(c, o, &v4, &v6);
	if (r)
		return r;
	if (o->all.nvips == 0 && !o->nat && !o->rules)
		return verb_usage(c, "start needs a virtual address, --nat or --rules");
	if (o->all.nvips == 0)
		v4 = true;
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	/* Rules last: what they name is then local, and forwarded from the first packet on. */
	for (i = 0; i < o->all.nvips && r >= 0; i++) {
		vip_parse(&v, o->all.vips[i], &why);
		r = start_vip(&j, &v, o);
	}
	if (r >= 0 && (o->nat || o->rules))
		r = start_host(&j, o, v4, v6);
	return setup_finish(c, &j, r);
}

/* ---- stop ---- */

/* Without another address the host is no director any more. */
static int stop_host(struct journal *j)
{
	return journal_user(j, DIRECTOR_HOST) ? journal_stop(j, DIRECTOR_HOST) : 0;
}

static int stop_all(struct journal *j)
{
	int first = stop_host(j), r;
	json_t *users = setup_users(j, DIRECTOR_USER, DIRECTOR_HOST);

	r = setup_stop(j, users);
	json_decref(users);
	return first ?: r;
}

static int stop_named(struct journal *j, const struct options *o)
{
	json_t *users = json_array();
	char user[VIP_STRLEN + 16], text[VIP_STRLEN];
	const char *why;
	struct vip v;
	int r;

	for (int i = 0; i < o->all.nvips; i++) {
		vip_parse(&v, o->all.vips[i], &why);
		snprintf(user, sizeof(user), DIRECTOR_USER "%s", vip_format(&v, false, text));
		json_array_append_new(users, json_string(user));
	}
	r = setup_stop(j, users);
	json_decref(users);
	users = setup_users(j, DIRECTOR_USER, DIRECTOR_HOST);
	if (r == 0 && json_array_size(users) == 0)
		r = stop_host(j);
	json_decref(users);
	return r;
}

static int do_stop(const struct verb *c, const void *options)
{
	const struct options *o = options;
	struct journal j;
	bool v4, v6;
	int r = parse_vips(c, o, &v4, &v6);

	if (r)
		return r;
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	return setup_finish(c, &j, o->all.nvips ? stop_named(&j, o) : stop_all(&j));
}

static int do_status(const struct verb *c, const void *options)
{
	const struct options *o = options;
	bool ok = true, any = false;
	struct journal j;
	json_t *st;
	int r;

	if (o->all.nvips)
		return verb_usage(c, "status takes no address");
	r = journal_open(&j);
	if (r < 0)
		return verb_error(c, "%s", j.why);
	st = director_status(&j, &ok, &any);
	journal_close(&j);
	if (o->all.json) {
		verb_print_json(st);
	} else {
		director_print(st);
		json_decref(st);
	}
	return !any ? EXIT_STOPPED : ok ? EXIT_OK : EXIT_FAILED;
}

/* ---- enable ---- */

static int do_enable(const struct verb *c, const void *options)
{
	const struct options *o = options;
	char vips[4096], text[2 * PATH_MAX] = "", name[VIP_STRLEN] = "host", path[PATH_MAX];
	const char *why;
	struct vip v;
	bool v4, v6;
	int n = 0, r = parse_vips(c, o, &v4, &v6);

	if (r)
		return r;
	if (o->all.nvips == 0 && !o->nat && !o->rules)
		return verb_usage(c, "enable needs a virtual address, --nat or --rules");
	r = setup_join(c, &o->all, vips, sizeof(vips));
	if (r)
		return r;
	if (o->dev)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "--dev %s ", o->dev);
	if (o->nat)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "--nat ");
	if (o->rules) {
		if (!realpath(o->rules, path))
			return verb_error(c, "cannot read %s: %s", o->rules, strerror(errno));
		if (strpbrk(path, " \t\"'\\$"))
			return verb_error(c, "%s: a path with blanks or quotes cannot stand in a unit's file", path);
		snprintf(text + n, sizeof(text) - (size_t)n, "--rules %s", path);
	}
	if (o->all.nvips) {
		vip_parse(&v, o->all.vips[0], &why);
		vip_format(&v, false, name);
	}
	return boot_enable(c, o->all.root, o->all.name ?: name, vips, text);
}

/* ---- words ---- */

static int option(const struct verb *c, void *options, int opt)
{
	struct options *o = options;

	switch (opt) {
	case 'd':
		o->dev = optarg;
		return 0;
	case 'n':
		o->nat = true;
		return 0;
	case 'r':
		o->rules = optarg;
		return 0;
	}
	return -ENOENT;
}

static int run(const struct verb *c, int argc, char **argv)
{
	static const struct option longs[] = { { "dev", required_argument, NULL, 'd' },
					       { "nat", no_argument, NULL, 'n' },
					       { "rules", required_argument, NULL, 'r' },
					       SETUP_OPTIONS };
	static const struct setup setup = { .longs = longs,
					    .option = option,
					    .words = "start, stop, status, enable or disable",
					    .actions = { { "start", do_start },
							 { "stop", do_stop },
							 { "status", do_status },
							 { "enable", do_enable },
							 { "disable", setup_disable } } };
	struct options o = {};

	return setup_run(c, &setup, &o, argc, argv);
}

const struct verb verb_director = { "director", "make this machine a director, or no longer", usage, run };
