/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nl - routing netlink for the set-up commands (nl.h), on libmnl.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "nl.h"

/* Sends one request and gives every answer to cb. */
static int nl_talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	char buf[32768];
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	unsigned int portid;
	ssize_t n;
	int r;

	if (!s)
		return -errno;
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0)
		goto failed;
	portid = mnl_socket_get_portid(s);
	nlh->nlmsg_seq = 1;
	if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		goto failed;
	for (;;) {
		n = mnl_socket_recvfrom(s, buf, sizeof(buf));
		if (n < 0)
			goto failed;
		r = mnl_cb_run(buf, (size_t)n, 1, portid, cb, data);
		if (r < 0)
			goto failed;
		if (r == MNL_CB_STOP)
			break;
	}
	mnl_socket_close(s);
	return 0;
failed:
	r = -errno;
	mnl_socket_close(s);
	return r;
}

struct walk {
	int (*link)(void *arg, const struct nl_link *);
	int (*addr)(void *arg, const struct nl_addr *);
	void *arg;
	int result;
};

static void link_info(const struct nlattr *nest, struct nl_link *l)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
	{
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			strncpy(l->kind, mnl_attr_get_str(a), sizeof(l->kind) - 1);
	}
}

static void link_xdp(const struct nlattr *nest, struct nl_link *l)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
	{
		if (mnl_attr_get_type(a) == IFLA_XDP_PROG_ID)
			l->xdp_prog = mnl_attr_get_u32(a);
	}
}

static void link_parse(const struct nlmsghdr *nlh, struct nl_link *l)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(nlh);
	struct rtnl_link_stats64 st = {};
	size_t n;
	const struct nlattr *a;

	*l = (struct nl_link){ .ifindex = (uint32_t)m->ifi_index, .type = m->ifi_type, .up = m->ifi_flags & IFF_UP };
	mnl_attr_for_each(a, nlh, sizeof(*m))
	{
		switch (mnl_attr_get_type(a)) {
		case IFLA_IFNAME:
			strncpy(l->name, mnl_attr_get_str(a), sizeof(l->name) - 1);
			break;
		case IFLA_MTU:
			l->mtu = mnl_attr_get_u32(a);
			break;
		case IFLA_LINKINFO:
			link_info(a, l);
			break;
		case IFLA_XDP:
			link_xdp(a, l);
			break;
		case IFLA_STATS64:
			n = mnl_attr_get_payload_len(a);
			/* a copy: attributes lie on 4 bytes */
			memcpy(&st, mnl_attr_get_payload(a), n < sizeof(st) ? n : sizeof(st));
			l->rx_dropped = st.rx_dropped;
			l->tx_dropped = st.tx_dropped;
			break;
		}
	}
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	struct walk *w = data;
	struct nl_link l;

	if (nlh->nlmsg_type != RTM_NEWLINK || w->result)
		return MNL_CB_OK;
	link_parse(nlh, &l);
	w->result = w->link(w->arg, &l);
	return MNL_CB_OK;
}

/* Everything of that kind, of any family: message is the size of what follows netlink's own header. */
static int walk(uint16_t type, size_t message, mnl_cb_t each, struct walk *w)
{
	char buf[MNL_NLMSG_HDRLEN + 64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int r;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(nlh, message); /* zeroed: AF_UNSPEC */
	r = nl_talk(nlh, each, w);
	return r < 0 ? r : w->result;
}

int nl_links(int (*f)(void *arg, const struct nl_link *), void *arg)
{
	struct walk w = { .link = f, .arg = arg };

	return walk(RTM_GETLINK, sizeof(struct ifinfomsg), on_link, &w);
}

struct by_name {
	struct nl_link *ret;
	const char *name;
};

static int match_name(void *arg, const struct nl_link *l)
{
	struct by_name *b = arg;

	if (strcmp(l->name, b->name) != 0)
		return 0;
	*b->ret = *l;
	return 1;
}

int nl_link_by_name(struct nl_link *ret, const char *name)
{
	struct by_name b = { ret, name };
	int r = nl_links(match_name, &b);

	if (r < 0)
		return r;
	return r ? 0 : -ENODEV;
}

static int on_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(nlh);
	struct walk *w = data;
	struct nl_addr a = { .ifindex = m->ifa_index, .scope = m->ifa_scope };
	const struct nlattr *at, *addr = NULL, *local = NULL;

	if (nlh->nlmsg_type != RTM_NEWADDR || w->result)
		return MNL_CB_OK;
	if (m->ifa_family != AF_INET && m->ifa_family != AF_INET6)
		return MNL_CB_OK;
	mnl_attr_for_each(at, nlh, sizeof(*m))
	{
		if (mnl_attr_get_type(at) == IFA_ADDRESS)
			addr = at;
		else if (mnl_attr_get_type(at) == IFA_LOCAL)
			local = at;
	}
	if (local) /* point-to-point: IFA_ADDRESS is the peer's */
		addr = local;
	a.addr.af = m->ifa_family;
	a.addr.plen = m->ifa_prefixlen;
	if (!addr || mnl_attr_get_payload_len(addr) != vip_bytes(&a.addr))
		return MNL_CB_OK;
	memcpy(a.addr.addr, mnl_attr_get_payload(addr), vip_bytes(&a.addr));
	w->result = w->addr(w->arg, &a);
	return MNL_CB_OK;
}

