/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib_lines - KEEPALIVED-MIB's group vrrp: routes and their next hops, and rules. Instance 0 has the static ones. */
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "mib.h"

struct lines {
	const struct conf_ipline *list;
	uint32_t n;
};

static struct lines lines_of(const struct view *v, bool rules, uint32_t i)
{
	const struct conf *c = v->conf;
	const struct conf_vrrp *r = i ? &c->vrrps[i - 1] : NULL;

	if (rules)
		return r ? (struct lines){ r->rules, r->n_rules }
			 : (struct lines){ c->static_rules, c->n_static_rules };
	return r ? (struct lines){ r->routes, r->n_routes } : (struct lines){ c->static_routes, c->n_static_routes };
}

static uint32_t n_routes(const struct view *v, unsigned level, const uint32_t *i)
{
	struct line l;

	if (level == 0)
		return v->conf->n_vrrps + 1;
	if (level == 1)
		return lines_of(v, false, i[0]).n;
	line_route(&lines_of(v, false, i[0]).list[i[1]], &l);
	return l.n_hops;
}

static uint32_t n_rules(const struct view *v, unsigned level, const uint32_t *i)
{
	return level ? lines_of(v, true, i[0]).n : v->conf->n_vrrps + 1;
}

static bool route_row(struct row_at *r)
{
	line_route(&lines_of(r->view, false, r->i[0]).list[r->i[1]], r->line);
	r->obj = r->line;
	return true;
}

static bool hop_row(struct row_at *r)
{
	route_row(r);
	r->obj = &r->line->hops[r->i[2]];
	return true;
}

static bool rule_row(struct row_at *r)
{
	line_rule(&lines_of(r->view, true, r->i[0]).list[r->i[1]], r->line);
	r->obj = r->line;
	return true;
}

/* ---- what both have ---- */
static bool get_family(const struct row_at *r, struct value *v)
{
	return give_number(v, r->line->family == AF_INET6 ? 2 : 1);
}

static bool get_dst(const struct row_at *r, struct value *v)
{
	return r->line->has_dst && give_address(v, &r->line->dst);
}

static bool get_from(const struct row_at *r, struct value *v)
{
	return r->line->has_from && give_address(v, &r->line->from);
}

static bool get_from_len(const struct row_at *r, struct value *v)
{
	return r->line->has_from && give_number(v, r->line->from_len);
}

/* What sets routes, as the MIB numbers it: one more than the kernel does, but keepalived(112). Others it has not. */
static bool get_protocol(const struct row_at *r, struct value *v)
{
	static const char *const names[] = { "unspec", "redirect", "kernel", "boot", "static", "",
					     "",       "",	   "gated",  "ra",   "mrt",    "zebra",
					     "bird",   "dnrouted", "xorp",   "ntk",  "dhcp" };
	const char *p = r->line->proto ? r->line->proto : "keepalived";
	unsigned n = *p >= '0' && *p <= '9' ? (unsigned)atoi(p) : 0, count = sizeof(names) / sizeof(names[0]);

	if (!strcmp(p, "keepalived") || n == RTPROT_KEEPALIVED)
		return give_number(v, 112);
	if (*p < '0' || *p > '9')
		while (n < count && strcmp(names[n], p))
			n++;
	return n < count && *names[n] && give_number(v, n + 1);
}

static bool get_tos(const struct row_at *r, struct value *v)
{
	return r->line->tos && give_number(v, r->line->tos);
}

static bool get_realm_src(const struct row_at *r, struct value *v)
{
	return r->line->realms[0] != r->line->realms[1] && give_number(v, r->line->realms[0]);
}

static bool get_realm_dst(const struct row_at *r, struct value *v)
{
	return r->line->realms[1] && give_number(v, r->line->realms[1]);
}

/* ---- routes ---- */
static bool get_route_type(const struct row_at *r, struct value *v)
{
	static const char *const names[] = { "unicast",	  "",	       "blackhole",   "anycast",
					     "multicast", "broadcast", "unreachable", "prohibit",
					     "throw",	  "nat",       "xresolve" };

	if (r->line->n_hops)
		return give_number(v, 2);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], r->line->type))
			return give_number(v, i + 1);
	return false;
}

static bool get_scope(const struct row_at *r, struct value *v)
{
	uint8_t s = r->line->scope;

	return give_number(v, s == RT_SCOPE_HOST ? 1 : s == RT_SCOPE_LINK ? 2 : s == RT_SCOPE_SITE ? 5 : 14);
}

static bool get_table(const struct row_at *r, struct value *v)
{
	return give_number(v, r->line->has_table ? r->line->table : RT_TABLE_MAIN);
}

static bool get_dev(const struct row_at *r, struct value *v)
{
	return give_text(v, r->line->dev);
}

static bool get_ifindex(const struct row_at *r, struct value *v)
{
	return r->line->dev && give_number(v, view_ifindex(r->view, r->line->dev));
}

/* In place while their instance is master; static ones always */
static bool get_status(const struct row_at *r, struct value *v)
{
	return give_number(v, !r->i[0] || r->view->vrrps[r->i[0] - 1].counts.owns ? 1 : 2);
}

