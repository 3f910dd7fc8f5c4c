/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool_reload - builds the lists of a configuration and carries over what the old ones knew: checks by key, services
 * and real servers by address. Nothing here is quadratic in servers: thousands of services with tens of thousands of
 * real servers are reloaded in a blink.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_internal.h"

/* ---- checks ---- */

static int key_order(const void *a, const void *b, void *arg)
{
	const struct pool_check *checks = arg;
	uint64_t x = checks[*(const uint32_t *)a].c->key, y = checks[*(const uint32_t *)b].c->key;

	return (x > y) - (x < y);
}

static void checks_build(struct pool *p, const struct conf *c)
{
	struct pool_check *now = pool_need(calloc(c->n_checks + 1, sizeof(*now))), *old;
	uint32_t *by_key = pool_need(calloc(c->n_checks + 1, sizeof(*by_key)));

	for (uint32_t i = 0; i < c->n_checks; i++) {
		old = pool_check_find(p, c->checks[i].key);
		if (old)
			now[i] = *old;
		now[i].c = &c->checks[i];
		now[i].users = NULL;
		now[i].n_users = 0;
		by_key[i] = i;
	}
	qsort_r(by_key, c->n_checks, sizeof(*by_key), key_order, now);
	pool_checks_free(p->checks, p->n_checks);
	free(p->by_key);
	p->checks = now;
	p->by_key = by_key;
	p->n_checks = c->n_checks;
}

/* Two passes over all users: count, then fill. */
static void checks_users(struct pool *p, const struct conf *c)
{
	for (int fill = 0; fill < 2; fill++) {
		for (uint32_t v = 0; v < c->n_servers; v++)
			for (uint32_t r = 0; r < c->servers[v].n_rs; r++)
				for (uint32_t k = 0; k < c->servers[v].rs[r].n_checks; k++) {
					struct pool_check *check = &p->checks[c->servers[v].rs[r].checks[k]];

					if (fill)
						check->users[check->n_users] = (struct pool_user){ v, r };
					check->n_users++;
				}
		for (uint32_t i = 0; !fill && i < p->n_checks; i++) {
			p->checks[i].users = pool_need(calloc(p->checks[i].n_users + 1, sizeof(struct pool_user)));
			p->checks[i].n_users = 0;
		}
	}
}

/* ---- services of a virtual server ---- */

static void addr_plus(struct addr *a, uint32_t n)
{
	uint64_t carry = n;

	for (int i = a->af == AF_INET ? 0 : 3; i >= 0 && carry; i--) {
		carry += ntohl(a->a[i]);
		a->a[i] = htonl((uint32_t)carry);
		carry >>= 32;
	}
}

static void service_init(struct service *s, const struct conf_vs *vs)
{
	memset(s, 0, sizeof(*s));
	s->af = vs->family;
	s->proto = vs->protocol;
	snprintf(s->sched, sizeof(s->sched), "%s", vs->sched);
	snprintf(s->pe, sizeof(s->pe), "%s", vs->pe);
	s->flags = vs->flags;
	s->timeout = vs->persistence_s;
	s->netmask = vs->netmask;
}

static void service_at(struct service *s, const struct conf_addr *a, uint32_t nth, uint32_t fwmark)
{
	s->fwmark = fwmark;
	if (fwmark)
		return;
	s->af = a->family;
	s->addr.af = a->family;
	memcpy(s->addr.a, a->bytes, sizeof(s->addr.a));
	addr_plus(&s->addr, nth);
	s->port = htons(a->port);
}

