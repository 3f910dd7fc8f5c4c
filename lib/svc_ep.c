/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svc_ep - which services have an endpoint, and with which flags.
 *
 * A live service has one. A deleted one whose connections are still known keeps it, marked GONE, while its family
 * has any live service: IPVS drops the packets of such connections as long as it looks at packets at all.
 */
#include "internal.h"

#include <string.h>

static bool wants_ep(const struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];

	if (s->fwmark)
		return false;
	return s->used == LIVE || (s->used == TRASH && e->nsvcs[s->kind == ELVS_WK_V6]);
}

static uint8_t ep_flags(const struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	uint8_t flags = s->wide ? ELVS_EP_WIDE : 0;

	if (e->vips.rec[e->srec[i].vip].local)
		flags |= ELVS_EP_LIVE;
	return s->used == TRASH ? flags | ELVS_EP_GONE : flags;
}

static void port0_count(struct elvs *e, const struct elvs_svc *s, int by)
{
	if (s->vport)
		return;
	e->nport0 += by;
	if (e->nport0)
		__atomic_fetch_or(&e->set->flags, ELVS_SET_PORT0, __ATOMIC_RELEASE);
	else
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_PORT0, __ATOMIC_RELEASE);
}

static int ep_make(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, e->ep_count };
	struct elvs_ep ep = {
		.addr0 = s->vaddr[0], .port = s->vport, .proto = s->proto, .kind = s->kind,
		.id = i, .flags = ep_flags(e, i),
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

static void ep_remove(struct elvs *e, uint32_t i)
{
	const struct elvs_svc *s = &e->svcs[i];
	struct ep_table t = { e->eps, e->set, e->ep_count };

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
		if (e->srec[i].has_ep)
			ep_remove(e, i);
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
