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
		if (old) {
			now[i] = *old;
			old->text = NULL;
		}
		now[i].c = &c->checks[i];
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
	uint32_t n = 0;

	free(p->users);
	for (int fill = 0; fill < 2; fill++) {
		for (uint32_t v = 0; v < c->n_servers; v++)
			for (uint32_t r = 0; r < c->servers[v].n_rs; r++)
				for (uint32_t k = 0; k < c->servers[v].rs[r].n_checks; k++) {
					struct pool_check *check = &p->checks[c->servers[v].rs[r].checks[k]];

					if (fill)
						p->users[check->users + check->n_users] = (struct pool_user){ v, r };
					check->n_users++;
				}
		for (uint32_t i = 0; !fill && i < p->n_checks; i++) {
			p->checks[i].users = n;
			n += p->checks[i].n_users;
			p->checks[i].n_users = 0;
		}
		if (!fill)
			p->users = pool_need(calloc(n + 1, sizeof(*p->users)));
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

static struct pool_svc_id id_at(const struct conf_vs *vs, const struct conf_addr *a, uint32_t nth, uint32_t fwmark)
{
	struct pool_svc_id id = { .af = vs->family, .proto = vs->protocol, .fwmark = fwmark };

	if (fwmark)
		return id;
	id.af = a->family;
	id.addr.af = a->family;
	memcpy(id.addr.a, a->bytes, sizeof(id.addr.a));
	addr_plus(&id.addr, nth);
	id.port = htons(a->port);
	return id;
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
		vs->svcs[0].id = id_at(vs->c, &vs->c->addr, 0, vs->c->fwmark);
		return;
	}
	for (uint32_t i = 0; i < g->n_entries; i++) {
		const struct conf_vsg_entry *e = &g->entries[i];

		for (uint32_t nth = 0; nth < (e->fwmark ? 1 : e->count); nth++) {
			vs->svcs[k].id = id_at(vs->c, &e->first, nth, e->fwmark);
			if (e->fwmark && e->first.family)
				vs->svcs[k].id.af = e->first.family;
			k++;
		}
	}
}

static int place_order(const void *a, const void *b)
{
	return pool_id_order(&((const struct pool_place *)a)->svc->id, &((const struct pool_place *)b)->svc->id);
}

static struct pool_place *places_build(struct pool_vs *list, uint32_t n_vs, uint32_t *ret_n)
{
	struct pool_place *places;
	uint32_t n = 0;

	for (uint32_t i = 0; i < n_vs; i++)
		n += list[i].n_svcs;
	places = pool_need(calloc(n + 1, sizeof(*places)));
	n = 0;
	for (uint32_t i = 0; i < n_vs; i++)
		for (uint32_t k = 0; k < list[i].n_svcs; k++)
			places[n++] = (struct pool_place){ &list[i].svcs[k], &list[i] };
	qsort(places, n, sizeof(*places), place_order);
	*ret_n = n;
	return places;
}

/* ---- reload ---- */

struct old_rs {
	struct pool_dest d;
	const struct pool_rs *rs;
};

static struct old_rs *old_rs_build(const struct pool_vs *old)
{
	struct old_rs *list = pool_need(calloc(old->c->n_rs + 1, sizeof(*list)));

	for (uint32_t i = 0; i < old->c->n_rs; i++) {
		pool_dest_of_rs(&list[i].d, old->rs[i].c);
		list[i].rs = &old->rs[i];
	}
	qsort(list, old->c->n_rs, sizeof(*list), pool_dest_order); /* struct pool_dest comes first */
	return list;
}

/* Real servers that were there before keep their state; those that have gone and drain are remembered. */
static void vs_inherit(struct pool_vs *vs, const struct pool_vs *old)
{
	struct old_rs *list = old_rs_build(old), *was;
	bool *kept = pool_need(calloc(old->c->n_rs + 1, sizeof(*kept)));
	struct pool_dest d;

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
	vs->drains = pool_need(realloc(vs->drains, (vs->n_drains + 1) * sizeof(*vs->drains)));
	free(list);
	free(kept);
}

/* A drained server that is configured again is no longer drained. */
static void drains_prune(struct pool_vs *vs)
{
	struct pool_dest d;

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
static void svcs_move(struct pool *p, struct pool_vs *old, uint32_t n_old)
{
	struct pool_place *at;
	struct service s;

	for (uint32_t i = 0; i < n_old; i++) {
		for (uint32_t k = 0; k < old[i].n_svcs; k++) {
			struct pool_svc *was = &old[i].svcs[k];

			at = pool_place_find(p->places, p->n_places, &was->id);
			if (!at) {
				pool_svc_whole(&s, old[i].c, was);
				if (was->present && !was->refused && !old[i].c->adopted)
					p->sink.change(p->sink.arg, POOL_DEL, &s, NULL, old[i].c);
				continue;
			}
			at->svc->in_table = was->in_table;
			at->svc->present = was->present && !was->refused;
			at->svc->dests = was->dests;
			at->svc->n = was->n;
			was->dests = NULL;
			if (!at->vs->drains) { /* the first of its services that is known brings the state along */
				vs_inherit(at->vs, &old[i]);
				drains_prune(at->vs);
			}
		}
	}
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
	free(p->places);
	p->places = places_build(p->vs, p->n_vs, &p->n_places);
	svcs_move(p, old, n_old);
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
