/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot - see snapshot.h. The child's end closes a pipe; it can hold up nobody but who asked. */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct snapshot {
	pid_t pid;
	int fd, pipe;
	struct event *ended;
	snapshot_done *done;
	void *arg;
};

static void snapshot_free(struct snapshot *s)
{
	if (s->ended)
		event_free(s->ended);
	if (s->fd >= 0)
		close(s->fd);
	if (s->pipe >= 0)
		close(s->pipe);
	free(s);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct snapshot *s = arg;
	struct stat st;
	int status = -1;

	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0 && fstat(s->fd, &st) == 0 &&
	    fcntl(s->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		s->done(s->arg, s->fd, (size_t)st.st_size);
	else
		s->done(s->arg, -1, 0);
	snapshot_free(s);
}

int snapshot_start(struct snapshot **ret, struct keeper *k, snapshot_write *write, snapshot_done *done, void *arg)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	int p[2] = { -1, -1 }, r;

	if (!s)
		return -ENOMEM;
	*s = (struct snapshot){ .fd = memfd_create("elvs-status", MFD_CLOEXEC | MFD_ALLOW_SEALING),
				.pipe = -1,
				.done = done,
				.arg = arg };
	if (s->fd < 0 || pipe2(p, O_CLOEXEC) < 0 || (s->pid = fork()) < 0) {
		r = -errno;
		s->pipe = p[0];
		if (p[1] >= 0)
			close(p[1]);
		snapshot_free(s);
		return r;
	}
	if (s->pid == 0)
		_exit(!write(k, s->fd));
	close(p[1]);
	s->pipe = p[0];
	s->ended = event_new(k->base, s->pipe, EV_READ, on_ended, s);
	if (!s->ended || event_add(s->ended, NULL) < 0) {
		snapshot_cancel(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

void snapshot_cancel(struct snapshot *s)
{
	if (!s)
		return;
	kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	snapshot_free(s);
}
