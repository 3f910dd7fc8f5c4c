/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dest - destinations (real servers): add, edit, delete, list. IPVS's rules and errnos (its add_dest, edit_dest).
 *
 * Connections carry a destination's id. A deleted one goes to the trash under its id, with its counts, and comes
 * back under the same id when it is added to the same service again.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- checking ---- */

static int check_tunnel(struct elvs *e, const struct elvs_dest_conf *c)
{
	if (c->method != ELVS_TUNNEL)
		return 0;
	if (c->tun_type == 1 && !c->tun_port)
		return fail(e, -EINVAL, "a GUE tunnel needs a port");
	if (c->tun_type == 1 || c->tun_type == 2)
		return fail(e, -EOPNOTSUPP, "%s tunnels are not supported yet", c->tun_type == 1 ? "GUE" : "GRE");
	if (c->tun_type)
		return fail(e, -EINVAL, "there is no tunnel type %u", c->tun_type);
	return 0;
}

/* What add and edit refuse alike, in IPVS's order */
static int check_conf(struct elvs *e, const struct elvs_svc *s, const struct elvs_dest_conf *c)
{
	if (c->af != AF_INET && c->af != AF_INET6)
		return fail(e, -EAFNOSUPPORT, "address family %u: a real server is IPv4 or IPv6", c->af);
	if (c->method > ELVS_DROUTE)
		return fail(e, -EINVAL, "there is no forwarding method %u", c->method);
	if (kind_of(c->af) != s->kind && c->method != ELVS_TUNNEL)
		return fail(e, -EINVAL, "a real server of the other address family can only be reached by tunnel");
	if ((int32_t)c->weight < 0)
		return fail(e, -ERANGE, "weight %d: must not be negative", (int32_t)c->weight);
	if (c->l_threshold > c->u_threshold)
		return fail(e, -ERANGE, "lower threshold %u is above the upper one (%u)", c->l_threshold,
			    c->u_threshold);
	if (c->u_threshold > INT32_MAX)
		return fail(e, -EINVAL, "upper threshold %u: at most %d is possible", c->u_threshold, INT32_MAX);
	return check_tunnel(e, c);
}

static int no_dest(struct elvs *e, const struct elvs_dest_conf *c)
{
	char text[INET6_ADDRSTRLEN];

	return fail(e, -ENOENT, "the service has no real server %s port %u", addr_text(c->af, &c->addr, text),
		    ntohs(c->port));
}

/* ---- the lists ---- */

void dest_live_add(struct elvs *e, uint32_t id)
{
	struct dest_rec *r = &e->drec[id];
	struct svc_rec *s = &e->srec[dest_at(e, id)->svc];

	r->prev = 0;
	r->next = s->head;
	if (s->head)
		e->drec[s->head].prev = id;
	s->head = id;
	e->svcs[dest_at(e, id)->svc].ndests++;
	e->ndests++;
}

static void dest_live_del(struct elvs *e, uint32_t id)
{
	struct dest_rec *r = &e->drec[id];

	if (r->prev)
		e->drec[r->prev].next = r->next;
	else
		e->srec[dest_at(e, id)->svc].head = r->next;
	if (r->next)
		e->drec[r->next].prev = r->prev;
	e->svcs[dest_at(e, id)->svc].ndests--;
	e->ndests--;
}

void dest_trash_add(struct elvs *e, uint32_t id)
{
	struct dest_rec *r = &e->drec[id];

	r->prev = 0;
	r->next = e->trash_head;
	if (e->trash_head)
		e->drec[e->trash_head].prev = id;
	e->trash_head = id;
	r->idle_ms = 0;
	e->srec[dest_at(e, id)->svc].trash++;
	e->ntrash++;
}

static void dest_trash_del(struct elvs *e, uint32_t id)
{
	struct dest_rec *r = &e->drec[id];

	if (r->prev)
		e->drec[r->prev].next = r->next;
	else
		e->trash_head = r->next;
	if (r->next)
		e->drec[r->next].prev = r->prev;
	e->srec[dest_at(e, id)->svc].trash--;
	e->ntrash--;
}

void dest_addr_add(struct elvs *e, uint32_t id)
{
	const struct elvs_dest *d = dest_at(e, id);
	struct dest_rec *r = &e->drec[id];
	union elvs_addr a;

	memcpy(&a, d->addr, sizeof(a));
	r->addr = addr_get(&e->daddrs, family_of(d->kind), &a);
	if (!r->addr)
		return;
	r->addr_prev = 0;
	r->addr_next = e->daddrs.rec[r->addr].first;
	if (r->addr_next)
		e->drec[r->addr_next].addr_prev = id;
	e->daddrs.rec[r->addr].first = id;
}

static void dest_addr_del(struct elvs *e, uint32_t id)
{
	struct dest_rec *r = &e->drec[id];

	if (!r->addr)
		return;
	if (r->addr_prev)
		e->drec[r->addr_prev].addr_next = r->addr_next;
	else
		e->daddrs.rec[r->addr].first = r->addr_next;
	if (r->addr_next)
		e->drec[r->addr_next].addr_prev = r->addr_prev;
	addr_put(&e->daddrs, r->addr);
	r->addr = 0;
}

