/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan - which interfaces get a program, on which hook, and why. A pure function over links, addresses, and the
 * routes of services and real servers: it attaches nothing.
 */
#ifndef ELVS_DIRECTOR_PLAN_H
#define ELVS_DIRECTOR_PLAN_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"
#include "links.h"

enum plan_use {	/* of an interface, strongest last */
	PLAN_UNUSED,
	PLAN_ADDRESS,	/* has an address: clients may come in */
	PLAN_ROUTE,	/* a route leads over it */
	PLAN_DEFAULT,	/* the default route does */
	PLAN_SERVER,	/* a real server is reached over it */
	PLAN_VIP_NET,	/* it is on a virtual service's network */
	PLAN_VIP,	/* it holds a virtual service's address */
};

struct plan_input {	/* facts about one interface, collected by watch.c; same order as links */
	enum plan_use use;
	union elvs_addr addr;	/* the VIP or real server that use speaks of */
	uint16_t af;
	int wanted;		/* by hand: -1 nothing said, 0 keep off, else enum elvs_hook */
	bool refused;		/* native XDP was tried and refused */
	int error;		/* -errno of that; -ENOEXEC: not the driver, the kernel refused the program */
};

struct plan_entry {
	uint32_t ifindex;
	char ifname[IFNAMSIZ];
	char kind[LINK_KIND_MAX];	/* "veth", "bridge", driver name, ... */
	enum elvs_hook hook;	/* 0: none */
	char reason[200];
};

struct plan {
	struct plan_entry *entry;
	size_t n;
};

/*
 * most: ELVS_HOOK_TC keeps XDP away everywhere. routed: some VIP is on no interface's network, so its clients come
 * in over routers. Returns 0 or -ENOMEM; ret is the caller's, to be freed with plan_free().
 */
int plan_make(struct plan *ret, const struct links *links, const struct plan_input *in, enum elvs_hook most,
	      bool routed);
void plan_free(struct plan *p);
const char *plan_refusal(int error);	/* why an interface runs on TC; error as in struct plan_input */

#endif
