/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn - the two connection tables (table.h), what their words mean, and the accounts that go with them.
 */
#ifndef ELVS_BPF_CONN_H
#define ELVS_BPF_CONN_H

#include "maps.h"

/* ---- narrow: IPv4 connections of services with a port ---- */
#define CT(name) narrow_##name
#define CT_SLOT struct elvs_slot
#define CT_PAIR struct elvs_pair
#define CT_KEY __u64
#define CT_DIR conn_dir
#define CT_SEG ELVS_CONN_SEG
#define CT_NPAIRS npairs
#define CT_SPLITTING splitting
#define CT_ALLOC alloc_pairs
#define CT_HOME(hash) ((__u32)(hash) >> 31 << 2)
#define CT_SAME(s, k) (READ_ONCE((s)->key) == *(k))
#define CT_FREE(s) (!READ_ONCE((s)->key))
#define CT_SETKEY(s, k) WRITE_ONCE((s)->key, *(k))
#define CT_GETKEY(k, s) (*(k) = READ_ONCE((s)->key))
#define CT_CLEAR(s) WRITE_ONCE((s)->key, 0)
#define CT_HASH(s) elvs_conn_hash((__u32)(s)->key, (__u16)((s)->key >> 32), settings.key)
#define CT_COPY(to, from) ((void)0)
#include "table.h"

static __always_inline bool wkey_same(const struct elvs_wkey *a, const struct elvs_wkey *b)
{
	return a->word[4] == b->word[4] && a->word[0] == b->word[0] && a->word[1] == b->word[1] &&
	       a->word[2] == b->word[2] && a->word[3] == b->word[3];
}

/*
 * Keys are made of whole words, which is how they are read: a load of what several stores have just written waits
 * until these have reached the cache, and so for every read of memory that is still under way before them.
 */
static __always_inline __u64 wkey_pair(__u32 a, __u32 b)
{
	return a | (__u64)b << 32;
}

static __always_inline __u64 wkey_last(__u16 cport, __u16 vport, __u16 svc, __u8 proto, __u8 kind)
{
	return cport | (__u32)vport << 16 | (__u64)svc << 32 | (__u64)proto << 48 | (__u64)kind << 56;
}

/* ---- wide: IPv6, fwmark and port-0 services, templates ---- */
#define CT(name) wide_##name
#define CT_SLOT struct elvs_wslot
#define CT_PAIR struct elvs_wpair
#define CT_KEY struct elvs_wkey
#define CT_DIR wconn_dir
#define CT_SEG ELVS_WCONN_SEG
#define CT_NPAIRS nwpairs
#define CT_SPLITTING wsplitting
#define CT_ALLOC alloc_wpairs
#define CT_HOME(hash) ((__u32)(hash) >> 29)
#define CT_SAME(s, k) wkey_same(&(s)->key, (k))
#define CT_FREE(s) (!READ_ONCE((s)->key.kind))
/* kind stands in the last word: written last, it makes the key whole */
#define CT_SETKEY(s, k) wkey_set(&(s)->key, (k))
#define CT_GETKEY(k, s) (*(k) = (s)->key)
#define CT_CLEAR(s) WRITE_ONCE((s)->key.word[4], 0)
#define CT_HASH(s) elvs_wconn_hash((s)->key.caddr, (s)->key.cport, settings.key)
#define CT_COPY(to, from) (((__u64 *)(to))[6] = ((__u64 *)(from))[6], ((__u64 *)(to))[7] = ((__u64 *)(from))[7])
static __always_inline void wkey_set(struct elvs_wkey *to, const struct elvs_wkey *from)
{
	to->word[0] = from->word[0];
	to->word[1] = from->word[1];
	to->word[2] = from->word[2];
	to->word[3] = from->word[3];
	barrier();
	WRITE_ONCE(to->word[4], from->word[4]);
}
#include "table.h"

