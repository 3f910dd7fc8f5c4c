/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper - the privileged process that keeps one configuration in force: reads it (reader), runs the roles (roles),
 * keeps the virtual services (lvs/ipvs), tracks (track), runs scripts (exec), notifies (notify), answers (control).
 *
 * It parses nothing from the network. What must survive a role's death is kept here. Invariant: between two events,
 * every running role has been told (perhaps not yet read) the current generation.
 */
#ifndef ELVS_KEEPER_KEEPER_H
#define ELVS_KEEPER_KEEPER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "message.h"
#include "options.h"

/* A configuration that is in force, or still is for a role that is late. */
struct generation {
	uint32_t number; /* 0: the slot is free */
	struct arena arena;
	const struct conf *conf;
};

struct keeper {
	const struct keeper_options *o;
	struct event_base *base;
	struct arena_space space;
	struct generation slots[ARENA_SLOTS];
	unsigned current; /* ARENA_SLOTS: nothing has been read yet */
	uint32_t last_number;
	uint32_t told[ROLES], acked[ROLES]; /* generations; 0: none */

	struct reader *reader; /* while one reads */
	bool reload_queued;
	struct reload_asker *askers; /* control connections that wait for the reload's end */
	bool repair_asked;	     /* the next reload puts back what others changed in the tables */
	bool startup_runs;	     /* roles start after it */
	bool check_has_curl;	     /* the check role that runs can do SSL_GET and mail */
	bool applying;		     /* values of trackers are told when everybody has the configuration */
	uint64_t started_us;	     /* monotonic */
	uint64_t loaded_us;	     /* CLOCK_REALTIME */
	unsigned reloads, reloads_refused;

	struct roles *roles;
	struct ipvs *ipvs; /* NULL: no virtual services were ever configured */
	struct exec *exec;
	struct mail *mail;
	struct track *track;
	struct vrrp_table *vrrps;
	struct notify *notify;
	struct dumps *dumps;
	struct control *control;
	struct page *page;
	struct snmp_feed *snmp;
	struct pidfiles *pids;
	struct signals *signals;
	struct watchdog *watchdog;
	struct appointment *appointment; /* reload_time_file */

	char instance[256], netns_name[256]; /* fixed at the start; "" */
	char tag[260];			     /* in names below the run directory: "", ".INSTANCE", ".PID" */
	int netns_home;			     /* the namespace that we were started in */
	int ready_fd;			     /* the process that started us waits here; -1: nobody */
	bool ready;			     /* READY has been said */

	enum { KEEPER_RUNS, KEEPER_STOPS, KEEPER_DELIVERS, KEEPER_STOPS_LATE } phase;
	struct event *stop_timer;
	int exit_status;
};

/* Runs until it is told to end; the process's exit status. ready_fd gets "ok" or what is wrong. */
int keeper_run(const struct keeper_options *o, int ready_fd);

/* -t and --print-config: the exit status */
int keeper_test(const struct keeper_options *o);

/* The current configuration; never NULL once the keeper is ready. */
const struct conf *keeper_conf(const struct keeper *k);
/* That of a generation that a message names; NULL: it is forgotten. */
const struct conf *keeper_conf_of(const struct keeper *k, uint32_t number);

/* ---- generations.c ---- */
void keeper_sweep(struct keeper *k);	     /* frees the slots that nobody needs any more */
unsigned keeper_free_slot(struct keeper *k); /* ARENA_SLOTS: roles hold on to all of them */

/* ---- keeper_load.c ---- */
struct reader_result;
/* Reads the text, runs the loop until that is done. 0, or -errno with words in ret->error. */
int keeper_read(struct keeper *k, struct reader_result *ret);
int keeper_load_first(struct keeper *k); /* runs the loop until it is read; an exit status, 0 */
void keeper_reload(struct keeper *k);	 /* queued while one runs */
/* f is called once when the next reload that has not begun yet has ended; text: messages, one a line */
typedef void reload_told(void *arg, bool accepted, const char *text);
int keeper_reload_ask(struct keeper *k, reload_told *f, void *arg);
void keeper_reload_unask(struct keeper *k, const void *arg);
void keeper_role_acked(struct keeper *k, enum role r, uint32_t number);
void keeper_role_gone(struct keeper *k, enum role r);
void keeper_tell_conf(struct keeper *k, enum role r);
void keeper_conf_free(struct keeper *k);

/* ---- keeper_apply.c: a configuration takes effect ---- */
void keeper_apply(struct keeper *k, const struct conf *old, const struct conf *c);
bool keeper_wants_curl(const struct conf *c); /* there are checks or mail that go through libcurl */
/* A tracker's value: for the vrrp role, and for checks that read files or BFD. */
void keeper_tracked(void *arg, enum conf_track_kind kind, uint32_t index, bool known, int64_t value);

/* ---- keeper_roles.c: what roles say, and are told at their start ---- */
int keeper_roles_new(struct keeper *k);
void keeper_look_ready(struct keeper *k); /* all roles have the configuration: says so to whoever waits */
void keeper_log_open(const struct keeper_options *o, const char *ident, const char *suffix);

/* ---- keeper.c ---- */
#define KEEPER_PATH_MAX 300
/* $ELVS_RUN_DIR/keeper/COOKIE, our tag and suffix, the directory made: what belongs to this keeper. -errno. */
int keeper_run_path(const struct keeper *k, const char *suffix, char *buf, size_t size);
#define KEEPER_EXIT_CONF 2
/* Says why the start fails: to the log, and to whoever waits at ready_fd. */
void keeper_failed(struct keeper *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int keeper_take_pidfile(struct keeper *k, const struct conf *c);
void keeper_ready(struct keeper *k);
int keeper_enter_netns(const char *name, char *why, size_t size); /* -errno */
void keeper_stop(struct keeper *k, int exit_status);
void keeper_stop_step(struct keeper *k); /* something that the end waits for may have happened */

#endif
