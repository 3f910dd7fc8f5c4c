/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_vs - virtual servers as a whole: what is missing gets its default and an error, what contradicts is mended,
 * what cannot work is left out; defaults go down to real servers; drafts become conf.
 *
 * The order and the outcome of each step are keepalived's (two virtual servers on one address are not: its second one
 * would fail later). Standard: what keepalived 2.2.7 says and does with such files.
 */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "draft.h"
#include "draft_vs.h"

#define PERSISTENCE_DEFAULT 360

static const char *vs_name(struct load *l, const struct vs_draft *d)
{
	char text[256];

	if (d->group && d->v.vsg == CONF_NONE)
		return arena_printf(&l->scratch, "[%s]", d->group);
	conf_vs_text(l->conf, &d->v, text, sizeof(text));
	return arena_strdup(&l->scratch, text);
}

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

/* ---- groups ---- */
static void keep_groups(struct load *l)
{
	struct conf_vsg *groups = arena_alloc(l->a, (l->vsgs.n + 1) * sizeof(*groups));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->vsgs.n; i++) {
		struct vsg_draft *d = VEC_AT(l->vsgs, struct vsg_draft *, i);

		d->g.n_entries = d->entries.n;
		if (!d->entries.n) {
			load_error_at(l, CONF_ERROR, d->g.where, "virtual server group %s has no entries - removing", d->g.name);
			continue;
		}
		d->entries.items = arena_memdup(l->a, d->entries.items, d->entries.n * sizeof(struct conf_vsg_entry));
		d->g.entries = d->entries.items;
		d->index = n;
		groups[n++] = d->g;
	}
	l->conf->vsgs = groups;
	l->conf->n_vsgs = n;
}

static struct vsg_draft *group_of(struct load *l, const struct vs_draft *d)
{
	uint32_t i = d->group ? names_find(&l->vsg_names, d->group) : CONF_NONE;

	return i == CONF_NONE ? NULL : VEC_AT(l->vsgs, struct vsg_draft *, i);
}

static bool only_marks(const struct vsg_draft *g)
{
	for (uint32_t i = 0; i < g->g.n_entries; i++)
		if (!g->g.entries[i].fwmark)
			return false;
	return true;
}

static bool find_group(struct load *l, struct vs_draft *d)
{
	const struct vsg_draft *g = group_of(l, d);

	if (!d->group)
		return true;
	if (!g)
		SAY(CONF_ERROR, "Virtual server group %s specified but not configured - ignoring virtual server", d->group);
	else if (!g->g.n_entries)
		SAY(CONF_ERROR, "virtual server group %s is empty - ignoring virtual server", d->group);
	else
		d->v.vsg = g->index;
	return d->v.vsg != CONF_NONE;
}

/* ---- family ---- */
static bool is_tunnelled(const struct conf_rs *r)
{
	return r->method == IP_VS_CONN_F_TUNNEL;
}

/* Of a mark or a group of marks: what the real servers are, those that are not tunnelled first */
static uint16_t servers_family(const struct vs_draft *d)
{
	uint16_t family = 0;

	for (uint32_t i = 0; i < d->servers.n; i++) {
		const struct conf_rs *r = &server(d, i)->r;

		if (!is_tunnelled(r))
			return r->addr.family;
		if (family && family != r->addr.family)
			return AF_INET;
		family = r->addr.family;
	}
	return family ? family : AF_INET;
}

static bool group_family(struct load *l, struct vs_draft *d, struct vsg_draft *g)
{
	struct conf_vsg_entry *e = g->entries.items;
	bool tunnelled = true;

	for (uint32_t i = 0; i < d->servers.n; i++)
		tunnelled &= is_tunnelled(&server(d, i)->r);
	for (uint32_t i = 0; i < g->entries.n && !d->v.family; i++)
		d->v.family = e[i].first.family;
	if (!d->v.family)
		d->v.family = servers_family(d);
	for (uint32_t i = 0; i < g->entries.n; i++) {
		if (!e[i].first.family)
			e[i].first.family = d->v.family;
		if (e[i].first.family == d->v.family || tunnelled)
			continue;
		load_error_at(l, CONF_ERROR, e[i].where,
			      "virtual server group %s holds IPv4 and IPv6, which wants real servers that are all tunnelled (TUN)"
			      " - ignoring virtual server", g->g.name);
		return false;
	}
	return true;
}

