/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmac - see vmac.h. */
#include "vmac.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/*
 * One interface must not answer for the addresses of the other (both are on the same wire), nor ask in their name:
 * its own MAC address would go with it.
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

static bool is_own(const struct vmac_of *w)
{
	return w->family == w->v->family && !strcmp(w->dev, w->v->iface);
}

bool vmac_for_address(const struct conf_vrrp *v, const struct conf_vip *vip)
{
	return v->use_vmac_addr &&
	       (vip->addr.family != v->family || (vip->dev[0] && strcmp(vip->dev, v->iface) != 0));
}

/* ---- names ---- */
#define SAME_ID 64 /* VMACs with the same id that get different names */

struct names {
	const struct vmac_of *wanted;
	char list[SAME_ID][IFNAMSIZ];
	unsigned n;
	struct vmac_of of[SAME_ID];
};

static bool is_taken(const struct names *t, const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->list[i], name))
			return true;
	for (uint32_t i = 0; i < t->wanted->conf->n_vrrps; i++)
		if (!strcmp(t->wanted->conf->vrrps[i].vmac_name, name))
			return true;
	return false;
}

static void pick(const struct names *t, const struct vmac_of *w, char ret[IFNAMSIZ])
{
	const struct conf_global *g = &w->conf->global;
	const char *prefix = is_own(w) ? g->vmac_prefix : g->vmac_addr_prefix;

	prefix = prefix[0] ? prefix : "vrrp";
	snprintf(ret, IFNAMSIZ, "%.9s.%u", prefix, w->v->vrid);
	if (w->family == AF_INET6 && is_taken(t, ret))
		snprintf(ret, IFNAMSIZ, "%.9s6.%u", prefix, w->v->vrid);
	for (unsigned k = 1; k < SAME_ID && is_taken(t, ret); k++)
		snprintf(ret, IFNAMSIZ, "%.8s%u.%u", prefix, k, w->v->vrid);
}

static bool same_vmac(const struct vmac_of *x, const struct vmac_of *y)
{
	return x->v == y->v && x->family == y->family && !strcmp(x->dev, y->dev);
}

/* True: it is the wanted one. */
static bool give_name(struct names *t, const struct vmac_of *w)
{
	for (unsigned i = 0; i < t->n; i++)
		if (same_vmac(&t->of[i], w))
			return false;
	if (t->n == SAME_ID)
		return false;
	pick(t, w, t->list[t->n]);
	t->of[t->n++] = *w;
	return same_vmac(w, t->wanted);
}

/* All of that instance's, its own one first; true: the wanted one was among them. */
static bool name_all(struct names *t, const struct conf_vrrp *v)
{
	struct vmac_of w = { .conf = t->wanted->conf, .v = v, .dev = v->iface, .family = v->family };

	if ((v->use_vmac || v->use_ipvlan) && !v->vmac_name[0] && give_name(t, &w))
		return true;
	for (uint32_t k = 0; k < v->n_vips + v->n_excluded; k++) {
		const struct conf_vip *vip = k < v->n_vips ? &v->vips[k] : &v->excluded[k - v->n_vips];

		w.dev = vip->dev[0] ? vip->dev : v->iface;
		w.family = vip->addr.family;
		if (vmac_for_address(v, vip) && give_name(t, &w))
			return true;
	}
	return false;
}

void vmac_name(const struct vmac_of *w, char ret[IFNAMSIZ])
{
	struct names t = { .wanted = w };

	snprintf(ret, IFNAMSIZ, "%s", is_own(w) ? w->v->vmac_name : "");
	for (uint32_t i = 0; !ret[0] && i < w->conf->n_vrrps; i++)
		if (w->conf->vrrps[i].vrid == w->v->vrid && name_all(&t, &w->conf->vrrps[i]))
			memcpy(ret, t.list[t.n - 1], IFNAMSIZ);
}

void vmac_mac(const struct vmac_of *w, uint8_t ret[6])
{
	const uint8_t mac[6] = { 0, 0, 0x5e, 0, w->family == AF_INET ? 1 : 2, w->v->vrid };

	memcpy(ret, w->v->has_vmac_mac && w->family == w->v->family ? w->v->vmac_mac : mac, 6);
}

/* ---- the interface ---- */
static uint16_t ipvlan_flag(const char *type)
{
	if (!strcmp(type, "private"))
		return IPVLAN_F_PRIVATE;
	return !strcmp(type, "vepa") ? IPVLAN_F_VEPA : 0;
}

static int make(struct netlink *n, const struct vmac_of *w, const struct nl_link *base, const char *name)
{
	const struct conf_vrrp *v = w->v;
	bool ipvlan = v->use_ipvlan && is_own(w);
	struct nlmsghdr *h = netlink_request(n, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info, *data;
	uint8_t mac[6];

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(h, IFLA_LINK, base->ifindex);
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	vmac_mac(w, mac);
	if (!ipvlan)
		mnl_attr_put(h, IFLA_ADDRESS, 6, mac);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, ipvlan ? "ipvlan" : "macvlan");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	if (ipvlan) {
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

int vmac_create(struct vmac *m, struct netlink *n, struct sysctls *s, const struct vmac_of *w,
		const struct nl_link *base)
{
	const char *kind = w->v->use_ipvlan && is_own(w) ? "ipvlan" : "macvlan";
	char name[IFNAMSIZ], base_name[IFNAMSIZ];
	const struct nl_link *old;
	uint32_t base_index = base->ifindex;
	int r;

	vmac_name(w, name);
	if (!name[0])
		return -E2BIG;
	snprintf(base_name, sizeof(base_name), "%s", base->name);
	old = netlink_link(n, name);
	if (old && (strcmp(old->kind, kind) || old->lower != base_index))
		return -EEXIST;
	r = old ? 0 : make(n, w, base, name);
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
