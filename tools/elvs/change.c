/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * change - sysctl, forwarding, address, nft table, link, module: done and undone (change.h). decap is in decap.c.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "nl.h"
#include "rules.h"

static const char *str(const json_t *c, const char *key)
{
	return json_string_value(json_object_get(c, key)) ?: "";
}

static json_t *new_change(const char *kind, const char *object)
{
	json_t *c = json_object();
	char id[300];

	snprintf(id, sizeof(id), "%s %s", kind, object);
	json_object_set_new(c, "kind", json_string(kind));
	json_object_set_new(c, "id", json_string(id));
	return c;
}

static void set_str(json_t *c, const char *key, const char *value)
{
	json_object_set_new(c, key, json_string(value));
}

/* ---- sysctl ---- */

static int sysctl_open(const char *path, int flags)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	fd = open(full, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_read(const char *path, char *ret, size_t size)
{
	int fd = sysctl_open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, ret, size - 1);
	close(fd);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

static int sysctl_write(struct journal *j, const char *path, const char *value)
{
	int fd = sysctl_open(path, O_WRONLY), r = 0;

	if (fd < 0)
		r = fd;
	else if (write(fd, value, strlen(value)) < 0)
		r = -errno;
	if (fd >= 0)
		close(fd);
	if (r == -EROFS)
		return journal_fail(j, r,
				    "/proc/sys is read-only here: /proc/sys/%s has to be set to %s from outside",
				    path, value);
	if (r < 0)
		return journal_fail(j, r, "cannot set /proc/sys/%s to %s: %s", path, value, strerror(-r));
	return 0;
}

static bool word_in(const char *list, const char *word)
{
	size_t n = strlen(word), k;

	for (; *list; list += k + strspn(list + k, " ")) {
		k = strcspn(list, " ");
		if (k == n && memcmp(list, word, n) == 0)
			return true;
	}
	return false;
}

static int sysctl_probe(struct journal *j, json_t *c)
{
	char now[64];
	int r = sysctl_read(str(c, "path"), now, sizeof(now));

	if (r < 0)
		return journal_fail(j, r, "cannot read /proc/sys/%s: %s", str(c, "path"), strerror(-r));
	if (strcmp(now, str(c, "want")) == 0 || word_in(str(c, "accept"), now))
		return 1;
	set_str(c, "old", now);
	return 0;
}

static int sysctl_make(struct journal *j, json_t *c)
{
	return sysctl_write(j, str(c, "path"), str(c, "want"));
}

static int sysctl_undo(struct journal *j, json_t *c)
{
	char now[64];
	int r = sysctl_read(str(c, "path"), now, sizeof(now));

	if (r == -ENOENT) /* went with its interface */
		return 0;
	if (r < 0)
		return journal_fail(j, r, "cannot read /proc/sys/%s: %s", str(c, "path"), strerror(-r));
	if (strcmp(now, str(c, "old")) == 0)
		return 0;
	if (strcmp(now, str(c, "want")) != 0) {
		journal_note(
			j, "/proc/sys/%s is %s, which somebody set since: left so (it was %s before elvs made it %s)",
			str(c, "path"), now, str(c, "old"), str(c, "want"));
		return 0;
	}
	return sysctl_write(j, str(c, "path"), str(c, "old"));
}

json_t *change_sysctl(const char *path, const char *want, const char *accept)
{
	json_t *c = new_change("sysctl", path);

	set_str(c, "path", path);
	set_str(c, "want", want);
	if (accept)
		set_str(c, "accept", accept);
	return c;
}

/* ---- forwarding ---- */
/*
 * Switching it on or off sets forwarding of every interface, and all/accept_redirects; IPv6 besides stops
 * listening to router advertisements (accept_ra 1) and forgets the default routes that it has from them, unless
 * accept_ra is 2. So the values of every interface are noted first, and put back one by one.
 */
struct forward {
	const char *master, *dir;
	const char *all_too; /* another value that the switch changes */
	bool ra;
};
static const struct forward forward4 = { "net/ipv4/ip_forward", "net/ipv4/conf", "net/ipv4/conf/all/accept_redirects",
					 false };
static const struct forward forward6 = { "net/ipv6/conf/all/forwarding", "net/ipv6/conf", NULL, true };

static const struct forward *forward_of(const json_t *c)
{
	return strcmp(str(c, "family"), "ipv6") == 0 ? &forward6 : &forward4;
}

static void save(json_t *saved, const char *path)
{
	char now[64];

	if (sysctl_read(path, now, sizeof(now)) == 0)
		set_str(saved, path, now);
}

static int forward_probe(struct journal *j, json_t *c)
{
	const struct forward *f = forward_of(c);
	json_t *saved = json_object();
	struct dirent *e;
	char path[512], now[64];
	DIR *d;
	int r;

	r = sysctl_read(f->master, now, sizeof(now));
	if (r < 0) {
		json_decref(saved);
		return journal_fail(j, r, "cannot read /proc/sys/%s: %s", f->master, strerror(-r));
	}
	snprintf(path, sizeof(path), "/proc/sys/%s", f->dir);
	d = strcmp(now, "0") == 0 ? opendir(path) : NULL;
	if (!d) {
		json_decref(saved);
		return 1;
	}
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "all") == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s/forwarding", f->dir, e->d_name);
		save(saved, path);
		snprintf(path, sizeof(path), "%s/%s/accept_ra", f->dir, e->d_name);
		if (f->ra && sysctl_read(path, now, sizeof(now)) == 0 && strcmp(now, "1") == 0)
			set_str(saved, path, now);
	}
	closedir(d);
	if (f->all_too)
		save(saved, f->all_too);
	json_object_set_new(c, "saved", saved);
	return 0;
}

