/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink - see netlink.h. */
#include "netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP (1u << 16)
#endif

bool conf_addr_same(const struct conf_addr *x, const struct conf_addr *y)
{
	return x->family == y->family && !memcmp(x->bytes, y->bytes, x->family == AF_INET ? 4 : 16);
}

/* ---- the table ---- */
static struct nl_link *link_at(const struct netlink *n, uint32_t ifindex)
{
	for (uint32_t i = 0; i < n->n_links; i++)
		if (n->links[i].ifindex == ifindex)
			return &n->links[i];
	return NULL;
}

const struct nl_link *netlink_link_at(const struct netlink *n, uint32_t ifindex)
{
	return link_at(n, ifindex);
}

const struct nl_link *netlink_link(const struct netlink *n, const char *name)
{
	for (uint32_t i = 0; i < n->n_links; i++)
		if (!strcmp(n->links[i].name, name))
			return &n->links[i];
	return NULL;
}

bool nl_link_up(const struct nl_link *l)
{
	return l && (l->flags & IFF_UP) && (l->flags & IFF_LOWER_UP);
}

static struct nl_addr *find_addr(const struct nl_link *l, const struct conf_addr *a)
{
	for (uint32_t i = 0; l && i < l->n_addrs; i++)
		if (conf_addr_same(&l->addrs[i].addr, a))
			return &l->addrs[i];
	return NULL;
}

const struct nl_addr *nl_link_find(const struct nl_link *l, const struct conf_addr *a)
{
	return find_addr(l, a);
}

const struct nl_addr *nl_link_primary(const struct nl_link *l, uint16_t family)
{
	for (uint32_t i = 0; l && i < l->n_addrs; i++) {
		const struct nl_addr *a = &l->addrs[i];

		if (a->addr.family != family || a->proto == NL_PROTO)
			continue;
		if (family == AF_INET && !(a->flags & IFA_F_SECONDARY))
			return a;
		/* a tentative one is as good: nobody has claimed it yet, and waiting would be a fault at every start */
		if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a->addr.v6) && !(a->flags & IFA_F_DADFAILED))
			return a;
	}
	return NULL;
}

static void forget_addr(struct netlink *n, struct nl_link *l, struct nl_addr *a)
{
	struct nl_addr gone = *a;

	memmove(a, a + 1, (char *)(l->addrs + l->n_addrs) - (char *)(a + 1));
	l->n_addrs--;
	if (n->on)
		n->on->addr(n->arg, l, &gone, true);
}

static void forget_link(struct netlink *n, struct nl_link *l)
{
	struct nl_link gone = *l;

	memmove(l, l + 1, (char *)(n->links + n->n_links) - (char *)(l + 1));
	n->n_links--;
	if (n->on)
		n->on->link(n->arg, &gone, true);
	free(gone.addrs);
}

static struct nl_link *add_link(struct netlink *n, uint32_t ifindex)
{
	struct nl_link *l = realloc(n->links, (n->n_links + 1) * sizeof(*l));

	if (!l)
		return NULL;
	n->links = l;
	l += n->n_links++;
	memset(l, 0, sizeof(*l));
	l->ifindex = ifindex;
	return l;
}

/* ---- reading messages ---- */
static void read_kind(const struct nlattr *nest, struct nl_link *l)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
		snprintf(l->kind, sizeof(l->kind), "%.*s", (int)mnl_attr_get_payload_len(a), mnl_attr_get_str(a));
}

static void read_link_attrs(const struct nlmsghdr *h, struct nl_link *l)
{
	const struct nlattr *a;

	l->master = l->lower = 0;
	mnl_attr_for_each(a, h, sizeof(struct ifinfomsg))
	{
		uint16_t len = mnl_attr_get_payload_len(a);

		switch (mnl_attr_get_type(a)) {
		case IFLA_IFNAME:
			snprintf(l->name, sizeof(l->name), "%.*s", (int)len, mnl_attr_get_str(a));
			break;
		case IFLA_ADDRESS:
			l->mac_len = len < sizeof(l->mac) ? len : sizeof(l->mac);
			memcpy(l->mac, mnl_attr_get_payload(a), l->mac_len);
			break;
		case IFLA_MTU:
			l->mtu = len == 4 ? mnl_attr_get_u32(a) : l->mtu;
			break;
		case IFLA_LINK:
			l->lower = len == 4 ? mnl_attr_get_u32(a) : 0;
			break;
		case IFLA_MASTER:
			l->master = len == 4 ? mnl_attr_get_u32(a) : 0;
			break;
		case IFLA_LINKINFO:
			read_kind(a, l);
			break;
		}
	}
}

