/* SPDX-License-Identifier: GPL-2.0-or-later */
/* signals - see signals.h. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
	int fd;
	struct event *readable;
	signals_got *got;
	void *arg;
};

static void ours(sigset_t *set)
{
	const int all[] = { SIGHUP, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGCHLD, SIGRTMAX - 1, SIGRTMIN + 2 };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		sigaddset(set, all[i]);
}

void signals_block(bool ignore_sigint)
{
	sigset_t set;

	ours(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (ignore_sigint)
		signal(SIGINT, SIG_IGN);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct signals *s = arg;
	struct signalfd_siginfo si;

	if (read(s->fd, &si, sizeof(si)) == sizeof(si))
		s->got(s->arg, (int)si.ssi_signo);
}

int signals_new(struct signals **ret, struct event_base *base, signals_got *got, void *arg)
{
	struct signals *s = calloc(1, sizeof(*s));
	sigset_t set;

	if (!s)
		return -ENOMEM;
	ours(&set);
	*s = (struct signals){ .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .got = got, .arg = arg };
	if (s->fd >= 0)
		s->readable = event_new(base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	if (!s->readable || event_add(s->readable, NULL) < 0) {
		signals_free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

void signals_free(struct signals *s)
{
	if (!s)
		return;
	if (s->readable)
		event_free(s->readable);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
