/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool - see pool.h: what comes in, and whom it concerns. */
#include "pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_internal.h"

void *pool_need(void *ptr)
{
	if (!ptr)
		abort(); /* a keeper without memory is restarted by whoever started it; half a table would be worse */
	return ptr;
}

int pool_new(struct pool **ret, const struct pool_sink *sink)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->sink = *sink;
	*ret = p;
	return 0;
}

void pool_vs_free(struct pool_vs *vs)
{
	for (uint32_t i = 0; i < vs->n_svcs; i++)
		free(vs->svcs[i].dests);
	free(vs->svcs);
	free(vs->rs);
	free(vs->drains);
}

void pool_checks_free(struct pool_check *checks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		free(checks[i].text);
	free(checks);
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->n_vs; i++)
		pool_vs_free(&p->vs[i]);
	free(p->vs);
	pool_checks_free(p->checks, p->n_checks);
	free(p->by_key);
	free(p->users);
	free(p->places);
	free(p);
}

int pool_id_order(const struct pool_svc_id *x, const struct pool_svc_id *y)
{
	int r;

	if (x->fwmark != y->fwmark)
		return x->fwmark < y->fwmark ? -1 : 1;
	if (x->af != y->af)
		return x->af < y->af ? -1 : 1;
	if (x->fwmark)
		return 0;
	if (x->proto != y->proto)
		return x->proto < y->proto ? -1 : 1;
	r = memcmp(x->addr.a, y->addr.a, sizeof(x->addr.a));
	return r ? r : (x->port > y->port) - (x->port < y->port);
}

static struct pool_svc_id id_of(const struct service *s)
{
	return (struct pool_svc_id){ s->addr, s->af, s->proto, s->port, s->fwmark };
}

int pool_service_order(const struct service *x, const struct service *y)
{
	struct pool_svc_id a = id_of(x), b = id_of(y);

	return pool_id_order(&a, &b);
}

static int place_order(const void *id, const void *place)
{
	return pool_id_order(id, &((const struct pool_place *)place)->svc->id);
}

struct pool_place *pool_place_find(struct pool_place *places, uint32_t n, const struct pool_svc_id *id)
{
	return n ? bsearch(id, places, n, sizeof(*places), place_order) : NULL;
}

struct pool_check *pool_check_find(const struct pool *p, uint64_t key)
{
	uint32_t low = 0, high = p->n_checks, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (p->checks[p->by_key[mid]].c->key < key)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == p->n_checks || p->checks[p->by_key[low]].c->key != key)
		return NULL;
	return &p->checks[p->by_key[low]];
}

static bool is_configured(const struct pool_vs *vs, const struct pool_dest *d)
{
	struct pool_dest mine;

	for (uint32_t i = 0; i < vs->c->n_rs; i++) {
		pool_dest_of_rs(&mine, vs->rs[i].c);
		if (!pool_dest_order(&mine, d))
			return true;
	}
	return false;
}

static void svc_actual(struct pool_vs *vs, struct pool_svc *svc, bool exists, const struct dest *dests, size_t n)
{
	struct pool_dest d;

	svc->present = exists;
	svc->n = 0;
	if (!exists)
		return;
	free(svc->dests);
	svc->dests = pool_need(malloc((n + 1) * sizeof(*svc->dests)));
	for (size_t i = 0; i < n; i++) {
		pool_dest_of(&d, &dests[i]);
		if (!vs->c->adopted || is_configured(vs, &d)) /* others there are somebody else's */
			svc->dests[svc->n++] = d;
	}
	qsort(svc->dests, svc->n, sizeof(*svc->dests), pool_dest_order);
}

static struct pool_place *find(const struct pool *p, const struct service *s)
{
	struct pool_svc_id id = id_of(s);

	return pool_place_find(p->places, p->n_places, &id);
}

