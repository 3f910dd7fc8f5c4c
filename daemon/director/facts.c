/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts - see facts.h. Routes are asked for anew each time: nobody else needs them, and they may be many. */
#include "facts.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"
#include "rtnl.h"

#define ROUTES_READ 4096	/* a full Internet table need not be read to find the default route */

struct facts {
	const struct facts_from *from;
	struct plan_input *in;
	bool routed;
	size_t routes;
};

static struct plan_input *input_of(struct facts *f, uint32_t ifindex)
{
	for (size_t i = 0; i < f->from->links->n; i++)
		if (f->from->links->link[i].ifindex == ifindex)
			return &f->in[i];
	return NULL;
}

static void use_for(struct facts *f, uint32_t ifindex, enum plan_use use, uint16_t af, const union elvs_addr *addr)
{
	struct plan_input *in = input_of(f, ifindex);

	if (!in || in->use >= use)
		return;
	in->use = use;
	in->af = af;
	in->addr = *addr;
}

static bool is_loopback(const struct facts *f, uint32_t ifindex)
{
	const struct link *l = link_find(f->from->links, ifindex);

	return l && l->flags & IFF_LOOPBACK;
}

/* Returns 0: the walk goes on. A service address on no network of ours is reached through routers. */
static int fact_vip(void *arg, uint16_t af, const union elvs_addr *vip)
{
	struct facts *f = arg;
	bool covered = false;

	for (size_t i = 0; i < f->from->links->naddrs; i++) {
		const struct link_addr *a = &f->from->links->addr[i];

		if (is_loopback(f, a->ifindex))
			continue;
		if (a->af == af && !memcmp(&a->addr, vip, sizeof(*vip)))
			use_for(f, a->ifindex, PLAN_VIP, af, vip);
		if (link_addr_covers(a, af, vip)) {
			use_for(f, a->ifindex, PLAN_VIP_NET, af, vip);
			covered = true;
		}
	}
	f->routed |= !covered;
	return 0;
}

static void fact_hop(void *arg, const struct hop_entry *x)
{
	use_for(arg, x->hop.ifindex, PLAN_SERVER, x->af, &x->dest);
}

static void fact_route_out(struct facts *f, uint32_t oif, const struct rtmsg *rt, bool gateway)
{
	static const union elvs_addr none;

	if (!rt->rtm_dst_len)
		use_for(f, oif, PLAN_DEFAULT, rt->rtm_family, &none);
	else if (gateway)
		use_for(f, oif, PLAN_ROUTE, rt->rtm_family, &none);
}

static void fact_multipath(struct facts *f, const struct nlattr *a, const struct rtmsg *rt)
{
	const struct rtnexthop *nh = mnl_attr_get_payload(a);
	int len = mnl_attr_get_payload_len(a);

	for (; RTNH_OK(nh, len); len -= RTNH_ALIGN(nh->rtnh_len), nh = RTNH_NEXT(nh))
		fact_route_out(f, nh->rtnh_ifindex, rt, true);
}

static int fact_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	struct facts *f = arg;
	const struct nlattr *a;
	uint32_t oif = 0;
	bool gateway = false;

	if (rt->rtm_type != RTN_UNICAST || rt->rtm_protocol == MARKS_PROTOCOL)
		return MNL_CB_OK;
	mnl_attr_for_each(a, nlh, sizeof(*rt)) {
		if (mnl_attr_get_type(a) == RTA_OIF)
			oif = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_GATEWAY || mnl_attr_get_type(a) == RTA_VIA)
			gateway = true;
		else if (mnl_attr_get_type(a) == RTA_MULTIPATH)
			fact_multipath(f, a, rt);
	}
	if (oif)
		fact_route_out(f, oif, rt, gateway);
	return ++f->routes < ROUTES_READ ? MNL_CB_OK : MNL_CB_STOP;
}

/* A socket of its own, since the rest of a long answer is thrown away with it. */
static void fact_routes(struct facts *f)
{
	struct rtnl *n = malloc(sizeof(*n));

	if (n && rtnl_open(n, NETLINK_ROUTE) == 0) {
		rtnl_dump(n, RTM_GETROUTE, AF_INET, fact_route, f);
		rtnl_close(n);
	}
	f->routes = 0;
	if (n && rtnl_open(n, NETLINK_ROUTE) == 0) {
		rtnl_dump(n, RTM_GETROUTE, AF_INET6, fact_route, f);
		rtnl_close(n);
	}
	free(n);
}

static bool link_local(const struct link_addr *a)
{
	return a->af == AF_INET6 && a->addr.v6.s6_addr[0] == 0xfe && (a->addr.v6.s6_addr[1] & 0xc0) == 0x80;
}

int facts_plan(struct plan *ret, const struct facts_from *from)
{
	const struct links *links = from->links;
	struct facts f = { .from = from };
	int r;

	f.in = calloc(links->n + 1, sizeof(*f.in));
	if (!f.in)
		return -ENOMEM;
	for (size_t i = 0; i < links->n; i++) {
		f.in[i].wanted = attachments_wanted(from->att, links->link[i].name);
		f.in[i].error = attachments_refused(from->att, links->link[i].ifindex);
		f.in[i].refused = f.in[i].error < 0;
	}
	for (size_t i = 0; i < links->naddrs; i++)
		if (!link_local(&links->addr[i]))
			use_for(&f, links->addr[i].ifindex, PLAN_ADDRESS, links->addr[i].af, &links->addr[i].addr);
	elvs_vip_each(from->e, fact_vip, &f);
	hops_each(from->hops, fact_hop, &f);
	fact_routes(&f);
	r = plan_make(ret, links, f.in, from->most, f.routed);
	free(f.in);
	return r;
}
