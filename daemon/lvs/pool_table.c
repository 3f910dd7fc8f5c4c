/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool_table - what a virtual server's state asks of IPVS's tables, and the changes that lead there.
 *
 * What comes in is changed before what goes out, so that no service is empty in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_internal.h"

int pool_dest_order(const void *a, const void *b)
{
	const struct pool_dest *x = a, *y = b;
	int r;

	if (x->addr.af != y->addr.af)
		return x->addr.af < y->addr.af ? -1 : 1;
	r = memcmp(x->addr.a, y->addr.a, sizeof(x->addr.a));
	if (r)
		return r;
	return (x->port > y->port) - (x->port < y->port);
}

void pool_dest_of_rs(struct pool_dest *ret, const struct conf_rs *rs)
{
	memset(ret, 0, sizeof(*ret));
	ret->addr.af = rs->addr.family;
	memcpy(ret->addr.a, rs->addr.bytes, sizeof(ret->addr.a));
	ret->port = htons(rs->addr.port);
	ret->method = (uint8_t)rs->method;
	ret->weight = (int32_t)rs->weight;
	ret->u_threshold = rs->uthreshold;
	ret->l_threshold = rs->lthreshold;
	ret->tun_type = rs->tun_type;
	ret->tun_port = htons(rs->tun_port);
	ret->tun_flags = rs->tun_flags;
}

void pool_dest_of(struct pool_dest *ret, const struct dest *d)
{
	*ret = (struct pool_dest){
		d->addr,	d->port,   d->tun_port,	   d->tun_flags,   d->tun_type,
		(uint8_t)d->method, d->weight, d->u_threshold, d->l_threshold,
	};
}

void pool_dest_whole(struct dest *ret, const struct pool_dest *d)
{
	*ret = (struct dest){
		.addr = d->addr,
		.port = d->port,
		.method = d->method,
		.weight = d->weight,
		.u_threshold = d->u_threshold,
		.l_threshold = d->l_threshold,
		.tun_type = d->tun_type,
		.tun_port = d->tun_port,
		.tun_flags = d->tun_flags,
	};
}

void pool_svc_whole(struct service *ret, const struct conf_vs *vs, const struct pool_svc *svc)
{
	*ret = (struct service){
		.af = svc->id.af,
		.proto = svc->id.proto,
		.addr = svc->id.addr,
		.port = svc->id.port,
		.fwmark = svc->id.fwmark,
		.flags = vs->flags,
		.timeout = vs->persistence_s,
		.netmask = vs->netmask,
	};
	snprintf(ret->sched, sizeof(ret->sched), "%s", vs->sched);
	snprintf(ret->pe, sizeof(ret->pe), "%s", vs->pe);
}

void pool_svc_set_of(struct pool_svc_set *ret, const struct service *s)
{
	memcpy(ret->sched, s->sched, sizeof(ret->sched));
	memcpy(ret->pe, s->pe, sizeof(ret->pe));
	ret->flags = s->flags;
	ret->timeout = s->timeout;
	ret->netmask = s->netmask;
}

static bool dest_same(const struct pool_dest *x, const struct pool_dest *y)
{
	return x->method == y->method && x->weight == y->weight && x->u_threshold == y->u_threshold &&
	       x->l_threshold == y->l_threshold && x->tun_type == y->tun_type && x->tun_port == y->tun_port &&
	       x->tun_flags == y->tun_flags;
}

static bool set_same(const struct pool_svc_set *x, const struct pool_svc_set *y)
{
	return !strcmp(x->sched, y->sched) && !strcmp(x->pe, y->pe) && x->flags == y->flags &&
	       x->timeout == y->timeout && x->netmask == y->netmask;
}

/* Weight on the way up: a share of w that grows with the time since it came up, at least 1. */
static uint32_t slow_weight(struct pool_vs *vs, const struct pool_rs *rs, uint32_t w, uint64_t now_us)
{
	uint64_t since = rs->up_us ? now_us - rs->up_us : UINT64_MAX;
	uint64_t share;

	if (!w || !rs->c->slow_start_us || since >= rs->c->slow_start_us)
		return w;
	vs->slow = true;
	share = (uint64_t)((double)w * (double)since / (double)rs->c->slow_start_us);
	return share ? (uint32_t)share : 1;
}

/* Whether rs is to stand in the table, and with which weight. */
static bool rs_wanted(struct pool_vs *vs, const struct pool_rs *rs, uint64_t now_us, uint32_t *ret_weight)
{
	bool alive = rs->up && (vs->quorum || !vs->c->has_sorry);

	*ret_weight = alive ? slow_weight(vs, rs, rs->weight, now_us) : 0;
	return alive || rs->c->inhibit || (rs->c->drain && !rs->up && !rs->assume_down);
}

