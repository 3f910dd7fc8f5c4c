/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lex - lines: their text, the place of each byte, comments, words.
 *
 * keepalived's rules: # and ! begin a comment unless quoted or behind a backslash; "..." is one word. On top of them
 * what people paste: blanks and quotation marks of web pages and word processors, and // remarks, where the meaning
 * is clear.
 */
#include "reader.h"

#include <string.h>

static void *grown(struct reader *r, void *old, uint32_t used, uint32_t *room, uint32_t want, size_t size)
{
	uint32_t n = *room ? *room : 8;
	void *p;

	while (n < want)
		n *= 2;
	p = arena_alloc(r->a, (size_t)n * size);
	if (used)
		memcpy(p, old, used * size);
	*room = n;
	return p;
}

struct line *line_new(struct reader *r)
{
	struct line *l = r->free_lines;

	if (l)
		r->free_lines = l->next;
	else
		l = arena_alloc(r->a, sizeof(*l));
	if (!l->room)
		l->s = grown(r, NULL, 0, &l->room, 128, 1);
	l->s[0] = 0;
	l->n = l->n_spans = l->seen = l->seen_span = l->seen_col = 0;
	return l;
}

void line_free(struct reader *r, struct line *l)
{
	l->next = r->free_lines;
	r->free_lines = l;
}

void line_mark(struct reader *r, struct line *l, struct conf_where w, bool fixed)
{
	if (l->n_spans && l->spans[l->n_spans - 1].at == l->n)
		l->n_spans--;
	if (l->n_spans == l->room_spans)
		l->spans = grown(r, l->spans, l->n_spans, &l->room_spans, l->n_spans + 1, sizeof(*l->spans));
	l->spans[l->n_spans++] = (struct span){ .at = l->n, .fixed = fixed, .w = w };
}

void line_put(struct reader *r, struct line *l, const char *s, size_t n)
{
	if (n > READER_BYTES_MAX || l->n + n > READER_BYTES_MAX) {
		reader_stop(r, line_where(l, 0), "bytes in one line", READER_BYTES_MAX);
		return;
	}
	if (l->n + n + 1 > l->room)
		l->s = grown(r, l->s, l->n, &l->room, l->n + (uint32_t)n + 1, 1);
	memcpy(l->s + l->n, s, n);
	l->n += (uint32_t)n;
	l->s[l->n] = 0;
}

static uint32_t span_of(const struct line *l, uint32_t at)
{
	uint32_t lo = 0, hi = l->n_spans;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (l->spans[mid].at <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

struct conf_where line_where(struct line *l, uint32_t at)
{
	const struct span *s;
	struct conf_where w;
	uint32_t i;

	if (!l->n_spans)
		return (struct conf_where){};
	i = span_of(l, at);
	s = &l->spans[i];
	if (s->fixed)
		return s->w;
	if (!l->seen_col || l->seen_span != i || l->seen > at) {
		l->seen = s->at;
		l->seen_col = s->w.col;
		l->seen_span = i;
	}
	for (; l->seen < at; l->seen++)
		l->seen_col += (l->s[l->seen] & 0xc0) != 0x80;
	w = s->w;
	w.col = l->seen_col;
	return w;
}

void line_put_part(struct reader *r, struct line *l, const struct line *src, uint32_t from, uint32_t to,
		   const struct conf_where *fixed)
{
	struct line view = *src; /* its cursor moves, src's stays */
	uint32_t end;

	if (from >= to)
		return;
	if (fixed) {
		line_mark(r, l, *fixed, true);
		line_put(r, l, src->s + from, to - from);
		return;
	}
	for (uint32_t i = span_of(src, from); from < to; from = end, i++) {
		end = i + 1 < src->n_spans && src->spans[i + 1].at < to ? src->spans[i + 1].at : to;
		line_mark(r, l, line_where(&view, from), src->n_spans && src->spans[i].fixed);
		line_put(r, l, src->s + from, end - from);
	}
}

void line_cut(struct line *l, uint32_t n)
{
	while (n && lex_is_blank(l->s[n - 1]))
		n--;
	l->n = n;
	l->s[n] = 0;
}

uint32_t lex_skip_blanks(const struct line *l, uint32_t at)
{
	while (at < l->n && lex_is_blank(l->s[at]))
		at++;
	return at;
}

uint32_t lex_skip_braced(const struct line *l, uint32_t at, uint32_t end)
{
	const char *close;

	if (at + 1 >= end || l->s[at] != '$' || l->s[at + 1] != '{')
		return at;
	close = memchr(l->s + at, '}', end - at);
	return close ? (uint32_t)(close - l->s) + 1 : at;
}

/* Copies a word's text from s, up to a blank or a quote; the length consumed */
static uint32_t plain_word(const struct line *l, uint32_t at, uint32_t to)
{
	uint32_t i = at, braced;

	while (i < to && !lex_is_blank(l->s[i]) && l->s[i] != '"') {
		braced = l->s[i] == '$' ? lex_skip_braced(l, i, to) : i;
		i = braced > i ? braced : i + 1;
	}
	return i - at;
}

uint32_t lex_words(struct line *l, uint32_t from, uint32_t to, struct conf_word *words, char *text)
{
	uint32_t n = 0, begin, len, next;
	const char *quote;

	for (uint32_t i = from; i < to; i = next) {
		if (lex_is_blank(l->s[i])) {
			next = i + 1;
			continue;
		}
		if (l->s[i] == '"') {
			begin = i + 1;
			quote = begin < to ? memchr(l->s + begin, '"', to - begin) : NULL;
			len = quote ? (uint32_t)(quote - l->s) - begin : to - begin;
			next = begin + len + 1;
		} else {
			begin = i;
			len = plain_word(l, i, to);
			next = begin + len;
		}
		if (words) {
			words[n] =
				(struct conf_word){ .text = text, .col = line_where(l, i).col, .quoted = begin > i };
			memcpy(text, l->s + begin, len);
			text[len] = 0;
			text += len + 1;
		}
		n++;
	}
	return n;
}
