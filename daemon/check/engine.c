/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine - see engine.h. */
#include "engine.h"

#include "conf.h"

#define FIRST_US 1000000 /* keepalived waits a second before anything */

void engine_rules_of(struct engine_rules *ret, const struct conf_check *c)
{
	bool web = c->kind == CONF_CHECK_HTTP || c->kind == CONF_CHECK_SSL;

	*ret = (struct engine_rules){
		.delay_us = c->delay_loop_us,
		.retry_delay_us = c->delay_before_retry_us,
		.warmup_us = c->warmup_us,
		.jitter_us = c->jitter_us,
		.retry = c->retry,
		.rise = c->rise ? c->rise : 1,
		.fall = c->fall ? c->fall : 1,
		.steps = web && c->http.n_urls ? c->http.n_urls : 1,
		.alpha = c->alpha,
		.eager = web && c->http.fast_recovery,
		.from_start = c->kind == CONF_CHECK_MISC,
		.always_retries = c->kind == CONF_CHECK_SMTP,
		.slow_while_down = web,
	};
}

void engine_init(struct engine *e, const struct engine_rules *r, bool again)
{
	*e = (struct engine){ .up = !r->alpha, .cautious = again };
}

/* 0..range, both included */
static uint64_t share_of(uint64_t range, uint64_t rnd)
{
	return range == UINT64_MAX ? rnd : rnd % (range + 1);
}

uint64_t engine_first_us(const struct engine_rules *r, uint64_t rnd)
{
	return FIRST_US + share_of(r->warmup_us, rnd);
}

static void decide(struct engine *e, bool up, struct engine_next *n)
{
	n->decided_now = !e->decided || e->up != up;
	/* A cautious one has assumed nothing, so that its first word is no change. */
	n->changed = e->up != up && (e->decided || !e->cautious);
	e->up = up;
	e->decided = true;
}

/* How many good rounds it takes. What is only assumed to be up needs no more than one to be confirmed. */
static uint32_t rise_of(const struct engine *e, const struct engine_rules *r)
{
	return e->up && !e->decided && !e->cautious ? 1 : r->rise;
}

static void good_try(struct engine *e, const struct engine_rules *r, struct engine_next *n)
{
	bool hurry = r->eager && !(e->up && e->decided);

	e->tries = 0;
	if (e->stuck) {
		e->stuck = false;
		e->step = r->steps > 1 ? 0 : 1;
	} else {
		e->step++;
	}
	if (e->step < r->steps) {
		n->delay_us = hurry ? 0 : n->delay_us;
		return;
	}
	e->step = 0;
	e->bad = 0;
	if (e->good < UINT32_MAX)
		e->good++;
	if (!(e->up && e->decided) && e->good >= rise_of(e, r))
		decide(e, true, n);
}

static void bad_try(struct engine *e, const struct engine_rules *r, bool at_once, struct engine_next *n)
{
	bool first = !e->decided && !e->cautious && !r->always_retries;
	bool standing = e->up || !e->decided;

	e->good = 0;
	if (!at_once && !first && (standing || r->always_retries) && e->tries < r->retry) {
		e->tries++;
		n->delay_us = r->retry_delay_us;
		return;
	}
	n->tries = e->tries;
	n->round_failed = true;
	e->tries = 0;
	e->stuck = true;
	if (e->bad < UINT32_MAX)
		e->bad++;
	if (standing && (at_once || first || e->bad >= r->fall))
		decide(e, false, n);
	if (r->slow_while_down && n->delay_us < r->retry_delay_us)
		n->delay_us = r->retry_delay_us;
}

struct engine_next engine_result(struct engine *e, const struct engine_rules *r, enum engine_event event,
				 uint64_t rnd)
{
	struct engine_next n = { .delay_us = r->delay_us, .from_start = r->from_start };

	if (e->step >= r->steps)
		e->step = 0;
	if (event == ENGINE_OK)
		good_try(e, r, &n);
	else if (event != ENGINE_AGAIN)
		bad_try(e, r, event == ENGINE_REFUSED, &n);
	if (n.delay_us)
		n.delay_us += share_of(r->jitter_us, rnd);
	return n;
}
