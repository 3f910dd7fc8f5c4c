/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot - a file about the keeper, written by a child that is a copy of it at this moment: with 40,000 real
 * servers that takes a third of a second, in which the keeper has other things to do.
 */
#ifndef ELVS_KEEPER_SNAPSHOT_H
#define ELVS_KEEPER_SNAPSHOT_H

#include "keeper.h"

struct snapshot;
typedef bool snapshot_write(const struct keeper *k, int fd); /* in the child */
/* fd: a sealed file with what was written, size bytes, borrowed; -1: it failed. Called once, from the loop. */
typedef void snapshot_done(void *arg, int fd, size_t size);

/* -errno */
int snapshot_start(struct snapshot **ret, struct keeper *k, snapshot_write *write, snapshot_done *done, void *arg);
void snapshot_cancel(struct snapshot *s); /* done is not called; NULL is fine */

#endif
