/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch - see watch.h.
 *
 * Two monitor sockets (rtnetlink, "netdev") say that something changed; a refresh then reads the present state. Only
 * neighbours are taken from the events themselves: there the time counts, and their tables may be large.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "attachments.h"
#include "claims.h"
#include "clock.h"
#include "facts.h"
#include "hops.h"
#include "links.h"
#include "log.h"
#include "loopback.h"
#include "marks.h"
#include "neigh.h"
#include "rtnl.h"

#define DEBOUNCE_MS 20
#define REFRESH_TICKS 10	/* half seconds: whatever no event told us is noticed then */
#define COST_FACTOR 10		/* refreshes take at most one part in so many of the time ... */
#define IDLE_COST_FACTOR 100	/* ... and where no event asks for one, in so many */
#define NEW_DESTS 512
#define NEW_VIPS 64
#define FRESH_AT_ONCE 16	/* new servers whose next hops are found before their client gets its answer */

struct watch {
	struct event_base *base;
	struct elvs *e;
	enum elvs_hook most;
	struct rtnl rt, genl;
	struct netdev_family netdev;
	struct mnl_socket *mon, *genl_mon;
	struct event *mon_ev, *genl_mon_ev, *later_ev;
	struct links links;
	struct neigh_table neigh;
	struct hops hops;
	struct attachments att;
	struct loopback loopback;
	struct claims *claims;
	struct marks marks;
	struct plan plan;
	bool dirty;		/* a refresh is due */
	bool force;		/* servers may have been added: tell every next hop again */
	bool routes;		/* cached next hops of the data plane are stale */
	bool neigh_lost;	/* events were missed */
	bool had_services;
	unsigned ticks;
	uint64_t last_us, cost_us;	/* end and length of the last refresh */
	struct {
		uint16_t af;
		union elvs_addr addr;
	} fresh[NEW_DESTS];	/* addresses of servers just added */
	size_t nfresh;
	struct {
		uint16_t af;
		union elvs_addr addr;
	} fresh_vip[NEW_VIPS];	/* addresses of services just added */
	size_t nfresh_vips;
	char buf[RTNL_BUF];
};

static int make_plan(struct watch *w)
{
	const struct facts_from from = { w->e, &w->links, &w->hops, &w->att, w->most };

	return facts_plan(&w->plan, &from);
}

/* ---- refreshing ---- */
/* It stands on an interface, and has not been left to another machine. */
static void set_held(struct watch *w, uint16_t af, const union elvs_addr *vip)
{
	elvs_vip_set_held(w->e, af, vip, claims_stands(w->claims, af, vip, links_holds(&w->links, af, vip)));
}

/* What the kernel takes as its own address is what IPVS would have served: this is its LOCAL_IN decision. */
static int tell_vip(void *arg, uint16_t af, const union elvs_addr *vip)
{
	struct watch *w = arg;
	struct route rt;
	bool local = rtnl_route_get(&w->rt, af, vip, &rt) == 0 && rt.type == RTN_LOCAL;

	for (size_t i = 0; !local && i < w->links.naddrs; i++)	/* link-local ones have a route per interface */
		local = w->links.addr[i].af == af && !memcmp(&w->links.addr[i].addr, vip, sizeof(*vip));
	elvs_vip_set_local(w->e, af, vip, local);
	set_held(w, af, vip);
	return 0;
}

static int any_service(void *arg, const struct elvs_svc_info *s)
{
	return 1;
}

static void refresh_attachments(struct watch *w)
{
	bool services = elvs_svc_each(w->e, any_service, NULL) != 0;
	enum elvs_hook hook;
	uint32_t ifindex;

	/* the first service attaches; from then on programs stay and follow what changes around them */
	w->had_services |= services || elvs_attachments(w->e, &ifindex, &hook, 1) > 0;
	if (!w->had_services || make_plan(w) < 0)
		return;
	if (attachments_apply(&w->att, &w->links, &w->plan))
		make_plan(w);
	loopback_open(&w->loopback);
	marks_apply(&w->marks, w->e, &w->rt, &w->links);
	w->hops.xdp_on_n = attachments_xdp(&w->att, w->hops.xdp_on, 64);
}

static int take_neigh(const struct nlmsghdr *nlh, void *arg)
{
	neigh_apply(arg, nlh, NULL);
	return MNL_CB_OK;
}

