/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clean - one physical line as it was typed or pasted, made into text that the rest can read: no comment, no remark,
 * ASCII blanks and quotes.
 *
 * Standard: keepalived.conf(5); beyond it only what has one meaning, and each time it is said (CONF_HINT): it is a
 * hint that the original would read the line differently.
 */
#include <string.h>

#include "reader.h"

struct cleaner {
	struct reader *r;
	struct source *src;
	struct line *out;
	const unsigned char *s;
	uint32_t n, i;
	struct conf_where w; /* of s[i] */
	bool in_word;
	uint32_t words; /* begun on this line or since the last brace */
	char quote;	/* '"' as typed, 'p' pasted (typographic), 0: outside */
	struct conf_where quote_w;
};

/* The character at s; 0xfffd and one byte when it is malformed */
static uint32_t utf8(const unsigned char *s, uint32_t n, uint32_t *ret_len)
{
	uint32_t len = s[0] >= 0xf0 && s[0] <= 0xf4  ? 4
		       : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		       : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
						     : 1;
	uint32_t c = len == 4 ? s[0] & 7 : len == 3 ? s[0] & 15 : s[0] & 31;

	*ret_len = 1;
	if (len == 1 || len > n)
		return 0xfffd;
	for (uint32_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (s[i] & 63);
	}
	*ret_len = len;
	return c;
}

static bool is_blank(uint32_t c)
{
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool is_invisible(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2064) ||
	       c == 0xfeff;
}

static bool is_double_quote(uint32_t c)
{
	return (c >= 0x201c && c <= 0x201f) || c == 0xff02;
}

static bool is_single_quote(uint32_t c)
{
	return (c >= 0x2018 && c <= 0x201b) || c == 0xff07;
}

static void say(struct cleaner *k, bool *said, uint32_t c, const char *what)
{
	if (*said)
		return;
	*said = true;
	conf_error(k->r->errors, CONF_HINT, k->w, "character U+%04X %s; said once for this file", c, what);
}

static void begin_word(struct cleaner *k)
{
	if (!k->in_word)
		k->words++;
	k->in_word = true;
}

static void toggle_quote(struct cleaner *k, char kind)
{
	if (k->quote) {
		k->quote = 0;
		k->in_word = false;
	} else {
		k->in_word = false;
		begin_word(k);
		k->quote = kind;
		k->quote_w = k->w;
	}
	line_put(k->r, k->out, "\"", 1);
}

static void put_ascii(struct cleaner *k, char c)
{
	if (c == ' ' || c == '\t') {
		k->in_word = false;
	} else if (c == '{' || c == '}') {
		k->in_word = false;
		k->words = 0;
	} else {
		begin_word(k);
	}
	line_put(k->r, k->out, &c, 1);
}

/* A character beyond ASCII. False: it begins a comment. */
static bool clean_wide(struct cleaner *k)
{
	struct source *src = k->src;
	uint32_t len, c = utf8(k->s + k->i, k->n - k->i, &len);
	bool quoted = k->quote, comment = false;

	if (!quoted && is_blank(c)) {
		say(k, &src->said_blank, c, "is taken as a blank: write ordinary blanks");
		put_ascii(k, ' ');
	} else if (!quoted && is_invisible(c)) {
		say(k, &src->said_blank, c, "cannot be seen and is left out: delete it");
	} else if (is_double_quote(c) && (!quoted || k->quote == 'p')) {
		say(k, &src->said_quote, c, "is taken as a quotation mark: write \"");
		toggle_quote(k, 'p');
	} else if (!quoted && is_single_quote(c)) {
		say(k, &src->said_quote, c, "is taken as a quotation mark: write '");
		put_ascii(k, '\'');
	} else if (!quoted && !k->in_word && (c == 0xff03 || c == 0xff01)) {
		say(k, &src->said_mark, c, "is taken as the beginning of a comment: write #");
		comment = true;
	} else if (!quoted && (c == 0xff5b || c == 0xff5d)) {
		say(k, &src->said_mark, c, "is taken as a brace: write { or }");
		put_ascii(k, c == 0xff5b ? '{' : '}');
	} else {
		begin_word(k);
		line_put(k->r, k->out, (const char *)k->s + k->i, len);
	}
	k->i += len;
	k->w.col++;
	line_mark(k->r, k->out, k->w, false);
	return !comment;
}

/*
 * Is the // at s[i] a remark? As a first argument it may be a path (path //images/x.gif): then something ASCII with
 * another slash follows. Within a word (http://x) it is none, unless text that is not ASCII follows at once.
 */
