/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io - conf_io_direct: files, interfaces and scripts as this process sees them, with its own rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <net/if.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

#define FILE_MAX (64u << 20)
#define LINKS_MAX 40

static int read_all(int fd, char **ret_text, size_t *ret_len)
{
	size_t len = 0, room = 1 << 16;
	char *text, *more;
	struct stat st;
	ssize_t n;

	if (!fstat(fd, &st) && st.st_size > 0 && (size_t)st.st_size <= FILE_MAX)
		room = (size_t)st.st_size + 2; /* and so it is read at once */
	text = malloc(room);
	for (;;) {
		if (!text)
			return -ENOMEM;
		n = read(fd, text + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (len > FILE_MAX) {
			free(text);
			return -EFBIG;
		}
		if (room - len > 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			free(text);
		text = more;
	}
	if (n < 0) {
		n = -errno;
		free(text);
		return (int)n;
	}
	text[len] = 0;
	*ret_text = text;
	*ret_len = len;
	return 0;
}

static int direct_read(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, ret_text, ret_len);
	close(fd);
	return r;
}

static int direct_glob(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	struct stat st;
	int n = 0, r;
	glob_t g;

	r = glob(pattern, GLOB_BRACE, NULL, &g);
	if (r == GLOB_NOMATCH)
		return 0;
	if (r)
		return r == GLOB_NOSPACE ? -ENOMEM : -EIO;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		if (!stat(g.gl_pathv[i], &st) && (S_ISDIR(st.st_mode) || st.st_mode & 0111))
			continue;
		n++;
		if (f(f_arg, g.gl_pathv[i]))
			break;
	}
	globfree(&g);
	return n;
}

static bool direct_if_exists(void *arg, const char *ifname)
{
	return if_nametoindex(ifname);
}

/* ---- scripts ---- */
static int who(const char *user, const char *group, uid_t *ret_uid, gid_t *ret_gid)
{
	struct passwd *pw;
	struct group *gr;

	*ret_uid = 0;
	*ret_gid = 0;
	if (user && *user) {
		pw = getpwnam(user);
		if (!pw)
			return -EINVAL;
		*ret_uid = pw->pw_uid;
		*ret_gid = pw->pw_gid;
	}
	if (group && *group) {
		gr = getgrnam(group);
		if (!gr)
			return -EINVAL;
		*ret_gid = gr->gr_gid;
	}
	return 0;
}

static bool may_run(const struct stat *st, uid_t uid, gid_t gid)
{
	if (!uid)
		return st->st_mode & 0111;
	if (st->st_uid == uid)
		return st->st_mode & 0100;
	return st->st_mode & (st->st_gid == gid ? 0010 : 0001);
}

/* Only root may change it. In a directory like /tmp others make files of their own, but root's are nobody else's. */
static bool is_roots(const struct stat *st)
{
	if (st->st_uid || S_ISLNK(st->st_mode))
		return !st->st_uid;
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
		return true;
	return !(st->st_mode & S_IWOTH) && !(st->st_gid && st->st_mode & S_IWGRP);
}

/*
 * Walks path from / on, through every link, so that each directory that has a say is seen. 0, -errno, or 1: somebody
 * who is not root owns or may write something on the way.
 */
static int walk(const char *path, struct stat *ret)
{
	char rest[PATH_MAX], done[PATH_MAX] = "", name[NAME_MAX + 1], link[PATH_MAX], joined[2 * PATH_MAX];
	int links = 0, safe = 1;
	size_t n, len;
	ssize_t m;

	if (strlen(path) >= sizeof(rest))
		return -ENAMETOOLONG;
	strcpy(rest, path);
	if (stat("/", ret))
		return -errno;
	safe &= is_roots(ret);
	while (*(path = rest + strspn(rest, "/"))) {
		n = strcspn(path, "/");
		len = strlen(done);
		if (n > NAME_MAX || len + n + 2 > sizeof(done))
			return -ENAMETOOLONG;
		memcpy(name, path, n);
		name[n] = 0;
		memmove(rest, path + n, strlen(path + n) + 1);
		if (!strcmp(name, "."))
			continue;
		if (!strcmp(name, "..")) {
			if (strrchr(done, '/'))
				*strrchr(done, '/') = 0;
			continue;
		}
		done[len] = '/';
		strcpy(done + len + 1, name);
		if (lstat(done, ret))
			return -errno;
		safe &= is_roots(ret);
		if (!S_ISLNK(ret->st_mode))
			continue;
		m = readlink(done, link, sizeof(link) - 1);
		if (m < 0)
			return -errno;
		link[m] = 0;
		if (++links > LINKS_MAX)
			return -ELOOP;
		if ((size_t)m + 1 + strlen(rest) >= sizeof(rest))
			return -ENAMETOOLONG;
		strcpy(joined, link);
		strcat(joined, "/");
		strcat(joined, rest);
		strcpy(rest, joined);
		done[*link == '/' ? 0 : len] = 0;
	}
	return !safe;
}

/* A name without a slash is looked for where the shell would */
static int find(const char *name, char *buf, size_t size)
{
	const char *path = getenv("PATH"), *end;

	if (!path || !*path)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (;; path = end + 1) {
		end = strchrnul(path, ':');
		if ((size_t)(end - path) + strlen(name) + 2 <= size && end > path && *path == '/') {
			memcpy(buf, path, (size_t)(end - path));
			buf[end - path] = '/';
			strcpy(buf + (end - path) + 1, name);
			if (!access(buf, F_OK))
				return 0;
		}
		if (!*end)
			return -ENOENT;
	}
}

static int direct_script_check(void *arg, const char *path, const char *user, const char *group)
{
	char found[PATH_MAX];
	struct stat st;
	uid_t uid;
	gid_t gid;
	int r;

	r = who(user, group, &uid, &gid);
	if (r < 0)
		return r;
	if (!strchr(path, '/')) {
		r = find(path, found, sizeof(found));
		if (r < 0)
			return r;
		path = found;
	}
	if (*path != '/')
		return -ENOENT;
	r = walk(path, &st);
	if (r < 0)
		return r == -ENOTDIR ? -ENOENT : r;
	if (!S_ISREG(st.st_mode) || !may_run(&st, uid, gid))
		return -EACCES;
	return r && !uid ? -EPERM : 0;
}

const struct conf_io conf_io_direct = {
	.read = direct_read,
	.glob = direct_glob,
	.if_exists = direct_if_exists,
	.script_check = direct_script_check,
};
