/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl - questions to the kernel's routing side (rtnetlink) and to its "netdev" family, each answered at once. */
#ifndef ELVS_DIRECTOR_RTNL_H
#define ELVS_DIRECTOR_RTNL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elvs.h"

#define RTNL_BUF 32768

struct rtnl {
	struct mnl_socket *nl;
	uint32_t seq;
	char buf[RTNL_BUF];
};

struct route {
	uint8_t type;	/* RTN_UNICAST, RTN_LOCAL, ... */
	uint32_t oif;
	uint32_t mtu;	/* of the route; 0 = the device's */
	uint16_t gw_af;	/* 0: the destination is on the link */
	union elvs_addr gw;
	union elvs_addr src;	/* preferred source */
};

int rtnl_open(struct rtnl *n, int bus);	/* NETLINK_ROUTE, NETLINK_GENERIC; -errno */
void rtnl_close(struct rtnl *n);

/* Sends the request (at most RTNL_BUF bytes, may lie in n->buf) and gives each answer to f until the last one. */
int rtnl_call(struct rtnl *n, struct nlmsghdr *nlh, mnl_cb_t f, void *arg);
/* RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH, RTM_GETROUTE. f as in libmnl. */
int rtnl_dump(struct rtnl *n, uint16_t type, uint8_t family, mnl_cb_t f, void *arg);
int rtnl_route_get(struct rtnl *n, uint16_t af, const union elvs_addr *dst, struct route *ret); /* -ENETUNREACH ... */
/*
 * Asks the kernel to resolve a neighbour now, and (managed) to keep it so. -EINVAL: it cannot keep it (Linux < 5.16).
 * Entries made by hand (permanent ones) must not be given to this: it would take their permanence away.
 */
int rtnl_neigh_use(struct rtnl *n, uint32_t ifindex, uint16_t af, const union elvs_addr *addr, bool managed);

/* A device's XDP abilities, Linux >= 6.3 (NETDEV_XDP_ACT_*, linux/netdev.h) */
#define XDP_ACT_BASIC 1
#define XDP_ACT_REDIRECT 2
#define XDP_ACT_NDO_XMIT 4
#define XDP_ACT_NDO_XMIT_SG 64

struct netdev_family {
	uint16_t id;	/* 0: this kernel has none */
	uint32_t mgmt;	/* multicast group that announces changes */
};
void netdev_find(struct rtnl *genl, struct netdev_family *ret);
int netdev_dump(struct rtnl *genl, const struct netdev_family *fam,
		void (*f)(void *arg, uint32_t ifindex, uint64_t xdp_features), void *arg);

#endif
