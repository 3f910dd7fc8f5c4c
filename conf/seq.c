/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seq - ~SEQ(VAR, [START, [STEP,]] END) TEXT, ~SEQx (hexadecimal), ~LST(VAR, VALUE, ...) TEXT and
 * ~LST({VAR, ...}, {VALUE, ...}, ...) TEXT: the text once for each value, which a parameter of that name stands for.
 *
 * Afterwards the parameter is what it was before. Standard: keepalived.conf(5), "Sequence blocks" and "List blocks".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

#define VARS_MAX 32

struct field {
	const char *s;
	uint32_t n;
};

struct seq {
	struct reader *r;
	struct line *l;
	uint32_t body; /* where the text begins */
	unsigned depth;
	struct conf_where w;
};

bool seq_begins(const struct line *l, uint32_t at)
{
	const char *s = l->s + at;

	return !strncmp(s, "~SEQ(", 5) || !strncmp(s, "~SEQx(", 6) || !strncmp(s, "~LST(", 5);
}

static struct field trimmed(const char *s, const char *end)
{
	while (s < end && lex_is_blank(*s))
		s++;
	while (s < end && lex_is_blank(end[-1]))
		end--;
	return (struct field){ s, (uint32_t)(end - s) };
}

/* Takes the next of fields between commas, those within { } not counted. False: there is none. */
static bool next_field(const char **s, const char *end, struct field *ret)
{
	const char *p = *s;
	int depth = 0;

	if (p > end)
		return false;
	while (p < end && (*p != ',' || depth)) {
		depth += *p == '{' ? 1 : *p == '}' && depth ? -1 : 0;
		p++;
	}
	*ret = trimmed(*s, p);
	*s = p + 1;
	return true;
}

static bool is_name(const struct field *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (!param_name_char(f->s[i], i == 0))
			return false;
	return f->n;
}

/* Fields of {a, b} or just a; how many, -1: more than VARS_MAX, or a brace is missing */
static int group(const struct field *f, struct field *ret)
{
	const char *s = f->s, *end = f->s + f->n;
	int n = 0;

	if (!f->n || *s != '{') {
		ret[0] = *f;
		return 1;
	}
	if (end[-1] != '}')
		return -1;
	for (s++, end--; n < VARS_MAX && next_field(&s, end, &ret[n]); n++)
		;
	return s > end ? n : -1;
}

static struct value *value_of(struct seq *q, const char *text, uint32_t n)
{
	struct value *v = param_begin(q->r);
	struct line *l = line_new(q->r);

	line_put(q->r, l, text, n);
	param_add_line(q->r, v, l, 0);
	line_free(q->r, l);
	return v;
}

/* ---- ~SEQ ---- */
static bool number(const struct field *f, int64_t *ret)
{
	char buf[24], *end;
	bool hex;

	if (!f->n || f->n >= sizeof(buf))
		return false;
	memcpy(buf, f->s, f->n);
	buf[f->n] = 0;
	hex = !strncmp(buf + (buf[0] == '-'), "0x", 2);
	errno = 0;
	*ret = strtoll(buf, &end, hex ? 16 : 10);
	return !*end && !errno && *ret >= -(1ll << 40) && *ret <= 1ll << 40;
}

/* Start, step and end from the numbers given */
static bool seq_range(struct seq *q, const struct field *f, int n, int64_t range[3])
{
	int64_t given[3];

	for (int i = 0; i < n; i++) {
		if (!number(&f[i], &given[i])) {
			conf_error(q->r->errors, CONF_ERROR, q->w,
				   "~SEQ: \"%.*s\" is no whole number (decimal, or hexadecimal as 0x1f): the line is "
				   "left out",
				   (int)f[i].n, f[i].s);
			return false;
		}
	}
	range[2] = given[n - 1];
	range[0] = n > 1 ? given[0] : range[2] > 0 ? 1 : -1;
	range[1] = n > 2 ? given[1] : range[2] >= range[0] ? 1 : -1;
	if (!range[1] || (range[1] > 0) != (range[2] >= range[0])) {
		conf_error(q->r->errors, CONF_ERROR, q->w,
			   "~SEQ: steps of %lld never lead from %lld to %lld: the line is left out",
			   (long long)range[1], (long long)range[0], (long long)range[2]);
		return false;
	}
	if ((range[2] - range[0]) / range[1] >= READER_SEQ_MAX) {
		conf_error(q->r->errors, CONF_ERROR, q->w, "~SEQ: more than %u values: the line is left out",
			   READER_SEQ_MAX);
		return false;
	}
	return true;
}

