/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot - status_json() written by a child that is a copy of the keeper at this moment: with 40,000 real servers
 * that takes a third of a second, in which the keeper has other things to do.
 */
#ifndef ELVS_KEEPER_SNAPSHOT_H
#define ELVS_KEEPER_SNAPSHOT_H

#include "keeper.h"

struct snapshot;
/* fd: a sealed file with the JSON, size bytes, borrowed; -1: it failed. Called once, from the loop. */
typedef void snapshot_done(void *arg, int fd, size_t size);

int snapshot_start(struct snapshot **ret, struct keeper *k, snapshot_done *done, void *arg); /* -errno */
void snapshot_cancel(struct snapshot *s); /* done is not called; NULL is fine */

#endif
