/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view - see view.h: what is asked of the system. */
#include "view.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static bool ask(const struct view *v, unsigned long what, const char *name, struct ifreq *ret)
{
	memset(ret, 0, sizeof(*ret));
	snprintf(ret->ifr_name, sizeof(ret->ifr_name), "%s", name);
	return *name && v->netdev >= 0 && ioctl(v->netdev, what, ret) == 0;
}

uint32_t view_ifindex(const struct view *v, const char *name)
{
	struct ifreq r;

	return ask(v, SIOCGIFINDEX, name, &r) ? (uint32_t)r.ifr_ifindex : 0;
}

bool view_mac(const struct view *v, const char *name, uint8_t ret[6])
{
	struct ifreq r;

	if (!ask(v, SIOCGIFHWADDR, name, &r))
		return false;
	memcpy(ret, r.ifr_hwaddr.sa_data, 6);
	return true;
}

const char *view_vip_dev(const struct view *v, const struct conf_vrrp *i, const struct conf_vip *vip)
{
	const char *vmac = i ? v->vrrps[i - v->conf->vrrps].counts.vmac : "";

	if (*vip->dev)
		return vip->dev;
	if (!i)
		return v->conf->global.default_interface;
	return *vmac ? vmac : i->iface;
}
