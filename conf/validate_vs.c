/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_vs - virtual servers as a whole: what is missing gets its default and an error, what contradicts is
 * mended, what cannot work is left out; defaults go down to real servers; drafts become conf.
 *
 * The order and the outcome of each step are keepalived's (two virtual servers on one address are not: its second one
 * would fail later). Standard: what keepalived 2.2.7 says and does with such files.
 */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "draft.h"
#include "draft_vs.h"

static const char *rs_name(struct load *l, const struct vs_draft *d, const struct conf_rs *r)
{
	char text[80];

	conf_rs_text(&d->v, r, text, sizeof(text));
	return arena_strdup(&l->scratch, text);
}

#define SAY(severity, ...) load_error_at(l, severity, d->v.where, __VA_ARGS__)

static struct rs_draft *server(const struct vs_draft *d, uint32_t i)
{
	return VEC_AT(d->servers, struct rs_draft *, i);
}

/* ---- real servers ---- */
static void set_port(struct load *l, const struct vs_draft *d, struct conf_rs *r)
{
	const struct conf_vs *v = &d->v;
	bool nat = r->method == IP_VS_CONN_F_MASQ;

	if (v->vsg != CONF_NONE || v->adopted)
		return; /* its entries have ports of their own; what stands in a table stands as it is */
	if (v->fwmark) {
		if (!r->addr.port || nat)
			return;
		load_error_at(l, CONF_WARNING, r->where,
			      "WARNING - fwmark virtual server %s, %s server %s has port specified - clearing",
			      vs_name(l, d), r == &v->sorry ? "sorry" : "real", rs_name(l, d, r));
		r->addr.port = 0;
		return;
	}
	if (!r->addr.port) {
		r->addr.port = v->addr.port;
	} else if (!nat && r->addr.port != v->addr.port) {
		load_error_at(l, CONF_WARNING, r->where,
			      "WARNING - virtual server %s and %s server %s ports don't match - resetting to %u",
			      vs_name(l, d), r == &v->sorry ? "sorry" : "real", rs_name(l, d, r), v->addr.port);
		r->addr.port = v->addr.port;
	}
}

/* Open addressing over addresses and ports; slots hold index + 1 */
static bool is_double(const struct vs_draft *d, uint32_t *slots, uint32_t room, uint32_t i)
{
	const struct conf_addr *a = &server(d, i)->r.addr, *b;
	uint32_t h = 2166136261u;

	for (size_t k = 0; k < sizeof(*a); k++)
		h = (h ^ ((const uint8_t *)a)[k]) * 16777619u;
	for (h = (h ^ h >> 15) & (room - 1); slots[h]; h = (h + 1) & (room - 1)) {
		b = &server(d, slots[h] - 1)->r.addr;
		if (!memcmp(a, b, sizeof(*a)))
			return true;
	}
	slots[h] = i + 1;
	return false;
}

static bool family_fits(struct load *l, const struct vs_draft *d, const struct conf_rs *r)
{
	char addr[INET6_ADDRSTRLEN];

	if (r->addr.family == d->v.family || r->method == IP_VS_CONN_F_TUNNEL)
		return true;
	conf_addr_text(&r->addr, addr, sizeof(addr));
	load_error_at(l, CONF_ERROR, r->where,
		      "Address family of virtual server and real server %s don't match - skipping real server", addr);
	return false;
}

/* Leaves out servers that do not fit or stand there twice */
static void sift_servers(struct load *l, struct vs_draft *d)
{
	uint32_t room = 16, n = 0, *slots;

	while (room < 2 * d->servers.n)
		room *= 2;
	slots = load_scratch(l, room * sizeof(*slots));
	for (uint32_t i = 0; i < d->servers.n; i++) {
		struct rs_draft *r = server(d, i);

		VEC_AT(d->servers, struct rs_draft *, n) = r;
		if (!family_fits(l, d, &r->r))
			continue;
		r->port = r->r.addr.port;
		set_port(l, d, &r->r);
		if (is_double(d, slots, room, n))
			load_error_at(l, CONF_ERROR, r->r.where,
				      "VS %s: real server %s is duplicated - removing second rs", vs_name(l, d),
				      rs_name(l, d, &r->r));
		else
			n++;
	}
	d->servers.n = n;
}

