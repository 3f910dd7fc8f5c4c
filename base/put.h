/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put - writes services, destinations and timeouts into a message of the control protocol, with the attributes of
 * linux/ip_vs.h in the set that ipvsadm sends. table.h reads them.
 */
#ifndef ELVS_BASE_PUT_H
#define ELVS_BASE_PUT_H

#include <linux/netlink.h>

#include "model.h"

/* A SERVICE attribute that identifies and fully describes s. */
void put_service(struct nlmsghdr *nlh, const struct service *s);
void put_dest(struct nlmsghdr *nlh, const struct dest *d);
void put_daemon(struct nlmsghdr *nlh, const struct sync_daemon *d);
void put_timeouts(struct nlmsghdr *nlh, const struct timeouts *t);

#endif
