/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - reads what IPVS holds: services, servers, connections, timeouts, daemons.
 */
#ifndef ELVS_BASE_TABLE_H
#define ELVS_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl.h"
#include "ctl_wire.h"
#include "model.h"

struct ipvs_info {
	uint32_t version; /* 0x010201: 1.2.1 */
	uint32_t size;	  /* of the connection table, as the header shows it */
};

struct service_list {
	struct service *s;
	size_t n, room;
};

struct dest_list {
	struct dest *d;
	size_t n, room;
};

/* All return 0 or -errno. Lists are the caller's: zero them first, free() .s and .d; a list may be reused. */
int table_info(struct ctl *c, struct ipvs_info *ret);
int table_services(struct ctl *c, struct service_list *l);			    /* in IPVS's order */
int table_service(struct ctl *c, const struct service *id, struct service_list *l); /* one; -ESRCH */
int table_dests(struct ctl *c, const struct service *s, struct dest_list *l);	    /* replaces what l held */
int table_timeouts(struct ctl *c, struct timeouts *ret);
int table_daemons(struct ctl *c, struct sync_daemon ret[2], size_t *ret_n);

/* f: 0 goes on */
int table_connections(struct ctl *c, int (*f)(void *arg, const struct elvs_conn_wire *), void *arg);

#endif
