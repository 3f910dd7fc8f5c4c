/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * objects - the objects on the bus, and what they answer: org.keepalived.Vrrp1 as keepalived 2.2 has it.
 *
 *   /org/keepalived/Vrrp1[/NAMESPACE][/INSTANCE]/Vrrp                          org.keepalived.Vrrp1.Vrrp
 *   /org/keepalived/Vrrp1[/NAMESPACE][/INSTANCE]/Instance/INTERFACE/VRID/IPvN  org.keepalived.Vrrp1.Instance
 *
 * Pure: a call in, an answer out and what is to be done. Who may call is the bus's business (its policy file).
 */
#ifndef ELVS_DBUS_OBJECTS_H
#define ELVS_DBUS_OBJECTS_H

#include "conf.h"
#include "message.h"
#include "wire.h"

/* A VRRP instance */
struct bus_object {
	char *path, *name;
	uint32_t index; /* in conf->vrrps */
	bool known;
	uint8_t state; /* enum vrrp_state */
};
struct objects {
	char *vrrp;		 /* path of the one object for all */
	struct bus_object *list; /* by path */
	uint32_t n;
	uint32_t *by_index; /* conf->vrrps' order: places in list */
	char machine[33];   /* this machine's id; "": none */
};

/* netns: the namespace's name as configured, "": none. What is known of instances stays unknown. -ENOMEM. */
int objects_new(struct objects *ret, const struct conf *c, const char *netns);
void objects_free(struct objects *t);
/* What before knew of those that are in both */
void objects_inherit(struct objects *t, const struct objects *before);
const struct bus_object *objects_find(const struct objects *t, const char *path); /* NULL: no instance is there */
/* False: there is none, or that is no news. */
bool objects_state(struct objects *t, uint32_t index, uint8_t state, const struct bus_object **ret);

/*
 * The answer into reply, whose serial that is; nothing is in there (len 0) if nobody waits for it. Returns what is to
 * be done; ret_index: with which instance, for BUS_GARP.
 */
enum bus_task objects_answer(const struct objects *t, struct wire_in *call, struct wire_out *reply, uint32_t serial,
			     uint32_t *ret_index);
/* Signals: VrrpStarted, VrrpReloaded, VrrpStopped; VrrpStatusChange of one instance, with the number of its state. */
void objects_signal(const struct objects *t, const char *member, struct wire_out *o, uint32_t serial);
void objects_status_signal(const struct bus_object *i, uint8_t state, struct wire_out *o, uint32_t serial);

#endif
