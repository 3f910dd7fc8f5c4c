/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ndisc - an unsolicited neighbour advertisement (RFC 4861 7.2.6, RFC 9568 8.2.1), IPv6's gratuitous ARP.
 *
 * Sends one and never waits. It carries the override flag; the router flag where the link forwards.
 */
#ifndef ELVS_VRRP_NDISC_H
#define ELVS_VRRP_NDISC_H

#include "netlink.h"

#define NDISC_BYTES (40 + 24 + 8) /* IPv6 header, advertisement, target's link-layer address */

void ndisc_build(uint8_t buf[NDISC_BYTES], const uint8_t mac[6], const struct in6_addr *a, bool router);
/* fd: of arp_socket(). Errors as arp_send(). */
int ndisc_send(int fd, const struct nl_link *l, const struct in6_addr *a, bool router);

#endif
