/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * signals - the keeper's signals as events (signalfd): nothing runs in a handler, and a forked role starts without
 * any. They stay blocked in the keeper; roles.c unblocks them in its children.
 */
#ifndef ELVS_KEEPER_SIGNALS_H
#define ELVS_KEEPER_SIGNALS_H

#include <event2/event.h>
#include <stdbool.h>

struct signals;
typedef void signals_got(void *arg, int signal);

/* HUP TERM INT USR1 USR2 CHLD, SIGRTMAX-1, SIGRTMIN+2. Those that come before are not lost: signals_block() first. */
void signals_block(bool ignore_sigint);
int signals_new(struct signals **ret, struct event_base *base, signals_got *got, void *arg); /* -errno */
void signals_free(struct signals *s);

#endif
