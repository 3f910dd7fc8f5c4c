/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipvs_read - reads what the director's tables hold of the services that are ours. */
#include <stdlib.h>

#include "ipvs_internal.h"

struct holds {
	struct held *h;
	size_t n, room;
	bool adopted_only;
};

static void want(void *arg, const struct service *s, const struct conf_vs *vs)
{
	struct holds *all = arg;
	struct held *more;

	if (all->adopted_only && !vs->adopted)
		return;
	if (all->n == all->room) {
		more = realloc(all->h, (all->room * 2 + 64) * sizeof(*more));
		if (!more)
			abort();
		all->h = more;
		all->room = all->room * 2 + 64;
	}
	all->h[all->n++] = (struct held){ .s = *s };
}

static int read_one(struct ctl *ctl, const struct service_list *have, struct held *h)
{
	for (size_t k = 0; k < have->n; k++) {
		if (pool_service_order(&have->s[k], &h->s))
			continue;
		h->exists = true;
		h->s = have->s[k];
		return table_dests(ctl, &h->s, &h->dests);
	}
	return 0;
}

static int read_those(struct ipvs *i, bool adopted_only)
{
	struct service_list have = { 0 };
	struct holds all = { .adopted_only = adopted_only };
	int r = table_services(i->ctl, &have);

	pool_services(i->pool, want, &all);
	for (size_t k = 0; k < all.n && r >= 0; k++) {
		r = read_one(i->ctl, &have, &all.h[k]);
		if (r >= 0)
			pool_actual(i->pool, &all.h[k].s, all.h[k].exists, all.h[k].dests.d, all.h[k].dests.n);
		free(all.h[k].dests.d);
	}
	free(all.h);
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
