/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool_health - verdicts: from checks to a real server, from real servers to the quorum, with keepalived's words.
 */
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "load.h"
#include "pool_internal.h"

static const char *const check_names[CONF_CHECK_KINDS] = {
	[CONF_CHECK_TCP] = "TCP",   [CONF_CHECK_HTTP] = "HTTP",	  [CONF_CHECK_SSL] = "SSL",
	[CONF_CHECK_SMTP] = "SMTP", [CONF_CHECK_DNS] = "DNS",	  [CONF_CHECK_MISC] = "MISC",
	[CONF_CHECK_BFD] = "BFD",   [CONF_CHECK_UDP] = "UDP",	  [CONF_CHECK_PING] = "PING",
	[CONF_CHECK_FILE] = "FILE", [CONF_CHECK_AGENT] = "AGENT", [CONF_CHECK_PASSIVE] = "PASSIVE",
};

static void say(struct pool *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct pool *p, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->sink.log(p->sink.arg, LOG_NOTICE, text);
}

/* What the checks of rs say: how many have failed, and the weight they make. */
static uint32_t rs_verdict(const struct pool *p, const struct pool_rs *rs, uint32_t *ret_failed)
{
	int64_t weight = rs->c->weight;
	uint32_t failed = 0, percent = 100;
	bool drain = false;

	for (uint32_t i = 0; i < rs->c->n_checks; i++) {
		const struct pool_check *k = &p->checks[rs->c->checks[i]];

		if (!(k->known ? k->up : !k->c->how->alpha && !rs->assume_down))
			failed++;
		if (k->has_weight && k->c->how->kind == CONF_CHECK_FILE)
			weight += k->weight;
		else if (k->has_weight)
			weight += k->weight - (int64_t)rs->c->weight;
		if (k->percent)
			percent = k->percent;
		drain |= k->drain;
	}
	*ret_failed = failed;
	if (weight <= 0 || drain)
		return 0;
	/* the first bound keeps the product inside 64 bits, whatever a checker says */
	weight = (weight > INT32_MAX ? INT32_MAX : weight) * percent / 100;
	/* a share of a small weight is still a share */
	return weight > INT32_MAX ? INT32_MAX : weight ? (uint32_t)weight : 1;
}

/* "Removing service X from VS Y", with inhibition "Disabling ... of"; up "Adding ... to", "Enabling ... of". */
static void rs_log(struct pool *p, const struct pool_vs *vs, const struct pool_rs *rs)
{
	bool keep = rs->c->inhibit || rs->c->drain;
	char server[100], service[160];

	conf_rs_text(vs->c, rs->c, server, sizeof(server));
	conf_vs_text(p->conf, vs->c, service, sizeof(service));
	if (rs->up)
		say(p, "%s service %s %s VS %s", keep ? "Enabling" : "Adding", server, keep ? "of" : "to", service);
	else
		say(p, "%s service %s %s VS %s", keep ? "Disabling" : "Removing", server, keep ? "of" : "from",
		    service);
}

static void weight_log(struct pool *p, const struct pool_vs *vs, const struct pool_rs *rs, uint32_t was)
{
	char server[100], service[160];

	conf_rs_text(vs->c, rs->c, server, sizeof(server));
	conf_vs_text(p->conf, vs->c, service, sizeof(service));
	say(p, "Changing weight from %u to %u for %sactive service %s of VS %s", was, rs->weight, rs->up ? "" : "in",
	    server, service);
}

/* confirms: it was taken for up all along */
static void rs_event(struct pool *p, const struct pool_vs *vs, struct pool_rs *rs, const struct pool_check *why,
		     bool confirms)
{
	char text[80];
	struct pool_event ev = { .kind = rs->up ? POOL_RS_UP : POOL_RS_DOWN, .vs = vs->c, .rs = rs->c, .text = text };

	snprintf(text, sizeof(text), "=> %s CHECK %s on service <=", why ? check_names[why->c->how->kind] : "CHECK",
		 rs->up ? "succeed" : "failed");
	ev.initial = confirms;
	rs->init_told = true;
	p->sink.event(p->sink.arg, &ev);
}

