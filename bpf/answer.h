/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answer - the connection that a real server's reply belongs to. Both tables hash on the client's address and port
 * only, so the reply's destination leads to the same pair as the request did; a slot matches when its destination's
 * address and port are the reply's source.
 */
#ifndef ELVS_BPF_ANSWER_H
#define ELVS_BPF_ANSWER_H

#include "flow.h"
#include "parse.h"

/* Whether the slot's connection is the reply's; then its word, destination and service are given, too. */
static __always_inline bool narrow_answers(const struct elvs_slot *s, const struct pkt *p, __u32 *word,
					   struct elvs_dest **dest, struct elvs_svc **svc)
{
	__u64 want = (__u64)p->daddr[0] | (__u64)p->dport << 32, key = READ_ONCE(s->key);

	*word = READ_ONCE(s->word);
	if ((key & 0xffffffffffffull) != want || word_method(*word) != ELVS_MASQ || !word_dest(*word) ||
	    (__s32)(READ_ONCE(s->expiry) - settings.clock) <= 0)
		return false;
	*dest = dest_get(word_dest(*word));
	*svc = svc_get(key >> 48);
	return *dest && *svc && (*dest)->addr[0] == p->saddr[0] &&
	       ((*dest)->port ? (*dest)->port : (*svc)->vport) == p->sport && (*svc)->proto == p->proto;
}

/* The likely slot: the first of this client address and port in its first pair */
static __always_inline struct elvs_slot *narrow_answer_near(const struct pkt *p, __u64 hash, __u32 *loc)
{
	__u32 i = narrow_index(elvs_probe(hash, 0)), half = (__u32)hash >> 31, n;
	__u64 want = ((__u64)p->daddr[0] | (__u64)p->dport << 32) << 16;
	struct elvs_pair *pair = narrow_pair(i);

	if (!pair)
		return 0;
	n = find4((void *)pair + half * 64, sizeof(struct elvs_slot), want, 16);
	if (unlikely(n == 4)) {
		half ^= 1;
		n = find4((void *)pair + half * 64, sizeof(struct elvs_slot), want, 16);
	}
	n = (n + half * 4) & (ELVS_PAIR_SLOTS - 1);
	*loc = 1 + i * ELVS_PAIR_SLOTS + n;
	return &pair->slot[n];
}

#ifdef ELVS_CORE
static __always_inline bool wide_answers(const struct elvs_wslot *s, const struct pkt *p)
{
	__u32 word = READ_ONCE(s->word);
	struct elvs_dest *d;

	if (s->key.cport != p->dport || s->dport != p->sport || s->key.proto != p->proto || s->key.kind != p->kind ||
	    !addr_same(s->key.caddr, p->daddr) || word_method(word) != ELVS_MASQ || !word_dest(word) ||
	    (__s32)(READ_ONCE(s->expiry) - settings.clock) <= 0)
		return false;
	d = dest_get(word_dest(word));
	return d && addr_same(d->addr, p->saddr);
}

struct answer_ctx {
	const struct pkt *p;
	__u64 hash;
	__u32 loc;
};

/* One slot a step */
static long narrow_answer_step(__u32 n, struct answer_ctx *c)
{
	__u32 i = narrow_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS, word;
	struct elvs_pair *pair = narrow_pair(i);
	struct elvs_dest *d;
	struct elvs_svc *svc;

	if (!pair)
		return 1;
	if (narrow_answers(&pair->slot[k], c->p, &word, &d, &svc)) {
		c->loc = 1 + i * ELVS_PAIR_SLOTS + k;
		return 1;
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(pair->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

static long wide_answer_step(__u32 n, struct answer_ctx *c)
{
	__u32 i = wide_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS;
	struct elvs_wpair *pair = wide_pair(i);

	if (!pair)
		return 1;
	if (wide_answers(&pair->slot[k], c->p)) {
		c->loc = 1 + i * ELVS_PAIR_SLOTS + k;
		return 1;
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(pair->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

/* Location in the narrow table, or 0 */
__noinline __u32 narrow_answer(const struct pkt *p)
{
	struct answer_ctx c = {};

	if (!p)
		return 0;
	c.p = p;
	c.hash = elvs_conn_hash(p->daddr[0], p->dport, settings.key);
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, narrow_answer_step, &c, 0);
	if (unlikely(!c.loc && settings.splitting))	/* it may have been moved under our eyes */
		bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, narrow_answer_step, &c, 0);
	return c.loc;
}

/* Location in the wide table, or 0 */
__noinline __u32 wide_answer(const struct pkt *p)
{
	struct answer_ctx c = {};

	if (!p)
		return 0;
	c.p = p;
	c.hash = elvs_wconn_hash(p->daddr, p->dport, settings.key);
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, wide_answer_step, &c, 0);
	if (unlikely(!c.loc && settings.wsplitting))
		bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, wide_answer_step, &c, 0);
	return c.loc;
}

/* Is it the answer of a NAT real server to a connection that we know? */
__noinline int is_answer(const struct pkt *p)
{
	if (!p || !(settings.flags & ELVS_SET_NAT) || !rs_maybe(p, true))
		return 0;
	return (p->kind == ELVS_WK_V4 && narrow_answer(p)) || wide_answer(p);
}

#else
__u32 narrow_answer(const struct pkt *p);
__u32 wide_answer(const struct pkt *p);
int is_answer(const struct pkt *p);
#endif

#endif
