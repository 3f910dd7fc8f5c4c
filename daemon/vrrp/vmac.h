/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmac - an interface with the virtual router's own MAC address (use_vmac: macvlan, private mode; use_ipvlan: ipvlan
 * in L2 mode), on which the virtual addresses live, and the settings without which ARP would go astray.
 *
 * Makes, adopts and removes. One that a killed daemon left behind is taken over as it is.
 */
#ifndef ELVS_VRRP_VMAC_H
#define ELVS_VRRP_VMAC_H

#include "netlink.h"
#include "sysctl.h"

struct vmac {
	char name[IFNAMSIZ]; /* "": none */
	char base[IFNAMSIZ];
	uint32_t ifindex;
};

/*
 * Which one: of that instance, above that interface (whose name counts), for addresses of that family. The instance's
 * own one is above v->iface and of v->family; use_vmac_addr makes others.
 */
struct vmac_of {
	const struct conf *conf;
	const struct conf_vrrp *v;
	const char *dev;
	uint16_t family;
};

/* Does this address of v stand on a VMAC of its own, because of use_vmac_addr? */
bool vmac_for_address(const struct conf_vrrp *v, const struct conf_vip *vip);
/*
 * The name it has or will have: configured, PREFIX.VRID, or if another one has that PREFIX6.VRID (IPv6), PREFIX1.VRID,
 * PREFIX2.VRID, ... in the configuration's order.
 */
void vmac_name(const struct vmac_of *w, char ret[IFNAMSIZ]);
/* 00:00:5e:00:01:VRID (IPv4), 00:00:5e:00:02:VRID (IPv6), RFC 9568 7.3; or the configured one. */
void vmac_mac(const struct vmac_of *w, uint8_t ret[6]);
/*
 * 0; -EOPNOTSUPP: this kernel has no macvlan (ipvlan); -EEXIST: the name belongs to another kind of interface; -ENODEV:
 * base has gone; other -errno. On success the interface is up.
 */
int vmac_create(struct vmac *m, struct netlink *n, struct sysctls *s, const struct vmac_of *w,
		const struct nl_link *base);
/* Somebody else removed it, or its base: only the settings are put back. */
void vmac_lost(struct vmac *m, struct sysctls *s);
void vmac_remove(struct vmac *m, struct netlink *n, struct sysctls *s);

#endif