static void run_seq(struct seq *q, const char *s, const char *end, bool hex)
{
	const struct value *old;
	struct value *v;
	struct field f[5];
	int64_t range[3];
	int n = 0;

	while (n < 5 && next_field(&s, end, &f[n]))
		n++;
	if (n < 2 || n > 4 || !is_name(&f[0])) {
		conf_error(q->r->errors, CONF_ERROR, q->w,
			   "wanted ~SEQ(NAME, [START, [STEP,]] END) TEXT, the name of letters, digits and _: the "
			   "line is left out");
		return;
	}
	if (!seq_range(q, f + 1, n - 1, range))
		return;
	old = param_get(q->r, f[0].s, f[0].n);
	v = value_of(q, "00000000000000000000", 20); /* room for each number: one value serves all */
	param_set(q->r, f[0].s, f[0].n, v);
	for (int64_t i = range[0]; range[1] > 0 ? i <= range[2] : i >= range[2]; i += range[1]) {
		if (hex)
			n = snprintf(v->lines[0].s, 20, "%s%llx", i < 0 ? "-" : "",
				     (unsigned long long)(i < 0 ? -i : i));
		else
			n = snprintf(v->lines[0].s, 20, "%lld", (long long)i);
		v->lines[0].n = (uint32_t)n;
		reader_line(q->r, q->l, q->body, q->depth + 1, false);
		if (q->r->stopped)
			break;
	}
	param_set(q->r, f[0].s, f[0].n, old);
}

/* ---- ~LST ---- */
static bool lst_vars(struct seq *q, const struct field *f, struct field *vars, int *ret_n)
{
	*ret_n = group(f, vars);
	for (int i = 0; i < *ret_n; i++)
		if (!is_name(&vars[i]))
			*ret_n = -1;
	if (*ret_n > 0)
		return true;
	conf_error(
		q->r->errors, CONF_ERROR, q->w,
		"wanted ~LST(NAME, VALUE, ...) TEXT or ~LST({NAME, ...}, {VALUE, ...}, ...) TEXT, at most %d names: "
		"the line is left out",
		VARS_MAX);
	return false;
}

static void run_lst(struct seq *q, const char *s, const char *end)
{
	struct field f, vars[VARS_MAX], values[VARS_MAX];
	const struct value *old[VARS_MAX];
	int n_vars = 0, n;

	next_field(&s, end, &f);
	if (!lst_vars(q, &f, vars, &n_vars))
		return;
	if (s > end)
		conf_error(q->r->errors, CONF_ERROR, q->w, "~LST: no values follow the name: the line is left out");
	for (int i = 0; i < n_vars; i++)
		old[i] = param_get(q->r, vars[i].s, vars[i].n);
	while (next_field(&s, end, &f) && !q->r->stopped) {
		n = n_vars > 1 || (f.n && *f.s == '{') ? group(&f, values) : 1;
		if (n == 1 && n_vars == 1 && !(f.n && *f.s == '{'))
			values[0] = f;
		if (n != n_vars) {
			conf_error(q->r->errors, CONF_ERROR, q->w,
				   "~LST: %d names want %d values, as {a, b}, not \"%.*s\": this one is left out",
				   n_vars, n_vars, (int)f.n, f.s);
			continue;
		}
		for (int i = 0; i < n_vars; i++)
			param_set(q->r, vars[i].s, vars[i].n, value_of(q, values[i].s, values[i].n));
		reader_line(q->r, q->l, q->body, q->depth + 1, false);
	}
	for (int i = 0; i < n_vars; i++)
		param_set(q->r, vars[i].s, vars[i].n, old[i]);
}

void seq_run(struct reader *r, struct line *l, uint32_t at, unsigned depth)
{
	struct seq q = { .r = r, .l = l, .depth = depth, .w = line_where(l, at) };
	uint32_t open = (uint32_t)(strchr(l->s + at, '(') - l->s), n_tails = r->n_tails;
	const char *close = strchr(l->s + open, ')');
	struct line *spec, *given;

	if (!close) {
		conf_error(r->errors, CONF_ERROR, q.w, "%.*s has no ): the line is left out", (int)(open - at),
			   l->s + at);
		return;
	}
	q.body = (uint32_t)(close - l->s) + 1;
	given = line_new(r);
	line_put_part(r, given, l, open + 1, q.body - 1, NULL);
	spec = line_new(r);
	param_expand(r, spec, given, 0);
	if (r->n_tails != n_tails) {
		conf_error(r->errors, CONF_ERROR, q.w,
			   "a parameter of several lines cannot be used here: the line is left out");
		r->n_tails = n_tails;
	} else if (l->s[at + 1] == 'L') {
		run_lst(&q, spec->s, spec->s + spec->n);
	} else {
		run_seq(&q, spec->s, spec->s + spec->n, l->s[at + 4] == 'x');
	}
	line_free(r, spec);
	line_free(r, given);
}
