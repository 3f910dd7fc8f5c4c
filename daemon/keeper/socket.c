/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket - see socket.h. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MSS_VIA 1400 /* of a check through a tunnel, before its header is taken off */

static const struct conf_target *find(const struct conf *c, uint64_t key)
{
	for (uint32_t i = 0; i < c->n_checks; i++)
		if (c->checks[i].key == key)
			return &c->checks[i];
	return NULL;
}

/*
 * Echo sockets without being root are for groups in net.ipv4.ping_group_range only; the keeper widens it as
 * keepalived does, when it has to.
 */
static int ping_socket(int family)
{
	int proto = family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, proto), range;

	if (fd >= 0 || errno != EACCES)
		return fd < 0 ? -errno : fd;
	range = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
	if (range >= 0) {
		if (write(range, "0 0\n", 4) < 0)
			errno = EACCES;
		close(range);
	}
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
	return fd < 0 ? -errno : fd;
}

/* Addressed to the VIP at the real server by the data plane, which knows the mark */
static int mark_via(int fd, const struct conf_target *t, struct ipvs *ipvs, uint32_t *mark)
{
	uint32_t overhead = 0;
	int r = ipvs ? ipvs_check_mark(ipvs, t, mark, &overhead) : -ENOTCONN, mss = MSS_VIA - (int)overhead;

	if (r < 0 || !overhead)
		return r;
	/* Not for UDP, where a datagram that is too long is the check's own */
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss));
	return 0;
}

static int dress(int fd, const struct conf_target *t, struct ipvs *ipvs)
{
	const struct conf_check *k = t->how;
	uint32_t mark = k->fwmark;
	int r = k->via_vip.family ? mark_via(fd, t, ipvs, &mark) : 0;

	if (r < 0)
		return r;
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return -errno;
	if (*k->bind_if && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, k->bind_if, (socklen_t)strlen(k->bind_if)) < 0)
		return -errno;
	return 0;
}

int socket_make(const struct conf *c, struct ipvs *ipvs, const struct msg_want_socket *w)
{
	const struct conf_target *t;
	int fd, r;

	if (w->want >= SOCKET_SHARED)
		return w->icmp && (w->key == AF_INET || w->key == AF_INET6) ? ping_socket((int)w->key) : -EINVAL;
	t = find(c, w->key);
	if (!t)
		return -ENOENT;
	if (!w->icmp && w->type != SOCK_STREAM && w->type != SOCK_DGRAM)
		return -EINVAL;
	fd = w->icmp ? ping_socket(t->addr.family)
		     : socket(t->addr.family, w->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return w->icmp ? fd : -errno;
	r = dress(fd, t, ipvs);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}