void pool_actual(struct pool *p, const struct service *s, bool exists, const struct dest *dests, size_t n)
{
	struct pool_place *at = find(p, s);

	if (!at)
		return;
	pool_svc_set_of(&at->svc->in_table, s);
	svc_actual(at->vs, at->svc, exists, dests, n);
}

bool pool_is_down(struct pool *p, const struct service *s, const struct dest *d)
{
	struct pool_place *at = find(p, s);
	struct pool_dest mine, theirs;

	pool_dest_of(&theirs, d);
	for (uint32_t i = 0; at && i < at->vs->c->n_rs; i++) {
		pool_dest_of_rs(&mine, at->vs->rs[i].c);
		if (!pool_dest_order(&mine, &theirs))
			return !at->vs->rs[i].up;
	}
	return false;
}

/* What is missing in a service that exists was down when the one before us ended. */
static void vs_adopt(struct pool *p, struct pool_vs *vs, uint64_t now_us)
{
	const struct pool_svc *svc = vs->n_svcs ? &vs->svcs[0] : NULL;
	struct pool_dest d, *have;

	if (!svc || !svc->present || !svc->n)
		return;
	for (uint32_t i = 0; i < vs->c->n_rs; i++) {
		pool_dest_of_rs(&d, vs->rs[i].c);
		have = bsearch(&d, svc->dests, svc->n, sizeof(d), pool_dest_order);
		if (have && (have->weight || !vs->rs[i].c->weight))
			continue;
		vs->rs[i].assume_down = vs->rs[i].c->n_checks != 0;
		pool_rs_judge(p, vs, &vs->rs[i], now_us, NULL);
	}
	pool_vs_judge(p, vs);
}

void pool_settle(struct pool *p, bool adopt, uint64_t now_us)
{
	for (uint32_t i = 0; i < p->n_vs; i++) {
		if (adopt)
			vs_adopt(p, &p->vs[i], now_us);
		pool_vs_flush(p, &p->vs[i], now_us);
	}
}

void pool_services(struct pool *p, void (*f)(void *arg, const struct service *s, const struct conf_vs *vs), void *arg)
{
	struct service s;

	for (uint32_t i = 0; i < p->n_vs; i++)
		for (uint32_t k = 0; k < p->vs[i].n_svcs; k++) {
			pool_svc_whole(&s, p->vs[i].c, &p->vs[i].svcs[k]);
			f(arg, &s, p->vs[i].c);
		}
}

void pool_refused(struct pool *p, const struct service *s)
{
	struct pool_place *at = find(p, s);

	if (!at)
		return;
	at->svc->refused = true;
	at->svc->present = false;
	p->any_refused = true;
}

bool pool_retry(struct pool *p, uint64_t now_us)
{
	bool any = p->any_refused;

	p->any_refused = false;
	for (uint32_t i = 0; any && i < p->n_vs; i++) {
		for (uint32_t k = 0; k < p->vs[i].n_svcs; k++)
			p->vs[i].svcs[k].refused = false;
		pool_vs_flush(p, &p->vs[i], now_us);
	}
	return any;
}

/* ---- what comes in ---- */

static void check_told(struct pool *p, struct pool_check *check, uint64_t now_us)
{
	struct pool_vs *vs;

	check->told_us = now_us;
	for (uint32_t i = 0; i < check->n_users; i++) {
		vs = &p->vs[p->users[check->users + i].vs];
		pool_rs_judge(p, vs, &vs->rs[p->users[check->users + i].rs], now_us, check);
		pool_vs_judge(p, vs);
		pool_vs_flush(p, vs, now_us);
	}
}

/* Most checks never have anything to say */
static void set_text(struct pool_check *check, const char *text)
{
	if (check->text ? !strcmp(check->text, text) : !*text)
		return;
	free(check->text);
	check->text = *text ? pool_need(strdup(text)) : NULL;
}