static bool is_remark(const struct cleaner *k)
{
	const unsigned char *p = k->s + k->i + 2, *end = k->s + k->n;

	if (k->in_word)
		return k->s[k->i - 1] != ':' && p < end && *p >= 0x80;
	if (k->words != 1)
		return true;
	for (; p < end && *p < 0x80 && !lex_is_blank((char)*p); p++)
		if (*p == '/' && p > k->s + k->i + 2)
			return false;
	return true;
}

static void put_bytes(struct cleaner *k, uint32_t n)
{
	begin_word(k);
	line_put(k->r, k->out, (const char *)k->s + k->i, n);
	k->i += n;
	k->w.col += n;
}

/* Backslash and what it protects: # and ! lose it, all else keeps it (words with scripts are read again) */
static void clean_backslash(struct cleaner *k)
{
	char next = k->i + 1 < k->n ? (char)k->s[k->i + 1] : 0;

	if (!k->quote && (next == '#' || next == '!')) {
		k->i++;
		k->w.col++;
		line_mark(k->r, k->out, k->w, false);
		put_bytes(k, 1);
	} else {
		put_bytes(k, next > ' ' && next < 0x7f ? 2 : 1);
	}
}

/* ${...}, whose braces are none */
static bool clean_braced(struct cleaner *k)
{
	const unsigned char *p = k->s + k->i + 2, *end = k->s + k->n;

	if (k->i + 2 >= k->n || k->s[k->i + 1] != '{')
		return false;
	while (p < end && *p >= ' ' && *p < 0x7f && *p != '}' && *p != '"' && *p != '#')
		p++;
	if (p == end || *p != '}')
		return false;
	put_bytes(k, (uint32_t)(p + 1 - (k->s + k->i)));
	return true;
}

/* One character. False: the rest is a comment. */
static bool clean_one(struct cleaner *k)
{
	unsigned char c = k->s[k->i];

	if (c >= 0x80)
		return clean_wide(k);
	if (c == '\\') {
		clean_backslash(k);
		return true;
	}
	if (c == '"' && k->quote != 'p') {
		toggle_quote(k, '"');
	} else if (c == '"') {
		k->quote = 0;
		k->in_word = false;
		line_put(k->r, k->out, "\"", 1);
	} else if (k->quote) {
		line_put(k->r, k->out, (const char *)&c, 1);
	} else if (c == '#' || c == '!') {
		return false;
	} else if (c == '/' && k->i + 1 < k->n && k->s[k->i + 1] == '/' && is_remark(k)) {
		conf_error(k->r->errors, CONF_HINT, k->w, "a remark after // is left out: remarks begin with # or !");
		return false;
	} else if (c == '$' && clean_braced(k)) {
		return true;
	} else {
		put_ascii(k, lex_is_blank((char)c) ? ' ' : (char)c);
	}
	k->i++;
	k->w.col++;
	return true;
}

/* Characters that mean nothing but themselves, where they stand now: most of any configuration */
static bool is_ordinary(unsigned char c)
{
	static const bool special[256] = { ['"'] = true, ['#'] = true, ['!'] = true, ['\\'] = true, ['/'] = true,
					   ['$'] = true, ['{'] = true, ['}'] = true, [0x7f] = true };

	return c > ' ' && c < 0x80 && !special[c];
}

static void clean_ordinary(struct cleaner *k)
{
	uint32_t n = 0;

	while (k->i + n < k->n && is_ordinary(k->s[k->i + n]))
		n++;
	if (n)
		put_bytes(k, n);
}

static void skip_indent(struct cleaner *k)
{
	while (k->i < k->n && (k->s[k->i] == ' ' || k->s[k->i] == '\t'))
		k->i++;
	k->w.col += k->i;
}

void lex_clean(struct reader *r, struct line *out, uint32_t number, const char *s, size_t n)
{
	struct cleaner k = { .r = r,
			     .src = r->source,
			     .out = out,
			     .s = (const unsigned char *)s,
			     .n = (uint32_t)n,
			     .w = { .file = r->source->name, .line = number, .col = 1 } };

	if (memchr(s, 0, n)) {
		conf_error(r->errors, CONF_ERROR, (struct conf_where){ k.w.file, number, 0 },
			   "the line holds a NUL byte and is left out: this should be text");
		return;
	}
	skip_indent(&k);
	line_mark(r, out, k.w, false);
	do {
		if (!k.quote)
			clean_ordinary(&k);
	} while (k.i < k.n && clean_one(&k));
	if (k.quote)
		conf_error(
			r->errors, CONF_ERROR, k.quote_w,
			"the quotation mark that opens here is not closed on this line: add \" where the word ends");
	line_cut(out, out->n);
}
