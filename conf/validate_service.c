/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * validate_service - a virtual server as a service, without its servers: which group, family, protocol, scheduler,
 * method, persistence. What is missing gets its default and an error. Called by validate_vs.c, in keepalived's order.
 */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "draft_vs.h"

#define PERSISTENCE_DEFAULT 360
#define SAY(severity, ...) load_error_at(l, severity, d->v.where, __VA_ARGS__)

static struct rs_draft *server(const struct vs_draft *d, uint32_t i)
{
	return VEC_AT(d->servers, struct rs_draft *, i);
}

const char *vs_name(struct load *l, const struct vs_draft *d)
{
	char text[256];

	if (d->group && d->v.vsg == CONF_NONE)
		return arena_printf(&l->scratch, "[%s]", d->group);
	conf_vs_text(l->conf, &d->v, text, sizeof(text));
	return arena_strdup(&l->scratch, text);
}

/* ---- groups ---- */
void service_keep_groups(struct load *l)
{
	struct conf_vsg *groups = arena_alloc(l->a, (l->vsgs.n + 1) * sizeof(*groups));
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->vsgs.n; i++) {
		struct vsg_draft *d = VEC_AT(l->vsgs, struct vsg_draft *, i);

		d->g.n_entries = d->entries.n;
		if (!d->entries.n) {
			load_error_at(l, CONF_ERROR, d->g.where, "virtual server group %s has no entries - removing",
				      d->g.name);
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

bool service_find_group(struct load *l, struct vs_draft *d)
{
	const struct vsg_draft *g = group_of(l, d);

	if (!d->group)
		return true;
	if (!g)
		SAY(CONF_ERROR, "Virtual server group %s specified but not configured - ignoring virtual server",
		    d->group);
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
			      "virtual server group %s holds IPv4 and IPv6, which wants real servers that are all "
			      "tunnelled (TUN)"
			      " - ignoring virtual server",
			      g->g.name);
		return false;
	}
	return true;
}

bool service_family(struct load *l, struct vs_draft *d)
{
	struct vsg_draft *g = group_of(l, d);

	d->v.family = d->v.addr.family;
	if (schema_given(d->given, VG_FAMILY) && d->v.family && d->v.family != d->mark_family)
		SAY(CONF_ERROR, "Virtual server %s: ip_family conflicts with its address - ignoring ip_family",
		    vs_name(l, d));
	if (!d->v.family && d->mark_family)
		d->v.family = d->mark_family;
	if (g)
		return group_family(l, d, g);
	if (!d->v.family)
		d->v.family = servers_family(d);
	return true;
}

/* ---- what must be there ---- */
void service_protocol(struct load *l, struct vs_draft *d)
{
	const struct vsg_draft *g = group_of(l, d);
	bool marks = d->v.fwmark || (g && only_marks(g));

	if (d->v.fwmark && d->v.protocol)
		SAY(CONF_WARNING, "Virtual server %s: protocol specified for fwmark - protocol will be ignored",
		    vs_name(l, d));
	if (d->v.fwmark)
		d->v.protocol = 0;
	if (marks || d->v.protocol)
		return;
	SAY(CONF_ERROR, "Virtual server %s: no protocol set - defaulting to UDP: write protocol TCP, UDP or SCTP",
	    vs_name(l, d));
	d->v.protocol = IPPROTO_UDP;
}

void service_scheduler(struct load *l, struct vs_draft *d)
{
	static const struct {
		unsigned bit;
		const char *word, *sched;
		uint32_t flag;
	} words[] = {
		{ SW_SH_PORT, "sh-port", "sh", IP_VS_SVC_F_SCHED2 },
		{ SW_SH_FALLBACK, "sh-fallback", "sh", IP_VS_SVC_F_SCHED1 },
		{ SW_MH_PORT, "mh-port", "mh", IP_VS_SVC_F_SCHED2 },
		{ SW_MH_FALLBACK, "mh-fallback", "mh", IP_VS_SVC_F_SCHED1 },
	};

	if (!d->v.sched || !*d->v.sched) {
		if (!d->v.adopted)
			SAY(CONF_ERROR, "Virtual server %s: no scheduler set, setting default 'wlc': write lvs_sched",
			    vs_name(l, d));
		d->v.sched = load_str(l, "wlc");
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!(d->sched_words & words[i].bit))
			continue;
		if (!strcmp(d->v.sched, words[i].sched))
			d->v.flags |= words[i].flag;
		else
			SAY(CONF_ERROR, "Virtual server %s: %s only applies to scheduler %s, not to %s - ignoring",
			    vs_name(l, d), words[i].word, words[i].sched, d->v.sched);
	}
}

void service_method(struct load *l, struct vs_draft *d)
{
	if (!schema_given(d->given, VG_METHOD) || d->v.method == CONF_NONE) {
		if (!d->v.adopted)
			SAY(CONF_ERROR,
			    "Virtual server %s: no forwarding method set, setting default NAT: write lvs_method",
			    vs_name(l, d));
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
		SAY(CONF_ERROR,
		    "Virtual server %s: persistence_granularity does not fit its family: wanted %s - ignoring",
		    vs_name(l, d), six ? "a length from 1 to 128" : "a netmask, or a length from 1 to 32");
	else if (six && d->mask_len)
		d->v.netmask = d->mask_len;
	else if (d->mask_len)
		d->v.netmask = htonl(UINT32_MAX << (32 - d->mask_len));
	else if (d->mask4.s_addr)
		d->v.netmask = d->mask4.s_addr;
}

void service_flags(struct load *l, struct vs_draft *d)
{
	if (d->v.flags & IP_VS_SVC_F_ONEPACKET && d->v.protocol && d->v.protocol != IPPROTO_UDP) {
		SAY(CONF_ERROR, "Virtual server %s: one packet scheduling requires UDP - resetting", vs_name(l, d));
		d->v.flags &= ~(uint32_t)IP_VS_SVC_F_ONEPACKET;
	}
	if (!d->v.persistence_s && (d->mask_len || d->mask4.s_addr))
		d->v.persistence_s = PERSISTENCE_DEFAULT;
	if (!d->v.persistence_s && has_port_zero(l, d) && !d->v.adopted) {
		SAY(CONF_ERROR,
		    "Virtual server %s: zero port only valid for persistent services - setting persistence_timeout "
		    "%u",
		    vs_name(l, d), PERSISTENCE_DEFAULT);
		d->v.persistence_s = PERSISTENCE_DEFAULT;
	}
	if (d->v.persistence_s)
		d->v.flags |= IP_VS_SVC_F_PERSISTENT;
	set_netmask(l, d);
	if (d->v.ha_suspend && d->v.fwmark) {
		SAY(CONF_ERROR, "Virtual server %s: cannot use ha_suspend with fwmarks - clearing ha_suspend",
		    vs_name(l, d));
		d->v.ha_suspend = false;
	}
}