static bool alert(const struct load *l, uint64_t given, bool own, bool preset)
{
	const struct conf_global *g = &l->global->g;

	if (schema_given(given, VG_SMTP_ALERT))
		return own;
	if (g->smtp_alert_checker != CONF_UNSET)
		return g->smtp_alert_checker == CONF_ON;
	return g->smtp_alert != CONF_UNSET ? g->smtp_alert == CONF_ON : preset;
}

static void inherit(struct load *l, const struct vs_draft *d, struct rs_draft *r)
{
#define FROM_VS(mark, field, preset)       \
	if (!schema_given(r->given, mark)) \
	r->r.field = schema_given(d->given, mark) ? d->rs.field : (preset)
	FROM_VS(VG_WEIGHT, weight, 1);
	FROM_VS(VG_INHIBIT, inhibit, false);
	FROM_VS(VG_DRAIN, drain, false);
	FROM_VS(VG_SLOW_START, slow_start_us, 0);
#undef FROM_VS
	if (!schema_given(r->given, VG_ALPHA))
		r->r.alpha = d->v.alpha;
	r->r.smtp_alert = alert(l, r->given, r->r.smtp_alert, true);
	if (r->r.uthreshold && r->r.lthreshold > r->r.uthreshold) {
		load_error_at(l, CONF_ERROR, r->r.where,
			      "real server %s: lthreshold %u is above uthreshold %u - ignoring it",
			      rs_name(l, d, &r->r), r->r.lthreshold, r->r.uthreshold);
		r->r.lthreshold = 0;
	}
	load_script(l, (struct conf_script *)r->r.notify_up, "notify_up", CONF_HINT);
	load_script(l, (struct conf_script *)r->r.notify_down, "notify_down", CONF_HINT);
}

static void finish_servers(struct load *l, struct vs_draft *d)
{
	struct conf_rs *out = arena_alloc(l->a, (d->servers.n + 1) * sizeof(*out));

	for (uint32_t i = 0; i < d->servers.n; i++) {
		struct rs_draft *r = server(d, i);
		struct check_site at = { .vs = d, .rs = r };
		struct vec checks = { 0 };

		inherit(l, d, r);
		for (uint32_t k = 0; k < r->checked.checks.n; k++)
			validate_check(l, &at, VEC_AT(r->checked.checks, struct check_draft *, k), &checks);
		r->r.checks = vec_keep(l, &checks, sizeof(uint32_t));
		r->r.n_checks = checks.n;
		out[i] = r->r;
	}
	d->v.rs = out;
	d->v.n_rs = d->servers.n;
}

/* ---- quorum, sorry server ---- */
static void set_quorum(struct load *l, struct vs_draft *d)
{
	uint64_t total = 0;

	if (d->v.adopted)
		return;
	for (uint32_t i = 0; i < d->v.n_rs; i++)
		total += d->v.rs[i].weight;
	if (d->v.quorum > total) {
		SAY(CONF_ERROR,
		    "Warning - quorum %u for %s exceeds total weight of real servers %llu, reducing quorum to %llu",
		    d->v.quorum, vs_name(l, d), (unsigned long long)total, (unsigned long long)total);
		d->v.quorum = (uint32_t)total;
	}
	if (d->v.hysteresis && d->v.hysteresis >= d->v.quorum) {
		SAY(CONF_ERROR, "Virtual server %s: hysteresis %u >= quorum %u; setting hysteresis to %u",
		    vs_name(l, d), d->v.hysteresis, d->v.quorum, d->v.quorum ? d->v.quorum - 1 : 0);
		d->v.hysteresis = d->v.quorum ? d->v.quorum - 1 : 0;
	}
}

static void set_sorry_server(struct load *l, struct vs_draft *d)
{
	struct conf_rs *s = &d->v.sorry;

	if (!d->v.has_sorry) {
		if (d->v.sorry_inhibit || schema_given(d->given, VG_SORRY_METHOD))
			SAY(CONF_ERROR,
			    "Virtual server %s: there is no sorry_server for what is said about one - ignoring",
			    vs_name(l, d));
		d->v.sorry_inhibit = false;
		return;
	}
	if (!schema_given(d->given, VG_SORRY_METHOD)) {
		s->method = d->rs.method;
		s->tun_type = d->rs.tun_type;
		s->tun_port = d->rs.tun_port;
		s->tun_flags = d->rs.tun_flags;
	}
	s->weight = 1;
	s->snmp_name = "";
	s->inhibit = d->v.sorry_inhibit;
	set_port(l, d, s);
	d->v.has_sorry = family_fits(l, d, s);
	d->v.sorry_inhibit &= d->v.has_sorry;
}