/* The destinations that are wanted, in the configuration's order; the caller frees. */
static struct pool_dest *vs_wanted(struct pool_vs *vs, uint64_t now_us, uint32_t *ret_n)
{
	struct pool_dest *list = pool_need(calloc(vs->c->n_rs + vs->n_drains + 1, sizeof(*list)));
	uint32_t n = 0, weight;

	vs->slow = false;
	for (uint32_t i = 0; i < vs->c->n_rs; i++) {
		if (!rs_wanted(vs, &vs->rs[i], now_us, &weight))
			continue;
		pool_dest_of_rs(&list[n], vs->rs[i].c);
		list[n++].weight = (int32_t)weight;
	}
	if (vs->c->has_sorry && (!vs->quorum || vs->c->sorry_inhibit)) {
		pool_dest_of_rs(&list[n], &vs->c->sorry);
		list[n++].weight = vs->quorum ? 0 : (int32_t)vs->c->sorry.weight;
	}
	for (uint32_t i = 0; i < vs->n_drains; i++)
		if (!vs->drains[i].done)
			list[n++] = vs->drains[i].d;
	*ret_n = n;
	return list;
}

static struct pool_dest *svc_find(const struct pool_svc *svc, const struct pool_dest *d)
{
	return svc->n ? bsearch(d, svc->dests, svc->n, sizeof(*d), pool_dest_order) : NULL;
}

static void svc_hold(struct pool_svc *svc, const struct pool_dest *sorted, uint32_t n)
{
	if (n != svc->n) {
		free(svc->dests);
		svc->dests = pool_need(malloc((n + 1) * sizeof(*svc->dests)));
	}
	if (n)
		memcpy(svc->dests, sorted, n * sizeof(*sorted));
	svc->n = n;
}

static void change_dest(struct pool *p, enum pool_op op, const struct service *s, const struct pool_dest *d,
			const struct conf_vs *vs)
{
	struct dest whole;

	pool_dest_whole(&whole, d);
	p->sink.change(p->sink.arg, op, s, &whole, vs);
}

static void svc_flush(struct pool *p, struct pool_vs *vs, struct pool_svc *svc, const struct pool_dest *want,
		      const struct pool_dest *sorted, uint32_t n)
{
	const struct pool_dest *old;
	struct pool_svc_set set;
	struct service s;

	if (svc->refused || (vs->c->adopted && !svc->present))
		return; /* an adopted service is not ours to make */
	pool_svc_whole(&s, vs->c, svc);
	pool_svc_set_of(&set, &s);
	if (!svc->present) {
		p->sink.change(p->sink.arg, POOL_ADD, &s, NULL, vs->c);
		svc->n = 0;
	} else if (!vs->c->adopted && !set_same(&set, &svc->in_table)) {
		p->sink.change(p->sink.arg, POOL_EDIT, &s, NULL, vs->c);
	}
	svc->present = true;
	svc->in_table = set;
	for (uint32_t i = 0; i < n; i++) {
		old = svc_find(svc, &want[i]);
		if (!old)
			change_dest(p, POOL_ADD, &s, &want[i], vs->c);
		else if (!dest_same(old, &want[i]))
			change_dest(p, POOL_EDIT, &s, &want[i], vs->c);
	}
	for (uint32_t i = 0; i < svc->n; i++)
		if (!n || !bsearch(&svc->dests[i], sorted, n, sizeof(*sorted), pool_dest_order))
			change_dest(p, POOL_DEL, &s, &svc->dests[i], vs->c);
	svc_hold(svc, sorted, n);
}

void pool_vs_flush(struct pool *p, struct pool_vs *vs, uint64_t now_us)
{
	uint32_t n, kept = 0;
	struct pool_dest *want, *sorted;

	if (p->stopped)
		return;
	want = vs_wanted(vs, now_us, &n);
	sorted = pool_need(malloc((n + 1) * sizeof(*sorted)));
	memcpy(sorted, want, n * sizeof(*want));
	qsort(sorted, n, sizeof(*sorted), pool_dest_order);
	for (uint32_t i = 0; i < vs->n_svcs; i++)
		svc_flush(p, vs, &vs->svcs[i], want, sorted, n);
	free(sorted);
	free(want);
	for (uint32_t i = 0; i < vs->n_drains; i++)
		if (!vs->drains[i].done)
			vs->drains[kept++] = vs->drains[i];
	vs->n_drains = kept;
}

void pool_vs_remove(struct pool *p, struct pool_vs *vs)
{
	struct service s;

	for (uint32_t i = 0; i < vs->n_svcs; i++) {
		pool_svc_whole(&s, vs->c, &vs->svcs[i]);
		if (vs->svcs[i].present && !vs->svcs[i].refused && !vs->c->adopted)
			p->sink.change(p->sink.arg, POOL_DEL, &s, NULL, vs->c);
		vs->svcs[i].present = false;
		vs->svcs[i].n = 0;
	}
}
