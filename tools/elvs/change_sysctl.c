/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change_sysctl - values below /proc/sys, and forwarding, which changes many: done and undone (change.h). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "change.h"

/* ---- one value ---- */

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
	int r = sysctl_read(change_str(c, "path"), now, sizeof(now));

	if (r < 0)
		return journal_fail(j, r, "cannot read /proc/sys/%s: %s", change_str(c, "path"), strerror(-r));
	if (strcmp(now, change_str(c, "want")) == 0 || word_in(change_str(c, "accept"), now))
		return 1;
	change_set(c, "old", now);
	return 0;
}

static int sysctl_make(struct journal *j, json_t *c)
{
	return sysctl_write(j, change_str(c, "path"), change_str(c, "want"));
}

static int sysctl_undo(struct journal *j, json_t *c)
{
	char now[64];
	int r = sysctl_read(change_str(c, "path"), now, sizeof(now));

	if (r == -ENOENT) /* went with its interface */
		return 0;
	if (r < 0)
		return journal_fail(j, r, "cannot read /proc/sys/%s: %s", change_str(c, "path"), strerror(-r));
	if (strcmp(now, change_str(c, "old")) == 0)
		return 0;
	if (strcmp(now, change_str(c, "want")) != 0) {
		journal_note(
			j, "/proc/sys/%s is %s, which somebody set since: left so (it was %s before elvs made it %s)",
			change_str(c, "path"), now, change_str(c, "old"), change_str(c, "want"));
		return 0;
	}
	return sysctl_write(j, change_str(c, "path"), change_str(c, "old"));
}

json_t *change_sysctl(const char *path, const char *want, const char *accept)
{
	json_t *c = change_new("sysctl", path);

	change_set(c, "path", path);
	change_set(c, "want", want);
	if (accept)
		change_set(c, "accept", accept);
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
	return strcmp(change_str(c, "family"), "ipv6") == 0 ? &forward6 : &forward4;
}

static void save(json_t *saved, const char *path)
{
	char now[64];

	if (sysctl_read(path, now, sizeof(now)) == 0)
		change_set(saved, path, now);
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
			change_set(saved, path, now);
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
	json_t *c = change_new("forward", af == AF_INET6 ? "ipv6" : "ipv4");

	change_set(c, "family", af == AF_INET6 ? "ipv6" : "ipv4");
	return c;
}

const struct change_kind change_sysctl_kind = { "sysctl", sysctl_probe, sysctl_make, sysctl_undo };
const struct change_kind change_forward_kind = { "forward", forward_probe, forward_make, forward_undo };