static bool set_family(struct load *l, struct vs_draft *d)
{
	struct vsg_draft *g = group_of(l, d);

	d->v.family = d->v.addr.family;
	if (schema_given(d->given, VG_FAMILY) && d->v.family && d->v.family != d->mark_family)
		SAY(CONF_ERROR, "Virtual server %s: ip_family conflicts with its address - ignoring ip_family", vs_name(l, d));
	if (!d->v.family && d->mark_family)
		d->v.family = d->mark_family;
	if (g)
		return group_family(l, d, g);
	if (!d->v.family)
		d->v.family = servers_family(d);
	return true;
}

/* ---- what must be there ---- */
static void set_protocol(struct load *l, struct vs_draft *d)
{
	const struct vsg_draft *g = group_of(l, d);
	bool marks = d->v.fwmark || (g && only_marks(g));

	if (d->v.fwmark && d->v.protocol)
		SAY(CONF_WARNING, "Virtual server %s: protocol specified for fwmark - protocol will be ignored", vs_name(l, d));
	if (d->v.fwmark)
		d->v.protocol = 0;
	if (marks || d->v.protocol)
		return;
	SAY(CONF_ERROR, "Virtual server %s: no protocol set - defaulting to UDP", vs_name(l, d));
	d->v.protocol = IPPROTO_UDP;
}

static void set_scheduler(struct load *l, struct vs_draft *d)
{
	static const struct {
		unsigned bit;
		const char *word, *sched;
		uint32_t flag;
	} words[] = {
		{SW_SH_PORT, "sh-port", "sh", IP_VS_SVC_F_SCHED2}, {SW_SH_FALLBACK, "sh-fallback", "sh", IP_VS_SVC_F_SCHED1},
		{SW_MH_PORT, "mh-port", "mh", IP_VS_SVC_F_SCHED2}, {SW_MH_FALLBACK, "mh-fallback", "mh", IP_VS_SVC_F_SCHED1},
	};

	if (!d->v.sched || !*d->v.sched) {
		if (!d->v.adopted)
			SAY(CONF_ERROR, "Virtual server %s: no scheduler set, setting default 'wlc'", vs_name(l, d));
		d->v.sched = load_str(l, "wlc");
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(d->sched_words & words[i].bit))
			continue;
		if (!strcmp(d->v.sched, words[i].sched))
			d->v.flags |= words[i].flag;
		else
			SAY(CONF_ERROR, "Virtual server %s: %s only applies to scheduler %s, not to %s - ignoring", vs_name(l, d),
			    words[i].word, words[i].sched, d->v.sched);
	}
}

static void set_default_method(struct load *l, struct vs_draft *d)
{
	if (!schema_given(d->given, VG_METHOD) || d->v.method == CONF_NONE) {
		if (!d->v.adopted)
			SAY(CONF_ERROR, "Virtual server %s: no forwarding method set, setting default NAT", vs_name(l, d));
		d->v.method = d->rs.method = IP_VS_CONN_F_MASQ;
	}
	for (uint32_t i = 0; i < d->servers.n; i++) {
		struct rs_draft *r = server(d, i);

		if (schema_given(r->given, VG_METHOD) && r->r.method != CONF_NONE)
			continue;
		r->r.method = d->rs.method;
		r->r.tun_type = d->rs.tun_type;
		r->r.tun_port = d->rs.tun_port;
		r->r.tun_flags = d->rs.tun_flags;
	}
}

/* ---- persistence ---- */
static bool has_port_zero(struct load *l, const struct vs_draft *d)
{
	const struct vsg_draft *g = group_of(l, d);

	for (uint32_t i = 0; g && i < g->g.n_entries; i++)
		if (!g->g.entries[i].fwmark && !g->g.entries[i].first.port)
			return true;
	return d->v.addr.family && !d->v.addr.port;
}

