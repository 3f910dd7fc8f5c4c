/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts - memory, strings, names and messages of one configuration while it is loaded. Knows no keyword.
 *
 * Invariant: what load_str() and vec_keep() return lies in the arena that stays; everything else here is scratch.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

struct names_slot {
	const char *name; /* NULL: free */
	uint32_t hash, index;
};

/* ---- memory ---- */
void *load_scratch(struct load *l, size_t n)
{
	return arena_alloc(&l->scratch, n);
}

void *vec_add(struct load *l, struct vec *v, size_t size)
{
	if (v->n == v->room) {
		/* most lists of big things have one: the pages of 40,000 checks are not to be touched for nothing */
		uint32_t room = v->room ? 2 * v->room : size < 128 ? 4 : 1;
		void *items = load_scratch(l, room * size);

		if (v->n)
			memcpy(items, v->items, v->n * size);
		v->items = items;
		v->room = room;
	}
	/* a list that was cut shorter leaves something behind */
	return memset((char *)v->items + size * v->n++, 0, size);
}

const void *vec_keep(struct load *l, const struct vec *v, size_t size)
{
	return v->n ? arena_memdup(l->a, v->items, v->n * size) : NULL;
}

/* ---- names ---- */
static uint32_t hash_text(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	while (n--)
		h = (h ^ (uint8_t)*s++) * 16777619u;
	return h ^ h >> 15;
}

static struct names_slot *names_slot(const struct names *t, const char *name, size_t n, uint32_t hash)
{
	uint32_t i = hash & (t->room - 1);

	for (;; i = (i + 1) & (t->room - 1)) {
		struct names_slot *s = &t->slots[i];

		if (!s->name || (s->hash == hash && !strncmp(s->name, name, n) && !s->name[n]))
			return s;
	}
}

static void names_grow(struct load *l, struct names *t)
{
	struct names old = *t;
	uint32_t i;

	t->room = old.room ? 2 * old.room : 64;
	t->slots = load_scratch(l, t->room * sizeof(*t->slots));
	for (i = 0; i < old.room; i++) {
		const struct names_slot *s = &old.slots[i];

		if (s->name)
			*names_slot(t, s->name, strlen(s->name), s->hash) = *s;
	}
}

static struct names_slot *names_place(struct load *l, struct names *t, const char *name, size_t n)
{
	uint32_t hash = hash_text(name, n);
	struct names_slot *s;

	if (t->n * 2 >= t->room)
		names_grow(l, t);
	s = names_slot(t, name, n, hash);
	s->hash = hash;
	return s;
}

bool names_add(struct load *l, struct names *t, const char *name, uint32_t index)
{
	struct names_slot *s = names_place(l, t, name, strlen(name));

	if (s->name)
		return false;
	s->name = name;
	s->index = index;
	t->n++;
	return true;
}

uint32_t names_find(const struct names *t, const char *name)
{
	const struct names_slot *s;
	size_t n = strlen(name);

	if (!t->room)
		return CONF_NONE;
	s = names_slot(t, name, n, hash_text(name, n));
	return s->name ? s->index : CONF_NONE;
}

const char *load_strn(struct load *l, const char *text, size_t n)
{
	struct names_slot *s = names_place(l, &l->strings, text, n);

	if (!s->name) {
		s->name = arena_strndup(l->a, text, n);
		l->strings.n++;
	}
	return s->name;
}

const char *load_str(struct load *l, const char *s)
{
	return load_strn(l, s ? s : "", s ? strlen(s) : 0);
}

struct conf_where load_where(struct load *l, const struct conf_node *n, uint32_t i)
{
	struct conf_where w = n->where;

	if (i == LOAD_LINE)
		w.col = 0;
	else if (i < n->n_words)
		w.col = n->words[i].col;
	return w;
}

/* ---- messages ---- */
static void error_v(struct load *l, enum conf_severity s, struct conf_where w, const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	conf_error(&l->errors, s, w, "%s", text);
	free(text);
}

void load_error(struct load *l, enum conf_severity s, const struct conf_node *n, uint32_t word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_v(l, s, load_where(l, n, word), fmt, ap);
	va_end(ap);
}

void load_error_at(struct load *l, enum conf_severity s, struct conf_where w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	error_v(l, s, w, fmt, ap);
	va_end(ap);
}

const char *load_choices(struct load *l, const struct row_word *words)
{
	const struct row_word *w;
	size_t size = 1;
	char *text, *p;

	for (w = words; w->word; w++)
		size += strlen(w->word) + 4;
	p = text = load_scratch(l, size);
	for (w = words; w->word; w++)
		p += sprintf(p, "%s%s", w == words ? "" : w[1].word ? ", " : " or ", w->word);
	return text;
}
