/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * line - a route or rule of the configuration, which is in ip(8)'s words, taken apart for the MIB. See view.h.
 *
 * The configuration has been checked; a word that is not understood here (encap and what follows it) ends nothing.
 * Names of tables, realms and protocols other than the usual ones are for ip(8), which reads its files.
 */
#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* Where we are in the words */
struct walk {
	const char *const *w;
	struct line *l;
	struct line_hop *hop; /* words of a nexthop are its own */
};

struct name {
	const char *name;
	uint32_t value;
};
static const struct name tables[] = {
	{ "main", RT_TABLE_MAIN }, { "default", RT_TABLE_DEFAULT }, { "local", RT_TABLE_LOCAL }, { NULL, 0 }
};
static const struct name scopes[] = { { "global", RT_SCOPE_UNIVERSE },
				      { "universe", RT_SCOPE_UNIVERSE },
				      { "site", RT_SCOPE_SITE },
				      { "link", RT_SCOPE_LINK },
				      { "host", RT_SCOPE_HOST },
				      { "nowhere", RT_SCOPE_NOWHERE },
				      { NULL, 0 } };
static const struct name ip_protocols[] = { { "icmp", 1 },   { "tcp", 6 },	  { "udp", 17 },
					    { "sctp", 132 }, { "ipv6-icmp", 58 }, { NULL, 0 } };

static bool number(const char *text, const struct name *names, uint32_t *ret)
{
	char *end;
	unsigned long v;

	for (; names && names->name; names++)
		if (!strcmp(names->name, text)) {
			*ret = names->value;
			return true;
		}
	v = strtoul(text, &end, 0);
	if (*text < '0' || *text > '9' || (*end && *end != 's' && *end != 'm'))
		return false; /* a time may have its unit: milliseconds unless it is seconds */
	*ret = (uint32_t)(*end == 's' ? v * 1000 : v);
	return true;
}

/* "A", "A-B", "A/B" */
static bool pair(const char *text, char between, uint32_t ret[2])
{
	char *end;

	ret[0] = (uint32_t)strtoul(text, &end, 0);
	ret[1] = ret[0];
	if (*end == between)
		ret[1] = (uint32_t)strtoul(end + 1, &end, 0);
	return end != text && !*end;
}

static bool address(const char *text, uint16_t family, struct conf_addr *a, uint8_t *len)
{
	char host[64];
	const char *slash = strchrnul(text, '/');
	bool any = !strcmp(text, "default") || !strcmp(text, "any") || !strcmp(text, "all");

	*a = (struct conf_addr){ .family = family };
	if (len)
		*len = 0;
	if (any)
		return true;
	snprintf(host, sizeof(host), "%.*s", (int)(slash - text), text);
	a->family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (len)
		*len = (uint8_t)(*slash ? atoi(slash + 1) : a->family == AF_INET6 ? 128 : 32);
	return inet_pton(a->family, host, a->bytes) == 1;
}

/* Words with one value behind them: it is taken, whatever comes of it. */
static const char *next(struct walk *k)
{
	return k->w[1] ? *++k->w : "";
}

static bool is(const struct walk *k, const char *word)
{
	return !strcmp(*k->w, word);
}

static bool route_option(struct walk *k)
{
#define O(name)                                    \
	{                                          \
#name, offsetof(struct line, name) \
	}
	static const struct {
		const char *word;
		size_t at;
	} options[] = { O(mtu),	   O(hoplimit), O(advmss),   O(rtt),	 O(rttvar),   O(reordering),
			O(window), O(cwnd),	O(ssthresh), O(rto_min), O(initcwnd), O(initrwnd) };
#undef O

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct line_option *o = (struct line_option *)((char *)k->l + options[i].at);
		const char *value;

		if (!is(k, options[i].word))
			continue;
		value = next(k);
		o->lock = !strcmp(value, "lock");
		o->given = number(o->lock ? next(k) : value, NULL, &o->value);
		return true;
	}
	return false;
}

/* What a nexthop and the route itself have in common */
static bool hop_word(struct walk *k)
{
	struct conf_addr *via = k->hop ? &k->hop->via : &k->l->via;

	if (is(k, "via")) {
		const char *text = next(k);

		address(!strncmp(text, "inet", 4) ? next(k) : text, k->l->family, via, NULL);
	} else if (is(k, "dev")) {
		*(k->hop ? &k->hop->dev : &k->l->dev) = next(k);
	} else if (is(k, "weight") && k->hop) {
		number(next(k), NULL, &k->hop->weight);
	} else if (is(k, "onlink")) {
		if (k->hop)
			k->hop->onlink = true;
	} else if (is(k, "nexthop")) {
		k->hop = k->l->n_hops < LINE_HOPS ? &k->l->hops[k->l->n_hops++] : k->hop;
	} else {
		return false;
	}
	return true;
}

