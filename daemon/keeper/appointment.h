/* SPDX-License-Identifier: GPL-2.0-or-later */
/* appointment - reload_time_file: looks once a second whether it asks for a reload, and whether it is time. */
#ifndef ELVS_KEEPER_APPOINTMENT_H
#define ELVS_KEEPER_APPOINTMENT_H

#include <event2/event.h>

#include "conf.h"

struct appointment;

/* due is called at the time; the file is removed then, unless reload_repeat. -errno. */
int appointment_new(struct appointment **ret, struct event_base *base, void (*due)(void *arg), void *arg);
void appointment_free(struct appointment *a); /* NULL is fine */
void appointment_conf(struct appointment *a, const struct conf *c);

#endif