/* ---- the whole ---- */
static const char *identity(struct load *l, const struct vs_draft *d)
{
	return arena_printf(&l->scratch, "%s %u", vs_name(l, d), d->v.fwmark ? d->v.family : 0);
}

static bool validate_server(struct load *l, struct vs_draft *d, struct names *seen)
{
	if (!service_find_group(l, d))
		return false;
	service_protocol(l, d);
	if (!d->servers.n && !d->v.adopted) {
		SAY(CONF_ERROR,
		    "Virtual server %s has no real servers - ignoring: write real_server ADDRESS PORT { }",
		    vs_name(l, d));
		return false;
	}
	if (d->v.adopted && !adopt_checks(l, d))
		return false;
	service_scheduler(l, d);
	service_method(l, d);
	if (!service_family(l, d))
		return false;
	if (!names_add(l, seen, identity(l, d), 0)) {
		SAY(CONF_ERROR, "Virtual server %s is defined twice: this one is left out", vs_name(l, d));
		return false;
	}
	service_flags(l, d);
	sift_servers(l, d);
	if (!d->servers.n && !d->v.adopted) {
		SAY(CONF_ERROR, "Virtual server %s has no real servers left - ignoring", vs_name(l, d));
		return false;
	}
	d->v.smtp_alert = alert(l, d->given, d->v.smtp_alert, false);
	d->v.rs_weight = schema_given(d->given, VG_WEIGHT) ? d->rs.weight : 1;
	d->v.rs_inhibit = d->rs.inhibit;
	set_sorry_server(l, d);
	finish_servers(l, d);
	set_quorum(l, d);
	load_script(l, &d->v.quorum_up, "quorum_up", CONF_HINT);
	load_script(l, &d->v.quorum_down, "quorum_down", CONF_HINT);
	return true;
}

static void keep_service_checks(struct load *l)
{
	struct vec kept = { 0 };

	for (uint32_t i = 0; i < l->service_checks.n; i++) {
		struct service_draft *d = VEC_AT(l->service_checks, struct service_draft *, i);
		struct check_site at = { .service = d };
		struct vec templates = { 0 };

		d->s.family = d->s.addr.family ? d->s.addr.family : d->s.family ? d->s.family : AF_INET;
		if (d->s.fwmark)
			d->s.protocol = 0;
		for (uint32_t k = 0; k < d->checked.checks.n; k++)
			validate_check(l, &at, VEC_AT(d->checked.checks, struct check_draft *, k), &templates);
		d->s.templates = vec_keep(l, &templates, sizeof(struct conf_check));
		d->s.n_templates = templates.n;
		if (templates.n)
			*(struct conf_service_check *)vec_add(l, &kept, sizeof(d->s)) = d->s;
		else
			load_error_at(l, CONF_ERROR, d->s.where, "service_check has no check - ignoring");
	}
	l->conf->service_checks = vec_keep(l, &kept, sizeof(struct conf_service_check));
	l->conf->n_service_checks = kept.n;
}

void validate_vs(struct load *l)
{
	struct names seen = { 0 };
	struct vec kept = { 0 };

	service_keep_groups(l);
	for (uint32_t i = 0; i < l->servers.n; i++) {
		struct vs_draft *d = VEC_AT(l->servers, struct vs_draft *, i);

		if (validate_server(l, d, &seen))
			*(struct conf_vs *)vec_add(l, &kept, sizeof(d->v)) = d->v;
	}
	l->conf->servers = vec_keep(l, &kept, sizeof(struct conf_vs));
	l->conf->n_servers = kept.n;
	keep_service_checks(l);
	share_finish(l);
	l->conf->ssl = l->ssl;
	if (!l->ssl.ca)
		l->conf->ssl =
			(struct conf_ssl){ load_str(l, ""), load_str(l, ""), load_str(l, ""), load_str(l, "") };
}
