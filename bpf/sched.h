/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched - choosing a destination for a new connection. One file a scheduler; all of them read the table that
 * libelvs has prepared for the service (abi/maps.h) and skip what is overloaded or has weight 0.
 */
#ifndef ELVS_BPF_SCHED_H
#define ELVS_BPF_SCHED_H

#include "conn.h"

/* One service's table: its chunk and where it lies in it. Never crosses a chunk. */
struct sched_table {
	__u32 chunk, off, len;
};

static __always_inline struct sched_table sched_table(const struct elvs_svc *svc)
{
	__u64 t = READ_ONCE(svc->table);

	return (struct sched_table){ ELVS_TAB_CHUNK(t), ELVS_TAB_OFF(t), ELVS_TAB_LEN(t) };
}

/* Entry i of a table; 0 when it lies outside */
static __always_inline __u32 sched_entry(const struct sched_table *t, __u32 i)
{
	__u32 chunk = t->chunk, at = t->off + i, two = at / 2, *e;
	void *m;

	if (i >= t->len)
		return 0;
	m = bpf_map_lookup_elem(&sched_dir, &chunk);
	if (!m)
		return 0;
	e = bpf_map_lookup_elem(m, &two);
	return e ? READ_ONCE(e[at & 1]) : 0;
}

/* May destination id take a new connection? */
static __always_inline bool sched_usable(__u32 id)
{
	struct elvs_load *l = id ? load_get(id) : 0;

	return l && READ_ONCE(l->weight) && !(READ_ONCE(l->flags) & ELVS_LOAD_OVERLOAD);
}

#include "sched_cycle.h"
#include "sched_least.h"
#include "sched_hash.h"

/* A destination for a new connection, whose key has the addresses as the packet has them; or 0. */
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
		return sched_cycle(svc);
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

#endif
