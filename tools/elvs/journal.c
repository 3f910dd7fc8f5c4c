/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal - written before each change, read to undo it (journal.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "journal.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

int journal_fail(struct journal *j, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->why, sizeof(j->why), fmt, ap);
	va_end(ap);
	return error;
}

void journal_note(struct journal *j, const char *fmt, ...)
{
	size_t n = strlen(j->notes);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(j->notes + n, sizeof(j->notes) - n, fmt, ap);
	va_end(ap);
	n = strlen(j->notes);
	if (n + 1 < sizeof(j->notes))
		strcpy(j->notes + n, "\n");
}

const char *run_dir(void)
{
	const char *d = getenv("ELVS_RUN_DIR");

	return d && *d ? d : "/run/elvs";
}

int netns_cookie(uint64_t *ret)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int open_dir(struct journal *j)
{
	char path[256];

	if (mkdir(run_dir(), 0755) < 0 && errno != EEXIST)
		return journal_fail(j, -errno, "cannot make %s: %s", run_dir(), strerror(errno));
	snprintf(path, sizeof(path), "%s/setup", run_dir());
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return journal_fail(j, -errno, "cannot make %s: %s", path, strerror(errno));
	j->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (j->dir_fd < 0)
		return journal_fail(j, -errno, "cannot open %s: %s", path, strerror(errno));
	/* The directory itself is the lock: a lock file of each namespace would stay behind. */
	if (flock(j->dir_fd, LOCK_EX) < 0)
		return journal_fail(j, -errno, "cannot lock %s: %s", path, strerror(errno));
	return 0;
}

static json_t *member(json_t *root, const char *key, json_t *empty)
{
	json_t *v = json_object_get(root, key);

	if (v && json_typeof(v) == json_typeof(empty)) {
		json_decref(empty);
		return v;
	}
	json_object_set_new(root, key, empty);
	return empty;
}

static int load(struct journal *j)
{
	struct stat st;
	json_error_t e;
	int fd = openat(j->dir_fd, j->name, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		j->root = json_loadfd(fd, 0, &e);
		close(fd);
		if (!json_is_object(j->root))
			return journal_fail(j, -EINVAL,
					    "%s/setup/%s is damaged (line %d: %s); remove it, and undo by hand",
					    run_dir(), j->name, e.line, e.text);
	} else if (errno == ENOENT) {
		j->root = json_object();
	} else {
		return journal_fail(j, -errno, "cannot read %s/setup/%s: %s", run_dir(), j->name, strerror(errno));
	}
	j->changes = member(j->root, "changes", json_array());
	j->users = member(j->root, "users", json_object());
	if (stat("/proc/self/ns/net", &st) == 0)
		json_object_set_new(j->root, "netns_inode", json_integer((json_int_t)st.st_ino));
	return 0;
}

int journal_open(struct journal *j)
{
	int r;

	*j = (struct journal){ .dir_fd = -1, .lock_fd = -1 };
	r = netns_cookie(&j->cookie);
	if (r < 0)
		return journal_fail(
			j, r,
			"the kernel does not tell a network namespace's cookie (%s): Linux 5.14 or newer is needed",
			strerror(-r));
	snprintf(j->name, sizeof(j->name), "%llu.json", (unsigned long long)j->cookie);
	r = open_dir(j);
	if (r >= 0)
		r = load(j);
	if (r < 0)
		journal_close(j);
	else
		journal_sweep(j);
	return r;
}

int journal_write(struct journal *j)
{
	char tmp[sizeof(j->name) + 8];
	int fd, r = 0;

	snprintf(tmp, sizeof(tmp), ".%s.new", j->name);
	fd = openat(j->dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return journal_fail(j, -errno, "cannot write to %s/setup: %s", run_dir(), strerror(errno));
	if (json_dumpfd(j->root, fd, JSON_INDENT(1)) < 0 || fsync(fd) < 0)
		r = -(errno ? errno : EIO);
	close(fd);
	if (r == 0 && renameat(j->dir_fd, tmp, j->dir_fd, j->name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(j->dir_fd, tmp, 0);
		return journal_fail(j, r, "cannot write %s/setup/%s: %s", run_dir(), j->name, strerror(-r));
	}
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->root && json_array_size(j->changes) == 0 && json_object_size(j->users) == 0)
		unlinkat(j->dir_fd, j->name, 0);
	json_decref(j->root);
	j->root = NULL;
	if (j->dir_fd >= 0)
		close(j->dir_fd);
	j->dir_fd = -1;
}

json_t *journal_user(const struct journal *j, const char *user)
{
	return json_object_get(j->users, user);
}

/* ---- one change ---- */

static const struct change_kind *kind_of(const json_t *change)
{
	return change_kind_find(json_string_value(json_object_get(change, "kind")) ?: "");
}

static json_t *find_id(json_t *array, const char *id)
{
	const char *other;
	size_t i;
	json_t *c;

	json_array_foreach(array, i, c)
	{
		other = json_string_value(json_object_get(c, "id"));
		if (other && strcmp(other, id) == 0)
			return c;
	}
	return NULL;
}

static ssize_t user_index(json_t *change, const char *user)
{
	const char *u;
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(change, "users"), i, v)
	{
		u = json_string_value(v);
		if (u && strcmp(u, user) == 0)
			return (ssize_t)i;
	}
	return -1;
}

