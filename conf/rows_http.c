/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_http - the words that only HTTP_GET and SSL_GET have, and those of their url blocks.
 *
 * A regular expression is compiled once here, so that what is wrong with it is said with its place.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "draft_vs.h"

/* ---- url ---- */
static void set_digest(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct url_draft *d = obj;
	size_t len = strlen(n->words[1].text), got;

	if (len != 32) {
		load_error(l, CONF_ERROR, n, 1, "digest '%s' character length should be 32 rather than %zu",
			   n->words[1].text, len);
		return;
	}
	d->u.has_digest = value_hex(l, n, 1, d->u.digest, sizeof(d->u.digest), &got) && got == sizeof(d->u.digest);
}

static void print_digest(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_url *u = obj;
	char text[33];

	for (int i = 0; i < 16; i++)
		sprintf(text + 2 * i, "%02x", u->digest[i]);
	if (u->has_digest)
		print_line(p, "%s %s", r->word, text);
}

#define STATUS_MIN 100
#define STATUS_MAX 599

static bool read_status(const char *s, unsigned long *first, unsigned long *last)
{
	char *end;

	*first = *last = strtoul(s, &end, 10);
	if (*end == '-' && end[1] >= '0' && end[1] <= '9')
		*last = strtoul(end + 1, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && *first >= STATUS_MIN && *last <= STATUS_MAX && *first <= *last;
}

static void set_status(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct url_draft *d = obj;
	unsigned long first, last;

	for (uint32_t i = 1; i < n->n_words; i++) {
		if (!read_status(n->words[i].text, &first, &last)) {
			load_error(l, CONF_ERROR, n, i,
				   "Invalid HTTP_GET status code '%s': wanted numbers from %d to %d, or "
				   "ranges as 200-299",
				   n->words[i].text, STATUS_MIN, STATUS_MAX);
			continue;
		}
		for (; first <= last; first++)
			d->u.status[first / 64] |= 1ull << (first % 64);
	}
}

static bool status_bit(const struct conf_url *u, unsigned i)
{
	return i <= STATUS_MAX && u->status[i / 64] >> (i % 64) & 1;
}

static void print_status(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_url *u = obj;
	char text[STATUS_MAX * 4 + 1] = "", *s = text;
	unsigned last;

	for (unsigned i = STATUS_MIN; i <= STATUS_MAX; i = last + 1) {
		last = i;
		if (!status_bit(u, i))
			continue;
		while (status_bit(u, last + 1))
			last++;
		s += last > i ? sprintf(s, " %u-%u", i, last) : sprintf(s, " %u", i);
	}
	if (s > text)
		print_line(p, "%s%s", r->word, text);
}

/* clang-format off */
static const struct row_word regex_options[] = {
	{ "allow_empty_class", PCRE2_ALLOW_EMPTY_CLASS }, { "alt_bsux", PCRE2_ALT_BSUX },
	{ "auto_callout", PCRE2_AUTO_CALLOUT }, { "caseless", PCRE2_CASELESS },
	{ "dollar_endonly", PCRE2_DOLLAR_ENDONLY },
	{ "dotall", PCRE2_DOTALL }, { "dupnames", PCRE2_DUPNAMES }, { "extended", PCRE2_EXTENDED },
	{ "firstline", PCRE2_FIRSTLINE }, { "match_unset_backref", PCRE2_MATCH_UNSET_BACKREF },
	{ "multiline", PCRE2_MULTILINE }, { "never_ucp", PCRE2_NEVER_UCP }, { "never_utf", PCRE2_NEVER_UTF },
	{ "no_auto_capture", PCRE2_NO_AUTO_CAPTURE }, { "no_auto_possess", PCRE2_NO_AUTO_POSSESS },
	{ "no_dotstar_anchor", PCRE2_NO_DOTSTAR_ANCHOR }, { "no_start_optimize", PCRE2_NO_START_OPTIMIZE },
	{ "ucp", PCRE2_UCP }, { "ungreedy", PCRE2_UNGREEDY }, { "utf", PCRE2_UTF },
	{ "never_backslash_c", PCRE2_NEVER_BACKSLASH_C }, { "alt_circumflex", PCRE2_ALT_CIRCUMFLEX },
	{ "alt_verbnames", PCRE2_ALT_VERBNAMES }, { "use_offset_limit", PCRE2_USE_OFFSET_LIMIT }, { NULL, 0 },
};
/* clang-format on */

static void set_regex_options(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct url_draft *d = obj;
	int64_t v;

	for (uint32_t i = 1; i < n->n_words; i++)
		if (value_enum(l, n, i, regex_options, false, &v))
			d->u.regex_options |= (uint32_t)v;
}

static void print_regex_options(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_url *u = obj;
	char text[600] = "", *s = text;

	for (const struct row_word *w = regex_options; w->word; w++)
		if (u->regex_options & (uint32_t)w->value)
			s += sprintf(s, " %s", w->word);
	if (s > text)
		print_line(p, "%s%s", r->word, text);
}

static void set_regex_stack(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct url_draft *d = obj;
	int64_t start, max;

	if (!value_num(l, n, 1, 1, 1 << 30, &start) || !value_num(l, n, 2, start, 1 << 30, &max))
		return;
	d->u.regex_stack_start = (uint32_t)start;
	d->u.regex_stack_max = (uint32_t)max;
}

static void print_regex_stack(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_url *u = obj;

	if (u->regex_stack_max)
		print_line(p, "%s %u %u", r->word, u->regex_stack_start, u->regex_stack_max);
}

static void *url_open(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct url_draft *d = schema_draft(l, b);

	d->where = n->where;
	return d;
}

/* False: reported, the url cannot be asked for as it is */
static bool regex_compiles(struct load *l, const struct url_draft *d)
{
	const char *s = d->u.regex;
	PCRE2_SIZE at;
	PCRE2_UCHAR text[200];
	pcre2_code *code;
	int error;

	if (!*s)
		return true;
	code = pcre2_compile((PCRE2_SPTR)s, PCRE2_ZERO_TERMINATED, d->u.regex_options, &error, &at, NULL);
	if (code) {
		pcre2_code_free(code);
		return true;
	}
	pcre2_get_error_message(error, text, sizeof(text));
	load_error_at(l, CONF_ERROR, d->where,
		      "url: regex '%s' is wrong at its character %zu (%s): the url is left out", s, (size_t)at + 1,
		      text);
	return false;
}

static void url_close(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct check_draft *check = parent;
	struct url_draft *d = draft;

	if (!*d->u.path) {
		load_error_at(l, CONF_ERROR, d->where, "HTTP/SSL_GET checker url has no path - ignoring");
		return;
	}
	if (d->u.regex_max_offset && d->u.regex_max_offset < d->u.regex_min_offset) {
		load_error_at(l, CONF_ERROR, d->where,
			      "url: regex_max_offset %u is below regex_min_offset %u: it is left out",
			      d->u.regex_max_offset, d->u.regex_min_offset);
		d->u.regex_max_offset = 0;
	}
	if (regex_compiles(l, d))
		*(struct conf_url *)vec_add(l, &check->urls, sizeof(d->u)) = d->u;
}

/* clang-format off */
#define U(f) FIELD(url_draft, u.f)
static const struct row url_rows[] = {
	{ "path", V_STRING, T1, U(path), .brief = "what to ask for" },
	{ "digest", V_CUSTOM, T1, U(digest), .set = set_digest, .print = print_digest, .min_words = 1, .args = "MD5",
	  .standard = "any", .brief = "of the answer's body, as genhash prints it" },
	{ "status_code", V_CUSTOM, T1, U(status), .set = set_status, .print = print_status, .min_words = 1,
	  .args = "CODE | FIRST-LAST ...", .standard = "200-299", .brief = "of the answer" },
	{ "virtualhost", V_STRING, T1, U(virtualhost), .standard = "the check's", .brief = "Host: of the question" },
	{ "regex", V_STRING, T2, U(regex), .brief = "must be found in the body (PCRE2)" },
	{ "regex_no_match", V_FLAG, T3, U(regex_no_match), .brief = "must not be found" },
	{ "regex_options", V_CUSTOM, T3, U(regex_options), .set = set_regex_options, .print = print_regex_options,
	  .min_words = 1, .args = "WORD ...", .standard = "none",
	  .brief = "caseless, multiline, ...: see pcre2api(3)" },
	{ "regex_min_offset", V_NUM, T3, U(regex_min_offset), .brief = "look from this byte on" },
	{ "regex_max_offset", V_NUM, T3, U(regex_max_offset),
	  .brief = "a match begins before this byte; 0: anywhere" },
	{ "regex_stack", V_CUSTOM, T3, U(regex_stack_start), .set = set_regex_stack, .print = print_regex_stack,
	  .min_words = 2, .args = "START MAX", .standard = "PCRE2's",
	  .no_effect = "PCRE2 takes the memory it needs, up to its limits",
	  .brief = "bytes of the matcher's stack" },
};
static const struct row_table url_table = { url_rows, sizeof(url_rows) / sizeof(url_rows[0]) };
static const struct row_part url_parts[] = { { &url_table, 0 }, { NULL, 0 } };
static const struct schema_block url_block = {
	.word = "url", .parts = url_parts, .size = sizeof(struct url_draft), .conf_size = sizeof(struct conf_url),
	.open = url_open, .close = url_close, .brief = "a page, and how it should be",
};

/* ---- HTTP_GET, SSL_GET ---- */
#define H(f) FIELD(check_draft, c.http.f)
static const struct row_word versions[] = { { "1.0", 10 }, { "1.0C", 100 }, { "1.1", 11 }, { NULL, 0 } };
static const struct row http_rows[] = {
	{ "url", V_BLOCK, T1, .block = &url_block, .brief = "a page, and how it should be" },
	{ "virtualhost", V_STRING, T1, FIELD(check_draft, virtualhost), .standard = "the real server's",
	  .brief = "Host: of the questions" },
	{ "http_protocol", V_ENUM, T3, R_FOLD, H(protocol), .words = versions, .preset = "1.0",
	  .brief = "version of HTTP; 1.0C: 1.0 with Connection: close" },
	{ "fast_recovery", V_BOOL, T3, H(fast_recovery), .preset = "off",
	  .brief = "ask for all pages at once while the server is not up" },
	{ "tls_compliant", V_FLAG, T3, H(tls_compliant), .brief = "an end without TLS's own farewell is a failure" },
	{ "enable_sni", V_FLAG, T2, H(enable_sni), .brief = "say whom we want before TLS begins" },
	{ "sni_name", V_STRING, T3, H(sni_name), .standard = "the virtualhost", .brief = "name to say" },
	{ "verify", V_BOOL, TELVS, H(verify), .preset = "off",
	  .brief = "the server's certificate must be good (elvs)" },
	{ "verify_ca", V_STRING, TELVS, H(verify_ca), .standard = "the system's",
	  .brief = "file with the certificates to trust for that (elvs)" },
};
/* clang-format on */
const struct row_table http_table = { http_rows, sizeof(http_rows) / sizeof(http_rows[0]) };
