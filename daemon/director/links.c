/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links - see links.h. */
#include "links.h"

#include <errno.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* XDP frames of more than a page need devices that take them in pieces */
#define XDP_SINGLE_MTU 3400

static void *grown(void *array, size_t n, size_t size)
{
	if (n & (n - 1))	/* room is always a power of two */
		return array;
	return realloc(array, (n ? 2 * n : 1) * size);
}

static void read_info(const struct nlattr *nest, struct link *l)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			snprintf(l->kind, sizeof(l->kind), "%s", mnl_attr_get_str(a));
}

static int read_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct links *ls = arg;
	const struct nlattr *a;
	struct link *l = grown(ls->link, ls->n, sizeof(*l));

	if (!l)
		return MNL_CB_ERROR;
	ls->link = l;
	l += ls->n++;
	memset(l, 0, sizeof(*l));
	l->ifindex = ifi->ifi_index;
	l->flags = ifi->ifi_flags;
	l->type = ifi->ifi_type;
	mnl_attr_for_each(a, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(a)) {
		case IFLA_IFNAME:
			snprintf(l->name, sizeof(l->name), "%s", mnl_attr_get_str(a));
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(a) == sizeof(l->mac))
				memcpy(l->mac, mnl_attr_get_payload(a), sizeof(l->mac));
			break;
		case IFLA_MTU:
			l->mtu = mnl_attr_get_u32(a);
			break;
		case IFLA_MASTER:
			l->master = mnl_attr_get_u32(a);
			break;
		case IFLA_LINK_NETNSID:
			l->foreign_peer = true;
			break;
		case IFLA_LINKINFO:
			read_info(a, l);
			break;
		}
	}
	return MNL_CB_OK;
}

/* False: it is no address of ours */
static bool addr_of(const struct nlmsghdr *nlh, struct link_addr *ret)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a, *own = NULL;

	mnl_attr_for_each(a, nlh, sizeof(*ifa))
		if (mnl_attr_get_type(a) == IFA_LOCAL || (mnl_attr_get_type(a) == IFA_ADDRESS && !own))
			own = a;
	if (!own || (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = ifa->ifa_index;
	ret->af = ifa->ifa_family;
	ret->prefix = ifa->ifa_prefixlen;
	memcpy(&ret->addr, mnl_attr_get_payload(own),
	       mnl_attr_get_payload_len(own) < 16 ? mnl_attr_get_payload_len(own) : 16);
	return true;
}

static bool add_addr(struct links *ls, const struct link_addr *new)
{
	struct link_addr *x = grown(ls->addr, ls->naddrs, sizeof(*x));

	if (!x)
		return false;
	ls->addr = x;
	x[ls->naddrs++] = *new;
	return true;
}

static int read_addr(const struct nlmsghdr *nlh, void *arg)
{
	struct link_addr x;

	return addr_of(nlh, &x) && !add_addr(arg, &x) ? MNL_CB_ERROR : MNL_CB_OK;
}

static bool same_addr(const struct link_addr *a, const struct link_addr *b)
{
	return a->ifindex == b->ifindex && a->af == b->af && a->prefix == b->prefix &&
	       !memcmp(&a->addr, &b->addr, sizeof(a->addr));
}

const struct link_addr *links_addr_event(struct links *l, const struct nlmsghdr *nlh)
{
	struct link_addr *x = &l->changed;
	size_t i = 0;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct ifaddrmsg) || !addr_of(nlh, x))
		return NULL;
	while (i < l->naddrs && !same_addr(&l->addr[i], x))
		i++;
	if (nlh->nlmsg_type == RTM_DELADDR && i < l->naddrs)
		l->addr[i] = l->addr[--l->naddrs];
	else if (nlh->nlmsg_type == RTM_NEWADDR && i == l->naddrs)
		add_addr(l, x);	/* out of memory: the next refresh finds it */
	return x;
}

bool links_holds(const struct links *l, uint16_t af, const union elvs_addr *addr)
{
	const struct link *link;

	for (size_t i = 0; i < l->naddrs; i++) {
		if (l->addr[i].af != af || memcmp(&l->addr[i].addr, addr, sizeof(*addr)))
			continue;
		link = link_find(l, l->addr[i].ifindex);
		if (!link || !(link->flags & IFF_LOOPBACK))	/* not known: made a moment ago, so not lo */
			return true;
	}
	return false;
}

