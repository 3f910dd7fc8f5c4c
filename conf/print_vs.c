/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_vs - virtual servers, their groups, real servers and checks in the canonical form.
 *
 * What a server or a check has got from above is written only where it differs from what it would get again.
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "draft_vs.h"
#include "keywords.h"
#include "print.h"
#include "set_check.h"

#define SECOND ((uint64_t)1000000)

/* What stands above the thing that is printed */
struct context {
	const struct conf_vs *vs; /* NULL: a service_check */
	const struct conf_rs *rs; /* NULL: the virtual server itself, or a service_check */
};

/* ---- what would be inherited ---- */
static bool alert_preset(const struct conf_global *g, bool preset)
{
	enum conf_tristate t = g->smtp_alert_checker ? g->smtp_alert_checker : g->smtp_alert;

	return t ? t == CONF_ON : preset;
}

static bool vs_inherited(const struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;

	return r->mark == VG_SMTP_ALERT && v->smtp_alert == alert_preset(&p->conf->global, false);
}

static bool rs_inherited(const struct printer *p, const void *obj, const struct row *r)
{
	const struct context *c = p->context;
	const struct conf_rs *s = c->rs;

	switch (r->mark) {
	case VG_INHIBIT:
		return !s->inhibit;
	case VG_SLOW_START:
		return !s->slow_start_us;
	case VG_DRAIN:
		return !s->drain;
	case VG_WEIGHT:
		return s->weight == 1;
	case VG_METHOD:
		return s->method == c->vs->method && !s->tun_type && !s->tun_port && !s->tun_flags;
	case VG_ALPHA:
		return s->alpha == c->vs->alpha;
	case VG_SMTP_ALERT:
		return s->smtp_alert == alert_preset(&p->conf->global, true);
	default:
		return false;
	}
}

static uint32_t retry_preset(enum conf_check_kind k)
{
	return k == CONF_CHECK_DNS ? 3 : k == CONF_CHECK_MISC ? 0 : 1;
}

static uint64_t retry_delay_preset(const struct conf_check *c)
{
	if (c->kind == CONF_CHECK_DNS)
		return c->delay_loop_us;
	return c->kind == CONF_CHECK_HTTP || c->kind == CONF_CHECK_SSL ? 3 * SECOND : SECOND;
}

