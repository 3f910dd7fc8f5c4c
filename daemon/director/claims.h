/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claims - listens for other machines' claims of addresses that nobody here looks after any more (claim.h has the
 * rules). It listens only while there are such addresses, and the kernel passes on only what is about them.
 */
#ifndef ELVS_DIRECTOR_CLAIMS_H
#define ELVS_DIRECTOR_CLAIMS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"
#include "links.h"

struct claims;

/* lost: this address does not count as held any more. links: borrowed, as they are at the time. NULL: no memory. */
typedef void claims_lost(void *arg, uint16_t af, const union elvs_addr *addr);
struct claims *claims_new(struct event_base *base, const struct links *links, claims_lost *lost, void *arg);
void claims_free(struct claims *c);	/* NULL is fine */
/* A client (NULL: somebody who has gone) has set this mode. */
void claims_mode(struct claims *c, uint16_t af, const union elvs_addr *addr, enum elvs_vip_mode mode,
		 const void *client);
void claims_client_gone(struct claims *c, const void *client);
/* It stands on an interface or does not: whether it counts as held. */
bool claims_stands(struct claims *c, uint16_t af, const union elvs_addr *addr, bool stands);

#endif