static int take_link(struct netlink *n, const struct nlmsghdr *h)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(h);
	struct nl_link *l;

	/* a bridge tells of its ports under its own family: DELLINK there does not mean that the link has gone */
	if (mnl_nlmsg_get_payload_len(h) < sizeof(*ifi) || ifi->ifi_family == AF_BRIDGE)
		return 0;
	l = link_at(n, ifi->ifi_index);
	if (h->nlmsg_type == RTM_DELLINK) {
		if (l)
			forget_link(n, l);
		return 0;
	}
	if (!l)
		l = add_link(n, ifi->ifi_index);
	if (!l)
		return -ENOMEM;
	l->seen = true;
	l->flags = ifi->ifi_flags;
	l->type = ifi->ifi_type;
	read_link_attrs(h, l);
	if (n->on)
		n->on->link(n->arg, l, false);
	return 0;
}

static bool read_addr(const struct nlmsghdr *h, struct nl_addr *ret)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	size_t size = m->ifa_family == AF_INET ? 4 : 16;
	bool local = false;
	const struct nlattr *a;

	memset(ret, 0, sizeof(*ret));
	if (m->ifa_family != AF_INET && m->ifa_family != AF_INET6)
		return false;
	ret->prefix = m->ifa_prefixlen;
	ret->scope = m->ifa_scope;
	ret->flags = m->ifa_flags;
	mnl_attr_for_each(a, h, sizeof(*m))
	{
		uint16_t len = mnl_attr_get_payload_len(a);
		int type = mnl_attr_get_type(a);

		/* on a link with a peer ADDRESS is the peer's and LOCAL is ours */
		if ((type == IFA_LOCAL || (type == IFA_ADDRESS && !local)) && len == size) {
			ret->addr.family = m->ifa_family;
			memcpy(ret->addr.bytes, mnl_attr_get_payload(a), size);
			local |= type == IFA_LOCAL;
		} else if (type == IFA_FLAGS && len == 4) {
			ret->flags = mnl_attr_get_u32(a);
		} else if (type == IFA_PROTO && len == 1) {
			ret->proto = mnl_attr_get_u8(a);
		}
	}
	return ret->addr.family;
}

static int take_addr(struct netlink *n, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	struct nl_addr new, *a;
	struct nl_link *l;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*m) || !read_addr(h, &new))
		return 0;
	l = link_at(n, m->ifa_index);
	if (!l)
		return 0;
	a = find_addr(l, &new.addr);
	if (h->nlmsg_type == RTM_DELADDR) {
		if (a)
			forget_addr(n, l, a);
		return 0;
	}
	if (!a) {
		a = realloc(l->addrs, (l->n_addrs + 1) * sizeof(*a));
		if (!a)
			return -ENOMEM;
		l->addrs = a;
		a += l->n_addrs++;
	}
	new.seen = true;
	*a = new;
	if (n->on)
		n->on->addr(n->arg, l, a, false);
	return 0;
}

static int take(const struct nlmsghdr *h, void *arg)
{
	struct netlink *n = arg;
	int r = 0;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		r = take_link(n, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		r = take_addr(n, h);
		break;
	}
	if (r < 0) {
		errno = -r;
		return MNL_CB_ERROR;
	}
	return MNL_CB_OK;
}

/* ---- requests ---- */
struct nlmsghdr *netlink_request(struct netlink *n, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(n->buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	return h;
}

static int converse(struct netlink *n, struct nlmsghdr *h, mnl_cb_t f)
{
	unsigned port = mnl_socket_get_portid(n->cmd);
	ssize_t len;
	int r;

	h->nlmsg_seq = ++n->seq;
	if (mnl_socket_sendto(n->cmd, h, h->nlmsg_len) < 0)
		return -errno;
	do {
		len = mnl_socket_recvfrom(n->cmd, n->buf, sizeof(n->buf));
		if (len < 0)
			return -errno;
		r = MNL_CB_OK;
		/* an answer to something earlier is passed over */
		if (len >= (ssize_t)sizeof(*h) && ((struct nlmsghdr *)n->buf)->nlmsg_seq == n->seq)
			r = mnl_cb_run(n->buf, len, n->seq, port, f, n);
	} while (r > MNL_CB_STOP);
	return r < 0 ? -errno : 0;
}

int netlink_call(struct netlink *n, struct nlmsghdr *h)
{
	h->nlmsg_flags |= NLM_F_ACK;
	return converse(n, h, NULL);
}

/* How many of the answers in buf belong to the batch; their results. */
static uint32_t read_results(const void *buf, size_t len, uint32_t first, uint32_t count, int *results)
{
	const struct nlmsghdr *h = buf;
	int left = len;
	uint32_t got = 0;

	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

		if (h->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(h) < sizeof(e->error) ||
		    h->nlmsg_seq - first >= count)
			continue;
		results[h->nlmsg_seq - first] = e->error;
		got++;
	}
	return got;
}

