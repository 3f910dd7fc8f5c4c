/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce - tells the neighbours of an interface that an address is here now (gratuitous ARP, RFC 5227 section 3;
 * unsolicited neighbour advertisement, RFC 4861 section 7.2.6), so that they do not wait for their caches to expire.
 */
#ifndef ELVS_TOOLS_ANNOUNCE_H
#define ELVS_TOOLS_ANNOUNCE_H

#include "vip.h"

/* -errno; -EAFNOSUPPORT on an interface without Ethernet addresses */
int announce(const char *dev, const struct vip *v);

#endif
