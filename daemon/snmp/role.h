/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the snmp process's one object. role.c is the loop and what the keeper says, serve.c the master agent's side:
 * what is asked, what must be known for it, notifications.
 */
#ifndef ELVS_SNMP_ROLE_H
#define ELVS_SNMP_ROLE_H

#include "answer.h"
#include "arena.h"
#include "facts.h"
#include "session.h"
#include "trap.h"

#define SNMP_TREES 5

/* A request that waits for what must be known */
struct held;

struct snmp {
	const struct role_start *start;
	struct event_base *base;
	struct event *keeper, *patience, *poll; /* poll: for errors that are to be told */
	struct session *session;

	struct arena arena;
	const struct conf *conf; /* NULL: none came yet */
	uint32_t generation;
	struct view view;
	struct facts facts;
	bool *new_master; /* of conf->vrrps: that is to be told when its counts are there */
	struct oid trees[SNMP_TREES];
	unsigned n_trees;
	char socket[200]; /* of the session */

	uint64_t fresh_until[2]; /* enum need, by bit */
	unsigned asked;		 /* enum need: and no answer yet */
	struct held *held, **held_end;
	unsigned n_held;
	bool confined;
	int status;
};

/* ---- serve.c ---- */
int serve_new(struct snmp *s); /* -errno */
void serve_free(struct snmp *s);
/* The configuration has changed: registers what is to be served. */
void serve_conf(struct snmp *s);
/* need is known now: it counts as fresh for so long. What has waited is answered. */
void serve_fresh(struct snmp *s, enum need need, uint64_t for_us);
void serve_ask(struct snmp *s, unsigned need);
void serve_trap(struct snmp *s, enum trap t, uint32_t i, uint32_t j); /* if they are wanted */

#endif
