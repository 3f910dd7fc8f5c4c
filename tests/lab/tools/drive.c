/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive - see drive.h. */
#include "drive.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what, int err)
{
	fprintf(stderr, "drive: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(2);
}

void drive_open(struct drive *d)
{
	int r;

	*d = (struct drive){ .fd = -1 };
	r = arena_reserve(&d->space);
	if (r == 0)
		r = arena_open(&d->arena, &d->space, 0);
	if (r < 0)
		die("no arena", r);
}

void drive_start(struct drive *d, bool again)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		die("socketpair", errno);
	fflush(stdout);
	d->pid = fork();
	if (d->pid < 0)
		die("fork", errno);
	if (d->pid == 0) {
		const struct role_start s = { .fd = pair[1], .space = &d->space, .again = again };

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		exit(check_role(&s));
	}
	close(pair[1]);
	d->fd = pair[0];
}

void drive_conf(struct drive *d, struct conf *conf)
{
	struct message m = { .type = MSG_CONF,
			     .conf = { .generation = ++d->generation,
				       .slot = d->slot,
				       .used = d->arena.used,
				       .conf = (uint64_t)(uintptr_t)conf } };
	int r = message_send(d->fd, &m, d->arena.fd);

	if (r < 0)
		die("the configuration cannot be sent", r);
	arena_close(&d->current);
	d->current = d->arena;
	d->conf = conf;
	d->slot = (d->slot + 1) % ARENA_SLOTS;
	r = arena_open(&d->arena, &d->space, d->slot);
	if (r < 0)
		die("no arena", r);
}

void drive_kill(struct drive *d, int signal)
{
	kill(d->pid, signal);
	while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(d->fd);
	d->fd = -1;
}

/* ---- what the role asks for ---- */

static const struct conf_target *check_of(const struct drive *d, uint64_t key)
{
	for (uint32_t i = 0; d->conf && i < d->conf->n_checks; i++)
		if (d->conf->checks[i].key == key)
			return &d->conf->checks[i];
	return NULL;
}

static void give_socket(struct drive *d, const struct msg_want_socket *w)
{
	const struct conf_target *t = check_of(d, w->key);
	const struct conf_check *c = t ? t->how : NULL;
	int family = t ? t->addr.family : (int)w->key; /* the shared ICMP sockets: a family instead of a key */
	int proto = !w->icmp ? 0 : family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	struct message m = { .type = MSG_SOCKET, .socket = { .key = w->key, .want = w->want } };
	int fd = socket(family, w->type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);

	if (!c && family != AF_INET && family != AF_INET6)
		die("a socket for a check that nobody knows", EBADMSG);
	if (fd < 0)
		m.socket.error = -errno;
	else if (c && c->fwmark && setsockopt(fd, SOL_SOCKET, SO_MARK, &c->fwmark, sizeof(c->fwmark)) < 0)
		m.socket.error = -errno;
	else if (c && c->bind_if[0] &&
		 setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, c->bind_if, (socklen_t)strlen(c->bind_if)) < 0)
		m.socket.error = -errno;
	if (m.socket.error && fd >= 0) {
		close(fd);
		fd = -1;
	}
	message_send(d->fd, &m, fd);
	if (fd >= 0)
		close(fd);
}

static void run_script(struct drive *d, const struct msg_run *run)
{
	const struct conf_target *t = check_of(d, run->key);
	const struct conf_check *c = t ? t->how : NULL;
	struct message m = { .type = MSG_RUN_DONE,
			     .run_done = { .key = run->key, .run = run->run, .status = INT32_MIN } };
	int status;
	pid_t pid = c ? fork() : -1;

	if (pid == 0) {
		execv(c->misc.script.argv[0], (char *const *)(uintptr_t)c->misc.script.argv);
		_exit(127);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		m.run_done.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	message_send(d->fd, &m, -1);
}

/* 1: for the caller, 0: was answered here or there is none, -1: the end */
static int take(struct drive *d, struct message *ret)
{
	int fd, n = message_recv(d->fd, ROLE_CHECK, ROLE_KEEPER, ret, &fd);

	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n == -EBADMSG)
		die("the role said what it must not", EBADMSG);
	if (n <= 0)
		return -1;
	if (ret->type == MSG_WANT_SOCKET)
		give_socket(d, &ret->want_socket);
	else if (ret->type == MSG_RUN)
		run_script(d, &ret->run);
	else
		return 1;
	return 0;
}

static int ms_left(const struct timespec *end)
{
	struct timespec now;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

int drive_next(struct drive *d, int ms, struct message *ret)
{
	struct pollfd p = { .fd = d->fd, .events = POLLIN };
	struct timespec end;
	int n;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000l;
	for (;;) {
		n = poll(&p, 1, ms_left(&end));
		if (n < 0 && errno == EINTR)
			return 0;
		if (n <= 0)
			return 0;
		n = take(d, ret);
		if (n)
			return n;
	}
}
