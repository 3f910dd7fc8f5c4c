/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify - tells the world: scripts, FIFOs and mail, for VRRP's changes and those of virtual and real servers.
 *
 * What is told and with which arguments is keepalived's (keepalived.conf(5)); it waits for nothing.
 */
#ifndef ELVS_KEEPER_NOTIFY_H
#define ELVS_KEEPER_NOTIFY_H

#include "conf.h"
#include "exec.h"
#include "mail.h"
#include "message.h"
#include "pool.h"
#include "vrrps.h"

struct notify;

int notify_new(struct notify **ret, struct exec *exec, struct mail *mail); /* -errno */
void notify_free(struct notify *n);					   /* closes the FIFOs; NULL is fine */
/* Opens and closes FIFOs as c asks, and what was open is not touched if it stays. old NULL: the start. */
void notify_conf(struct notify *n, const struct conf *old, const struct conf *c, const struct vrrp_table *vrrps);
/* c: the configuration of m's generation */
void notify_vrrp(struct notify *n, const struct conf *c, const struct msg_vrrp_state *m);
void notify_lvs(struct notify *n, const struct conf *c, const struct pool_event *ev);

#endif
