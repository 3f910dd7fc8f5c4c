/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_check - what a check block means at one real server: timing from the real server, the virtual server or
 * the kind's own defaults, target from the server; names resolved; then shared with whoever has the same (share.c).
 */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "draft.h"
#include "draft_vs.h"

#define SECOND 1000000ull
#define DELAY_LOOP (60 * SECOND)
#define CONNECT_TIMEOUT (5 * SECOND)
#define PASSIVE_MAX 64 /* addresses of a group that one PASSIVE_CHECK watches */

/* A level above the check: its template and what it says */
struct level {
	const struct conf_check *times;
	uint64_t given;
};

static unsigned levels_of(const struct check_site *at, struct level ret[2])
{
	if (at->service) {
		ret[0] = (struct level){ &at->service->checked.times, at->service->given };
		return 1;
	}
	ret[0] = (struct level){ &at->rs->checked.times, at->rs->given };
	ret[1] = (struct level){ &at->vs->times, at->vs->given };
	return 2;
}

static void inherit_times(const struct check_site *at, struct check_draft *d)
{
	struct level levels[2];
	unsigned n = levels_of(at, levels);

	for (unsigned i = 0; i < n; i++) {
		const struct conf_check *t = levels[i].times;
		uint64_t fresh = levels[i].given & ~d->given;

#define TAKE(mark, field)              \
	if (schema_given(fresh, mark)) \
	d->c.field = t->field
		TAKE(VG_DELAY_LOOP, delay_loop_us);
		TAKE(VG_WARMUP, warmup_us);
		TAKE(VG_RETRY, retry);
		TAKE(VG_RETRY_DELAY, delay_before_retry_us);
		TAKE(VG_CONNECT_TIMEOUT, connect_timeout_us);
		TAKE(VG_TOTAL_TIMEOUT, total_timeout_us);
		TAKE(VG_JITTER, jitter_us);
		TAKE(VG_RISE, rise);
		TAKE(VG_FALL, fall);
#undef TAKE
		d->given |= fresh & ((2ull << VG_FALL) - 1);
	}
}

static void preset_times(struct check_draft *d)
{
	struct conf_check *c = &d->c;
	enum conf_check_kind k = c->kind;

#define IF_NOT(mark) if (!schema_given(d->given, mark))
	IF_NOT(VG_DELAY_LOOP)
	c->delay_loop_us = DELAY_LOOP;
	IF_NOT(VG_WARMUP)
	c->warmup_us = c->delay_loop_us;
	IF_NOT(VG_RETRY)
	c->retry = k == CONF_CHECK_DNS ? 3 : k == CONF_CHECK_MISC ? 0 : 1;
	IF_NOT(VG_RETRY_DELAY)
	c->delay_before_retry_us = k == CONF_CHECK_DNS				 ? c->delay_loop_us
				   : k == CONF_CHECK_HTTP || k == CONF_CHECK_SSL ? 3 * SECOND
										 : SECOND;
	IF_NOT(VG_CONNECT_TIMEOUT)
	c->connect_timeout_us = CONNECT_TIMEOUT;
	IF_NOT(VG_RISE)
	c->rise = 1;
	IF_NOT(VG_FALL)
	c->fall = 1;
#undef IF_NOT
}

static bool has_port(enum conf_check_kind k)
{
	return k != CONF_CHECK_PING && k != CONF_CHECK_MISC && k != CONF_CHECK_BFD && k != CONF_CHECK_FILE &&
	       k != CONF_CHECK_PASSIVE;
}

static void fill_target(const struct check_site *at, struct check_draft *d)
{
	struct conf_addr *t = &d->c.target;
	const struct conf_rs *r = at->rs ? &at->rs->r : NULL;
	uint16_t port = t->port;

	if (r && !t->family) /* none given, or none that was an address */
		*t = r->addr;
	t->port = r ? r->addr.port : 0;
	if (schema_given(d->given, VG_CONNECT_PORT))
		t->port = port;
	else if (r && at->rs->port)
		t->port = at->rs->port;
	if (!has_port(d->c.kind))
		t->port = 0;
	if (d->c.bind.port && !d->c.bind.family)
		d->c.bind.family = t->family;
}

/* Of a mark, or of all ports: the server's own port is none. */
static void warn_portless(struct load *l, const struct check_site *at, const struct check_draft *d)
{
	if (at->vs && has_port(d->c.kind) && !d->c.target.port && !d->hosts.n)
		load_error_at(l, CONF_WARNING, d->c.where,
			      "the server has no port, so this check asks port 0 and fails: "
			      "write connect_port");
}

