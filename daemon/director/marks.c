/* SPDX-License-Identifier: GPL-2.0-or-later */
/* marks - see marks.h. Order matters: at no moment is a local address without a rule that leads to the local table. */
#include "marks.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "setting.h"

#define DEVICE "elvs0"
#define PEER "elvs0p"
#define TABLE 51966
#define MTU 65535 /* routing shall find nothing too large: whether it is, is the real server's interface's to say */

enum { PRIORITY_LO = 98, PRIORITY_MARK = 99, PRIORITY_LOCAL = 100 };

struct mark {
	uint16_t af;
	uint32_t mark;
	bool there; /* as a rule, already */
};

struct wanted {
	struct mark *mark;
	size_t n;
	bool family[2]; /* IPv4, IPv6 */
};

void marks_init(struct marks *m, const char *state_dir)
{
	memset(m, 0, sizeof(*m));
	snprintf(m->file, sizeof(m->file), "%s/marks", state_dir);
}

/* ---- rules ---- */
struct rule {
	uint16_t af;
	uint8_t protocol;
	uint32_t priority, mark, table;
	bool lo;
};

static int rule_call(struct rtnl *rt, uint16_t type, const struct rule *r)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rt->buf);
	struct fib_rule_hdr *h = mnl_nlmsg_put_extra_header(nlh, sizeof(*h));
	int error;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (type == RTM_NEWRULE)
		nlh->nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
	h->family = r->af;
	h->action = FR_ACT_TO_TBL;
	h->table = r->table < 256 ? r->table : RT_TABLE_UNSPEC;
	mnl_attr_put_u32(nlh, FRA_TABLE, r->table);
	mnl_attr_put_u32(nlh, FRA_PRIORITY, r->priority);
	mnl_attr_put_u8(nlh, FRA_PROTOCOL, r->protocol);
	if (r->mark) {
		mnl_attr_put_u32(nlh, FRA_FWMARK, r->mark);
		mnl_attr_put_u32(nlh, FRA_FWMASK, UINT32_MAX);
	}
	if (r->lo)
		mnl_attr_put_strz(nlh, FRA_IIFNAME, "lo");
	error = rtnl_call(rt, nlh, NULL, NULL);
	if (type == RTM_NEWRULE ? error == -EEXIST : error == -ENOENT || error == -EAFNOSUPPORT)
		error = 0;
	return error;
}

static struct rule rule_mark(uint16_t af, uint32_t mark)
{
	return (struct rule){ af, MARKS_PROTOCOL, PRIORITY_MARK, mark, TABLE, false };
}

static const struct rule *family_rules(uint16_t af, struct rule to[3])
{
	to[0] = (struct rule){ af, MARKS_PROTOCOL, PRIORITY_LO, 0, RT_TABLE_LOCAL, true };
	to[1] = (struct rule){ af, MARKS_PROTOCOL, PRIORITY_LOCAL, 0, RT_TABLE_LOCAL, false };
	to[2] = (struct rule){ af, RTPROT_KERNEL, 0, 0, RT_TABLE_LOCAL, false };
	return to;
}

static int local_rule_down(struct rtnl *rt, uint16_t af)
{
	struct rule r[3];
	int error;

	family_rules(af, r);
	error = rule_call(rt, RTM_NEWRULE, &r[0]);
	if (!error)
		error = rule_call(rt, RTM_NEWRULE, &r[1]);
	return error ? error : rule_call(rt, RTM_DELRULE, &r[2]);
}

static int local_rule_back(struct rtnl *rt, uint16_t af)
{
	struct rule r[3];
	int error;

	family_rules(af, r);
	error = rule_call(rt, RTM_NEWRULE, &r[2]);
	if (!error)
		error = rule_call(rt, RTM_DELRULE, &r[1]);
	return error ? error : rule_call(rt, RTM_DELRULE, &r[0]);
}

/* ---- which rules of ours are there ---- */
struct found {
	struct rule *rule;
	size_t n;
};

static int take_rule(const struct nlmsghdr *nlh, void *arg)
{
	const struct fib_rule_hdr *h = mnl_nlmsg_get_payload(nlh);
	struct rule r = { .af = h->family, .table = h->table };
	struct found *f = arg;
	const struct nlattr *a;
	struct rule *more;

	mnl_attr_for_each(a, nlh, sizeof(*h)) {
		switch (mnl_attr_get_type(a)) {
		case FRA_TABLE:
			r.table = mnl_attr_get_u32(a);
			break;
		case FRA_PRIORITY:
			r.priority = mnl_attr_get_u32(a);
			break;
		case FRA_FWMARK:
			r.mark = mnl_attr_get_u32(a);
			break;
		case FRA_PROTOCOL:
			r.protocol = mnl_attr_get_u8(a);
			break;
		case FRA_IIFNAME:
			r.lo = true;
			break;
		}
	}
	if (r.protocol != MARKS_PROTOCOL)
		return MNL_CB_OK;
	more = realloc(f->rule, (f->n + 1) * sizeof(*more));
	if (!more)
		return MNL_CB_ERROR;
	f->rule = more;
	f->rule[f->n++] = r;
	return MNL_CB_OK;
}

