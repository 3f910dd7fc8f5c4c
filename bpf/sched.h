/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched - choosing a destination for a new connection. One file a scheduler; all of them read the table that
 * libelvs has prepared for the service (abi/maps.h) and skip what is overloaded or has weight 0.
 */
#ifndef ELVS_BPF_SCHED_H
#define ELVS_BPF_SCHED_H

#include "conn.h"
#include "sched_table.h"

#include "sched_cycle.h"
#include "sched_least.h"
#include "sched_hash.h"

/* sched_choose()'s less common part: see there */
__noinline __u32 sched_pick(const struct elvs_wkey *conn)
{
	struct elvs_svc *svc;

	if (!conn)
		return 0;
	svc = svc_get(conn->svc);
	if (!svc)
		return 0;
	switch (svc->sched) {
	case ELVS_SCHED_RR:
	case ELVS_SCHED_WRR:
		return sched_cycle_further(svc);
	case ELVS_SCHED_WRR_LONG:
		return sched_cycle_long(svc);
	case ELVS_SCHED_LC:
		return sched_least(svc, false);
	case ELVS_SCHED_WLC:
		return sched_least(svc, true);
	case ELVS_SCHED_SH:
		return sched_sh(svc, elvs_addr_fold(conn->caddr), conn->cport);
	case ELVS_SCHED_DH:
		return sched_dh(svc, elvs_addr_fold(conn->vaddr));
	default:
		return 0;
	}
}

/*
 * A destination for a new connection, whose key has the addresses as the packet has them; or 0. The most common case
 * stands in place: where returns from functions are made safe, a call costs as much as all of rr.
 */
static __always_inline __u32 sched_choose(struct elvs_svc *svc, const struct elvs_wkey *conn)
{
	__u32 sched = svc->sched, id;

	if (sched == ELVS_SCHED_RR || sched == ELVS_SCHED_WRR) {
		id = sched_cycle_next(svc);
		if (likely(id))
			return id;
	}
	return sched_pick(conn);
}

#endif
