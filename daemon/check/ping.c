/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ping - PING_CHECK: an ICMP echo is answered.
 *
 * ICMP datagram sockets need a right that this role does not have, so the keeper makes them: one per family for all
 * checks, one of its own for a check that is bound or marked. What comes back finds its check by a slot number and a
 * serial in the payload; both, and the address, must fit. Errors of the network come with the packet they are about.
 */
#include "kinds.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "sock.h"

#define BATCH 256 /* packets read in one go */

struct payload {
	uint32_t nonce, slot, serial, pad;
};
struct echo {
	uint8_t type, code;
	uint16_t sum, id, seq; /* sum and id are the kernel's */
	struct payload payload;
};

struct ping_try {
	struct check *check;
	uint32_t slot;
	bool sent;
};

struct pinger {
	struct checker *role;
	uint32_t nonce;
	uint16_t seq;
	struct ping_try **slots; /* NULL: free */
	uint32_t n_slots, n_used;
	struct ping_socket {
		int fd;
		bool wanted;
		uint64_t wanted_us;
		struct event *ev;
	} sockets[2]; /* IPv4, IPv6 */
};

/*
 * Requests for the shared sockets have numbers that no check's serial gets to, and a family instead of a key; the
 * keeper knows that (keeper/socket.h).
 */
#define WANT_BASE 0xfffffff0u
#define WANT_AGAIN_US 5000000

static int is_v6(const struct check *k)
{
	return k->at->addr.family == AF_INET6;
}

struct pinger *pinger_new(struct checker *r)
{
	struct pinger *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->role = r;
	p->nonce = (uint32_t)(check_random(r) >> 16);
	p->sockets[0].fd = p->sockets[1].fd = -1;
	return p;
}

static void socket_close(struct ping_socket *s)
{
	if (s->ev)
		event_free(s->ev);
	if (s->fd >= 0)
		close(s->fd);
	*s = (struct ping_socket){ .fd = -1 };
}

void pinger_free(struct pinger *p)
{
	if (!p)
		return;
	socket_close(&p->sockets[0]);
	socket_close(&p->sockets[1]);
	free(p->slots);
	free(p);
}

/* ---- slots ---- */

static int slot_take(struct pinger *p, struct ping_try *t)
{
	uint32_t n = p->n_slots ? 2 * p->n_slots : 64, i;
	struct ping_try **slots;

	if (2 * (p->n_used + 1) > p->n_slots) {
		slots = reallocarray(p->slots, n, sizeof(*slots));
		if (!slots)
			return -ENOMEM;
		memset(slots + p->n_slots, 0, (n - p->n_slots) * sizeof(*slots));
		p->slots = slots;
		p->n_slots = n;
	}
	/* Half of them are free: found after two looks on average. */
	for (i = (uint32_t)check_random(p->role) % p->n_slots; p->slots[i]; i = (i + 1) % p->n_slots)
		;
	p->slots[i] = t;
	t->slot = i;
	p->n_used++;
	return 0;
}

static struct check *slot_find(const struct pinger *p, const struct payload *l)
{
	struct ping_try *t = l->nonce == p->nonce && l->slot < p->n_slots ? p->slots[l->slot] : NULL;

	return t && t->check->serial == l->serial ? t->check : NULL;
}

/* ---- out ---- */

static void send_echo(struct pinger *p, struct check *k, int fd)
{
	struct ping_try *t = k->run->try;
	struct sockaddr_storage to;
	socklen_t len = sock_sockaddr(&k->at->addr, &to);
	struct echo e = { .type = is_v6(k) ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
			  .seq = htons(++p->seq),
			  .payload = { p->nonce, t->slot, k->serial, 0 } };

	/* ICMP has no ports; a port in the address is not accepted for IPv6. */
	if (is_v6(k))
		((struct sockaddr_in6 *)&to)->sin6_port = 0;
	else
		((struct sockaddr_in *)&to)->sin_port = 0;
	t->sent = true;
	if (sendto(fd, &e, sizeof(e), MSG_NOSIGNAL, (struct sockaddr *)&to, len) < 0)
		sock_failed(k, -errno, "sending");
}

/* ---- in ---- */

static bool same_host(const struct check *k, const struct sockaddr_storage *from)
{
	struct sockaddr_storage want;

	sock_sockaddr(&k->at->addr, &want);
	if (from->ss_family != want.ss_family)
		return false;
	if (want.ss_family == AF_INET6)
		return !memcmp(&((struct sockaddr_in6 *)&want)->sin6_addr,
			       &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	return ((struct sockaddr_in *)&want)->sin_addr.s_addr == ((const struct sockaddr_in *)from)->sin_addr.s_addr;
}

static bool read_reply(struct pinger *p, int fd)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	struct check *k;
	struct echo e;
	ssize_t n = recvfrom(fd, &e, sizeof(e), MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&from, &len);

	if (n < 0)
		return errno == EINTR;
	if (n != sizeof(e) || (e.type != ICMP_ECHOREPLY && e.type != ICMP6_ECHO_REPLY))
		return true;
	k = slot_find(p, &e.payload);
	if (k && same_host(k, &from))
		check_done(k, ENGINE_OK, NULL);
	return true;
}

/* The error in the control part: -errno, 0 if it is none of the network's */
static int error_of(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		struct sock_extended_err err;

		if (!(c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&err, CMSG_DATA(c), sizeof(err));
		return -(int)err.ee_errno;
	}
	return 0;
}

