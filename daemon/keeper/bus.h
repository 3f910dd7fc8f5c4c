/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus - the keeper's side of the dbus role: connects to the bus for it, tells it states, does what it is asked.
 *
 * Not one byte of the bus is read here. The connection has this process's user: policy files of keepalived let root
 * have its name.
 */
#ifndef ELVS_KEEPER_BUS_H
#define ELVS_KEEPER_BUS_H

#include "keeper.h"

/* The role asks for the bus */
void bus_wanted(struct keeper *k);
/* The role asks for something to be done */
void bus_called(struct keeper *k, const struct msg_bus_call *call);
/* An instance's state: to be told on the bus if it is news there. c: the configuration that m is about */
void bus_vrrp(struct keeper *k, const struct conf *c, const struct msg_vrrp_state *m);
/* All states: the role has just been told the current configuration. */
void bus_tell(struct keeper *k);

#endif
