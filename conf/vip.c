/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vip - an address as static_ipaddress and virtual_ipaddress have it: "192.0.2.1/24 dev eth0 label eth0:1 ...".
 *
 * A word that is not known is reported and left out; the address stays.
 */
#include "vip.h"

#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

static const struct row_word scopes[] = {
	{ "global", RT_SCOPE_UNIVERSE }, { "site", RT_SCOPE_SITE },	  { "link", RT_SCOPE_LINK },
	{ "host", RT_SCOPE_HOST },	 { "nowhere", RT_SCOPE_NOWHERE }, { NULL, 0 },
};

/* What the kernel takes, and what may be part of a command or of a path below /proc/sys */
static bool is_ifname(const char *s)
{
	return *s && strlen(s) < IFNAMSIZ && !s[strcspn(s, " \t\n/\"'\\;#")] && strcmp(s, ".") && strcmp(s, "..");
}

bool value_ifname(struct load *l, const struct conf_node *n, uint32_t i, const char **ret)
{
	const char *word;

	if (!value_word(l, n, i, &word))
		return false;
	if (!is_ifname(word)) {
		load_error(l, CONF_ERROR, n, i, "'%s' is not the name of an interface (at most %d characters)", word,
			   IFNAMSIZ - 1);
		return false;
	}
	*ret = load_str(l, word);
	return true;
}

void set_ifname(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	const char **field = (const char **)((char *)obj + r->offset);

	if (!value_ifname(l, n, 1, field))
		*field = load_str(l, r->preset);
}

static bool read_scope(struct load *l, const struct conf_node *n, uint32_t i, uint8_t *ret)
{
	const char *word;
	int64_t v;

	if (!value_word(l, n, i, &word))
		return false;
	if (*word >= '0' && *word <= '9' ? value_num(l, n, i, 0, 255, &v) : value_enum(l, n, i, scopes, false, &v))
		*ret = v;
	return true;
}

static void read_broadcast(struct load *l, const struct conf_node *n, uint32_t i, struct conf_vip *v)
{
	const char *word;

	if (!value_word(l, n, i, &word))
		return;
	if (v->addr.family != AF_INET)
		load_error(l, CONF_ERROR, n, i, "only IPv4 addresses have a broadcast address, '%s' is ignored",
			   word);
	else if (!strcmp(word, "+"))
		v->brd_auto = true;
	else if (strcmp(word, "-"))
		value_addr(l, n, i, &v->brd);
}

static void read_lifetime(struct load *l, const struct conf_node *n, uint32_t i, struct conf_vip *v)
{
	const char *word;
	int64_t s;

	if (!value_word(l, n, i, &word))
		return;
	if (!strcmp(word, "forever") || value_num(l, n, i, 0, UINT32_MAX, &s))
		v->preferred_lft = load_str(l, word);
}

static void read_label(struct load *l, const struct conf_node *n, uint32_t i, struct conf_vip *v)
{
	const char *word;

	if (v->addr.family == AF_INET)
		value_ifname(l, n, i, &v->label);
	else if (value_word(l, n, i, &word))
		load_error(l, CONF_ERROR, n, i, "only IPv4 addresses have labels, '%s' is ignored", word);
}

/* A word without a value. */
static bool read_flag(struct load *l, const char *word, struct conf_vip *v)
{
	struct {
		const char *word;
		bool *flag, value;
	} flags[] = {
		{ "home", &v->home, true },
		{ "nodad", &v->nodad, true },
		{ "-nodad", &v->nodad, false },
		{ "mngtmpaddr", &v->mngtmpaddr, true },
		{ "noprefixroute", &v->noprefixroute, true },
		{ "autojoin", &v->autojoin, true },
		{ "no_track", &v->no_track, true },
	};

	for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (!strcmp(word, flags[i].word)) {
			*flags[i].flag = flags[i].value;
			return true;
		}
	return false;
}

