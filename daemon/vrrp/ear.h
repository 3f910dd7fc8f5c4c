/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ear - adverts of others are read and judged by a process that has no rights; the role hears what came of it.
 *
 * The process is a fork of the role and has its configuration, keys and sockets as they were then: nothing has to be
 * told to it, and it can do nothing but receive from those sockets and say what it heard. When any of it changes,
 * another one takes its place; what comes in between waits in the sockets. One that dies is replaced at once.
 * Invariant: whoever holds a capability has never looked at a byte of an advert.
 */
#ifndef ELVS_VRRP_EAR_H
#define ELVS_VRRP_EAR_H

#include "packet.h"

struct vrrp_role;
struct ear;

/* One datagram from the ear. Its sender may have been taken over by whoever sent adverts: every value is checked. */
struct heard {
	uint64_t serial;      /* the instance's; 0: no instance has that id there */
	uint64_t interval_us; /* of an advert, as priority and remarks */
	struct conf_addr src;
	uint32_t ifindex, remarks;
	uint8_t vrid, priority;
	uint8_t why; /* enum vrrp_refusal */
	uint8_t pad[5];
};

/* What the ear writes and the role reads, beside each instance's codec. */
struct ear_shared {
	uint64_t unknown_vrids;
};

int ear_init(struct vrrp_role *r);   /* 0 or -errno */
void ear_stale(struct vrrp_role *r); /* sockets, configuration or own addresses have changed: another one, soon */
void ear_close(struct vrrp_role *r);

/* Zeroed memory that ears share with the role. NULL: there is none. */
void *ear_memory(size_t size);
void ear_memory_free(void *p, size_t size);

/* ---- hear.c ---- */
void hear(struct vrrp_role *r, const struct heard *h);

#endif
