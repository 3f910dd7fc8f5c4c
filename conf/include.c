/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include - files: which ones an include names, and their lines, one after the other.
 *
 * Opens nothing itself: conf_io does. Relative names are relative to the including file's directory. A definition of
 * several lines belongs to the file that begins it. Standard: keepalived.conf(5) on include and include_check.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

/* ---- lines of one file ---- */
struct joiner {
	struct reader *r;
	struct value *value; /* a definition of several lines is being read */
	const char *name;
	bool wanted;	     /* its conditions hold */
	struct line *joined; /* any other line that goes on */
};

static bool take_backslash(struct line *l)
{
	if (!l->n || l->s[l->n - 1] != '\\' || (l->n > 1 && l->s[l->n - 2] == '\\'))
		return false;
	line_cut(l, l->n - 1);
	return true;
}

static void begin_definition(struct joiner *j, struct line *l, uint32_t at, uint32_t len, bool wanted)
{
	uint32_t from = lex_skip_blanks(l, at + len);

	j->value = param_begin(j->r);
	j->value->multi = true;
	j->name = arena_strndup(j->r->a, l->s + at + 1, len - 2);
	j->wanted = wanted;
	if (from < l->n)
		param_add_line(j->r, j->value, l, from);
}

static void go_on(struct joiner *j, struct line *l, bool more)
{
	struct line *all = j->joined;

	if (l->n) {
		line_put(j->r, all, " ", 1);
		line_put_part(j->r, all, l, lex_skip_blanks(l, 0), l->n, NULL);
	}
	if (more)
		return;
	j->joined = NULL;
	reader_line(j->r, all, 0, j->r->source->depth, false);
	line_free(j->r, all);
}

static void begin_joined(struct joiner *j, struct line *l)
{
	struct source *src = j->r->source;

	if (!src->said_joined)
		conf_error(j->r->errors, CONF_HINT, line_where(l, l->n),
			   "a \\ at the end of a line that is no $NAME= goes on on the next line here: keepalived "
			   "would not");
	src->said_joined = true;
	j->joined = line_new(j->r);
	line_put_part(j->r, j->joined, l, 0, l->n, NULL);
}

static void end_definition(struct joiner *j)
{
	if (j->value && j->wanted)
		param_set(j->r, j->name, strlen(j->name), j->value);
	j->value = NULL;
}

static void take_line(struct joiner *j, struct line *l)
{
	bool more = take_backslash(l), wanted;
	uint32_t at = 0, len;

	if (j->value) {
		if (l->n)
			param_add_line(j->r, j->value, l, lex_skip_blanks(l, 0));
		if (l->n && !more)
			end_definition(j);
		return;
	}
	if (j->joined) {
		go_on(j, l, more);
		return;
	}
	if (!more) {
		reader_line(j->r, l, 0, j->r->source->depth, false);
		return;
	}
	wanted = reader_condition(j->r, l, &at);
	while (!wanted && at < l->n && l->s[at] == '@') /* a definition that is not wanted ends where it would have */
		at = lex_skip_blanks(l, at + (uint32_t)strcspn(l->s + at, " \t"));
	len = param_definition(l, at);
	if (len)
		begin_definition(j, l, at, len, wanted);
	else
		begin_joined(j, l);
}

static void read_text(struct reader *r, const char *text, size_t len)
{
	struct joiner j = { .r = r };
	const char *end, *next;
	struct line *l;
	uint32_t n = 0;

	for (const char *p = text; p < text + len && !r->stopped; p = next) {
		end = memchr(p, '\n', (size_t)(text + len - p));
		next = end ? end + 1 : text + len;
		end = end ? end : next;
		while (end > p && end[-1] == '\r')
			end--;
		l = line_new(r);
		lex_clean(r, l, ++n, p, (size_t)(end - p));
		take_line(&j, l);
		line_free(r, l);
		if (++r->lines > READER_LINES_MAX)
			reader_stop(r, (struct conf_where){ r->source->name, n, 0 }, "lines", READER_LINES_MAX);
	}
	end_definition(&j);
	if (j.joined) {
		l = line_new(r);
		go_on(&j, l, false);
		line_free(r, l);
	}
}