static bool read_error(struct pinger *p, int fd)
{
	char control[512] __attribute__((aligned(16)));
	struct echo e = { 0 };
	struct iovec iov = { &e, sizeof(e) };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT);
	struct check *k;
	int err;

	if (n < 0)
		return errno == EINTR;
	k = n == sizeof(e) ? slot_find(p, &e.payload) : NULL;
	err = error_of(&h);
	if (k && sock_error_counts(err))
		sock_failed(k, err, "waiting for the reply");
	return true;
}

static void read_all(struct pinger *p, int fd)
{
	int i;

	for (i = 0; i < BATCH && read_error(p, fd); i++)
		;
	for (i = 0; i < BATCH && read_reply(p, fd); i++)
		;
}

static void shared_ready(evutil_socket_t fd, short what, void *arg)
{
	read_all(arg, fd);
}

static void own_ready(struct check *k, uint32_t events)
{
	const int fd = k->run->fd;
	uint32_t serial = k->serial;

	/* A packet at a time: the first that concerns us closes the socket. */
	if (!read_error(k->role->pinger, fd))
		if (serial == k->serial && k->state == CHECK_RUNNING)
			read_reply(k->role->pinger, fd);
}

/* ---- sockets ---- */

static void want_errors(int fd, int v6)
{
	int on = 1, room = 1 << 20;

	setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

static void ask_for_socket(struct pinger *p, const struct check *k)
{
	struct ping_socket *s = &p->sockets[is_v6(k)];
	struct message m = { .type = MSG_WANT_SOCKET,
			     .want_socket = { .key = is_v6(k) ? AF_INET6 : AF_INET,
					      .want = WANT_BASE + (unsigned)is_v6(k),
					      .type = SOCK_DGRAM,
					      .icmp = 1 } };

	if (s->wanted && clock_us() - s->wanted_us < WANT_AGAIN_US)
		return;
	s->wanted = checker_send(p->role, &m);
	s->wanted_us = clock_us();
}

/* All that wait for this socket: go, or cannot. */
static void serve_waiting(struct pinger *p, int v6, int error)
{
	for (uint32_t i = 0; i < p->n_slots; i++) {
		struct ping_try *t = p->slots[i];

		if (!t || t->sent || t->check->run->fd >= 0 || is_v6(t->check) != v6)
			continue;
		if (p->sockets[v6].fd >= 0)
			send_echo(p, t->check, p->sockets[v6].fd);
		else
			check_done(t->check, ENGINE_AGAIN, "no ICMP socket: %s", strerror(error < 0 ? -error : EIO));
	}
}

bool pinger_wants(uint32_t want)
{
	return want >= WANT_BASE;
}

void pinger_socket(struct pinger *p, const struct msg_socket *m, int take_fd)
{
	int v6 = m->want == WANT_BASE + 1;
	struct ping_socket *s = &p->sockets[v6];

	if (s->fd >= 0) {
		if (take_fd >= 0)
			close(take_fd);
		return;
	}
	s->wanted = false;
	if (take_fd >= 0) {
		s->fd = take_fd;
		evutil_make_socket_nonblocking(take_fd);
		want_errors(take_fd, v6);
		s->ev = event_new(p->role->base, take_fd, EV_READ | EV_PERSIST, shared_ready, p);
		if (!s->ev || event_add(s->ev, NULL) < 0)
			socket_close(s);
	}
	serve_waiting(p, v6, m->error);
}

/* ---- the kind ---- */

static int bind_own(const struct check *k)
{
	struct sockaddr_storage ss;
	struct conf_addr a = k->conf->bind;
	socklen_t len;

	a.port = 0;
	len = sock_sockaddr(&a, &ss);
	return a.family && bind(k->run->fd, (struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

/* With a socket of its own from the keeper */
static void start_own(struct check *k)
{
	int r;

	evutil_make_socket_nonblocking(k->run->fd);
	want_errors(k->run->fd, is_v6(k));
	r = bind_own(k);
	if (r < 0)
		check_done(k, ENGINE_AGAIN, "%s while binding", sock_error_text(r));
	else if (check_watch(k, EPOLLIN, own_ready))
		send_echo(k->role->pinger, k, k->run->fd);
}

static void start(struct check *k)
{
	struct pinger *p = k->role->pinger;
	struct ping_try *t = k->run->try;
	const int v6 = is_v6(k);

	t->check = k;
	if (slot_take(p, t) < 0) {
		check_done(k, ENGINE_AGAIN, "no memory");
		return;
	}
	check_step(k, k->conf->connect_timeout_us);
	if (k->run->fd >= 0)
		start_own(k);
	else if (p->sockets[v6].fd >= 0)
		send_echo(p, k, p->sockets[v6].fd);
	else
		ask_for_socket(p, k);
}

static void timeout(struct check *k)
{
	struct ping_try *t = k->run->try;

	if (t->sent)
		check_timed_out(k, "waiting for the reply");
	else
		check_done(k, ENGINE_AGAIN, "no ICMP socket from the keeper");
}

static void end(struct check *k)
{
	struct pinger *p = k->role->pinger;
	struct ping_try *t = k->run->try;

	if (t->slot >= p->n_slots || p->slots[t->slot] != t)
		return;
	p->slots[t->slot] = NULL;
	p->n_used--;
}

const struct check_kind check_ping = { .name = "PING_CHECK",
				       .proto = "ICMP",
				       .socket_type = SOCK_DGRAM,
				       .try_size = sizeof(struct ping_try),
				       .start = start,
				       .timeout = timeout,
				       .end = end };
