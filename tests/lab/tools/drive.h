/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drive - a keeper for one check role: hands it a configuration made by hand, and the sockets and scripts that it
 * asks for. For tests and benches of the role alone; the real keeper is daemon/keeper/.
 */
#ifndef ELVS_TESTS_DRIVE_H
#define ELVS_TESTS_DRIVE_H

#include <stdbool.h>
#include <sys/types.h>

#include "arena.h"
#include "conf.h"
#include "message.h"

struct drive {
	struct arena_space space;
	struct arena arena;	 /* the next configuration is built here; a new one after each drive_conf() */
	struct arena current;	 /* what the role has */
	const struct conf *conf; /* in it */
	unsigned slot;
	uint32_t generation;
	int fd; /* to the role, -1: none */
	pid_t pid;
};

/* Each ends the program with a message when it cannot do its work. */
void drive_open(struct drive *d);
void drive_start(struct drive *d, bool again);	     /* forks the role */
void drive_conf(struct drive *d, struct conf *conf); /* which lies in the arena */
void drive_kill(struct drive *d, int signal);	     /* and waits for its end */
/*
 * Answers what the role asks for; returns 1 with a message that is for the caller, 0 after ms without one, -1 at its
 * end.
 */
int drive_next(struct drive *d, int ms, struct message *ret);

#endif