static int rules_read(struct rtnl *rt, struct found *ret)
{
	int r = rtnl_dump(rt, RTM_GETRULE, AF_UNSPEC, take_rule, ret);

	if (r < 0)
		free(ret->rule);
	return r;
}

/* ---- the interface, and the route out of it ---- */
static int device_make(struct rtnl *rt)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rt->buf);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(nlh, sizeof(*i));
	struct nlattr *info, *data, *peer;
	int r;

	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, DEVICE);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(*i));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, PEER);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	r = rtnl_call(rt, nlh, NULL, NULL);
	return r == -EEXIST ? 0 : r;
}

/* No link-local address, since nobody lives there; only then up. Kernels without IPv6 have no such setting. */
static int device_up(struct rtnl *rt, const char *name)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rt->buf);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(nlh, sizeof(*i));
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/addr_gen_mode", name);
	setting_write(path, IN6_ADDR_GEN_MODE_NONE);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	i->ifi_flags = i->ifi_change = IFF_UP | IFF_NOARP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_MTU, MTU);
	return rtnl_call(rt, nlh, NULL, NULL);
}

static int device_remove(struct rtnl *rt, uint32_t ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rt->buf);
	struct ifinfomsg *i = mnl_nlmsg_put_extra_header(nlh, sizeof(*i));

	nlh->nlmsg_type = RTM_DELLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	i->ifi_index = ifindex;
	return rtnl_call(rt, nlh, NULL, NULL);
}

static int route_make(struct rtnl *rt, uint16_t af, uint32_t ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(rt->buf);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(nlh, sizeof(*m));

	nlh->nlmsg_type = RTM_NEWROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
	m->rtm_family = af;
	m->rtm_table = RT_TABLE_UNSPEC;
	m->rtm_protocol = MARKS_PROTOCOL;
	m->rtm_scope = af == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	m->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, TABLE);
	mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	return rtnl_call(rt, nlh, NULL, NULL);
}

