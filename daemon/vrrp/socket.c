/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket - see socket.h. */
#include "socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

struct rx {
	struct rx *next;
	struct sockets *owner;
	struct rx_key key;
	int fd, users;
};

#define EVENTS 32	/* sockets looked at per wake-up */
#define TIRELESS 4096	/* packets without a pause ... */
#define PAUSE_NS 100000 /* ... and its length: a flood must not use up what RLIMIT_RTTIME allows */

/* The kernel's socket address; IPv6 link-local ones need their interface. */
static socklen_t sockaddr_of(struct sockaddr_storage *ret, const struct conf_addr *a, uint32_t ifindex)
{
	struct sockaddr_in *in = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (a->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_addr = a->v4;
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_addr = a->v6;
	if (IN6_IS_ADDR_LINKLOCAL(&a->v6) || IN6_IS_ADDR_MC_LINKLOCAL(&a->v6))
		in6->sin6_scope_id = ifindex;
	return sizeof(*in6);
}

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* ---- receiving ---- */
static int bind_device(int fd, uint32_t ifindex)
{
	char name[IFNAMSIZ];

	if (!ifindex)
		return 0;
	if (!if_indextoname(ifindex, name))
		return -ENODEV;
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name) + 1) < 0 ? -errno : 0;
}

static int join(int fd, const struct rx_key *k)
{
	struct group_req g = { .gr_interface = k->ifindex };
	int level = k->family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;

	sockaddr_of(&g.gr_group, &k->addr, k->ifindex);
	return setsockopt(fd, level, MCAST_JOIN_GROUP, &g, sizeof(g)) < 0 ? -errno : 0;
}

static int bind_address(int fd, const struct rx_key *k)
{
	struct sockaddr_storage sa;
	socklen_t len;

	if (!k->addr.family)
		return 0;
	len = sockaddr_of(&sa, &k->addr, k->ifindex);
	return bind(fd, (struct sockaddr *)&sa, len) < 0 ? -errno : 0;
}

static int set_up(int fd, const struct rx_key *k, uint32_t rcvbuf)
{
	int r = bind_device(fd, k->ifindex);

	/* only groups that this socket joined, not those that somebody else on the host did */
	if (k->family == AF_INET)
		set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
	else
		set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
	if (r == 0 && k->family == AF_INET6)
		r = set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	if (r == 0 && k->family == AF_INET6)
		r = set_int(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	if (rcvbuf)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf < INT32_MAX ? (int)rcvbuf : INT32_MAX);
	if (r == 0)
		r = k->unicast ? bind_address(fd, k) : join(fd, k);
	return r;
}

/* What of the ancillary data an IPv6 packet is judged by. */
static void read_ancillary(struct msghdr *m, struct vrrp_received *p)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct in6_pktinfo pi;

		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO && c->cmsg_len >= CMSG_LEN(sizeof(pi))) {
			memcpy(&pi, CMSG_DATA(c), sizeof(pi));
			p->dst.family = AF_INET6;
			p->dst.v6 = pi.ipi6_addr;
		} else if (c->cmsg_type == IPV6_HOPLIMIT && c->cmsg_len >= CMSG_LEN(sizeof(int))) {
			memcpy(&p->hop_limit, CMSG_DATA(c), sizeof(int));
		}
	}
}

static bool receive_one(struct rx *rx, rx_cb *cb, void *arg)
{
	char control[256] __attribute__((aligned(8)));
	struct sockets *s = rx->owner;
	struct vrrp_received p = { .data = s->buf, .family = rx->key.family, .hop_limit = -1 };
	struct sockaddr_storage from = { 0 };
	struct iovec iov = { s->buf, sizeof(s->buf) };
	struct msghdr m = { .msg_name = &from,
			    .msg_namelen = sizeof(from),
			    .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct timespec now;
	ssize_t len = recvmsg(rx->fd, &m, MSG_DONTWAIT);

	if (len < 0)
		return errno == ENETDOWN || errno == EINTR; /* pending news of the link, not of a packet */
	clock_gettime(CLOCK_REALTIME, &now);
	p.len = len;
	p.utc_us = (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	p.src.family = from.ss_family;
	if (from.ss_family == AF_INET)
		p.src.v4 = ((struct sockaddr_in *)&from)->sin_addr;
	else if (from.ss_family == AF_INET6)
		p.src.v6 = ((struct sockaddr_in6 *)&from)->sin6_addr;
	read_ancillary(&m, &p);
	cb(arg, rx, &p);
	return true;
}

static int watch(int ep, int fd, void *what)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

/* The next round of packets; their number, or -errno (-ECANCELED: `until' has something). */
static int serve_some(int ep, rx_cb *cb, void *arg)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(ep, events, EVENTS, -1), packets = 0;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		if (!events[i].data.ptr)
			return -ECANCELED;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < RX_BUDGET && receive_one(events[i].data.ptr, cb, arg); k++)
			packets++;
	return packets;
}

int sockets_serve(struct sockets *s, int until, rx_cb *cb, void *arg)
{
	static const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int ep = epoll_create1(EPOLL_CLOEXEC), r = ep < 0 ? -errno : watch(ep, until, NULL);

	for (struct rx *rx = s->list; rx && r == 0; rx = rx->next)
		r = watch(ep, rx->fd, rx);
	for (int done = 0; r >= 0;) {
		r = serve_some(ep, cb, arg);
		done = r < RX_BUDGET ? 0 : done + r;
		if (done < TIRELESS)
			continue;
		nanosleep(&pause, NULL);
		done = 0;
	}
	if (ep >= 0)
		close(ep);
	return r == -ECANCELED ? 0 : r;
}

