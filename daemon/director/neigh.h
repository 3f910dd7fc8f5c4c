/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neigh - the kernel's neighbour tables, mirrored: who has which link-layer address, and whether the kernel keeps an
 * entry fresh for us. Fed with RTM_NEWNEIGH and RTM_DELNEIGH messages; asks nobody.
 */
#ifndef ELVS_DIRECTOR_NEIGH_H
#define ELVS_DIRECTOR_NEIGH_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"

struct neigh {
	struct neigh *next;
	uint32_t ifindex;
	uint16_t af;
	bool valid;	/* lladdr may be used */
	bool fixed;	/* made by hand: permanent, or needs no resolution */
	bool managed;	/* the kernel keeps it fresh */
	uint8_t lladdr[6];
	union elvs_addr addr;
};

struct neigh_table {
	struct neigh *bucket[1024];
};

enum neigh_change {
	NEIGH_SAME,	/* nothing that matters */
	NEIGH_NEW,	/* an address became known */
	NEIGH_LOST,	/* a known one changed or became invalid: whatever was cached is wrong */
};
/* Applies one message. *ret (may be NULL) is the entry concerned, valid until the next call; NULL if none. */
enum neigh_change neigh_apply(struct neigh_table *t, const struct nlmsghdr *nlh, const struct neigh **ret);
const struct neigh *neigh_find(const struct neigh_table *t, uint32_t ifindex, uint16_t af,
			       const union elvs_addr *addr);
void neigh_clear(struct neigh_table *t);

#endif
