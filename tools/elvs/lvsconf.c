/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvsconf - see lvsconf.h: words, then settings, then what they must be together. */
#include "lvsconf.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 256

struct reader {
	const char *p, *end;
	unsigned line, col;
	struct lvsconf *c;
	struct lvsconf_error *errors;
	int n_errors, max;
	uint32_t seen; /* bit per key */
};

struct place {
	unsigned line, col;
};

static void error(struct reader *r, struct place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void error(struct reader *r, struct place at, const char *fmt, ...)
{
	struct lvsconf_error *e = r->n_errors < r->max ? &r->errors[r->n_errors] : NULL;
	va_list ap;

	r->n_errors++;
	if (!e)
		return;
	e->line = at.line;
	e->col = at.col;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
}

/* ---- words ---- */

static int peek(const struct reader *r)
{
	return r->p < r->end ? (unsigned char)*r->p : -1;
}

static void step(struct reader *r)
{
	if (*r->p++ == '\n') {
		r->line++;
		r->col = 1;
	} else {
		r->col++;
	}
}

static struct place here(const struct reader *r)
{
	return (struct place){ r->line, r->col };
}

static void skip_line(struct reader *r)
{
	while (peek(r) >= 0 && peek(r) != '\n')
		step(r);
}

/* Blanks, and comments; with lines also line ends and `;'. */
static void skip_blanks(struct reader *r, bool lines)
{
	for (;;) {
		int ch = peek(r);

		if (ch == '#')
			skip_line(r);
		else if (ch == ' ' || ch == '\t' || ch == '\r' || ((ch == '\n' || ch == ';') && lines))
			step(r);
		else if (ch == '\\' && r->p + 1 < r->end && r->p[1] == '\n')
			step(r), step(r);
		else
			return;
	}
}

/* One value, its quotes taken away. Cut (and complained about) at WORD_MAX. */
static void take_value(struct reader *r, char word[WORD_MAX])
{
	struct place at = here(r);
	size_t n = 0;
	int quote = 0;

	for (; peek(r) >= 0; step(r)) {
		int ch = peek(r);

		if (quote ? ch == quote : ch == '"' || ch == '\'') {
			quote = quote ? 0 : ch;
			continue;
		}
		if (ch == '\n' || (!quote && (isspace(ch) || strchr("();#,", ch))))
			break;
		if (n < WORD_MAX - 1)
			word[n] = (char)ch;
		n++;
	}
	if (quote)
		error(r, at, "the quote %c is not closed on this line", quote);
	if (n >= WORD_MAX) {
		error(r, at, "a value of %zu characters; no setting takes more than %d", n, WORD_MAX - 1);
		n = WORD_MAX - 1;
	}
	word[n] = '\0';
}

static void take_key(struct reader *r, char word[WORD_MAX])
{
	size_t n = 0;

	while (isalnum(peek(r)) || peek(r) == '_') {
		if (n < WORD_MAX - 1)
			word[n++] = (char)peek(r);
		step(r);
	}
	word[n] = '\0';
}

/* ---- settings ---- */

struct setting;
typedef void setter(struct reader *r, const struct setting *s, const char *v, struct place at);

struct setting {
	const char *key;
	setter *set;
	size_t at, size; /* of its field */
	long min, max;
	const char *const *words; /* what it may be, ending with NULL */
	bool required, list;
};

static void set_string(struct reader *r, const struct setting *s, const char *v, struct place at)
{
	if (!*v || strlen(v) >= s->size || strpbrk(v, " \t{}!#\"'"))
		error(r, at, "%s=%s: 1 to %zu characters without blanks and braces are needed", s->key, v,
		      s->size - 1);
	else
		strcpy((char *)r->c + s->at, v);
}

static void set_number(struct reader *r, const struct setting *s, const char *v, struct place at)
{
	char *end;
	long n = strtol(v, &end, 10);

	if (!*v || *end || n < s->min || n > s->max) {
		error(r, at, "%s=%s: a number from %ld to %ld is needed", s->key, v, s->min, s->max);
		return;
	}
	if (s->size == 1)
		*((uint8_t *)r->c + s->at) = (uint8_t)n;
	else if (s->size == 2)
		*(uint16_t *)(void *)((char *)r->c + s->at) = (uint16_t)n;
	else
		*(uint32_t *)(void *)((char *)r->c + s->at) = (uint32_t)n;
}

/* One of a list of words, in any case; what is stored is the list's spelling, for a bool whether it is the first. */
static void set_word(struct reader *r, const struct setting *s, const char *v, struct place at)
{
	char all[160] = "";

	for (int i = 0; s->words[i]; i++) {
		if (!strcasecmp(v, s->words[i])) {
			if (s->size == sizeof(bool))
				*(bool *)((char *)r->c + s->at) = i == 0;
			else
				strcpy((char *)r->c + s->at, s->words[i]);
			return;
		}
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", s->words[i]);
	}
	error(r, at, "%s=%s: one of %s is needed", s->key, v, all);
}

static void set_addr(struct reader *r, const struct setting *s, const char *v, struct place at)
{
	const char *why;
	struct vip vip;

	if (vip_parse(&vip, v, &why) < 0)
		error(r, at, "%s=%s: %s", s->key, v, why);
	else
		*(struct vip *)(void *)((char *)r->c + s->at) = vip;
}

static void add_server(struct reader *r, const struct setting *s, const char *v, struct place at)
{
	const char *why;
	struct vip vip;

	if (vip_parse(&vip, v, &why) < 0) {
		error(r, at, "%s=%s: %s", s->key, v, why);
		return;
	}
	if (vip.plen != vip_bytes(&vip) * 8) {
		error(r, at, "%s=%s: an address without a prefix length is needed", s->key, v);
		return;
	}
	for (unsigned i = 0; i < r->c->n_servers; i++)
		if (vip_same_addr(&r->c->servers[i], &vip)) {
			error(r, at, "%s=%s: is in the list already", s->key, v);
			return;
		}
	if (r->c->n_servers == LVSCONF_SERVERS_MAX)
		error(r, at, "%s=%s: at most %d real servers", s->key, v, LVSCONF_SERVERS_MAX);
	else
		r->c->servers[r->c->n_servers++] = vip;
}

static const char *const schedulers[] = { "rr",	 "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh",
					  "sed", "nq",	"fo", "ovf", "mh",   "twos",  NULL };
static const char *const protocols[] = { "UDP", "TCP", NULL };
static const char *const types[] = { "MASTER", "BACKUP", NULL };
static const char *const methods[] = { "DR", "NAT", "TUN", NULL };

#define FIELD(f) offsetof(struct lvsconf, f), sizeof(((struct lvsconf *)0)->f)
static const struct setting settings[] = {
	{ "interface", set_string, FIELD(interface), .required = true },
	{ "router_id", set_string, FIELD(router_id), .required = true },
	{ "lvs_ip", set_addr, FIELD(vip), .required = true },
	{ "lvs_port", set_number, FIELD(port), 1, 65535, .required = true },
	{ "balance_algorithm", set_word, FIELD(scheduler), .words = schedulers, .required = true },
	{ "persistence_timeout", set_number, FIELD(persistence_s), 0, 2678400 },
	{ "protocol", set_word, FIELD(udp), .words = protocols, .required = true },
	{ "type", set_word, FIELD(master), .words = types, .required = true },
	{ "priority", set_number, FIELD(priority), 1, 254, .required = true },
	{ "real_server", add_server, 0, 0, .required = true, .list = true },
	{ "real_server_port", set_number, FIELD(real_port), 1, 65535 },
	{ "lb_kind", set_word, FIELD(method), .words = methods },
	{ "virtual_router_id", set_number, FIELD(vrid), 1, 255 },
	{ "auth_pass", set_string, FIELD(auth_pass) },
	{ "advert_int", set_number, FIELD(advert_s), 1, 255 },
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static const struct setting *find(const char *key)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (!strcmp(settings[i].key, key))
			return &settings[i];
	return NULL;
}

static void take_list(struct reader *r, const struct setting *s)
{
	struct place start = here(r), at;
	char word[WORD_MAX];

	step(r); /* ( */
	for (;;) {
		skip_blanks(r, true);
		while (peek(r) == ',') {
			step(r);
			skip_blanks(r, true);
		}
		at = here(r);
		if (peek(r) < 0 || peek(r) == '(') {
			error(r, start, "%s=(: the list is not closed by `)'", s->key);
			return;
		}
		if (peek(r) == ')') {
			step(r);
			return;
		}
		take_value(r, word);
		s->set(r, s, word, at);
	}
}

static void take_values(struct reader *r, const struct setting *s)
{
	struct place at = here(r);
	char word[WORD_MAX];

	if (peek(r) == '(') {
		if (!s->list)
			error(r, at, "%s takes one value, not a list", s->key);
		take_list(r, s);
		return;
	}
	do { /* a list may also be a line of words */
		take_value(r, word);
		s->set(r, s, word, at);
		skip_blanks(r, false);
		if (peek(r) == ',')
			step(r), skip_blanks(r, false);
		at = here(r);
	} while (s->list && peek(r) >= 0 && !strchr("\n;()", peek(r)));
}

/* [N], + and = or : between a key and its value; false: they are not there */
static bool take_equals(struct reader *r)
{
	if (peek(r) == '[') {
		while (peek(r) >= 0 && peek(r) != '\n' && peek(r) != ']')
			step(r);
		if (peek(r) == ']')
			step(r);
	}
	skip_blanks(r, false);
	if (peek(r) == '+')
		step(r);
	if (peek(r) != '=' && peek(r) != ':')
		return false;
	step(r);
	skip_blanks(r, false);
	return true;
}

static void take_setting(struct reader *r)
{
	struct place at = here(r);
	const struct setting *s;
	char key[WORD_MAX];

	take_key(r, key);
	if (!strcmp(key, "export") && (peek(r) == ' ' || peek(r) == '\t')) {
		skip_blanks(r, false);
		at = here(r);
		take_key(r, key);
	}
	s = find(key);
	if (!*key || !take_equals(r)) {
		error(r, at, "`NAME=VALUE' is needed here");
		skip_line(r);
		return;
	}
	if (!s) {
		error(r, at, "%s is no setting of an LVS.conf", key);
		skip_line(r);
		return;
	}
	if (!s->list && r->seen & 1u << (s - settings))
		error(r, at, "%s is given twice", key);
	r->seen |= 1u << (s - settings);
	take_values(r, s);
	skip_blanks(r, false);
	if (peek(r) >= 0 && peek(r) != '\n' && peek(r) != ';') {
		error(r, here(r), "only one value belongs to %s; quote it if it has blanks", key);
		skip_line(r);
	}
}

/* ---- as a whole ---- */

static void check(struct reader *r)
{
	const struct place whole = { 0, 0 };
	struct lvsconf *c = r->c;

	for (size_t i = 0; i < SETTINGS; i++)
		if (settings[i].required && !(r->seen & 1u << i))
			error(r, whole, "%s is missing", settings[i].key);
	if (r->n_errors)
		return;
	if (!c->real_port)
		c->real_port = c->port;
	if (strcmp(c->method, "NAT") && c->real_port != c->port)
		error(r, whole,
		      "real_server_port=%u, lvs_port=%u: %s cannot change ports; make them equal, or lb_kind=NAT",
		      c->real_port, c->port, c->method);
	for (unsigned i = 0; i < c->n_servers; i++)
		if (c->servers[i].af != c->vip.af && strcmp(c->method, "TUN"))
			error(r, whole,
			      "lvs_ip and real_server are of different families; only lb_kind=TUN joins them");
}

int lvsconf_parse(struct lvsconf *ret, const char *text, size_t len, struct lvsconf_error *errors, int max)
{
	struct reader r = { text, text + len, 1, 1, ret, errors, 0, max, 0 };

	memset(ret, 0, sizeof(*ret));
	strcpy(ret->method, "DR");
	ret->vrid = 51;
	ret->advert_s = 1;
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		r.p += 3; /* a byte order mark */
	for (;;) {
		skip_blanks(&r, true);
		if (peek(&r) < 0)
			break;
		take_setting(&r);
	}
	check(&r);
	return r.n_errors;
}