void sockets_fds(const struct sockets *s, int *ret)
{
	for (const struct rx *rx = s->list; rx; rx = rx->next)
		*ret++ = rx->fd;
}

static int open_rx(struct rx *rx, uint32_t rcvbuf)
{
	rx->fd = socket(rx->key.family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, rx->key.protocol);
	if (rx->fd < 0)
		return -errno;
	return set_up(rx->fd, &rx->key, rcvbuf);
}

static void free_rx(struct rx *rx)
{
	if (rx->fd >= 0)
		close(rx->fd);
	free(rx);
}

int rx_get(struct sockets *s, const struct rx_key *key, uint32_t rcvbuf, struct rx **ret)
{
	struct rx *rx;
	int r;

	for (rx = s->list; rx; rx = rx->next) {
		if (!memcmp(&rx->key, key, sizeof(*key))) {
			rx->users++;
			*ret = rx;
			return 0;
		}
	}
	rx = calloc(1, sizeof(*rx));
	if (!rx)
		return -ENOMEM;
	rx->owner = s;
	rx->key = *key;
	rx->users = 1;
	r = open_rx(rx, rcvbuf);
	if (r < 0) {
		free_rx(rx);
		return r;
	}
	rx->next = s->list;
	s->list = rx;
	s->n++;
	s->changed(s->arg);
	*ret = rx;
	return 0;
}

void rx_put(struct sockets *s, struct rx *rx)
{
	struct rx **p;

	if (!rx || --rx->users > 0)
		return;
	for (p = &s->list; *p && *p != rx; p = &(*p)->next)
		;
	if (*p)
		*p = rx->next;
	rx->owner->n--;
	rx->owner->changed(rx->owner->arg);
	free_rx(rx);
}

const struct rx_key *rx_key(const struct rx *rx)
{
	return &rx->key;
}

/* ---- sending ---- */
static int open_tx(uint16_t family)
{
	/* IPPROTO_RAW: the packets bring their IP header, and nothing is ever received */
	int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		return -errno;
	if (family == AF_INET)
		set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
	else
		set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
	if (family == AF_INET6) /* a VMAC has no address, its adverts come from the interface's below it */
		set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
	set_int(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
	return fd;
}

static int tx_fd(struct sockets *s, uint16_t family)
{
	int *fd = family == AF_INET ? &s->tx4 : &s->tx6;

	if (*fd < 0) {
		int r = open_tx(family);

		if (r < 0)
			return r;
		*fd = r;
	}
	return *fd;
}

/* The interface that it leaves by. */
static void put_interface(struct msghdr *m, const struct tx *to)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo p4 = { .ipi_ifindex = (int)to->ifindex };
	struct in6_pktinfo p6 = { .ipi6_addr = to->src.v6, .ipi6_ifindex = to->ifindex };
	bool v4 = to->family == AF_INET;
	size_t size = v4 ? sizeof(p4) : sizeof(p6);

	c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v4 ? (void *)&p4 : (void *)&p6, size);
	m->msg_controllen = CMSG_SPACE(size);
}

static void build_ip6(uint8_t h[40], const struct tx *to, size_t len)
{
	memset(h, 0, 40);
	h[0] = 0x6c; /* version 6, traffic class 0xc0 as IPv4's TOS */
	h[4] = (uint8_t)(len >> 8);
	h[5] = (uint8_t)len;
	h[6] = VRRP_IPPROTO;
	h[7] = to->hop_limit;
	memcpy(h + 8, &to->src.v6, 16);
	memcpy(h + 24, &to->dst.v6, 16);
}

int sockets_send(struct sockets *s, const struct tx *to, const uint8_t *packet, size_t len)
{
	char control[64] __attribute__((aligned(8))) = { 0 };
	uint8_t ip6[40];
	struct iovec iov[2] = { { ip6, 0 }, { (void *)packet, len } };
	struct sockaddr_storage sa;
	struct msghdr m = { .msg_name = &sa, .msg_iov = iov, .msg_iovlen = 2 };
	int fd = tx_fd(s, to->family);

	if (fd < 0)
		return fd;
	m.msg_namelen = sockaddr_of(&sa, &to->dst, to->ifindex);
	if (to->family == AF_INET6) {
		build_ip6(ip6, to, len);
		iov[0].iov_len = sizeof(ip6);
	}
	if (to->ifindex) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		put_interface(&m, to);
	}
	return sendmsg(fd, &m, MSG_DONTWAIT | (to->multicast ? MSG_DONTROUTE : 0)) < 0 ? -errno : 0;
}

/* ---- beginning and end ---- */
void sockets_init(struct sockets *s, void (*changed)(void *arg), void *arg)
{
	s->tx4 = s->tx6 = -1;
	s->list = NULL;
	s->n = 0;
	s->changed = changed;
	s->arg = arg;
}

void sockets_close(struct sockets *s)
{
	while (s->list) {
		struct rx *next = s->list->next;

		free_rx(s->list);
		s->list = next;
	}
	s->n = 0;
	if (s->tx4 >= 0)
		close(s->tx4);
	if (s->tx6 >= 0)
		close(s->tx6);
	s->tx4 = s->tx6 = -1;
}