void pool_check(struct pool *p, const struct msg_check_result *r, uint64_t now_us)
{
	struct pool_check *check = pool_check_find(p, r->key);

	if (!check)
		return; /* of a configuration that is gone */
	check->known = true;
	check->up = r->up;
	check->latency_us = r->latency_us > UINT32_MAX ? UINT32_MAX : (uint32_t)r->latency_us;
	check->drain = r->drain;
	check->percent = r->weight_percent;
	check->has_weight = r->has_weight && !r->weight_percent;
	check->weight = r->weight;
	if (*r->text || r->changed)
		set_text(check, r->text);
	check_told(p, check, now_us);
}

void pool_file(struct pool *p, uint32_t file, int64_t value, uint64_t now_us)
{
	int64_t weight;

	for (uint32_t i = 0; i < p->n_checks; i++) {
		struct pool_check *check = &p->checks[i];

		if (check->c->how->kind != CONF_CHECK_FILE || check->c->how->file.file != file)
			continue;
		weight = check->c->how->file.weight;
		weight = value * (check->c->how->file.reverse ? -weight : weight);
		check->known = true;
		check->up = check->c->how->file.weight ? weight > INT32_MIN : !value;
		check->has_weight = check->c->how->file.weight != 0;
		check->weight = weight;
		check_told(p, check, now_us);
	}
}

void pool_bfd(struct pool *p, uint32_t bfd, bool up, uint64_t now_us)
{
	for (uint32_t i = 0; i < p->n_checks; i++) {
		struct pool_check *check = &p->checks[i];

		if (check->c->how->kind != CONF_CHECK_BFD || check->c->how->bfd.bfd != bfd)
			continue;
		check->known = true;
		check->up = up;
		check_told(p, check, now_us);
	}
}

uint64_t pool_tick(struct pool *p, uint64_t now_us)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < p->n_vs; i++) {
		if (p->vs[i].slow)
			pool_vs_flush(p, &p->vs[i], now_us);
		if (p->vs[i].slow)
			next = SLOW_START_STEP_US;
	}
	return next;
}

void pool_drained(struct pool *p, const struct service *s, const struct dest *d, uint64_t now_us)
{
	struct pool_place *at = find(p, s);
	struct pool_dest gone;

	pool_dest_of(&gone, d);
	for (uint32_t k = 0; at && k < at->vs->n_drains; k++)
		if (!pool_dest_order(&at->vs->drains[k].d, &gone)) {
			at->vs->drains[k].done = true;
			pool_vs_flush(p, at->vs, now_us);
			break;
		}
}

void pool_draining(struct pool *p, void (*f)(void *arg, const struct service *s, const struct dest *d), void *arg)
{
	struct service s;
	struct dest d;

	for (uint32_t i = 0; i < p->n_vs; i++)
		for (uint32_t k = 0; k < p->vs[i].n_drains; k++)
			for (uint32_t n = 0; n < p->vs[i].n_svcs; n++) {
				pool_svc_whole(&s, p->vs[i].c, &p->vs[i].svcs[n]);
				pool_dest_whole(&d, &p->vs[i].drains[k].d);
				f(arg, &s, &d);
			}
}

static void vs_omega(struct pool *p, struct pool_vs *vs)
{
	struct pool_event ev = { .vs = vs->c, .stopping = true, .text = "=> Shutting down <=" };

	if (!vs->c->omega)
		return;
	for (uint32_t r = 0; r < vs->c->n_rs; r++) {
		if (!vs->rs[r].up)
			continue;
		ev.kind = POOL_RS_DOWN;
		ev.rs = vs->rs[r].c;
		p->sink.event(p->sink.arg, &ev);
	}
	if (!vs->quorum)
		return;
	ev.kind = POOL_QUORUM_DOWN;
	ev.rs = NULL;
	p->sink.event(p->sink.arg, &ev);
}

void pool_stop(struct pool *p, bool keep, uint64_t now_us)
{
	for (uint32_t i = 0; i < p->n_vs; i++) {
		vs_omega(p, &p->vs[i]);
		if (!keep)
			pool_vs_remove(p, &p->vs[i]);
	}
	p->stopped = true;
}
