/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket - see socket.h. */
#include "socket.h"

#include <errno.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "packet.h"

#define FIRST_PORT 49152 /* RFC 5881 4 */
#define N_PORTS 16384
#define TRIES 64
#define TOS 0xc0 /* CS6, as other routing protocols */

static socklen_t to_sockaddr(const struct conf_addr *a, uint16_t family, uint16_t port, struct sockaddr_storage *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ss_family = family;
	if (family == AF_INET) {
		struct sockaddr_in *s = (struct sockaddr_in *)ret;

		s->sin_port = htons(port);
		if (a)
			s->sin_addr = a->v4;
		return sizeof(*s);
	}
	((struct sockaddr_in6 *)ret)->sin6_port = htons(port);
	if (a)
		((struct sockaddr_in6 *)ret)->sin6_addr = a->v6;
	return sizeof(struct sockaddr_in6);
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_udp(uint16_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

static int ask_for_details(int fd, uint16_t family)
{
	int r;

	if (family == AF_INET) {
		r = set(fd, IPPROTO_IP, IP_RECVTTL, 1);
		return r < 0 ? r : set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	}
	r = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (r == 0)
		r = set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	return r < 0 ? r : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

int bfd_listen(uint16_t family, bool multihop)
{
	struct sockaddr_storage any;
	socklen_t n = to_sockaddr(NULL, family, multihop ? BFD_PORT_MULTIHOP : BFD_PORT, &any);
	int fd = open_udp(family), r;

	if (fd < 0)
		return fd;
	r = ask_for_details(fd, family);
	if (r == 0 && bind(fd, (struct sockaddr *)&any, n) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static void take_source(const struct sockaddr_storage *from, struct bfd_datagram *ret)
{
	ret->src.family = from->ss_family;
	if (from->ss_family == AF_INET)
		ret->src.v4 = ((const struct sockaddr_in *)from)->sin_addr;
	else
		ret->src.v6 = ((const struct sockaddr_in6 *)from)->sin6_addr;
}

static void take_details(struct msghdr *m, struct bfd_datagram *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
			memcpy(&ret->ttl, CMSG_DATA(c), sizeof(ret->ttl));
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT) {
			memcpy(&ret->ttl, CMSG_DATA(c), sizeof(ret->ttl));
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo i;

			memcpy(&i, CMSG_DATA(c), sizeof(i));
			ret->dst.family = AF_INET;
			ret->dst.v4 = i.ipi_addr;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo i;

			memcpy(&i, CMSG_DATA(c), sizeof(i));
			ret->dst.family = AF_INET6;
			ret->dst.v6 = i.ipi6_addr;
		}
	}
}

int bfd_receive(int fd, struct bfd_datagram *ret)
{
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_storage from = { 0 };
	struct iovec iov = { .iov_base = ret->data, .iov_len = sizeof(ret->data) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	ret->len = (size_t)n;
	ret->ttl = -1;
	ret->src = ret->dst = (struct conf_addr){ 0 };
	take_source(&from, ret);
	take_details(&m, ret);
	return 1;
}

static int set_up_sender(int fd, const struct conf_bfd *conf)
{
	int ttl = conf->ttl ? (int)conf->ttl : 255, r;

	if (conf->neighbour.family == AF_INET) {
		r = set(fd, IPPROTO_IP, IP_TTL, ttl);
		return r < 0 ? r : set(fd, IPPROTO_IP, IP_TOS, TOS);
	}
	r = set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl);
	return r < 0 ? r : set(fd, IPPROTO_IPV6, IPV6_TCLASS, TOS);
}

int bfd_sender(const struct conf_bfd *conf, uint32_t first_port)
{
	const struct conf_addr *source = conf->source.family ? &conf->source : NULL;
	uint16_t family = conf->neighbour.family;
	int fd = open_udp(family), r;

	if (fd < 0)
		return fd;
	r = set_up_sender(fd, conf);
	for (uint32_t i = 0; r == 0 && i < TRIES; i++) {
		struct sockaddr_storage a;
		socklen_t n = to_sockaddr(source, family, (uint16_t)(FIRST_PORT + (first_port + i) % N_PORTS), &a);

		if (bind(fd, (struct sockaddr *)&a, n) == 0)
			return fd;
		if (errno != EADDRINUSE)
			r = -errno;
	}
	close(fd);
	return r < 0 ? r : -EADDRINUSE;
}

int bfd_send(int fd, const struct conf_bfd *conf, const uint8_t *data, size_t len)
{
	struct sockaddr_storage to;
	socklen_t n = to_sockaddr(&conf->neighbour, conf->neighbour.family,
				  conf->multihop ? BFD_PORT_MULTIHOP : BFD_PORT, &to);

	return sendto(fd, data, len, 0, (struct sockaddr *)&to, n) < 0 ? -errno : 0;
}
