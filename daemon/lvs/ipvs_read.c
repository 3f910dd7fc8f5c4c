/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipvs_read - reads what the director's tables hold of the services that are ours. */
#include <stdlib.h>

#include "ipvs_internal.h"

struct held *held_add(struct held_list *l, const struct service *s)
{
	if (l->n == l->room) {
		l->room = l->room * 2 + 16;
		l->h = realloc(l->h, l->room * sizeof(*l->h));
		if (!l->h)
			abort(); /* as pool_need() */
	}
	l->h[l->n] = (struct held){ .s = *s };
	return &l->h[l->n++];
}

struct wanted {
	struct held_list list;
	bool adopted_only;
};

static void want(void *arg, const struct service *s, const struct conf_vs *vs)
{
	struct wanted *w = arg;

	if (!w->adopted_only || vs->adopted)
		held_add(&w->list, s);
}

static int service_order(const void *a, const void *b)
{
	return pool_service_order(a, b);
}

/* have: sorted by service_order() */
static int read_one(struct ctl *ctl, const struct service_list *have, struct held *h)
{
	const struct service *s = have->n ? bsearch(&h->s, have->s, have->n, sizeof(*s), service_order) : NULL;

	if (!s)
		return 0;
	h->exists = true;
	h->s = *s;
	return table_dests(ctl, &h->s, &h->dests);
}

static int read_those(struct ipvs *i, bool adopted_only)
{
	struct service_list have = { 0 };
	struct wanted w = { .adopted_only = adopted_only };
	struct held_list *all = &w.list;
	int r = table_services(i->ctl, &have);

	if (have.n)
		qsort(have.s, have.n, sizeof(*have.s), service_order);
	pool_services(i->pool, want, &w);
	for (size_t k = 0; k < all->n && r >= 0; k++) {
		r = read_one(i->ctl, &have, &all->h[k]);
		if (r >= 0)
			pool_actual(i->pool, &all->h[k].s, all->h[k].exists, all->h[k].dests.d, all->h[k].dests.n);
		free(all->h[k].dests.d);
	}
	free(all->h);
	free(have.s);
	return r < 0 ? r : 0;
}

int ipvs_read_tables(struct ipvs *i)
{
	return read_those(i, false);
}

void ipvs_read_adopted(struct ipvs *i)
{
	for (uint32_t k = 0; i->servers && k < i->conf->n_servers; k++)
		if (i->conf->servers[k].adopted) {
			if (read_those(i, true) < 0)
				ipvs_lost(i);
			return;
		}
}
