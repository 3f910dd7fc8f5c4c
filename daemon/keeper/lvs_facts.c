/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvs_facts - see lvs_facts.h. What the director does not tell stays zero. */
#include "lvs_facts.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipvs.h"
#include "snmp_facts.h"
#include "table.h"

struct facts {
	const struct conf *conf;
	const struct pool *pool;
	struct lvs_facts head;
	struct vs_facts *servers;
	struct rs_facts *real;
	struct ctl *ctl; /* NULL: there is no director */
	struct service_list have;
};

/* ---- what the keeper knows ---- */
static uint32_t failed_checks(const struct facts *f, const struct conf_rs *rs)
{
	struct pool_check_view v;
	uint32_t n = 0;

	for (uint32_t i = 0; i < rs->n_checks; i++) {
		pool_check_view(f->pool, rs->checks[i], &v);
		n += v.known && !v.up;
	}
	return n;
}

static void put_server(struct facts *f, uint32_t n)
{
	const struct conf_vs *c = &f->conf->servers[n];
	struct vs_facts *s = &f->servers[n];
	struct rs_facts *real = &f->real[s->rs];
	struct pool_vs_view v;

	pool_vs_view(f->pool, n, &v);
	s->quorum = v.quorum;
	s->sorry = v.sorry;
	s->alive = v.alive;
	s->known = !v.refused;
	if (c->has_sorry)
		*real++ = (struct rs_facts){ .weight = (int32_t)c->sorry.weight, .up = v.sorry, .known = 1 };
	for (uint32_t i = 0; i < c->n_rs; i++) {
		struct pool_rs_view r;

		pool_rs_view(f->pool, n, i, &r);
		real[i] = (struct rs_facts){ .weight = (int32_t)(r.in_table ? r.weight : r.rs->weight),
					     .failed_checks = failed_checks(f, r.rs),
					     .up = r.up,
					     .known = 1 };
	}
}

/* ---- what the director knows ---- */
static void add(struct counters *to, const struct counters *c)
{
	uint64_t *sum = (uint64_t *)to;
	const uint64_t *more = (const uint64_t *)c;

	for (size_t i = 0; i < sizeof(*c) / sizeof(*sum); i++)
		sum[i] += more[i];
}

static bool is_rs(const struct conf_rs *rs, const struct dest *d)
{
	return rs->addr.family == d->addr.af && htons(rs->addr.port) == d->port &&
	       !memcmp(rs->addr.bytes, d->addr.a, sizeof(rs->addr.bytes));
}

static void add_dest(struct facts *f, uint32_t n, const struct dest *d)
{
	const struct conf_vs *c = &f->conf->servers[n];
	struct rs_facts *r = &f->real[f->servers[n].rs];
	uint32_t i = 0;

	if (!c->has_sorry || !is_rs(&c->sorry, d)) {
		while (i < c->n_rs && !is_rs(&c->rs[i], d))
			i++;
		if (i == c->n_rs)
			return;
		r += c->has_sorry + i;
	}
	add(&r->counters, &d->counters);
	r->active += d->active;
	r->inactive += d->inactive;
	r->persistent += d->persistent;
}

static void put_counters(void *arg, const struct service *s, const struct conf_vs *vs)
{
	struct facts *f = arg;
	uint32_t n = (uint32_t)(vs - f->conf->servers);
	struct dest_list l = { 0 };

	for (size_t i = 0; i < f->have.n; i++) {
		if (pool_service_order(&f->have.s[i], s))
			continue;
		add(&f->servers[n].counters, &f->have.s[i].counters);
		if (table_dests(f->ctl, s, &l) == 0)
			for (size_t k = 0; k < l.n; k++)
				add_dest(f, n, &l.d[k]);
		break;
	}
	free(l.d);
}

/* ---- all of it ---- */
static bool make(struct facts *f)
{
	for (uint32_t i = 0; i < f->conf->n_servers; i++)
		f->head.n_real += f->conf->servers[i].n_rs + f->conf->servers[i].has_sorry;
	f->head.n_servers = f->conf->n_servers;
	f->servers = calloc(f->head.n_servers + 1, sizeof(*f->servers));
	f->real = calloc(f->head.n_real + 1, sizeof(*f->real));
	if (!f->servers || !f->real)
		return false;
	for (uint32_t i = 0, at = 0; i < f->conf->n_servers; i++) {
		f->servers[i].rs = at;
		at += f->conf->servers[i].n_rs + f->conf->servers[i].has_sorry;
	}
	return true;
}

static bool put(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n) {
		ssize_t r = write(fd, p, n);

		if (r <= 0)
			return false;
		p += r;
		n -= (size_t)r;
	}
	return true;
}

bool lvs_facts_write(const struct keeper *k, int fd)
{
	struct facts f = { .conf = keeper_conf(k), .pool = ipvs_pool(k->ipvs) };

	f.head.generation = k->slots[k->current].number;
	if (!make(&f))
		return false;
	for (uint32_t i = 0; i < f.conf->n_servers && i < pool_vs_count(f.pool); i++)
		put_server(&f, i);
	if (ctl_open(&f.ctl, CTL_NO_START | CTL_EXISTING, NULL) == 0 && table_services(f.ctl, &f.have) == 0)
		pool_services(ipvs_pool(k->ipvs), put_counters, &f);
	return put(fd, &f.head, sizeof(f.head)) && put(fd, f.servers, f.head.n_servers * sizeof(*f.servers)) &&
	       put(fd, f.real, f.head.n_real * sizeof(*f.real));
}
