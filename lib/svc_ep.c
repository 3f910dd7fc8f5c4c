/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svc_ep - which services have an endpoint, and with which flags.
 *
 * A live service has one. A deleted one whose connections are still known keeps it, marked GONE, while its family
 * has any live service: IPVS drops the packets of such connections as long as it looks at packets at all.
 * A service of a firewall mark is found by the mark: it stands in its endpoint for an address, without a protocol.
 */
#include "internal.h"

#include <string.h>

static bool wants_ep(const struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];

	return s->used == LIVE || (s->used == TRASH && e->nsvcs[s->kind == ELVS_WK_V6]);
}

static uint8_t ep_flags(const struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	uint8_t flags = s->wide ? ELVS_EP_WIDE : 0;
	uint32_t vip = e->srec[i].vip;

	if (s->fwmark || (vip && vip_is_live(&e->vips.rec[vip])))
		flags |= ELVS_EP_LIVE;
	if (vip && vip_is_muted(&e->vips.rec[vip]))
		flags |= ELVS_EP_MUTED;
	return s->used == TRASH ? flags | ELVS_EP_GONE : flags;
}

static void port0_count(struct elvs *e, const struct elvs_svc *s, int by)
{
	if (s->vport || s->fwmark)
		return;
	e->nport0 += by;
	if (e->nport0)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_PORT0, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_PORT0, __ATOMIC_RELEASE);
}

static int ep_reach(struct elvs *e, uint32_t lines)
{
	return window_reach(e, &e->window[W_EPS], lines * sizeof(struct elvs_ep_line));
}

static int ep_make(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, e->ep_count, ep_reach, e };
	struct elvs_ep ep = {
		.addr0 = s->vaddr[0],
		.port = s->vport,
		.proto = s->proto,
		.kind = s->kind,
		.id = i,
		.flags = ep_flags(e, i),
	};
	int r;

	memcpy(ep.addr, s->vaddr + 1, sizeof(ep.addr));
	r = ep_add(&t, &ep);
	e->ep_count = t.count;
	if (r)
		return fail(e, r, "no room in the table of endpoints");
	e->srec[i].has_ep = true;
	port0_count(e, s, 1);
	return 0;
}

void svc_ep_remove(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, e->ep_count };

	if (!e->srec[i].has_ep)
		return;
	ep_del(&t, s->kind, s->vaddr, s->vport, s->proto);
	e->ep_count = t.count;
	e->srec[i].has_ep = false;
	port0_count(e, s, -1);
}

int svc_ep_update(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, e->ep_count };
	struct elvs_ep *ep;

	if (!wants_ep(e, i)) {
		svc_ep_remove(e, i);
		return 0;
	}
	if (!e->srec[i].has_ep)
		return ep_make(e, i);
	ep = ep_find(&t, s->kind, s->vaddr, s->vport, s->proto);
	if (ep)
		STORE(ep->flags, ep_flags(e, i));
	return 0;
}

/* The family has got its first service or lost its last: the deleted ones' endpoints come or go with it. */
void svc_ep_family(struct elvs *e, uint16_t af)
{
	if (!e->ntrash_svcs)
		return;
	for (uint32_t i = 1; i < e->svc_top; i++)
		if (e->svcs[i].used == TRASH && e->svcs[i].kind == kind_of(af))
			svc_ep_update(e, i);
}

/* Is this the endpoint of a service that is there? */
static bool ep_belongs(const struct elvs *e, const struct elvs_ep *ep)
{
	const struct elvs_svc *s = &e->svcs[ep->id < e->svc_top ? ep->id : 0];

	return ep->id < e->svc_top && s->used && s->kind == ep->kind && s->vaddr[0] == ep->addr0 &&
	       s->vport == ep->port && s->proto == ep->proto && !memcmp(ep->addr, s->vaddr + 1, sizeof(ep->addr));
}

int svc_ep_reach(struct elvs *e)
{
	return ep_reach(e, e->set->ep_base * 2);
}

/* Whatever a process that was killed half-way left: endpoints of no service go, those that are missing come. */
int svc_ep_adopt(struct elvs *e)
{
	uint32_t base = e->set->ep_base;
	int r = 0;

	for (uint32_t i = base; i < base * 2; i++)
		for (int k = 0; k < 2; k++) {
			struct elvs_ep *ep = &e->eps[i].ep[k];

			if (!ep->kind)
				continue;
			if (ep_belongs(e, ep) && !e->srec[ep->id].has_ep) {
				e->srec[ep->id].has_ep = true;
				e->ep_count++;
				port0_count(e, &e->svcs[ep->id], 1);
			} else {
				__atomic_store_n((uint64_t *)ep, 0, __ATOMIC_RELEASE);
			}
		}
	port0_count(e, &(struct elvs_svc){ 0 }, 0); /* the flag as well, when there is none */
	for (uint32_t i = 1; !r && i < e->svc_top; i++)
		if (e->svcs[i].used)
			r = svc_ep_update(e, i);
	svc_fwmark_flag(e);
	return r;
}
