// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rsd - a real server for tests that says its name: rsd NAME PORT...
 *
 * Listens on every PORT with TCP and UDP, IPv4 and IPv6, in one epoll loop. It speaks just enough to be told from
 * its neighbours, and is no web server (nginx plays that part).
 *   TCP: bytes with "GET" in them: an HTTP/1.0 answer whose body is NAME, then close; any other bytes: NAME, and the
 *        connection stays open.
 *   UDP: answers NAME from the very address that was asked (a VIP on lo, too).
 *   With "/v" in the request NAME is followed by the addresses the server sees, which is how a test knows what
 *   the director rewrote.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "peer.h"

enum kind { KIND_NONE, KIND_LISTENER, KIND_STREAM, KIND_DATAGRAM };

#define MAX_FDS 65536
#define BODY_MAX 256

struct rsd {
	const char *name;
	int epoll;
	unsigned char kind[MAX_FDS];
};

static void die(const char *what)
{
	fprintf(stderr, "rsd: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void watch(struct rsd *d, int fd, enum kind kind)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd >= MAX_FDS) {
		close(fd);
		return;
	}
	d->kind[fd] = kind;
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl");
}

static void listen_on(struct rsd *d, int family, int type, uint16_t port)
{
	const int one = 1;
	union peer at = { .sa.sa_family = family };
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	at = peer_any(&at, port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (type == SOCK_DGRAM && family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
	if (type == SOCK_DGRAM && family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &one, sizeof(one));
	if (bind(fd, &at.sa, peer_len(&at)) < 0)
		die("bind");
	if (type == SOCK_STREAM && listen(fd, 512) < 0)
		die("listen");
	watch(d, fd, type == SOCK_STREAM ? KIND_LISTENER : KIND_DATAGRAM);
}

static void accept_all(struct rsd *d, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		watch(d, fd, KIND_STREAM);
}

static void stream_body(const struct rsd *d, int fd, bool verbose, char *body)
{
	union peer local, remote;
	socklen_t len = sizeof(local);
	char local_text[PEER_TEXT], remote_text[PEER_TEXT];

	if (!verbose) {
		snprintf(body, BODY_MAX, "%s\n", d->name);
		return;
	}
	getsockname(fd, &local.sa, &len);
	len = sizeof(remote);
	getpeername(fd, &remote.sa, &len);
	snprintf(body, BODY_MAX, "%s local=%s peer=%s\n", d->name, peer_text(&local, local_text),
		 peer_text(&remote, remote_text));
}

static void answer_stream(struct rsd *d, int fd)
{
	char request[4096], body[BODY_MAX], answer[BODY_MAX + 128];
	ssize_t n = recv(fd, request, sizeof(request) - 1, 0);

	if (n <= 0) {
		close(fd);
		return;
	}
	request[n] = 0;
	stream_body(d, fd, strstr(request, "/v"), body);
	if (!strstr(request, "GET")) {
		send(fd, body, strlen(body), 0);
		return;
	}
	n = snprintf(answer, sizeof(answer),
		     "HTTP/1.0 200 OK\r\nServer: rsd\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
		     strlen(body), body);
	send(fd, answer, n, 0);
	close(fd);
}

/* Turns the address a datagram was sent to into the control message that makes the answer come from it. */
static size_t answer_source(struct msghdr *asked, struct msghdr *answer)
{
	struct cmsghdr *from, *to = (struct cmsghdr *)answer->msg_control;

	for (from = CMSG_FIRSTHDR(asked); from; from = CMSG_NXTHDR(asked, from)) {
		if (from->cmsg_level == IPPROTO_IP && from->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo in, out = { 0 };

			memcpy(&in, CMSG_DATA(from), sizeof(in));
			out.ipi_spec_dst = in.ipi_addr;
			to->cmsg_len = CMSG_LEN(sizeof(out));
			to->cmsg_level = IPPROTO_IP;
			to->cmsg_type = IP_PKTINFO;
			memcpy(CMSG_DATA(to), &out, sizeof(out));
			return CMSG_SPACE(sizeof(out));
		}
		if (from->cmsg_level == IPPROTO_IPV6 && from->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo out;

			memcpy(&out, CMSG_DATA(from), sizeof(out));
			out.ipi6_ifindex = 0;
			to->cmsg_len = CMSG_LEN(sizeof(out));
			to->cmsg_level = IPPROTO_IPV6;
			to->cmsg_type = IPV6_PKTINFO;
			memcpy(CMSG_DATA(to), &out, sizeof(out));
			return CMSG_SPACE(sizeof(out));
		}
	}
	return 0;
}

static void answer_datagram(struct rsd *d, int fd)
{
	char request[4096], body[BODY_MAX], text[PEER_TEXT];
	char asked_control[256], answer_control[256] = { 0 };
	union peer from;
	struct iovec in = { request, sizeof(request) - 1 };
	struct iovec out = { body, 0 };
	struct msghdr asked = { &from, sizeof(from), &in, 1, asked_control, sizeof(asked_control), 0 };
	struct msghdr answer = { &from, 0, &out, 1, answer_control, sizeof(answer_control), 0 };
	ssize_t n = recvmsg(fd, &asked, 0);

	if (n < 0)
		return;
	request[n] = 0;
	if (strstr(request, "/v"))
		snprintf(body, sizeof(body), "%s peer=%s\n", d->name, peer_text(&from, text));
	else
		snprintf(body, sizeof(body), "%s\n", d->name);
	out.iov_len = strlen(body);
	answer.msg_namelen = asked.msg_namelen;
	answer.msg_controllen = answer_source(&asked, &answer);
	sendmsg(fd, &answer, 0);
}

static void serve(struct rsd *d)
{
	struct epoll_event ev[64];

	for (;;) {
		int n = epoll_wait(d->epoll, ev, 64, -1);

		for (int i = 0; i < n; i++) {
			int fd = ev[i].data.fd;

			switch (d->kind[fd]) {
			case KIND_LISTENER:
				accept_all(d, fd);
				break;
			case KIND_STREAM:
				answer_stream(d, fd);
				break;
			case KIND_DATAGRAM:
				answer_datagram(d, fd);
				break;
			}
		}
	}
}

int main(int argc, char **argv)
{
	static struct rsd d;

	if (argc < 3) {
		fprintf(stderr, "usage: rsd NAME PORT...\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	d.name = argv[1];
	d.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 2; i < argc; i++) {
		int port = atoi(argv[i]);

		if (port < 1 || port > 65535) {
			fprintf(stderr, "rsd: `%s' is not a port\n", argv[i]);
			return 2;
		}
		listen_on(&d, AF_INET, SOCK_STREAM, port);
		listen_on(&d, AF_INET6, SOCK_STREAM, port);
		listen_on(&d, AF_INET, SOCK_DGRAM, port);
		listen_on(&d, AF_INET6, SOCK_DGRAM, port);
	}
	serve(&d);
	return 0;
}