static void add_user(json_t *change, const char *user)
{
	if (user_index(change, user) < 0)
		json_array_append_new(json_object_get(change, "users"), json_string(user));
}

/* The change is in the journal: see that it still stands. What undoing needs was noted when it was first made. */
static int want_again(struct journal *j, json_t *entry, const json_t *wanted, const char *user)
{
	const struct change_kind *k = kind_of(entry);
	json_t *copy;
	int r;

	json_object_update(entry,
			   (json_t *)wanted); /* the same object, maybe wanted otherwise; users and undo stay */
	add_user(entry, user);
	r = journal_write(j);
	if (r < 0)
		return r;
	copy = json_deep_copy(entry);
	r = k->probe(j, copy);
	json_decref(copy);
	return r == 0 ? k->make(j, entry) : r;
}

static int want_new(struct journal *j, const json_t *wanted, const char *user)
{
	const struct change_kind *k = kind_of(wanted);
	json_t *entry = json_deep_copy(wanted);
	int r = k->probe(j, entry);

	if (r != 0) { /* already so: not ours */
		json_decref(entry);
		return r < 0 ? r : 0;
	}
	json_object_set_new(entry, "users", json_array());
	add_user(entry, user);
	json_array_append_new(j->changes, entry);
	r = journal_write(j);
	return r < 0 ? r : k->make(j, entry);
}

static int want(struct journal *j, const json_t *wanted, const char *user)
{
	json_t *entry = find_id(j->changes, json_string_value(json_object_get(wanted, "id")));
	int r = entry ? want_again(j, entry, wanted, user) : want_new(j, wanted, user);

	return r < 0 ? r : 0;
}

/* Takes the user off all changes that are not in keep (NULL: off all), undoing those that nobody else wants. */
static int release(struct journal *j, const char *user, json_t *keep)
{
	char why[JOURNAL_WHY] = "";
	int r, first = 0;
	size_t i;

	for (i = json_array_size(j->changes); i-- > 0;) {
		json_t *c = json_array_get(j->changes, i);
		ssize_t at = user_index(c, user);

		if (at < 0 || (keep && find_id(keep, json_string_value(json_object_get(c, "id")))))
			continue;
		if (json_array_size(json_object_get(c, "users")) > 1) {
			json_array_remove(json_object_get(c, "users"), (size_t)at);
			r = kind_of(c)->make == change_decap_kind.make ? change_decap_kind.make(j, c) : 0;
		} else {
			r = kind_of(c)->undo(j, c);
			if (r >= 0)
				json_array_remove(j->changes, i);
		}
		if (r >= 0)
			r = journal_write(j);
		if (r < 0 && first == 0) {
			first = r;
			memcpy(why, j->why, sizeof(why));
		}
	}
	memcpy(j->why, why, sizeof(why));
	return first;
}

/* A journal of a newer elvs may hold kinds that we do not know: better to stop than to undo the half of it. */
static int check_kinds(struct journal *j)
{
	json_t *c;
	size_t i;

	json_array_foreach(j->changes, i, c)
	{
		if (!kind_of(c) || !json_string_value(json_object_get(c, "id")))
			return journal_fail(j, -EINVAL,
					    "%s/setup/%s was written by another version of elvs: use that to undo it",
					    run_dir(), j->name);
	}
	return 0;
}

int journal_start(struct journal *j, const char *user, json_t *options, json_t *wanted)
{
	char why[JOURNAL_WHY];
	json_t *w;
	size_t i;
	int r;

	r = check_kinds(j);
	if (r < 0)
		return r;
	json_object_set(j->users, user, options);
	json_array_foreach(wanted, i, w)
	{
		r = want(j, w, user);
		if (r < 0)
			goto failed;
	}
	r = release(j, user, wanted);
	if (r < 0)
		return r;
	return journal_write(j);
failed:
	memcpy(why, j->why, sizeof(why));
	if (journal_stop(j, user) < 0)
		journal_note(j, "putting things back failed as well: %s", j->why);
	memcpy(j->why, why, sizeof(why));
	return r;
}

int journal_stop(struct journal *j, const char *user)
{
	int r, s;

	r = check_kinds(j);
	if (r < 0)
		return r;
	r = release(j, user, NULL);
	if (r == 0)
		json_object_del(j->users, user);
	s = journal_write(j);
	return r < 0 ? r : s;
}