static void refresh(struct watch *w)
{
	uint64_t start = clock_us();
	bool force = w->force;

	w->dirty = w->force = false;
	w->nfresh = w->nfresh_vips = 0;
	if (links_read(&w->links, &w->rt, &w->genl, &w->netdev) < 0) {
		log_warn("cannot read the interfaces; trying again");
		w->dirty = true;
		return;
	}
	if (w->neigh_lost) {
		w->neigh_lost = false;
		neigh_clear(&w->neigh);
		rtnl_dump(&w->rt, RTM_GETNEIGH, AF_UNSPEC, take_neigh, &w->neigh);
	}
	hops_resolve_all(&w->hops, force);
	elvs_vip_each(w->e, tell_vip, w);
	refresh_attachments(w);
	if (w->routes)
		elvs_routes_changed(w->e);
	w->routes = false;
	w->last_us = clock_us();
	w->cost_us = w->last_us - start;
}

/* Microseconds until a refresh is due without taking more than its share of the time */
static uint64_t wait_us(const struct watch *w)
{
	uint64_t due = w->last_us + COST_FACTOR * w->cost_us, now = clock_us();

	return due > now ? due - now : 0;
}

static void refresh_later(struct watch *w, uint64_t us)
{
	struct timeval tv = { us / 1000000, us % 1000000 };

	if (!event_pending(w->later_ev, EV_TIMEOUT, NULL))
		event_add(w->later_ev, &tv);
}

static void later(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	if (w->dirty)
		refresh(w);
}

void watch_config_changed(struct watch *w)
{
	w->dirty = w->force = true;
}

void watch_svc_added(struct watch *w, uint16_t af, const union elvs_addr *vip)
{
	w->dirty = true;
	if (w->nfresh_vips == NEW_VIPS)	/* a long restore: the refresh does the rest */
		return;
	w->fresh_vip[w->nfresh_vips].af = af;
	w->fresh_vip[w->nfresh_vips++].addr = *vip;
}

void watch_dest_added(struct watch *w, uint16_t af, const union elvs_addr *addr)
{
	if (w->nfresh && w->fresh[w->nfresh - 1].af == af &&
	    !memcmp(&w->fresh[w->nfresh - 1].addr, addr, sizeof(*addr)))
		return;
	if (w->nfresh == NEW_DESTS) {
		watch_config_changed(w);
		return;
	}
	w->fresh[w->nfresh].af = af;
	w->fresh[w->nfresh++].addr = *addr;
	w->dirty = true;	/* another interface may now lead to a server */
}

void watch_settle(struct watch *w)
{
	if (w->had_services)
		w->dirty |= marks_settle(&w->marks, w->e, &w->rt, &w->links);
	if (!w->dirty)
		return;
	if (w->dirty && (!wait_us(w) || !w->had_services)) {
		refresh(w);
		return;
	}
	for (size_t i = 0; i < w->nfresh_vips; i++)
		tell_vip(w, w->fresh_vip[i].af, &w->fresh_vip[i].addr);
	w->nfresh_vips = 0;
	for (size_t i = 0; i < w->nfresh && w->nfresh <= FRESH_AT_ONCE; i++)
		hop_resolve(&w->hops, w->fresh[i].af, &w->fresh[i].addr, true);
	if (w->nfresh > FRESH_AT_ONCE)	/* a long restore: the refresh does them all, TC forwards until then */
		w->force = true;
	w->nfresh = 0;
	refresh_later(w, wait_us(w) + 1000);
}

void watch_tick(struct watch *w)
{
	if (++w->ticks % REFRESH_TICKS == 0) {
		w->hops.neigh_full = false;	/* the kernel may have room again */
		w->dirty |= clock_us() > w->last_us + IDLE_COST_FACTOR * w->cost_us;
	}
	if (w->dirty && !wait_us(w))
		refresh(w);
}

/* ---- events ---- */
static void neigh_event(struct watch *w, const struct nlmsghdr *nlh)
{
	const struct neigh *n;
	enum neigh_change c = neigh_apply(&w->neigh, nlh, &n);

	if (c != NEIGH_SAME)
		hops_neigh_changed(&w->hops, n);
	if (c == NEIGH_LOST)
		elvs_routes_changed(w->e);
}

/* At once: a VRRP master's first packets follow within a millisecond. */
static void addr_event(struct watch *w, const struct nlmsghdr *nlh)
{
	const struct link_addr *a = links_addr_event(&w->links, nlh);

	if (a)
		set_held(w, a->af, &a->addr);
	w->dirty = w->routes = true;
}

