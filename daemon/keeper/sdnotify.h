/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sdnotify - systemd's notification protocol (sd_notify(3)), without its library: one datagram to $NOTIFY_SOCKET.
 *
 * Without that variable nothing happens.
 */
#ifndef ELVS_KEEPER_SDNOTIFY_H
#define ELVS_KEEPER_SDNOTIFY_H

#include <event2/event.h>

void sdnotify(const char *text); /* "READY=1", "STATUS=..." */
void sdnotify_reloading(void);	 /* with the time, as Type=notify-reload wants it */

struct watchdog;
/* Says WATCHDOG=1 twice in each $WATCHDOG_USEC; *ret NULL when nobody asks for it. -errno. */
int watchdog_new(struct watchdog **ret, struct event_base *base);
void watchdog_free(struct watchdog *w);

#endif
