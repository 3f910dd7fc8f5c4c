/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr - puts configured addresses (virtual and static ones) on interfaces and takes them off, many at once.
 *
 * Does not decide when. Ours are marked (IFA_PROTO), so that what a killed daemon left behind can be told from what an
 * administrator made.
 */
#ifndef ELVS_VRRP_ADDR_H
#define ELVS_VRRP_ADDR_H

#include "netlink.h"

struct addr_op {
	const struct conf_vip *vip;
	uint32_t ifindex;
	bool add;
	void *user;
	/* 0; -EEXIST: it was there; -EADDRNOTAVAIL, -ENODEV: it was not there to remove; else what the kernel said */
	int result;
};

/* Carries out all n of them, in order, in few system calls; every op's result is set. */
void addr_apply(struct netlink *nl, struct addr_op *ops, size_t n);

/* Is it already as this one would make it: address, prefix, device, label, scope, flags, lifetimes. */
bool addr_conf_equal(const struct conf_vip *x, const struct conf_vip *y);

#endif
