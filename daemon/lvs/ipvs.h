/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipvs - the keeper's line to the director: carries out what the pool wants, and says what the tables really hold.
 *
 * Changes are queued and sent together when the loop has nothing more urgent. A director that dies is asked again
 * until it is back; what the tables hold is then read and compared, so nothing is assumed. What the director cannot
 * do (yet) is said once, with the configuration's line, and tried again later.
 */
#ifndef ELVS_LVS_IPVS_H
#define ELVS_LVS_IPVS_H

#include <event2/event.h>

#include "pool.h"

struct ipvs;

/* What it tells whoever runs it. */
struct ipvs_owner {
	void *arg;
	void (*event)(void *arg, const struct pool_event *ev);
	void (*log)(void *arg, int level, const char *text);
	void (*counter)(void *arg, const struct msg_counter *c);	/* for passive checks, once a second */
	/* ha_suspend: this check is of no use while none of its virtual servers has its address here */
	void (*suspend)(void *arg, uint64_t key, bool on);
	void (*found)(void *arg);	/* ipvs_found_text() has changed: the configuration is to be read again */
};

/*
 * In the network namespace whose services it keeps. The pool is made by it and lives as long. state_file: what was
 * found is kept there over a restart; NULL: it is not. -errno.
 */
int ipvs_new(struct ipvs **ret, struct event_base *base, const struct ipvs_owner *owner, const char *state_file);
void ipvs_free(struct ipvs *i);		/* changes nothing in the tables */
struct pool *ipvs_pool(struct ipvs *i);
/* In a process that was forked and does not keep the services: what takes memory goes. Nothing else may follow. */
void ipvs_drop_memory(struct ipvs *i);

/*
 * The first configuration, or a reload (NULL: none any more). lvs: its virtual servers are to be kept; without, only
 * VRRP's addresses are told. repair: read the tables and put back what others changed. The first time it always does,
 * and adopts what it finds.
 */
void ipvs_conf(struct ipvs *i, const struct conf *c, bool lvs, bool repair);
/* A VRRP instance's state: which connection synchronisation daemon runs, and which VIPs take traffic. */
void ipvs_vrrp(struct ipvs *i, const struct conf_vrrp *v, enum vrrp_state state);
/* It is becoming master, its addresses follow, then the state: they take traffic from now on. */
void ipvs_vrrp_about(struct ipvs *i, const struct conf_vrrp *v);
/*
 * For a check that is addressed to its virtual address at the real server: the SO_MARK that makes it so, and how many
 * bytes of the MTU the way there takes (for TCP_MAXSEG). 0, or -errno (-ENOTCONN: no director at the moment).
 */
int ipvs_check_mark(struct ipvs *i, const struct conf_target *t, uint32_t *ret_mark, uint32_t *ret_overhead);
/*
 * What service_check blocks have found in the tables, as virtual servers in the configuration's language: to be read
 * after the main file. "" for nothing; until the next change.
 */
const char *ipvs_found_text(const struct ipvs *i);
/* The check role is a new one: what is suspended is to be told again. */
void ipvs_check_started(struct ipvs *i);
/* ipvs_stop() will follow: a director that is taken down meanwhile is not made anew. */
void ipvs_ending(struct ipvs *i);
/* Takes out what is ours (unless keep), waits for the answers, and sends no more. */
void ipvs_stop(struct ipvs *i, bool keep);
bool ipvs_connected(const struct ipvs *i);

#endif