/* ---- settings ---- */
static int forwarding_open(const struct marks *m, const struct links *links, const struct wanted *w)
{
	char path[128];
	int r;

	for (size_t i = 0; w->family[0] && i < links->n; i++) {
		if (links->link[i].flags & IFF_LOOPBACK || !strcmp(links->link[i].name, PEER))
			continue;
		snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/forwarding", links->link[i].name);
		r = setting_change(m->file, path, 1);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	if (w->family[0]) {
		r = setting_change(m->file, "/proc/sys/net/ipv4/conf/" DEVICE "/forwarding", 1);
		if (r < 0)
			return r;
	}
	/* IPv6 has no such thing for a single interface */
	return w->family[1] ? setting_change(m->file, "/proc/sys/net/ipv6/conf/all/forwarding", 1) : 0;
}

/*
 * A socket of this host that the kernel finds before it routes would have the packet dropped on its way to elvs0: the
 * server on the director itself has such sockets. The setting is IPv6's as well.
 */
static int demux_off(const struct marks *m)
{
	return setting_change(m->file, "/proc/sys/net/ipv4/ip_early_demux", 0);
}

/* ---- all together ---- */
static int take_mark(void *arg, uint16_t af, uint32_t mark)
{
	struct wanted *w = arg;
	struct mark *more = realloc(w->mark, (w->n + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	w->mark = more;
	w->mark[w->n++] = (struct mark){ .af = af, .mark = mark };
	w->family[af == AF_INET6] = true;
	return 0;
}

static struct mark *wanted_find(const struct wanted *w, const struct rule *r)
{
	for (size_t i = 0; r->priority == PRIORITY_MARK && i < w->n; i++)
		if (w->mark[i].af == r->af && w->mark[i].mark == r->mark)
			return &w->mark[i];
	return NULL;
}

static int fail(struct marks *m, int error, const char *what)
{
	char text[sizeof(m->why)];

	snprintf(text, sizeof(text), "services of firewall marks get no packets: %s: %s", what, strerror(-error));
	if (strcmp(text, m->why)) {
		log_warn("%s", text);
		memcpy(m->why, text, sizeof(text));
	}
	return error;
}

/* The rules as they shall be: too many for a moment rather than too few. */
static int rules_apply(struct rtnl *rt, const struct wanted *w)
{
	struct found f = { 0 };
	int r = rules_read(rt, &f);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f.n; i++) {
		struct mark *k = wanted_find(w, &f.rule[i]);

		if (k)
			k->there = true;
	}
	for (int v6 = 0; v6 < 2 && !r; v6++)
		if (w->family[v6])
			r = local_rule_down(rt, v6 ? AF_INET6 : AF_INET);
	for (size_t i = 0; i < w->n && !r; i++) {
		struct rule add = rule_mark(w->mark[i].af, w->mark[i].mark);

		if (!w->mark[i].there)
			r = rule_call(rt, RTM_NEWRULE, &add);
	}
	for (size_t i = 0; i < f.n && !r; i++)
		if (f.rule[i].priority == PRIORITY_MARK && !wanted_find(w, &f.rule[i]))
			r = rule_call(rt, RTM_DELRULE, &f.rule[i]);
	for (size_t i = 0; i < f.n && !r; i++)
		if (f.rule[i].priority == PRIORITY_LOCAL && !w->family[f.rule[i].af == AF_INET6])
			r = local_rule_back(rt, f.rule[i].af);
	free(f.rule);
	return r;
}

/* Anew when it is not there, or not up: then its route went, too. */
static int device_begin(struct marks *m, struct elvs *e, struct rtnl *rt)
{
	uint32_t ifindex;
	int r = device_make(rt);

	m->attached = 0;
	m->routed[0] = m->routed[1] = false;
	if (r < 0)
		return fail(m, r, "no veth " DEVICE);
	ifindex = if_nametoindex(DEVICE);
	r = ifindex ? device_up(rt, PEER) : -errno;
	if (!r)
		r = device_up(rt, DEVICE);
	if (r < 0)
		return fail(m, r, DEVICE);
	r = elvs_mark_attach(e, ifindex);
	if (r < 0)
		return fail(m, r, elvs_strerror(e));
	m->attached = ifindex;
	return 0;
}

/* What is there is not made again: each change is an event, and each event has this looked at. */
static int device_apply(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links,
			const struct wanted *w)
{
	const struct link *l = link_named(links, DEVICE);
	bool gone = l ? !(l->flags & IFF_UP) : !if_nametoindex(DEVICE);
	int r = 0;

	if (gone || !m->attached || (l && l->ifindex != m->attached))
		r = device_begin(m, e, rt);
	if (r)
		return r;
	for (int v6 = 0; v6 < 2 && !r; v6++) {
		if (!w->family[v6] || m->routed[v6])
			continue;
		r = route_make(rt, v6 ? AF_INET6 : AF_INET, m->attached);
		m->routed[v6] = !r;
	}
	return r < 0 ? fail(m, r, "no route over " DEVICE) : 0;
}

static bool left_behind(struct rtnl *rt)
{
	struct found f = { 0 };
	bool any;

	if (if_nametoindex(DEVICE))
		return true;
	any = rules_read(rt, &f) == 0 && f.n;
	if (any)
		free(f.rule);
	return any;
}

static void remove_all(struct marks *m, struct rtnl *rt)
{
	const struct wanted none = { 0 };
	uint32_t ifindex;

	if (m->clean)
		return;
	m->clean = true;
	if (!left_behind(rt))
		return;
	rules_apply(rt, &none);
	ifindex = if_nametoindex(DEVICE);
	if (ifindex)
		device_remove(rt, ifindex);
	settings_restore(m->file);
	m->attached = 0;
	m->why[0] = '\0';
}

static void make_all(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links,
		     const struct wanted *w)
{
	int r;

	m->clean = false;
	if (device_apply(m, e, rt, links, w))
		return;
	r = forwarding_open(m, links, w);
	if (!r)
		r = demux_off(m);
	if (r < 0) {
		fail(m, r, "forwarding, or net.ipv4.ip_early_demux, cannot be set");
		return;
	}
	r = rules_apply(rt, w);
	if (r < 0)
		fail(m, r, "routing rules");
	else
		m->why[0] = '\0';
}

void marks_apply(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links)
{
	struct wanted w = { 0 };
	int r = elvs_mark_each(e, take_mark, &w);

	m->generation = elvs_mark_generation(e);
	m->n = w.n;
	if (r < 0)
		fail(m, r, "marks");
	else if (!w.n)
		remove_all(m, rt);
	else
		make_all(m, e, rt, links, &w);
	free(w.mark);
}

bool marks_settle(struct marks *m, struct elvs *e, struct rtnl *rt, const struct links *links)
{
	if (elvs_mark_generation(e) == m->generation)
		return false;
	if (m->n > MARKS_AT_ONCE)
		return true;
	marks_apply(m, e, rt, links);
	return false;
}

void marks_forget(struct marks *m)
{
	struct rtnl *rt = malloc(sizeof(*rt));

	if (rt && rtnl_open(rt, NETLINK_ROUTE) == 0) {
		remove_all(m, rt);
		rtnl_close(rt);
	}
	free(rt);
}
