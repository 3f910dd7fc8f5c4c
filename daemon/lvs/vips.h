/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vips - which virtual addresses take traffic here: those that stand on an interface, as VRRP puts them there. Where
 * one stands on lo only (a director that is a real server, too), packets to it go up to the local stack. The director
 * sees by itself where an address stands, so this holds also when nobody is left to tell it. Addresses that VRRP
 * itself puts on lo take traffic while their instance is master.
 *
 * A list and its way into the director; it is told again whenever the director is a new one.
 */
#ifndef ELVS_LVS_VIPS_H
#define ELVS_LVS_VIPS_H

#include "conf.h"
#include "ctl.h"
#include "message.h"

struct vips;

struct vips *vips_new(void);	/* NULL: out of memory */
void vips_free(struct vips *v);
/* A configuration is in force: what its addresses need before VRRP has said anything. */
void vips_conf(struct vips *v, const struct conf *c);
/* The addresses of an instance, advertised and excluded ones. */
void vips_state(struct vips *v, const struct conf_vrrp *instance, enum vrrp_state state);
/*
 * It is about to become master: packets that overtake the news of its addresses are handled, too. Ends with its
 * state.
 */
void vips_about(struct vips *v, const struct conf_vrrp *instance);
/* Tells what has changed since (all: everything). 0 or -errno; what was not told is told the next time. */
int vips_tell(struct vips *v, struct ctl *c, bool all);
bool vips_pending(const struct vips *v);
void vips_forget(struct vips *v);	/* nothing has been told: the director is another one */

#endif
