/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arp - a gratuitous ARP request (RFC 826, RFC 9568 8.1.1): "this address is at my MAC address now".
 *
 * Sends one and never waits. garp.h decides when and how many.
 */
#ifndef ELVS_VRRP_ARP_H
#define ELVS_VRRP_ARP_H

#include "netlink.h"

#define ARP_BYTES 28

/* A packet socket for sending only (ARP and neighbour advertisements); -errno. */
int arp_socket(void);
/* Writes the ARP packet, without its link header. */
void arp_build(uint8_t buf[ARP_BYTES], const uint8_t mac[6], const struct in_addr *a);
/* 0; -EOPNOTSUPP: a link without ARP or with other than 6 byte addresses; -EAGAIN, -ENOBUFS, -ENETDOWN, ... */
int arp_send(int fd, const struct nl_link *l, const struct in_addr *a);

#endif
