/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error - see error.h. Messages quote foreign bytes (a configuration may hold anything), so they are cleaned here,
 * once.
 *
 * conf_tree_read() allocates the names of files in the order of opening from the messages' arena, which grows
 * upwards: comparing the names' addresses is comparing the files' order.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 1000 /* bytes; a quoted word may be megabytes long */

/* Length of the UTF-8 sequence at s if it is well-formed and no control character, else 0 */
static size_t printable(const unsigned char *s)
{
	size_t n, i;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	n = s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	if (s[0] > 0xf4)
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if (s[0] == 0xc2 && s[1] < 0xa0)
		return 0; /* C1 controls */
	return n;
}

static void clean(char *text)
{
	unsigned char *in = (unsigned char *)text, *out = in;
	size_t n;

	while (*in) {
		n = printable(in);
		if (n) {
			memmove(out, in, n);
			out += n;
			in += n;
		} else {
			*out++ = '?';
			in++;
		}
	}
	*out = 0;
}

static uint32_t message_hash(const struct conf_message *m)
{
	uint64_t h = (uintptr_t)m->where.file ^ ((uint64_t)m->where.line << 32 | m->where.col) ^ m->severity;

	for (const char *p = m->text; *p; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	return (uint32_t)(h ^ h >> 32);
}

static bool message_same(const struct conf_message *a, const struct conf_message *b)
{
	return a->severity == b->severity && a->where.file == b->where.file && a->where.line == b->where.line &&
	       a->where.col == b->where.col && !strcmp(a->text, b->text);
}

/* The index's place of m: its own when it is known, else the free one where it belongs */
static uint32_t *index_place(struct conf_errors *e, const struct conf_message *m)
{
	uint32_t i = message_hash(m) & (e->n_index - 1);

	while (e->index[i] && !message_same(&e->list[e->index[i] - 1], m))
		i = (i + 1) & (e->n_index - 1);
	return &e->index[i];
}

static void reindex(struct conf_errors *e)
{
	memset(e->index, 0, e->n_index * sizeof(*e->index));
	for (uint32_t i = 0; i < e->n; i++)
		*index_place(e, &e->list[i]) = i + 1;
}

static void grow(struct conf_errors *e)
{
	uint32_t room = e->room ? e->room * 2 : 16;
	struct conf_message *list = arena_alloc(e->arena, room * sizeof(*list));

	if (e->n)
		memcpy(list, e->list, e->n * sizeof(*list));
	e->list = list;
	e->room = room;
	e->n_index = room * 2;
	e->index = arena_alloc(e->arena, e->n_index * sizeof(*e->index));
	reindex(e);
}

void conf_error(struct conf_errors *e, enum conf_severity s, struct conf_where w, const char *fmt, ...)
{
	struct conf_message m = { .severity = s, .where = w };
	char text[TEXT_MAX];
	uint32_t *place;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		strcpy(text + sizeof(text) - sizeof("..."), "...");
	clean(text);
	if (e->n == e->room)
		grow(e);
	m.text = text;
	place = index_place(e, &m);
	if (*place)
		return;
	if (e->n == CONF_ERRORS_MAX) {
		e->dropped++;
		return;
	}
	m.text = arena_strdup(e->arena, text);
	e->list[e->n++] = m;
	*place = e->n;
}

/* A merge sort's step: qsort() is not stable, and messages about one place tell a story */
static int place_order(const struct conf_message *a, const struct conf_message *b)
{
	uintptr_t fa = (uintptr_t)a->where.file, fb = (uintptr_t)b->where.file;

	if (fa != fb)
		return fa < fb ? -1 : 1;
	if (a->where.line != b->where.line)
		return a->where.line < b->where.line ? -1 : 1;
	if (a->where.col != b->where.col)
		return a->where.col < b->where.col ? -1 : 1;
	return 0;
}

static void merge(struct conf_message *list, struct conf_message *tmp, uint32_t lo, uint32_t mid, uint32_t hi)
{
	uint32_t i = lo, j = mid, k = lo;

	while (i < mid || j < hi) {
		if (j == hi || (i < mid && place_order(&list[i], &list[j]) <= 0))
			tmp[k++] = list[i++];
		else
			tmp[k++] = list[j++];
	}
	memcpy(list + lo, tmp + lo, (hi - lo) * sizeof(*list));
}

void conf_errors_sort(struct conf_errors *e)
{
	struct conf_message *tmp = calloc(e->n ? e->n : 1, sizeof(*tmp));

	if (!tmp)
		return;
	for (uint32_t w = 1; w < e->n; w *= 2)
		for (uint32_t lo = 0; lo + w < e->n; lo += 2 * w)
			merge(e->list, tmp, lo, lo + w, lo + 2 * w < e->n ? lo + 2 * w : e->n);
	free(tmp);
	if (e->n)
		reindex(e);
}

/*
 * keepalived keeps the highest of what it meets, in the order of enum conf_severity; it stops at a missing parameter
 */
int conf_exit_status(const struct conf_message *list, uint32_t n)
{
	static const struct {
		int rank, status;
	} of[] = {
		[CONF_NOTE] = { 0, 0 },		 [CONF_HINT] = { 0, 0 },       [CONF_MISSING_FILE] = { 1, 4 },
		[CONF_BAD_IF] = { 2, 4 },	 [CONF_FATAL] = { 3, 4 },      [CONF_ERROR] = { 4, 5 },
		[CONF_WARNING] = { 5, 5 },	 [CONF_DEPRECATED] = { 6, 5 }, [CONF_SECURITY] = { 7, 6 },
		[CONF_MISSING_PARAM] = { 8, 2 },
	};
	int rank = 0, status = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (of[list[i].severity].rank > rank) {
			rank = of[list[i].severity].rank;
			status = of[list[i].severity].status;
		}
	}
	return status;
}

static const char *severity_name(enum conf_severity s)
{
	switch (s) {
	case CONF_NOTE:
		return "note";
	case CONF_HINT:
		return "hint";
	case CONF_WARNING:
		return "warning";
	case CONF_DEPRECATED:
		return "deprecated";
	case CONF_SECURITY:
		return "security";
	case CONF_MISSING_FILE:
	case CONF_BAD_IF:
	case CONF_FATAL:
	case CONF_ERROR:
	case CONF_MISSING_PARAM:
		break;
	}
	return "error";
}

int conf_message_text(const struct conf_message *m, char *buf, size_t size)
{
	const char *kind = severity_name(m->severity);
	const struct conf_where *w = &m->where;

	if (!w->file)
		return snprintf(buf, size, "%s: %s", kind, m->text);
	if (!w->line)
		return snprintf(buf, size, "%s: %s: %s", w->file, kind, m->text);
	if (!w->col)
		return snprintf(buf, size, "%s:%u: %s: %s", w->file, w->line, kind, m->text);
	return snprintf(buf, size, "%s:%u:%u: %s: %s", w->file, w->line, w->col, kind, m->text);
}
