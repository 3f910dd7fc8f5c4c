/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dumps - the files that signals ask for: data, statistics, JSON. Roles write their parts into descriptors; a file
 * appears under its name, whole, when its role has closed it.
 */
#ifndef ELVS_KEEPER_DUMPS_H
#define ELVS_KEEPER_DUMPS_H

#include <event2/event.h>

#include "conf.h"
#include "message.h"
#include "roles.h"

struct dumps;

int dumps_new(struct dumps **ret, struct event_base *base, struct roles *roles); /* -errno */
void dumps_free(struct dumps *d);						 /* NULL is fine */
void dumps_make(struct dumps *d, const struct conf *c, enum dump_kind kind);

/* The path of a role's part; part "" is VRRP's. Pure. 0, or -ENAMETOOLONG. */
int dumps_path(const struct conf *c, enum dump_kind kind, const char *part, char *buf, size_t size);

#endif
