/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmac - see vmac.h. */
#include "vmac.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/*
 * One interface must not answer for the addresses of the other (both are on the same wire), nor ask in their name: its own
 * MAC address would go with it.
 */
static const struct {
	const char *key, *value;
} base_settings[] = { { "arp_ignore", "1" }, { "arp_filter", "1" }, { "arp_announce", "2" } };
static const struct {
	const char *family, *key, *value;
} own_settings[] = {
	{ "ipv4", "arp_ignore", "1" },
	{ "ipv4", "accept_local", "1" },
	{ "ipv4", "rp_filter", "0" },
	{ "ipv4", "promote_secondaries", "1" },
	/* no link-local address of its own: every router of the group would make the same one from this MAC */
	{ "ipv6", "addr_gen_mode", "1" },
	{ "ipv6", "accept_ra", "0" },
	{ "ipv6", "autoconf", "0" },
};

static bool name_taken(const struct conf *c, const struct conf_vrrp *v, const char *name)
{
	for (uint32_t i = 0; i < c->n_vrrps; i++) {
		const struct conf_vrrp *o = &c->vrrps[i];

		if (o == v)
			return false;
		if (!(o->use_vmac || o->use_ipvlan))
			continue;
		if (!strcmp(o->vmac_name, name) || (!o->vmac_name[0] && o->vrid == v->vrid))
			return true;
	}
	return false;
}

void vmac_name(const struct conf *c, const struct conf_vrrp *v, char ret[IFNAMSIZ])
{
	const char *prefix = c->global.vmac_prefix[0] ? c->global.vmac_prefix : "vrrp";

	if (v->vmac_name[0]) {
		snprintf(ret, IFNAMSIZ, "%s", v->vmac_name);
		return;
	}
	snprintf(ret, IFNAMSIZ, "%.8s.%u", prefix, v->vrid);
	if (name_taken(c, v, ret)) /* the same id on another interface or for the other family */
		snprintf(ret, IFNAMSIZ, "%.6s%d%c.%u", prefix, v->family == AF_INET ? 4 : 6,
			 (char)('a' + (v - c->vrrps) % 26), v->vrid);
}

void vmac_mac(const struct conf_vrrp *v, uint8_t ret[6])
{
	const uint8_t mac[6] = { 0, 0, 0x5e, 0, v->family == AF_INET ? 1 : 2, v->vrid };

	memcpy(ret, v->has_vmac_mac ? v->vmac_mac : mac, 6);
}

static uint16_t ipvlan_flag(const char *type)
{
	if (!strcmp(type, "private"))
		return IPVLAN_F_PRIVATE;
	return !strcmp(type, "vepa") ? IPVLAN_F_VEPA : 0;
}

static int make(struct netlink *n, const struct conf_vrrp *v, const struct nl_link *base, const char *name)
{
	struct nlmsghdr *h = netlink_request(n, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info, *data;
	uint8_t mac[6];

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(h, IFLA_LINK, base->ifindex);
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	vmac_mac(v, mac);
	if (!v->use_ipvlan)
		mnl_attr_put(h, IFLA_ADDRESS, 6, mac);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, v->use_ipvlan ? "ipvlan" : "macvlan");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	if (v->use_ipvlan) {
		mnl_attr_put_u16(h, IFLA_IPVLAN_MODE, IPVLAN_MODE_L2);
		mnl_attr_put_u16(h, IFLA_IPVLAN_FLAGS, ipvlan_flag(v->ipvlan_type));
	} else {
		mnl_attr_put_u32(h, IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE);
	}
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, info);
	return netlink_call(n, h);
}

static int set_up(struct netlink *n, uint32_t ifindex)
{
	struct nlmsghdr *h = netlink_request(n, RTM_NEWLINK, 0);
	struct ifinfomsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	m->ifi_index = (int)ifindex;
	m->ifi_flags = m->ifi_change = IFF_UP;
	return netlink_call(n, h);
}

int vmac_create(struct vmac *m, struct netlink *n, struct sysctls *s, const struct conf *c, const struct conf_vrrp *v,
		const struct nl_link *base)
{
	const char *kind = v->use_ipvlan ? "ipvlan" : "macvlan";
	char name[IFNAMSIZ], base_name[IFNAMSIZ];
	const struct nl_link *old;
	uint32_t base_index = base->ifindex;
	int r;

	vmac_name(c, v, name);
	snprintf(base_name, sizeof(base_name), "%s", base->name);
	old = netlink_link(n, name);
	if (old && (strcmp(old->kind, kind) || old->lower != base_index))
		return -EEXIST;
	r = old ? 0 : make(n, v, base, name);
	if (r < 0 && r != -EEXIST)
		return r;
	m->ifindex = if_nametoindex(name);
	if (!m->ifindex)
		return -ENODEV;
	snprintf(m->name, sizeof(m->name), "%s", name);
	snprintf(m->base, sizeof(m->base), "%s", base_name);
	for (size_t i = 0; i < sizeof(own_settings) / sizeof(own_settings[0]); i++)
		sysctl_set(own_settings[i].family, name, own_settings[i].key, own_settings[i].value);
	for (size_t i = 0; i < sizeof(base_settings) / sizeof(base_settings[0]); i++)
		sysctl_hold(s, "ipv4", base_name, base_settings[i].key, base_settings[i].value);
	return set_up(n, m->ifindex);
}

void vmac_lost(struct vmac *m, struct sysctls *s)
{
	for (size_t j = 0; j < sizeof(base_settings) / sizeof(base_settings[0]); j++)
		sysctl_release(s, "ipv4", m->base, base_settings[j].key);
	memset(m, 0, sizeof(*m));
}

void vmac_remove(struct vmac *m, struct netlink *n, struct sysctls *s)
{
	struct nlmsghdr *h;
	struct ifinfomsg *i;

	if (!m->name[0])
		return;
	h = netlink_request(n, RTM_DELLINK, 0);
	i = mnl_nlmsg_put_extra_header(h, sizeof(*i));
	i->ifi_index = (int)m->ifindex;
	netlink_call(n, h);
	vmac_lost(m, s);
}
