/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value - words that are numbers, times, booleans, choices, bytes: read, checked against their range, reported.
 *
 * keepalived takes a number with something behind it ("5s") and warns, except under -t; so do we.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parts.h"

bool value_word(struct load *l, const struct conf_node *n, uint32_t i, const char **ret)
{
	if (i < n->n_words) {
		*ret = n->words[i].text;
		return true;
	}
	load_error(l, CONF_MISSING_PARAM, n, 0,
		   "Configuration line starting `%s` is missing a parameter after keyword `%s` at word position %u",
		   n->words[0].text, n->words[n->n_words - 1].text, i + 1);
	return false;
}

bool value_words(struct load *l, const struct conf_node *n, uint32_t count)
{
	const char *last;

	return n->n_words > count || value_word(l, n, n->n_words, &last);
}

/* What stands behind a number: nothing, or something that is let pass with a warning. */
static bool rest_passes(struct load *l, const struct conf_node *n, uint32_t i, const char *rest, const char *what)
{
	if (!*rest)
		return true;
	load_error(l, l->o->test ? CONF_ERROR : CONF_WARNING, n, i, "%s: invalid %s '%s'%s, write it without '%s'",
		   n->words[0].text, what, n->words[i].text, l->o->test ? "" : ", what follows the number is ignored",
		   rest);
	return !l->o->test;
}

static bool not_a(struct load *l, const struct conf_node *n, uint32_t i, const char *what)
{
	load_error(l, CONF_ERROR, n, i, "%s: invalid %s '%s'", n->words[0].text, what, n->words[i].text);
	return false;
}

bool value_num(struct load *l, const struct conf_node *n, uint32_t i, int64_t min, int64_t max, int64_t *ret)
{
	const char *word;
	char *end;
	int64_t v;

	if (!value_word(l, n, i, &word))
		return false;
	errno = 0;
	v = strtoll(word, &end, 10);
	if (end == word)
		return not_a(l, n, i, "number");
	if (!rest_passes(l, n, i, end, "number"))
		return false;
	if (errno == ERANGE || v < min || v > max) {
		load_error(l, CONF_ERROR, n, i, "%s: number '%s' outside range [%" PRId64 ", %" PRId64 "]",
			   n->words[0].text, word, min, max);
		return false;
	}
	*ret = v;
	return true;
}

bool text_bool(const char *s, bool *ret)
{
	static const char *const yes[] = { "on", "true", "yes" }, *const no[] = { "off", "false", "no" };

	for (unsigned i = 0; i < 3; i++) {
		if (!strcmp(s, yes[i]))
			return *ret = true;
		if (!strcmp(s, no[i])) {
			*ret = false;
			return true;
		}
	}
	return false;
}

bool value_bool(struct load *l, const struct conf_node *n, uint32_t i, bool *ret)
{
	const char *word;

	if (!value_word(l, n, i, &word))
		return false;
	if (text_bool(word, ret))
		return true;
	load_error(l, CONF_ERROR, n, i, "%s: '%s' is neither on, true, yes nor off, false, no", n->words[0].text,
		   word);
	return false;
}

/* "1.5", "0.000001": us in units of unit_us */
static const char *us_text(struct load *l, uint64_t us, uint32_t unit_us)
{
	char buf[48], *end;
	unsigned decimals = unit_us == 1000000 ? 6 : unit_us == 1000 ? 3 : 0;

	end = buf + snprintf(buf, sizeof(buf), "%" PRIu64, us / unit_us);
	if (us % unit_us) {
		end += snprintf(end, buf + sizeof(buf) - end, ".%0*" PRIu64, (int)decimals, us % unit_us);
		while (end[-1] == '0')
			*--end = 0;
	}
	return arena_strdup(&l->scratch, buf);
}

