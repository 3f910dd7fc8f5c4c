/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check - one health check at run time, and the role that runs them all; what the kinds of checks share.
 *
 * A check waits, perhaps for a socket from the keeper, or is being tried. Its kind begins a try (start), is told
 * when the time of a step is over (timeout) and ends it with check_done(); it never schedules and never talks to the
 * keeper. One check runs once, however many real servers share it.
 *
 * A configuration may be replaced while a try runs: the kinds read it through check->conf, and keep no pointer into
 * it. Tens of thousands of checks wait while a few run: what only a try needs is in struct check_run, and there is no
 * text but that of a failure. Invariant: a check is in the role's heap unless it waits for something that is not a
 * time; run exists only while it is not CHECK_WAITING.
 */
#ifndef ELVS_DAEMON_CHECK_CHECK_H
#define ELVS_DAEMON_CHECK_CHECK_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "engine.h"
#include "heap.h"
#include "label.h"
#include "message.h"
#include "sockset.h"

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
	size_t try_size;   /* of k->run->try, which is zeroed before start() */
	/* Begins a try; may call check_done() before it returns. k->run->fd is the keeper's socket, or -1. */
	void (*start)(struct check *k);
	/* The step's time is over: must end the try. */
	void (*timeout)(struct check *k);
	/*
	 * The try has ended, or is given up because the check is going: frees what try holds. The socket is closed
	 * after. NULL: nothing to do.
	 */
	void (*end)(struct check *k);
	bool optional;		       /* a failure says nothing of a server that has other checks */
	void (*gone)(struct check *k); /* the check is going: what outlives tries; may be NULL */
	/*
	 * The log's words, with the label: "Remote SMTP server %s succeed on service."; NULL: "TCP connection to .."
	 */
	const char *success;
};

enum check_state { CHECK_WAITING, CHECK_WANTS_SOCKET, CHECK_RUNNING };

/* Of one try */
struct check_run {
	struct check *check;
	void *try;	   /* the kind's, behind this */
	uint64_t total_us; /* when it must have ended, 0: any time */
	int fd;		   /* -1: none */
	bool keepers;	   /* the keeper made that socket */

	/* sockset.c's */
	bool ended;
	uint32_t events;
	sockset_cb *ready;
	struct check_run *next_ended;
};

struct check {
	struct heap_item timer; /* first: the heap's items are checks */
	const struct conf_target *at;
	const struct conf_check *conf; /* at->how */
	const struct check_kind *kind;
	struct checker *role;
	const struct conf_vs *vs; /* whose log lines these are: the first real server that asks for it; may be NULL */
	const struct conf_rs *rs;
	struct check *next_same, *next_untold;
	struct check_run *run; /* NULL: not being tried */
	void *kept;	       /* the kind's, between tries: compiled regular expressions, counters */
	char *text;	       /* of the last failure, until it is good again; NULL: none */
	uint64_t started_us;   /* the last try */
	struct engine engine;
	uint32_t generation; /* that named it last */
	uint32_t serial;     /* of the try, for what comes back late */
	uint32_t latency_us;
	uint32_t told_text;		/* a hash of the text that the keeper knows, 0: none */
	int32_t weight;			/* kinds set it before check_done() */
	uint32_t weight_percent;	/* as in struct msg_check_result */
	uint8_t state;			/* enum check_state */
	bool has_weight : 1, drain : 1; /* as in struct msg_check_result */
	bool weight_changed : 1;	/* a kind has set another one */
	bool changed : 1;		/* against what the keeper was told last */
	bool told_once : 1, untold : 1;
	bool only : 1;	     /* a real server has no other check, or there is none */
	bool again_said : 1; /* why it cannot be tried */
	bool suspended : 1;  /* not to be tried; in no heap then */
};

/* Figures of the role, for dumps and the bench. */
struct checker_stats {
	uint64_t tries, good, failed, again;
	uint64_t late_max_us, late_100ms; /* tries begun after their time */
	uint64_t running, running_max;
};

struct checker {
	struct event_base *base;
	struct sockset sockets;
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
/* As sockset_watch(); false: the try has ended, for there was no memory. */
bool check_watch(struct check *k, uint32_t events, sockset_cb *cb);
struct check *check_find(struct checker *r, uint64_t key);

/* ---- for the role ---- */
const struct check_kind *check_kind_of(enum conf_check_kind kind); /* NULL: not this role's (file, bfd) */
struct check *check_new(struct checker *r, const struct conf_target *t);
void check_free(struct check *k);
void check_begin(struct check *k);	      /* it is due */
void check_suspend(struct check *k, bool on); /* off: runs at once; what was decided stands in between */
/* Suspensions end with their configuration; in a second, if nobody says so anew. */
void check_release(struct check *k);
void check_due(struct check *k); /* its time has come: begins, or a step's time is over */
void check_got_socket(struct check *k, const struct msg_socket *m, int take_fd);
void checker_tell(struct checker *r, struct check *k); /* the result, now or as soon as the keeper reads */
void check_result_of(const struct check *k, struct msg_check_result *ret);
void check_told(struct check *k);    /* the keeper has that result */
void checker_arm(struct checker *r); /* the timer for the heap's first */
bool checker_send(struct checker *r, struct message *m);

#endif