int netlink_batch(struct netlink *n, const void *buf, size_t len, uint32_t first, uint32_t count, int *ret_results)
{
	uint32_t got = 0;
	ssize_t r;

	if (count > NL_BATCH)
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++)
		ret_results[i] = -EIO;
	if (mnl_socket_sendto(n->cmd, buf, len) < 0)
		return -errno;
	while (got < count) {
		r = mnl_socket_recvfrom(n->cmd, n->buf, sizeof(n->buf));
		if (r < 0)
			return -errno;
		got += read_results(n->buf, r, first, count, ret_results);
	}
	return 0;
}

/* ---- beginning, changes, end ---- */
static int ask_all(struct netlink *n, uint16_t type)
{
	struct nlmsghdr *h = netlink_request(n, type, NLM_F_DUMP);

	/* the longer of both headers (struct ifinfomsg, ifaddrmsg), all zero */
	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	return converse(n, h, take);
}

static void forget_unseen(struct netlink *n)
{
	for (uint32_t i = n->n_links; i-- > 0;) {
		struct nl_link *l = &n->links[i];

		if (!l->seen) {
			forget_link(n, l);
			continue;
		}
		for (uint32_t j = l->n_addrs; j-- > 0;)
			if (!l->addrs[j].seen)
				forget_addr(n, l, &l->addrs[j]);
	}
}

static int read_all(struct netlink *n)
{
	int r;

	for (uint32_t i = 0; i < n->n_links; i++) {
		n->links[i].seen = false;
		for (uint32_t j = 0; j < n->links[i].n_addrs; j++)
			n->links[i].addrs[j].seen = false;
	}
	r = ask_all(n, RTM_GETLINK);
	if (r == 0)
		r = ask_all(n, RTM_GETADDR);
	if (r == 0)
		forget_unseen(n);
	return r;
}

int netlink_read(struct netlink *n)
{
	ssize_t len;
	int r;

	for (;;) {
		len = mnl_socket_recvfrom(n->mon, n->buf, sizeof(n->buf));
		if (len < 0 && errno == ENOBUFS) {
			r = read_all(n);
			if (r < 0)
				return r;
			continue;
		}
		if (len < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		r = mnl_cb_run(n->buf, len, 0, 0, take, n);
		if (r < 0 && errno != EPROTO)
			return -errno;
	}
}

static void set_buffer(struct mnl_socket *s, uint32_t bytes, bool force)
{
	int size = bytes;

	if (bytes)
		setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, force ? SO_RCVBUFFORCE : SO_RCVBUF, &size, sizeof(size));
}

static int open_sockets(struct netlink *n, const struct conf_process *p)
{
	struct timeval patience = { .tv_sec = 2 };
	int on = 1;

	n->cmd = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!n->cmd || mnl_socket_bind(n->cmd, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* the kernel answers at once or never: a lost answer must not stop the adverts for good */
	setsockopt(mnl_socket_get_fd(n->cmd), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	mnl_socket_setsockopt(n->cmd, NETLINK_CAP_ACK, &on, sizeof(on));
	set_buffer(n->cmd, p->cmd_rcv_bufs, p->cmd_rcv_force);
	n->mon = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!n->mon ||
	    mnl_socket_bind(n->mon, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	set_buffer(n->mon, p->monitor_rcv_bufs, p->monitor_rcv_force);
	return 0;
}

int netlink_open(struct netlink *n, const struct conf_process *p, const struct nl_events *on, void *arg)
{
	int r;

	memset(n, 0, sizeof(*n));
	r = open_sockets(n, p);
	if (r == 0)
		r = read_all(n);
	if (r < 0) {
		netlink_close(n);
		return r;
	}
	n->on = on;
	n->arg = arg;
	return 0;
}

void netlink_close(struct netlink *n)
{
	if (n->cmd)
		mnl_socket_close(n->cmd);
	if (n->mon)
		mnl_socket_close(n->mon);
	for (uint32_t i = 0; i < n->n_links; i++)
		free(n->links[i].addrs);
	free(n->links);
	memset(n, 0, sizeof(*n));
}

int netlink_fd(const struct netlink *n)
{
	return mnl_socket_get_fd(n->mon);
}