static __always_inline bool addr_same(const __u32 *a, const __u32 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline __u64 wide_hash(const struct elvs_wkey *k)
{
	return elvs_wconn_hash(k->caddr, k->cport, settings.key);
}

static __always_inline __u64 narrow_key(const struct elvs_wkey *k)
{
	return (__u64)k->caddr[0] | (__u64)k->cport << 32 | (__u64)k->svc << 48;
}

/*
 * 1 when a and b differ after a shift to the left, without a branch: the verifier then follows one path, not one per
 * slot. Without a shift the highest bit of both must be 0, which it is in all keys: of narrow ones it is the
 * service's, of wide ones the kind's.
 */
static __always_inline __u64 differ(__u64 a, __u64 b, __u32 shift)
{
	__u64 x = -(((a << shift) ^ b) >> shift);

	opaque(x);
	return x >> 63;
}
_Static_assert(ELVS_MAX_SVCS <= 1 << 15, "the highest bit of a narrow key is 0");

/* Which of four words, stride bytes apart, is the wanted one after a shift to the left; 4 = none */
static __always_inline __u32 find4(const void *at, __u32 stride, __u64 want, __u32 shift)
{
	__u64 a = differ(READ_ONCE(*(__u64 *)at), want, shift);
	__u64 b = differ(READ_ONCE(*(__u64 *)(at + stride)), want, shift);
	__u64 c = differ(READ_ONCE(*(__u64 *)(at + 2 * stride)), want, shift);
	__u64 d = differ(READ_ONCE(*(__u64 *)(at + 3 * stride)), want, shift);

	b &= a;
	c &= b;
	d &= c;
	return a + b + c + d;
}

/* The connection's slot in its first pair, or NULL: one cache line, seldom a second. *loc is set with it. */
static __always_inline struct elvs_slot *narrow_near(struct elvs_pair *p, __u32 i, __u64 hash, __u64 key, __u32 *loc)
{
	__u32 half = (__u32)hash >> 31, n;

	n = find4((void *)p + half * 64, sizeof(struct elvs_slot), key, 0);
	if (unlikely(n == 4)) {
		half ^= 1;
		n = find4((void *)p + half * 64, sizeof(struct elvs_slot), key, 0);
		if (n == 4)
			return 0;
	}
	n += half * 4;
	*loc = 1 + i * ELVS_PAIR_SLOTS + n;
	return &p->slot[n & (ELVS_PAIR_SLOTS - 1)];
}

/* 0 when a slot has this key but perhaps for its virtual address, which the service nearly always implies; else 1 */
static __always_inline __u64 wide_differs(const struct elvs_wslot *s, const struct elvs_wkey *key)
{
	__u64 x = (READ_ONCE(s->key.word[4]) ^ key->word[4]) | (READ_ONCE(s->key.word[0]) ^ key->word[0]) |
		  (READ_ONCE(s->key.word[1]) ^ key->word[1]);

	x |= -x;
	opaque(x);
	return x >> 63;
}

/* Which of four slots, 4 = none. As find4(). */
static __always_inline __u32 wide_find4(const struct elvs_wslot *s, const struct elvs_wkey *key)
{
	__u64 a = wide_differs(s, key), b = wide_differs(s + 1, key) & a, c = wide_differs(s + 2, key) & b,
	      d = wide_differs(s + 3, key) & c;

	return a + b + c + d;
}

#ifdef ELVS_CORE
/* The number, from 1 on, of a key's slot in pair i, when it is not in its home; 0 = none. */
__noinline __u32 wide_astray(const struct elvs_wkey *key, __u64 hash, __u32 i)
{
	struct elvs_wpair *p = wide_pair(i);
	__u32 half = (__u32)hash >> 29 & 4, n;

	if (!key || !p)
		return 0;
	n = wide_find4(&p->slot[half], key);
	if (n < 4)
		return 1 + half + n;
	half ^= 4;
	n = wide_find4(&p->slot[half], key);
	return n < 4 ? 1 + half + n : 0;
}
#else
__u32 wide_astray(const struct elvs_wkey *key, __u64 hash, __u32 i);
#endif

/*
 * The same for the wide table, whose slots are a cache line each: the connection's home first, then the others of its
 * half, then the rest. The caller compares the whole key.
 */
static __always_inline struct elvs_wslot *wide_near(struct elvs_wpair *p, __u32 i, __u64 hash,
						    const struct elvs_wkey *key, __u32 *loc)
{
	__u32 n = (__u32)hash >> 29;

	if (unlikely(wide_differs(&p->slot[n & (ELVS_PAIR_SLOTS - 1)], key))) {
		n = wide_astray(key, hash, i);
		if (!n--)
			return 0;
	}
	*loc = 1 + i * ELVS_PAIR_SLOTS + n;
	return &p->slot[n & (ELVS_PAIR_SLOTS - 1)];
}

/* A free slot in a pair, as far as one can see without claiming it; ELVS_PAIR_SLOTS = none */
static __always_inline __u32 narrow_free(const struct elvs_pair *p, __u64 hash)
{
	__u32 half = (__u32)hash >> 31, n = find4((const void *)p + half * 64, sizeof(struct elvs_slot), 0, 0);

	if (n < 4)
		return n + half * 4;
	half ^= 1;
	n = find4((const void *)p + half * 64, sizeof(struct elvs_slot), 0, 0);
	return n < 4 ? n + half * 4 : ELVS_PAIR_SLOTS;
}

/* ---- records by number ---- */

static __always_inline struct elvs_dest *dest_in(__u32 chunk, __u32 in)
{
	void *m = bpf_map_lookup_elem(&dest_dir, &chunk);

	return m ? bpf_map_lookup_elem(m, &in) : 0;
}

static __always_inline struct elvs_dest *dest_get(__u32 id)
{
	return dest_in(id / ELVS_DEST_CHUNK, id % ELVS_DEST_CHUNK);
}

/*
 * The same where nanoseconds count: the chunk nearly always is the first, and a branch, whose outcome the CPU guesses,
 * spares it waiting for the chunk's address. The verifier pays for it.
 */
static __always_inline struct elvs_dest *dest_get_fast(__u32 id)
{
	__u32 chunk = id / ELVS_DEST_CHUNK;

	if (likely(!chunk)) {
		chunk = 0;
		opaque(chunk);
	}
	return dest_in(chunk, id % ELVS_DEST_CHUNK);
}

static __always_inline struct elvs_svc *svc_get(__u32 id)
{
	return bpf_map_lookup_elem(&svcs, &id);
}

static __always_inline struct load_table *load_table(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&loads, &zero);
}