static int monitor_message(const struct nlmsghdr *nlh, void *arg)
{
	struct watch *w = arg;

	switch (nlh->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		neigh_event(w, nlh);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		addr_event(w, nlh);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWRULE:
	case RTM_DELRULE:
	case RTM_NEWLINK:
	case RTM_DELLINK:
		w->dirty = w->routes = true;
		break;
	}
	return MNL_CB_OK;
}

static void monitor_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	ssize_t n;

	while ((n = recv(mnl_socket_get_fd(w->mon), w->buf, sizeof(w->buf), MSG_DONTWAIT)) > 0)
		mnl_cb_run(w->buf, n, 0, 0, monitor_message, w);
	if (n < 0 && errno == ENOBUFS) {	/* events were lost: read everything anew */
		w->dirty = w->routes = w->neigh_lost = true;
	}
	if (w->dirty)
		refresh_later(w, DEBOUNCE_MS * 1000 > wait_us(w) ? DEBOUNCE_MS * 1000 : wait_us(w));
}

void watch_catch_up(struct watch *w)
{
	monitor_readable(-1, EV_READ, w);
}

void watch_vip_mode_set(struct watch *w, uint16_t af, const union elvs_addr *vip, enum elvs_vip_mode mode,
			const void *client)
{
	claims_mode(w->claims, af, vip, mode, client);
	set_held(w, af, vip);
}

void watch_client_gone(struct watch *w, const void *client)
{
	claims_client_gone(w->claims, client);
}

static void vip_lost(void *arg, uint16_t af, const union elvs_addr *vip)
{
	struct watch *w = arg;

	elvs_vip_set_held(w->e, af, vip, false);
}

/* Of the instance as it was found: whoever set it was another director's client */
static int vip_found(void *arg, const struct elvs_vip_info *v)
{
	struct watch *w = arg;

	if (v->mode == ELVS_VIP_HELD)
		claims_mode(w->claims, v->af, &v->addr, v->mode, NULL);
	return 0;
}

static void netdev_readable(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	while (recv(fd, w->buf, sizeof(w->buf), MSG_DONTWAIT) > 0)
		w->dirty = true;
	refresh_later(w, DEBOUNCE_MS * 1000);
}

static int monitor_open(struct mnl_socket **ret, int bus, const unsigned *group, size_t n)
{
	struct mnl_socket *nl = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int size = 4 << 20, fd;

	if (!nl)
		return -errno;
	fd = mnl_socket_get_fd(nl);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {	/* first: binding forgets memberships */
		mnl_socket_close(nl);
		return -EADDRINUSE;
	}
	for (size_t i = 0; i < n; i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group[i], sizeof(group[i])) < 0) {
			int r = -errno;

			mnl_socket_close(nl);
			return r;
		}
	*ret = nl;
	return 0;
}

static int open_monitors(struct watch *w)
{
	static const unsigned groups[] = { RTNLGRP_LINK,	RTNLGRP_NEIGH,	     RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
					   RTNLGRP_IPV4_ROUTE,	RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,	  RTNLGRP_IPV6_RULE };
	int r;

	r = monitor_open(&w->mon, NETLINK_ROUTE, groups, sizeof(groups) / sizeof(groups[0]));
	if (r < 0)
		return r;
	w->mon_ev = event_new(w->base, mnl_socket_get_fd(w->mon), EV_READ | EV_PERSIST, monitor_readable, w);
	w->later_ev = event_new(w->base, -1, 0, later, w);
	if (!w->mon_ev || !w->later_ev || event_add(w->mon_ev, NULL) < 0)
		return -ENOMEM;
	if (!w->netdev.mgmt || monitor_open(&w->genl_mon, NETLINK_GENERIC, &w->netdev.mgmt, 1) < 0)
		return 0;
	w->genl_mon_ev = event_new(w->base, mnl_socket_get_fd(w->genl_mon), EV_READ | EV_PERSIST, netdev_readable, w);
	if (!w->genl_mon_ev || event_add(w->genl_mon_ev, NULL) < 0)
		return -ENOMEM;
	return 0;
}

/* Three quarters of the neighbour table, the rest being for everybody else. Namespaces cannot see its size. */
static unsigned neigh_share(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/neigh/default/gc_thresh3", "re");
	unsigned size = 1024;	/* the kernel's default */

	if (f) {
		if (fscanf(f, "%u", &size) != 1)
			size = 1024;
		fclose(f);
	}
	return size / 4 * 3;
}

