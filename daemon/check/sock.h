/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock - sockets towards a real server: made, bound, connected as a check's configuration wants it, never blocking.
 *
 * Sockets that need a right which this role does not have (a mark, an interface, ICMP) are made by the keeper; the
 * role binds and connects them. A check of the VIP at the real server connects to the real server, too: its socket's
 * mark tells the data plane what to do. What the errors of a socket mean is decided here, once for all kinds.
 */
#ifndef ELVS_DAEMON_CHECK_SOCK_H
#define ELVS_DAEMON_CHECK_SOCK_H

#include <stdbool.h>
#include <sys/socket.h>

#include "sockset.h"

struct check;
struct conf_addr;
struct conf_check;

bool sock_needs_keeper(const struct conf_check *c);
/* Where a check connects to. Returns the length. */
socklen_t sock_sockaddr(const struct conf_addr *a, struct sockaddr_storage *ret);
/*
 * Into k->run->fd: the keeper's socket if it is there, else a new one of type (SOCK_STREAM, SOCK_DGRAM), bound. 0 or
 * -errno, which is never the server's fault.
 */
int sock_open(struct check *k, int type);
/* What a TCP connection is for */
enum sock_manner {
	SOCK_LISTENS, /* the server speaks first, or it is no TCP */
	SOCK_ASKS,    /* we do: the handshake's last segment and the request are one */
	/*
	 * Nobody does: it is reset as soon as the server has taken it, before the handshake's end. The server's
	 * kernel has answered, its program is not disturbed, and neither side keeps a TIME_WAIT.
	 */
	SOCK_KNOCKS,
};
/*
 * sock_open(), connect, the time of a step begins, sockset_watch(). false: the try has ended. A datagram socket is
 * connected then.
 */
bool sock_begin(struct check *k, int type, enum sock_manner manner, uint32_t events, sockset_cb *cb);
void sock_manner(int fd, enum sock_manner manner); /* before connecting, for those who do it themselves */
/* The pending error of a socket: 0 or -errno. */
int sock_error(int fd);
/* Whether an error says something of the server or its network; if not, the try is to be repeated. err: -errno. */
bool sock_error_counts(int err);
/* Ends the try with such an error: "connection refused while connecting". */
void sock_failed(struct check *k, int err, const char *doing);
const char *sock_error_text(int err); /* "connection refused" */

#endif
