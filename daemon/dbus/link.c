/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link - see link.h. */
#include "link.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024    /* of the conversation before the first message */
#define WHOLE_MAX (256u << 10) /* a longer message's body is not looked at: no method of ours takes one */
#define UNREAD_MAX (8u << 20)  /* the bus does not take what we say: it is as good as gone */
#define BUS "org.freedesktop.DBus"

enum stage { GREETING, HELLO, ASKED, NAMED, GONE };

struct bus_link {
	struct bus_link_owner owner;
	struct bufferevent *io;
	const char *name;
	enum stage stage;
	uint32_t serial, hello, request; /* request: RequestName's serial */
	size_t skip;			 /* bytes of a body that nobody wants */
	struct wire_out out;
};

static void end(struct bus_link *l, const char *why)
{
	if (l->stage == GONE)
		return;
	l->stage = GONE;
	bufferevent_disable(l->io, EV_READ | EV_WRITE);
	l->owner.gone(l->owner.arg, why);
}

/* ---- sending ---- */
uint32_t bus_link_serial(struct bus_link *l)
{
	if (!++l->serial)
		l->serial = 1; /* 0 is none */
	return l->serial;
}

void bus_link_send(struct bus_link *l, struct wire_out *o)
{
	if (!o->len || l->stage == GONE)
		return;
	if (wire_end(o) < 0 || bufferevent_write(l->io, o->bytes, o->len) < 0)
		end(l, "out of memory");
	else if (evbuffer_get_length(bufferevent_get_output(l->io)) > UNREAD_MAX)
		end(l, "the bus does not read");
}

/* A call of the bus itself: its serial */
static uint32_t call_bus(struct bus_link *l, const char *method, const char *name, bool flags)
{
	uint32_t serial = bus_link_serial(l);

	wire_begin(&l->out, WIRE_CALL, 0, serial);
	wire_path(&l->out, "/org/freedesktop/DBus");
	wire_interface(&l->out, BUS);
	wire_member(&l->out, method);
	wire_destination(&l->out, BUS);
	wire_body(&l->out, flags ? "su" : name ? "s" : "");
	if (name)
		wire_put_string(&l->out, name);
	if (flags)
		wire_put_u32(&l->out, 0); /* nobody may take it from us, and we wait for it */
	bus_link_send(l, &l->out);
	return serial;
}

/* ---- the conversation before the first message ---- */
static void say(struct bus_link *l, const char *text, size_t n)
{
	if (bufferevent_write(l->io, text, n) < 0)
		end(l, "out of memory");
}

#define SAY(l, text) say(l, text, sizeof(text) - 1)

static void on_line(struct bus_link *l, const char *line)
{
	char why[LINE_MAX_BYTES + 64];

	if (!strncmp(line, "OK ", 3) || !strcmp(line, "OK")) {
		SAY(l, "BEGIN\r\n");
		l->stage = HELLO;
		l->hello = call_bus(l, "Hello", NULL, false);
	} else if (!strncmp(line, "DATA", 4)) {
		SAY(l, "DATA\r\n"); /* as whom: as the socket says */
	} else {
		snprintf(why, sizeof(why), "the bus does not let us in: %s", line);
		end(l, why);
	}
}

/* False: there is none yet */
static bool take_line(struct bus_link *l, struct evbuffer *in)
{
	size_t n;
	char *line = evbuffer_readln(in, &n, EVBUFFER_EOL_CRLF);

	if (!line) {
		if (evbuffer_get_length(in) > LINE_MAX_BYTES)
			end(l, "this is no message bus");
		return false;
	}
	if (n > LINE_MAX_BYTES || strlen(line) != n)
		end(l, "this is no message bus");
	else
		on_line(l, line);
	free(line);
	return l->stage != GONE;
}

/* ---- messages ---- */
static void on_answer(struct bus_link *l, struct wire_in *m)
{
	uint32_t code = 0;
	char why[600];

	if (m->type == WIRE_ERROR && (m->reply_serial == l->hello || m->reply_serial == l->request)) {
		const char *text = *m->signature == 's' ? wire_string(m) : NULL;

		snprintf(why, sizeof(why), "%s (%s)", text ? text : "refused", m->error);
		end(l, why);
	} else if (m->type == WIRE_RETURN && m->reply_serial == l->hello && l->stage == HELLO) {
		l->stage = ASKED;
		l->request = call_bus(l, "RequestName", l->name, true);
	} else if (m->type == WIRE_RETURN && m->reply_serial == l->request && l->stage == ASKED &&
		   wire_u32(m, &code) == 0 && code == 2) { /* DBUS_REQUEST_NAME_REPLY_IN_QUEUE */
		l->owner.waits(l->owner.arg);
	}
}

