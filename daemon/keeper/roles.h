/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * roles - the keeper's children: forked without exec, each on a socket of its own, started again when they die.
 *
 * It knows nothing of what roles are told; its owner does. A role that dies is started again at once, and later and
 * later if it goes on dying. Messages wait here while a role does not read; one that never does is killed.
 */
#ifndef ELVS_KEEPER_ROLES_H
#define ELVS_KEEPER_ROLES_H

#include <event2/event.h>
#include <stdbool.h>

#include "message.h"

struct roles;
struct roles_owner {
	void *arg;
	/* In the new process: runs the role, returns its exit status. start->fd is its socket. */
	int (*run)(void *arg, enum role r, struct role_start *start);
	void (*started)(void *arg, enum role r, pid_t pid);			  /* tell it everything */
	void (*message)(void *arg, enum role r, const struct message *m, int fd); /* fd: borrowed, -1: none */
	/* It has ended; again: it will be started again. status: as of waitpid(). */
	void (*ended)(void *arg, enum role r, pid_t pid, int status, bool again);
};

int roles_new(struct roles **ret, struct event_base *base, const struct roles_owner *owner, bool respawn);
void roles_free(struct roles *rs); /* kills whoever is left; NULL is fine */
/* From now on this role runs, until roles_stop(). Nothing happens if it does already. */
void roles_start(struct roles *rs, enum role r);
/* Says MSG_STOP; it is not started again. */
void roles_stop(struct roles *rs, enum role r, const struct msg_stop *how);
/* One that runs: says MSG_STOP, and starts it again at once when it has ended. */
void roles_renew(struct roles *rs, enum role r);
void roles_kill(struct roles *rs, enum role r); /* one that has been told to stop and did not */
bool roles_running(const struct roles *rs, enum role r);
bool roles_wanted(const struct roles *rs, enum role r);
pid_t roles_pid(const struct roles *rs, enum role r); /* 0: none */
unsigned roles_restarts(const struct roles *rs, enum role r);
/* fd: borrowed; -1: none. Dropped when the role does not run: it is told everything when it starts. */
void roles_send(struct roles *rs, enum role r, const struct message *m, int fd);
/* After SIGCHLD */
void roles_reap(struct roles *rs);

#endif
