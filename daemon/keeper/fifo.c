/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fifo - see fifo.h. */
#include "fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

struct fifo {
	char *path, *script; /* script: as written, "" none */
	int fd;
	bool made, full;
	struct exec *exec;
	uint64_t run; /* 0: none */
};

/* Owner and group by name; root's where none is named or known */
static void give_to(const char *path, int fd, const char *user, const char *group)
{
	const struct passwd *pw = *user ? getpwnam(user) : NULL;
	uid_t uid = pw ? pw->pw_uid : 0;
	gid_t gid = pw ? pw->pw_gid : 0;
	const struct group *gr = *group ? getgrnam(group) : NULL;

	if (gr)
		gid = gr->gr_gid;
	if ((*user && !pw) || (*group && !gr))
		log_warn("%s: there is no %s %s", path, *user && !pw ? "user" : "group", *user && !pw ? user : group);
	if (fchown(fd, uid, gid) < 0)
		log_warn("%s: owner cannot be set: %s", path, strerror(errno));
}

/* Read and write: opening does not wait for a reader, and writing never finds none. */
static int open_at(struct fifo *f)
{
	struct stat st;

	f->made = mkfifo(f->path, 0600) == 0;
	if (!f->made && errno != EEXIST)
		return -errno;
	f->fd = open(f->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (f->fd < 0)
		return -errno;
	return fstat(f->fd, &st) < 0 || !S_ISFIFO(st.st_mode) ? -EEXIST : 0;
}

struct fifo *fifo_open(const struct conf_fifo *c, struct exec *exec)
{
	const char *const extra[] = { c->path, NULL };
	struct fifo *f = *c->path ? calloc(1, sizeof(*f)) : NULL;
	int r;

	if (!f)
		return NULL;
	f->fd = -1;
	f->exec = exec;
	f->path = strdup(c->path);
	f->script = strdup(c->script.argv ? c->script.text : "");
	r = f->path && f->script ? open_at(f) : -ENOMEM;
	if (r < 0) {
		log_err("notify FIFO %s cannot be opened: %s", c->path,
			r == -EEXIST ? "it is not a FIFO" : strerror(-r));
		fifo_close(f);
		return NULL;
	}
	if (f->made)
		give_to(f->path, f->fd, c->user, c->group);
	if (c->script.argv)
		f->run = exec_run(exec, &c->script, extra, 0, NULL, NULL, 0);
	return f;
}

void fifo_close(struct fifo *f)
{
	if (!f)
		return;
	if (f->run)
		exec_stop(f->exec, f->run);
	if (f->fd >= 0)
		close(f->fd);
	if (f->made)
		unlink(f->path);
	free(f->path);
	free(f->script);
	free(f);
}

void fifo_write(struct fifo *f, const char *line)
{
	size_t len = strlen(line);

	if (!f)
		return;
	if (write(f->fd, line, len) == (ssize_t)len) {
		f->full = false;
		return;
	}
	if (!f->full)
		log_warn("notify FIFO %s is full: lines are dropped until somebody reads it", f->path);
	f->full = true;
}

bool fifo_same(const struct fifo *f, const struct conf_fifo *c)
{
	if (!f)
		return !*c->path;
	return !strcmp(f->path, c->path) && !strcmp(f->script, c->script.argv ? c->script.text : "");
}