static bool same_address(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static bool check_inherited(const struct printer *p, const void *obj, const struct row *r)
{
	const struct context *at = p->context;
	const struct conf_check *c = obj;

	switch (r->mark) {
	case VG_DELAY_LOOP:
		return c->delay_loop_us == 60 * SECOND;
	case VG_WARMUP:
		return c->warmup_us == c->delay_loop_us;
	case VG_RETRY:
		return c->retry == retry_preset(c->kind);
	case VG_RETRY_DELAY:
		return c->delay_before_retry_us == retry_delay_preset(c);
	case VG_CONNECT_TIMEOUT:
		return c->connect_timeout_us == 5 * SECOND;
	case VG_TOTAL_TIMEOUT:
		return !c->total_timeout_us;
	case VG_JITTER:
		return !c->jitter_us;
	case VG_RISE:
		return c->rise == 1;
	case VG_FALL:
		return c->fall == 1;
	case VG_ALPHA:
		return c->alpha == (at->rs && at->rs->alpha);
	case VG_LOG_ALL:
		return c->log_all_failures == p->conf->global.checker_log_all_failures;
	case VG_CONNECT_PORT:
		return at->rs && c->target.port == at->rs->addr.port;
	case VG_MISC_TIMEOUT:
		return c->misc.timeout_us == c->delay_loop_us;
	default:
		return r->print == print_connect_ip && at->rs && same_address(&c->target, &at->rs->addr);
	}
}

/* One that was reduced to 0, because all weights are 0, becomes so again */
void print_quorum(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_vs *v = obj;

	if (v->quorum > 1)
		print_line(p, "%s %u", r->word, v->quorum);
}

/* ---- checks ---- */
static void print_urls(struct printer *p, const struct conf_check *c)
{
	const struct schema_block *b = schema_row(check_block(CONF_CHECK_HTTP), "url")->block;

	for (uint32_t i = 0; i < c->http.n_urls; i++) {
		print_open(p, "url");
		print_rows(p, b, &c->http.urls[i]);
		print_close(p);
	}
}

/* What a check names by index, or has in a word of its own */
static void print_references(struct printer *p, const struct conf_check *c)
{
	const struct conf_script *s = &c->misc.script;

	switch (c->kind) {
	case CONF_CHECK_HTTP:
	case CONF_CHECK_SSL:
		print_urls(p, c);
		break;
	case CONF_CHECK_MISC:
		if (s->has_user)
			print_line(p, "user %s%s%s", s->user, *s->group ? " " : "", s->group);
		break;
	case CONF_CHECK_BFD:
		print_line(p, "name %s", print_word(p, p->conf->bfds[c->bfd.bfd].name));
		break;
	case CONF_CHECK_FILE:
		print_line(p, "track_file %s", print_word(p, p->conf->files[c->file.file].name));
		break;
	default:
		break;
	}
}

static void print_check(struct printer *p, const struct conf_check *c)
{
	const struct schema_block *b = check_block(c->kind);

	p->inherited = check_inherited;
	print_open(p, "%s", b->word);
	print_rows(p, b, c);
	print_references(p, c);
	print_close(p);
	p->inherited = NULL;
}

static void print_target(struct printer *p, const struct conf_target *t)
{
	struct conf_check whole = *t->how;

	whole.target = t->addr;
	print_check(p, &whole);
}

/* For a group, one PASSIVE_CHECK as written is a check for each address: the block is printed once */
static bool same_passive(const struct conf *c, uint32_t a, uint32_t b)
{
	const struct conf_target *x = &c->checks[a], *y = &c->checks[b];

	return x->how->kind == CONF_CHECK_PASSIVE && y->how->kind == CONF_CHECK_PASSIVE &&
	       x->where.file == y->where.file && x->where.line == y->where.line && x->where.col == y->where.col;
}

/* ---- servers ---- */
static const char *addr_port(struct printer *p, const struct conf_addr *a)
{
	const char *text = print_addr(p, a);

	return a->port ? arena_printf(&p->presets->scratch, "%s %u", text, a->port) : text;
}

static void print_rs(struct printer *p, const struct schema_block *b, const struct conf_vs *v,
		     const struct conf_rs *s)
{
	struct context at = { .vs = v, .rs = s };

	print_open(p, "real_server %s", addr_port(p, &s->addr));
	p->context = &at;
	p->inherited = rs_inherited;
	print_rows(p, b, s);
	p->inherited = NULL;
	for (uint32_t i = 0; i < s->n_checks; i++)
		if (!i || !same_passive(p->conf, s->checks[i - 1], s->checks[i]))
			print_target(p, &p->conf->checks[s->checks[i]]);
	print_close(p);
}

static void open_vs(struct printer *p, const struct conf_vs *v)
{
	if (v->vsg != CONF_NONE)
		print_open(p, "virtual_server group %s", print_word(p, p->conf->vsgs[v->vsg].name));
	else if (v->fwmark)
		print_open(p, "virtual_server fwmark %u", v->fwmark);
	else
		print_open(p, "virtual_server %s", addr_port(p, &v->addr));
	if (!v->addr.family)
		print_line(p, "ip_family %s", v->family == AF_INET6 ? "inet6" : "inet");
}

static void print_one_vs(struct printer *p, const struct schema_block *b, const struct conf_vs *v)
{
	const struct schema_block *rs = schema_row(b, "real_server")->block;

	open_vs(p, v);
	if (*v->sched)
		print_line(p, "lvs_sched %s", v->sched);
	p->inherited = vs_inherited;
	print_rows(p, b, v);
	p->inherited = NULL;
	for (uint32_t i = 0; i < v->n_rs; i++)
		print_rs(p, rs, v, &v->rs[i]);
	print_close(p);
}

/* a + n, in the last 32 bits of the address (a range has no more) */
static struct conf_addr addr_plus(const struct conf_addr *a, uint32_t n)
{
	struct conf_addr out = *a;
	uint8_t *low = out.bytes + (a->family == AF_INET ? 0 : 12);
	uint32_t v;

	memcpy(&v, low, 4);
	v = htonl(ntohl(v) + n);
	memcpy(low, &v, 4);
	return out;
}

static void print_entry(struct printer *p, const struct conf_vsg_entry *e)
{
	struct conf_addr last;

	if (e->fwmark) {
		print_line(p, "fwmark %u %s", e->fwmark, e->first.family == AF_INET6 ? "inet6" : "inet");
	} else if (e->count > 1) {
		last = addr_plus(&e->first, e->count - 1);
		last.port = e->first.port;
		print_line(p, "%s-%s", print_addr(p, &e->first), addr_port(p, &last));
	} else {
		print_line(p, "%s", addr_port(p, &e->first));
	}
}

static void print_ssl(struct printer *p, const struct conf_ssl *s)
{
	const struct schema_block *b = schema_path("SSL");

	if (!s->password || !(*s->password || *s->ca || *s->certificate || *s->key))
		return;
	print_open(p, "SSL");
	print_rows(p, b, s);
	print_close(p);
}

static void print_service(struct printer *p, const struct schema_block *b, const struct conf_service_check *s)
{
	struct context at = { 0 };

	if (s->fwmark) {
		print_open(p, "service_check fwmark %u", s->fwmark);
		print_line(p, "ip_family %s", s->family == AF_INET6 ? "inet6" : "inet");
	} else {
		print_open(p, "service_check %s", addr_port(p, &s->addr));
	}
	p->context = &at;
	print_rows(p, b, s);
	for (uint32_t i = 0; i < s->n_templates; i++)
		print_check(p, &s->templates[i]);
	print_close(p);
}

void print_vs(struct printer *p, const struct conf *c)
{
	const struct schema_block *vs = schema_path("virtual_server"), *service = schema_path("service_check");
	uint32_t i;

	print_ssl(p, &c->ssl);
	for (i = 0; i < c->n_vsgs; i++) {
		print_open(p, "virtual_server_group %s", print_word(p, c->vsgs[i].name));
		for (uint32_t k = 0; k < c->vsgs[i].n_entries; k++)
			print_entry(p, &c->vsgs[i].entries[k]);
		print_close(p);
	}
	for (i = 0; i < c->n_servers; i++)
		print_one_vs(p, vs, &c->servers[i]);
	for (i = 0; i < c->n_service_checks; i++)
		print_service(p, service, &c->service_checks[i]);
}
