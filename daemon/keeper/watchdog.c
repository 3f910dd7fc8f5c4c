/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watchdog - see watchdog.h. */
#include "watchdog.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sdnotify.h"

struct watchdog {
	struct event *tick;
};

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