/* False: reported, no check without it */
static bool fill_via_vip(struct load *l, const struct check_site *at, struct check_draft *d)
{
	struct conf_check *c = &d->c;

	if (!d->via_vip && !c->via_vip.family)
		return true;
	if (d->via_vip && at->vs)
		c->via_vip = at->vs->v.addr;
	else if (d->via_vip)
		c->via_vip = at->service->s.addr;
	c->via_method = at->rs ? at->rs->r.method : IP_VS_CONN_F_DROUTE;
	c->via_vip.port = 0;
	if (!c->via_vip.family)
		load_error_at(l, CONF_ERROR, c->where,
			      "via_vip: the service is no single address, write via_vip ADDRESS");
	else if (at->rs && c->via_method == IP_VS_CONN_F_MASQ)
		load_error_at(l, CONF_ERROR, c->where,
			      "via_vip: a server behind NAT does not know the virtual address");
	else if (c->target.family && c->via_vip.family != c->target.family && c->via_method != IP_VS_CONN_F_TUNNEL)
		load_error_at(l, CONF_ERROR, c->where, "via_vip: address and real server are of different families");
	else
		return true;
	return false;
}

/* ---- by kind ---- */
static const char *vhost_of(const struct check_site *at, const struct check_draft *d)
{
	if (*d->virtualhost)
		return d->virtualhost;
	if (at->service)
		return at->service->virtualhost;
	return *at->rs->virtualhost ? at->rs->virtualhost : at->vs->v.virtualhost;
}

static bool finish_http(struct load *l, const struct check_site *at, struct check_draft *d)
{
	const char *vhost = vhost_of(at, d);
	struct conf_url *u;

	if (!d->urls.n) {
		load_error_at(l, CONF_ERROR, d->c.where, "HTTP/SSL_GET checker has no urls specified - ignoring");
		return false;
	}
	u = load_scratch(l, d->urls.n * sizeof(*u));
	memcpy(u, d->urls.items, d->urls.n * sizeof(*u));
	for (uint32_t i = 0; i < d->urls.n; i++) {
		bool any = false;

		if (!*u[i].virtualhost)
			u[i].virtualhost = vhost;
		for (unsigned k = 0; k < 10; k++)
			any |= u[i].status[k];
		for (unsigned s = 200; !any && s < 300; s++)
			u[i].status[s / 64] |= 1ull << (s % 64);
	}
	d->c.http.urls = u; /* share.c takes it to where it stays */
	d->c.http.n_urls = d->urls.n;
	return true;
}

static bool finish_misc(struct load *l, struct check_draft *d)
{
	struct conf_check *c = &d->c;

	if (!c->misc.script.argv) {
		if (!c->misc.script.text)
			load_error_at(l, CONF_ERROR, c->where,
				      "No script path has been specified for MISC_CHECKER - skipping");
		return false;
	}
	if (*d->user) {
		c->misc.script.has_user = true;
		c->misc.script.user = d->user;
		c->misc.script.group = d->group;
	}
	if (!schema_given(d->given, VG_MISC_TIMEOUT))
		c->misc.timeout_us = c->delay_loop_us;
	load_script(l, &c->misc.script, "misc_path", CONF_HINT);
	return c->misc.script.argv;
}

static bool finish_bfd(struct load *l, struct check_draft *d)
{
	d->c.bfd.bfd = *d->name ? names_find(&l->bfd_names, d->name) : CONF_NONE;
	if (!*d->name)
		load_error_at(l, CONF_ERROR, d->c.where, "BFD_CHECK has no name of a bfd_instance - ignoring");
	else if (d->c.bfd.bfd == CONF_NONE)
		load_error_at(l, CONF_ERROR, d->c.where, "BFD_CHECK - BFD %s not configured", d->name);
	return d->c.bfd.bfd != CONF_NONE;
}

static bool finish_file(struct load *l, struct check_draft *d)
{
	struct conf_check *c = &d->c;

	c->file.file = *d->name ? names_find(&l->file_names, d->name) : CONF_NONE;
	if (c->file.file == CONF_NONE) {
		if (*d->name)
			load_error_at(l, CONF_ERROR, c->where, "track_file %s not found", d->name);
		else
			load_error_at(l, CONF_ERROR, c->where, "FILE_CHECK has no track_file specified - ignoring");
		return false;
	}
	if (!schema_given(d->given, VG_WEIGHT)) {
		c->file.weight = l->conf->files[c->file.file].weight;
		c->file.reverse = l->conf->files[c->file.file].reverse;
	}
	return true;
}

static bool finish_udp(struct load *l, struct check_draft *d)
{
	struct conf_check *c = &d->c;

	if (c->udp.max_reply < c->udp.min_reply) {
		load_error_at(l, CONF_ERROR, c->where,
			      "UDP_CHECK: max_reply_length %u is below min_reply_length %u: raised to it",
			      c->udp.max_reply, c->udp.min_reply);
		c->udp.max_reply = c->udp.min_reply;
	}
	return true;
}

