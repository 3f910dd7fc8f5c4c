/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipline - a route or rule as virtual_routes, static_rules and so on have it: the syntax of ip(8) in full words, with
 * keepalived's own words (gw, or, no_track, track_group, append, ...) taken out or translated.
 *
 * Checks that every word is known and every address is one; the rest of the checking is left to ip(8).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "print.h"
#include "vip.h"

enum word_kind {
	W_FLAG,	   /* stands alone */
	W_VALUE,   /* has a value, perhaps with `lock' before it */
	W_ADDRESS, /* an address; `inet6' may stand before it */
	W_PREFIX,  /* an address with a length, default, any, all */
	W_IFNAME,
	W_ENCAP, /* the rest of the line is not looked at */
};
struct ip_word {
	const char *word;
	enum word_kind kind;
	const char *as; /* what ip(8) calls it; NULL: the same */
};

static const struct ip_word route_words[] = {
	{ "to", W_PREFIX, NULL },
	{ "src", W_ADDRESS, NULL },
	{ "via", W_ADDRESS, NULL },
	{ "gw", W_ADDRESS, "via" },
	{ "from", W_PREFIX, NULL },
	{ "dev", W_IFNAME, NULL },
	{ "oif", W_IFNAME, "dev" },
	{ "vrf", W_IFNAME, NULL },
	{ "scope", W_VALUE, NULL },
	{ "table", W_VALUE, NULL },
	{ "protocol", W_VALUE, NULL },
	{ "tos", W_VALUE, NULL },
	{ "dsfield", W_VALUE, "tos" },
	{ "priority", W_VALUE, "metric" },
	{ "metric", W_VALUE, NULL },
	{ "preference", W_VALUE, "metric" },
	{ "mtu", W_VALUE, NULL },
	{ "hoplimit", W_VALUE, NULL },
	{ "advmss", W_VALUE, NULL },
	{ "rtt", W_VALUE, NULL },
	{ "rttvar", W_VALUE, NULL },
	{ "reordering", W_VALUE, NULL },
	{ "window", W_VALUE, NULL },
	{ "cwnd", W_VALUE, NULL },
	{ "ssthresh", W_VALUE, NULL },
	{ "realms", W_VALUE, NULL },
	{ "rto_min", W_VALUE, NULL },
	{ "initcwnd", W_VALUE, NULL },
	{ "initrwnd", W_VALUE, NULL },
	{ "features", W_VALUE, NULL },
	{ "quickack", W_VALUE, NULL },
	{ "congctl", W_VALUE, NULL },
	{ "pref", W_VALUE, NULL },
	{ "expires", W_VALUE, NULL },
	{ "weight", W_VALUE, NULL },
	{ "fastopen_no_cookie", W_VALUE, NULL },
	{ "ttl-propagate", W_VALUE, NULL },
	{ "onlink", W_FLAG, NULL },
	{ "nexthop", W_FLAG, NULL },
	{ "encap", W_ENCAP, NULL },
	{ NULL, W_FLAG, NULL },
};
static const char *const route_types[] = { "unicast",	  "local",    "broadcast", "multicast", "throw",
					   "unreachable", "prohibit", "blackhole", "nat",	NULL };

static const struct ip_word rule_words[] = {
	{ "from", W_PREFIX, NULL },
	{ "to", W_PREFIX, NULL },
	{ "tos", W_VALUE, NULL },
	{ "dsfield", W_VALUE, "tos" },
	{ "fwmark", W_VALUE, NULL },
	{ "iif", W_IFNAME, NULL },
	{ "dev", W_IFNAME, "iif" },
	{ "oif", W_IFNAME, NULL },
	{ "table", W_VALUE, NULL },
	{ "lookup", W_VALUE, "table" },
	{ "preference", W_VALUE, "priority" },
	{ "order", W_VALUE, "priority" },
	{ "priority", W_VALUE, NULL },
	{ "goto", W_VALUE, NULL },
	{ "nop", W_FLAG, NULL },
	{ "realms", W_VALUE, NULL },
	{ "suppress_prefixlength", W_VALUE, NULL },
	{ "sup_pl", W_VALUE, "suppress_prefixlength" },
	{ "suppress_ifgroup", W_VALUE, NULL },
	{ "sup_group", W_VALUE, "suppress_ifgroup" },
	{ "l3mdev", W_FLAG, NULL },
	{ "uidrange", W_VALUE, NULL },
	{ "ipproto", W_VALUE, NULL },
	{ "ip_proto", W_VALUE, "ipproto" },
	{ "sport", W_VALUE, NULL },
	{ "dport", W_VALUE, NULL },
	{ "protocol", W_VALUE, NULL },
	{ "tunnel-id", W_VALUE, "tun_id" },
	{ "type", W_VALUE, NULL },
	{ "not", W_FLAG, NULL },
	{ NULL, W_FLAG, NULL },
};
static const char *const rule_types[] = { "unreachable", "prohibit", "blackhole", "unicast", NULL };

