/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conn - the connection tables seen from user space: their memory, and what stands in them. Only the data plane
 * makes, changes and ends connections; elvs_conns_clear() is for tests and benches without traffic.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <string.h>

/* Connections that a pair is meant for. Above that the table is still right, only slower. */
#define PER_PAIR 4	       /* narrow: 32 bytes a connection */
#define WPER_7PAIRS 32	       /* wide: 4.57 in a pair, 112 bytes a connection */
#define GROW_PERCENT 40	       /* of the capacity in use: time for more, before a flood fills it */
#define AHEAD 4		       /* times what came since the last tending: memory for the next */
#define STEP_BYTES (64u << 20) /* a table doubles until then, and grows by as much from then on */

struct table {
	struct dir *dir;
	__u32 *alloc;
	uint32_t max; /* pairs */
	uint32_t per_7pairs;
};

static uint32_t pairs_for(uint64_t conns)
{
	return (conns + PER_PAIR - 1) / PER_PAIR;
}

static uint32_t wpairs_for(uint64_t conns)
{
	return (conns * 7 + WPER_7PAIRS - 1) / WPER_7PAIRS;
}

static uint32_t segments(uint32_t pairs, uint32_t per_segment, uint32_t max)
{
	uint32_t n = (pairs + per_segment - 1) / per_segment;

	return n < 1 ? 1 : n > max ? max : n;
}

static uint32_t pow2_mask(uint32_t n)
{
	uint32_t m = 1;

	while (m < n)
		m *= 2;
	return m - 1;
}

/* Tables never shrink: what there is may stay. */
void conns_limit(struct elvs *e)
{
	struct elvs_settings *s = e->set;
	uint32_t n = segments(pairs_for(e->max_conns), ELVS_CONN_SEG, ELVS_CONN_SEGS) * ELVS_CONN_SEG;
	uint32_t w = segments(wpairs_for(e->max_conns), ELVS_WCONN_SEG, ELVS_WCONN_SEGS) * ELVS_WCONN_SEG;

	s->max_pairs = n > s->alloc_pairs ? n : s->alloc_pairs;
	s->max_wpairs = w > s->alloc_wpairs ? w : s->alloc_wpairs;
}

int conns_init(struct elvs *e, uint32_t start_conns)
{
	struct elvs_settings *s = e->set;
	uint32_t n = segments(pairs_for(start_conns), ELVS_CONN_SEG, ELVS_CONN_SEGS);
	uint32_t w = segments(wpairs_for(start_conns / 4), ELVS_WCONN_SEG, ELVS_WCONN_SEGS);
	int r = dir_grow(e, &e->conn, n);

	if (!r)
		r = dir_grow(e, &e->wconn, w);
	if (r)
		return r;
	s->npairs = s->alloc_pairs = n * ELVS_CONN_SEG;
	s->pair_mask = pow2_mask(s->npairs);
	s->nwpairs = s->alloc_wpairs = w * ELVS_WCONN_SEG;
	s->wpair_mask = pow2_mask(s->nwpairs);
	conns_limit(e);
	return 0;
}

void conns_alive(const struct elvs *e, int64_t *narrow, int64_t *wide)
{
	*narrow = 0;
	*wide = 0;
	for (uint32_t cpu = 0; cpu < e->cpu_slots; cpu++) {
		*narrow += LOAD(e->cpus[cpu].conns);
		*wide += LOAD(e->cpus[cpu].wconns);
	}
}

/*
 * Chunks a table should have. Memory must be there before connections come: what the next tendings may bring is
 * reckoned from what came since the last one. Growing by less than a double costs a grace period each time.
 */
static uint32_t chunks_wanted(const struct table *t, int64_t alive, int64_t before)
{
	uint64_t need = alive + (alive > before ? (alive - before) * AHEAD : 0), n = t->dir->count;
	uint64_t per_chunk = t->per_7pairs * t->dir->entries / 7, limit = t->max / t->dir->entries;
	uint64_t least = (need * 100 + per_chunk * GROW_PERCENT - 1) / (per_chunk * GROW_PERCENT);
	uint64_t most = STEP_BYTES / ((uint64_t)t->dir->entries * t->dir->value_size);

	if (least <= n)
		return n;
	while (n < least)
		n += n < most ? n : most;
	return n < limit ? n : limit;
}

/* The data plane's sweeper then splits pairs up to `alloc` on its own. */
static void table_grow(struct elvs *e, const struct table *t, int64_t alive, int64_t *before)
{
	uint32_t want = chunks_wanted(t, alive, *before);

	*before = alive;
	if (want <= t->dir->count)
		return;
	dir_grow(e, t->dir, want); /* what could be had of it counts; the rest is tried again */
	STORE(*t->alloc, t->dir->count * t->dir->entries);
}

