/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template - persistence: one template per client (and netmask) says which server the client's connections go to
 * (spec 2.5). It stands in the wide table, counts the connections made from it, and lives as long as they do.
 */
#ifndef ELVS_BPF_TEMPLATE_H
#define ELVS_BPF_TEMPLATE_H

/* part of flow.h, which includes it */

/* The first n bits of 64, n up to 64, as they stand in memory */
static __always_inline __u64 prefix64(__u32 n)
{
	return n ? bpf_cpu_to_be64(~0ull << (64 - n)) : 0;
}

/*
 * Turns a connection's key (c; may be the same as t) into that of the template that serves it (spec 2.5). From word
 * to word, see wkey_pair().
 */
static __always_inline void template_key(const struct elvs_svc *svc, const struct elvs_wkey *c, struct elvs_wkey *t)
{
	__u16 id = c->word[4] >> 32, vport = svc->vport == bpf_htons(21) ? 0 : svc->vport;
	__u8 kind = svc->kind | ELVS_WK_TEMPLATE;

	if (svc->kind == ELVS_WK_V4) {
		t->word[0] = c->word[0] & svc->netmask;
		t->word[1] = c->word[1];
	} else {
		__u32 bits = svc->netmask;

		t->word[0] = c->word[0] & prefix64(bits < 64 ? bits : 64);
		t->word[1] = c->word[1] & prefix64(bits < 64 ? 0 : bits - 64);
	}
	if (svc->fwmark) {
		t->word[2] = svc->fwmark;
		t->word[3] = 0;
		t->word[4] = wkey_last(0, 0, id, 0, kind);
	} else {
		t->word[2] = c->word[2];
		t->word[3] = c->word[3];
		t->word[4] = wkey_last(0, vport, id, c->word[4] >> 48, kind);
	}
}

/* Where a template stands, or 0: nearly always in its first pair, where a look is cheaper than a search. */
static __always_inline __u32 template_find(const struct elvs_wkey *key, __u64 hash)
{
	__u32 i = wide_index(elvs_probe(hash, 0)), loc;
	struct elvs_wpair *p = wide_pair(i);
	struct elvs_wslot *s = p ? wide_near(p, i, hash, key, &loc) : 0;

	return likely(s && wkey_same(&s->key, key)) ? loc : wide_search(key, hash, 0);
}

/* The template that serves a connection with this key, or NULL. The key becomes the template's. */
static __always_inline struct elvs_wslot *template_of(struct elvs_wkey *key)
{
	struct elvs_svc *svc = svc_get(key->svc);
	__u32 loc;

	if (!svc)
		return 0;
	template_key(svc, key, key);
	loc = wide_search(key, wide_hash(key), 0);
	return loc ? wide_slot(loc) : 0;
}

/* A connection of destination `dest` that was made from a template is gone. Its key is used up. */
__noinline int template_put(struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_wslot *s;

	if (!conn)
		return 0;
	s = template_of(conn);
	/* another destination: the template that made it was invalidated and has a successor */
	if (s && word_dest(READ_ONCE(s->word)) == dest && READ_ONCE(s->children) & ~ELVS_CHILDREN_DYING)
		__sync_fetch_and_add(&s->children, -1);
	return 0;
}

/* A connection made from a template is established: its template is ASSURED from now on. Its key is used up. */
__noinline int template_assure(struct elvs_wkey *conn)
{
	struct elvs_wslot *s;

	if (!conn)
		return 0;
	s = template_of(conn);
	if (s)
		WRITE_ONCE(s->flags, READ_ONCE(s->flags) | ELVS_WF_ASSURED);
	return 0;
}

static __always_inline bool template_usable(__u32 dest)
{
	struct elvs_dest *d = dest ? dest_get(dest) : 0;
	struct elvs_load *l = d ? load_get(dest) : 0;

	if (!l || !(READ_ONCE(d->flags) & ELVS_DEST_AVAILABLE))
		return false;
	return !(settings.expire_quiescent && !READ_ONCE(l->weight));
}

