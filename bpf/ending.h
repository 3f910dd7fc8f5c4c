/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ending - how connections end: what the sweeper frees, and who must give way when the tables are full.
 */
#ifndef ELVS_BPF_ENDING_H
#define ELVS_BPF_ENDING_H

/* part of flow.h, which includes it */

/* It ends as it began: the server said nothing, as far as can be seen. (NAT: we would have seen it.) */
static __always_inline bool unanswered(__u32 word, __u8 proto)
{
	return proto == IPPROTO_TCP && word_state(word) == ELVS_TCP_SYN_RECV &&
	       !(word_method(word) == ELVS_MASQ && word & ELVS_W_ANSWERED);
}

/* The books when a connection ends. Key: of the connection (narrow ones as wide keys); it is used up. */
static __always_inline void conn_ended(__u32 word, struct elvs_wkey *key)
{
	__u32 id = word_dest(word);
	struct elvs_dest *d = dest_get(id);

	if (d) {
		load_count(id, d, word & ELVS_W_INACTIVE, -1);
		if (unanswered(word, key->proto))
			stats_of(d)->unanswered++;
	}
	if (word & ELVS_W_CONTROLLED)
		template_put(key, id);
}

static __always_inline void narrow_wkey(__u64 key, struct elvs_wkey *w)
{
	struct elvs_svc *svc;

	svc = svc_get(key >> 48);
	w->word[0] = (__u32)key;
	w->word[1] = 0;
	w->word[2] = svc ? svc->vaddr[0] : 0;
	w->word[3] = 0;
	w->word[4] = wkey_last(key >> 32, svc ? svc->vport : 0, key >> 48, svc ? svc->proto : 0, ELVS_WK_V4);
}

/* Frees a narrow connection whose word was `word`. Whether it was we who did. */
__noinline int narrow_end(__u32 loc, __u32 word)
{
	struct elvs_slot *s = narrow_slot(loc);
	struct elvs_wkey w;
	struct elvs_cpu *c;
	__u64 key;

	if (!s)
		return 0;
	key = READ_ONCE(s->key);
	if (!narrow_release(s, word))
		return 0;
	narrow_wkey(key, &w);
	conn_ended(word, &w);
	c = cpu_get();
	if (c)
		c->conns--;
	return 1;
}

/* The same for a wide one; a template only when nothing was made from it lately. */
__noinline int wide_end(__u32 loc, __u32 word)
{
	struct elvs_wslot *s = wide_slot(loc);
	struct elvs_wkey key;
	struct elvs_cpu *c;

	if (!s)
		return 0;
	key = s->key;
	if (key.kind & ELVS_WK_TEMPLATE) {
		if (__sync_val_compare_and_swap(&s->children, 0, ELVS_CHILDREN_DYING))
			return 0;
		if (!wide_release(s, word))
			return 0;
		template_ended(word);
		return 1;
	}
	if (!wide_release(s, word))
		return 0;
	conn_ended(word, &key);
	c = cpu_get();
	if (c)
		c->wconns--;
	return 1;
}

/*
 * When really full: the first embryonic connection among a flow's pairs gives way. Those made from a template are
 * spared: their books are longer than the verifier's stack.
 */
struct evict_ctx {
	__u64 hash;
	__u32 loc;
};

static __always_inline bool embryonic(__u32 word, __u8 proto)
{
	__u32 state = word_state(word);

	return proto == IPPROTO_TCP && word_dest(word) && !(word & ELVS_W_CONTROLLED) &&
	       (state == ELVS_TCP_SYN_RECV || state == ELVS_TCP_NONE || state == ELVS_TCP_SYNACK);
}

/* The books of one that gave way */
static __always_inline void evicted(__u32 word, bool wide)
{
	struct elvs_dest *d = dest_get(word_dest(word));
	struct elvs_cpu *c = cpu_get();

	if (d)
		load_count(word_dest(word), d, word & ELVS_W_INACTIVE, -1);
	if (c && wide)
		c->wconns--;
	else if (c)
		c->conns--;
}

static long narrow_evict_step(__u32 n, struct evict_ctx *c)
{
	__u32 i = narrow_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS;
	struct elvs_pair *p = narrow_pair(i);
	struct elvs_svc *svc;
	__u32 word;

	if (!p)
		return 1;
	word = READ_ONCE(p->slot[k].word);
	svc = svc_get(READ_ONCE(p->slot[k].key) >> 48);
	if (!svc || !embryonic(word, svc->proto) || !narrow_release(&p->slot[k], word))
		return 0;
	evicted(word, false);
	if (!narrow_claim(&p->slot[k]))
		return 0;
	c->loc = 1 + i * ELVS_PAIR_SLOTS + k;
	return 1;
}

static long wide_evict_step(__u32 n, struct evict_ctx *c)
{
	__u32 i = wide_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS;
	struct elvs_wpair *p = wide_pair(i);
	__u32 word;

	if (!p)
		return 1;
	word = READ_ONCE(p->slot[k].word);
	if (p->slot[k].key.kind & ELVS_WK_TEMPLATE || !embryonic(word, p->slot[k].key.proto) ||
	    !wide_release(&p->slot[k], word))
		return 0;
	evicted(word, true);
	if (!wide_claim(&p->slot[k]))
		return 0;
	c->loc = 1 + i * ELVS_PAIR_SLOTS + k;
	return 1;
}

__noinline __u32 narrow_evict(__u64 hash)
{
	struct evict_ctx c = { .hash = hash };

	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, narrow_evict_step, &c, 0);
	return c.loc;
}

__noinline __u32 wide_evict(__u64 hash)
{
	struct evict_ctx c = { .hash = hash };

	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, wide_evict_step, &c, 0);
	return c.loc;
}

#endif
