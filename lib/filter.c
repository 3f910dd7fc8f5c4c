/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter - the Bloom filter that tells, before any connection is looked up, that a packet cannot be a NAT real
 * server's reply. Bits are only added as servers come; when enough are stale, elvs_tend() has it rebuilt.
 */
#include "internal.h"

#include <stdlib.h>

static void bit_set(uint64_t *filter, const uint32_t addr[4], uint16_t port, uint8_t proto)
{
	uint32_t bit = elvs_rs_bit(addr, port, proto);

	__atomic_fetch_or(&filter[bit / 64], 1ull << bit % 64, __ATOMIC_RELEASE);
}

static void bits_of(const struct elvs *e, uint32_t id, uint64_t *filter)
{
	const struct elvs_dest *d = dest_at(e, id);
	const struct elvs_svc *s = &e->svcs[d->svc];

	if (s->fwmark) { /* any port, any protocol */
		bit_set(filter, d->addr, 0, IPPROTO_TCP);
		bit_set(filter, d->addr, 0, IPPROTO_UDP);
	} else if (!s->vport) {
		bit_set(filter, d->addr, 0, s->proto);
	} else { /* a destination without a port keeps the service's */
		bit_set(filter, d->addr, d->port ? d->port : s->vport, s->proto);
	}
}

void filter_add(struct elvs *e, uint32_t id)
{
	bits_of(e, id, e->rs_filter);
	__atomic_fetch_or(&e->set->flags, ELVS_SET_NAT, __ATOMIC_RELEASE);
}

void filter_rebuild(struct elvs *e)
{
	uint64_t *fresh = calloc(ELVS_RS_FILTER_BITS / 64, sizeof(*fresh));
	bool any = false;

	if (!fresh)
		return;
	for (uint32_t id = 1; id < e->dest_top; id++) {
		const struct elvs_dest *d = dest_at(e, id);

		if (!d->used)
			continue;
		if (d->method != ELVS_MASQ && !dest_referenced(e, id))
			e->drec[id].was_masq = false;
		if (d->method != ELVS_MASQ && !e->drec[id].was_masq)
			continue;
		bits_of(e, id, fresh);
		any = true;
	}
	for (uint32_t i = 0; i < ELVS_RS_FILTER_BITS / 64; i++)
		if (e->rs_filter[i] != fresh[i])
			STORE(e->rs_filter[i], fresh[i]);
	if (!any)
		__atomic_fetch_and(&e->set->flags, ~ELVS_SET_NAT, __ATOMIC_RELEASE);
	free(fresh);
	e->filter_stale = false;
}
