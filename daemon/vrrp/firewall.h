/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firewall - packets for and from the virtual addresses of instances that may not accept them (no_accept, RFC 9568 6.1
 * Accept_Mode) are dropped, by an nftables table of our own.
 *
 * The rules follow from the configuration alone: on a backup they match nothing, since the addresses are not local
 * there, and so they are in place before the addresses are. Neighbour discovery is let through.
 */
#ifndef ELVS_VRRP_FIREWALL_H
#define ELVS_VRRP_FIREWALL_H

#include "commands.h"
#include "conf.h"

struct firewall {
	char table[64]; /* "": we have none */
	uint64_t hash;	/* of what it holds */
};

/* Makes the table what conf wants, or removes it; queues for nft only if that is a change. 0 or -ENOMEM. */
int firewall_conf(struct firewall *f, struct commands *c, const struct conf *conf);
void firewall_remove(struct firewall *f, struct commands *c);

#endif