int watch_open(struct watch **ret, struct event_base *base, struct elvs *e, enum elvs_hook most,
	       const char *state_dir)
{
	struct watch *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->base = base;
	w->e = e;
	w->most = most;
	w->hops.e = e;
	w->hops.rt = &w->rt;
	w->hops.links = &w->links;
	w->hops.neigh = &w->neigh;
	w->hops.kept_max = neigh_share();
	attachments_load(&w->att, e, state_dir);
	loopback_init(&w->loopback, state_dir);
	marks_init(&w->marks, state_dir);
	w->claims = claims_new(base, &w->links, vip_lost, w);
	r = -ENOMEM;
	if (!w->claims)
		goto fail;
	elvs_vip_info_each(e, vip_found, w);
	r = rtnl_open(&w->rt, NETLINK_ROUTE);
	if (r < 0)
		goto fail;
	r = rtnl_open(&w->genl, NETLINK_GENERIC);
	if (r < 0)
		goto fail;
	netdev_find(&w->genl, &w->netdev);
	r = open_monitors(w);
	if (r < 0)
		goto fail;
	w->neigh_lost = w->dirty = w->force = w->routes = true;
	refresh(w);
	*ret = w;
	return 0;
fail:
	watch_close(w);
	return r;
}

void watch_close(struct watch *w)
{
	if (!w)
		return;
	claims_free(w->claims);
	if (w->mon_ev)
		event_free(w->mon_ev);
	if (w->genl_mon_ev)
		event_free(w->genl_mon_ev);
	if (w->later_ev)
		event_free(w->later_ev);
	if (w->mon)
		mnl_socket_close(w->mon);
	if (w->genl_mon)
		mnl_socket_close(w->genl_mon);
	rtnl_close(&w->rt);
	rtnl_close(&w->genl);
	links_free(&w->links);
	neigh_clear(&w->neigh);
	hops_free(&w->hops);
	plan_free(&w->plan);
	free(w);
}

void watch_forget(struct watch *w)
{
	hops_release(&w->hops);
	attachments_forget(&w->att);
	loopback_restore(&w->loopback);
	marks_forget(&w->marks);
}

/* ---- asked for by hand ---- */
int watch_attach(struct watch *w, const char *ifname, uint32_t hook, const char **ret_why)
{
	const struct link *l;
	int r;

	links_read(&w->links, &w->rt, &w->genl, &w->netdev);
	l = link_named(&w->links, ifname);
	if (!l) {
		*ret_why = "there is no such interface in this network namespace";
		return -ENODEV;
	}
	if (hook)
		r = attachments_set(&w->att, l, hook);
	else
		r = attachments_unset(&w->att, l->ifindex);
	if (r < 0 && (hook || r != -ENOENT)) {
		*ret_why = elvs_strerror(w->e);
		return r;
	}
	r = attachments_want(&w->att, ifname, hook);
	if (r < 0)
		*ret_why = "done, but it could not be written down for the next start";
	w->dirty = true;
	return r;
}

const struct plan *watch_plan(struct watch *w)
{
	if (links_read(&w->links, &w->rt, &w->genl, &w->netdev) < 0)
		return NULL;
	return make_plan(w) < 0 ? NULL : &w->plan;
}

void watch_warnings(struct watch *w, void (*f)(void *arg, const char *text), void *arg)
{
	char text[160];

	for (size_t i = 0; i < w->att.nrefused; i++) {
		snprintf(text, sizeof(text), "%s runs on TC: %s", w->att.refused[i].ifname,
			 plan_refusal(w->att.refused[i].error));
		f(arg, text);
	}
	if (w->loopback.refused)
		f(arg, "net.ipv4.conf.lo.accept_local cannot be set to 1: programs of this host cannot use its IPv4 "
		       "NAT services");
	if (w->marks.why[0])
		f(arg, w->marks.why);
	if (w->hops.neigh_was_full)
		f(arg, "more real servers than the kernel's neighbour table has room for: raise "
		       "net.ipv4.neigh.default.gc_thresh3 (and ipv6's), then restart elvsd");
	if (w->hops.no_managed)
		f(arg, "this kernel does not keep neighbours fresh by itself (Linux 5.16 does)");
}