static bool is_utf16(const char *text, size_t len)
{
	return len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
}

static const char *dir_of(struct reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(r->a, path, (size_t)(slash - path) + 1) : "";
}

/* Reads one file, at `asked' (line 0: it is the main one) */
static int read_file(struct reader *r, const char *path, struct conf_where asked)
{
	unsigned depth = r->source ? r->source->depth + 1 : 0, checks = r->checks;
	struct source src = { .up = r->source, .depth = depth };
	size_t len, skip;
	char *text;
	int n;

	if (r->files++ >= READER_FILES_MAX) {
		reader_stop(r, asked, "files", READER_FILES_MAX);
		return 0;
	}
	for (const struct source *s = r->source; s; s = s->up) {
		if (strcmp(s->name, path) && depth <= READER_DEPTH_MAX)
			continue;
		conf_error(r->errors, CONF_ERROR, asked,
			   depth > READER_DEPTH_MAX ? "%s is left out: files include each other more than 32 deep"
						    : "%s is left out: it includes itself",
			   path);
		return 0;
	}
	n = r->io->read(r->io->arg, path, &text, &len);
	if (n < 0)
		return n;
	src.name = arena_strdup(r->errors->arena, path);
	src.dir = dir_of(r, path);
	r->source = &src;
	skip = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	if (is_utf16(text, len))
		conf_error(r->errors, CONF_ERROR, (struct conf_where){ src.name, 0, 0 },
			   "the file is UTF-16 and is left out: save it as UTF-8");
	else
		read_text(r, text + skip, len - skip);
	free(text);
	r->source = (struct source *)src.up;
	r->checks = checks;
	return 0;
}

/* ---- names ---- */
int include_begins(const struct reader *r, const struct line *l, uint32_t at, uint32_t *ret_pattern)
{
	static const struct {
		const char *word;
		int checks;
	} kinds[] = {
		{ "include", 0 },
		{ "includer", CHECK_READ },
		{ "includem", CHECK_MATCH | CHECK_READ },
		{ "includew", CHECK_WILD | CHECK_READ },
		{ "includeb", CHECK_BRACE | CHECK_READ },
		{ "includea", CHECK_ALL },
	};
	uint32_t n = 0;

	if (l->s[at] != 'i')
		return -1;
	while (at + n < l->n && !lex_is_blank(l->s[at + n]))
		n++;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].word) == n && !memcmp(l->s + at, kinds[i].word, n)) {
			*ret_pattern = lex_skip_blanks(l, at + n);
			return kinds[i].checks | (int)r->checks;
		}
	}
	return -1;
}

struct include {
	struct reader *r;
	struct conf_where w;
	int checks;
};

static int include_one(void *arg, const char *path)
{
	struct include *inc = arg;
	int r = read_file(inc->r, path, inc->w);

	if (r < 0)
		conf_error(inc->r->errors, inc->checks & CHECK_READ ? CONF_MISSING_FILE : CONF_NOTE, inc->w,
			   "%s is left out: it cannot be read: %s", path, strerror(-r));
	return inc->r->stopped;
}

/* Ends of the first { } of s with a comma between; the commas go to ret_commas, at most max. 0: there is none. */
static int brace_parts(const char *s, const char **ret_open, const char *ret_part[], int max)
{
	const char *open = strchr(s, '{');
	int depth = 0, n = 1;

	if (!open)
		return 0;
	*ret_open = open;
	ret_part[0] = open + 1;
	for (const char *p = open; *p; p++) {
		depth += *p == '{' ? 1 : *p == '}' ? -1 : 0;
		if (!depth) {
			ret_part[n] = p + 1;
			return n;
		}
		if (*p == ',' && depth == 1 && n < max - 1)
			ret_part[n++] = p + 1;
	}
	return 0;
}

