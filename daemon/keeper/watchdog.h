/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watchdog - tells systemd's watchdog that the event loop still turns. Nothing happens unless systemd asks for it. */
#ifndef ELVS_KEEPER_WATCHDOG_H
#define ELVS_KEEPER_WATCHDOG_H

#include <event2/event.h>

struct watchdog;
/* Says WATCHDOG=1 twice in each $WATCHDOG_USEC; *ret NULL when nobody asks for it. -errno. */
int watchdog_new(struct watchdog **ret, struct event_base *base);
void watchdog_free(struct watchdog *w);

#endif