static void set_netmask(struct load *l, struct vs_draft *d)
{
	bool six = d->v.family == AF_INET6;
	uint32_t max = six ? 128 : 32;

	d->v.netmask = six ? 128 : UINT32_MAX;
	if (!schema_given(d->given, VG_GRANULARITY))
		return;
	if (d->mask_len > max || (six && d->mask4.s_addr))
		SAY(CONF_ERROR, "Virtual server %s: persistence_granularity does not fit its family: wanted %s - ignoring",
		    vs_name(l, d), six ? "a length from 1 to 128" : "a netmask, or a length from 1 to 32");
	else if (six && d->mask_len)
		d->v.netmask = d->mask_len;
	else if (d->mask_len)
		d->v.netmask = htonl(UINT32_MAX << (32 - d->mask_len));
	else if (d->mask4.s_addr)
		d->v.netmask = d->mask4.s_addr;
}

static void set_flags(struct load *l, struct vs_draft *d)
{
	if (d->v.flags & IP_VS_SVC_F_ONEPACKET && d->v.protocol && d->v.protocol != IPPROTO_UDP) {
		SAY(CONF_ERROR, "Virtual server %s: one packet scheduling requires UDP - resetting", vs_name(l, d));
		d->v.flags &= ~(uint32_t)IP_VS_SVC_F_ONEPACKET;
	}
	if (!d->v.persistence_s && (d->mask_len || d->mask4.s_addr))
		d->v.persistence_s = PERSISTENCE_DEFAULT;
	if (!d->v.persistence_s && has_port_zero(l, d) && !d->v.adopted) {
		SAY(CONF_ERROR, "Virtual server %s: zero port only valid for persistent services - setting", vs_name(l, d));
		d->v.persistence_s = PERSISTENCE_DEFAULT;
	}
	if (d->v.persistence_s)
		d->v.flags |= IP_VS_SVC_F_PERSISTENT;
	set_netmask(l, d);
	if (d->v.ha_suspend && d->v.fwmark) {
		SAY(CONF_ERROR, "Virtual server %s: cannot use ha_suspend with fwmarks - clearing ha_suspend", vs_name(l, d));
		d->v.ha_suspend = false;
	}
}

/* ---- real servers ---- */
static void set_port(struct load *l, const struct vs_draft *d, struct conf_rs *r)
{
	const struct conf_vs *v = &d->v;
	bool nat = r->method == IP_VS_CONN_F_MASQ;

	if (v->vsg != CONF_NONE)
		return;	/* its entries have ports of their own */
	if (v->fwmark) {
		if (!r->addr.port || nat)
			return;
		load_error_at(l, CONF_WARNING, r->where,
			      "WARNING - fwmark virtual server %s, real server %s has port specified - clearing", vs_name(l, d),
			      rs_name(l, d, r));
		r->addr.port = 0;
		return;
	}
	if (!r->addr.port) {
		r->addr.port = v->addr.port;
	} else if (!nat && r->addr.port != v->addr.port) {
		load_error_at(l, CONF_WARNING, r->where,
			      "WARNING - virtual server %s and real server %s ports don't match - resetting to %u", vs_name(l, d),
			      rs_name(l, d, r), v->addr.port);
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

	if (r->addr.family == d->v.family || is_tunnelled(r))
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
		set_port(l, d, &r->r);
		if (is_double(d, slots, room, n))
			load_error_at(l, CONF_ERROR, r->r.where, "VS %s: real server %s is duplicated - removing second rs",
				      vs_name(l, d), rs_name(l, d, &r->r));
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
#define FROM_VS(mark, field, preset) \
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
		load_error_at(l, CONF_ERROR, r->r.where, "real server %s: lthreshold %u is above uthreshold %u - ignoring it",
			      rs_name(l, d, &r->r), r->r.lthreshold, r->r.uthreshold);
		r->r.lthreshold = 0;
	}
	load_script(l, &r->r.notify_up, "notify_up", CONF_HINT);
	load_script(l, &r->r.notify_down, "notify_down", CONF_HINT);
}