static int forward_make(struct journal *j, json_t *c)
{
	const struct forward *f = forward_of(c);
	const char *path;
	json_t *v;
	int r;

	json_object_foreach(json_object_get(c, "saved"), path, v)
	{
		if (!strstr(path, "/accept_ra"))
			continue;
		r = sysctl_write(j, path, "2");
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return sysctl_write(j, f->master, "1");
}

static int forward_undo(struct journal *j, json_t *c)
{
	const struct forward *f = forward_of(c);
	const char *path;
	char now[64];
	json_t *v;
	int r = sysctl_write(j, f->master, "0");

	if (r < 0)
		return r;
	json_object_foreach(json_object_get(c, "saved"), path, v)
	{
		if (sysctl_read(path, now, sizeof(now)) < 0 || strcmp(now, json_string_value(v)) == 0)
			continue;
		r = sysctl_write(j, path, json_string_value(v));
		if (r < 0)
			return r;
	}
	return 0;
}

json_t *change_forward(int af)
{
	json_t *c = new_change("forward", af == AF_INET6 ? "ipv6" : "ipv4");

	set_str(c, "family", af == AF_INET6 ? "ipv6" : "ipv4");
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
	int r = vip_parse(&q->v, str(c, "addr"), &why);

	if (r < 0)
		return journal_fail(j, r, "%s: %s", str(c, "addr"), why);
	r = nl_link_by_name(&l, str(c, "dev"));
	if (r < 0)
		return journal_fail(j, r, "there is no interface %s here", str(c, "dev"));
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
				    str(c, "addr"), str(c, "dev"));
	if (r == -EACCES && q.v.af == AF_INET6)
		return journal_fail(j, r,
				    "cannot put %s on %s: IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6)",
				    str(c, "addr"), str(c, "dev"), str(c, "dev"));
	return r < 0 ? journal_fail(j, r, "cannot put %s on %s: %s", str(c, "addr"), str(c, "dev"), strerror(-r)) : 0;
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
		return journal_fail(j, r, "cannot take %s off %s: %s", str(c, "addr"), str(c, "dev"), strerror(-r));
	return 0;
}

json_t *change_addr(const char *dev, const struct vip *v)
{
	char text[VIP_STRLEN], object[VIP_STRLEN + 32];
	json_t *c;

	vip_format(v, true, text);
	snprintf(object, sizeof(object), "%s dev %s", text, dev);
	c = new_change("addr", object);
	set_str(c, "addr", text);
	set_str(c, "dev", dev);
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

	if (asprintf(&script, "add table arp %s\ndelete table arp %s\n%s", str(c, "table"), str(c, "table"),
		     str(c, "script")) < 0)
		return journal_fail(j, -ENOMEM, "out of memory");
	r = nft(j, script);
	free(script);
	return r;
}

static int nft_undo(struct journal *j, json_t *c)
{
	char script[256];

	/* "add" first: deleting one that is not there is an error, which cannot be told from others */
	snprintf(script, sizeof(script), "add table arp %s\ndelete table arp %s\n", str(c, "table"), str(c, "table"));
	return nft(j, script);
}

json_t *change_nft(const char *table, const char *script)
{
	json_t *c = new_change("nft", table);

	set_str(c, "table", table);
	set_str(c, "script", script);
	return c;
}

/* ---- links and modules ---- */

static int link_probe(struct journal *j, json_t *c)
{
	struct nl_link l;
	int r = nl_link_by_name(&l, str(c, "dev"));

	return r < 0 ? journal_fail(j, r, "there is no interface %s here", str(c, "dev")) : l.up;
}

static int link_set(struct journal *j, json_t *c, bool up)
{
	struct nl_link l;
	int r = nl_link_by_name(&l, str(c, "dev"));

	if (r == -ENODEV && !up)
		return 0;
	if (r >= 0)
		r = nl_link_set_up(l.ifindex, up);
	return r < 0 ? journal_fail(j, r, "cannot set interface %s %s: %s", str(c, "dev"), up ? "up" : "down",
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
	json_t *c = new_change("link", dev);

	set_str(c, "dev", dev);
	return c;
}

static int module_probe(struct journal *j, json_t *c)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", str(c, "name"));
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
	int r = modprobe("--", str(c, "name"), err, sizeof(err));

	return r ? journal_fail(j, -ENOENT, "this kernel has no module %s (%s)", str(c, "name"),
				r < 0 ? strerror(-r) : err)
		 : 0;
}

static int module_undo(struct journal *j, json_t *c)
{
	char err[256] = "";

	if (modprobe("-r", str(c, "name"), err, sizeof(err)) != 0)
		journal_note(j, "module %s stays loaded: it is in use", str(c, "name"));
	return 0;
}

json_t *change_module(const char *name)
{
	json_t *c = new_change("module", name);

	set_str(c, "name", name);
	return c;
}

json_t *change_decap(const char *dev, const char *hook)
{
	json_t *c = new_change("decap", dev);

	set_str(c, "dev", dev);
	set_str(c, "hook", hook);
	return c;
}

const struct change_kind *change_kind_find(const char *name)
{
	static const struct change_kind kinds[] = {
		{ "sysctl", sysctl_probe, sysctl_make, sysctl_undo },
		{ "forward", forward_probe, forward_make, forward_undo },
		{ "addr", addr_probe, addr_make, addr_undo },
		{ "nft", nft_probe, nft_make, nft_undo },
		{ "link", link_probe, link_make, link_undo },
		{ "module", module_probe, module_make, module_undo },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	}
	if (strcmp(name, change_rules_kind.name) == 0)
		return &change_rules_kind;
	return strcmp(name, change_decap_kind.name) == 0 ? &change_decap_kind : NULL;
}