/* Only the bus can send as org.freedesktop.DBus. */
static void on_signal(struct bus_link *l, struct wire_in *m)
{
	const char *name;

	if (strcmp(m->sender, BUS) != 0 || strcmp(m->interface, BUS) != 0 || strcmp(m->signature, "s") != 0)
		return;
	name = wire_string(m);
	if (!name || strcmp(name, l->name) != 0)
		return;
	if (!strcmp(m->member, "NameAcquired") && l->stage == ASKED) {
		l->stage = NAMED;
		l->owner.named(l->owner.arg);
	} else if (!strcmp(m->member, "NameLost") && l->stage == NAMED) {
		end(l, "the name was taken from us");
	}
}

static void on_message(struct bus_link *l, struct wire_in *m)
{
	if (m->type == WIRE_CALL)
		l->owner.called(l->owner.arg, m);
	else if (m->type == WIRE_SIGNAL)
		on_signal(l, m);
	else if (m->type == WIRE_RETURN || m->type == WIRE_ERROR)
		on_answer(l, m);
}

/* The next n bytes of in, which are there: a copy, aligned as a message is */
static bool take_bytes(struct bus_link *l, struct evbuffer *in, size_t n, size_t rest)
{
	uint8_t *bytes = malloc(n);
	struct wire_in m;

	if (!bytes || evbuffer_remove(in, bytes, n) != (int)n) {
		free(bytes);
		end(l, "out of memory");
		return false;
	}
	l->skip = rest;
	if (wire_read(&m, bytes, n) ==
	    0) /* else it is none for us; where the next one begins is known all the same */
		on_message(l, &m);
	free(bytes);
	return l->stage != GONE;
}

static bool take_skipped(struct bus_link *l, struct evbuffer *in)
{
	size_t n = evbuffer_get_length(in);

	n = n < l->skip ? n : l->skip;
	evbuffer_drain(in, n);
	l->skip -= n;
	return n;
}

/* False: not all of it has come */
static bool take_message(struct bus_link *l, struct evbuffer *in)
{
	size_t have = evbuffer_get_length(in), header, total, n;
	uint8_t head[WIRE_HEAD];

	if (l->skip)
		return take_skipped(l, in);
	if (have < sizeof(head) || evbuffer_copyout(in, head, sizeof(head)) != sizeof(head))
		return false;
	if (wire_size(head, &header, &total) < 0) {
		end(l, "what the bus sends is no message");
		return false;
	}
	n = total > WHOLE_MAX ? header : total;
	return have >= n && take_bytes(l, in, n, total - n);
}

static void on_readable(struct bufferevent *io, void *arg)
{
	struct bus_link *l = arg;
	struct evbuffer *in = bufferevent_get_input(io);

	while (l->stage == GREETING ? take_line(l, in) : l->stage != GONE && take_message(l, in))
		;
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	end(arg, what & BEV_EVENT_EOF ? "the bus has ended" : strerror(errno));
}

/* ---- beginning and end ---- */
int bus_link_new(struct bus_link **ret, struct event_base *base, int fd, const char *name,
		 const struct bus_link_owner *owner)
{
	struct bus_link *l = calloc(1, sizeof(*l));

	if (!l || !(l->io = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS))) {
		free(l);
		close(fd);
		return -ENOMEM;
	}
	l->owner = *owner;
	l->name = name;
	bufferevent_setcb(l->io, on_readable, NULL, on_event, l);
	if (bufferevent_enable(l->io, EV_READ | EV_WRITE) < 0 ||
	    bufferevent_write(l->io, "\0AUTH EXTERNAL\r\n", 16) < 0) {
		bus_link_free(l);
		return -ENOMEM;
	}
	*ret = l;
	return 0;
}

void bus_link_free(struct bus_link *l)
{
	if (!l)
		return;
	bufferevent_free(l->io);
	wire_free(&l->out);
	free(l);
}

bool bus_link_named(const struct bus_link *l)
{
	return l && l->stage == NAMED;
}

void bus_link_leave(struct bus_link *l, unsigned patience_ms)
{
	struct evbuffer *out = bufferevent_get_output(l->io);
	struct pollfd p = { .fd = bufferevent_getfd(l->io), .events = POLLOUT };

	if (l->stage == GONE)
		return;
	if (l->stage == NAMED)
		call_bus(l, "ReleaseName", l->name, false);
	bufferevent_disable(l->io, EV_READ | EV_WRITE);
	evbuffer_unfreeze(out, 1); /* only libevent itself was to write it */
	while (evbuffer_get_length(out) && poll(&p, 1, (int)patience_ms) == 1 && evbuffer_write(out, p.fd) > 0)
		;
	l->stage = GONE;
}