/* A word with a value; false: no such word */
static bool read_option(struct load *l, const struct conf_node *n, uint32_t i, struct conf_vip *v)
{
	const char *word = n->words[i].text;

	if (!strcmp(word, "dev"))
		value_ifname(l, n, i + 1, &v->dev);
	else if (!strcmp(word, "label"))
		read_label(l, n, i + 1, v);
	else if (!strcmp(word, "scope"))
		read_scope(l, n, i + 1, &v->scope);
	else if (!strcmp(word, "brd") || !strcmp(word, "broadcast"))
		read_broadcast(l, n, i + 1, v);
	else if (!strcmp(word, "peer"))
		value_addr(l, n, i + 1, &v->peer);
	else if (!strcmp(word, "preferred_lft"))
		read_lifetime(l, n, i + 1, v);
	else if (!strcmp(word, "track_group") && value_word(l, n, i + 1, &word))
		v->track_group = load_str(l, word);
	else
		return false;
	return true;
}

static bool read_address(struct load *l, const struct conf_node *n, uint32_t i, struct conf_vip *v)
{
	if (!text_prefix(n->words[i].text, &v->addr, &v->prefix))
		return true;
	load_error(l, CONF_ERROR, n, i, "'%s' is not an IP address with or without a prefix length (192.0.2.1/24)",
		   n->words[i].text);
	return false;
}

static uint8_t default_scope(const struct conf_addr *a)
{
	bool link_local = a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;

	return link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

bool vip_read(struct load *l, const struct conf_node *n, bool virtual, struct conf_vip *ret)
{
	const char *none = load_str(l, "");
	struct conf_vip v = { .dev = none, .label = none, .preferred_lft = none, .track_group = none };

	v.where = load_where(l, n, 0);
	if (!read_address(l, n, 0, &v))
		return false;
	v.nodad = v.addr.family == AF_INET6;
	v.scope = default_scope(&v.addr);
	for (uint32_t i = 1; i < n->n_words; i++) {
		const char *word = n->words[i].text;

		if (read_flag(l, word, &v))
			continue;
		if (read_option(l, n, i, &v))
			i++;
		else if (!strcmp(word, "use_vmac"))
			load_error(l, CONF_NOTE, n, i,
				   "use_vmac has no effect at a single address: write use_vmac_addr");
		else
			load_error(l, CONF_ERROR, n, i,
				   "unknown word '%s' behind an address (dev, label, scope, brd, peer, home, -nodad, "
				   "mngtmpaddr, noprefixroute, autojoin, no_track, track_group, preferred_lft)",
				   word);
	}
	*ret = v;
	return true;
}

void vip_print(struct printer *p, const struct conf_vip *v, bool virtual)
{
	char text[512], *end = text;
	const struct row_word *w;

#define ADD(cond, ...)                                                                \
	do {                                                                          \
		if (cond)                                                             \
			end += snprintf(end, text + sizeof(text) - end, __VA_ARGS__); \
	} while (0)
	*text = 0;
	ADD(*v->dev, " dev %s", print_word(p, v->dev));
	if (v->scope != default_scope(&v->addr)) {
		for (w = scopes; w->word && w->value != v->scope; w++)
			;
		ADD(w->word, " scope %s", w->word);
		ADD(!w->word, " scope %u", v->scope);
	}
	ADD(*v->label, " label %s", print_word(p, v->label));
	ADD(v->brd_auto, " brd +");
	ADD(v->brd.family, " brd %s", print_addr(p, &v->brd));
	ADD(v->peer.family, " peer %s", print_addr(p, &v->peer));
	ADD(v->home, " home");
	ADD(v->nodad && v->addr.family != AF_INET6, " nodad");
	ADD(!v->nodad && v->addr.family == AF_INET6, " -nodad");
	ADD(v->mngtmpaddr, " mngtmpaddr");
	ADD(v->noprefixroute, " noprefixroute");
	ADD(v->autojoin, " autojoin");
	ADD(v->no_track, " no_track");
	ADD(*v->preferred_lft, " preferred_lft %s", v->preferred_lft);
#undef ADD
	print_line(p, "%s/%u%s%s%s", print_addr(p, &v->addr), v->prefix, text, *v->track_group ? " track_group " : "",
		   *v->track_group ? print_word(p, v->track_group) : "");
}
