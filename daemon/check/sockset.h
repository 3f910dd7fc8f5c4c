/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sockset - the sockets of the tries that run, in an epoll set of their own.
 *
 * One call to the kernel a try: a socket leaves the set by being closed. (libevent's own set, in which everything
 * else is, would be asked to change what is gone, fail, and add it anew.) The set as a whole is one of libevent's
 * descriptors.
 * Invariant: memory of a try is not freed while events that may be about it are being gone through.
 */
#ifndef ELVS_DAEMON_CHECK_SOCKSET_H
#define ELVS_DAEMON_CHECK_SOCKSET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct check;
struct check_run;
struct event;
struct event_base;

typedef void sockset_cb(struct check *k, uint32_t events);

struct sockset {
	int fd; /* -1: none */
	struct event *ev;
	bool in_batch;
	struct check_run *ended; /* in this batch */
};

/* 0 or -errno; sockset_close() in either case */
int sockset_open(struct sockset *w, struct event_base *base);
void sockset_close(struct sockset *w);
/*
 * k's socket (k->run->fd): cb for EPOLLIN, EPOLLOUT, perhaps EPOLLET; errors come in any case. Again: for these from
 * now on. 0 or -errno.
 */
int sockset_watch(struct check *k, uint32_t events, sockset_cb *cb);
void sockset_again(struct check *k); /* with EPOLLET: cb is called once more if there is something to do */
/* Closes its socket, if it has one, and frees the try's memory when no event can be about it. */
void sockset_release(struct sockset *w, struct check_run *run);

#endif
