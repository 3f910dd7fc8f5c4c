/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipcmd - virtual and static routes and rules, as lines for ip(8), whose syntax they are written in.
 *
 * Everything is marked with protocol 18 (keepalived) unless the line names another one.
 */
#ifndef ELVS_VRRP_IPCMD_H
#define ELVS_VRRP_IPCMD_H

#include <stdbool.h>

#include "commands.h"
#include "conf.h"

/* "route add ..." or "rule del ..." into buf; -EINVAL: a word cannot be given to ip -batch, -E2BIG. */
int ipcmd_text(const struct conf_ipline *l, bool rule, bool add, char *buf, size_t size);
/* Queues it; commands_start() is the caller's. */
int ipcmd_queue(struct commands *c, const struct conf_ipline *l, bool rule, bool add);
bool ipline_equal(const struct conf_ipline *x, const struct conf_ipline *y);

#endif
