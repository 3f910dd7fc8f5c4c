/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hops - see hops.h. */
#include "hops.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct hop_entry **bucket_of(struct hops *h, const union elvs_addr *dest)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = (v ^ dest->a[i]) * 0x85ebca6bu;
	return &h->bucket[(v ^ v >> 15) % 4096];
}

static struct hop_entry *lookup_or_make(struct hops *h, uint16_t af, const union elvs_addr *dest)
{
	struct hop_entry **p = bucket_of(h, dest), *x;

	for (x = *p; x; x = x->next)
		if (x->af == af && !memcmp(&x->dest, dest, sizeof(*dest)))
			return x;
	x = calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	x->af = af;
	x->dest = *dest;
	x->next = *p;
	*p = x;
	return x;
}

static bool runs_xdp(const struct hops *h, uint32_t ifindex)
{
	for (size_t i = 0; i < h->xdp_on_n; i++)
		if (h->xdp_on[i] == ifindex)
			return true;
	return false;
}

/* Entries made by hand are left alone; the kernel would turn them into ordinary ones. */
static void keep_fresh(struct hops *h, struct hop_entry *x, const struct neigh *n)
{
	int r;

	if (h->neigh_full || (n && (n->fixed || n->managed)))
		return;
	if (h->kept >= h->kept_max && !x->keeps) {
		h->neigh_was_full = true;
		return;	/* TC resolves it with the first packet, and the event tells us */
	}
	if (!h->no_managed) {
		r = rtnl_neigh_use(h->rt, x->hop.ifindex, x->nh_af, &x->nh, true);
		h->neigh_full = r == -ENOBUFS || r == -ENOMEM;
		h->neigh_was_full |= h->neigh_full;
		if (!r && !x->keeps) {
			x->keeps = true;
			h->kept++;
		}
		if (r != -EINVAL)
			return;
		h->no_managed = true;
	}
	if (!n || !n->valid)
		rtnl_neigh_use(h->rt, x->hop.ifindex, x->nh_af, &x->nh, false);
}

/* The link-layer part of a hop whose route is known */
static void fill_link(struct hops *h, struct hop_entry *x, struct elvs_hop *hop)
{
	const struct link *l = link_find(h->links, hop->ifindex);
	const struct neigh *n;

	hop->resolved = false;
	hop->xdp = false;
	if (!l || !link_is_ether(l) || l->flags & IFF_NOARP)
		return;	/* tunnels and the like: TC hands the packet to the kernel's own output */
	n = neigh_find(h->neigh, hop->ifindex, x->nh_af, &x->nh);
	memcpy(hop->smac, l->mac, 6);
	hop->xdp = link_xdp_xmit(l, runs_xdp(h, hop->ifindex));
	if (n && n->valid) {
		memcpy(hop->dmac, n->lladdr, 6);
		hop->resolved = true;
	}
}

static void hand_over(struct hops *h, struct hop_entry *x, const struct elvs_hop *hop, bool force)
{
	if (x->known && !force && !memcmp(&x->hop, hop, sizeof(*hop)))
		return;
	x->hop = *hop;
	x->known = true;
	elvs_hop_set(h->e, x->af, &x->dest, hop);
}

/* What the route says; leaves the hop empty where none leads anywhere. */
static void fill_route(struct hops *h, struct hop_entry *x, struct elvs_hop *hop)
{
	const struct link *l;
	struct route rt;

	x->routed = false;
	if (rtnl_route_get(h->rt, x->af, &x->dest, &rt) < 0)
		return;
	hop->src = rt.src;
	if (rt.type == RTN_LOCAL) {
		hop->local = true;
		return;
	}
	if (rt.type != RTN_UNICAST || !rt.oif)
		return;
	x->routed = true;
	x->nh_af = rt.gw_af ? rt.gw_af : x->af;
	x->nh = rt.gw_af ? rt.gw : x->dest;
	hop->ifindex = rt.oif;
	l = link_find(h->links, rt.oif);
	hop->mtu = !l || l->mtu > 65535 ? 65535 : l->mtu;
	if (rt.mtu && rt.mtu < hop->mtu)
		hop->mtu = rt.mtu;
}

void hop_resolve(struct hops *h, uint16_t af, const union elvs_addr *dest, bool force)
{
	struct hop_entry *x = lookup_or_make(h, af, dest);
	struct elvs_hop hop;

	if (!x)
		return;
	memset(&hop, 0, sizeof(hop));	/* padding, too: hops are compared as bytes */
	x->seen = true;
	fill_route(h, x, &hop);
	if (x->routed)
		fill_link(h, x, &hop);
	hand_over(h, x, &hop, force);
	if (x->routed && hop.smac[0] + hop.smac[1] + hop.smac[2] + hop.smac[3] + hop.smac[4] + hop.smac[5])
		keep_fresh(h, x, neigh_find(h->neigh, hop.ifindex, x->nh_af, &x->nh));
}

static void release(struct hops *h, struct hop_entry *x)
{
	const struct neigh *n;

	if (x->keeps)
		h->kept--;
	x->keeps = false;
	if (!x->routed)
		return;
	n = neigh_find(h->neigh, x->hop.ifindex, x->nh_af, &x->nh);
	if (n && n->managed)
		rtnl_neigh_use(h->rt, x->hop.ifindex, x->nh_af, &x->nh, false);
}

static void forget_unseen(struct hops *h)
{
	for (unsigned i = 0; i < 4096; i++)
		for (struct hop_entry **p = &h->bucket[i], *x; (x = *p);) {
			if (x->seen) {
				x->seen = false;
				p = &x->next;
				continue;
			}
			*p = x->next;
			release(h, x);
			free(x);
		}
}

struct round {
	struct hops *h;
	bool force;
};

static int resolve_one(void *arg, uint16_t af, const union elvs_addr *addr)
{
	const struct round *r = arg;

	hop_resolve(r->h, af, addr, r->force);
	return 0;
}

void hops_resolve_all(struct hops *h, bool force)
{
	struct round r = { h, force };

	for (unsigned i = 0; i < 4096; i++)
		for (struct hop_entry *x = h->bucket[i]; x; x = x->next)
			x->seen = false;
	elvs_dest_addr_each(h->e, resolve_one, &r);
	forget_unseen(h);
}

unsigned hops_neigh_changed(struct hops *h, const struct neigh *n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < 4096; i++)
		for (struct hop_entry *x = h->bucket[i]; x; x = x->next) {
			struct elvs_hop hop = x->hop;

			if (!x->routed || hop.ifindex != n->ifindex || x->nh_af != n->af ||
			    memcmp(&x->nh, &n->addr, sizeof(n->addr)))
				continue;
			memset(hop.dmac, 0, 6);
			fill_link(h, x, &hop);
			hand_over(h, x, &hop, false);
			keep_fresh(h, x, n);
			count++;
		}
	return count;
}

void hops_each(const struct hops *h, void (*f)(void *arg, const struct hop_entry *x), void *arg)
{
	for (unsigned i = 0; i < 4096; i++)
		for (const struct hop_entry *x = h->bucket[i]; x; x = x->next)
			if (x->routed)
				f(arg, x);
}

void hops_release(struct hops *h)
{
	for (unsigned i = 0; i < 4096; i++)
		for (struct hop_entry *x = h->bucket[i]; x; x = x->next)
			release(h, x);
}

void hops_free(struct hops *h)
{
	for (unsigned i = 0; i < 4096; i++) {
		for (struct hop_entry *x = h->bucket[i], *next; x; x = next) {
			next = x->next;
			free(x);
		}
		h->bucket[i] = NULL;
	}
}
