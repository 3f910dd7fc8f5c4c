/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roles - see roles.h. */
#include "roles.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"

#define SNDBUF (4 << 20)
#define QUEUE_MAX 100000	  /* messages; a role that is so far behind is stuck */
#define AT_ONCE 64		  /* messages of one role, then the others have their turn */
#define WELL_US (10 * 1000000ull) /* a role that lived so long may be started again at once */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_LAST_MS 10000

struct waiting {
	struct waiting *next;
	int fd;
	struct message m; /* only its first message_size() bytes are there */
};

struct proc {
	struct roles *all;
	enum role role;
	pid_t pid; /* 0: none */
	int fd;
	struct event *readable, *writable, *again;
	struct waiting *first, **last;
	unsigned n_waiting;
	bool wanted;
	uint64_t since_us;
	unsigned backoff_ms; /* before the next start; 0: at once */
	unsigned restarts;
};

struct roles {
	struct event_base *base;
	struct roles_owner owner;
	bool respawn;
	struct proc procs[ROLES];
};

static void spawn(struct proc *p);

/* ---- sending ---- */
static void drop_first(struct proc *p)
{
	struct waiting *w = p->first;

	p->first = w->next;
	if (!p->first)
		p->last = &p->first;
	p->n_waiting--;
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

static void keep(struct proc *p, const struct message *m, int fd)
{
	size_t size = message_size(m->type);
	struct waiting *w = malloc(offsetof(struct waiting, m) + size);
	int copy = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;

	if (!w || p->n_waiting == QUEUE_MAX || (fd >= 0 && copy < 0)) {
		free(w);
		if (copy >= 0)
			close(copy);
		kill(p->pid, SIGKILL); /* started again, it is told everything */
		return;
	}
	memcpy(&w->m, m, size);
	w->next = NULL;
	w->fd = copy;
	*p->last = w;
	p->last = &w->next;
	if (!p->n_waiting++)
		event_add(p->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct proc *p = arg;

	while (p->first && message_send(p->fd, &p->first->m, p->first->fd) != -EAGAIN)
		drop_first(p); /* sent, or nobody will ever read it */
	if (!p->first)
		event_del(p->writable);
}

void roles_send(struct roles *rs, enum role r, const struct message *m, int fd)
{
	struct proc *p = &rs->procs[r];
	struct message copy;

	if (p->fd < 0)
		return;
	if (p->first) {
		keep(p, m, fd);
		return;
	}
	memcpy(&copy, m, message_size(m->type));
	if (message_send(p->fd, &copy, fd) == -EAGAIN)
		keep(p, m, fd);
}

/* ---- receiving ---- */
/* False: nothing more will come from this process. */
static bool hear(struct proc *p, unsigned most)
{
	while (most--) {
		struct message m;
		int fd = -1, r = message_recv(p->fd, p->role, ROLE_KEEPER, &m, &fd);

		if (r == 1)
			p->all->owner.message(p->all->owner.arg, p->role, &m, fd);
		if (fd >= 0)
			close(fd);
		if (r == -EAGAIN)
			return true;
		if (r == 0 || (r < 0 && r != -EBADMSG))
			return false;
		if (p->fd < 0) /* the owner has ended it */
			return false;
	}
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct proc *p = arg;

	if (!hear(p, AT_ONCE) && p->readable)
		event_del(p->readable); /* SIGCHLD follows */
}

/* ---- life and death ---- */
static void disconnect(struct proc *p)
{
	if (p->readable)
		event_free(p->readable);
	if (p->writable)
		event_free(p->writable);
	p->readable = p->writable = NULL;
	while (p->first)
		drop_first(p);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	struct proc *p = arg;

	if (p->wanted && !p->pid)
		spawn(p);
}

static void start_later(struct proc *p)
{
	const struct timeval t = { p->backoff_ms / 1000, (p->backoff_ms % 1000) * 1000 };

	event_add(p->again, &t);
	p->backoff_ms = p->backoff_ms ? p->backoff_ms * 2 : BACKOFF_FIRST_MS;
	if (p->backoff_ms > BACKOFF_LAST_MS)
		p->backoff_ms = BACKOFF_LAST_MS;
}

/* Signals as a fresh process has them; the keeper's loop is not touched: it belongs to another process. */
static void become(struct proc *p, int fd)
{
	struct role_start start = { .fd = fd };
	sigset_t none;

	sigemptyset(&none);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* a terminal's; reloads come as messages */
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(p->all->owner.run(p->all->owner.arg, p->role, &start));
}

static bool connect_to(struct proc *p, int fd)
{
	int size = SNDBUF;

	p->fd = fd;
	p->last = &p->first;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	p->readable = event_new(p->all->base, fd, EV_READ | EV_PERSIST, on_readable, p);
	p->writable = event_new(p->all->base, fd, EV_WRITE | EV_PERSIST, on_writable, p);
	return p->readable && p->writable && event_add(p->readable, NULL) == 0;
}

static void spawn(struct proc *p)
{
	int sv[2];
	pid_t pid;

	p->since_us = clock_us();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv) < 0) {
		start_later(p);
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(sv[0]);
		become(p, sv[1]);
	}
	close(sv[1]);
	if (pid < 0) {
		close(sv[0]);
		start_later(p);
		return;
	}
	p->pid = pid;
	if (connect_to(p, sv[0]))
		p->all->owner.started(p->all->owner.arg, p->role, pid);
	else
		kill(pid, SIGKILL);
}