void pool_rs_judge(struct pool *p, struct pool_vs *vs, struct pool_rs *rs, uint64_t now_us,
		   const struct pool_check *why)
{
	uint32_t was = rs->weight;
	bool known = true, up;

	rs->weight = rs_verdict(p, rs, &rs->failed);
	if (why && rs->weight != was)
		weight_log(p, vs, rs, was);
	for (uint32_t i = 0; i < rs->c->n_checks; i++)
		known &= p->checks[rs->c->checks[i]].known;
	if (known)
		rs->assume_down = false;
	up = !rs->failed;
	if (up == rs->up) {
		/* the first good word about a server that was taken for up all along */
		if (why && up && !rs->init_told && known)
			rs_event(p, vs, rs, why, true);
		return;
	}
	rs->up = up;
	rs->up_us = up ? now_us : 0;
	rs_log(p, vs, rs);
	rs_event(p, vs, rs, why, false);
}

uint64_t pool_alive_weight(const struct pool_vs *vs, uint32_t *ret_alive)
{
	uint64_t sum = 0;
	uint32_t alive = 0;

	for (uint32_t i = 0; i < vs->c->n_rs; i++) {
		if (!vs->rs[i].up)
			continue;
		alive++;
		sum += vs->rs[i].weight;
	}
	if (ret_alive)
		*ret_alive = alive;
	return sum;
}

static void quorum_event(struct pool *p, struct pool_vs *vs, const char *text)
{
	struct pool_event ev = {
		.kind = vs->quorum ? POOL_QUORUM_UP : POOL_QUORUM_DOWN,
		.vs = vs->c,
		.initial = !vs->judged,
		.text = text,
	};

	p->sink.event(p->sink.arg, &ev);
}

static void sorry_log(struct pool *p, const struct pool_vs *vs, const char *service)
{
	char server[100];

	if (!vs->c->has_sorry)
		return;
	conf_rs_text(vs->c, &vs->c->sorry, server, sizeof(server));
	if (!vs->quorum) {
		say(p, "Adding sorry server %s to VS %s", server, service);
		say(p, "Removing alive servers from the pool for VS %s", service);
	} else if (vs->judged) {
		say(p, "Removing sorry server %s from VS %s", server, service);
		say(p, "Adding alive servers to the pool for VS %s", service);
	}
}

void pool_vs_judge(struct pool *p, struct pool_vs *vs)
{
	uint64_t sum = pool_alive_weight(vs, NULL);
	uint32_t q = vs->c->quorum, h = vs->c->hysteresis;
	char service[160], text[200];
	bool quorum;

	quorum = vs->quorum ? sum && sum + h >= q : sum >= (uint64_t)q + h;
	if (quorum == vs->quorum && vs->judged)
		return;
	conf_vs_text(p->conf, vs->c, service, sizeof(service));
	vs->quorum = quorum;
	if (!quorum && !vs->judged) { /* nothing was lost: nobody has been asked yet */
		sorry_log(p, vs, service);
		vs->judged = true;
		return;
	}
	if (quorum) {
		snprintf(text, sizeof(text), "=> Gained quorum %u+%u=%u <= %lu <=", q, h, q + h, sum);
		say(p, "Gained quorum %u+%u=%u <= %lu for VS %s", q, h, q + h, sum, service);
	} else {
		snprintf(text, sizeof(text), "=> Lost quorum %u-%u=%u > %lu <=", q, h, q - h, sum);
		say(p, "Lost quorum %u-%u=%u > %lu for VS %s", q, h, q - h, sum, service);
	}
	sorry_log(p, vs, service);
	quorum_event(p, vs, text);
	vs->judged = true;
}
