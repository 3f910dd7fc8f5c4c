/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool_internal - what pool.c (what comes in), pool_reload.c (lists), pool_health.c (verdicts) and pool_table.c
 * (wanted tables) share. */
#ifndef ELVS_LVS_POOL_INTERNAL_H
#define ELVS_LVS_POOL_INTERNAL_H

#include "pool.h"

#define SLOW_START_STEP_US 1000000ul

struct pool_vs;

struct pool_rs {
	const struct conf_rs *c;
	bool up;
	bool assume_down;	/* what its checks have not yet said counts as failed */
	bool init_told;
	uint32_t failed;	/* checks */
	uint32_t weight;	/* in force while up, before quorum, inhibition and slow start */
	uint64_t up_us;		/* since when, for slow start; 0: long ago */
};

struct pool_user {	/* a real server that has a check */
	uint32_t vs, rs;
};

/* There may be tens of thousands of these, and of servers: they hold nothing that can be had elsewhere. */
struct pool_check {
	const struct conf_target *c;
	uint64_t told_us;
	int64_t weight;		/* misc_dynamic: absolute; files: to be added */
	char *text;		/* NULL: none */
	uint32_t percent;	/* 0: none */
	uint32_t latency_us;
	uint32_t users, n_users;	/* first and number in pool.users */
	bool known, up, has_weight, drain;
};

/* What the tables hold of a destination: struct dest without its figures */
struct pool_dest {
	struct addr addr;
	uint16_t port, tun_port;	/* network order */
	uint16_t tun_flags;
	uint8_t tun_type, method;
	int32_t weight;
	uint32_t u_threshold, l_threshold;
};

/* A destination that the configuration no longer has, waiting for its connections to end. */
struct pool_drain {
	struct pool_dest d;
	bool done;
};

struct pool_svc_id {
	struct addr addr;
	uint16_t af, proto, port;	/* port: network order */
	uint32_t fwmark;
};

/* What can be changed about a service */
struct pool_svc_set {
	char sched[SCHED_NAME_SIZE], pe[PE_NAME_SIZE];
	uint32_t flags, timeout, netmask;
};

/* One IPVS service; a group makes many of one virtual server. */
struct pool_svc {
	struct pool_svc_id id;
	struct pool_svc_set in_table;	/* as it was last set */
	bool present, refused;
	struct pool_dest *dests;	/* as the tables hold them, sorted by pool_dest_order() */
	uint32_t n;
};

/* A service and whose it is */
struct pool_place {
	struct pool_svc *svc;
	struct pool_vs *vs;
};

struct pool_vs {
	const struct conf_vs *c;
	struct pool_rs *rs;	/* c->n_rs */
	struct pool_svc *svcs;
	uint32_t n_svcs;
	struct pool_drain *drains;
	uint32_t n_drains;
	bool quorum, judged;	/* judged: the quorum has been decided once */
	bool slow;		/* a slow start is under way */
};

struct pool {
	struct pool_sink sink;
	const struct conf *conf;
	struct pool_vs *vs;
	uint32_t n_vs;
	struct pool_check *checks;	/* as conf->checks */
	uint32_t *by_key;		/* indices of checks, sorted by key */
	uint32_t n_checks;
	struct pool_user *users;	/* of all checks, one check's after another's */
	struct pool_place *places;	/* all services, sorted by pool_id_order() */
	uint32_t n_places;
	bool any_refused;
	bool stopped;		/* what comes in changes nothing in the tables any more */
};

/* pool.c */
void *pool_need(void *ptr);	/* what an allocation gave; without memory it ends the process */
void pool_vs_free(struct pool_vs *vs);	/* its contents */
void pool_checks_free(struct pool_check *checks, uint32_t n);
struct pool_check *pool_check_find(const struct pool *p, uint64_t key);	/* NULL: the configuration has none such */
int pool_id_order(const struct pool_svc_id *x, const struct pool_svc_id *y);
struct pool_place *pool_place_find(struct pool_place *places, uint32_t n, const struct pool_svc_id *id);

/* pool_health.c */
void pool_rs_judge(struct pool *p, struct pool_vs *vs, struct pool_rs *rs, uint64_t now_us,
		   const struct pool_check *why);
void pool_vs_judge(struct pool *p, struct pool_vs *vs);
uint64_t pool_alive_weight(const struct pool_vs *vs, uint32_t *ret_alive);

/* pool_table.c */
void pool_vs_flush(struct pool *p, struct pool_vs *vs, uint64_t now_us);
void pool_vs_remove(struct pool *p, struct pool_vs *vs);
int pool_dest_order(const void *a, const void *b);	/* struct pool_dest, by family, address and port */
void pool_dest_of_rs(struct pool_dest *ret, const struct conf_rs *rs);
void pool_dest_of(struct pool_dest *ret, const struct dest *d);
void pool_dest_whole(struct dest *ret, const struct pool_dest *d);
void pool_svc_whole(struct service *ret, const struct conf_vs *vs, const struct pool_svc *svc);	/* as wanted */
void pool_svc_set_of(struct pool_svc_set *ret, const struct service *s);

#endif
