/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hops - the next hop of every real server's address: route, neighbour, device, put together and handed to the data
 * plane when anything about it has changed.
 */
#ifndef ELVS_DIRECTOR_HOPS_H
#define ELVS_DIRECTOR_HOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"
#include "links.h"
#include "neigh.h"
#include "rtnl.h"

struct hop_entry {
	struct hop_entry *next;
	uint16_t af;
	union elvs_addr dest;
	bool seen;		/* in the present round */
	bool known;		/* hop has been handed over */
	bool routed;		/* there is a route out of an interface */
	bool keeps;		/* asked the kernel to keep nh fresh */
	uint16_t nh_af;		/* the neighbour that takes its packets */
	union elvs_addr nh;
	struct elvs_hop hop;
};

struct hops {
	struct elvs *e;
	struct rtnl *rt;
	const struct links *links;
	const struct neigh_table *neigh;
	bool no_managed;	/* this kernel keeps no neighbours fresh by itself */
	bool neigh_full;	/* it has no room for further ones just now; the owner resets this */
	bool neigh_was_full;
	unsigned kept, kept_max;	/* neighbours kept fresh: never all that the kernel's table holds */
	struct hop_entry *bucket[4096];
	uint32_t xdp_on[64];	/* interfaces that run a program of ours, for kernels that do not say more */
	size_t xdp_on_n;
};

/* Resolves one address, tells the data plane. force: also when nothing has changed (a new server has it). */
void hop_resolve(struct hops *h, uint16_t af, const union elvs_addr *dest, bool force);
/* All of them; those of removed servers are forgotten and their neighbours released. */
void hops_resolve_all(struct hops *h, bool force);
/* A neighbour has changed: those that go over it, without asking for their routes again. Returns how many. */
unsigned hops_neigh_changed(struct hops *h, const struct neigh *n);
/* Interfaces on the way to real servers: f gets each entry that has a route. */
void hops_each(const struct hops *h, void (*f)(void *arg, const struct hop_entry *x), void *arg);
void hops_release(struct hops *h);	/* the kernel need not keep our neighbours fresh any longer */
void hops_free(struct hops *h);

#endif
