/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * garp - gratuitous ARPs and neighbour advertisements waiting to be sent, at the rate that each interface is allowed.
 *
 * A queue per lane: an interface, or the interfaces of one garp_group together. Sends nothing itself and never waits:
 * garp_next() says which one is due. Whoever calls it does so in small portions, so that adverts never wait for them.
 */
#ifndef ELVS_VRRP_GARP_H
#define ELVS_VRRP_GARP_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"

struct garp_item {
	struct conf_addr addr;
	uint32_t ifindex;
	const void *owner; /* for garp_drop() */
};

struct garp_lane {
	uint32_t group;		 /* of conf->garp_groups; CONF_NONE: one interface's */
	uint32_t ifindex;	 /* without a group */
	uint64_t arp_us, na_us;	 /* gap after one, 0: none */
	uint64_t next;		 /* not before */
	struct garp_item *items; /* a ring */
	uint32_t head, n, room;
};

struct garp {
	const struct conf *conf; /* borrowed; rates */
	struct garp_lane *lanes;
	uint32_t n_lanes, turn;
	uint64_t sent, failed, dropped; /* dropped: no memory */
};

/* Also after a reload: what waits stays, at the new rates. conf NULL: to end. */
void garp_conf(struct garp *g, const struct conf *conf);
/* Appends one; ifname finds the garp_group. */
void garp_add(struct garp *g, const char *ifname, const struct garp_item *item);
void garp_drop(struct garp *g, const void *owner);
bool garp_waits(const struct garp *g, const void *owner); /* some of its are still in the queue */
/* Takes the next that is due. false: none is, *ret_at says when one will be (UINT64_MAX: nothing waits). */
bool garp_next(struct garp *g, uint64_t now, struct garp_item *ret, uint64_t *ret_at);

#endif
