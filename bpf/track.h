/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track - a packet's connection: finding it in either table, and what a packet does to its state and its timer.
 */
#ifndef ELVS_BPF_TRACK_H
#define ELVS_BPF_TRACK_H

#include "endpoint.h"
#include "flow.h"

/* A connection in either table: word and expiry stand side by side in both kinds of slot. */
struct conn {
	__u32 *we;	/* [0] word, [1] expiry */
	__u32 word;
	__u32 loc;
	__u16 dport;	/* the server's port, network order; 0 = as the destination says */
};

static __always_inline bool conn_valid(struct conn *c)
{
	c->word = READ_ONCE(c->we[0]);
	return word_dest(c->word) && (__s32)(READ_ONCE(c->we[1]) - settings.clock) > 0;
}

static __always_inline bool narrow_at(struct conn *c, __u32 loc)
{
	struct elvs_slot *s = narrow_slot(loc);

	if (!s)
		return false;
	c->we = &s->word;
	c->loc = loc;
	c->dport = 0;
	return conn_valid(c);
}

static __always_inline bool wide_at(struct conn *c, __u32 loc)
{
	struct elvs_wslot *s = wide_slot(loc);

	if (!s)
		return false;
	c->we = &s->word;
	c->loc = loc;
	c->dport = s->dport;
	return conn_valid(c);
}

static __always_inline __u64 request_narrow_key(const struct pkt *p, const struct elvs_ep *ep)
{
	return (__u64)p->saddr[0] | (__u64)p->sport << 32 | (__u64)ep->id << 48;
}

static __always_inline bool narrow_find(struct conn *c, __u64 key)
{
	__u64 hash = elvs_conn_hash((__u32)key, (__u16)(key >> 32), settings.key);
	__u32 i = narrow_index(elvs_probe(hash, 0)), loc, elsewhere;
	struct elvs_pair *p = narrow_pair(i);
	struct elvs_slot *s;

	if (!p)
		return false;
	s = narrow_near(p, i, hash, key, &c->loc);
	if (likely(s)) {
		c->we = &s->word;
		c->dport = 0;
		/* the key once more: between key and word the slot may have got another tenant */
		return conn_valid(c) && likely(READ_ONCE(s->key) == key);
	}
	/* elsewhere: later probes, or moved as we looked. One sum, one branch. */
	elsewhere = (READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW) | READ_ONCE(settings.splitting) |
		    (i ^ narrow_index(elvs_probe(hash, 0)));
	if (likely(!elsewhere))
		return false;
	loc = narrow_search(&key, hash, 0);
	return loc && narrow_at(c, loc);
}

static __always_inline bool wide_find(struct conn *c, const struct elvs_wkey *key)
{
	__u64 hash = wide_hash(key);
	__u32 i = wide_index(elvs_probe(hash, 0)), loc, elsewhere;
	struct elvs_wpair *p = wide_pair(i);
	struct elvs_wslot *s;

	if (!p)
		return false;
	s = wide_near(p, i, hash, key, &c->loc);
	if (likely(s && wkey_same(&s->key, key))) {
		c->we = &s->word;
		c->dport = s->dport;
		return conn_valid(c);
	}
	elsewhere = (READ_ONCE(p->slot[ELVS_OVERFLOW_SLOT].word) & ELVS_W_OVERFLOW) | READ_ONCE(settings.wsplitting) |
		    (i ^ wide_index(elvs_probe(hash, 0)));
	if (likely(!s && !elsewhere))
		return false;
	loc = wide_search(key, hash, 0);
	return loc && wide_at(c, loc);
}

/* Advances the connection's state and its timer. */
static __always_inline void touch(const struct conn *c, const struct pkt *p, __u32 dir, bool wide)
{
	__u32 old = word_state(c->word), state = old, expiry;

	if (p->proto == IPPROTO_TCP)
		state = tcp_step(old, dir, p->tcp_flags);
	else if (dir == TCP_DIR_OUT)
		state = ELVS_UDP_STATE + 1;
	if (unlikely(state != old)) {
		if (wide)
			wide_set_state(c->loc, c->word, state);
		else
			narrow_set_state(c->loc, c->word, state);
	}
	expiry = settings.clock + state_timeout(p->proto, state);
	if (READ_ONCE(c->we[1]) != expiry)
		WRITE_ONCE(c->we[1], expiry);
}

#endif
