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

/* In the network namespace whose services it keeps. The pool is made by it and lives as long; events and log go to
 * up (its change is not used). -errno. */
int ipvs_new(struct ipvs **ret, struct event_base *base, const struct pool_sink *up);
void ipvs_free(struct ipvs *i);		/* changes nothing in the tables */
struct pool *ipvs_pool(struct ipvs *i);

/*
 * The first configuration, or a reload (NULL: none any more). repair: read the tables and put back what others
 * changed. The first time it always does, and adopts what it finds.
 */
void ipvs_conf(struct ipvs *i, const struct conf *c, bool repair);
/* A VRRP instance's state: which connection synchronisation daemon runs, and which VIPs take traffic. */
void ipvs_vrrp(struct ipvs *i, const struct conf_vrrp *v, enum vrrp_state state);
/* Takes out what is ours (unless keep), waits for the answers, and sends no more. */
void ipvs_stop(struct ipvs *i, bool keep);
bool ipvs_connected(const struct ipvs *i);

#endif