static bool get_expires(const struct row_at *r, struct value *v)
{
	return r->line->expires && give_number(v, r->line->expires);
}

static bool get_pref(const struct row_at *r, struct value *v)
{
	const char *p = r->line->pref;

	return p && give_number(v, !strcmp(p, "low") ? 1 : !strcmp(p, "high") ? 3 : 2);
}

static bool get_no_cookie(const struct row_at *r, struct value *v)
{
	return r->line->has_no_cookie && give_number(v, r->line->no_cookie ? 1 : 2);
}

/* An option's value and its lock */
#define OPTION(name)                                                                      \
	static bool get_##name(const struct row_at *r, struct value *v)                   \
	{                                                                                 \
		return r->line->name.given && give_number(v, r->line->name.value);        \
	}                                                                                 \
	static bool get_##name##_lock(const struct row_at *r, struct value *v)            \
	{                                                                                 \
		return r->line->name.given && give_number(v, r->line->name.lock ? 1 : 2); \
	}
OPTION(mtu)
OPTION(advmss)
OPTION(rtt)
OPTION(rttvar)
OPTION(reordering)
OPTION(cwnd)
OPTION(ssthresh)
OPTION(rto_min)
#define PLAIN_OPTION(name)                                                         \
	static bool get_##name(const struct row_at *r, struct value *v)            \
	{                                                                          \
		return r->line->name.given && give_number(v, r->line->name.value); \
	}
PLAIN_OPTION(hoplimit)
PLAIN_OPTION(window)
PLAIN_OPTION(initcwnd)
PLAIN_OPTION(initrwnd)

#define LINE(id, type, how, member) C_FIELD(id, type, how, line, member)
#define LOCKED(id, name) C_GET(id, GAUGE, get_##name), C_GET(id + 1, INTEGER, get_##name##_lock)
static const struct column routes[] = {
	C_GET(2, INTEGER, get_family),
	C_GET(3, STRING, get_dst),
	LINE(4, GAUGE, U8, dst_len),
	LINE(5, STRING, ADDR, via),
	LINE(7, STRING, ADDR, src),
	LINE(8, GAUGE, U32, metric),
	C_GET(9, INTEGER, get_scope),
	C_GET(10, INTEGER, get_route_type),
	C_GET(11, INTEGER, get_ifindex),
	C_GET(12, STRING, get_dev),
	C_GET(13, GAUGE, get_table),
	C_GET(14, INTEGER, get_status),
	C_GET(15, STRING, get_from),
	C_GET(16, GAUGE, get_from_len),
	C_GET(17, GAUGE, get_tos),
	C_GET(18, INTEGER, get_protocol),
	LINE(19, INTEGER, BOOL, ecn),
	LINE(20, INTEGER, BOOL, quickack),
	C_GET(21, INTEGER, get_expires),
	LOCKED(22, mtu),
	C_GET(24, GAUGE, get_hoplimit),
	LOCKED(25, advmss),
	LOCKED(27, rtt),
	LOCKED(29, rttvar),
	LOCKED(31, reordering),
	C_GET(33, GAUGE, get_window),
	LOCKED(34, cwnd),
	LOCKED(36, ssthresh),
	LOCKED(38, rto_min),
	C_GET(40, GAUGE, get_initcwnd),
	C_GET(41, GAUGE, get_initrwnd),
	LINE(42, STRING, STR, congctl),
	C_GET(43, INTEGER, get_pref),
	C_GET(44, GAUGE, get_realm_dst),
	C_GET(45, GAUGE, get_realm_src),
	C_GET(55, INTEGER, get_no_cookie),
};

/* ---- next hops ---- */
static const struct line_hop *hop(const struct row_at *r)
{
	return r->obj;
}

static bool get_hop_ifindex(const struct row_at *r, struct value *v)
{
	return hop(r)->dev && give_number(v, view_ifindex(r->view, hop(r)->dev));
}

static bool get_hop_weight(const struct row_at *r, struct value *v)
{
	return hop(r)->weight && give_number(v, hop(r)->weight);
}

#define HOP(id, type, how, member) C_FIELD(id, type, how, line_hop, member)
static const struct column hops[] = {
	HOP(2, INTEGER, ADDR_TYPE, via), HOP(3, STRING, ADDR, via),	  C_GET(4, INTEGER, get_hop_ifindex),
	HOP(5, STRING, STR, dev),	 C_GET(6, GAUGE, get_hop_weight), HOP(7, INTEGER, BOOL, onlink),
};

/* ---- rules ---- */
static bool get_direction(const struct row_at *r, struct value *v)
{
	const struct line *l = r->line;

	return (l->has_from || l->has_dst) && give_text(v, l->has_from && l->has_dst ? "both"
							   : l->has_from	     ? "from"
										     : "to");
}

/* One address for both directions: the MIB has better objects behind it */
static bool get_rule_address(const struct row_at *r, struct value *v)
{
	return get_dst(r, v) || get_from(r, v);
}

