/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vip - addresses of services: which of them are local, and which are handled. Who is master of an address (VRRP)
 * is not known here; whoever knows sets a mode.
 *
 * Invariant: an address with a mode other than DEFAULT stands in exactly one slot of vip_modes, and that slot holds a
 * reference to its record.
 */
#include "internal.h"

#include <string.h>

bool vip_is_live(const struct addr_rec *a)
{
	return a->mode == ELVS_VIP_LIVE || (a->mode == ELVS_VIP_DEFAULT && a->local) ||
	       (a->mode == ELVS_VIP_HELD && a->held);
}

bool vip_is_muted(const struct addr_rec *a)
{
	return a->mode == ELVS_VIP_MUTED || (a->mode == ELVS_VIP_HELD && !a->held);
}

int elvs_vip_each(struct elvs *e, int (*f)(void *arg, uint16_t af, const union elvs_addr *), void *arg)
{
	for (uint32_t i = 1; i < e->vips.count; i++) {
		const struct addr_rec a = e->vips.rec[i];
		int r = a.refs && a.first ? f(arg, a.af, &a.addr) : 0;

		if (r)
			return r;
	}
	return 0;
}

int elvs_vip_info_each(struct elvs *e, int (*f)(void *arg, const struct elvs_vip_info *), void *arg)
{
	for (uint32_t i = 1; i < e->vips.count; i++) {
		const struct addr_rec *a = &e->vips.rec[i];
		struct elvs_vip_info info = { a->af, a->addr, a->mode, a->local, a->first && vip_is_live(a) };
		int r = a->refs ? f(arg, &info) : 0;

		if (r)
			return r;
	}
	return 0;
}

/* The endpoints of its services follow. They are there already, so this cannot fail. */
static void endpoints_update(struct elvs *e, uint32_t i)
{
	for (uint32_t s = e->vips.rec[i].first; s; s = e->srec[s].vip_next)
		svc_ep_update(e, s);
}

void elvs_vip_set_local(struct elvs *e, uint16_t af, const union elvs_addr *vip, bool local)
{
	const union elvs_addr a = addr_clean(af, vip);
	uint32_t i = addr_find(&e->vips, af, &a);

	if (!i || e->vips.rec[i].local == local)
		return;
	e->vips.rec[i].local = local;
	endpoints_update(e, i);
}

void elvs_vip_set_held(struct elvs *e, uint16_t af, const union elvs_addr *vip, bool held)
{
	const union elvs_addr a = addr_clean(af, vip);
	uint32_t i = addr_find(&e->vips, af, &a);

	if (!i || e->vips.rec[i].held == held)
		return;
	e->vips.rec[i].held = held;
	endpoints_update(e, i);
}

/* ---- modes ---- */

static struct elvs_vip *mode_at(const struct elvs *e, uint32_t slot)
{
	return dir_at(&e->vip_modes, slot - 1);
}

/* A free slot (1-based), or 0 with the sentence */
static uint32_t mode_slot(struct elvs *e)
{
	uint32_t n = e->vip_modes.count * ELVS_VIP_CHUNK;

	for (uint32_t slot = 1; slot <= n; slot++)
		if (!mode_at(e, slot)->kind)
			return slot;
	return dir_grow(e, &e->vip_modes, e->vip_modes.count + 1) ? 0 : n + 1;
}

static int mode_write(struct elvs *e, uint32_t i, enum elvs_vip_mode mode)
{
	struct addr_rec *a = &e->vips.rec[i];
	struct elvs_vip *v;

	if (!a->mode_slot) {
		a->mode_slot = mode_slot(e);
		if (!a->mode_slot)
			return -ENOSPC;
		a->refs++;
		v = mode_at(e, a->mode_slot);
		memcpy(v->addr, &a->addr, sizeof(v->addr));
		v->mode = mode;
		STORE(v->kind, kind_of(a->af));
	}
	STORE(mode_at(e, a->mode_slot)->mode, mode);
	a->mode = mode;
	return 0;
}

static void mode_clear(struct elvs *e, uint32_t i)
{
	struct addr_rec *a = &e->vips.rec[i];

	a->mode = ELVS_VIP_DEFAULT;
	if (!a->mode_slot)
		return;
	STORE(mode_at(e, a->mode_slot)->kind, 0);
	a->mode_slot = 0;
	addr_put(&e->vips, i);
}

int elvs_vip_mode_set(struct elvs *e, uint16_t af, const union elvs_addr *vip, enum elvs_vip_mode mode)
{
	const union elvs_addr a = addr_clean(af, vip);
	uint32_t i;
	int r = 0;

	if (af != AF_INET && af != AF_INET6)
		return fail(e, -EINVAL, "address family %u: a virtual address is IPv4 or IPv6", af);
	if (mode > ELVS_VIP_HELD)
		return fail(e, -EINVAL,
			    "there is no mode %u of a virtual address: 0 default, 1 live, 2 muted, 3 held", mode);
	i = addr_get(&e->vips, af, &a); /* held while we look at it */
	if (!i)
		return fail(e, -ENOMEM, "out of memory");
	if (e->vips.rec[i].mode != mode) {
		if (mode == ELVS_VIP_DEFAULT)
			mode_clear(e, i);
		else
			r = mode_write(e, i, mode);
		endpoints_update(e, i);
	}
	addr_put(&e->vips, i);
	return r;
}

/* One slot of a former process; one that cannot be right is freed. */
static int mode_adopt(struct elvs *e, uint32_t slot)
{
	struct elvs_vip *v = mode_at(e, slot);
	union elvs_addr a;
	uint32_t i;

	if (!v->kind)
		return 0;
	memcpy(&a, v->addr, sizeof(a));
	i = addr_get(&e->vips, family_of(v->kind), &a);
	if (!i)
		return fail(e, -ENOMEM, "out of memory");
	if (e->vips.rec[i].mode_slot || v->mode == ELVS_VIP_DEFAULT || v->mode > ELVS_VIP_HELD) {
		STORE(v->kind, 0);
		addr_put(&e->vips, i);
		return 0;
	}
	e->vips.rec[i].mode_slot = slot;
	e->vips.rec[i].mode = v->mode;
	return 0;
}

int vip_modes_adopt(struct elvs *e)
{
	int r = 0;

	for (uint32_t slot = 1; !r && slot <= e->vip_modes.count * ELVS_VIP_CHUNK; slot++)
		r = mode_adopt(e, slot);
	return r;
}
