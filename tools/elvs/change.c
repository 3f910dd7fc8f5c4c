/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - address, nft table, link, module: done and undone (change.h). Other kinds have files of their own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "nl.h"
#include "rules.h"

const char *change_str(const json_t *c, const char *key)
{
	return json_string_value(json_object_get(c, key)) ?: "";
}

void change_set(json_t *c, const char *key, const char *value)
{
	json_object_set_new(c, key, json_string(value));
}

json_t *change_new(const char *kind, const char *object)
{
	json_t *c = json_object();
	char id[300];

	snprintf(id, sizeof(id), "%s %s", kind, object);
	change_set(c, "kind", kind);
	change_set(c, "id", id);
	return c;
}

/* ---- addresses ---- */

struct addr_query {
	uint32_t ifindex; /* where it is looked for */
	struct vip v;
	bool there;
	uint32_t elsewhere; /* another interface that has it */
};

static int match_addr(void *arg, const struct nl_addr *a)
{
	struct addr_query *q = arg;

	if (!vip_same_addr(&a->addr, &q->v))
		return 0;
	if (a->ifindex == q->ifindex && a->addr.plen == q->v.plen)
		q->there = true;
	else
		q->elsewhere = a->ifindex;
	return 0;
}

/* -ENODEV without a word: undo takes that for done */
static int addr_query(struct journal *j, const json_t *c, struct addr_query *q)
{
	struct nl_link l;
	const char *why;
	int r = vip_parse(&q->v, change_str(c, "addr"), &why);

	if (r < 0)
		return journal_fail(j, r, "%s: %s", change_str(c, "addr"), why);
	r = nl_link_by_name(&l, change_str(c, "dev"));
	if (r < 0)
		return journal_fail(j, r, "there is no interface %s here", change_str(c, "dev"));
	q->ifindex = l.ifindex;
	r = nl_addrs(match_addr, q);
	return r < 0 ? journal_fail(j, r, "cannot list the addresses: %s", strerror(-r)) : 0;
}

static int addr_probe(struct journal *j, json_t *c)
{
	struct addr_query q = {};
	int r = addr_query(j, c, &q);

	return r < 0 ? r : q.there;
}

static int addr_make(struct journal *j, json_t *c)
{
	struct addr_query q = {};
	int r = addr_query(j, c, &q);

	if (r < 0)
		return r;
	r = nl_addr_add(q.ifindex, &q.v);
	if (r == -EEXIST)
		return 0;
	if (r == -EPERM)
		return journal_fail(j, r, "cannot put %s on %s: CAP_NET_ADMIN is missing (you must be root)",
				    change_str(c, "addr"), change_str(c, "dev"));
	if (r == -EACCES && q.v.af == AF_INET6)
		return journal_fail(j, r,
				    "cannot put %s on %s: IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6)",
				    change_str(c, "addr"), change_str(c, "dev"), change_str(c, "dev"));
	return r < 0 ? journal_fail(j, r, "cannot put %s on %s: %s", change_str(c, "addr"), change_str(c, "dev"),
				    strerror(-r))
		     : 0;
}

static int addr_undo(struct journal *j, json_t *c)
{
	struct addr_query q = {};
	int r = addr_query(j, c, &q);

	if (r == -ENODEV)
		return 0;
	if (r < 0)
		return r;
	r = nl_addr_del(q.ifindex, &q.v);
	if (r < 0 && r != -EADDRNOTAVAIL)
		return journal_fail(j, r, "cannot take %s off %s: %s", change_str(c, "addr"), change_str(c, "dev"),
				    strerror(-r));
	return 0;
}

json_t *change_addr(const char *dev, const struct vip *v)
{
	char text[VIP_STRLEN], object[VIP_STRLEN + 32];
	json_t *c;

	vip_format(v, true, text);
	snprintf(object, sizeof(object), "%s dev %s", text, dev);
	c = change_new("addr", object);
	change_set(c, "addr", text);
	change_set(c, "dev", dev);
	return c;
}

/* ---- nft ---- */

static int nft(struct journal *j, const char *script)
{
	const char *const argv[] = { "nft", "-f", "-", NULL };
	char err[256];
	int r = run_program(argv, script, err, sizeof(err));

	if (r == 0)
		return 0;
	if (r == -ENOENT)
		return journal_fail(j, r, "the nft command is not installed (package nftables); use --arp sysctl");
	return journal_fail(j, -EIO, "nft refuses: %s", r < 0 ? strerror(-r) : err);
}