void conns_grow(struct elvs *e)
{
	struct elvs_settings *s = e->set;
	const struct table narrow = { &e->conn, &s->alloc_pairs, s->max_pairs, 7 * PER_PAIR };
	const struct table wide = { &e->wconn, &s->alloc_wpairs, s->max_wpairs, WPER_7PAIRS };
	int64_t n, w;

	conns_alive(e, &n, &w);
	if (!e->tended) { /* taken over: how fast they came is not known */
		e->tended = true;
		e->conns_before = n;
		e->wconns_before = w;
	}
	table_grow(e, &narrow, n, &e->conns_before);
	table_grow(e, &wide, w, &e->wconns_before);
}

/* ---- looking ---- */

static uint8_t word_state(uint32_t word)
{
	return (word & ELVS_W_STATE_MASK) >> ELVS_W_STATE_SHIFT;
}

/* Fills what slots of both kinds have; false when it is free, expired, or half made. */
static bool conn_common(const struct elvs *e, uint32_t word, uint32_t expiry, struct elvs_conn *c)
{
	uint32_t id = word >> ELVS_W_DEST_SHIFT;
	int32_t left = (int32_t)(expiry - LOAD(e->set->clock));
	const struct elvs_dest *d;

	if (!(word & ELVS_W_USED) || !id || id >= e->dest_top || left <= 0)
		return false;
	d = dest_at(e, id);
	memset(c, 0, sizeof(*c));
	c->daf = family_of(d->kind);
	memcpy(&c->daddr, d->addr, sizeof(c->daddr));
	c->dport = d->port;
	c->state = word_state(word);
	c->expires_sec = left / ELVS_TICKS_PER_SEC;
	c->flags = word;
	return true;
}

static bool conn_narrow(const struct elvs *e, const struct elvs_slot *slot, struct elvs_conn *c)
{
	uint64_t key = LOAD(slot->key);
	uint32_t word = __atomic_load_n(&slot->word, __ATOMIC_ACQUIRE), expiry = LOAD(slot->expiry);
	const struct elvs_svc *s;

	if (!key || key >> 48 >= e->svc_top || !conn_common(e, word, expiry, c))
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (LOAD(slot->key) != key) /* freed and used again under our eyes */
		return false;
	s = &e->svcs[key >> 48];
	c->af = family_of(s->kind);
	c->proto = s->proto;
	c->caddr.a[0] = (uint32_t)key;
	c->cport = (key >> 32) & 0xffff;
	memcpy(&c->vaddr, s->vaddr, sizeof(c->vaddr));
	c->vport = s->vport;
	if (!c->dport)
		c->dport = c->vport;
	return true;
}

static bool conn_wide(const struct elvs *e, const struct elvs_wslot *slot, struct elvs_conn *c)
{
	const struct elvs_wslot copy = *(const volatile struct elvs_wslot *)slot;

	if (!copy.key.kind || !conn_common(e, copy.word, copy.expiry, c))
		return false;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (memcmp(&slot->key, &copy.key, sizeof(copy.key)) || LOAD(slot->word) != copy.word)
		return false;
	c->af = family_of(copy.key.kind & (ELVS_WK_V4 | ELVS_WK_V6));
	c->proto = copy.key.proto;
	memcpy(&c->caddr, copy.key.caddr, sizeof(c->caddr));
	memcpy(&c->vaddr, copy.key.vaddr, sizeof(c->vaddr));
	c->cport = copy.key.cport;
	c->vport = copy.key.vport;
	c->dport = copy.dport;
	c->is_template = copy.key.kind & ELVS_WK_TEMPLATE;
	if (!c->is_template)
		return true;
	c->state = copy.flags & ELVS_WF_ASSURED ? 1 : 0;
	if (c->proto == IPPROTO_IP) /* of a firewall mark, shown as an address */
		c->vaddr.a[0] = htonl(copy.key.vaddr[0]);
	return true;
}

static int pair_each(struct elvs *e, const struct elvs_pair *pair, int (*f)(void *arg, const struct elvs_conn *),
		     void *arg)
{
	struct elvs_conn c;
	int r = 0;

	for (int i = 0; i < ELVS_PAIR_SLOTS && !r; i++)
		if (conn_narrow(e, &pair->slot[i], &c))
			r = f(arg, &c);
	return r;
}

static int wpair_each(struct elvs *e, const struct elvs_wpair *pair, int (*f)(void *arg, const struct elvs_conn *),
		      void *arg)
{
	struct elvs_conn c;
	int r = 0;

	for (int i = 0; i < ELVS_PAIR_SLOTS && !r; i++)
		if (conn_wide(e, &pair->slot[i], &c))
			r = f(arg, &c);
	return r;
}

