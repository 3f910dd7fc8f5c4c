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

static void ready(struct check *k, uint32_t events)
{
	uint8_t buf[65536];
	char why[120];
	ssize_t n = recv(k->run->fd, buf, sizeof(buf), 0);

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
	const void *payload = c->udp.payload ? c->udp.payload : filler;
	const size_t len = c->udp.payload ? c->udp.n_payload : sizeof(filler) - 1;

	if (sock_begin(k, SOCK_DGRAM, SOCK_LISTENS, EPOLLIN, ready) &&
	    send(k->run->fd, payload, len, MSG_NOSIGNAL) < 0)
		sock_failed(k, -errno, "sending");
}

static void timeout(struct check *k)
{
	if (k->conf->udp.require_reply)
		check_timed_out(k, "waiting for a reply");
	else
		check_done(k, ENGINE_OK, NULL); /* nobody objected */
}

const struct check_kind check_udp = {
	.name = "UDP_CHECK", .proto = "UDP", .socket_type = SOCK_DGRAM, .start = start, .timeout = timeout
};
