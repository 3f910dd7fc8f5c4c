/* SPDX-License-Identifier: GPL-2.0-or-later */
/* talk - see talk.h. */
#include "talk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "sock.h"

static void ready(struct check *k, uint32_t events);

/* Sends what is left; false: the try has ended. */
static bool flush(struct check *k)
{
	struct talk *t = k->run->try;
	ssize_t n;

	if (t->sent < t->n_out) {
		n = send(k->run->fd, t->out + t->sent, t->n_out - t->sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			sock_failed(k, -errno, "sending");
			return false;
		}
		t->sent += n > 0 ? (size_t)n : 0;
	}
	return check_watch(k, t->sent < t->n_out ? EPOLLIN | EPOLLOUT : EPOLLIN, ready);
}

static void take(struct check *k, bool eof)
{
	struct talk *t = k->run->try;
	uint32_t serial = k->serial;

	t->input(k, t->in, t->n_in, eof);
	if (k->state == CHECK_RUNNING && serial == k->serial && (eof || t->n_in == sizeof(t->in)))
		check_done(k, ENGINE_FAILED, eof ? "connection closed while %s" : "answer too long while %s",
			   t->doing);
}

static void receive(struct check *k)
{
	struct talk *t = k->run->try;
	ssize_t n = recv(k->run->fd, t->in + t->n_in, sizeof(t->in) - t->n_in, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		sock_failed(k, -errno, t->doing);
		return;
	}
	t->n_in += (size_t)n;
	take(k, n == 0);
}

static void ready(struct check *k, uint32_t events)
{
	struct talk *t = k->run->try;
	int err;

	if (!t->connected) {
		err = sock_error(k->run->fd);
		if (err) {
			sock_failed(k, err, "connecting");
			return;
		}
		t->connected = true;
		check_step(k, k->conf->connect_timeout_us);
		flush(k);
		return;
	}
	if (events & ~EPOLLIN && !flush(k))
		return;
	if (events & ~EPOLLOUT)
		receive(k);
}

void talk_start(struct check *k, void (*input)(struct check *, const char *, size_t, bool), const char *first,
		const char *doing)
{
	struct talk *t = k->run->try;

	t->input = input;
	t->doing = doing;
	t->n_out = strnlen(first, sizeof(t->out));
	memcpy(t->out, first, t->n_out);
	sock_begin(k, SOCK_STREAM, t->n_out ? SOCK_ASKS : SOCK_LISTENS, EPOLLOUT, ready);
}

void talk_say(struct check *k, const char *doing, const char *fmt, ...)
{
	struct talk *t = k->run->try;
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
	struct talk *t = k->run->try;

	check_timed_out(k, t->connected ? t->doing : "connecting");
}
