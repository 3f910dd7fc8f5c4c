/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipvs_internal - what ipvs.c (sending), ipvs_tell.c (settings), ipvs_read.c (the tables) and
 * ipvs_look.c (every second) share. */
#ifndef ELVS_LVS_IPVS_INTERNAL_H
#define ELVS_LVS_IPVS_INTERNAL_H

#include "ctl.h"
#include "found.h"
#include "ipvs.h"
#include "suspend.h"
#include "sync.h"
#include "table.h"
#include "vips.h"

/* A change that was sent and has not been answered. */
struct sent {
	enum pool_op op;
	bool is_dest;
	struct service s;
	struct dest d;
	const struct conf_vs *vs;
};

struct ipvs {
	struct event_base *base;
	struct ipvs_owner up;
	struct vips *vips;
	struct found *found;
	struct suspend *suspend;
	struct sync *sync;
	struct pool *pool;
	struct ctl *ctl;
	const struct conf *conf;
	uint32_t servers;	/* virtual ones that are ours to keep: 0 where only VRRP runs */
	struct sent *sent;
	unsigned n_sent, room;
	bool adopted;		/* the tables have been read once */
	bool ending;		/* nothing is made any more, only taken out */
	bool stale;		/* what they hold is not known (any more) */
	unsigned again_s;	/* before the next try to find out */
	char said[256];		/* the last complaint about the director, not to be repeated */
	char said_sync[600];	/* and about connection synchronisation */
	struct event *flush_ev, *again_ev, *tick_ev, *retry_ev, *look_ev, *gone_ev;
};

/* One service as the tables hold it. */
struct held {
	struct service s;
	struct dest_list dests;
	bool exists;
};
struct held_list {
	struct held *h;
	size_t n, room;
};

/* ipvs.c */
void ipvs_lost(struct ipvs *i);	/* the director has gone: closes, and asks again later */
int ipvs_reach(struct ipvs *i);

/* ipvs_tell.c */
/* All settings beside services, or those that have changed: -errno of the connection; refusals are logged. */
int ipvs_tell(struct ipvs *i, bool all);

/* ipvs_read.c */
struct held *held_add(struct held_list *l, const struct service *s);
int ipvs_read_tables(struct ipvs *i);	/* tells the pool what each of its services holds */
void ipvs_read_adopted(struct ipvs *i);	/* only of services that others made: they may have changed meanwhile */

/* ipvs_look.c */
void ipvs_look(struct ipvs *i);

#endif
