/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sockset - see sockset.h. */
#include "sockset.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define EVENTS 256

static void free_ended(struct sockset *w)
{
	struct check_run *run;

	while ((run = w->ended)) {
		w->ended = run->next_ended;
		free(run);
	}
}

static void some_ready(evutil_socket_t fd, short what, void *arg)
{
	struct epoll_event e[EVENTS];
	struct sockset *w = arg;
	int n = epoll_wait(w->fd, e, EVENTS, 0);

	w->in_batch = true;
	for (int i = 0; i < n; i++) {
		struct check_run *run = e[i].data.ptr;

		if (!run->ended)
			run->ready(run->check, e[i].events);
	}
	w->in_batch = false;
	free_ended(w);
}

int sockset_open(struct sockset *w, struct event_base *base)
{
	*w = (struct sockset){ .fd = epoll_create1(EPOLL_CLOEXEC) };
	if (w->fd < 0)
		return -errno;
	w->ev = event_new(base, w->fd, EV_READ | EV_PERSIST, some_ready, w);
	return w->ev && event_add(w->ev, NULL) == 0 ? 0 : -ENOMEM;
}

void sockset_close(struct sockset *w)
{
	if (w->ev)
		event_free(w->ev);
	if (w->fd >= 0)
		close(w->fd);
	*w = (struct sockset){ .fd = -1 };
}

int sockset_watch(struct check *k, uint32_t events, sockset_cb *cb)
{
	struct check_run *run = k->run;
	struct epoll_event e = { .events = events, .data.ptr = run };
	const int op = run->ready ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (run->ready && run->events == events) {
		run->ready = cb;
		return 0;
	}
	if (epoll_ctl(k->role->sockets.fd, op, run->fd, &e) < 0)
		return -errno;
	run->ready = cb;
	run->events = events;
	return 0;
}

void sockset_again(struct check *k)
{
	struct epoll_event e = { .events = k->run->events, .data.ptr = k->run };

	epoll_ctl(k->role->sockets.fd, EPOLL_CTL_MOD, k->run->fd, &e);
}

void sockset_release(struct sockset *w, struct check_run *run)
{
	/* The keeper may still hold a socket that it made; such a one would stay in the set. */
	if (run->ready && run->keepers)
		epoll_ctl(w->fd, EPOLL_CTL_DEL, run->fd, NULL);
	if (run->fd >= 0)
		close(run->fd);
	if (!w->in_batch) {
		free(run);
		return;
	}
	run->ended = true;
	run->next_ended = w->ended;
	w->ended = run;
}