/* Always made: that replaces the table by itself, whoever made it, in one transaction. */
static int nft_probe(struct journal *j, json_t *c)
{
	return 0;
}

static int nft_make(struct journal *j, json_t *c)
{
	char *script = NULL;
	int r;

	if (asprintf(&script, "add table arp %s\ndelete table arp %s\n%s", change_str(c, "table"),
		     change_str(c, "table"), change_str(c, "script")) < 0)
		return journal_fail(j, -ENOMEM, "out of memory");
	r = nft(j, script);
	free(script);
	return r;
}

static int nft_undo(struct journal *j, json_t *c)
{
	char script[256];

	/* "add" first: deleting one that is not there is an error, which cannot be told from others */
	snprintf(script, sizeof(script), "add table arp %s\ndelete table arp %s\n", change_str(c, "table"),
		 change_str(c, "table"));
	return nft(j, script);
}

json_t *change_nft(const char *table, const char *script)
{
	json_t *c = change_new("nft", table);

	change_set(c, "table", table);
	change_set(c, "script", script);
	return c;
}

/* ---- links and modules ---- */

static int link_probe(struct journal *j, json_t *c)
{
	struct nl_link l;
	int r = nl_link_by_name(&l, change_str(c, "dev"));

	return r < 0 ? journal_fail(j, r, "there is no interface %s here", change_str(c, "dev")) : l.up;
}

static int link_set(struct journal *j, json_t *c, bool up)
{
	struct nl_link l;
	int r = nl_link_by_name(&l, change_str(c, "dev"));

	if (r == -ENODEV && !up)
		return 0;
	if (r >= 0)
		r = nl_link_set_up(l.ifindex, up);
	return r < 0 ? journal_fail(j, r, "cannot set interface %s %s: %s", change_str(c, "dev"), up ? "up" : "down",
				    strerror(-r))
		     : 0;
}

static int link_make(struct journal *j, json_t *c)
{
	return link_set(j, c, true);
}

static int link_undo(struct journal *j, json_t *c)
{
	return link_set(j, c, false);
}

json_t *change_link_up(const char *dev)
{
	json_t *c = change_new("link", dev);

	change_set(c, "dev", dev);
	return c;
}

static int module_probe(struct journal *j, json_t *c)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", change_str(c, "name"));
	return access(path, F_OK) == 0;
}

static int modprobe(const char *flag, const char *name, char *err, size_t size)
{
	const char *const argv[] = { "modprobe", flag, name, NULL };

	return run_program(argv, NULL, err, size);
}

static int module_make(struct journal *j, json_t *c)
{
	char err[256] = "";
	int r = modprobe("--", change_str(c, "name"), err, sizeof(err));

	return r ? journal_fail(j, -ENOENT, "this kernel has no module %s (%s)", change_str(c, "name"),
				r < 0 ? strerror(-r) : err)
		 : 0;
}

static int module_undo(struct journal *j, json_t *c)
{
	char err[256] = "";

	if (modprobe("-r", change_str(c, "name"), err, sizeof(err)) != 0)
		journal_note(j, "module %s stays loaded: it is in use", change_str(c, "name"));
	return 0;
}

json_t *change_module(const char *name)
{
	json_t *c = change_new("module", name);

	change_set(c, "name", name);
	return c;
}

json_t *change_decap(const char *dev, const char *hook)
{
	json_t *c = change_new("decap", dev);

	change_set(c, "dev", dev);
	change_set(c, "hook", hook);
	return c;
}

const struct change_kind *change_kind_find(const char *name)
{
	static const struct change_kind here[] = {
		{ "addr", addr_probe, addr_make, addr_undo },
		{ "nft", nft_probe, nft_make, nft_undo },
		{ "link", link_probe, link_make, link_undo },
		{ "module", module_probe, module_make, module_undo },
	};
	const struct change_kind *const kinds[] = {
		&here[0],	    &here[1],		&here[2], &here[3], &change_sysctl_kind, &change_forward_kind,
		&change_rules_kind, &change_decap_kind,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i]->name) == 0)
			return kinds[i];
	return NULL;
}
