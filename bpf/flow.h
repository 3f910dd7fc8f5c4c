/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow - making connections: templates of persistent services, choosing a destination, insertion.
 *
 * Off the established path. Everything here is hook-neutral and touches no packet.
 */
#ifndef ELVS_BPF_FLOW_H
#define ELVS_BPF_FLOW_H

#include "state.h"

/* A packet's connection, as a request would make it, and what was found or made. */
struct flow {
	struct elvs_wkey key;
	__u8 tcp_flags;
	__u8 wide;	/* belongs in the wide table */
	__u8 reuse;	/* an existing connection is to be replaced */
	__u8 pad;
	__u32 dest;	/* given by persistence; 0: the scheduler chooses */
	__u32 loc;	/* result: where it stands */
};

static __always_inline __u64 wide_hash(const struct elvs_wkey *k)
{
	return elvs_wconn_hash(k->caddr, k->cport, settings.key);
}

#define TEMPLATE_FAILED 0x80000000u

#ifdef ELVS_CORE
#include "sched.h"

static __always_inline bool addr_same(const __u32 *a, const __u32 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline __u64 narrow_key(const struct elvs_wkey *k)
{
	return (__u64)k->caddr[0] | (__u64)k->cport << 32 | (__u64)k->svc << 48;
}

/* ---- templates ---- */

/* Key of the template that serves this connection (spec 2.5) */
static __always_inline void template_key(const struct elvs_svc *svc, const struct elvs_wkey *conn, struct elvs_wkey *t)
{
	*t = *conn;
	t->cport = 0;
	t->kind = svc->kind | ELVS_WK_TEMPLATE;
	if (svc->kind == ELVS_WK_V4) {
		t->caddr[0] &= svc->netmask;
	} else {
		__u32 bits = svc->netmask;

		for (int i = 0; i < 4; i++) {
			__u32 n = bits >= 32 ? 32 : bits;

			t->caddr[i] &= n ? bpf_htonl(~0u << (32 - n)) : 0;
			bits -= n;
		}
	}
	if (svc->fwmark) {
		t->proto = 0;
		t->vport = 0;
		t->vaddr[0] = svc->fwmark;
		t->vaddr[1] = t->vaddr[2] = t->vaddr[3] = 0;
	} else {
		t->vport = svc->vport == bpf_htons(21) ? 0 : svc->vport;
	}
}

/* A connection of destination `dest` that was made from a template is gone. */
__noinline int template_put(const struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_wkey key;
	struct elvs_svc *svc;
	struct elvs_wslot *s;
	__u32 loc;

	if (!conn)
		return 0;
	svc = svc_get(conn->svc);
	if (!svc)
		return 0;
	template_key(svc, conn, &key);
	loc = wide_search(&key, wide_hash(&key), 0);
	s = loc ? wide_slot(loc) : 0;
	/* another destination: the template that made it was invalidated and has a successor */
	if (s && word_dest(READ_ONCE(s->word)) == dest && READ_ONCE(s->children) & ~ELVS_CHILDREN_DYING)
		__sync_fetch_and_add(&s->children, -1);
	return 0;
}

/* A connection made from a template is established: its template is ASSURED from now on. */
__noinline int template_assure(const struct elvs_wkey *conn)
{
	struct elvs_wkey key;
	struct elvs_svc *svc;
	struct elvs_wslot *s;
	__u32 loc;

	if (!conn)
		return 0;
	svc = svc_get(conn->svc);
	if (!svc)
		return 0;
	template_key(svc, conn, &key);
	loc = wide_search(&key, wide_hash(&key), 0);
	s = loc ? wide_slot(loc) : 0;
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

/* Makes a template; its first pair is locked. Its destination, or 0 with *verdict set. */
static __always_inline __u32 template_make(struct elvs_svc *svc, const struct elvs_wkey *key, __u64 hash,
					   const struct elvs_wkey *conn, int *verdict)
{
	__u32 dest = sched_pick(conn), loc;
	struct elvs_dest *d = dest ? dest_get(dest) : 0;
	struct elvs_wslot *s;
	struct elvs_cpu *c;

	*verdict = ELVS_V_NO_DEST;
	if (!d)
		return 0;
	*verdict = ELVS_V_TABLE_FULL;
	loc = wide_find_room(hash);
	s = loc ? wide_slot(loc) : 0;
	if (!s)
		return 0;
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
	int verdict;

	if (!conn)
		return TEMPLATE_FAILED | ELVS_V_INTERNAL;
	svc = svc_get(conn->svc);
	if (!svc)
		return TEMPLATE_FAILED | ELVS_V_INTERNAL;
	template_key(svc, conn, &key);
	hash = wide_hash(&key);
	loc = wide_search(&key, hash, 0);
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
	dest = template_make(svc, &key, hash, conn, &verdict);
	if (!dest)
		dest = TEMPLATE_FAILED | verdict;
out:
	wide_unlock(p);
	return dest;
}

/* ---- connections ---- */

/* The books when a connection ends. Key: of the connection (narrow ones as wide keys). */
static __always_inline void conn_ended(__u32 word, const struct elvs_wkey *key)
{
	__u32 id = word_dest(word);
	struct elvs_dest *d = dest_get(id);

	if (d)
		load_count(id, d, word & ELVS_W_INACTIVE, -1);
	if (word & ELVS_W_CONTROLLED)
		template_put(key, id);
}

static __always_inline void narrow_wkey(__u64 key, struct elvs_wkey *w)
{
	struct elvs_svc *svc;

	memset(w, 0, sizeof(*w));
	w->caddr[0] = (__u32)key;
	w->cport = (__u16)(key >> 32);
	w->svc = key >> 48;
	w->kind = ELVS_WK_V4;
	svc = svc_get(w->svc);
	if (svc) {
		w->vaddr[0] = svc->vaddr[0];
		w->vport = svc->vport;
		w->proto = svc->proto;
	}
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

static __always_inline void room_missing(bool evicted)
{
	struct elvs_cpu *c = cpu_get();

	if (c && evicted)
		c->evicted++;
	else if (c)
		c->full++;
}

/* First word and expiry of a connection: the state is what its first packet leads to. */
static __always_inline __u32 first_word(const struct flow *f, const struct elvs_dest *d, __u32 id, bool controlled,
					__u32 *expiry)
{
	__u32 word = ELVS_W_USED | d->method << ELVS_W_METHOD_SHIFT | id << ELVS_W_DEST_SHIFT, state;

	if (d->method != ELVS_MASQ)
		word |= ELVS_W_NOOUTPUT;
	if (controlled)
		word |= ELVS_W_CONTROLLED;
	if (f->key.proto == IPPROTO_TCP) {
		state = tcp_step(ELVS_TCP_NONE, d->method == ELVS_MASQ ? TCP_DIR_IN : TCP_DIR_INPUT_ONLY,
				 f->tcp_flags);
		if (!tcp_active(state))
			word |= ELVS_W_INACTIVE;
	} else {
		state = ELVS_UDP_STATE;
		word |= ELVS_W_INACTIVE;
	}
	*expiry = settings.clock + state_timeout(f->key.proto, state);
	return word | state << ELVS_W_STATE_SHIFT;
}

static __always_inline void made(struct elvs_dest *d, __u32 id, __u32 word, bool wide)
{
	struct elvs_cpu *c = cpu_get();

	load_count(id, d, word & ELVS_W_INACTIVE, 1);
	stats_of(d)->conns++;
	if (c && wide)
		c->wconns++;
	else if (c)
		c->conns++;
}

/*
 * A client that uses a port again towards the same real server has given up what it had there before, through
 * whichever service: the server cannot tell the two apart, and neither could we tell whose its answers are. (IPVS
 * finds the newest first.) So the older NAT connection's time is up; the sweeper does its books. Looks at the pairs
 * where such connections can stand.
 */
struct displace_ctx {
	const struct elvs_wkey *conn;
	__u64 hash;
	__u32 raddr[4];
	__u16 rport;
};

static long narrow_displace_step(__u32 n, struct displace_ctx *c)
{
	__u32 i = narrow_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS, word;
	struct elvs_pair *p = narrow_pair(i);
	struct elvs_dest *d;
	struct elvs_svc *svc;
	__u64 key;

	if (!p)
		return 1;
	key = READ_ONCE(p->slot[k].key);
	word = READ_ONCE(p->slot[k].word);
	if (key << 16 == narrow_key(c->conn) << 16 && key && word_method(word) == ELVS_MASQ && word_dest(word)) {
		d = dest_get(word_dest(word));
		svc = svc_get(key >> 48);
		if (d && svc && svc->proto == c->conn->proto && d->addr[0] == c->raddr[0] &&
		    (d->port ? d->port : svc->vport) == c->rport)
			WRITE_ONCE(p->slot[k].expiry, settings.clock);
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

static long wide_displace_step(__u32 n, struct displace_ctx *c)
{
	__u32 i = wide_index(elvs_probe(c->hash, n / ELVS_PAIR_SLOTS)), k = n % ELVS_PAIR_SLOTS, word;
	struct elvs_wpair *p = wide_pair(i);
	const struct elvs_wkey *key;
	struct elvs_dest *d;

	if (!p)
		return 1;
	key = &p->slot[k].key;
	word = READ_ONCE(p->slot[k].word);
	if (key->cport == c->conn->cport && key->proto == c->conn->proto && key->kind == c->conn->kind &&
	    p->slot[k].dport == c->rport && word_method(word) == ELVS_MASQ && word_dest(word) &&
	    addr_same(key->caddr, c->conn->caddr)) {
		d = dest_get(word_dest(word));
		if (d && addr_same(d->addr, c->raddr))
			WRITE_ONCE(p->slot[k].expiry, settings.clock);
	}
	return k == ELVS_PAIR_SLOTS - 1 && !(READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW);
}

__noinline int narrow_displace(const struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_dest *d = dest_get(dest);
	struct displace_ctx c = {};

	if (!conn || !d || d->method != ELVS_MASQ)
		return 0;
	c.conn = conn;
	c.hash = elvs_conn_hash(conn->caddr[0], conn->cport, settings.key);
	c.raddr[0] = d->addr[0];
	c.rport = d->port ? d->port : conn->vport;
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, narrow_displace_step, &c, 0);
	return 0;
}

__noinline int wide_displace(const struct elvs_wkey *conn, __u32 dest)
{
	struct elvs_dest *d = dest_get(dest);
	struct displace_ctx c = {};

	if (!conn || !d || d->method != ELVS_MASQ)
		return 0;
	c.conn = conn;
	c.hash = wide_hash(conn);
	memcpy(c.raddr, d->addr, sizeof(c.raddr));
	c.rport = d->port ? d->port : conn->vport;
	bpf_loop(ELVS_PROBES * ELVS_PAIR_SLOTS, wide_displace_step, &c, 0);
	return 0;
}

/* Does the pair hold another connection of this client address and port, or may one stand elsewhere? */
static __always_inline bool narrow_shares(const struct elvs_pair *p, __u64 key)
{
	return find4(p, sizeof(struct elvs_slot), key << 16, 16) < 4 ||
	       find4((const void *)p + 64, sizeof(struct elvs_slot), key << 16, 16) < 4 ||
	       READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW;
}

/*
 * Inserts with the first pair locked. dest 0: choose one now, under the lock, so that a lost race costs no server
 * its turn. 0 and f->loc, or a verdict.
 */
static __always_inline int narrow_insert(struct flow *f, struct elvs_pair *p, __u32 at, __u64 key, __u64 hash,
					 __u32 dest, bool controlled)
{
	struct elvs_slot *s;
	struct elvs_dest *d;
	__u32 loc = 0, word, expiry, n;

	s = narrow_near(p, at, hash, key, &loc);
	if (unlikely(!s && (READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW || settings.splitting))) {
		loc = narrow_search(&key, hash, 0);
		s = loc ? narrow_slot(loc) : 0;
	}
	if (unlikely(s)) {
		word = READ_ONCE(s->word);
		if (!f->reuse && word_dest(word) && !narrow_expired(s, settings.clock)) {
			f->loc = loc;
			return -1;
		}
		narrow_end(loc, word);
	}
	if (!dest)
		dest = sched_pick(&f->key);
	d = dest ? dest_get(dest) : 0;
	if (!d || d->svc != f->key.svc)	/* not ours: the scheduler's table was being changed from one form to another */
		return ELVS_V_NO_DEST;
	if (d->method == ELVS_MASQ && unlikely(narrow_shares(p, key)))
		narrow_displace(&f->key, dest);
	n = narrow_free(p, hash);
	if (likely(n < ELVS_PAIR_SLOTS) && narrow_claim(&p->slot[n & (ELVS_PAIR_SLOTS - 1)])) {
		loc = 1 + at * ELVS_PAIR_SLOTS + n;
	} else {
		loc = narrow_find_room(hash);
		if (!loc) {
			loc = narrow_evict(hash);
			room_missing(loc);
		}
		n = (loc - 1) % ELVS_PAIR_SLOTS;
	}
	s = loc ? narrow_slot(loc) : 0;
	if (!s)
		return ELVS_V_TABLE_FULL;
	word = first_word(f, d, dest, controlled, &expiry);
	narrow_publish(s, n, &key, word, expiry);
	made(d, dest, word, false);
	f->loc = loc;
	return 0;
}

static __always_inline int wide_insert(struct flow *f, __u64 hash, __u32 dest, bool controlled)
{
	struct elvs_wslot *s;
	struct elvs_dest *d;
	__u32 loc = wide_search(&f->key, hash, 0), word, expiry;

	if (loc) {
		s = wide_slot(loc);
		if (!s)
			return ELVS_V_INTERNAL;
		word = READ_ONCE(s->word);
		if (!f->reuse && word_dest(word) && !wide_expired(s, settings.clock)) {
			f->loc = loc;
			return -1;
		}
		wide_end(loc, word);
	}
	if (!dest)
		dest = sched_pick(&f->key);
	d = dest ? dest_get(dest) : 0;
	if (!d || d->svc != f->key.svc)
		return ELVS_V_NO_DEST;
	if (d->method == ELVS_MASQ)
		wide_displace(&f->key, dest);
	loc = wide_find_room(hash);
	if (!loc) {
		loc = wide_evict(hash);
		room_missing(loc);
	}
	s = loc ? wide_slot(loc) : 0;
	if (!s)
		return ELVS_V_TABLE_FULL;
	s->dport = d->port ? d->port : f->key.vport;
	s->nh = 0;
	s->nh_gen = 0;
	s->children = 0;
	s->flags = 0;
	word = first_word(f, d, dest, controlled, &expiry);
	wide_publish(s, (loc - 1) % ELVS_PAIR_SLOTS, &f->key, word, expiry);
	made(d, dest, word, true);
	f->loc = loc;
	return 0;
}

static __always_inline int narrow_new(struct flow *f, __u32 dest, bool controlled)
{
	struct elvs_pair *p;
	__u64 key, hash;
	__u32 at = 0;
	int r;

	key = narrow_key(&f->key);
	hash = elvs_conn_hash(f->key.caddr[0], f->key.cport, settings.key);
	for (int i = 0; i < 4; i++) {	/* again when the table grew between looking and locking */
		at = narrow_index(elvs_probe(hash, 0));
		p = narrow_pair(at);
		if (!p || !narrow_lock(p, at))
			return ELVS_V_LOCK_BUSY;
		if (at == narrow_index(elvs_probe(hash, 0)))
			break;
		narrow_unlock(p);
		if (i == 3)
			return ELVS_V_LOCK_BUSY;
	}
	p = narrow_pair(at);	/* the same; the verifier has lost sight of it */
	if (!p)
		return ELVS_V_INTERNAL;
	r = narrow_insert(f, p, at, key, hash, dest, controlled);
	narrow_unlock(p);
	return r;
}

static __always_inline int wide_new(struct flow *f, __u32 dest, bool controlled)
{
	struct elvs_wpair *p = 0;
	__u64 hash;
	int r;

	hash = wide_hash(&f->key);
	for (int i = 0; i < 4; i++) {
		__u32 at = wide_index(elvs_probe(hash, 0));

		p = wide_pair(at);
		if (!p || !wide_lock(p, at))
			return ELVS_V_LOCK_BUSY;
		if (at == wide_index(elvs_probe(hash, 0)))
			break;
		wide_unlock(p);
		p = 0;
	}
	if (!p)
		return ELVS_V_LOCK_BUSY;
	r = wide_insert(f, hash, dest, controlled);
	wide_unlock(p);
	return r;
}

/*
 * A connection for a packet that may open one (spec 2.4): 0 and f->loc (found meanwhile, or made), or a verdict.
 * Persistence has given f->dest already, or 0.
 */
__noinline int conn_new(struct flow *f)
{
	struct elvs_svc *svc;
	__u32 dest;
	int r;

	if (!f)
		return ELVS_V_INTERNAL;
	svc = svc_get(f->key.svc);
	if (!svc || svc->used != 1)
		return ELVS_V_NO_CONNECTION;
	dest = f->dest;
	r = f->wide ? wide_new(f, dest, dest) : narrow_new(f, dest, dest);
	if (r && dest)
		template_put(&f->key, dest);	/* no child came of it */
	return r < 0 ? 0 : r;
}

/* ---- state changes ---- */

/*
 * Takes a connection from `word` to `state`; only the CPU whose compare-and-swap succeeds keeps the books. A
 * connection that has meanwhile ended, or been changed by another CPU, is left as it is.
 */
__noinline int narrow_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_slot *s = narrow_slot(loc);
	struct elvs_wkey w;
	struct elvs_svc *svc;
	__u32 next, seen;
	bool tcp;

	if (!s)
		return 0;
	svc = svc_get(READ_ONCE(s->key) >> 48);
	if (!svc)
		return 0;
	tcp = svc->proto == IPPROTO_TCP;
	for (int i = 0; i < 4; i++) {
		next = (word & ~(ELVS_W_STATE_MASK | ELVS_W_INACTIVE)) | (state & 15) << ELVS_W_STATE_SHIFT;
		if (!tcp || !tcp_active(state & 15))
			next |= ELVS_W_INACTIVE;
		seen = __sync_val_compare_and_swap(&s->word, word, next);
		if (seen == word)
			break;
		if ((seen ^ word) & ~ELVS_W_LOCK)
			return 0;
		word = seen;
		if (i == 3)
			return 0;
	}
	if ((word ^ next) & ELVS_W_INACTIVE)
		load_move(word_dest(word), next & ELVS_W_INACTIVE);
	if (word & ELVS_W_CONTROLLED && (tcp ? state == ELVS_TCP_ESTABLISHED : state != ELVS_UDP_STATE)) {
		narrow_wkey(READ_ONCE(s->key), &w);
		template_assure(&w);
	}
	return 0;
}

__noinline int wide_set_state(__u32 loc, __u32 word, __u32 state)
{
	struct elvs_wslot *s = wide_slot(loc);
	struct elvs_wkey w;
	__u32 next, seen;
	bool tcp;

	if (!s)
		return 0;
	w = s->key;
	tcp = w.proto == IPPROTO_TCP;
	for (int i = 0; i < 4; i++) {
		next = (word & ~(ELVS_W_STATE_MASK | ELVS_W_INACTIVE)) | (state & 15) << ELVS_W_STATE_SHIFT;
		if (!tcp || !tcp_active(state & 15))
			next |= ELVS_W_INACTIVE;
		seen = __sync_val_compare_and_swap(&s->word, word, next);
		if (seen == word)
			break;
		if ((seen ^ word) & ~ELVS_W_LOCK)
			return 0;
		word = seen;
		if (i == 3)
			return 0;
	}
	if ((word ^ next) & ELVS_W_INACTIVE)
		load_move(word_dest(word), next & ELVS_W_INACTIVE);
	if (word & ELVS_W_CONTROLLED && (tcp ? state == ELVS_TCP_ESTABLISHED : state != ELVS_UDP_STATE))
		template_assure(&w);
	return 0;
}

#else
__u32 template_dest(const struct elvs_wkey *conn);
int conn_new(struct flow *f);
int narrow_set_state(__u32 loc, __u32 word, __u32 state);
int wide_set_state(__u32 loc, __u32 word, __u32 state);
#endif

#endif
