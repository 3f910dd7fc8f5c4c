/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hop - next hops of destinations: what the director finds out over netlink, put where packets find it. The director
 * speaks of addresses; many destinations may share one.
 */
#include "internal.h"

#include <string.h>

/* First 8 bytes: destination MAC and the begin of the source MAC. Only they change when a server's MAC does. */
static void nexthop_store(struct elvs_nexthop *to, const struct elvs_nexthop *nh)
{
	uint64_t word;

	if (!memcmp((const char *)to + 8, (const char *)nh + 8, sizeof(*nh) - 8)) {
		memcpy(&word, nh, sizeof(word));
		__atomic_store_n((uint64_t *)to, word, __ATOMIC_RELEASE);
		return;
	}
	STORE(to->flags, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memcpy(to->dmac, nh->dmac, sizeof(to->dmac));
	memcpy(to->smac, nh->smac, sizeof(to->smac));
	to->ifindex = nh->ifindex;
	to->mtu = nh->mtu;
	to->vlan = nh->vlan;
	to->gen = nh->gen;
	STORE(to->flags, nh->flags);
}

static void nexthop_make(const struct elvs_hop *h, struct elvs_nexthop *nh)
{
	memset(nh, 0, sizeof(*nh));
	memcpy(nh->dmac, h->dmac, sizeof(nh->dmac));
	memcpy(nh->smac, h->smac, sizeof(nh->smac));
	nh->ifindex = h->ifindex;
	nh->mtu = h->mtu;
	nh->vlan = h->vlan;
	nh->flags = (h->resolved ? ELVS_NH_VALID : 0) | (h->xdp ? ELVS_NH_XDP : 0) | (h->local ? ELVS_NH_LOCAL : 0);
}

void hop_local_flag(struct elvs *e)
{
	if (e->nlocal)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_LOCAL, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_LOCAL, __ATOMIC_RELEASE);
}

void hop_local_note(struct elvs *e, uint32_t id)
{
	const struct elvs_dest *d = dest_at(e, id);
	bool local = d->used != UNUSED && (d->nh.flags & ELVS_NH_LOCAL || d->method == ELVS_LOCAL);

	if (local == e->drec[id].local)
		return;
	e->drec[id].local = local;
	e->nlocal += local ? 1 : -1;
	if (e->nlocal == local) /* the first has come, or the last gone */
		hop_local_flag(e);
}

/* A destination as a former process left it: does it know the way to its address? */
void hop_adopt(struct elvs *e, uint32_t id)
{
	if (e->drec[id].addr && dest_at(e, id)->nh.ifindex)
		e->daddrs.rec[e->drec[id].addr].known = true;
}

static void hop_write(struct elvs *e, uint32_t id, const struct elvs_nexthop *nh, const uint32_t src[4])
{
	struct elvs_dest *d = dest_at(e, id);

	for (int i = 0; i < 4; i++) /* a tunnel packet may see half of an IPv6 source change: routes do that too */
		STORE(d->tun_src[i], src[i]);
	nexthop_store(&d->nh, nh);
	hop_local_note(e, id);
}

/* As another destination of the address has it */
void hop_apply(struct elvs *e, uint32_t id)
{
	const struct addr_rec *a = e->drec[id].addr ? &e->daddrs.rec[e->drec[id].addr] : NULL;
	const struct elvs_dest *like;
	struct elvs_nexthop nh;
	uint32_t src[4], other;

	if (!a || !a->known)
		return;
	other = a->first != id ? a->first : e->drec[id].addr_next;
	if (!other)
		return;
	like = dest_at(e, other);
	nh = like->nh;
	memcpy(src, like->tun_src, sizeof(src));
	hop_write(e, id, &nh, src);
}

int elvs_dest_addr_each(struct elvs *e, int (*f)(void *arg, uint16_t af, const union elvs_addr *), void *arg)
{
	for (uint32_t i = 1; i < e->daddrs.count; i++) {
		const struct addr_rec a = e->daddrs.rec[i];
		int r = a.refs ? f(arg, a.af, &a.addr) : 0;

		if (r)
			return r;
	}
	return 0;
}

void elvs_hop_set(struct elvs *e, uint16_t af, const union elvs_addr *dest, const struct elvs_hop *h)
{
	const union elvs_addr a = addr_clean(af, dest);
	uint32_t i = addr_find(&e->daddrs, af, &a);
	struct elvs_nexthop nh;

	if (!i)
		return;
	nexthop_make(h, &nh);
	e->daddrs.rec[i].known = true;
	for (uint32_t id = e->daddrs.rec[i].first; id; id = e->drec[id].addr_next)
		hop_write(e, id, &nh, h->src.a);
}

void elvs_routes_changed(struct elvs *e)
{
	__atomic_fetch_add(&e->set->generation, 1, __ATOMIC_RELEASE);
}

void elvs_heartbeat(struct elvs *e)
{
	STORE(e->set->heartbeat, LOAD(e->set->clock));
}