/* What is known of the line so far */
struct line {
	struct load *l;
	const struct conf_node *n;
	const struct ip_word *words;
	const char *const *types;
	bool is_route;
	struct conf_ipline out;
	struct vec argv;	/* const char * */
	struct vec or_gateways; /* const char *: of `via A or B' */
	bool has_destination, has_preference, add, failed;
	const char *dev;
};

static void put(struct line *s, const char *word)
{
	*(const char **)vec_add(s->l, &s->argv, sizeof(char *)) = load_str(s->l, word);
}

static void fail(struct line *s, uint32_t i, const char *what)
{
	load_error(s->l, CONF_ERROR, s->n, i, "%s '%s' in a %s, which is ignored", what, s->n->words[i].text,
		   s->is_route ? "route" : "rule");
	s->failed = true;
}

static void set_family(struct line *s, uint32_t i, uint16_t family)
{
	if (s->out.family && s->out.family != family)
		fail(s, i, "addresses of two families:");
	s->out.family = family;
}

/* An address or prefix. */
static void put_address(struct line *s, uint32_t i, bool prefix)
{
	const char *word;
	struct conf_addr a;
	uint8_t len;

	if (!value_word(s->l, s->n, i, &word)) {
		s->failed = true;
		return;
	}
	if (prefix && (!strcmp(word, "default") || !strcmp(word, "any") || !strcmp(word, "all"))) {
		put(s, word);
	} else if (prefix ? text_prefix(word, &a, &len) : text_addr(word, &a)) {
		fail(s, i, prefix ? "not an address or prefix:" : "not an address:");
	} else {
		set_family(s, i, a.family);
		put(s, word);
	}
}

/* keepalived's own words; returns how many words of the line it took, 0: none of them. */
static unsigned own_word(struct line *s, uint32_t i)
{
	const char *word = s->n->words[i].text, *group;

	if (!strcmp(word, "no_track"))
		s->out.no_track = true;
	else if (!strcmp(word, "inet") || !strcmp(word, "inet6"))
		set_family(s, i, word[4] ? AF_INET6 : AF_INET);
	else if (s->is_route && !strcmp(word, "add"))
		s->add = true;
	else if (s->is_route && !strcmp(word, "append"))
		s->out.append = true;
	else if (s->is_route && !strcmp(word, "prepend"))
		s->out.prepend = true;
	else if (!strcmp(word, "track_group")) {
		if (value_word(s->l, s->n, i + 1, &group))
			s->out.track_group = load_str(s->l, group);
		return 2;
	} else if (s->is_route && !strcmp(word, "or")) {
		load_error(s->l, CONF_DEPRECATED, s->n, i, "\"or\" for routes is deprecated. Please use \"nexthop\"");
		if (i + 1 < s->n->n_words)
			*(const char **)vec_add(s->l, &s->or_gateways, sizeof(char *)) = s->n->words[i + 1].text;
		return 2;
	} else {
		return 0;
	}
	return 1;
}

static const struct ip_word *find_word(const struct line *s, const char *word)
{
	const struct ip_word *w;

	for (w = s->words; w->word; w++)
		if (!strcmp(w->word, word))
			return w;
	return NULL;
}

static bool is_type(const struct line *s, const char *word)
{
	for (const char *const *t = s->types; *t; t++)
		if (!strcmp(*t, word))
			return true;
	return false;
}

/* A word of ip(8) with what belongs to it; returns how many words that is. */
static unsigned ip_word(struct line *s, const struct ip_word *w, uint32_t i)
{
	const struct conf_node *n = s->n;
	const char *value;
	unsigned used = 2;

	if (!strcmp(w->word, "gw"))
		load_error(s->l, CONF_DEPRECATED, n, i, "\"gw\" for routes is deprecated. Please use \"via\"");
	put(s, w->as ? w->as : w->word);
	switch (w->kind) {
	case W_FLAG:
		return 1;
	case W_ENCAP:
		while (++i < n->n_words)
			put(s, n->words[i].text);
		return n->n_words;
	case W_ADDRESS:
		if (i + 1 < n->n_words && !strncmp(n->words[i + 1].text, "inet", 4)) {
			put(s, n->words[++i].text);
			used++;
		}
		put_address(s, i + 1, false);
		return used;
	case W_PREFIX:
		s->has_destination |= s->is_route && !strcmp(w->word, "to");
		put_address(s, i + 1, true);
		return used;
	case W_IFNAME:
		if (value_ifname(s->l, n, i + 1, &value)) {
			put(s, value);
			s->dev = value;
		} else {
			s->failed = true;
		}
		return used;
	default:
		break;
	}
	s->has_preference |= !s->is_route && !strcmp(w->as ? w->as : w->word, "priority");
	if (i + 1 < n->n_words && !strcmp(n->words[i + 1].text, "lock")) {
		put(s, n->words[++i].text);
		used++;
	}
	if (value_word(s->l, n, i + 1, &value))
		put(s, value);
	else
		s->failed = true;
	return used;
}

