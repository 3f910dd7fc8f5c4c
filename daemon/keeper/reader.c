/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - see reader.h: the parent's side, and the questions' form. reader_child.c is the other side.
 *
 * The child's answers are believed as far as a configuration is: root has written it. Its end of the socket is only
 * open in the child, so end of file means that it has ended.
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fdpass.h"
#include "reader_wire.h"

#define EXIT_NO_MEMORY 204

struct reader {
	struct event_base *base;
	const struct arena_space *space;
	unsigned slot;
	pid_t pid;
	int fd;
	struct event *readable, *deadline;
	bool late;
	struct reader_answer answer;
	int arena_fd;	    /* -1: no answer yet */
	char *path, *extra; /* extra: to be read at the end of path; NULL when that has been done, or none */
	reader_done *done;
	void *arg;
};

/* ---- questions ---- */
static void reply(struct reader *r, struct reader_msg *m, int fd)
{
	int e = fd_send(r->fd, m, sizeof(*m), fd);

	if (e < 0)
		kill(r->pid, SIGKILL); /* it cannot go on without */
}

/* The text goes in a file without a name: it may be megabytes */
static bool put(int fd, const char *text, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, text + at, len - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static int text_fd(const char *text, size_t len, const char *extra)
{
	int fd = memfd_create("elvs-text", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (put(fd, text, len) && (!extra || (put(fd, "\n", 1) && put(fd, extra, strlen(extra)))))
		return fd;
	close(fd);
	return -ENOSPC;
}

/* The extra text, if this is the file that it belongs to: once */
static char *take_extra(struct reader *r, const char *path)
{
	char *extra = r->extra;

	if (!extra || strcmp(path, r->path) != 0)
		return NULL;
	r->extra = NULL;
	return extra;
}

static void answer_read(struct reader *r, struct reader_msg *m)
{
	char *text = NULL, *extra = NULL;
	size_t len = 0;
	int fd = -1;

	m->result = conf_io_direct.read(conf_io_direct.arg, m->path, &text, &len);
	if (m->result >= 0) {
		extra = take_extra(r, m->path);
		fd = text_fd(text, len, extra);
		if (fd < 0)
			m->result = fd;
		m->len = len + (extra ? 1 + strlen(extra) : 0);
	}
	free(extra);
	free(text);
	reply(r, m, fd);
	if (fd >= 0)
		close(fd);
}

struct glob_reply {
	struct reader *r;
	struct reader_msg m;
};

static int tell_path(void *arg, const char *path)
{
	struct glob_reply *g = arg;

	if (strlen(path) >= sizeof(g->m.path))
		return 0;
	snprintf(g->m.path, sizeof(g->m.path), "%s", path);
	g->m.more = 1;
	reply(g->r, &g->m, -1);
	return 0;
}

static void answer_glob(struct reader *r, struct reader_msg *m)
{
	struct glob_reply g = { .r = r, .m = *m };

	m->result = conf_io_direct.glob(conf_io_direct.arg, m->path, tell_path, &g);
	m->more = 0;
	reply(r, m, -1);
}

static void answer(struct reader *r, struct reader_msg *m)
{
	m->path[sizeof(m->path) - 1] = m->user[sizeof(m->user) - 1] = m->group[sizeof(m->group) - 1] = '\0';
	switch (m->kind) {
	case READER_READ:
		answer_read(r, m);
		return;
	case READER_GLOB:
		answer_glob(r, m);
		return;
	case READER_IF:
		m->result = conf_io_direct.if_exists(conf_io_direct.arg, m->path);
		break;
	case READER_SCRIPT:
		m->result = conf_io_direct.script_check(conf_io_direct.arg, m->path, m->user, m->group);
		break;
	default:
		m->result = -EINVAL;
	}
	reply(r, m, -1);
}

/* ---- the end ---- */
static void reader_free(struct reader *r)
{
	if (r->readable)
		event_free(r->readable);
	if (r->deadline)
		event_free(r->deadline);
	if (r->fd >= 0)
		close(r->fd);
	if (r->arena_fd >= 0)
		close(r->arena_fd);
	free(r->path);
	free(r->extra);
	free(r);
}

static void say(struct reader_result *res, const char *text)
{
	snprintf(res->error, sizeof(res->error), "%s", text);
}

/* Maps what the child has built, after a look whether it can be that. */
static void take_arena(struct reader *r, struct reader_result *res)
{
	uintptr_t base = (uintptr_t)r->space->base + r->slot * ARENA_SLOT_BYTES, at = r->answer.conf;
	size_t used = r->answer.used;
	struct stat st;

	if (fstat(r->arena_fd, &st) < 0 || (size_t)st.st_size < used || used < sizeof(struct conf) ||
	    used > ARENA_SLOT_BYTES || at < base || at > base + used - sizeof(struct conf) || at % 16) {
		say(res, "the process that reads the configuration has given an impossible answer");
		return;
	}
	/* Nobody changes it any more, not even a role that means ill. */
	if (fcntl(r->arena_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		say(res, "the configuration cannot be sealed against changes");
		return;
	}
	if (arena_map(&res->arena, r->space, r->slot, r->arena_fd, used) < 0) {
		say(res, "the configuration cannot be mapped: out of memory");
		return;
	}
	r->arena_fd = -1;
	res->conf = (const struct conf *)at;
}

static void finish(struct reader *r)
{
	struct reader_result res = { .arena.fd = -1 };
	reader_done *done = r->done;
	void *arg = r->arg;
	int status = 0;

	while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r->late)
		snprintf(res.error, sizeof(res.error), "reading the configuration took more than %d seconds",
			 READER_TIMEOUT_S);
	else if (WIFSIGNALED(status))
		snprintf(res.error, sizeof(res.error),
			 "the process that reads the configuration died of signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == EXIT_NO_MEMORY)
		say(&res, "the configuration needs more memory than there is");
	else if (WEXITSTATUS(status) || r->arena_fd < 0)
		snprintf(res.error, sizeof(res.error),
			 "the process that reads the configuration ended with status %d", WEXITSTATUS(status));
	else
		take_arena(r, &res);
	reader_free(r);
	done(arg, &res);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct reader *r = arg;
	struct reader_msg m;
	int got;
	ssize_t n = fd_recv(r->fd, &m, sizeof(m), &got);

	if (n == sizeof(m) && m.kind == READER_DONE && r->arena_fd < 0) {
		r->answer = (struct reader_answer){ m.len, m.conf };
		r->arena_fd = got;
		return;
	}
	if (got >= 0)
		close(got);
	if (n == sizeof(m) && r->arena_fd < 0)
		answer(r, &m);
	else if (n == -EAGAIN)
		return;
	else if (n > 0)
		kill(r->pid, SIGKILL);
	else
		finish(r);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct reader *r = arg;

	r->late = true;
	kill(r->pid, SIGKILL); /* end of file follows */
}

int reader_start(struct reader **ret, struct event_base *base, const struct arena_space *space, unsigned slot,
		 const struct conf_options *options, const char *extra, reader_done *done, void *arg)
{
	const struct timeval limit = { .tv_sec = READER_TIMEOUT_S }, patience = { .tv_sec = 1 };
	struct reader *r = calloc(1, sizeof(*r));
	int sv[2], e;

	if (!r)
		return -ENOMEM;
	*r = (struct reader){
		.base = base, .space = space, .slot = slot, .fd = -1, .arena_fd = -1, .done = done, .arg = arg
	};
	r->path = strdup(options->path);
	r->extra = extra && *extra ? strdup(extra) : NULL;
	if (!r->path || (extra && *extra && !r->extra)) {
		reader_free(r);
		return -ENOMEM;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0) {
		e = -errno;
		reader_free(r);
		return e;
	}
	fflush(NULL);
	r->pid = fork();
	if (r->pid == 0) {
		close(sv[0]);
		_exit(reader_child(sv[1], space, slot, options));
	}
	e = -errno;
	close(sv[1]);
	r->fd = sv[0];
	setsockopt(r->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (r->pid < 0) {
		reader_free(r);
		return e;
	}
	r->readable = event_new(base, r->fd, EV_READ | EV_PERSIST, on_readable, r);
	r->deadline = event_new(base, -1, 0, on_deadline, r);
	if (!r->readable || !r->deadline || event_add(r->readable, NULL) < 0 || event_add(r->deadline, &limit) < 0) {
		reader_cancel(r);
		return -ENOMEM;
	}
	*ret = r;
	return 0;
}

void reader_cancel(struct reader *r)
{
	if (!r)
		return;
	kill(r->pid, SIGKILL);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	reader_free(r);
}
