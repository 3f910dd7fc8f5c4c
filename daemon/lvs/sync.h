/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync - which of IPVS's connection synchronisation daemons are to run, as lvs_sync_daemon says, and what the
 * director has been told of it. What it refused is asked for again at the next occasion; a director that is a new one
 * is told everything again.
 */
#ifndef ELVS_LVS_SYNC_H
#define ELVS_LVS_SYNC_H

#include "conf.h"
#include "ctl.h"

struct sync;

struct sync *sync_new(void);	/* NULL: out of memory */
void sync_free(struct sync *s);	/* NULL is fine */
/* g is borrowed until the next call; NULL: no configuration any more, nothing is to be changed. */
void sync_conf(struct sync *s, const struct conf_global *g);
/* A VRRP instance's state: the daemon of that state runs, the other does not. Without an instance both run. */
void sync_state(struct sync *s, const char *instance, bool master);
void sync_forget(struct sync *s);	/* the director is another one */
bool sync_pending(const struct sync *s);
/* Tells what has changed. 0, -EPIPE, or the director's -errno with *ret_why a sentence (until the next request). */
int sync_tell(struct sync *s, struct ctl *c, const char **ret_why);
void sync_stop(struct sync *s, struct ctl *c);	/* whichever run, end */

#endif
