/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pidfile - see pidfile.h. */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN "/run"
#define DIR RUN "/keepalived"

struct pidfiles {
	char path[ROLES][PATH_MAX]; /* "": none */
	int fd;			    /* the keeper's, locked */
};

int pidfile_path(const struct pidfile_names *n, enum role r, char *buf, size_t size)
{
	static const char *const base[ROLES] = { "keepalived", "vrrp", "checkers", "bfd" };
	int len;

	if (!base[r])
		return -ENOENT;
	if (n->given[r])
		len = snprintf(buf, size, "%s", n->given[r]);
	else
		len = snprintf(buf, size, "%s%s%s/%s%s%s.pid", n->own_dir || *n->netns ? DIR : RUN,
			       *n->netns ? "/" : "", n->netns, base[r], *n->instance ? "_" : "", n->instance);
	return len < (int)size ? 0 : -ENAMETOOLONG;
}

/* The directories above, of our own kind only */
static void make_dir(const char *path)
{
	char dir[PATH_MAX];

	if (strncmp(path, DIR "/", sizeof(DIR)) != 0)
		return;
	snprintf(dir, sizeof(dir), "%s", path);
	for (char *s = dir + sizeof(DIR) - 1; s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(dir, 0755);
		*s = '/';
	}
}

static int put(int fd, pid_t pid)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)pid);

	return ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n ? -errno : 0;
}

/* A keepalived that does not lock its file: whoever has the number and one of our names */
static bool alive(pid_t pid)
{
	char path[64], name[32] = "";
	int fd;
	ssize_t n;

	if (pid <= 0 || pid == getpid() || (kill(pid, 0) < 0 && errno == ESRCH))
		return false;
	/* one that has ended and that nobody has waited for yet has a name, but no program any more */
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (readlink(path, name, sizeof(name) - 1) < 0 && errno == ENOENT)
		return false;
	memset(name, 0, sizeof(name));
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 && (!strncmp(name, "keepalived", 10) || !strncmp(name, "elvsd", 5));
}

static pid_t pid_in(int fd)
{
	char text[32] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? (pid_t)atoi(text) : 0;
}

int pidfiles_take(struct pidfiles **ret, const struct pidfile_names *n, pid_t *ret_other)
{
	struct pidfiles *p = calloc(1, sizeof(*p));
	int r = 0;

	*ret_other = 0;
	if (!p)
		return -ENOMEM;
	for (enum role role = 0; role < ROLES && r >= 0; role++) {
		r = pidfile_path(n, role, p->path[role], sizeof(p->path[role]));
		if (r == -ENOENT)
			r = 0;
	}
	if (r == 0) {
		make_dir(p->path[ROLE_KEEPER]);
		p->fd = open(p->path[ROLE_KEEPER], O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		r = p->fd < 0 ? -errno : 0;
	}
	if (r == 0 && (flock(p->fd, LOCK_EX | LOCK_NB) < 0 || alive(pid_in(p->fd)))) {
		*ret_other = pid_in(p->fd);
		close(p->fd);
		r = -EEXIST;
	}
	if (r == 0)
		r = put(p->fd, getpid());
	if (r < 0) {
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void pidfiles_write(struct pidfiles *p, enum role r, pid_t pid)
{
	int fd;

	if (!p || !*p->path[r])
		return;
	unlink(p->path[r]);
	if (!pid)
		return;
	fd = open(p->path[r], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return;
	put(fd, pid);
	close(fd);
}

void pidfiles_free(struct pidfiles *p)
{
	if (!p)
		return;
	for (enum role r = 0; r < ROLES; r++)
		if (*p->path[r])
			unlink(p->path[r]);
	close(p->fd);
	free(p);
}
