/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * batch - an all-or-nothing restore.
 *
 * Additions and changes reach the library at once (so that each line gets its own, exact error) but are written down
 * for undoing; deletions are only noted and carried out at commit. What a restore deletes and adds again is thus
 * never touched: its connections and counters go on.
 * Invariant: the model holds exactly the services and servers that the library has live; "doomed" ones are gone for
 * the restoring client, and for everybody after the commit.
 */
#ifndef ELVS_DIRECTOR_BATCH_H
#define ELVS_DIRECTOR_BATCH_H

#include "ctl_decode.h"
#include "director.h"

#define BATCH_IDLE_TICKS 60	/* half seconds without a request: the restore is broken off */

int batch_begin(struct director *d, struct client *owner);	/* -EBUSY: there is one */
/* A request that changes something; IPVS's errors. -EOPNOTSUPP: not possible within a restore. */
int batch_apply(struct director *d, const struct ctl_req *q);
/* Ends the batch either way; on failure everything is as before. */
int batch_commit(struct director *d);
void batch_abort(struct director *d);
void batch_tick(struct director *d);	/* every half second */

#endif
