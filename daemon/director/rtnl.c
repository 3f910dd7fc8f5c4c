/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnl - see rtnl.h. */
#include "rtnl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

int rtnl_open(struct rtnl *n, int bus)
{
	struct timeval patience = { .tv_sec = 2 };
	int r;

	n->seq = 0;
	n->nl = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!n->nl)
		return -errno;
	if (mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		rtnl_close(n);
		return r;
	}
	/* the kernel answers at once or never: a lost answer must not stop the director */
	setsockopt(mnl_socket_get_fd(n->nl), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return 0;
}

void rtnl_close(struct rtnl *n)
{
	if (n->nl)
		mnl_socket_close(n->nl);
	n->nl = NULL;
}

int rtnl_call(struct rtnl *n, struct nlmsghdr *nlh, mnl_cb_t f, void *arg)
{
	unsigned port = mnl_socket_get_portid(n->nl);
	ssize_t len;
	int r;

	nlh->nlmsg_seq = ++n->seq;
	if (mnl_socket_sendto(n->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		len = mnl_socket_recvfrom(n->nl, n->buf, sizeof(n->buf));
		if (len < 0)
			return -errno;
		if (len >= (ssize_t)sizeof(*nlh) && ((struct nlmsghdr *)n->buf)->nlmsg_seq != n->seq)
			continue;	/* an answer to an earlier call */
		r = mnl_cb_run(n->buf, len, n->seq, port, f, arg);
		if (r < 0)
			return -errno;
		if (r == MNL_CB_STOP)
			return 0;
	}
}

int rtnl_dump(struct rtnl *n, uint16_t type, uint8_t family, mnl_cb_t f, void *arg)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(n->buf);
	struct rtgenmsg *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	/* as long as the longest of the headers that these requests have (struct ndmsg, rtmsg, ifinfomsg) */
	g = mnl_nlmsg_put_extra_header(nlh, 16);
	g->rtgen_family = family;
	return rtnl_call(n, nlh, f, arg);
}

/* ---- routes ---- */
static void read_addr(const struct nlattr *a, union elvs_addr *ret)
{
	size_t len = mnl_attr_get_payload_len(a);

	memset(ret, 0, sizeof(*ret));
	memcpy(ret, mnl_attr_get_payload(a), len < sizeof(*ret) ? len : sizeof(*ret));
}

static void read_via(const struct nlattr *a, struct route *ret)
{
	const struct rtvia *via = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);

	if (len < sizeof(*via) + 4)
		return;
	len -= sizeof(*via);
	ret->gw_af = via->rtvia_family;
	memset(&ret->gw, 0, sizeof(ret->gw));
	memcpy(&ret->gw, via->rtvia_addr, len < sizeof(ret->gw) ? len : sizeof(ret->gw));
}

static void read_metrics(const struct nlattr *nest, struct route *ret)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest)
		if (mnl_attr_get_type(a) == RTAX_MTU && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			ret->mtu = mnl_attr_get_u32(a);
}

static int read_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	struct route *ret = arg;
	const struct nlattr *a;

	if (nlh->nlmsg_type != RTM_NEWROUTE)
		return MNL_CB_OK;
	ret->type = rt->rtm_type;
	mnl_attr_for_each(a, nlh, sizeof(*rt)) {
		switch (mnl_attr_get_type(a)) {
		case RTA_OIF:
			ret->oif = mnl_attr_get_u32(a);
			break;
		case RTA_GATEWAY:
			ret->gw_af = rt->rtm_family;
			read_addr(a, &ret->gw);
			break;
		case RTA_VIA:
			read_via(a, ret);
			break;
		case RTA_PREFSRC:
			read_addr(a, &ret->src);
			break;
		case RTA_METRICS:
			read_metrics(a, ret);
			break;
		}
	}
	return MNL_CB_OK;
}

int rtnl_route_get(struct rtnl *n, uint16_t af, const union elvs_addr *dst, struct route *ret)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(n->buf);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	struct route found = { 0 };
	size_t len = af == AF_INET ? 4 : 16;
	int r;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	rt->rtm_family = af;
	rt->rtm_dst_len = 8 * len;
	mnl_attr_put(nlh, RTA_DST, len, dst);
	r = rtnl_call(n, nlh, read_route, &found);
	if (r < 0)
		return r;
	*ret = found;
	return 0;
}

int rtnl_neigh_use(struct rtnl *n, uint32_t ifindex, uint16_t af, const union elvs_addr *addr, bool managed)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(n->buf);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));

	nlh->nlmsg_type = RTM_NEWNEIGH;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
	nd->ndm_family = af;
	nd->ndm_ifindex = ifindex;
	nd->ndm_flags = NTF_USE;
	mnl_attr_put(nlh, NDA_DST, af == AF_INET ? 4 : 16, addr);
	if (managed)
		mnl_attr_put_u32(nlh, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
	return rtnl_call(n, nlh, NULL, NULL);
}

/* ---- the netdev family: its numbers, since Debian 12 has no linux/netdev.h ---- */
#define NETDEV_CMD_DEV_GET 1
#define NETDEV_A_DEV_IFINDEX 1
#define NETDEV_A_DEV_XDP_FEATURES 3

static struct nlmsghdr *genl_request(struct rtnl *n, uint16_t family, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(n->buf);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	g->cmd = cmd;
	g->version = 1;
	return nlh;
}

static void read_group(const struct nlattr *nest, struct netdev_family *ret)
{
	const struct nlattr *a;
	const char *name = NULL;
	uint32_t id = 0;

	mnl_attr_for_each_nested(a, nest) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(a);
		else if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(a);
	}
	if (name && !strcmp(name, "mgmt"))
		ret->mgmt = id;
}

static int read_family(const struct nlmsghdr *nlh, void *arg)
{
	struct netdev_family *ret = arg;
	const struct nlattr *a, *g;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			ret->id = mnl_attr_get_u16(a);
		else if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(g, a)
				read_group(g, ret);
	}
	return MNL_CB_OK;
}

void netdev_find(struct rtnl *genl, struct netdev_family *ret)
{
	struct nlmsghdr *nlh = genl_request(genl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);

	memset(ret, 0, sizeof(*ret));
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "netdev");
	if (rtnl_call(genl, nlh, read_family, ret) < 0)
		memset(ret, 0, sizeof(*ret));
}

struct features_arg {
	void (*f)(void *arg, uint32_t ifindex, uint64_t xdp_features);
	void *arg;
};

static int read_features(const struct nlmsghdr *nlh, void *arg)
{
	const struct features_arg *to = arg;
	const struct nlattr *a;
	uint64_t features = 0;
	uint32_t ifindex = 0;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == NETDEV_A_DEV_IFINDEX)
			ifindex = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == NETDEV_A_DEV_XDP_FEATURES)
			features = mnl_attr_get_u64(a);
	}
	if (ifindex)
		to->f(to->arg, ifindex, features);
	return MNL_CB_OK;
}

int netdev_dump(struct rtnl *genl, const struct netdev_family *fam,
		void (*f)(void *arg, uint32_t ifindex, uint64_t xdp_features), void *arg)
{
	struct features_arg to = { f, arg };

	if (!fam->id)
		return -EOPNOTSUPP;
	return rtnl_call(genl, genl_request(genl, fam->id, NETDEV_CMD_DEV_GET, NLM_F_DUMP), read_features, &to);
}
