/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - a connection table: pairs of cache lines addressed by linear hashing. Included twice, once per slot width:
 *
 *   CT(name)   prefixes a function    CT_SLOT, CT_PAIR  the types     CT_KEY   the key's type
 *   CT_DIR     map of segments        CT_SEG            pairs in one
 *   CT_NPAIRS, CT_MASK, CT_SPLITTING, CT_ALLOC          fields of settings
 *   CT_HOME(hash)              the slot of a pair in which, or in whose half, readers look first
 *   CT_SAME(slot, key), CT_FREE(slot), CT_SETKEY(slot, key), CT_GETKEY(key, slot), CT_CLEAR(slot), CT_HASH(slot),
 *   CT_COPY(to, from)          what a slot holds besides key, word and expiry
 *
 * Protocol. A connection stands in the first of its probes' pairs that had room. Whoever makes one holds the lock of
 * its *first* pair, so two CPUs cannot make the same one; a slot is claimed by compare-and-swap of its word, since
 * another CPU may claim a slot here as the later probe of some other connection. Readers take no lock: they read
 * word and expiry and then the key once more.
 * A slot is freed by clearing its key, then its word (keeping bit 0, which is the pair's). A full pair gets its
 * overflow bit, for ever: a search that misses there goes on to the next probe.
 * Growth: the sweeper splits pair s into s and s + n under the lock of s, moves what hashes there, publishes npairs,
 * and looks once more for what was claimed meanwhile. A claim made under an old npairs is noticed by its maker.
 */

static __always_inline CT_PAIR *CT(pair)(__u32 i)
{
	__u32 seg = i / CT_SEG, zero = 0;
	void *m = bpf_map_lookup_elem(&CT_DIR, &seg);
	struct CT(seg) *s = m ? bpf_map_lookup_elem(m, &zero) : 0;
	__u64 in = i;

	if (!s)
		return 0;
	opaque(in);
	return &s->pair[in & (CT_SEG - 1)];
}

/* Both halves of npairs and mask in one load: they change together. */
static __always_inline __u32 CT(index)(__u32 h)
{
	__u64 both = READ_ONCE(*(__u64 *)&settings.CT_NPAIRS);

	__u32 mask = both >> 32, i = h & mask;
	/* elvs_pair_index(), but without a branch, which a table that grows would have the CPU guess wrong */
	__u32 in_use = (__s32)(i - (__u32)both) >> 31;

	opaque(in_use);
	return i & (in_use | mask >> 1);
}

static __always_inline bool CT(try_lock)(CT_PAIR *p)
{
	__u32 *w = &p->slot[0].word, old = READ_ONCE(*w);

	return !(old & ELVS_W_LOCK) && __sync_val_compare_and_swap(w, old, old | ELVS_W_LOCK) == old;
}

#ifdef ELVS_CORE
struct CT(lock_ctx) {
	__u32 pair;
	__u32 locked;
};

static long CT(lock_step)(__u32 n, struct CT(lock_ctx) *c)
{
	CT_PAIR *p = CT(pair)(c->pair);

	if (!p)
		return 1;
	c->locked = CT(try_lock)(p);
	return c->locked;
}

/*
 * Waits for a pair's lock: its holder is on another CPU and makes progress, but a virtual CPU may be taken away from
 * it, so the wait is bounded (some 50 us).
 */
__noinline int CT(lock_wait)(__u32 i)
{
	struct CT(lock_ctx) c = { .pair = i };

	bpf_loop(4096, CT(lock_step), &c, 0);
	return c.locked;
}
#else
int CT(lock_wait)(__u32 i);
#endif

/* i: the pair's number */
static __always_inline bool CT(lock)(CT_PAIR *p, __u32 i)
{
	return likely(CT(try_lock)(p)) || CT(lock_wait)(i);
}

static __always_inline void CT(unlock)(CT_PAIR *p)
{
	__sync_fetch_and_and(&p->slot[0].word, ~ELVS_W_LOCK);
}

/* Slot of the connection in one pair, or -1 */
static __always_inline int CT(in_pair)(CT_PAIR *p, const CT_KEY *key)
{
	for (int i = 0; i < ELVS_PAIR_SLOTS; i++)
		if (CT_SAME(&p->slot[i], key))
			return i;
	return -1;
}

#ifdef ELVS_CORE
struct CT(search_ctx) {
	const CT_KEY *key;
	__u64 hash;
	__u32 from;	/* first probe to look at */
	__u32 loc;	/* result: 1 + pair * 8 + slot */
};

static long CT(search_step)(__u32 n, struct CT(search_ctx) *c)
{
	__u32 i = CT(index)(elvs_probe(c->hash, c->from + n));
	CT_PAIR *p = CT(pair)(i);
	int s;

	if (!p)
		return 1;
	s = CT(in_pair)(p, c->key);
	if (s >= 0) {
		c->loc = 1 + i * ELVS_PAIR_SLOTS + s;
		return 1;
	}
	return !(READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

/*
 * Where a connection stands, from probe `from` on: 1 + pair * 8 + slot, or 0. Looks again when the table was being
 * split under the search.
 */
__noinline __u32 CT(search)(const CT_KEY *key, __u64 hash, __u32 from)
{
	struct CT(search_ctx) c = { .hash = hash, .from = from };

	if (!key)
		return 0;
	c.key = key;

	for (int again = 0; again < 3; again++) {
		__u64 before = READ_ONCE(*(__u64 *)&settings.CT_NPAIRS);
		__u32 splitting = READ_ONCE(settings.CT_SPLITTING);

		bpf_loop(ELVS_PROBES - c.from, CT(search_step), &c, 0);
		if (c.loc || (!splitting && before == READ_ONCE(*(__u64 *)&settings.CT_NPAIRS)))
			break;
		c.from = 0;
	}
	return c.loc;
}
#else
__u32 CT(search)(const CT_KEY *key, __u64 hash, __u32 from);
#endif

static __always_inline CT_SLOT *CT(slot)(__u32 loc)
{
	CT_PAIR *p = CT(pair)((loc - 1) / ELVS_PAIR_SLOTS);

	if (!p)
		return 0;
	opaque(p);	/* clang would add the offset before the test, which the verifier refuses */
	return &p->slot[(loc - 1) % ELVS_PAIR_SLOTS];
}

/*
 * A slot's new word with the next generation, keeping bit 0. Claimed words are USED but of destination 0, which no
 * reader forwards to, until CT(publish).
 */
__attribute__((unused)) static __always_inline bool CT(claim)(CT_SLOT *s)
{
	__u32 old = READ_ONCE(s->word);
	__u32 gen = (old + (1 << ELVS_W_GEN_SHIFT)) & ELVS_W_GEN_MASK;
	__u32 next = (old & ELVS_W_LOCK) | ELVS_W_USED | gen;

	if (old & ELVS_W_USED)
		return false;
	return __sync_val_compare_and_swap(&s->word, old, next) == old;
}

/*
 * Fills a claimed slot: everything else, then the key, then the word, which makes it a connection. n: its number in
 * the pair. Only in slots 0 and 4 does bit 0 belong to others, who may change it under us.
 */
static __always_inline void CT(publish)(CT_SLOT *s, __u32 n, const CT_KEY *key, __u32 word, __u32 expiry)
{
	__u32 old = READ_ONCE(s->word);

	WRITE_ONCE(s->expiry, expiry);
	CT_SETKEY(s, key);
	barrier();
	if (n & (ELVS_OVERFLOW_SLOT - 1)) {
		WRITE_ONCE(s->word, (old & ELVS_W_GEN_MASK) | word);
		return;
	}
	for (int i = 0; i < 16; i++) {
		__u32 seen = __sync_val_compare_and_swap(&s->word, old,
							 (old & (ELVS_W_LOCK | ELVS_W_GEN_MASK)) | word);
		if (seen == old)
			return;
		old = seen;
	}
}

/*
 * Frees a slot if its word still is what the caller judged. Returns whether this CPU freed it, and so has the
 * counters to put right.
 */
static __always_inline bool CT(release)(CT_SLOT *s, __u32 word)
{
	if (__sync_val_compare_and_swap(&s->word, word, word & (ELVS_W_LOCK | ELVS_W_GEN_MASK | ELVS_W_USED)) != word)
		return false;
	CT_CLEAR(s);
	barrier();
	__sync_fetch_and_and(&s->word, ELVS_W_LOCK | ELVS_W_GEN_MASK);
	return true;
}

static __always_inline bool CT(expired)(const CT_SLOT *s, __u32 now)
{
	return (__s32)(READ_ONCE(s->expiry) - now) <= 0;
}

#ifdef ELVS_CORE
struct CT(claim_ctx) {
	__u64 hash;
	__u32 loc;
};

static long CT(claim_step)(__u32 n, struct CT(claim_ctx) *c)
{
	__u32 h = elvs_probe(c->hash, n), i = CT(index)(h);
	CT_PAIR *p = CT(pair)(i);

	if (!p)
		return 1;
	/* where readers look first, first */
	__u32 home = CT_HOME(c->hash);

	for (int k = 0; k < ELVS_PAIR_SLOTS; k++) {
		__u32 s = (k ^ home) & (ELVS_PAIR_SLOTS - 1);

		if (!CT(claim)(&p->slot[s]))
			continue;
		if (CT(index)(h) != i) {	/* split meanwhile: this is no longer our pair */
			__sync_fetch_and_and(&p->slot[s].word, ELVS_W_LOCK | ELVS_W_GEN_MASK);
			return 0;
		}
		c->loc = 1 + i * ELVS_PAIR_SLOTS + s;
		return 1;
	}
	__sync_fetch_and_or(&p->slot[ELVS_OVERFLOW_SLOT].word, ELVS_W_OVERFLOW);
	return 0;
}

/* Claims a free slot for a connection whose first pair the caller has locked. Location, or 0 when all are full. */
__noinline __u32 CT(find_room)(__u64 hash)
{
	struct CT(claim_ctx) c = { .hash = hash };

	bpf_loop(ELVS_PROBES, CT(claim_step), &c, 0);
	return c.loc;
}

/* ---- growth: one pair a call ---- */

struct CT(split_ctx) {
	__u32 from, to, npairs, mask;
	__u64 moved;	/* 4 bits a slot of `from`: 1 + its slot in `to` */
};

/*
 * Whether a connection of this hash that stands in pair `from` belongs to `to` now that npairs pairs are in use: the
 * first of its probes that leads to either of the two decides.
 */
__noinline int CT(belongs)(__u64 hash, __u32 from, __u32 to, __u32 npairs, __u32 mask)
{
	for (int n = 0; n < ELVS_PROBES; n++) {
		__u32 i = elvs_pair_index(elvs_probe(hash, n), npairs, mask);

		if (i == to)
			return 1;
		if (i == from)
			return 0;
	}
	return 0;
}

static long CT(move_step)(__u32 i, struct CT(split_ctx) *c)
{
	CT_PAIR *p = CT(pair)(c->from), *q = CT(pair)(c->to);
	CT_SLOT *s, *d;
	__u32 word, home;
	CT_KEY key;
	__u64 hash;

	if (!p || !q)
		return 1;
	i &= ELVS_PAIR_SLOTS - 1;
	s = &p->slot[i];
	word = READ_ONCE(s->word);
	if (!(word >> ELVS_W_DEST_SHIFT) || CT_FREE(s) || (c->moved >> (i * 4)) & 15)
		return 0;
	hash = CT_HASH(s);
	if (!CT(belongs)(hash, c->from, c->to, c->npairs, c->mask))
		return 0;
	home = CT_HOME(hash);	/* where readers look first, first */
	for (__u32 n = 0; n < ELVS_PAIR_SLOTS; n++) {
		__u32 k = (n ^ home) & (ELVS_PAIR_SLOTS - 1);

		d = &q->slot[k];
		if (!CT(claim)(d))
			continue;
		CT_COPY(d, s);
		CT_GETKEY(&key, s);
		CT(publish)(d, k, &key, word & ~(ELVS_W_LOCK | ELVS_W_GEN_MASK), READ_ONCE(s->expiry));
		c->moved |= (__u64)(k + 1) << (i * 4);
		break;
	}
	return 0;
}

/* Forgets in `from` what stands in `to` by now; a state change made meanwhile is carried over. */
static long CT(forget_step)(__u32 i, struct CT(split_ctx) *c)
{
	CT_PAIR *p = CT(pair)(c->from), *q = CT(pair)(c->to);
	const __u32 keep = ELVS_W_LOCK | ELVS_W_GEN_MASK;
	CT_SLOT *s, *d;
	__u32 k, old, word;

	if (!p || !q)
		return 1;
	i &= ELVS_PAIR_SLOTS - 1;
	k = (c->moved >> (i * 4)) & 15;
	if (!k)
		return 0;
	s = &p->slot[i];
	d = &q->slot[(k - 1) & (ELVS_PAIR_SLOTS - 1)];
	CT_CLEAR(s);
	barrier();
	old = __sync_fetch_and_and(&s->word, keep);
	word = READ_ONCE(d->word);
	if ((old & ~keep) != (word & ~keep))
		__sync_val_compare_and_swap(&d->word, word, (word & keep) | (old & ~keep));
	return 0;
}

/* Splits the next pair in line. 0 when there is no memory for another, or the pair is busy. */
__noinline int CT(split)(void)
{
	__u64 both = READ_ONCE(*(__u64 *)&settings.CT_NPAIRS);
	__u32 n = (__u32)both, mask = both >> 32;
	struct CT(split_ctx) c = {};
	CT_PAIR *p, *q;

	if (n >= settings.CT_ALLOC)
		return 0;
	if (n == mask + 1)
		mask = mask * 2 + 1;
	c.to = n;
	c.from = n - ((mask + 1) >> 1);
	c.npairs = n + 1;
	c.mask = mask;
	p = CT(pair)(c.from);
	q = CT(pair)(c.to);
	if (!p || !q || !CT(lock)(p, c.from))
		return 0;
	WRITE_ONCE(settings.CT_SPLITTING, c.from + 1);
	if (READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW)
		__sync_fetch_and_or(&q->slot[ELVS_OVERFLOW_SLOT].word, ELVS_W_OVERFLOW);
	bpf_loop(ELVS_PAIR_SLOTS, CT(move_step), &c, 0);
	barrier();
	WRITE_ONCE(*(__u64 *)&settings.CT_NPAIRS, (__u64)(n + 1) | (__u64)mask << 32);
	bpf_loop(ELVS_PAIR_SLOTS, CT(forget_step), &c, 0);
	c.moved = 0;
	bpf_loop(ELVS_PAIR_SLOTS, CT(move_step), &c, 0);	/* claimed between the first look and publication */
	bpf_loop(ELVS_PAIR_SLOTS, CT(forget_step), &c, 0);
	WRITE_ONCE(settings.CT_SPLITTING, 0);
	CT(unlock)(p);
	return 1;
}
#endif

#undef CT
#undef CT_SLOT
#undef CT_PAIR
#undef CT_KEY
#undef CT_DIR
#undef CT_SEG
#undef CT_NPAIRS
#undef CT_SPLITTING
#undef CT_ALLOC
#undef CT_HOME
#undef CT_SAME
#undef CT_FREE
#undef CT_SETKEY
#undef CT_GETKEY
#undef CT_CLEAR
#undef CT_HASH
#undef CT_COPY
