/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links - the interfaces of this namespace and their addresses, as the kernel has them right now. */
#ifndef ELVS_DIRECTOR_LINKS_H
#define ELVS_DIRECTOR_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"
#include "rtnl.h"

#define LINK_KIND_MAX 32

struct link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[LINK_KIND_MAX];	/* IFLA_INFO_KIND: "veth", "bridge", ...; empty: hardware, lo */
	char driver[LINK_KIND_MAX];	/* as ethtool -i says; may be empty */
	uint8_t mac[6];
	uint32_t mtu;
	uint32_t flags;		/* IFF_* */
	uint16_t type;		/* ARPHRD_* */
	uint32_t master;	/* 0: none */
	bool foreign_peer;	/* its other end is in another namespace */
	bool features_known;
	uint64_t features;	/* XDP_ACT_* */
};

struct link_addr {
	uint32_t ifindex;
	uint16_t af;
	uint8_t prefix;
	union elvs_addr addr;
};

struct links {
	struct link *link;
	size_t n;
	struct link_addr *addr;
	size_t naddrs;
	struct link_addr changed;	/* by the last event */
};

/* Replaces what ret holds (zeroed at first). -errno: ret is as before. */
int links_read(struct links *ret, struct rtnl *rt, struct rtnl *genl, const struct netdev_family *fam);
void links_free(struct links *l);
/*
 * What an event says about an address (RTM_NEWADDR, RTM_DELADDR). Returns the address, borrowed until the next call,
 * for which something may have changed; NULL: nothing that concerns us.
 */
const struct link_addr *links_addr_event(struct links *l, const struct nlmsghdr *nlh);
/* It stands on an interface other than a loopback. */
bool links_holds(const struct links *l, uint16_t af, const union elvs_addr *addr);
const struct link *link_find(const struct links *l, uint32_t ifindex);
const struct link *link_named(const struct links *l, const char *name);

bool link_is_ether(const struct link *l);
/* Native XDP may be attached, as far as can be known without trying */
bool link_takes_xdp(const struct link *l);
/* XDP may transmit out of it: frames neither vanish nor are refused. with_xdp: a program of ours is on it. */
bool link_xdp_xmit(const struct link *l, bool with_xdp);
/* Frames of a local stack may arrive there with partial checksums */
bool link_partial_sums(const struct link *l);
/* addr lies in the network of an address of the link whose prefix is shorter than an address */
bool link_addr_covers(const struct link_addr *a, uint16_t af, const union elvs_addr *addr);

#endif