/* ---- making and unmaking ---- */

/* Room for one more; by a quarter at a time, since every growth waits for a grace period. */
static int dests_grow(struct elvs *e)
{
	uint32_t want = e->dest.count + 1 + e->dest.count / 4;

	if (e->dest_top < e->dest.count * ELVS_DEST_CHUNK)
		return 0;
	return dir_grow(e, &e->dest, want < e->dest.max ? want : e->dest.max);
}

static uint32_t dest_alloc(struct elvs *e)
{
	uint32_t id;

	if (!e->dest_free && e->dest_top == ELVS_MAX_DESTS)
		trash_reap_now(e);
	id = e->dest_free;
	if (id) {
		e->dest_free = e->drec[id].next;
	} else if (e->dest_top < ELVS_MAX_DESTS) {
		if (dests_grow(e) || window_reach(e, &e->window[W_LOADS], (e->dest_top + 1) * sizeof(*e->loads)))
			return 0;
		id = e->dest_top++;
	} else {
		fail(e, -ENOMEM, "the limit of %u real servers is reached", ELVS_MAX_DESTS - 1);
		return 0;
	}
	e->drec[id] = (struct dest_rec){ 0 };
	memset(&e->loads[id], 0, sizeof(e->loads[id]));
	memset(dest_at(e, id), 0, e->dest_bytes);
	return id;
}

void dest_free(struct elvs *e, uint32_t id)
{
	dest_trash_del(e, id);
	dest_hash_del(e, id);
	dest_addr_del(e, id);
	rate_forget(&e->drec[id].rate);
	STORE(dest_at(e, id)->used, UNUSED);
	hop_local_note(e, id);
	e->drec[id].next = e->dest_free;
	e->dest_free = id;
}

/* OVERLOAD is the data plane's, which sets and clears it as connections come and go. */
static void thresholds_write(struct elvs *e, uint32_t id, const struct elvs_dest_conf *c)
{
	struct elvs_dest *d = dest_at(e, id);
	struct elvs_load *l = &e->loads[id];
	uint32_t old = d->u_threshold;

	STORE(d->l_threshold, c->l_threshold);
	STORE(d->u_threshold, c->u_threshold);
	if (c->u_threshold && LOAD(l->act) + LOAD(l->inact) >= c->u_threshold)
		__atomic_fetch_or(&l->flags, ELVS_LOAD_OVERLOAD, __ATOMIC_RELEASE);
	else if (!c->u_threshold || c->u_threshold > old)
		__atomic_fetch_and(&l->flags, ~ELVS_LOAD_OVERLOAD, __ATOMIC_RELEASE);
}

static void conf_write(struct elvs *e, uint32_t id, const struct elvs_dest_conf *c)
{
	struct elvs_dest *d = dest_at(e, id);

	d->tun_type = c->tun_type;
	d->tun_port = c->tun_port;
	d->tun_flags = c->tun_flags;
	STORE(d->method, c->method);
	d->weight = c->weight;
	STORE(e->loads[id].weight, c->weight);
	thresholds_write(e, id, c);
	if (c->method == ELVS_MASQ) {
		filter_add(e, id);
		e->drec[id].was_masq = true;
	}
}

static void gone_add(struct elvs *e, uint32_t id, bool add)
{
	struct elvs_svc *s = &e->svcs[dest_at(e, id)->svc];
	uint64_t raw[NCOUNTERS];

	dest_raw(e, id, raw);
	for (int i = 0; i < NCOUNTERS; i++)
		s->gone[i] += add ? raw[i] : -raw[i]; /* modulo 2^64: the sum with the live ones is what counts */
}

/* Out of the trash: ids, counts and statistics go on; under a service made anew the statistics begin anew. */
static void dest_revive(struct elvs *e, uint32_t id)
{
	struct elvs_dest *d = dest_at(e, id);
	uint64_t raw[NCOUNTERS];

	dest_trash_del(e, id);
	gone_add(e, id, false);
	if (d->seq < e->svcs[d->svc].seq) {
		dest_raw(e, id, raw);
		memcpy(d->zero, raw, sizeof(raw));
		e->drec[id].seen = false;
		rate_forget(&e->drec[id].rate);
	}
}

static uint32_t dest_make(struct elvs *e, uint32_t svc, const struct elvs_dest_conf *c, const union elvs_addr *a)
{
	uint32_t id = dest_alloc(e);
	struct elvs_dest *d;

	if (!id)
		return 0;
	d = dest_at(e, id);
	memcpy(d->addr, a, sizeof(d->addr));
	d->port = c->port;
	d->kind = kind_of(c->af);
	d->svc = svc;
	dest_hash_add(e, id);
	dest_addr_add(e, id);
	hop_apply(e, id);
	return id;
}

