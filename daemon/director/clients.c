/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clients - the control sockets of one director: datagrams in, answers out, nobody waits for anybody.
 *
 * A client that does not read its answers is not read from either. While one client is restoring (batch), requests
 * of others that change something wait in their sockets.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "batch.h"
#include "ctl_decode.h"
#include "ctl_encode.h"
#include "ctl_wire.h"
#include "director.h"
#include "log.h"
#include "reply.h"
#include "watch.h"

#define DATAGRAMS_PER_TURN 64	/* then it is another client's turn */

struct client {
	struct client *next;
	struct director *d;
	int fd;
	struct event *read_ev, *write_ev;
	struct reply reply;
	bool waiting;		/* its request waits for another client's batch */
	size_t held;		/* bytes of that datagram in buf, from pos on */
	size_t pos;
	char *buf;		/* ELVS_MSG_MAX */
};

static void client_free(struct client *c)
{
	struct director *d = c->d;

	for (struct client **p = &d->clients; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	if (c->read_ev)
		event_free(c->read_ev);
	if (c->write_ev)
		event_free(c->write_ev);
	if (d->watch)
		watch_client_gone(d->watch, c);
	reply_free(&c->reply);
	close(c->fd);
	free(c->buf);
	if (d->batch_owner == c) {
		log_warn("a restore was broken off by its client; putting everything back");
		batch_abort(d);
		watch_config_changed(d->watch);
	}
	free(c);
}

void clients_free(struct director *d)
{
	while (d->clients) {
		reply_send(&d->clients->reply, d->clients->fd);
		client_free(d->clients);
	}
}

static void answer(struct client *c, const struct ctl_req *q, int error, const char *why)
{
	struct nlmsghdr *nlh;

	if (!error && q->dump)
		nlh = ctl_encode_done(reply_room(&c->reply), q);
	else if (error || q->ack)
		nlh = ctl_encode_error(reply_room(&c->reply), q, error, error ? why : NULL);
	else
		return;
	reply_add(&c->reply, nlh);
}

/* One message of a datagram. Returns its length, 0 if it must wait, or -errno if the rest cannot be read. */
static ssize_t handle_message(struct client *c, const char *buf, size_t len)
{
	struct director *d = c->d;
	struct ctl_req q;
	const char *why = NULL;
	uint32_t msg_len;
	int r;

	r = ctl_decode(buf, len, &q);
	if (r == -EBADMSG)
		return r;
	if (!r && d->batch_owner && d->batch_owner != c && command_changes(&q))
		return 0;
	if (!r)
		r = command_run(d, c, &q, &c->reply, &why);
	answer(c, &q, r, why);
	memcpy(&msg_len, buf, sizeof(msg_len));
	return MNL_ALIGN(msg_len);
}

/* Works off the datagram in c->buf. Returns false if it has to wait for the end of somebody's batch. */
static bool handle_datagram(struct client *c)
{
	while (c->pos < c->held) {
		ssize_t n = handle_message(c, c->buf + c->pos, c->held - c->pos);

		if (n == 0) {
			c->waiting = true;
			return false;
		}
		if (n < 0)
			break;
		c->pos += n;
	}
	c->held = c->pos = 0;
	return true;
}

/* Returns false when the client has gone (and c with it). */
static bool flush(struct client *c)
{
	int r;

	if (c->d->ending)
		return true;	/* the last answers go when the deed is done */
	r = reply_send(&c->reply, c->fd);
	if (r == -EAGAIN) {
		event_del(c->read_ev);
		event_add(c->write_ev, NULL);
		return true;
	}
	if (r < 0) {
		client_free(c);
		return false;
	}
	event_del(c->write_ev);
	if (!c->waiting)
		event_add(c->read_ev, NULL);
	return true;
}

/* Reads up to a turn's datagrams. Returns false at the end of the connection. */
static bool read_turn(struct client *c)
{
	for (int i = 0; i < DATAGRAMS_PER_TURN && !c->waiting && !c->d->ending; i++) {
		ssize_t n = recv(c->fd, c->buf, ELVS_MSG_MAX, MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return false;
		if (n > ELVS_MSG_MAX) {
			log_warn("a client sent a datagram of %zd bytes; %d is the limit", n, ELVS_MSG_MAX);
			return false;
		}
		c->held = n;
		c->pos = 0;
		if (!handle_datagram(c))
			event_del(c->read_ev);
	}
	return true;
}

/* The first packet after an answer finds next hops and attachments as they should be: see to that first. */
static void client_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	struct director *d = c->d;
	bool alive;

	director_turn_begin(d);
	alive = read_turn(c);
	director_turn_end(d);
	if (!d->batch)
		watch_settle(d->watch);
	if (alive) {
		flush(c);
		return;
	}
	reply_send(&c->reply, c->fd);
	client_free(c);
}

static void client_writable(evutil_socket_t fd, short what, void *arg)
{
	flush(arg);
}

void clients_resume(struct director *d)
{
	struct client *next;

	for (struct client *c = d->clients; c; c = next) {
		next = c->next;
		if (!c->waiting)
			continue;
		c->waiting = false;
		if (handle_datagram(c))
			flush(c);
	}
	if (!d->batch)
		watch_settle(d->watch);
}

int client_add(struct director *d, int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		free(c);
		close(fd);
		return -ENOMEM;
	}
	c->d = d;
	c->fd = fd;
	c->next = d->clients;
	d->clients = c;
	c->buf = malloc(ELVS_MSG_MAX);
	c->read_ev = event_new(d->base, fd, EV_READ | EV_PERSIST, client_readable, c);
	c->write_ev = event_new(d->base, fd, EV_WRITE | EV_PERSIST, client_writable, c);
	if (!c->buf || !c->read_ev || !c->write_ev || event_add(c->read_ev, NULL) < 0) {
		client_free(c);
		return -ENOMEM;
	}
	return 0;
}