static void read_features(void *arg, uint32_t ifindex, uint64_t features)
{
	struct link *l = (struct link *)link_find(arg, ifindex);

	if (!l)
		return;
	l->features = features;
	l->features_known = true;
}

static void read_drivers(struct links *ls)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; fd >= 0 && i < ls->n; i++) {
		struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
		struct ifreq ifr = { .ifr_data = (void *)&info };

		memcpy(ifr.ifr_name, ls->link[i].name, IFNAMSIZ);
		if (ioctl(fd, SIOCETHTOOL, &ifr) == 0)
			snprintf(ls->link[i].driver, LINK_KIND_MAX, "%.31s", info.driver);
	}
	if (fd >= 0)
		close(fd);
}

int links_read(struct links *ret, struct rtnl *rt, struct rtnl *genl, const struct netdev_family *fam)
{
	struct links now = { 0 };
	int r;

	r = rtnl_dump(rt, RTM_GETLINK, AF_UNSPEC, read_link, &now);
	if (r >= 0)
		r = rtnl_dump(rt, RTM_GETADDR, AF_UNSPEC, read_addr, &now);
	if (r < 0) {
		links_free(&now);
		return r;
	}
	netdev_dump(genl, fam, read_features, &now);	/* older kernels: features stay unknown */
	read_drivers(&now);
	links_free(ret);
	*ret = now;
	return 0;
}

void links_free(struct links *l)
{
	free(l->link);
	free(l->addr);
	memset(l, 0, sizeof(*l));
}

const struct link *link_find(const struct links *l, uint32_t ifindex)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->link[i].ifindex == ifindex)
			return &l->link[i];
	return NULL;
}

const struct link *link_named(const struct links *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->link[i].name, name))
			return &l->link[i];
	return NULL;
}

static bool kind_is(const struct link *l, const char *kind)
{
	return !strcmp(l->kind, kind);
}

bool link_is_ether(const struct link *l)
{
	return l->type == ARPHRD_ETHER && !(l->flags & IFF_LOOPBACK);
}

/* Kinds whose drivers run XDP themselves; everything else stacked or virtual gets TC. */
static bool kind_runs_xdp(const struct link *l)
{
	return !l->kind[0] || kind_is(l, "veth") || kind_is(l, "bond") || kind_is(l, "tun") || kind_is(l, "vif");
}

bool link_takes_xdp(const struct link *l)
{
	if (!link_is_ether(l) || !kind_runs_xdp(l))
		return false;
	return !l->features_known || l->features & XDP_ACT_BASIC;
}

/*
 * Kernels before 6.3 do not say. Then a veth may swallow every frame (its peer needs NAPI, which cannot be seen from
 * here), so TC transmits; hardware is trusted once it runs a program of ours, which sets up its transmit queues.
 */
bool link_xdp_xmit(const struct link *l, bool with_xdp)
{
	if (!link_is_ether(l) || !kind_runs_xdp(l))
		return false;
	if (!l->features_known)
		return !l->kind[0] && with_xdp && l->mtu <= XDP_SINGLE_MTU;
	if (!(l->features & XDP_ACT_NDO_XMIT))
		return false;
	return l->mtu <= XDP_SINGLE_MTU || l->features & XDP_ACT_NDO_XMIT_SG;
}

bool link_partial_sums(const struct link *l)
{
	return kind_is(l, "veth") || kind_is(l, "tun") || kind_is(l, "vif") || kind_is(l, "netkit") ||
	       !strcmp(l->driver, "virtio_net");
}

bool link_addr_covers(const struct link_addr *a, uint16_t af, const union elvs_addr *addr)
{
	const uint8_t *x = (const void *)&a->addr, *y = (const void *)addr;
	unsigned bits = a->prefix;

	if (a->af != af || bits >= (af == AF_INET ? 32 : 128))
		return false;
	if (memcmp(x, y, bits / 8))
		return false;
	return !(bits % 8) || !((x[bits / 8] ^ y[bits / 8]) >> (8 - bits % 8));
}
