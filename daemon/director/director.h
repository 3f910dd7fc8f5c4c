/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * director - the process that tends the instance of one network namespace: it answers the control socket, and tells
 * the data plane what changes around it. Packets do not need it: killed, it is missed by nobody for a while.
 */
#ifndef ELVS_DIRECTOR_DIRECTOR_H
#define ELVS_DIRECTOR_DIRECTOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"
#include "options.h"

struct batch;
struct client;
struct watch;

struct director {
	const struct options *o;
	struct event_base *base;
	struct elvs *elvs;
	struct watch *watch;	/* links, neighbours, next hops, attachments */
	struct client *clients;	/* list */
	struct batch *batch;	/* NULL unless a client is restoring */
	struct client *batch_owner;
	struct event *channel_ev, *tick_ev, *term_ev, *resched_ev, *loaded_ev;
	int channel;		/* to the supervisor; -1 while there is none */
	int lock_fd;		/* one director per namespace */
	unsigned lonely_ticks;	/* since the supervisor went */
	bool in_turn;		/* the requests of one turn are one transaction of the library */
	bool ending;		/* loop is to end */
	bool destroy;		/* take the instance down at the end */
};

/* Runs the role until it ends; the process's exit status. */
int director_run(const struct options *o);
/* Asks the loop to end; destroy: remove every trace of the instance on the way out. */
void director_end(struct director *d, bool destroy);

/* Around the requests that are answered in one go; within a restore they do nothing. */
void director_turn_begin(struct director *d);
void director_turn_end(struct director *d);

/* clients.c: takes the descriptor */
int client_add(struct director *d, int fd);
void clients_free(struct director *d);
void clients_resume(struct director *d);	/* the batch is over: read what others have sent meanwhile */

/* commands.c */
struct reply;
struct ctl_req;
/*
 * Carries out one request; answers go to reply. Returns the error to be answered (0: done); *ret_why may get a
 * sentence about it, borrowed until the next call.
 */
int command_run(struct director *d, struct client *c, const struct ctl_req *q, struct reply *reply,
		const char **ret_why);
/* Whether the request changes something (and therefore waits while somebody else is restoring) */
bool command_changes(const struct ctl_req *q);

#endif