int nl_addrs(int (*f)(void *arg, const struct nl_addr *), void *arg)
{
	struct walk w = { .addr = f, .arg = arg };

	return walk(RTM_GETADDR, sizeof(struct ifaddrmsg), on_addr, &w);
}

static int addr_change(uint16_t type, uint16_t flags, uint32_t ifindex, const struct vip *v)
{
	char buf[MNL_NLMSG_HDRLEN + 128];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *m;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	m = mnl_nlmsg_put_extra_header(nlh, sizeof(*m));
	m->ifa_family = (uint8_t)v->af;
	m->ifa_prefixlen = v->plen;
	m->ifa_index = ifindex;
	m->ifa_scope = RT_SCOPE_UNIVERSE;
	if (v->af == AF_INET6)
		m->ifa_flags = IFA_F_NODAD;
	mnl_attr_put(nlh, IFA_LOCAL, vip_bytes(v), v->addr);
	mnl_attr_put(nlh, IFA_ADDRESS, vip_bytes(v), v->addr);
	return nl_talk(nlh, NULL, NULL);
}

int nl_addr_add(uint32_t ifindex, const struct vip *v)
{
	return addr_change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, v);
}

int nl_addr_del(uint32_t ifindex, const struct vip *v)
{
	return addr_change(RTM_DELADDR, 0, ifindex, v);
}

int nl_link_set_up(uint32_t ifindex, bool up)
{
	char buf[MNL_NLMSG_HDRLEN + 64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *m;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m = mnl_nlmsg_put_extra_header(nlh, sizeof(*m));
	m->ifi_index = (int)ifindex;
	m->ifi_change = IFF_UP;
	m->ifi_flags = up ? IFF_UP : 0;
	return nl_talk(nlh, NULL, NULL);
}

struct tc_walk {
	uint32_t ifindex;
	int found;
};

static int on_qdisc(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *m = mnl_nlmsg_get_payload(nlh);
	struct tc_walk *w = data;
	const struct nlattr *a;

	if (nlh->nlmsg_type != RTM_NEWQDISC || (uint32_t)m->tcm_ifindex != w->ifindex)
		return MNL_CB_OK;
	mnl_attr_for_each(a, nlh, sizeof(*m))
	{
		if (mnl_attr_get_type(a) == TCA_KIND &&
		    (strcmp(mnl_attr_get_str(a), "clsact") == 0 || strcmp(mnl_attr_get_str(a), "ingress") == 0))
			w->found = 1;
	}
	return MNL_CB_OK;
}

static int on_filter(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *m = mnl_nlmsg_get_payload(nlh);
	struct tc_walk *w = data;

	/* each priority is listed once for itself, with handle 0, before its filters */
	if (nlh->nlmsg_type == RTM_NEWTFILTER && m->tcm_handle != 0)
		w->found++;
	return MNL_CB_OK;
}

static int tc_dump(uint16_t type, uint32_t parent, mnl_cb_t cb, struct tc_walk *w)
{
	char buf[MNL_NLMSG_HDRLEN + 64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct tcmsg *m;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	m = mnl_nlmsg_put_extra_header(nlh, sizeof(*m));
	m->tcm_family = AF_UNSPEC;
	m->tcm_ifindex = (int)w->ifindex;
	m->tcm_parent = parent;
	return nl_talk(nlh, cb, w);
}

int nl_has_clsact(uint32_t ifindex)
{
	struct tc_walk w = { .ifindex = ifindex };
	int r = tc_dump(RTM_GETQDISC, 0, on_qdisc, &w);

	return r < 0 ? r : w.found;
}

int nl_count_filters(uint32_t ifindex)
{
	struct tc_walk w = { .ifindex = ifindex };
	int r = tc_dump(RTM_GETTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), on_filter, &w);

	if (r >= 0)
		r = tc_dump(RTM_GETTFILTER, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), on_filter, &w);
	return r < 0 ? r : w.found;
}
