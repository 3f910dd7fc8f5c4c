/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claim - who says that an address is theirs, and whether it still counts as held here.
 *
 * An address in mode HELD takes traffic while it stands on an interface of ours. Somebody sees to that: the client that
 * set the mode (the keeper). When that one has gone, the address stays where it is, and service goes on; but nobody
 * takes it away when another machine has become master. An address without its client is abandoned, and from the
 * moment that another machine claims it, it counts as not held, until a client sets the mode anew or the address has
 * been taken off. Pure: knows no socket, parses with bounds.
 */
#ifndef ELVS_DIRECTOR_CLAIM_H
#define ELVS_DIRECTOR_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"

struct claim {
	uint16_t af;
	union elvs_addr addr;
	uint8_t mac[6];
};

/*
 * What follows the link-layer header of an ARP packet (a request and an answer both say whose the sender's address is)
 * or of an IPv6 packet (a neighbour advertisement of its target; mac: the frame's source, of ARP it is not looked at).
 * 0, or -EBADMSG: no claim.
 */
int claim_parse_arp(struct claim *ret, const uint8_t *p, size_t len);
int claim_parse_na(struct claim *ret, const uint8_t *p, size_t len, const uint8_t mac[6]);
/*
 * It comes from elsewhere: not from the MAC address of the interface where it was heard, nor from any other of ours;
 * save for VRRP's own addresses, which the machine that was master may have on an interface, too.
 */
bool claim_is_foreign(const struct claim *c, const uint8_t here[6], const uint8_t (*ours)[6], size_t n_ours);

struct holding {
	struct holding *next;
	uint16_t af;
	union elvs_addr addr;
	const void *client;	/* who set the mode; NULL: has gone */
	bool stands;		/* on an interface, as last told */
	bool lost;		/* claimed by another machine since the client went */
};

struct holdings {
	struct holding *first;
};

void holdings_free(struct holdings *l);
/* Mode HELD was set by this client (NULL: by nobody who lives). -ENOMEM */
int holdings_set(struct holdings *l, uint16_t af, const union elvs_addr *addr, const void *client);
void holdings_drop(struct holdings *l, uint16_t af, const union elvs_addr *addr);	/* another mode */
void holdings_client_gone(struct holdings *l, const void *client);
/* The address stands on an interface, or does not: whether it counts as held. One that is not here simply stands. */
bool holdings_stands(struct holdings *l, uint16_t af, const union elvs_addr *addr, bool stands);
/* A foreign claim was heard: true if the address counts as not held from now on. */
bool holdings_claimed(struct holdings *l, const struct claim *c);
/* Another machine's claim would change something. */
bool holding_listens(const struct holding *h);

#endif