static void finish_servers(struct load *l, struct vs_draft *d)
{
	struct conf_rs *out = arena_alloc(l->a, (d->servers.n + 1) * sizeof(*out));

	for (uint32_t i = 0; i < d->servers.n; i++) {
		struct rs_draft *r = server(d, i);
		struct check_site at = {.vs = d, .rs = r};
		struct vec checks = {0};

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

	for (uint32_t i = 0; i < d->v.n_rs; i++)
		total += d->v.rs[i].weight;
	if (d->v.quorum > total) {
		SAY(CONF_ERROR, "Warning - quorum %u for %s exceeds total weight of real servers %llu, reducing quorum to %llu",
		    d->v.quorum, vs_name(l, d), (unsigned long long)total, (unsigned long long)total);
		d->v.quorum = (uint32_t)total;
	}
	if (d->v.hysteresis && d->v.hysteresis >= d->v.quorum) {
		SAY(CONF_ERROR, "Virtual server %s: hysteresis %u >= quorum %u; setting hysteresis to %u", vs_name(l, d),
		    d->v.hysteresis, d->v.quorum, d->v.quorum ? d->v.quorum - 1 : 0);
		d->v.hysteresis = d->v.quorum ? d->v.quorum - 1 : 0;
	}
}

static void set_sorry_server(struct load *l, struct vs_draft *d)
{
	struct conf_rs *s = &d->v.sorry;

	if (!d->v.has_sorry) {
		if (d->v.sorry_inhibit || schema_given(d->given, VG_SORRY_METHOD))
			SAY(CONF_ERROR, "Virtual server %s: there is no sorry_server for what is said about one - ignoring",
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
	s->inhibit = d->v.sorry_inhibit;
	set_port(l, d, s);
	d->v.has_sorry = family_fits(l, d, s);
}

/* ---- the whole ---- */
static const char *identity(struct load *l, const struct vs_draft *d)
{
	return arena_printf(&l->scratch, "%s %u", vs_name(l, d), d->v.fwmark ? d->v.family : 0);
}

static bool validate_server(struct load *l, struct vs_draft *d, struct names *seen)
{
	if (!find_group(l, d))
		return false;
	set_protocol(l, d);
	if (!d->servers.n && !d->v.adopted) {
		SAY(CONF_ERROR, "Virtual server %s has no real servers - ignoring", vs_name(l, d));
		return false;
	}
	set_scheduler(l, d);
	set_default_method(l, d);
	if (!set_family(l, d))
		return false;
	if (!names_add(l, seen, identity(l, d), 0)) {
		SAY(CONF_ERROR, "Virtual server %s is defined twice: this one is left out", vs_name(l, d));
		return false;
	}
	set_flags(l, d);
	sift_servers(l, d);
	if (!d->servers.n && !d->v.adopted) {
		SAY(CONF_ERROR, "Virtual server %s has no real servers left - ignoring", vs_name(l, d));
		return false;
	}
	d->v.smtp_alert = alert(l, d->given, d->v.smtp_alert, false);
	set_sorry_server(l, d);
	finish_servers(l, d);
	set_quorum(l, d);
	load_script(l, &d->v.quorum_up, "quorum_up", CONF_HINT);
	load_script(l, &d->v.quorum_down, "quorum_down", CONF_HINT);
	return true;
}

static void keep_service_checks(struct load *l)
{
	struct vec kept = {0};

	for (uint32_t i = 0; i < l->service_checks.n; i++) {
		struct service_draft *d = VEC_AT(l->service_checks, struct service_draft *, i);
		struct check_site at = {.service = d};
		struct vec templates = {0};

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
	struct names seen = {0};
	struct vec kept = {0};

	keep_groups(l);
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
		l->conf->ssl = (struct conf_ssl){load_str(l, ""), load_str(l, ""), load_str(l, ""), load_str(l, "")};
}