static bool get_rule_len(const struct row_at *r, struct value *v)
{
	return r->line->has_dst ? give_number(v, r->line->dst_len) : get_from_len(r, v);
}

static bool get_dst_type(const struct row_at *r, struct value *v)
{
	return r->line->has_dst && get_family(r, v);
}

static bool get_dst_len(const struct row_at *r, struct value *v)
{
	return r->line->has_dst && give_number(v, r->line->dst_len);
}

static bool get_from_type(const struct row_at *r, struct value *v)
{
	return r->line->has_from && get_family(r, v);
}

static bool get_action(const struct row_at *r, struct value *v)
{
	static const char *const names[] = {
		"unicast", "goto", "nop", "", "", "blackhole", "unreachable", "prohibit"
	};

	if (r->line->has_goto)
		return give_number(v, 2);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], r->line->type))
			return give_number(v, i + 1);
	return false;
}

/* Only a rule that looks something up has a table; l3mdev finds its own */
static bool get_rule_table(const struct row_at *r, struct value *v)
{
	return (r->line->has_table || r->line->l3mdev) && give_number(v, r->line->table);
}

#define GIVEN(name, has, field)                                         \
	static bool get_##name(const struct row_at *r, struct value *v) \
	{                                                               \
		return r->line->has && give_number(v, r->line->field);  \
	}
GIVEN(fwmark, has_fwmark, fwmark)
GIVEN(fwmask, has_fwmask, fwmask)
GIVEN(target, has_goto, target)
GIVEN(preference, has_pref, metric)
GIVEN(suppress, has_suppress, suppress)
GIVEN(tun_high, tun_id, tun_id >> 32)
GIVEN(tun_low, tun_id, tun_id &UINT32_MAX)
GIVEN(uid_from, has_uid, uid[0])
GIVEN(uid_to, has_uid, uid[1])
GIVEN(ipproto, has_ipproto, ipproto)
GIVEN(sport_from, has_sport, sport[0])
GIVEN(sport_to, has_sport, sport[1])
GIVEN(dport_from, has_dport, dport[0])
GIVEN(dport_to, has_dport, dport[1])

static bool get_l3mdev(const struct row_at *r, struct value *v)
{
	return r->line->l3mdev && give_number(v, 1);
}

static const struct column rules[] = {
	C_GET(2, STRING, get_direction),  C_GET(3, INTEGER, get_family),     C_GET(4, STRING, get_rule_address),
	C_GET(5, GAUGE, get_rule_len),	  C_GET(6, GAUGE, get_rule_table),   C_GET(7, INTEGER, get_status),
	LINE(8, INTEGER, BOOL, invert),	  C_GET(9, INTEGER, get_dst_type),   C_GET(10, STRING, get_dst),
	C_GET(11, GAUGE, get_dst_len),	  C_GET(12, INTEGER, get_from_type), C_GET(13, STRING, get_from),
	C_GET(14, GAUGE, get_from_len),	  LINE(15, GAUGE, U32, tos),	     C_GET(16, GAUGE, get_fwmark),
	C_GET(17, GAUGE, get_fwmask),	  C_GET(18, GAUGE, get_realm_dst),   C_GET(19, GAUGE, get_realm_src),
	LINE(20, STRING, STR, iif),	  LINE(21, STRING, STR, oif),	     C_GET(22, GAUGE, get_target),
	C_GET(23, INTEGER, get_action),	  C_GET(24, GAUGE, get_rule_table),  C_GET(25, GAUGE, get_preference),
	C_GET(26, GAUGE, get_suppress),	  LINE(27, STRING, STR, group),	     C_GET(28, GAUGE, get_tun_high),
	C_GET(29, GAUGE, get_tun_low),	  C_GET(30, GAUGE, get_uid_from),    C_GET(31, GAUGE, get_uid_to),
	C_GET(32, INTEGER, get_l3mdev),	  C_GET(33, INTEGER, get_protocol),  C_GET(34, GAUGE, get_ipproto),
	C_GET(35, GAUGE, get_sport_from), C_GET(36, GAUGE, get_sport_to),    C_GET(37, GAUGE, get_dport_from),
	C_GET(38, GAUGE, get_dport_to),
};

const struct table mib_lines[] = {
	{ TABLE_OID(MIB_KEEPALIVED, 2, 7, 1), COLUMNS(routes), .part = PART_VRRP, .need = NEED_VRRP, .n_index = 2,
	  .first = { 0, 1 }, .count = n_routes, .row = route_row },
	{ TABLE_OID(MIB_KEEPALIVED, 2, 8, 1), COLUMNS(rules), .part = PART_VRRP, .need = NEED_VRRP, .n_index = 2,
	  .first = { 0, 1 }, .count = n_rules, .row = rule_row },
	{ TABLE_OID(MIB_KEEPALIVED, 2, 11, 1), COLUMNS(hops), .part = PART_VRRP, .n_index = 3, .first = { 0, 1, 1 },
	  .count = n_routes, .row = hop_row },
};
const unsigned mib_lines_n = sizeof(mib_lines) / sizeof(mib_lines[0]);
