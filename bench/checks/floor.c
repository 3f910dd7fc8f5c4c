/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor - see floor.h. */
#include "floor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define RUNNING_MAX 2000

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int begin(int ep, uint32_t host)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(80),
					.sin_addr.s_addr = htonl(host) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd };

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e) == 0)
		return 1;
	close(fd);
	return 0;
}

/* 1: it has ended well */
static int step(const struct epoll_event *e, bool http)
{
	static const char request[] = "GET /.health.html HTTP/1.0\r\nHost: 10.80.0.1:80\r\n"
				      "User-Agent: KeepAliveClient\r\n\r\n";
	char page[4096];

	if (http && !(e->events & EPOLLIN)) {
		if (send(e->data.fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0)
			return 0;
	} else if (http && recv(e->data.fd, page, sizeof(page), 0) < 0) {
		return 0;
	}
	close(e->data.fd);
	return 1;
}

double floor_us(uint32_t first, unsigned n, unsigned rate, unsigned seconds, bool http)
{
	const struct rlimit all = { 1 << 20, 1 << 20 };
	const unsigned wanted = rate * seconds;
	unsigned begun = 0, ended = 0, running = 0;
	struct epoll_event e[EVENTS];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID), t = 0;

	setrlimit(RLIMIT_NOFILE, &all);
	while (ended < wanted && t < 3.0 * seconds) {
		int ready;

		t = now(CLOCK_MONOTONIC) - start;
		for (; begun < wanted && begun < t * rate && running < RUNNING_MAX; begun++)
			running += (unsigned)begin(ep, first + begun % n);
		ready = epoll_wait(ep, e, EVENTS, 1);
		for (int i = 0; i < ready; i++) {
			int done = step(&e[i], http);

			ended += (unsigned)done;
			running -= (unsigned)done;
		}
	}
	close(ep);
	return ended ? (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / ended : -1;
}
