/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrps - what the vrrp role has said last of each instance and sync group, by name; kept over its death and reloads.
 *
 * Pure memory; times are the caller's.
 */
#ifndef ELVS_KEEPER_VRRPS_H
#define ELVS_KEEPER_VRRPS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "message.h"

struct vrrp_table;
struct vrrp_entry {
	char *name;
	bool group;
	bool known;		 /* anything has been said */
	uint8_t state, priority; /* enum vrrp_state */
	uint64_t since_us;	 /* when the state began */
	uint32_t transitions;
	char why[80];
};

int vrrps_new(struct vrrp_table **ret); /* -errno */
void vrrps_free(struct vrrp_table *t);	/* NULL is fine */
/* Forgets whom c does not name (c NULL: all), makes room for whom it does. -ENOMEM. */
int vrrps_conf(struct vrrp_table *t, const struct conf *c);
/* c: the configuration of m's generation. NULL: it names nobody who is there. */
const struct vrrp_entry *vrrps_told(struct vrrp_table *t, const struct conf *c, const struct msg_vrrp_state *m,
				    uint64_t now_us);
const struct vrrp_entry *vrrps_find(const struct vrrp_table *t, bool group, const char *name);
/* All say they are nothing: the role has stopped on purpose. */
void vrrps_reset(struct vrrp_table *t);
const char *vrrp_state_word(uint8_t state); /* "MASTER", "STOP", ... as scripts get it */

#endif
