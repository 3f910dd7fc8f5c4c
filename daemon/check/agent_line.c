/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent_line - see agent_line.h. */
#include "agent_line.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_gap(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

static bool is_word(const char *w, size_t n, const char *want)
{
	return n == strlen(want) && !strncasecmp(w, want, n);
}

/* "75%"; bigger numbers stay at the maximum */
static bool percent(const char *w, size_t n, uint32_t *ret)
{
	uint32_t v = 0;

	if (n < 2 || w[n - 1] != '%')
		return false;
	for (size_t i = 0; i < n - 1; i++) {
		if (!isdigit((unsigned char)w[i]))
			return false;
		v = v * 10 + (uint32_t)(w[i] - '0');
		if (v > AGENT_PERCENT_MAX)
			v = AGENT_PERCENT_MAX;
	}
	*ret = v;
	return true;
}

/* A reason may have spaces in it: it is the rest of the line. */
static void take_reason(struct agent_answer *a, const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && n < sizeof(a->reason) - 1) {
		a->reason[n++] = isprint((unsigned char)*p) ? *p : '?';
		p++;
	}
	a->reason[n] = '\0';
}

static bool takes_down(const char *w, size_t n)
{
	return is_word(w, n, "down") || is_word(w, n, "stopped") || is_word(w, n, "fail") ||
	       is_word(w, n, "failed") || is_word(w, n, "maint");
}

/* One word; false: it is none that we know. With a reason, *end moves to the end of the line. */
static bool take_word(struct agent_answer *a, const char *w, const char **word_end, const char *end)
{
	size_t n = (size_t)(*word_end - w);
	const char *hash = memchr(w, '#', n);
	size_t stem = hash ? (size_t)(hash - w) : n;

	if (takes_down(w, stem)) {
		a->down = true;
		snprintf(a->word, sizeof(a->word), "%.*s", (int)stem, w);
		if (hash) {
			take_reason(a, hash + 1, end);
			*word_end = end;
		}
		return true;
	}
	if (percent(w, n, &a->percent)) {
		a->has_percent = true;
		return true;
	}
	if (is_word(w, n, "drain")) {
		a->drain = true;
		return true;
	}
	return is_word(w, n, "up") || is_word(w, n, "ready") || (n > 8 && !strncasecmp(w, "maxconn:", 8));
}

int agent_line(struct agent_answer *ret, const char *line, size_t len)
{
	struct agent_answer a = { 0 };
	const char *p = line, *end = line;
	bool known = false;

	while (end < line + len && *end != '\r' && *end != '\n' && *end)
		end++;
	while (p < end) {
		const char *w = p;

		if (is_gap(*p)) {
			p++;
			continue;
		}
		while (p < end && !is_gap(*p))
			p++;
		known |= take_word(&a, w, &p, end);
	}
	if (!known)
		return -EINVAL;
	if (a.has_percent && !a.percent)
		a.drain = true;
	*ret = a;
	return 0;
}