/* Segment by segment: each is mapped while it is read. */
int elvs_conn_each(struct elvs *e, int (*f)(void *arg, const struct elvs_conn *), void *arg)
{
	int r = 0;

	for (uint32_t i = 0; i < e->conn.count && !r; i++) {
		r = dir_map(&e->conn, i);
		for (uint32_t p = 0; p < ELVS_CONN_SEG && !r; p++)
			r = pair_each(e, dir_at(&e->conn, i * ELVS_CONN_SEG + p), f, arg);
		dir_rest(&e->conn, 0);
	}
	for (uint32_t i = 0; i < e->wconn.count && !r; i++) {
		r = dir_map(&e->wconn, i);
		for (uint32_t p = 0; p < ELVS_WCONN_SEG && !r; p++)
			r = wpair_each(e, dir_at(&e->wconn, i * ELVS_WCONN_SEG + p), f, arg);
		dir_rest(&e->wconn, 0);
	}
	return r;
}

const char *elvs_conn_state(const struct elvs_conn *c)
{
	static const char *const tcp[ELVS_TCP_STATES] = {
		[ELVS_TCP_NONE] = "NONE",	  [ELVS_TCP_ESTABLISHED] = "ESTABLISHED",
		[ELVS_TCP_SYN_SENT] = "SYN_SENT", [ELVS_TCP_SYN_RECV] = "SYN_RECV",
		[ELVS_TCP_FIN_WAIT] = "FIN_WAIT", [ELVS_TCP_TIME_WAIT] = "TIME_WAIT",
		[ELVS_TCP_CLOSE] = "CLOSE",	  [ELVS_TCP_CLOSE_WAIT] = "CLOSE_WAIT",
		[ELVS_TCP_LAST_ACK] = "LAST_ACK", [ELVS_TCP_LISTEN] = "LISTEN",
		[ELVS_TCP_SYNACK] = "SYNACK",
	};

	if (c->is_template)
		return c->state ? "ASSURED" : "NONE";
	if (c->proto == IPPROTO_UDP)
		return "UDP";
	return c->state < ELVS_TCP_STATES ? tcp[c->state] : "ERR!";
}

/* ---- tests ---- */

int elvs_conns_clear(struct elvs *e)
{
	for (uint32_t i = 0; i < e->conn.count; i++)
		memset(dir_at(&e->conn, i * ELVS_CONN_SEG), 0, sizeof(struct elvs_pair) * ELVS_CONN_SEG);
	for (uint32_t i = 0; i < e->wconn.count; i++)
		memset(dir_at(&e->wconn, i * ELVS_WCONN_SEG), 0, sizeof(struct elvs_wpair) * ELVS_WCONN_SEG);
	dir_rest(&e->conn, 0);
	dir_rest(&e->wconn, 0);
	for (uint32_t id = 1; id < e->dest_top; id++) {
		e->loads[id].act = 0;
		e->loads[id].inact = 0;
		e->loads[id].flags &= ~ELVS_LOAD_OVERLOAD;
		dest_at(e, id)->persist = 0;
	}
	for (uint32_t cpu = 0; cpu < e->cpu_slots; cpu++) {
		e->cpus[cpu].conns = 0;
		e->cpus[cpu].wconns = 0;
	}
	return 0;
}

void elvs_table_info(struct elvs *e, struct elvs_table_info *ret)
{
	const struct dir *dirs[] = { &e->conn, &e->wconn, &e->dest, &e->sched, &e->vip_modes, &e->checks };
	int64_t narrow, wide;

	memset(ret, 0, sizeof(*ret));
	conns_alive(e, &narrow, &wide);
	ret->conns = narrow > 0 ? narrow : 0;
	ret->wide_conns = wide > 0 ? wide : 0;
	ret->capacity = (uint64_t)e->set->alloc_pairs * PER_PAIR;
	ret->wide_capacity = (uint64_t)e->set->alloc_wpairs * WPER_7PAIRS / 7;
	ret->max = (uint64_t)e->set->max_pairs * PER_PAIR;
	ret->bytes = e->fixed_bytes + checks_bytes(e);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		ret->bytes += (uint64_t)dirs[i]->count * dirs[i]->entries * dirs[i]->value_size;
	for (uint32_t cpu = 0; cpu < e->cpu_slots; cpu++) {
		ret->refused += LOAD(e->cpus[cpu].full);
		ret->evicted += LOAD(e->cpus[cpu].evicted);
	}
}
