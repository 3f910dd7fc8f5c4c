/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adopt - a virtual server that was found in the tables (`adopted') gets the checks of the service_check that asked
 * for it: they become its own, as if they had been written at each of its real servers.
 */
#include "draft_vs.h"

#include <string.h>

static bool asks_for(const struct service_draft *s, const struct vs_draft *d)
{
	const struct conf_vs *v = &d->v;
	uint16_t family = s->s.family ? s->s.family : AF_INET;

	if (s->s.fwmark || v->fwmark)
		return s->s.fwmark == v->fwmark && family == (d->mark_family ? d->mark_family : AF_INET);
	return s->s.protocol == v->protocol && s->s.addr.family == v->addr.family && s->s.addr.port == v->addr.port &&
	       !memcmp(s->s.addr.bytes, v->addr.bytes, sizeof(v->addr.bytes));
}

static void take_checks(struct load *l, struct vs_draft *d, const struct service_draft *s)
{
	const uint64_t times = (2ull << VG_LOG_ALL) - 1; /* what a virtual server hands down to its checks */

	d->times = s->checked.times;
	d->given = (d->given & ~times) | (s->given & times);
	d->v.virtualhost = s->virtualhost;
	for (uint32_t i = 0; i < d->servers.n; i++) {
		struct rs_draft *r = VEC_AT(d->servers, struct rs_draft *, i);

		for (uint32_t k = 0; k < s->checked.checks.n; k++)
			*(struct check_draft **)vec_add(l, &r->checked.checks, sizeof(struct check_draft *)) =
				VEC_AT(s->checked.checks, struct check_draft *, k);
	}
}

bool adopt_checks(struct load *l, struct vs_draft *d)
{
	for (uint32_t i = 0; i < l->service_checks.n; i++) {
		const struct service_draft *s = VEC_AT(l->service_checks, struct service_draft *, i);

		if (!asks_for(s, d))
			continue;
		take_checks(l, d, s);
		return true;
	}
	return false;
}
