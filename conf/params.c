/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * params - $NAME=value, $NAME and ${NAME}, and the names that are always there (${_PWD} ...).
 *
 * Values are replaced where they are used, not where they are defined, so a value may name what is defined later;
 * what is not defined stays as written. Standard: keepalived.conf(5), "Parameter substitution".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "reader.h"

bool param_name_char(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
}

static uint32_t name_length(const char *s, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && param_name_char(s[i], i == 0))
		i++;
	return i;
}

uint32_t param_definition(const struct line *l, uint32_t at)
{
	uint32_t n;

	if (at >= l->n || l->s[at] != '$')
		return 0;
	n = name_length(l->s + at + 1, l->n - at - 1);
	return n && l->s[at + 1 + n] == '=' ? n + 2 : 0;
}

/* ---- the table ---- */
static uint32_t name_hash(const char *s, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

static struct param *place(const struct reader *r, const char *name, size_t n)
{
	uint32_t i = name_hash(name, n) & (r->room_params - 1);

	while (r->params[i].name && (strncmp(r->params[i].name, name, n) || r->params[i].name[n]))
		i = (i + 1) & (r->room_params - 1);
	return &r->params[i];
}

static void grow(struct reader *r)
{
	struct param *old = r->params;
	uint32_t room = r->room_params;

	r->room_params = room ? room * 2 : 64;
	r->params = arena_alloc(r->a, r->room_params * sizeof(*old));
	for (uint32_t i = 0; i < room; i++)
		if (old[i].name)
			*place(r, old[i].name, strlen(old[i].name)) = old[i];
}

void param_set(struct reader *r, const char *name, size_t n, const struct value *v)
{
	struct param *p;

	if (r->n_params * 2 >= r->room_params)
		grow(r);
	p = place(r, name, n);
	if (!p->name) {
		p->name = arena_strndup(r->a, name, n);
		r->n_params++;
	}
	p->value = v;
}

const struct value *param_get(const struct reader *r, const char *name, size_t n)
{
	return r->n_params ? place(r, name, n)->value : NULL;
}

struct value *param_begin(struct reader *r)
{
	return arena_alloc(r->a, sizeof(struct value));
}

void param_add_line(struct reader *r, struct value *v, const struct line *l, uint32_t from)
{
	struct line *lines;
	uint32_t n;

	if (!(v->n & (v->n - 1))) {
		lines = arena_alloc(r->a, (v->n ? v->n * 2 : 1) * sizeof(*lines));
		if (v->n)
			memcpy(lines, v->lines, v->n * sizeof(*lines));
		v->lines = lines;
	}
	n = l->n - from + 1;
	v->lines[v->n] = (struct line){
		.s = arena_alloc(r->a, n), .room = n, .spans = arena_alloc(r->a, sizeof(struct span)), .room_spans = 1
	};
	line_put_part(r, &v->lines[v->n++], l, from, l->n, NULL);
}

void param_define(struct reader *r, struct line *l, uint32_t at, uint32_t value_at)
{
	struct value *v = param_begin(r);

	param_add_line(r, v, l, lex_skip_blanks(l, value_at));
	param_set(r, l->s + at + 1, value_at - at - 2, v);
}

/* ---- names that are always there ---- */
static uint64_t random_next(struct reader *r)
{
	if (!r->random && getrandom(&r->random, sizeof(r->random), GRND_NONBLOCK) != sizeof(r->random))
		r->random = (uintptr_t)r ^ (uint64_t)getpid() << 32;
	r->random += 0x9e3779b97f4a7c15u; /* splitmix64: any seed is a good one */
	uint64_t z = r->random;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static const char *random_text(struct reader *r, const char *args, struct conf_where w, char *buf, size_t size)
{
	unsigned long min = 0, max = 32767;
	int n = 0;

	if (*args && (sscanf(args, "%9lu %n", &min, &n) < 1 ||
		      (args[n] && sscanf(args + n, "%9lu %n", &max, &n) < 1) || strchr(args, '-') || max < min)) {
		conf_error(r->errors, CONF_ERROR, w,
			   "${_RANDOM %s}: wanted [MIN [MAX]], whole numbers up to 999999999, "
			   "MIN not above MAX (default 0 32767)",
			   args);
		return "0";
	}
	snprintf(buf, size, "%lu", min + (unsigned long)(random_next(r) % (max - min + 1)));
	return buf;
}

static const char *pwd_text(struct reader *r)
{
	const char *dir = r->source->dir;
	char cwd[4096], *text;
	size_t n;

	text = dir[0] == '/' ? arena_strdup(r->a, dir)
			     : arena_printf(r->a, "%s/%s", getcwd(cwd, sizeof(cwd)) ? cwd : ".", dir);
	n = strlen(text);
	while (n > 1 && text[n - 1] == '/')
		text[--n] = 0;
	return text;
}

/* The text of ${name}, which may have arguments; NULL: no such name. What it returns lives until the next call. */
static const char *predefined(struct reader *r, const char *name, uint32_t n, struct conf_where w, char *buf,
			      size_t size)
{
	uint32_t len = name_length(name, n), args = len;
	const char *text;
	char arg[256];

	while (args < n && name[args] == ' ')
		args++;
	if ((args == len && args < n) || n - args >= sizeof(arg))
		return NULL;
	memcpy(arg, name + args, n - args);
	arg[n - args] = 0;
#define IS(what) (len == sizeof(what) - 1 && !memcmp(name, what, len))
	if (IS("_RANDOM"))
		return random_text(r, arg, w, buf, size);
	if (IS("_ENV") && *arg) {
		text = getenv(arg);
		if (!text)
			conf_error(r->errors, CONF_WARNING, w,
				   "${_ENV %s}: the environment has no %s: taken as empty", arg, arg);
		return text ? text : "";
	}
	if (*arg)
		return NULL;
	if (IS("_PWD"))
		return pwd_text(r);
	if (IS("_INSTANCE"))
		return r->o->instance && *r->o->instance ? r->o->instance : r->config_id;
	if (IS("_HASH"))
		return "#";
	return IS("_BANG") ? "!" : NULL;
#undef IS
}

/* ---- expansion ---- */
struct expansion {
	struct reader *r;
	struct line *dst;
	bool failed; /* a parameter that never ends: the line is left out */
	bool ended;  /* by a parameter of several lines: nothing may follow */
	const char *ended_by;
	uint32_t ended_len;
};

/* What stands at a $: from..end its name (with arguments), next what follows. False: just a $. */
struct use {
	uint32_t from, end, next;
	bool braced;
};

static bool find_use(const struct line *l, uint32_t at, struct use *ret)
{
	const char *close;
	uint32_t n;

	if (at + 1 < l->n && l->s[at + 1] == '{') {
		close = memchr(l->s + at, '}', l->n - at);
		if (!close || !param_name_char(l->s[at + 2], true))
			return false;
		*ret = (struct use){ at + 2, (uint32_t)(close - l->s), (uint32_t)(close - l->s) + 1, true };
		return true;
	}
	n = name_length(l->s + at + 1, l->n - at - 1);
	*ret = (struct use){ at + 1, at + 1 + n, at + 1 + n, false };
	return n && (ret->next == l->n || lex_is_blank(l->s[ret->next]) || l->s[ret->next] == ',' ||
		     l->s[ret->next] == ')');
}

static void push_tail(struct reader *r, const struct value *v)
{
	struct tail *tails;

	if (r->n_tails == r->room_tails) {
		r->room_tails = r->room_tails ? r->room_tails * 2 : 8;
		tails = arena_alloc(r->a, r->room_tails * sizeof(*tails));
		if (r->n_tails)
			memcpy(tails, r->tails, r->n_tails * sizeof(*tails));
		r->tails = tails;
	}
	r->tails[r->n_tails++].value = v;
}

static void expand(struct expansion *x, struct line *l, uint32_t at, const struct conf_where *fixed, unsigned depth);

/* Replaces one use. False: it is not defined. */
static bool replace(struct expansion *x, struct line *l, const struct use *u, const struct conf_where *fixed,
		    unsigned depth)
{
	const char *name = l->s + u->from;
	uint32_t n = u->end - u->from;
	struct conf_where w = fixed ? *fixed : line_where(l, u->from - (u->braced ? 2 : 1));
	const struct value *v = param_get(x->r, name, n);
	const char *text;
	char buf[32];

	if (!v) {
		text = predefined(x->r, name, n, w, buf, sizeof(buf));
		if (!text)
			return false;
		line_mark(x->r, x->dst, w, true);
		line_put(x->r, x->dst, text, strlen(text));
		return true;
	}
	if (depth >= READER_DEPTH_MAX) {
		conf_error(x->r->errors, CONF_ERROR, w,
			   "parameter %.*s stands for itself, or parameters stand for each other more than %u deep: "
			   "the line is left out",
			   (int)n, name, READER_DEPTH_MAX);
		x->failed = true;
		return true;
	}
	if (++x->r->uses > READER_LINES_MAX) {
		reader_stop(x->r, w, "parameters replaced", READER_LINES_MAX);
		return true;
	}
	if (v->n)
		expand(x, &v->lines[0], 0, v->multi ? NULL : &w, depth + 1);
	if (v->multi) {
		if (v->n > 1)
			push_tail(x->r, v);
		x->ended = true;
		x->ended_by = name;
		x->ended_len = n;
	}
	return true;
}

static void say_rest(struct expansion *x, struct line *l, uint32_t at, const struct conf_where *fixed)
{
	at = lex_skip_blanks(l, at);
	if (at < l->n)
		conf_error(x->r->errors, CONF_ERROR, fixed ? *fixed : line_where(l, at),
			   "nothing may follow %.*s on its line, which stands for several lines: \"%s\" is left out",
			   (int)x->ended_len, x->ended_by, l->s + at);
}

/* One more step behind a character: backslashes protect quotes, quotes protect braces */
static void track_quote(const struct line *l, uint32_t *i, bool *quoted)
{
	if (l->s[*i] == '\\' && *i + 1 < l->n)
		++*i;
	else if (l->s[*i] == '"')
		*quoted = !*quoted;
	++*i;
}

static void expand(struct expansion *x, struct line *l, uint32_t at, const struct conf_where *fixed, unsigned depth)
{
	uint32_t done = at, i = at;
	bool quoted = false;
	struct use u;

	while (i < l->n && !x->r->stopped && !x->failed) {
		if (l->s[i] != '$' || !find_use(l, i, &u)) {
			track_quote(l, &i, &quoted);
			continue;
		}
		line_put_part(x->r, x->dst, l, done, i, fixed);
		done = i;
		if (replace(x, l, &u, fixed, depth)) {
			done = u.next;
			if (x->ended) {
				say_rest(x, l, done, fixed);
				return;
			}
			if (!fixed && done < l->n)
				line_mark(x->r, x->dst, line_where(l, done), false);
		} else if (u.braced && !quoted) {
			conf_error(x->r->errors, CONF_WARNING, fixed ? *fixed : line_where(l, i),
				   "parameter %.*s is not defined: a line $%.*s=VALUE must stand before its use",
				   (int)(u.end - u.from), l->s + u.from, (int)(u.end - u.from), l->s + u.from);
		}
		i = u.next;
	}
	line_put_part(x->r, x->dst, l, done, l->n, fixed);
}

void param_expand(struct reader *r, struct line *dst, struct line *l, uint32_t at)
{
	struct expansion x = { .r = r, .dst = dst };

	line_mark(r, dst, line_where(l, at), false);
	expand(&x, l, at, NULL, 0);
	if (x.failed)
		line_cut(dst, 0);
}