/* Takes a share in the template that stands at loc: its destination, or 0 when it cannot be used. */
static __always_inline __u32 template_take(__u32 loc, const struct elvs_wkey *key, __u32 timeout)
{
	struct elvs_wslot *s = wide_slot(loc);
	__u32 old, dest;

	if (!s || wide_expired(s, settings.clock))
		return 0;
	old = __sync_fetch_and_add(&s->children, 1);
	if (old & ELVS_CHILDREN_DYING)
		return 0;
	dest = word_dest(READ_ONCE(s->word));
	if (wkey_same(&s->key, key) && template_usable(dest)) {
		WRITE_ONCE(s->expiry, settings.clock + timeout);
		return dest;
	}
	__sync_fetch_and_add(&s->children, -1);
	return 0;
}

/* The books when a template ends. */
static __always_inline void template_ended(__u32 word)
{
	struct elvs_dest *d = dest_get(word_dest(word));
	struct elvs_cpu *c = cpu_get();

	if (d)
		__sync_fetch_and_add(&d->persist, -1);
	if (c)
		c->wconns--;
}

/* Makes a template; its first pair is locked. Its destination, or TEMPLATE_FAILED with a verdict. */
static __always_inline __u32 template_make(struct elvs_svc *svc, const struct elvs_wkey *key, __u64 hash,
					   const struct elvs_wkey *conn)
{
	__u32 dest = sched_choose(svc, conn), loc;
	struct elvs_dest *d = dest ? dest_get(dest) : 0;
	struct elvs_wslot *s;
	struct elvs_cpu *c;

	if (!d)
		return TEMPLATE_FAILED | ELVS_V_NO_DEST;
	loc = wide_find_room(hash);
	s = loc ? wide_slot(loc) : 0;
	if (!s)
		return TEMPLATE_FAILED | ELVS_V_TABLE_FULL;
	s->dport = key->vport ? d->port : 0;
	s->nh = 0;
	s->nh_gen = svc->scheme;
	s->children = 1;
	s->flags = 0;
	wide_publish(s, (loc - 1) % ELVS_PAIR_SLOTS, key, ELVS_W_USED | d->method << ELVS_W_METHOD_SHIFT | dest << ELVS_W_DEST_SHIFT,
		     settings.clock + svc->timeout);
	__sync_fetch_and_add(&d->persist, 1);
	c = cpu_get();
	if (c)
		c->wconns++;
	return dest;
}

/*
 * The destination that persistence gives to a new connection; counts the connection as the template's child.
 * Returns the destination id, or 0x80000000 | verdict.
 */
__noinline __u32 template_dest(const struct elvs_wkey *conn)
{
	struct elvs_wkey key;
	struct elvs_svc *svc;
	struct elvs_wpair *p;
	struct elvs_wslot *s;
	__u32 loc, dest, at;
	__u64 hash;

	if (!conn)
		return TEMPLATE_FAILED | ELVS_V_INTERNAL;
	svc = svc_get(conn->svc);
	if (!svc)
		return TEMPLATE_FAILED | ELVS_V_INTERNAL;
	template_key(svc, conn, &key);
	hash = wide_hash(&key);
	loc = template_find(&key, hash);
	if (loc) {
		dest = template_take(loc, &key, svc->timeout);
		if (dest)
			return dest;
	}
	at = wide_index(elvs_probe(hash, 0));
	p = wide_pair(at);
	if (!p || !wide_lock(p, at))
		return TEMPLATE_FAILED | ELVS_V_LOCK_BUSY;
	loc = wide_search(&key, hash, 0);
	if (loc) {
		dest = template_take(loc, &key, svc->timeout);
		if (dest)
			goto out;
		s = wide_slot(loc);	/* expired, or its server is gone: make room for a new one */
		if (s) {
			__u32 word = READ_ONCE(s->word);

			if (wkey_same(&s->key, &key) && wide_release(s, word))
				template_ended(word);
		}
	}
	dest = template_make(svc, &key, hash, conn);
out:
	wide_unlock(p);
	return dest;
}

#endif
