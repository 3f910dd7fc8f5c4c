/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - one health check at run time, and the role that runs them all; what the kinds of checks share.
 *
 * A check waits, perhaps for a socket from the keeper, or is being tried. Its kind begins a try (start), is told
 * when the time of a step is over (timeout) and ends it with check_done(); it never schedules and never talks to the
 * keeper. One check runs once, however many real servers share it.
 *
 * A configuration may be replaced while a try runs: the kinds read it through check->conf, and keep no pointer into
 * it. Invariant: a check is in the role's heap unless it waits for something that is not a time; a kind's memory
 * (try) exists only between start() and end().
 */
#ifndef ELVS_DAEMON_CHECK_CHECK_H
#define ELVS_DAEMON_CHECK_CHECK_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "engine.h"
#include "heap.h"
#include "message.h"

struct check;
struct checker;
struct letter;
struct web;
struct pinger;
struct mailer;

struct check_kind {
	const char *name;  /* for the log: "TCP_CHECK" */
	const char *proto; /* for the log: "TCP" */
	int socket_type;   /* that the keeper is asked for when the socket needs a right; 0: never */
	/* Begins a try; may call check_done() before it returns. k->fd is the keeper's socket, or -1. */
	void (*start)(struct check *k);
	/* The step's time is over: must end the try. */
	void (*timeout)(struct check *k);
	/*
	 * The try has ended, or is given up because the check is going: frees what it holds. k->fd is closed after.
	 */
	void (*end)(struct check *k);
	void (*gone)(struct check *k); /* the check is going: what outlives tries; may be NULL */
	/*
	 * The log's words, with the label: "Remote SMTP server %s succeed on service."; NULL: "TCP connection to .."
	 */
	const char *success;
};

enum check_state { CHECK_WAITING, CHECK_WANTS_SOCKET, CHECK_RUNNING };

struct check {
	struct heap_item timer; /* first: the heap's items are checks */
	const struct conf_target *at;
	const struct conf_check *conf; /* at->how */
	const struct check_kind *kind;
	struct checker *role;
	struct check *next_same, *next_untold;
	char *label, *service; /* "[10.0.0.1]:tcp:80", of the first real server; its virtual server */
	struct engine_rules rules;
	struct engine engine;
	enum check_state state;
	uint32_t generation;	       /* that named it last */
	bool labelled;		       /* in this generation */
	bool again_said;	       /* why it cannot be tried */
	bool suspended;		       /* not to be tried; in no heap then */
	uint32_t serial;	       /* of the try, for what comes back late */
	uint64_t started_us, total_us; /* of this try; total_us: when it must have ended, 0: any time */

	/* of the kind */
	int fd;
	struct event ev;
	bool ev_made;
	void *try;
	void *kept; /* between tries: compiled regular expressions, counters */

	/* told to the keeper */
	struct msg_check_result result; /* as it stands; text at failure. Kinds set its weight before check_done() */
	bool weight_changed;		/* a kind has set another one */
	bool told_once, untold;
	char told_text[160];
};

/* Figures of the role, for dumps and the bench. */
struct checker_stats {
	uint64_t tries, good, failed, again;
	uint64_t late_max_us, late_100ms; /* tries begun after their time */
	uint64_t running, running_max;
};

struct checker {
	struct event_base *base;
	const struct role_start *start;
	struct event *keeper_in, *keeper_out, *timer;
	struct heap heap;
	uint64_t armed_us;    /* what the timer is set to */
	struct check **table; /* by key; n_table is a power of two */
	uint32_t n_table, n_checks;
	struct check *untold;		      /* results that the keeper has not taken yet */
	struct letter *letters, *last_letter; /* requests likewise; outbox.c */
	uint32_t n_letters;
	struct arena arena;
	const struct conf *conf; /* NULL before the first */
	uint32_t generation;
	uint64_t rnd;
	struct web *web;
	struct pinger *pinger;
	struct mailer *mailer;
	struct checker_stats stats;
	bool again; /* the first configuration after another checker died */
	int status; /* exit status */
};

uint64_t check_random(struct checker *r);

/* ---- for the kinds ---- */
/*
 * Ends the try. event and, unless it is ENGINE_OK, why: what came and what was wanted. The check may have been
 * scheduled anew, and its result told, when this returns; the kind must not touch it any more.
 */
void check_done(struct check *k, enum engine_event event, const char *why, ...) __attribute__((format(printf, 3, 4)));
/* As check_done, "timed out after 3 s while connecting": which of the two limits it was is found out here. */
void check_timed_out(struct check *k, const char *doing);
/* A step begins that must end within step_us (and the try within its total time). */
void check_step(struct check *k, uint64_t step_us);
/* Schedules a check that is in no heap, or elsewhere in it, against what its rules say (passive checks). */
void check_at(struct check *k, uint64_t when_us);
/* fd for reading, writing (EV_READ, EV_WRITE) or both: cb(fd, what, k) until check_unwatch(). 0 or -ENOMEM. */
int check_watch(struct check *k, int fd, short what, event_callback_fn cb);
void check_unwatch(struct check *k);
struct check *check_find(struct checker *r, uint64_t key);

/* ---- for the role ---- */
const struct check_kind *check_kind_of(enum conf_check_kind kind); /* NULL: not this role's (file, bfd) */
struct check *check_new(struct checker *r, const struct conf_target *t);
void check_free(struct check *k);
void check_begin(struct check *k);	      /* it is due */
void check_suspend(struct check *k, bool on); /* off: runs at once; what was decided stands in between */
void check_release(
	struct check *k);	 /* suspensions end with their configuration; in a second, if nobody says so anew */
void check_due(struct check *k); /* its time has come: begins, or a step's time is over */
void check_got_socket(struct check *k, const struct msg_socket *m, int take_fd);
void checker_tell(struct checker *r, struct check *k); /* the result, now or as soon as the keeper reads */
void checker_arm(struct checker *r);		       /* the timer for the heap's first */
bool checker_send(struct checker *r, struct message *m);

#endif
