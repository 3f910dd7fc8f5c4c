/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcp - TCP_CHECK: the server takes a connection, which is closed again at once. */
#include "kinds.h"

#include "sock.h"

static void ready(evutil_socket_t fd, short what, void *arg)
{
	struct check *k = arg;
	int err = sock_error(fd);

	if (err)
		sock_failed(k, err, "connecting");
	else
		check_done(k, ENGINE_OK, NULL);
}

static void start(struct check *k)
{
	int r = sock_open(k, SOCK_STREAM);

	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return;
	}
	r = sock_connect(k);
	if (r < 0) {
		sock_failed(k, r, "connecting");
		return;
	}
	check_step(k, k->conf->connect_timeout_us);
	if (check_watch(k, k->fd, EV_WRITE, ready) < 0)
		check_done(k, ENGINE_AGAIN, "no memory");
}

static void timeout(struct check *k)
{
	check_timed_out(k, "connecting");
}

static void end(struct check *k)
{
}

const struct check_kind check_tcp = { .name = "TCP_CHECK",
				      .proto = "TCP",
				      .socket_type = SOCK_STREAM,
				      .start = start,
				      .timeout = timeout,
				      .end = end };
