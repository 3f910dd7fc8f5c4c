/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udp - UDP_CHECK: a datagram is sent; the server is good when nobody says that it cannot be reached, or, with
 * require_reply, when the reply is what is wanted.
 */
#include "kinds.h"

#include <errno.h>
#include <unistd.h>

#include "reply_match.h"
#include "sock.h"

static const uint8_t filler[] = "elvs health check - please ignore";

static void ready(evutil_socket_t fd, short what, void *arg)
{
	struct check *k = arg;
	uint8_t buf[65536];
	char why[120];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		sock_failed(k, -errno, "waiting for a reply");
	else if (k->conf->udp.require_reply && reply_match(k->conf, buf, (size_t)n, why, sizeof(why)) < 0)
		check_done(k, ENGINE_FAILED, "%s", why);
	else
		check_done(k, ENGINE_OK, NULL);
}

static void start(struct check *k)
{
	const struct conf_check *c = k->conf;
	int r = sock_open(k, SOCK_DGRAM);

	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return;
	}
	r = sock_connect(k);
	if (r >= 0 && send(k->fd, c->udp.payload ? c->udp.payload : filler,
			   c->udp.payload ? c->udp.n_payload : sizeof(filler) - 1, MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r < 0) {
		sock_failed(k, r, "sending");
		return;
	}
	check_step(k, c->connect_timeout_us);
	if (check_watch(k, k->fd, EV_READ, ready) < 0)
		check_done(k, ENGINE_AGAIN, "no memory");
}

static void timeout(struct check *k)
{
	if (k->conf->udp.require_reply)
		check_timed_out(k, "waiting for a reply");
	else
		check_done(k, ENGINE_OK, NULL); /* nobody objected */
}

static void end(struct check *k)
{
}

const struct check_kind check_udp = {
	.name = "UDP_CHECK", .proto = "UDP", .socket_type = SOCK_DGRAM, .start = start, .timeout = timeout, .end = end
};