static bool finish_agent(struct load *l, struct check_draft *d)
{
	if (schema_given(d->given, VG_CONNECT_PORT))
		return true;
	load_error_at(l, CONF_ERROR, d->c.where,
		      "AGENT_CHECK has no connect_port: the agent's port must be said - ignoring");
	return false;
}

static bool finish(struct load *l, const struct check_site *at, struct check_draft *d)
{
	switch (d->c.kind) {
	case CONF_CHECK_HTTP:
	case CONF_CHECK_SSL:
		return finish_http(l, at, d);
	case CONF_CHECK_MISC:
		return finish_misc(l, d);
	case CONF_CHECK_BFD:
		return finish_bfd(l, d);
	case CONF_CHECK_FILE:
		return finish_file(l, d);
	case CONF_CHECK_UDP:
		return finish_udp(l, d);
	case CONF_CHECK_AGENT:
		return finish_agent(l, d);
	default:
		return true;
	}
}

/* ---- where a check goes ---- */
static void add(struct load *l, const struct check_site *at, const struct conf_check *c, struct vec *ret)
{
	uint32_t index;

	if (at->service) {
		*(struct conf_check *)vec_add(l, ret, sizeof(*c)) = share_keep(l, c);
		return;
	}
	index = share_check(l, c);
	for (uint32_t i = 0; i < ret->n; i++)
		if (VEC_AT(*ret, uint32_t, i) == index)
			return; /* the same check twice at one server is one */
	*(uint32_t *)vec_add(l, ret, sizeof(uint32_t)) = index;
}

/* PASSIVE_CHECK looks at a service: for a group, one check for each of its addresses and marks */
static void add_passive(struct load *l, const struct check_site *at, const struct conf_check *check, struct vec *ret)
{
	const struct conf_vs *v = &at->vs->v;
	const struct conf_vsg *g = v->vsg != CONF_NONE ? &l->conf->vsgs[v->vsg] : NULL;
	struct conf_check c = *check;
	uint32_t n = 0;

	c.target = at->rs->r.addr;
	c.passive.service_proto = v->protocol;
	if (!g) {
		c.passive.service = v->addr;
		c.passive.service_mark = v->fwmark;
		add(l, at, &c, ret);
		return;
	}
	for (uint32_t i = 0; i < g->n_entries; i++) {
		for (uint32_t k = 0; k < g->entries[i].count; k++) {
			uint64_t carry = k;

			if (++n > PASSIVE_MAX) {
				load_error_at(l, CONF_ERROR, c.where,
					      "PASSIVE_CHECK watches only the first %d addresses of group %s",
					      PASSIVE_MAX, g->name);
				return;
			}
			c.passive.service = g->entries[i].first;
			c.passive.service_mark = g->entries[i].fwmark;
			for (int b = c.passive.service.family == AF_INET ? 3 : 15; b >= 0 && carry; b--) {
				carry += c.passive.service.bytes[b];
				c.passive.service.bytes[b] = (uint8_t)carry;
				carry >>= 8;
			}
			add(l, at, &c, ret);
		}
	}
}

static void add_hosts(struct load *l, const struct check_site *at, const struct check_draft *smtp, struct vec *ret)
{
	for (uint32_t i = 0; i < smtp->hosts.n; i++) {
		const struct check_draft *h = VEC_AT(smtp->hosts, const struct check_draft *, i);
		struct check_draft d = *smtp;

		d.given = (smtp->given & ~(1ull << VG_CONNECT_PORT)) | h->given;
		d.c.target = h->c.target;
		d.c.bind = h->c.bind;
		d.c.bind_if = h->c.bind_if;
		d.c.fwmark = h->c.fwmark;
		d.c.where = h->c.where;
		fill_target(at, &d);
		add(l, at, &d.c, ret);
	}
}

void validate_check(struct load *l, const struct check_site *at, struct check_draft *draft, struct vec *ret)
{
	struct check_draft d = *draft;

	if (!d.c.bind_if)
		d.c.bind_if = load_str(l, "");
	if (d.c.kind != CONF_CHECK_BFD && d.c.kind != CONF_CHECK_FILE)
		inherit_times(at, &d); /* those two have no times: they are told */
	preset_times(&d);
	if (!schema_given(d.given, VG_ALPHA))
		d.c.alpha = at->rs && at->rs->r.alpha;
	if (!schema_given(d.given, VG_LOG_ALL))
		d.c.log_all_failures = l->global->g.checker_log_all_failures;
	fill_target(at, &d);
	if (!fill_via_vip(l, at, &d) || !finish(l, at, &d))
		return;
	warn_portless(l, at, &d);
	if (d.c.kind == CONF_CHECK_PASSIVE && at->vs)
		add_passive(l, at, &d.c, ret);
	else if (d.hosts.n)
		add_hosts(l, at, &d, ret);
	else
		add(l, at, &d.c, ret);
}
