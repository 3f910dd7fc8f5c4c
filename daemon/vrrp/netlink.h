/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink - what the kernel says of links and their addresses, kept up to date, and requests to it (rtnetlink).
 *
 * Knows no VRRP. One socket answers requests at once; another one tells of changes and is read when it is readable.
 * Invariant: after netlink_read() the table is what the kernel had said until then; what was lost (-ENOBUFS) is
 * asked for again and reported as the changes it amounts to.
 */
#ifndef ELVS_VRRP_NETLINK_H
#define ELVS_VRRP_NETLINK_H

#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

#define NL_BUF 32768
#define NL_BATCH 64 /* requests sent at once: their answers fit any receive buffer */
#define NL_PROTO 18 /* RTPROT_KEEPALIVED: who made an address (IFA_PROTO) */

struct nl_addr {
	struct conf_addr addr; /* port 0 */
	uint8_t prefix, scope, proto;
	uint32_t flags; /* IFA_F_* */
	bool seen;	/* while everything is read anew */
};

struct nl_link {
	uint32_t ifindex, lower, master, mtu;
	unsigned flags; /* IFF_* */
	uint16_t type;	/* ARPHRD_* */
	uint8_t mac_len, mac[20];
	char name[IFNAMSIZ], kind[16];
	struct nl_addr *addrs;
	uint32_t n_addrs;
	bool seen;
};

/*
 * Called from netlink_read(): only to take note of what must be done then, for requests and the table's pointers are
 * not to be had in the middle of it. gone: it has just ceased to be.
 */
struct nl_events {
	void (*link)(void *arg, const struct nl_link *l, bool gone);
	void (*addr)(void *arg, const struct nl_link *l, const struct nl_addr *a, bool gone);
};

struct netlink {
	struct mnl_socket *cmd, *mon;
	uint32_t seq;
	struct nl_link *links;
	uint32_t n_links;
	const struct nl_events *on; /* NULL while the table is first filled */
	void *arg;
	char buf[NL_BUF];
};

/* Opens both sockets and reads the table; p: sizes of their buffers. 0 or -errno. */
int netlink_open(struct netlink *n, const struct conf_process *p, const struct nl_events *on, void *arg);
void netlink_close(struct netlink *n);
int netlink_fd(const struct netlink *n); /* readable: call netlink_read() */
int netlink_read(struct netlink *n);	 /* 0, or -errno of a socket that is of no more use */

const struct nl_link *netlink_link(const struct netlink *n, const char *name); /* NULL: there is none */
const struct nl_link *netlink_link_at(const struct netlink *n, uint32_t ifindex);
bool nl_link_up(const struct nl_link *l); /* administratively up with a carrier; NULL: false */
const struct nl_addr *nl_link_find(const struct nl_link *l, const struct conf_addr *a);
/*
 * The address adverts are sent from: IPv4 the first that is neither secondary nor made by us, IPv6 the link-local one.
 * NULL: it has none.
 */
const struct nl_addr *nl_link_primary(const struct nl_link *l, uint16_t family);
bool conf_addr_same(const struct conf_addr *x, const struct conf_addr *y); /* ports are not looked at */

/* Starts a request in n->buf; the caller adds to it and gives it to netlink_call(). */
struct nlmsghdr *netlink_request(struct netlink *n, uint16_t type, uint16_t flags);
int netlink_call(struct netlink *n, struct nlmsghdr *h); /* waits for the answer: 0 or -errno */
/*
 * Sends `count` (<= NL_BATCH) requests that lie one after the other in buf, with sequence numbers from first on and
 * NLM_F_ACK; ret_results[i] is 0 or -errno of each. 0, or -errno when they could not be sent.
 */
int netlink_batch(struct netlink *n, const void *buf, size_t len, uint32_t first, uint32_t count, int *ret_results);

#endif