/* Digits, perhaps a point and digits. *lost: there were more decimals than the unit has. */
static bool parse_decimal(const char *s, const char **end, uint32_t unit_us, uint64_t *ret, bool *lost)
{
	const uint64_t most = UINT64_MAX / 100 / unit_us; /* whoever comes here has written nonsense */
	uint64_t whole = 0, part = 0, scale = unit_us;
	bool any = false;

	for (; isdigit((unsigned char)*s); s++, any = true)
		whole = whole >= most ? most : whole * 10 + (*s - '0');
	*lost = false;
	if (*s == '.' && (any || isdigit((unsigned char)s[1]))) {
		for (s++; isdigit((unsigned char)*s); s++, any = true) {
			scale /= 10;
			if (scale) {
				part += (*s - '0') * scale;
			} else if (!*lost) { /* the first digit that is too many rounds */
				*lost = true;
				part += *s >= '5';
			}
		}
	}
	*end = s;
	*ret = whole * unit_us + part;
	return any;
}

bool value_us(struct load *l, const struct conf_node *n, uint32_t i, uint32_t unit_us, uint64_t min, uint64_t max,
	      uint64_t *ret)
{
	const char *what = unit_us == 1000000 ? "number of seconds"
			   : unit_us == 1000  ? "number of milliseconds"
					      : "number";
	const char *word, *end;
	uint64_t us;
	bool lost;

	if (!value_word(l, n, i, &word))
		return false;
	if (!parse_decimal(word + (*word == '+'), &end, unit_us, &us, &lost)) {
		if (*word == '-' && isdigit((unsigned char)word[1]))
			goto range;
		return not_a(l, n, i, what);
	}
	if (!rest_passes(l, n, i, end, what))
		return false;
	if (lost)
		load_error(l, CONF_ERROR, n, i, "%s: '%s' has more than %u decimals, it is rounded to %s",
			   n->words[0].text, word, unit_us == 1000000 ? 6 : 3, us_text(l, us, unit_us));
	if (us >= min && us <= max) {
		*ret = us;
		return true;
	}
range:
	load_error(l, CONF_ERROR, n, i, "%s: '%s' outside range [%s, %s]", n->words[0].text, word,
		   us_text(l, min, unit_us), us_text(l, max, unit_us));
	return false;
}

bool value_enum(struct load *l, const struct conf_node *n, uint32_t i, const struct row_word *words, bool fold,
		int64_t *ret)
{
	const struct row_word *w;
	const char *word, *hint = NULL;

	if (!value_word(l, n, i, &word))
		return false;
	for (w = words; w->word; w++) {
		if (!(fold ? strcasecmp : strcmp)(w->word, word)) {
			*ret = w->value;
			return true;
		}
		if (!strcasecmp(w->word, word))
			hint = w->word;
	}
	if (hint)
		load_error(l, CONF_ERROR, n, i, "%s: unknown value '%s', write '%s' (upper and lower case matter)",
			   n->words[0].text, word, hint);
	else
		load_error(l, CONF_ERROR, n, i, "%s: unknown value '%s', it must be %s", n->words[0].text, word,
			   load_choices(l, words));
	return false;
}

bool value_hex(struct load *l, const struct conf_node *n, uint32_t i, uint8_t *buf, size_t size, size_t *ret_len)
{
	const char *word;
	size_t len, k;

	if (!value_word(l, n, i, &word))
		return false;
	len = strlen(word);
	if (len % 2 || strspn(word, "0123456789abcdefABCDEF") != len)
		return not_a(l, n, i, "sequence of bytes in hexadecimal (two digits each)");
	if (len / 2 > size) {
		load_error(l, CONF_ERROR, n, i, "%s: %zu bytes, at most %zu are possible", n->words[0].text, len / 2,
			   size);
		return false;
	}
	for (k = 0; k < len / 2; k++) {
		char two[3] = { word[2 * k], word[2 * k + 1], 0 };

		buf[k] = strtoul(two, NULL, 16);
	}
	*ret_len = len / 2;
	return true;
}
