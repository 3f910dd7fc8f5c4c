/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tcp - TCP_CHECK: the server takes a connection, which is given up again at once (sock.h, SOCK_KNOCKS). */
#include "kinds.h"

#include "sock.h"

static void ready(struct check *k, uint32_t events)
{
	int err = events & (EPOLLERR | EPOLLHUP) ? sock_error(k->run->fd) : 0;

	if (err)
		sock_failed(k, err, "connecting");
	else
		check_done(k, ENGINE_OK, NULL);
}

static void start(struct check *k)
{
	sock_begin(k, SOCK_STREAM, SOCK_KNOCKS, EPOLLOUT, ready);
}

static void timeout(struct check *k)
{
	check_timed_out(k, "connecting");
}

const struct check_kind check_tcp = {
	.name = "TCP_CHECK", .proto = "TCP", .socket_type = SOCK_STREAM, .start = start, .timeout = timeout
};