static void svcs_build(struct pool_vs *vs, const struct conf *c)
{
	const struct conf_vsg *g = vs->c->vsg == CONF_NONE ? NULL : &c->vsgs[vs->c->vsg];
	uint32_t n = 1, k = 0;

	if (g) {
		n = 0;
		for (uint32_t i = 0; i < g->n_entries; i++)
			n += g->entries[i].fwmark ? 1 : g->entries[i].count;
	}
	vs->svcs = pool_need(calloc(n + 1, sizeof(*vs->svcs)));
	vs->n_svcs = n;
	if (!g) {
		service_init(&vs->svcs[0].s, vs->c);
		service_at(&vs->svcs[0].s, &vs->c->addr, 0, vs->c->fwmark);
		return;
	}
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct conf_vsg_entry *e = &g->entries[i];

		for (uint32_t nth = 0; nth < (e->fwmark ? 1 : e->count); nth++) {
			service_init(&vs->svcs[k].s, vs->c);
			if (e->fwmark && e->first.family)
				vs->svcs[k].s.af = e->first.family;
			service_at(&vs->svcs[k++].s, &e->first, nth, e->fwmark);
		}
	}
}

/* A service and whose it is; sorted, to find one of many. */
struct place {
	struct pool_svc *svc;
	struct pool_vs *vs;
};

static int place_order(const void *a, const void *b)
{
	return pool_service_order(&((const struct place *)a)->svc->s, &((const struct place *)b)->svc->s);
}

static struct place *places_build(struct pool_vs *list, uint32_t n_vs, uint32_t *ret_n)
{
	struct place *places;
	uint32_t n = 0;

	for (uint32_t i = 0; i < n_vs; i++)
		n += list[i].n_svcs;
	places = pool_need(calloc(n + 1, sizeof(*places)));
	n = 0;
	for (uint32_t i = 0; i < n_vs; i++)
		for (uint32_t k = 0; k < list[i].n_svcs; k++)
			places[n++] = (struct place){ &list[i].svcs[k], &list[i] };
	qsort(places, n, sizeof(*places), place_order);
	*ret_n = n;
	return places;
}

static struct place *place_find(struct place *places, uint32_t n, const struct service *s)
{
	struct pool_svc probe = { .s = *s };
	struct place key = { .svc = &probe };

	return bsearch(&key, places, n, sizeof(*places), place_order);
}

/* ---- reload ---- */

struct old_rs {
	struct dest d;
	const struct pool_rs *rs;
};

static struct old_rs *old_rs_build(const struct pool_vs *old)
{
	struct old_rs *list = pool_need(calloc(old->c->n_rs + 1, sizeof(*list)));

	for (uint32_t i = 0; i < old->c->n_rs; i++) {
		pool_dest_of_rs(&list[i].d, old->rs[i].c);
		list[i].rs = &old->rs[i];
	}
	qsort(list, old->c->n_rs, sizeof(*list), pool_dest_order); /* struct dest comes first */
	return list;
}

/* Real servers that were there before keep their state; those that have gone and drain are remembered. */
static void vs_inherit(struct pool_vs *vs, const struct pool_vs *old)
{
	struct old_rs *list = old_rs_build(old), *was;
	bool *kept = pool_need(calloc(old->c->n_rs + 1, sizeof(*kept)));
	struct dest d;

	vs->quorum = old->quorum;
	vs->judged = old->judged;
	for (uint32_t i = 0; i < vs->c->n_rs; i++) {
		pool_dest_of_rs(&d, vs->rs[i].c);
		was = bsearch(&d, list, old->c->n_rs, sizeof(*list), pool_dest_order);
		if (!was)
			continue;
		kept[was->rs - old->rs] = true;
		vs->rs[i].up = was->rs->up;
		vs->rs[i].up_us = was->rs->up_us;
		vs->rs[i].init_told = was->rs->init_told;
		vs->rs[i].assume_down = !was->rs->up;
	}
	vs->drains = pool_need(calloc(old->n_drains + old->c->n_rs + 1, sizeof(*vs->drains)));
	for (uint32_t i = 0; i < old->n_drains; i++)
		vs->drains[vs->n_drains++] = old->drains[i];
	for (uint32_t i = 0; i < old->c->n_rs; i++) {
		if (kept[i] || !old->rs[i].c->drain)
			continue;
		pool_dest_of_rs(&vs->drains[vs->n_drains].d, old->rs[i].c);
		vs->drains[vs->n_drains++].d.weight = 0;
	}
	free(list);
	free(kept);
}

