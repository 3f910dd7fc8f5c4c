/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool - the virtual servers of a configuration: which real servers are up, whether there is a quorum, which weights
 * hold, and what therefore ought to stand in IPVS's tables.
 *
 * Pure: it knows no socket and no clock. What it wants changed goes to a sink; what the tables really hold is told to
 * it (pool_actual), at the start, after an error and for a repair. The rules are keepalived's (alpha, omega, quorum,
 * hysteresis, inhibit_on_failure, sorry_server, misc_dynamic), with slow start and draining added.
 *
 * Invariant: after every call but pool_conf() and pool_actual() the sink has been told everything that makes the
 * tables what the state asks for; after those two, pool_settle() does.
 */
#ifndef ELVS_LVS_POOL_H
#define ELVS_LVS_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "message.h"
#include "model.h"

struct pool;

enum pool_op { POOL_ADD, POOL_EDIT, POOL_DEL };

enum pool_event_kind { POOL_RS_UP, POOL_RS_DOWN, POOL_QUORUM_UP, POOL_QUORUM_DOWN };
struct pool_event {
	enum pool_event_kind kind;
	const struct conf_vs *vs;
	const struct conf_rs *rs;	/* NULL for a quorum */
	bool stopping;			/* omega: scripts are waited for, a second each */
	/*
	 * Nothing has changed: a real server taken for up is (told only with rs_init_notifies), a service has its
	 * quorum from the start (no mail).
	 */
	bool initial;
	const char *text;		/* the mail's body: "=> TCP CHECK failed on service <=" */
};

/* What the pool asks for. d is NULL for a service's own. The calls are in an order that leaves no gap. */
struct pool_sink {
	void *arg;
	void (*change)(void *arg, enum pool_op op, const struct service *s, const struct dest *d,
		       const struct conf_vs *vs);
	void (*event)(void *arg, const struct pool_event *ev);
	void (*log)(void *arg, int level, const char *text);
};

int pool_new(struct pool **ret, const struct pool_sink *sink);	/* sink is copied */
void pool_free(struct pool *p);		/* NULL is fine; nothing is changed in the tables */

/*
 * From now on c is what counts (borrowed until the next call has returned; NULL: nothing is wanted any more). Servers
 * and checks that were there before keep their state. Services that are no longer wanted are taken out at once, all
 * else waits for pool_settle(). now_us: any monotonic clock, the same for all calls.
 */
void pool_conf(struct pool *p, const struct conf *c, uint64_t now_us);
/* What a service of ours really holds: its destinations, or exists false. Then pool_settle() mends what differs. */
void pool_actual(struct pool *p, const struct service *s, bool exists, const struct dest *dests, size_t n);
/*
 * adopt: what the tables hold is from a life before ours: a real server that is missing in a service that exists was
 * down, and stays out until its checks say otherwise.
 */
void pool_settle(struct pool *p, bool adopt, uint64_t now_us);
/* Calls f for each service that the configuration wants (groups and ranges laid out). */
void pool_services(struct pool *p, void (*f)(void *arg, const struct service *s, const struct conf_vs *vs),
		   void *arg);
/* The tables refused something of this service: nothing more is tried before pool_retry(). */
void pool_refused(struct pool *p, const struct service *s);
/* Tries again what was refused (the director may have learnt it): true if there was any. */
bool pool_retry(struct pool *p, uint64_t now_us);

void pool_check(struct pool *p, const struct msg_check_result *r, uint64_t now_us);
void pool_file(struct pool *p, uint32_t file, int64_t value, uint64_t now_us);	/* FILE_CHECKs of it */
void pool_bfd(struct pool *p, uint32_t bfd, bool up, uint64_t now_us);		/* BFD_CHECKs of it */
/* Slow starts and drains; returns in how many microseconds it wants to be called again, UINT64_MAX: no need. */
uint64_t pool_tick(struct pool *p, uint64_t now_us);
/* A destination that is being drained has no connections left. Ignored if it is not (any more). */
void pool_drained(struct pool *p, const struct service *s, const struct dest *d, uint64_t now_us);
void pool_draining(struct pool *p, void (*f)(void *arg, const struct service *s, const struct dest *d), void *arg);
/* d is a real server of s that its checks have taken out. */
bool pool_is_down(struct pool *p, const struct service *s, const struct dest *d);
/* Omega events, then every service of ours is taken out unless keep. The last that changes the tables. */
void pool_stop(struct pool *p, bool keep, uint64_t now_us);

/* By identity alone (mark, or family, protocol, address and port); 0: they name the same service. */
int pool_service_order(const struct service *x, const struct service *y);

/* ---- for status and dumps ---- */
struct pool_check_view {
	const struct conf_target *check;
	bool known, up;
	uint64_t latency_us, told_us;	/* told_us: when it was told last */
	const char *text;		/* "" if never */
};
struct pool_rs_view {
	const struct conf_rs *rs;
	bool up, in_table;
	uint32_t weight;		/* in force */
	bool draining;
};
struct pool_vs_view {
	const struct conf_vs *vs;
	bool quorum, sorry, refused;
	uint32_t alive;
	uint64_t alive_weight;
	uint32_t n_rs;
};
uint32_t pool_vs_count(const struct pool *p);
void pool_vs_view(const struct pool *p, uint32_t n, struct pool_vs_view *ret);
void pool_rs_view(const struct pool *p, uint32_t n, uint32_t rs, struct pool_rs_view *ret);
/* n: index into the configuration's checks */
void pool_check_view(const struct pool *p, uint32_t n, struct pool_check_view *ret);

#endif
