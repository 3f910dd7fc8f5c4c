/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply - netlink messages on their way to a client, packed into datagrams of at most ELVS_MSG_MAX bytes. */
#ifndef ELVS_DIRECTOR_REPLY_H
#define ELVS_DIRECTOR_REPLY_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>

struct datagram;
struct reply {
	struct datagram *first, *last;
	bool failed;	/* out of memory: the client is to be dropped */
};

/* Where the next message may be built: CTL_ENCODE_MAX bytes (never NULL; a spare buffer after a failure). */
void *reply_room(struct reply *r);
/* The message built there is complete. */
void reply_add(struct reply *r, const struct nlmsghdr *nlh);
/* Sends what the socket takes. 0: all sent; -EAGAIN: the rest waits; other -errno: the client is gone. */
int reply_send(struct reply *r, int sock);
void reply_free(struct reply *r);

#endif
