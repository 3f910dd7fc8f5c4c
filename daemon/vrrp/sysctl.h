/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl - settings of interfaces that VRRP needs, with what they were, so that they can be put back.
 *
 * A setting held by several is put back when the last one lets it go, unless somebody has changed it meanwhile.
 */
#ifndef ELVS_VRRP_SYSCTL_H
#define ELVS_VRRP_SYSCTL_H

#include <stdint.h>

struct sysctls {
	struct sysctl {
		char path[96], old[24], value[24];
		uint32_t users;
	} * list;
	uint32_t n;
};

/* family: "ipv4", "ipv6". -errno; -ENOENT: there is no such interface or setting. */
int sysctl_set(const char *family, const char *ifname, const char *key, const char *value);
int sysctl_net(const char *name, const char *value); /* "ipv4/igmp_link_local_mcast_reports" */
int sysctl_get(const char *family, const char *ifname, const char *key, int fallback);
int sysctl_hold(struct sysctls *s, const char *family, const char *ifname, const char *key, const char *value);
void sysctl_release(struct sysctls *s, const char *family, const char *ifname, const char *key);
void sysctl_release_all(struct sysctls *s);

#endif
