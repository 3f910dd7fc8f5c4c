/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipvs_look - what is looked at every second: servers that are being drained, how servers answer (passive checks),
 * and whether a director has appeared to whom VIPs must be told.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ipvs_internal.h"

/* ---- draining ---- */

static void note_drain(void *arg, const struct service *s, const struct dest *d)
{
	struct held_list *all = arg;
	struct dest *copy = malloc(sizeof(*copy));

	if (!copy)
		return; /* looked at the next time */
	*copy = *d;
	held_add(all, s)->dests.d = copy;
}

static bool is_idle(struct ipvs *i, const struct held *h)
{
	struct dest_list now = { 0 };
	bool idle = true;

	if (table_dests(i->ctl, &h->s, &now) < 0) {
		ipvs_lost(i);
		idle = false;
	}
	for (size_t k = 0; k < now.n; k++)
		if (addr_equal(&now.d[k].addr, &h->dests.d[0].addr) && now.d[k].port == h->dests.d[0].port)
			idle = !now.d[k].active && !now.d[k].inactive;
	free(now.d);
	return idle;
}

static void look_at_drains(struct ipvs *i)
{
	struct held_list all = { 0 };

	pool_draining(i->pool, note_drain, &all);
	for (size_t k = 0; k < all.n; k++) {
		if (i->ctl && is_idle(i, &all.h[k]))
			pool_drained(i->pool, &all.h[k].s, &all.h[k].dests.d[0], clock_us());
		free(all.h[k].dests.d);
	}
	free(all.h);
}

/* ---- how servers answer ---- */

static void service_of_check(struct service *s, const struct conf_check *c)
{
	memset(s, 0, sizeof(*s));
	s->fwmark = c->passive.service_mark;
	s->af = c->passive.service.family;
	s->proto = c->passive.service_proto;
	s->addr.af = s->af;
	memcpy(s->addr.a, c->passive.service.bytes, sizeof(s->addr.a));
	s->port = htons(c->passive.service.port);
}

static void tell_answers(struct ipvs *i, const struct conf_target *c, const struct dest_list *l)
{
	struct msg_counter m = { .key = c->key };

	for (size_t k = 0; k < l->n; k++) {
		const struct dest *d = &l->d[k];

		if (d->addr.af != c->addr.family || memcmp(d->addr.a, c->addr.bytes, sizeof(d->addr.a)) ||
		    d->port != htons(c->addr.port))
			continue;
		m.established = d->answers.established;
		m.unanswered = d->answers.unanswered + d->answers.repeated;
		i->up.counter(i->up.arg, &m);
		return;
	}
}

/* Checks of one service follow one another: it is read once. */
static void look_at_answers(struct ipvs *i)
{
	struct dest_list l = { 0 };
	struct service s, last = { 0 };

	for (uint32_t k = 0; i->ctl && k < i->conf->n_checks; k++) {
		if (i->conf->checks[k].how->kind != CONF_CHECK_PASSIVE)
			continue;
		service_of_check(&s, i->conf->checks[k].how);
		if (pool_service_order(&s, &last) && table_dests(i->ctl, &s, &l) < 0) {
			ipvs_lost(i);
			break;
		}
		last = s;
		tell_answers(i, &i->conf->checks[k], &l);
	}
	free(l.d);
}

void ipvs_look(struct ipvs *i)
{
	if (!i->conf)
		return;
	if (!i->ctl && !i->servers && vips_pending(i->vips) && ipvs_reach(i) >= 0)
		i->stale = false; /* nothing of its tables concerns us */
	if (i->ctl && vips_pending(i->vips) && ipvs_tell(i, false) < 0)
		ipvs_lost(i);
	if (!i->servers && !i->conf->n_service_checks)
		return;
	look_at_drains(i);
	look_at_answers(i);
	if (i->ctl && suspend_look(i->suspend, i->ctl, i->conf, i->up.suspend, i->up.arg) < 0)
		ipvs_lost(i);
	if (i->conf->n_service_checks && ipvs_reach(i) >= 0 && found_look(i->found, i->ctl, i->conf, i->pool))
		i->up.found(i->up.arg);
}