static bool route_word(struct walk *k)
{
	struct line *l = k->l;
	uint32_t v;

	if (is(k, "src")) {
		address(next(k), l->family, &l->src, NULL);
	} else if (is(k, "from")) {
		l->has_from = address(next(k), l->family, &l->from, &l->from_len);
	} else if (is(k, "scope")) {
		if (number(next(k), scopes, &v))
			l->scope = (uint8_t)v;
	} else if (is(k, "metric")) {
		l->has_metric = number(next(k), NULL, &l->metric);
	} else if (is(k, "features")) {
		l->ecn = !strcmp(next(k), "ecn");
	} else if (is(k, "quickack")) {
		l->quickack = number(next(k), NULL, &v) && v;
	} else if (is(k, "fastopen_no_cookie")) {
		l->has_no_cookie = true;
		l->no_cookie = number(next(k), NULL, &v) && v;
	} else if (is(k, "expires")) {
		number(next(k), NULL, &l->expires);
	} else if (is(k, "congctl")) {
		l->congctl = next(k);
		if (!strcmp(l->congctl, "lock"))
			l->congctl = next(k);
	} else if (is(k, "pref")) {
		l->pref = next(k);
	} else {
		return route_option(k) || hop_word(k);
	}
	return true;
}

static bool rule_word(struct walk *k)
{
	struct line *l = k->l;
	uint32_t two[2];

	if (is(k, "from"))
		l->has_from = address(next(k), l->family, &l->from, &l->from_len);
	else if (is(k, "not"))
		l->invert = true;
	else if (is(k, "l3mdev"))
		l->l3mdev = true;
	else if (is(k, "nop"))
		l->type = "nop";
	else if (is(k, "goto"))
		l->has_goto = number(next(k), NULL, &l->target);
	else if (is(k, "iif"))
		l->iif = next(k);
	else if (is(k, "oif"))
		l->oif = next(k);
	else if (is(k, "priority"))
		l->has_pref = number(next(k), NULL, &l->metric);
	else if (is(k, "fwmark") && pair(next(k), '/', two)) {
		l->has_fwmark = true;
		l->fwmark = two[0];
		l->has_fwmask = strchr(*k->w, '/');
		l->fwmask = two[1];
	} else if (is(k, "suppress_prefixlength"))
		l->has_suppress = number(next(k), NULL, &l->suppress);
	else if (is(k, "suppress_ifgroup"))
		l->group = next(k);
	else if (is(k, "uidrange"))
		l->has_uid = pair(next(k), '-', l->uid);
	else if (is(k, "ipproto"))
		l->has_ipproto = number(next(k), ip_protocols, &l->ipproto);
	else if (is(k, "sport"))
		l->has_sport = pair(next(k), '-', l->sport);
	else if (is(k, "dport"))
		l->has_dport = pair(next(k), '-', l->dport);
	else if (is(k, "tun_id"))
		l->tun_id = strtoull(next(k), NULL, 0);
	else
		return false;
	return true;
}

static bool is_type(const char *word)
{
	static const char *const types[] = { "unicast",	    "local",	"broadcast", "multicast", "throw",
					     "unreachable", "prohibit", "blackhole", "nat" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(types[i], word))
			return true;
	return false;
}

static void walk(const struct conf_ipline *line, struct line *l, bool (*word)(struct walk *k))
{
	struct walk k = { .l = l };

	*l = (struct line){ .family = line->family ? line->family : AF_INET, .type = "unicast" };
	for (k.w = line->words; *k.w && !is(&k, "encap"); k.w++) {
		if (is_type(*k.w) || (is(&k, "type") && k.w[1]))
			l->type = is(&k, "type") ? next(&k) : *k.w;
		else if (is(&k, "to"))
			l->has_dst = address(next(&k), l->family, &l->dst, &l->dst_len);
		else if (is(&k, "table") || is(&k, "lookup"))
			l->has_table = number(next(&k), tables, &l->table);
		else if (is(&k, "tos"))
			number(next(&k), NULL, &l->tos);
		else if (is(&k, "protocol") || is(&k, "proto"))
			l->proto = next(&k);
		else if (is(&k, "realms"))
			pair(next(&k), '/', l->realms);
		else if (!word(&k) && !l->has_dst)
			l->has_dst = address(*k.w, l->family, &l->dst, &l->dst_len);
	}
}

void line_route(const struct conf_ipline *l, struct line *ret)
{
	walk(l, ret, route_word);
}

void line_rule(const struct conf_ipline *l, struct line *ret)
{
	walk(l, ret, rule_word);
}