#define PARTS_MAX 64

static void include_pattern(struct include *inc, const char *pattern, unsigned depth);

/* With brace_match, each alternative must match by itself */
static bool include_alternatives(struct include *inc, const char *pattern, unsigned depth)
{
	const char *open, *part[PARTS_MAX + 1];
	int n = brace_parts(pattern, &open, part, PARTS_MAX);

	if (n < 1 || depth > 8)
		return false;
	for (int i = 0; i < n && !inc->r->stopped; i++)
		include_pattern(inc,
				arena_printf(inc->r->a, "%.*s%.*s%s", (int)(open - pattern), pattern,
					     (int)(part[i + 1] - part[i] - 1), part[i], part[n]),
				depth + 1);
	return true;
}

static void include_pattern(struct include *inc, const char *pattern, unsigned depth)
{
	bool wild = strpbrk(pattern, "*?["), must;
	int n;

	if (inc->checks & CHECK_BRACE && include_alternatives(inc, pattern, depth))
		return;
	n = inc->r->io->glob(inc->r->io->arg, pattern, include_one, inc);
	if (n > 0 || inc->r->stopped)
		return;
	must = (inc->checks & CHECK_WILD) || (inc->checks & (CHECK_MATCH | CHECK_READ | CHECK_BRACE) && !wild);
	if (n < 0)
		conf_error(inc->r->errors, CONF_MISSING_FILE, inc->w, "%s: %s", pattern, strerror(-n));
	else if (must)
		conf_error(inc->r->errors, CONF_MISSING_FILE, inc->w,
			   "no readable file matches %s (directories and executable files do not count)", pattern);
	else if (!wild)
		conf_error(inc->r->errors, CONF_NOTE, inc->w,
			   "no readable file is %s: nothing is included (includer would make this an error)",
			   pattern);
}

void include_run(struct reader *r, struct line *l, uint32_t at, int checks, uint32_t from)
{
	struct include inc = { .r = r, .w = line_where(l, from), .checks = checks };
	uint32_t n = l->n - from;
	const char *s = l->s + from;

	if (!n) {
		conf_error(r->errors, CONF_MISSING_PARAM, line_where(l, at), "include wants the name of a file");
		return;
	}
	if (n > 1 && *s == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	include_pattern(&inc, arena_printf(r->a, "%s%.*s", *s == '/' ? "" : r->source->dir, (int)n, s), 0);
}

void include_main(struct reader *r, const char *path)
{
	struct include inc = { .r = r, .w = { .file = arena_strdup(r->errors->arena, path) }, .checks = CHECK_READ };
	int n = read_file(r, path, inc.w);

	if (n == -ENOENT && strpbrk(path, "*?[{"))
		include_pattern(&inc, path, 0);
	else if (n < 0)
		conf_error(r->errors, CONF_MISSING_FILE, inc.w, "the configuration cannot be read: %s", strerror(-n));
}

void include_set_check(struct reader *r, const struct conf_node *n)
{
	static const struct {
		const char *word;
		unsigned checks;
	} of[] = {
		{ "read", CHECK_READ },
		{ "readable", CHECK_READ },
		{ "match", CHECK_MATCH | CHECK_READ },
		{ "wildcard_match", CHECK_WILD | CHECK_READ },
		{ "brace_match", CHECK_BRACE | CHECK_READ },
	};
	unsigned checks = 0;
	const char *s;

	if (n->n_words == 1)
		r->checks = CHECK_ALL;
	for (uint32_t i = 1; i < n->n_words; i++) {
		s = n->words[i].text;
		if (i == 1 && (*s == '+' || *s == '-'))
			checks = r->checks;
		for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
			if (strcmp(of[k].word, s + (*s == '+' || *s == '-')))
				continue;
			checks = *s == '-' ? checks & ~(of[k].checks & ~(of[k].checks > CHECK_READ ? CHECK_READ : 0))
					   : checks | of[k].checks;
		}
		r->checks = checks;
	}
}