static __always_inline struct elvs_load *load_of(struct load_table *t, __u32 id)
{
	__u64 i = id;

	opaque(i);
	return &t->of[i & (ELVS_MAX_DESTS - 1)];
}

static __always_inline struct elvs_load *load_get(__u32 id)
{
	struct load_table *t = load_table();

	return t ? load_of(t, id) : 0;
}

static __always_inline struct elvs_cpu *cpu_get(void)
{
	__u32 cpu = bpf_get_smp_processor_id() & cpu_mask;

	return bpf_map_lookup_elem(&cpus, &cpu);
}

/* This CPU's counters of a destination: they follow its record. */
static __always_inline struct elvs_stats *stats_of(struct elvs_dest *d)
{
	__u32 cpu = bpf_get_smp_processor_id() & cpu_mask;

	return (struct elvs_stats *)(d + 1) + cpu;
}

static __always_inline __u32 word_dest(__u32 word)
{
	return word >> ELVS_W_DEST_SHIFT;
}

static __always_inline __u32 word_state(__u32 word)
{
	return (word & ELVS_W_STATE_MASK) >> ELVS_W_STATE_SHIFT;
}

static __always_inline __u32 word_method(__u32 word)
{
	return (word & ELVS_W_METHOD_MASK) >> ELVS_W_METHOD_SHIFT;
}

/* ---- accounts ---- */

/* A connection of destination id was made (by 1) or has ended (by -1). */
static __always_inline void load_count(__u32 id, struct elvs_dest *d, bool inactive, int by)
{
	struct elvs_load *l = load_get(id);
	__u32 total;

	if (!l)
		return;
	__sync_fetch_and_add(inactive ? &l->inact : &l->act, by);
	if (!d->u_threshold)
		return;
	total = READ_ONCE(l->act) + READ_ONCE(l->inact);
	if (by > 0) {
		if (total >= d->u_threshold)
			__sync_fetch_and_or(&l->flags, ELVS_LOAD_OVERLOAD);
	} else if (l->flags & ELVS_LOAD_OVERLOAD) {
		__u32 low = d->l_threshold ? d->l_threshold : d->u_threshold - d->u_threshold / 4;

		if (total < low)
			__sync_fetch_and_and(&l->flags, ~ELVS_LOAD_OVERLOAD);
	}
}

/* A connection changed between active and inactive. */
static __always_inline void load_move(__u32 id, bool to_inactive)
{
	struct elvs_load *l = load_get(id);

	if (!l)
		return;
	__sync_fetch_and_add(&l->act, to_inactive ? -1 : 1);
	__sync_fetch_and_add(&l->inact, to_inactive ? 1 : -1);
}

#endif