static void died(struct proc *p, int status)
{
	struct roles *rs = p->all;
	pid_t pid = p->pid;
	bool again = p->wanted && rs->respawn;

	if (p->fd >= 0)
		hear(p, ~0u); /* its last words */
	disconnect(p);
	p->pid = 0;
	again = again && p->wanted;
	if (again) {
		if (clock_us() - p->since_us > WELL_US)
			p->backoff_ms = 0;
		p->restarts++;
		start_later(p);
	} else {
		p->wanted = false;
	}
	rs->owner.ended(rs->owner.arg, p->role, pid, status, again);
}

void roles_reap(struct roles *rs)
{
	for (enum role r = 0; r < ROLES; r++) {
		struct proc *p = &rs->procs[r];
		int status;

		if (p->pid && waitpid(p->pid, &status, WNOHANG) == p->pid)
			died(p, status);
	}
}

/* ---- for the owner ---- */
int roles_new(struct roles **ret, struct event_base *base, const struct roles_owner *owner, bool respawn)
{
	struct roles *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return -ENOMEM;
	rs->base = base;
	rs->owner = *owner;
	rs->respawn = respawn;
	for (enum role r = 0; r < ROLES; r++) {
		struct proc *p = &rs->procs[r];

		*p = (struct proc){ .all = rs, .role = r, .fd = -1, .again = event_new(base, -1, 0, on_again, p) };
		p->last = &p->first;
		if (!p->again) {
			roles_free(rs);
			return -ENOMEM;
		}
	}
	*ret = rs;
	return 0;
}

void roles_free(struct roles *rs)
{
	if (!rs)
		return;
	for (enum role r = 0; r < ROLES; r++) {
		struct proc *p = &rs->procs[r];

		if (p->pid) {
			kill(p->pid, SIGKILL);
			while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		disconnect(p);
		if (p->again)
			event_free(p->again);
	}
	free(rs);
}

void roles_start(struct roles *rs, enum role r)
{
	struct proc *p = &rs->procs[r];

	if (p->wanted)
		return;
	p->wanted = true;
	p->backoff_ms = 0;
	if (!p->pid)
		spawn(p);
}

void roles_stop(struct roles *rs, enum role r, const struct msg_stop *how)
{
	struct message m = { .type = MSG_STOP, .stop = *how };
	struct proc *p = &rs->procs[r];

	p->wanted = false;
	event_del(p->again);
	if (p->pid)
		roles_send(rs, r, &m, -1);
}

void roles_renew(struct roles *rs, enum role r)
{
	struct message m = { .type = MSG_STOP };

	if (!rs->procs[r].pid)
		return;
	rs->procs[r].backoff_ms = 0;
	roles_send(rs, r, &m, -1);
}

void roles_kill(struct roles *rs, enum role r)
{
	if (rs->procs[r].pid)
		kill(rs->procs[r].pid, SIGKILL);
}

bool roles_running(const struct roles *rs, enum role r)
{
	return rs->procs[r].pid != 0;
}

bool roles_wanted(const struct roles *rs, enum role r)
{
	return rs->procs[r].wanted;
}

pid_t roles_pid(const struct roles *rs, enum role r)
{
	return rs->procs[r].pid;
}

unsigned roles_restarts(const struct roles *rs, enum role r)
{
	return rs->procs[r].restarts;
}
