/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words - see words.h.
 */
#include "words.h"

#include <string.h>

void words_begin(struct words *w, const struct word_option *options, char **argv, char **rest)
{
	*w = (struct words){ .options = options, .argv = argv, .next = argv[0] ? 1 : 0, .rest = rest };
}

const char *words_current(const struct words *w)
{
	return w->argv[w->next - 1];
}

const char *words_error(int end)
{
	switch (end) {
	case WORDS_NO_VALUE:
		return "missing argument";
	case WORDS_UNWANTED_VALUE:
		return "option does not take an argument";
	}
	return "unknown option";
}

static const struct word_option *by_name(const struct words *w, const char *name, size_t len)
{
	const struct word_option *o;

	for (o = w->options; o->name; o++)
		if (strlen(o->name) == len && !memcmp(o->name, name, len))
			return o;
	return NULL;
}

static const struct word_option *by_letter(const struct words *w, char letter)
{
	const struct word_option *o;

	for (o = w->options; o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

/* attached: the value written in the same word, or NULL. */
static int take_value(struct words *w, const struct word_option *o, const char *attached)
{
	const char *next = w->argv[w->next];

	w->value = attached;
	if (o->value == VALUE_NONE)
		return attached ? WORDS_UNWANTED_VALUE : o->id;
	if (attached)
		return o->id;
	if (!next)
		return o->value == VALUE_OPTIONAL ? o->id : WORDS_NO_VALUE;
	if (o->value == VALUE_OPTIONAL && next[0] == '-')
		return o->id;
	w->value = next;
	w->next++;
	return o->id;
}

static int take_letter(struct words *w)
{
	const struct word_option *o = by_letter(w, *w->letters);
	const char *tail = w->letters + 1;

	w->letters = NULL;
	if (!o)
		return WORDS_UNKNOWN;
	if (*tail == '=')
		return take_value(w, o, tail + 1);
	if (!*tail)
		return take_value(w, o, NULL);
	if (o->value != VALUE_NONE)
		return take_value(w, o, tail);
	w->letters = tail;
	w->value = NULL;
	return o->id;
}

static int take_long(struct words *w, const char *name)
{
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct word_option *o = by_name(w, name, len);

	if (!o)
		return WORDS_UNKNOWN;
	return take_value(w, o, equals ? equals + 1 : NULL);
}

int words_next(struct words *w)
{
	char *word;

	if (w->letters)
		return take_letter(w);
	while ((word = w->argv[w->next])) {
		w->next++;
		if (w->only_rest || word[0] != '-' || !word[1]) {
			w->rest[w->nrest++] = word;
		} else if (!strcmp(word, "--")) {
			w->only_rest = true;
		} else if (word[1] == '-') {
			return take_long(w, word + 2);
		} else {
			w->letters = word + 1;
			return take_letter(w);
		}
	}
	return WORDS_END;
}