int elvs_dest_add(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *c)
{
	const union elvs_addr a = addr_clean(c->af, &c->addr);
	uint32_t svc = svc_live(e, k), id;
	char text[INET6_ADDRSTRLEN];
	struct elvs_dest *d;
	int r;

	if (!svc)
		return -ESRCH;
	r = check_conf(e, &e->svcs[svc], c);
	if (r)
		return r;
	id = dest_find(e, svc, c->af, &a, c->port);
	if (id && dest_at(e, id)->used == LIVE)
		return fail(e, -EEXIST, "the service has real server %s port %u already", addr_text(c->af, &a, text),
			    ntohs(c->port));
	if (!id && !addr_find(&e->daddrs, c->af, &a)) { /* an address in use was asked for when it came */
		r = addr_check_dest(e, c->af, &a);
		if (r)
			return r;
	}
	sched_touch(e, svc);
	if (id)
		dest_revive(e, id);
	else
		id = dest_make(e, svc, c, &a);
	if (!id)
		return -ENOMEM;
	d = dest_at(e, id);
	d->seq = ++e->seq;
	conf_write(e, id, c);
	STORE(d->flags, ELVS_DEST_AVAILABLE);
	STORE(d->used, LIVE);
	hop_local_note(e, id);
	dest_live_add(e, id);
	sched_dest_added(e, svc, id);
	return sched_flush(e, svc);
}

int elvs_dest_edit(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *c)
{
	const union elvs_addr a = addr_clean(c->af, &c->addr);
	uint32_t svc = svc_live(e, k), id;
	int32_t old;
	int r;

	if (!svc)
		return -ESRCH;
	r = check_conf(e, &e->svcs[svc], c);
	if (r)
		return r;
	id = dest_find(e, svc, c->af, &a, c->port);
	if (!id || dest_at(e, id)->used != LIVE)
		return no_dest(e, c);
	sched_touch(e, svc);
	old = dest_at(e, id)->weight;
	if (dest_at(e, id)->method == ELVS_MASQ && c->method != ELVS_MASQ)
		e->filter_stale = true;
	conf_write(e, id, c);
	hop_local_note(e, id);
	sched_dest_edited(e, svc, old, c->weight);
	return sched_flush(e, svc);
}

void dest_to_trash(struct elvs *e, uint32_t id)
{
	struct elvs_dest *d = dest_at(e, id);

	STORE(d->flags, d->flags & ~ELVS_DEST_AVAILABLE);
	STORE(e->loads[id].weight, 0);
	STORE(d->used, TRASH);
	d->trash_tick = LOAD(e->set->clock);
	dest_live_del(e, id);
	dest_trash_add(e, id);
	gone_add(e, id, true);
	if (d->method == ELVS_MASQ)
		e->filter_stale = true;
}

int elvs_dest_del(struct elvs *e, const struct elvs_svc_key *k, const struct elvs_dest_conf *c)
{
	const union elvs_addr a = addr_clean(c->af, &c->addr);
	uint32_t svc = svc_live(e, k), id;

	if (!svc)
		return -ESRCH;
	id = dest_find(e, svc, c->af, &a, c->port);
	if (!id || dest_at(e, id)->used != LIVE)
		return no_dest(e, c);
	sched_touch(e, svc);
	sched_dest_removing(e, svc, id);
	dest_to_trash(e, id);
	sched_dest_removed(e, svc, dest_at(e, id)->weight);
	return sched_flush(e, svc);
}

/* ---- reading ---- */

static void dest_info(const struct elvs *e, uint32_t id, struct elvs_dest_info *ret)
{
	const struct elvs_dest *d = dest_at(e, id);
	const struct elvs_load *l = &e->loads[id];
	uint64_t raw[NCOUNTERS];

	memset(ret, 0, sizeof(*ret));
	ret->conf.af = family_of(d->kind);
	memcpy(&ret->conf.addr, d->addr, sizeof(ret->conf.addr));
	ret->conf.port = d->port;
	ret->conf.method = d->method;
	ret->conf.weight = d->weight;
	ret->conf.u_threshold = d->u_threshold;
	ret->conf.l_threshold = d->l_threshold;
	ret->conf.tun_type = d->tun_type;
	ret->conf.tun_port = d->tun_port;
	ret->conf.tun_flags = d->tun_flags;
	ret->active = LOAD(l->act);
	ret->inactive = LOAD(l->inact);
	ret->persist = LOAD(d->persist);
	ret->id = id;
	dest_passive(e, id, &ret->passive);
	dest_raw(e, id, raw);
	counters_fill(&ret->counters, raw, d->zero, e->drec[id].rate);
}

int elvs_dest_each(struct elvs *e, const struct elvs_svc_key *k, int (*f)(void *arg, const struct elvs_dest_info *),
		   void *arg)
{
	uint32_t svc = svc_live(e, k), next;
	int r = 0;

	for (uint32_t id = svc ? e->srec[svc].head : 0; id && !r; id = next) {
		struct elvs_dest_info info;

		next = e->drec[id].next;
		dest_info(e, id, &info);
		r = f(arg, &info);
	}
	return r;
}
