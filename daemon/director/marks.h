/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * marks - brings packets that carry the firewall mark of a service to the data plane. iptables and nftables set marks
 * after XDP and TC ingress have let the packet pass, so it is led back by routing, ahead of the local table:
 *
 *	98:	iif lo		lookup local	what the data plane hands to the local stack, and the host's own
 *	99:	fwmark M	lookup 51966	one for each mark: default dev elvs0, whose egress program takes the packet
 *	100:	from all	lookup local	in place of the one at 0
 *
 * elvs0 is one end of a veth; no frame ever reaches the other. The interfaces on which such packets arrive must have
 * `forwarding' set, and ip_early_demux must be off. All of it is made with the first mark, undone with the last,
 * and brought up to date idempotently, whatever a process that was killed has left.
 */
#ifndef ELVS_DIRECTOR_MARKS_H
#define ELVS_DIRECTOR_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"
#include "links.h"
#include "rtnl.h"

#define MARKS_PROTOCOL 225	/* of our rules and routes: by this they are told from everybody else's */
#define MARKS_AT_ONCE 64	/* more of them are brought up to date beside the clients, not while they wait */

struct marks {
	char file[256];		/* there: what the settings were before us */
	uint32_t attached;	/* interface that has this process's program; 0 = none */
	bool routed[2];		/* IPv4, IPv6: the route over it is there */
	uint32_t generation;	/* of the services' marks that this was last brought up to */
	size_t n;		/* marks then */
	bool clean;		/* nothing of ours is there: this process has seen to it */
	char why[200];		/* what does not work, "" = all does */
};

void marks_init(struct marks *m, const char *state_dir);
/* As the services of e are now. Says what fails once, in the log, and in m->why. */
void marks_apply(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links);
/* Does that if a mark has come or gone, and if it does not take long; returns whether it is still to be done. */
bool marks_settle(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links);
/* Everything away, whether this process made it or another; in the instance's network namespace. */
void marks_forget(struct marks *m);

#endif
