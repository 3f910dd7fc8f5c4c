/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link - one connection to a message bus: says who we are (SASL EXTERNAL), greets, asks for a name, cuts messages.
 *
 * The socket is somebody else's work: the keeper has connected it, and it is the keeper's rights that the bus sees
 * (SO_PEERCRED), as policy files for keepalived expect. That is why this is none of the libraries: libdbus takes no
 * connected socket; libsystemd, with the six libraries that it wants, would nearly double what the process takes
 * (0.9 MB of Pss). It knows nothing of objects. gone() tells the owner of its end, once, after which it is only to be
 * freed; nothing is tried again here.
 */
#ifndef ELVS_DBUS_LINK_H
#define ELVS_DBUS_LINK_H

#include <event2/event.h>

#include "wire.h"

struct bus_link;
struct bus_link_owner {
	void *arg;
	void (*named)(void *arg); /* the name is ours */
	void (*waits)(void *arg); /* somebody else has it; we have it after them */
	void (*called)(void *arg, struct wire_in *call);
	void (*gone)(void *arg, const char *why); /* not to be freed in here */
};

/* Takes fd, whatever comes of it. name: borrowed for as long as it lives. -ENOMEM. */
int bus_link_new(struct bus_link **ret, struct event_base *base, int fd, const char *name,
		 const struct bus_link_owner *owner);
void bus_link_free(struct bus_link *l); /* NULL is fine */
bool bus_link_named(const struct bus_link *l);
uint32_t bus_link_serial(struct bus_link *l); /* for the next message */
/* Sends what o has, finished by this; nothing if there is nothing in it, or nobody there any more. */
void bus_link_send(struct bus_link *l, struct wire_out *o);
/* Gives the name back and waits until all is sent, at most so long. */
void bus_link_leave(struct bus_link *l, unsigned patience_ms);

#endif
