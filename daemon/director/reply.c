/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reply - see reply.h. */
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl_encode.h"

#define DATAGRAM_SIZE 16384	/* four pages: long dumps take few of them; sending needs no high-order memory */

struct datagram {
	struct datagram *next;
	size_t len;
	char data[DATAGRAM_SIZE];
};

void *reply_room(struct reply *r)
{
	static char spare[CTL_ENCODE_MAX];
	struct datagram *d = r->last;

	if (d && DATAGRAM_SIZE - d->len >= CTL_ENCODE_MAX)
		return d->data + d->len;
	d = malloc(sizeof(*d));
	if (!d) {
		r->failed = true;
		return spare;
	}
	d->next = NULL;
	d->len = 0;
	if (r->last)
		r->last->next = d;
	else
		r->first = d;
	r->last = d;
	return d->data;
}

void reply_add(struct reply *r, const struct nlmsghdr *nlh)
{
	if (!r->failed)
		r->last->len += MNL_ALIGN(nlh->nlmsg_len);
}

int reply_send(struct reply *r, int sock)
{
	struct datagram *d;

	if (r->failed)
		return -ENOMEM;
	while ((d = r->first)) {
		if (d->len && send(sock, d->data, d->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		r->first = d->next;
		free(d);
	}
	r->last = NULL;
	return 0;
}

void reply_free(struct reply *r)
{
	for (struct datagram *d = r->first, *next; d; d = next) {
		next = d->next;
		free(d);
	}
	r->first = r->last = NULL;
}
