/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suspend - ha_suspend: a virtual server whose address is not on this machine needs no checks. A check that several
 * virtual servers share is suspended when none of them needs it.
 */
#ifndef ELVS_LVS_SUSPEND_H
#define ELVS_LVS_SUSPEND_H

#include "conf.h"
#include "ctl.h"

struct suspend;

struct suspend *suspend_new(void);	/* NULL: out of memory */
void suspend_free(struct suspend *s);
void suspend_forget(struct suspend *s);	/* the configuration is another one: checks run until the next look */
/* Asks the director which addresses are here, and tells what has changed. 0 or -errno. */
int suspend_look(struct suspend *s, struct ctl *c, const struct conf *conf,
		 void (*tell)(void *arg, uint64_t key, bool on), void *arg);

#endif
