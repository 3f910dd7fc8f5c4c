/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl - the few questions and orders that the set-up commands have for the kernel's routing netlink: interfaces,
 * addresses, and whether an interface is up. Of the caller's network namespace. Keeps no socket open between calls.
 */
#ifndef ELVS_TOOLS_NL_H
#define ELVS_TOOLS_NL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vip.h"

struct nl_link {
	uint32_t ifindex;
	char name[IF_NAMESIZE];
	char kind[16]; /* IFLA_INFO_KIND: veth, bridge, ...; empty for most hardware */
	uint16_t type; /* ARPHRD_* */
	bool up;
	uint32_t mtu;
	uint32_t xdp_prog; /* id of the attached XDP program, 0 = none */
	uint64_t rx_dropped, tx_dropped;
};

struct nl_addr {
	uint32_t ifindex;
	struct vip addr;
	uint8_t scope; /* RT_SCOPE_* */
};

/* f returns 0 to go on; its other value ends the walk and is returned. */
int nl_links(int (*f)(void *arg, const struct nl_link *), void *arg);
int nl_addrs(int (*f)(void *arg, const struct nl_addr *), void *arg);
/* -ENODEV */
int nl_link_by_name(struct nl_link *ret, const char *name);

/* IPv6 without duplicate address detection. -EEXIST, -EADDRNOTAVAIL (deleting what is not there), -EPERM ... */
int nl_addr_add(uint32_t ifindex, const struct vip *v);
int nl_addr_del(uint32_t ifindex, const struct vip *v);
int nl_link_set_up(uint32_t ifindex, bool up);

/* Is there a clsact (or ingress) queueing discipline on the interface? 1, 0, -errno */
int nl_has_clsact(uint32_t ifindex);
/* Filters attached to its ingress and egress */
int nl_count_filters(uint32_t ifindex);

#endif
