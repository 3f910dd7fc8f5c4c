/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sdnotify - see sdnotify.h. */
#include "sdnotify.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

struct watchdog {
	struct event *tick;
};

void sdnotify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	/* A manager that does not listen is not our trouble. */
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (void *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void sdnotify_reloading(void)
{
	char text[80];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_us());
	sdnotify(text);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	sdnotify("WATCHDOG=1");
}

int watchdog_new(struct watchdog **ret, struct event_base *base)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long us = usec ? strtoull(usec, NULL, 10) / 2 : 0;
	const struct timeval each = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };
	struct watchdog *w;

	*ret = NULL;
	if (!us || (pid && atol(pid) != getpid()))
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->tick = event_new(base, -1, EV_PERSIST, on_tick, w);
	if (!w->tick || event_add(w->tick, &each) < 0) {
		watchdog_free(w);
		return -ENOMEM;
	}
	*ret = w;
	return 0;
}

void watchdog_free(struct watchdog *w)
{
	if (!w)
		return;
	if (w->tick)
		event_free(w->tick);
	free(w);
}