/* `via A or B dev D': two ways of the same weight. */
static void put_gateways(struct line *s)
{
	struct vec old = s->argv;
	struct conf_addr a;

	s->argv = (struct vec){ 0 };
	for (uint32_t i = 0; i < old.n; i++) {
		const char *word = VEC_AT(old, const char *, i);

		if (i + 1 < old.n && (!strcmp(word, "via") || !strcmp(word, "dev"))) {
			if (*word == 'v')
				*(const char **)vec_add(s->l, &s->or_gateways, sizeof(char *)) =
					VEC_AT(old, const char *, i + 1);
			i++;
			continue;
		}
		put(s, word);
	}
	for (uint32_t i = s->or_gateways.n; i-- > 0;) { /* the one after via was added last, and stands first */
		const char *gateway = VEC_AT(s->or_gateways, const char *, i);

		if (text_addr(gateway, &a)) {
			load_error(s->l, CONF_ERROR, s->n, LOAD_LINE,
				   "not an address: '%s' in a route, which is ignored", gateway);
			s->failed = true;
		}
		put(s, "nexthop");
		put(s, "via");
		put(s, gateway);
		if (s->dev) {
			put(s, "dev");
			put(s, s->dev);
		}
	}
}

/* It becomes part of a line that ip(8) splits again */
static bool is_word(const char *word)
{
	return *word && !word[strcspn(word, " \t\n\"'\\;#")];
}

static void read_words(struct line *s)
{
	const struct conf_node *n = s->n;
	const struct ip_word *w;
	unsigned used;

	for (uint32_t i = 0; i < n->n_words && !s->failed; i++)
		if (!is_word(n->words[i].text))
			fail(s, i, "not a word for ip(8):");
	for (uint32_t i = 0; i < n->n_words && !s->failed; i += used) {
		const char *word = n->words[i].text;

		used = own_word(s, i);
		if (used)
			continue;
		w = find_word(s, word);
		if (w) {
			used = ip_word(s, w, i);
			continue;
		}
		used = 1;
		if (is_type(s, word)) {
			put(s, word);
		} else if (s->is_route && !s->has_destination) {
			s->has_destination = true;
			put_address(s, i, true);
		} else {
			fail(s, i, "unknown word");
		}
	}
}

static bool read_line(struct line *s, struct conf_ipline *ret)
{
	s->out.track_group = load_str(s->l, "");
	s->out.where = load_where(s->l, s->n, 0);
	read_words(s);
	if (s->or_gateways.n)
		put_gateways(s);
	if (s->failed)
		return false;
	if (!s->out.family)
		s->out.family = AF_INET;
	*ret = s->out;
	return true;
}

static void keep_words(struct line *s, struct conf_ipline *ret)
{
	vec_add(s->l, &s->argv, sizeof(char *));
	ret->words = vec_keep(s->l, &s->argv, sizeof(char *));
}

bool ipline_route(struct load *l, const struct conf_node *n, struct conf_ipline *ret)
{
	struct line s = { .l = l, .n = n, .words = route_words, .types = route_types, .is_route = true };

	if (!read_line(&s, ret))
		return false;
	if (!s.has_destination) {
		load_error(l, CONF_ERROR, n, 0, "a route without a destination, which is ignored");
		return false;
	}
	ret->prepend = !s.add && !s.out.append;
	keep_words(&s, ret);
	return true;
}

bool ipline_rule(struct load *l, const struct conf_node *n, struct conf_ipline *ret)
{
	struct line s = { .l = l, .n = n, .words = rule_words, .types = rule_types };

	if (!read_line(&s, ret))
		return false;
	if (!s.has_preference) {
		unsigned preference = 16384 - l->n_rules++;

		load_error(l, CONF_WARNING, n, 0,
			   "Rule has no preference specified - setting to %u. This is probably not what you want.",
			   preference);
		put(&s, "priority");
		put(&s, arena_printf(&l->scratch, "%u", preference));
	}
	keep_words(&s, ret);
	return true;
}

void ipline_print(struct printer *p, const struct conf_ipline *line, bool is_route)
{
	struct arena *a = &p->presets->scratch;
	const char *text = "";

	for (const char *const *w = line->words; *w; w++)
		text = arena_printf(a, "%s%s%s", text, *text ? " " : "", print_word(p, *w));
	print_line(p, "%s%s%s%s%s%s", text, line->family == AF_INET6 ? " inet6" : "",
		   !is_route || line->prepend ? ""
		   : line->append	      ? " append"
					      : " add",
		   line->no_track ? " no_track" : "", *line->track_group ? " track_group " : "",
		   *line->track_group ? print_word(p, line->track_group) : "");
}
