/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the process that runs commands: notifications, tracking scripts, MISC_CHECKs.
 *
 * It only does what the keeper says, one run a message, and reports each end once. A run has a limit: TERM to its
 * process group, KILL two seconds later. When the keeper goes, everything that still runs is ended.
 */
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "log.h"
#include "message.h"

#define KILL_AFTER_S 2
#define COULD_NOT INT32_MIN
#define BUCKETS 1024 /* power of two */

struct run {
	struct run *next; /* in its bucket */
	struct scripts *role;
	uint64_t id, since_us;
	pid_t pid;
	int pidfd;
	struct event *ended, *limit;
	bool timed_out;
	bool told; /* TERM has been sent */
};

struct scripts {
	struct event_base *base;
	int fd;
	struct event *readable;
	struct rlimit files; /* as it was: programs that close all there might be would be at it for ever */
	struct run *runs[BUCKETS];
	unsigned n_runs;
	bool stopping;
};

static void report(struct scripts *r, uint64_t id, int32_t status, bool timed_out, uint64_t took_us)
{
	struct message m = { .type = MSG_EXEC_DONE };
	struct pollfd p = { .fd = r->fd, .events = POLLOUT };

	m.exec_done =
		(struct msg_exec_done){ .id = id, .status = status, .timed_out = timed_out, .took_us = took_us };
	while (message_send(r->fd, &m, -1) == -EAGAIN)
		poll(&p, 1, 1000); /* the keeper always reads, soon */
}

/* ---- the runs that there are ---- */
static struct run **bucket(struct scripts *r, uint64_t id)
{
	return &r->runs[(id * 0x9e3779b97f4a7c15u) >> 54];
}

static void end_role(struct scripts *r)
{
	if (r->stopping && !r->n_runs)
		event_base_loopbreak(r->base);
}

static void run_free(struct run *x)
{
	if (x->ended)
		event_free(x->ended);
	if (x->limit)
		event_free(x->limit);
	if (x->pidfd >= 0)
		close(x->pidfd);
	free(x);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct run *x = arg, **at = bucket(x->role, x->id);
	struct scripts *r = x->role;
	int status, how;

	if (waitpid(x->pid, &status, WNOHANG) != x->pid)
		return;
	how = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	report(r, x->id, how, x->timed_out, clock_us() - x->since_us);
	while (*at != x)
		at = &(*at)->next;
	*at = x->next;
	r->n_runs--;
	run_free(x);
	end_role(r);
}

static void end_run(struct run *x)
{
	const struct timeval more = { .tv_sec = KILL_AFTER_S };

	kill(-x->pid, x->told ? SIGKILL : SIGTERM);
	if (!x->told)
		event_add(x->limit, &more);
	x->told = true;
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct run *x = arg;

	if (!x->told)
		x->timed_out = true;
	end_run(x);
}

static int run_watch(struct run *x, uint64_t timeout_us)
{
	const struct timeval limit = { (time_t)(timeout_us / 1000000), (suseconds_t)(timeout_us % 1000000) };

	x->pidfd = (int)syscall(SYS_pidfd_open, x->pid, 0);
	if (x->pidfd < 0)
		return -errno;
	x->ended = event_new(x->role->base, x->pidfd, EV_READ | EV_PERSIST, on_ended, x);
	x->limit = event_new(x->role->base, -1, 0, on_limit, x);
	if (!x->ended || !x->limit || event_add(x->ended, NULL) < 0)
		return -ENOMEM;
	return timeout_us ? event_add(x->limit, &limit) : 0;
}

/* ---- what the keeper says ---- */
static int start(struct scripts *r, struct msg_exec *e)
{
	struct run *x = calloc(1, sizeof(*x));
	char *argv[CHILD_ARGS_MAX + 1];
	struct child_user user;
	int err = x ? child_args(e->argv, sizeof(e->argv), e->argc, argv) : -ENOMEM;

	if (err == 0)
		err = child_user_find(&user, e->user, e->group);
	if (err < 0) {
		free(x);
		return err;
	}
	*x = (struct run){ .role = r,
			   .id = e->id,
			   .since_us = clock_us(),
			   .pidfd = -1,
			   .pid = child_start(argv, &user, &r->files) };
	err = x->pid < 0 ? x->pid : run_watch(x, e->timeout_us);
	if (err < 0) {
		if (x->pid > 0) {
			kill(-x->pid, SIGKILL);
			waitpid(x->pid, NULL, 0);
		}
		run_free(x);
		return err;
	}
	x->next = *bucket(r, x->id);
	*bucket(r, x->id) = x;
	r->n_runs++;
	return 0;
}

static void on_exec(struct scripts *r, struct msg_exec *e)
{
	int err = start(r, e);

	if (err == 0)
		return;
	log_err("%s: cannot be run%s%s: %s", e->argv, *e->user ? " as " : "", e->user, strerror(-err));
	report(r, e->id, COULD_NOT, false, 0);
}

static void on_exec_end(struct scripts *r, uint64_t id)
{
	for (struct run *x = *bucket(r, id); x; x = x->next)
		if (x->id == id && !x->told)
			end_run(x);
}

static void stop(struct scripts *r)
{
	r->stopping = true;
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct run *x = r->runs[b]; x; x = x->next)
			if (!x->told)
				end_run(x);
	end_role(r);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct scripts *r = arg;
	struct message m;
	int got, n;

	while ((n = message_recv(fd, ROLE_KEEPER, ROLE_SCRIPT, &m, &got)) != -EAGAIN) {
		if (n == -EBADMSG)
			continue;
		if (n <= 0) {
			event_del(r->readable);
			stop(r);
			return;
		}
		if (m.type == MSG_EXEC && !r->stopping)
			on_exec(r, &m.exec);
		else if (m.type == MSG_EXEC_END)
			on_exec_end(r, m.exec_end.id);
		else if (m.type == MSG_STOP)
			stop(r);
	}
}

int script_role(const struct role_start *s)
{
	struct scripts *r = calloc(1, sizeof(*r));
	struct rlimit files;

	if (!r)
		return 204;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		r->files = files;
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	r->fd = s->fd;
	r->base = event_base_new();
	r->readable = r->base ? event_new(r->base, s->fd, EV_READ | EV_PERSIST, on_readable, r) : NULL;
	if (!r->readable || event_add(r->readable, NULL) < 0)
		return 204;
	event_base_dispatch(r->base);
	return 0;
}
