/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate - the steps from drafts to what stays (internal). Order: global, trackers, instances, groups, static.
 */
#ifndef ELVS_CONF_VALIDATE_H
#define ELVS_CONF_VALIDATE_H

#include "draft.h"

void validate_trackers(struct load *l);			      /* scripts, processes, files, BFD sessions */
void validate_instance(struct load *l, struct vrrp_draft *d); /* one alone; d->dropped: it is left out */
void validate_groups(struct load *l);			      /* after the instances, whose groups it fills in */
void validate_static(struct load *l);

/* The index of an instance that was not dropped; CONF_NONE. */
uint32_t kept_vrrp(struct load *l, const char *name);
/* All scripts of n, of the instance or group `owner`. */
void validate_notify(struct load *l, struct conf_notify *n, uint64_t given);

#endif