/* A drained server that is configured again is no longer drained. */
static void drains_prune(struct pool_vs *vs)
{
	struct dest d;

	for (uint32_t k = 0; k < vs->n_drains; k++)
		for (uint32_t i = 0; i < vs->c->n_rs; i++) {
			pool_dest_of_rs(&d, vs->rs[i].c);
			if (!pool_dest_order(&d, &vs->drains[k].d))
				vs->drains[k].done = true;
		}
}

static void vs_build(struct pool_vs *vs, const struct conf *c, const struct conf_vs *conf_vs)
{
	vs->c = conf_vs;
	vs->rs = pool_need(calloc(conf_vs->n_rs + 1, sizeof(*vs->rs)));
	for (uint32_t i = 0; i < conf_vs->n_rs; i++) {
		vs->rs[i].c = &conf_vs->rs[i];
		vs->rs[i].weight = conf_vs->rs[i].weight;
		vs->rs[i].up = true; /* taken for up until a check says otherwise; alpha is judged below, silently */
		for (uint32_t k = 0; k < conf_vs->rs[i].n_checks; k++)
			if (c->checks[conf_vs->rs[i].checks[k]].how->alpha)
				vs->rs[i].up = false;
	}
	svcs_build(vs, c);
}

/* Services of the new list that stood in the old one take over what the tables hold; the others' are taken out. */
static void svcs_move(struct pool *p, struct pool_vs *vs, uint32_t n_vs, struct pool_vs *old, uint32_t n_old)
{
	uint32_t n, n_seen = 0;
	struct place *places = places_build(vs, n_vs, &n), *at;
	struct pool_vs **seen = pool_need(calloc(n_vs + 1, sizeof(*seen)));

	for (uint32_t i = 0; i < n_old; i++) {
		for (uint32_t k = 0; k < old[i].n_svcs; k++) {
			struct pool_svc *was = &old[i].svcs[k];

			at = place_find(places, n, &was->s);
			if (!at) {
				if (was->present && !was->refused && !old[i].c->adopted)
					p->sink.change(p->sink.arg, POOL_DEL, &was->s, NULL, old[i].c);
				continue;
			}
			at->svc->in_table = was->in_table;
			at->svc->present = was->present && !was->refused;
			at->svc->dests = was->dests;
			at->svc->n = was->n;
			at->svc->room = was->room;
			was->dests = NULL;
			if (!at->vs->drains) { /* the first of its services that is known brings the state along */
				vs_inherit(at->vs, &old[i]);
				drains_prune(at->vs);
				seen[n_seen++] = at->vs;
			}
		}
	}
	free(seen);
	free(places);
}

static const struct conf nothing;

void pool_conf(struct pool *p, const struct conf *c, uint64_t now_us)
{
	struct pool_vs *old = p->vs;
	uint32_t n_old = p->n_vs;

	if (!c)
		c = &nothing;
	checks_build(p, c);
	p->vs = pool_need(calloc(c->n_servers + 1, sizeof(*p->vs)));
	p->n_vs = c->n_servers;
	for (uint32_t i = 0; i < c->n_servers; i++)
		vs_build(&p->vs[i], c, &c->servers[i]);
	svcs_move(p, p->vs, p->n_vs, old, n_old);
	p->conf = c;
	checks_users(p, c);
	for (uint32_t i = 0; i < p->n_vs; i++) {
		for (uint32_t r = 0; r < p->vs[i].c->n_rs; r++)
			pool_rs_judge(p, &p->vs[i], &p->vs[i].rs[r], now_us, NULL);
		pool_vs_judge(p, &p->vs[i]);
	}
	for (uint32_t i = 0; i < n_old; i++)
		pool_vs_free(&old[i]);
	free(old);
}
