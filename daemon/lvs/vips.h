/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vips - which virtual addresses take traffic here: those of an instance that is master do, those of a backup go up
 * to the local stack, even while the address stands on lo (a director that is a real server, too).
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
/* The addresses of an instance, advertised and excluded ones. */
void vips_state(struct vips *v, const struct conf_vrrp *instance, enum vrrp_state state);
/* Tells what has changed since (all: everything). 0 or -errno; what was not told is told the next time. */
int vips_tell(struct vips *v, struct ctl *c, bool all);
bool vips_pending(const struct vips *v);

#endif
