/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outbox - what the keeper has not read yet: requests in their order, results as they stand when it reads again.
 *
 * Results cannot pile up (one per check, the last one); requests are bounded.
 */
#ifndef ELVS_DAEMON_CHECK_OUTBOX_H
#define ELVS_DAEMON_CHECK_OUTBOX_H

#include "check.h"

#define OUTBOX_MAX 65536

/* Now or later. -ENOBUFS: too many wait; -EPIPE: the keeper is gone. */
int outbox_send(struct checker *r, struct message *m);
void outbox_flush(struct checker *r);
void outbox_free(struct checker *r);

#endif
