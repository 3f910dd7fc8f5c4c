/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_table - a service's table as the schedulers read it, and which destinations they may take.
 */
#ifndef ELVS_BPF_SCHED_TABLE_H
#define ELVS_BPF_SCHED_TABLE_H

#include "conn.h"

/* One service's table: its chunk and where it lies in it. Never crosses a chunk. */
struct sched_table {
	__u32 chunk, off, len;
};

static __always_inline struct sched_table sched_table_at(__u64 t)
{
	return (struct sched_table){ ELVS_TAB_CHUNK(t), ELVS_TAB_OFF(t), ELVS_TAB_LEN(t) };
}

static __always_inline struct sched_table sched_table(const struct elvs_svc *svc)
{
	return sched_table_at(READ_ONCE(svc->table));
}

static __always_inline struct sched_chunk *sched_chunk(const struct sched_table *t)
{
	__u32 chunk = t->chunk, zero = 0;
	void *m = bpf_map_lookup_elem(&sched_dir, &chunk);

	return m ? bpf_map_lookup_elem(m, &zero) : 0;
}

static __always_inline __u32 chunk_entry(const struct sched_chunk *c, __u32 at)
{
	__u64 i = at;

	opaque(i);
	return READ_ONCE(c->entry[i & (ELVS_SCHED_CHUNK - 1)]);
}

/* Entry i of a table; 0 when it lies outside */
static __always_inline __u32 sched_entry(const struct sched_table *t, __u32 i)
{
	const struct sched_chunk *c;

	if (i >= t->len)
		return 0;
	c = sched_chunk(t);
	return c ? chunk_entry(c, t->off + i) : 0;
}

/* May destination id take a new connection? */
static __always_inline bool sched_usable(__u32 id)
{
	struct elvs_load *l = id ? load_get(id) : 0;

	return l && READ_ONCE(l->weight) && !(READ_ONCE(l->flags) & ELVS_LOAD_OVERLOAD);
}

#endif
