/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool_view - looks into a pool, for status and dumps. */
#include <stdlib.h>
#include <string.h>

#include "pool_internal.h"

uint32_t pool_vs_count(const struct pool *p)
{
	return p->n_vs;
}

void pool_vs_view(const struct pool *p, uint32_t n, struct pool_vs_view *ret)
{
	const struct pool_vs *vs = &p->vs[n];

	memset(ret, 0, sizeof(*ret));
	ret->vs = vs->c;
	ret->quorum = vs->quorum;
	ret->sorry = vs->c->has_sorry && !vs->quorum;
	ret->alive_weight = pool_alive_weight(vs, &ret->alive);
	ret->n_rs = vs->c->n_rs;
	for (uint32_t i = 0; i < vs->n_svcs; i++)
		ret->refused |= vs->svcs[i].refused;
}

void pool_rs_view(const struct pool *p, uint32_t n, uint32_t rs, struct pool_rs_view *ret)
{
	const struct pool_vs *vs = &p->vs[n];
	const struct pool_svc *svc = vs->n_svcs ? &vs->svcs[0] : NULL;
	const struct pool_dest *have = NULL;
	struct pool_dest d;

	memset(ret, 0, sizeof(*ret));
	ret->rs = vs->rs[rs].c;
	ret->up = vs->rs[rs].up;
	pool_dest_of_rs(&d, ret->rs);
	if (svc && svc->n)
		have = bsearch(&d, svc->dests, svc->n, sizeof(d), pool_dest_order);
	ret->in_table = have != NULL;
	ret->weight = have ? (uint32_t)have->weight : 0;
	ret->draining = have && !ret->up && ret->rs->drain;
}

void pool_check_view(const struct pool *p, uint32_t n, struct pool_check_view *ret)
{
	const struct pool_check *check = &p->checks[n];

	memset(ret, 0, sizeof(*ret));
	ret->check = check->c;
	ret->known = check->known;
	ret->up = check->known ? check->up : !check->c->how->alpha;
	ret->latency_us = check->latency_us;
	ret->told_us = check->told_us;
	ret->text = check->text ? check->text : "";
}
