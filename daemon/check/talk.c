/* SPDX-License-Identifier: GPL-2.0-or-later */
/* talk - see talk.h. */
#include "talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "sock.h"

static void ready(evutil_socket_t fd, short what, void *arg);

static bool watch(struct check *k, short what)
{
	if (check_watch(k, k->fd, what, ready) == 0)
		return true;
	check_done(k, ENGINE_AGAIN, "no memory");
	return false;
}

/* Sends what is left; false: the try has ended. */
static bool flush(struct check *k)
{
	struct talk *t = k->try;
	ssize_t n;

	if (t->sent < t->n_out) {
		n = send(k->fd, t->out + t->sent, t->n_out - t->sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			sock_failed(k, -errno, "sending");
			return false;
		}
		t->sent += n > 0 ? (size_t)n : 0;
	}
	return watch(k, t->sent < t->n_out ? EV_READ | EV_WRITE : EV_READ);
}

static void take(struct check *k, bool eof)
{
	struct talk *t = k->try;
	uint32_t serial = k->serial;

	t->input(k, t->in, t->n_in, eof);
	if (k->state == CHECK_RUNNING && serial == k->serial && (eof || t->n_in == sizeof(t->in)))
		check_done(k, ENGINE_FAILED, eof ? "connection closed while %s" : "answer too long while %s",
			   t->doing);
}

static void receive(struct check *k)
{
	struct talk *t = k->try;
	ssize_t n = recv(k->fd, t->in + t->n_in, sizeof(t->in) - t->n_in, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		sock_failed(k, -errno, t->doing);
		return;
	}
	t->n_in += (size_t)n;
	take(k, n == 0);
}

static void ready(evutil_socket_t fd, short what, void *arg)
{
	struct check *k = arg;
	struct talk *t = k->try;
	int err;

	if (!t->connected) {
		err = sock_error(fd);
		if (err) {
			sock_failed(k, err, "connecting");
			return;
		}
		t->connected = true;
		check_step(k, k->conf->connect_timeout_us);
		flush(k);
		return;
	}
	if (what & EV_WRITE && !flush(k))
		return;
	if (what & EV_READ)
		receive(k);
}

void talk_start(struct check *k, void (*input)(struct check *, const char *, size_t, bool), const char *first,
		const char *doing)
{
	struct talk *t = k->try = malloc(sizeof(*t));
	int r = t ? sock_open(k, SOCK_STREAM) : -ENOMEM;

	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return;
	}
	t->input = input;
	t->doing = doing;
	t->stage = 0;
	t->connected = false;
	t->n_in = t->sent = 0;
	t->n_out = strnlen(first, sizeof(t->out));
	memcpy(t->out, first, t->n_out);
	r = sock_connect(k);
	if (r < 0) {
		sock_failed(k, r, "connecting");
		return;
	}
	check_step(k, k->conf->connect_timeout_us);
	watch(k, EV_WRITE);
}

void talk_say(struct check *k, const char *doing, const char *fmt, ...)
{
	struct talk *t = k->try;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->out, sizeof(t->out), fmt, ap);
	va_end(ap);
	t->n_out = n < 0 ? 0 : (size_t)n < sizeof(t->out) ? (size_t)n : sizeof(t->out) - 1;
	t->sent = t->n_in = 0;
	t->doing = doing;
	check_step(k, k->conf->connect_timeout_us);
	flush(k);
}

void talk_timeout(struct check *k)
{
	struct talk *t = k->try;

	check_timed_out(k, t->connected ? t->doing : "connecting");
}

void talk_end(struct check *k)
{
	free(k->try);
	k->try = NULL;
}
