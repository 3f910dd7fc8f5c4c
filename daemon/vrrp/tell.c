/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tell - what the keeper is told: in order, never blocking, and nothing is lost while it does not read. See role.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "role.h"

struct outgoing {
	struct outgoing *next;
	size_t size;
	char bytes[]; /* a struct message, as long as it is */
};

static void flush_out(struct vrrp_role *r)
{
	while (r->out) {
		struct outgoing *o = r->out;
		struct message m;

		memcpy(&m, o->bytes, o->size);
		if (message_send(r->fd, &m, -1) == -EAGAIN) {
			event_add(r->ev_flush, NULL);
			return;
		}
		r->out = o->next;
		free(o);
	}
	r->out_tail = NULL;
}

void tell_flush(evutil_socket_t fd, short what, void *arg)
{
	flush_out(arg);
}

void role_tell(struct vrrp_role *r, struct message *m)
{
	size_t size = message_size(m->type);
	struct outgoing *o;

	if (!r->out && message_send(r->fd, m, -1) != -EAGAIN)
		return;
	o = malloc(sizeof(*o) + size);
	if (!o)
		return;
	o->next = NULL;
	o->size = size;
	memcpy(o->bytes, m, size);
	if (r->out)
		r->out_tail->next = o;
	else
		r->out = o;
	r->out_tail = o;
	event_add(r->ev_flush, NULL);
}

/* What has not been taken is given a moment: the keeper wants to know that we stopped. */
void tell_drain(struct vrrp_role *r)
{
	struct pollfd p = { .fd = r->fd, .events = POLLOUT };

	while (r->out && poll(&p, 1, 200) > 0 && (p.revents & POLLOUT))
		flush_out(r);
}
