/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sync - starts and stops IPVS's connection synchronisation daemons as lvs_sync_daemon says. */
#ifndef ELVS_LVS_SYNC_H
#define ELVS_LVS_SYNC_H

#include "conf.h"
#include "ctl.h"

/*
 * Follows a VRRP instance: the daemon of that state runs, the other does not. 0, or -errno with *ret_why a sentence
 * (of the director, until the next request).
 */
int sync_follow(struct ctl *c, const struct conf_global *g, bool master, const char **ret_why);
/* Without an instance both run. */
int sync_both(struct ctl *c, const struct conf_global *g, const char **ret_why);
void sync_stop(struct ctl *c, const struct conf_global *g);

#endif
