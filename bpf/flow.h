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
	__u32 word;	/* result: its word, if it was made; else 0 */
	__u32 stale;	/* FLOW_STALE: the word of what is to end first, and stands at loc */
};

#define FLOW_STALE (-1)		/* narrow_new()'s, wide_new()'s result: not a verdict, see there */
#define TEMPLATE_FAILED 0x80000000u	/* in template_dest()'s answer: the rest is a verdict */

#ifdef ELVS_CORE
#include "sched.h"
#include "template.h"
#include "ending.h"
#include "displace.h"
#include "transition.h"

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

/* What stands there is to end first, which is up to the caller: the stack would be too short for it here. */
static __always_inline int flow_stale(struct flow *f, __u32 loc, __u32 word)
{
	f->loc = loc;
	/* as it is once the pair is unlocked */
	f->stale = (loc - 1) % ELVS_PAIR_SLOTS ? word : word & ~ELVS_W_LOCK;
	return FLOW_STALE;
}

/*
 * Inserts with the first pair locked. dest 0: choose one now, under the lock, so that a lost race costs no server
 * its turn. Result as narrow_new()'s.
 */
static __always_inline int narrow_insert(struct flow *f, struct elvs_svc *svc, struct elvs_pair *p, __u32 at,
					 __u64 key, __u64 hash)
{
	struct elvs_slot *s;
	struct elvs_dest *d;
	__u32 loc = 0, dest = f->dest, word, expiry, n;
	bool controlled = dest;

	s = narrow_near(p, at, hash, key, &loc);
	if (unlikely(!s && (READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW || settings.splitting))) {
		loc = narrow_search(&key, hash, 0);
		s = loc ? narrow_slot(loc) : 0;
	}
	if (unlikely(s)) {
		word = READ_ONCE(s->word);
		if (!f->reuse && word_dest(word) && !narrow_expired(s, settings.clock)) {
			f->loc = loc;
			return 0;
		}
		return flow_stale(f, loc, word);
	}
	if (!dest)
		dest = sched_choose(svc, &f->key);
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
	f->word = word;
	return 0;
}

static __always_inline int wide_insert(struct flow *f, struct elvs_svc *svc, __u64 hash)
{
	struct elvs_wslot *s;
	struct elvs_dest *d;
	__u32 loc = wide_search(&f->key, hash, 0), dest = f->dest, word, expiry;
	bool controlled = dest;

	if (loc) {
		s = wide_slot(loc);
		if (!s)
			return ELVS_V_INTERNAL;
		word = READ_ONCE(s->word);
		if (!f->reuse && word_dest(word) && !wide_expired(s, settings.clock)) {
			f->loc = loc;
			return 0;
		}
		return flow_stale(f, loc, word);
	}
	if (!dest)
		dest = sched_choose(svc, &f->key);
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
	/* persistent for all ports, or by mark: the packet's port stays, whatever the server's is (spec 2.5) */
	s->dport = d->port && !(controlled && svc->vport != f->key.vport) ? d->port : f->key.vport;
	s->nh = 0;
	s->nh_gen = 0;
	s->children = 0;
	s->flags = 0;
	word = first_word(f, d, dest, controlled, &expiry);
	wide_publish(s, (loc - 1) % ELVS_PAIR_SLOTS, &f->key, word, expiry);
	made(d, dest, word, true);
	f->loc = loc;
	f->word = word;
	return 0;
}

/*
 * A connection for a packet that may open one (spec 2.4): made (f->word) or found meanwhile, at f->loc; or a verdict.
 * Persistence has given f->dest already, or 0. FLOW_STALE: a connection that is over stands in the way, end it first.
 */
__noinline int narrow_new(struct flow *f)
{
	struct elvs_pair *p;
	struct elvs_svc *svc;
	__u64 key, hash;
	__u32 at = 0;
	int r;

	svc = f ? svc_get(f->key.svc) : 0;
	if (!svc)
		return ELVS_V_INTERNAL;
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
	r = narrow_insert(f, svc, p, at, key, hash);
	narrow_unlock(p);
	return r;
}

/* The same in the wide table */
__noinline int wide_new(struct flow *f)
{
	struct elvs_wpair *p = 0;
	struct elvs_svc *svc;
	__u64 hash;
	int r;

	svc = f ? svc_get(f->key.svc) : 0;
	if (!svc)
		return ELVS_V_INTERNAL;
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
	r = wide_insert(f, svc, hash);
	wide_unlock(p);
	return r;
}

#else
__u32 template_dest(const struct elvs_wkey *conn);
int template_put(struct elvs_wkey *conn, __u32 dest);
int narrow_new(struct flow *f);
int wide_new(struct flow *f);
int narrow_end(__u32 loc, __u32 word);
int wide_end(__u32 loc, __u32 word);
int narrow_set_state(__u32 loc, __u32 word, __u32 state);
int wide_set_state(__u32 loc, __u32 word, __u32 state);
#endif

#endif
