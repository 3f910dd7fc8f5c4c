/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snmp_feed - what the snmp role is told: states and tracked values as they change, the rest when it asks.
 *
 * It has no rights: a socket to the master agent is made here. Nothing here costs anything while that role does not
 * run.
 */
#ifndef ELVS_KEEPER_SNMP_FEED_H
#define ELVS_KEEPER_SNMP_FEED_H

#include "keeper.h"
#include "pool.h"

struct snmp_feed;
int snmp_feed_new(struct snmp_feed **ret, struct keeper *k); /* -errno */
void snmp_feed_free(struct snmp_feed *f);		     /* NULL is fine */
bool snmp_feed_wanted(const struct keeper *k, const struct conf *c);
/* It has been told the configuration, and is told what it needs to know of it now. */
void snmp_feed_conf(struct snmp_feed *f);
void snmp_feed_asked(struct snmp_feed *f, const struct msg_ask *m);
/* From the vrrp role; c: the configuration of m's generation */
void snmp_feed_vrrp(struct snmp_feed *f, const struct conf *c, const struct msg_vrrp_state *m);
void snmp_feed_counts(struct snmp_feed *f, const struct msg_vrrp_counts *m);
void snmp_feed_tracked(struct snmp_feed *f, const struct msg_track *t);
void snmp_feed_lvs(struct snmp_feed *f, const struct pool_event *ev);

#endif
