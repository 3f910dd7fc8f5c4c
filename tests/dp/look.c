/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look - the clock, connections and counters, as rows see them.
 */
#include <arpa/inet.h>
#include <string.h>

#include "dp.h"

void clock_add(struct dp *t, double sec)
{
	t->now += (uint32_t)(sec * ELVS_TICKS_PER_SEC);
	elvs_clock_set(t->e, t->now);
	elvs_heartbeat(t->e);
}

void sweep(struct dp *t)
{
	int r = elvs_sweep(t->e);

	DP_CHECK(t, r >= 0, "sweep: %d %s", r, elvs_strerror(t->e));
}

void tend(struct dp *t, double sec)
{
	for (double s = 0; s < sec; s += 0.5) {
		t->tend_ms += 500;
		elvs_tend(t->e, t->tend_ms);
	}
}

struct count {
	unsigned conns, templates;
};

static int count_one(void *arg, const struct elvs_conn *c)
{
	struct count *n = arg;

	*(c->is_template ? &n->templates : &n->conns) += 1;
	return 0;
}

unsigned conns(struct dp *t)
{
	struct count n = { 0 };

	elvs_conn_each(t->e, count_one, &n);
	return n.conns;
}

unsigned templates(struct dp *t)
{
	struct count n = { 0 };

	elvs_conn_each(t->e, count_one, &n);
	return n.templates;
}

struct finder {
	union elvs_addr addr;
	uint16_t af, port;
	struct elvs_conn found;
	int n;
};

static int find_one(void *arg, const struct elvs_conn *c)
{
	struct finder *f = arg;

	if (c->af != f->af || c->cport != f->port || memcmp(&c->caddr, &f->addr, sizeof(f->addr)))
		return 0;
	if (c->is_template != !f->port)
		return 0;
	f->found = *c;
	f->n++;
	return 0;
}

bool conn_find(struct dp *t, const char *client, uint16_t cport, struct elvs_conn *ret)
{
	struct finder f = { .af = strchr(client, ':') ? AF_INET6 : AF_INET, .port = htons(cport) };

	inet_pton(f.af, client, &f.addr);
	elvs_conn_each(t->e, find_one, &f);
	DP_CHECK(t, f.n <= 1, "%d connections of %s port %u: two for one client", f.n, client, cport);
	if (f.n)
		*ret = f.found;
	return f.n;
}

struct elvs_conn conn_of(struct dp *t, const char *client, uint16_t cport)
{
	struct elvs_conn c;

	DP_CHECK(t, conn_find(t, client, cport, &c), "no connection of %s port %u", client, cport);
	return c;
}

void conn_is(struct dp *t, const char *client, uint16_t cport, const char *state, uint32_t expires_sec)
{
	struct elvs_conn c = conn_of(t, client, cport);

	DP_CHECK(t, !strcmp(elvs_conn_state(&c), state), "connection of %s port %u: state %s, expected %s", client,
		 cport, elvs_conn_state(&c), state);
	DP_CHECK(t, c.expires_sec == expires_sec, "connection of %s port %u (%s): expires in %u s, expected %u",
		 client, cport, state, c.expires_sec, expires_sec);
}

struct dest_finder {
	union elvs_addr addr;
	uint16_t af;
	struct elvs_dest_info found;
	bool yes;
};

static int dest_one(void *arg, const struct elvs_dest_info *d)
{
	struct dest_finder *f = arg;

	if (d->conf.af != f->af || memcmp(&d->conf.addr, &f->addr, sizeof(f->addr)))
		return 0;
	f->found = *d;
	f->yes = true;
	return 1;
}

struct elvs_dest_info dest_of(struct dp *t, const char *server)
{
	struct dest_finder f = { .af = strchr(server, ':') ? AF_INET6 : AF_INET };

	inet_pton(f.af, server, &f.addr);
	elvs_dest_each(t->e, &t->svc.key, dest_one, &f);
	DP_CHECK(t, f.yes, "server %s is not there", server);
	return f.found;
}

void load_is(struct dp *t, const char *server, unsigned active, unsigned inactive, unsigned persist)
{
	struct elvs_dest_info d = dest_of(t, server);

	DP_CHECK(t, d.active == active && d.inactive == inactive && d.persist == persist,
		 "server %s: %u active, %u inactive, %u persistent; expected %u, %u, %u", server, d.active,
		 d.inactive, d.persist, active, inactive, persist);
}
