/* SPDX-License-Identifier: GPL-2.0-or-later */
/* server - see server.h. One process, level-triggered, a request per connection, no state per connection. */
#include "server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
#define BACKLOG 65535

static int listen_on_80(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(80) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, BACKLOG) < 0) {
		perror("server");
		exit(2);
	}
	return fd;
}

static void accept_all(int ep, int fd)
{
	int c;

	while ((c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = c };

		epoll_ctl(ep, EPOLL_CTL_ADD, c, &e);
	}
}

static void answer(int fd)
{
	static const char page[] = "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\n"
				   "Content-Length: 3\r\nConnection: close\r\n\r\nOK\n";
	char request[4096];
	ssize_t n = read(fd, request, sizeof(request));

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0 && send(fd, page, sizeof(page) - 1, MSG_NOSIGNAL) < 0)
		n = 0;
	close(fd);
}

void server_run(int ready_fd)
{
	const struct rlimit all = { 1 << 20, 1 << 20 };
	struct epoll_event e[EVENTS];
	int fd, ep = epoll_create1(EPOLL_CLOEXEC);

	setrlimit(RLIMIT_NOFILE, &all);
	fd = listen_on_80();
	e[0] = (struct epoll_event){ .events = EPOLLIN, .data.fd = fd };
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e[0]);
	close(ready_fd);
	for (;;) {
		int n = epoll_wait(ep, e, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (e[i].data.fd == fd)
				accept_all(ep, fd);
			else
				answer(e[i].data.fd);
		}
	}
}
