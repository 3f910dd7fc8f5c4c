/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree - see tree.h: what a line becomes (reader_line), and lines and braces as a tree.
 *
 * A { belongs to the line before it, on that line or alone on a later one. Invariant: frames[0] is the root and
 * stays.
 */
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "reader.h"

void reader_stop(struct reader *r, struct conf_where w, const char *what, uint32_t limit)
{
	if (!r->stopped)
		conf_error(r->errors, CONF_FATAL, w, "more than %u %s: reading ends here", limit, what);
	r->stopped = true;
}

/* ---- lines and braces ---- */
static struct frame *top(struct reader *r)
{
	return &r->frames[r->n_frames - 1];
}

static void open_block(struct reader *r, struct conf_where w)
{
	struct conf_node *n = top(r)->pending;

	if (r->n_frames > READER_BLOCKS_MAX) {
		reader_stop(r, w, "blocks in each other", READER_BLOCKS_MAX);
		return;
	}
	if (!n) {
		conf_error(r->errors, CONF_ERROR, w,
			   "Unexpected '{': no keyword stands before it; what is inside is left out");
		n = arena_alloc(r->a, sizeof(*n));
	}
	n->has_block = true;
	top(r)->pending = NULL;
	r->frames[r->n_frames++] = (struct frame){ .node = n, .open = w };
}

static void close_block(struct reader *r, struct conf_where w)
{
	if (r->n_frames == 1) {
		conf_error(r->errors, CONF_ERROR, w, "Extra '}' found: no block is open here");
		return;
	}
	top(r)->node->end = w;
	r->n_frames--;
}

/* Words that steer the reader itself */
static void obey(struct reader *r, const struct conf_node *n)
{
	const char *word = n->words[0].text;

	if (r->n_frames != 2 || !top(r)->node->n_words || strcmp(top(r)->node->words[0].text, "global_defs"))
		return;
	if (!strcmp(word, "include_check"))
		include_set_check(r, n);
	else if (!strcmp(word, "random_seed") && n->n_words > 1)
		r->random = strtoul(n->words[1].text, NULL, 10) + 1;
}

/* Node, words and text in one piece of memory */
static void add_node(struct reader *r, struct line *l, uint32_t from, uint32_t to)
{
	uint32_t n_words = lex_words(l, from, to, NULL, NULL), n = to - from;
	struct conf_node *node;
	struct conf_word *words;
	char *text;

	r->words += n_words;
	if (r->words > READER_WORDS_MAX) {
		reader_stop(r, line_where(l, from), "words", READER_WORDS_MAX);
		return;
	}
	node = arena_alloc(r->a, sizeof(*node) + n_words * sizeof(*words) + n + 1 + n + n_words + 1);
	words = (struct conf_word *)(node + 1);
	text = (char *)(words + n_words);
	memcpy(text, l->s + from, n);
	node->raw = text;
	node->where = line_where(l, from);
	node->words = words;
	node->n_words = n_words;
	lex_words(l, from, to, words, text + n + 1);
	if (top(r)->last)
		top(r)->last->next = node;
	else
		top(r)->node->children = node;
	top(r)->last = top(r)->pending = node;
	obey(r, node);
}

/* Where the run of words that begins at `at' ends: before a brace that is not quoted */
static uint32_t words_end(const struct line *l, uint32_t at)
{
	bool quoted = false;

	while (at < l->n) {
		uint32_t braced = quoted || l->s[at] != '$' ? at : lex_skip_braced(l, at, l->n);

		if (!quoted && (l->s[at] == '{' || l->s[at] == '}') && braced == at)
			break;
		if (braced > at) {
			at = braced;
			continue;
		}
		if (l->s[at] == '\\' && at + 1 < l->n)
			at++;
		else if (l->s[at] == '"')
			quoted = !quoted;
		at++;
	}
	return at;
}

static void tree_add(struct reader *r, struct line *l, uint32_t at)
{
	uint32_t end;

	for (at = lex_skip_blanks(l, at); at < l->n && !r->stopped; at = lex_skip_blanks(l, at)) {
		if (l->s[at] == '{') {
			open_block(r, line_where(l, at++));
		} else if (l->s[at] == '}') {
			close_block(r, line_where(l, at++));
		} else {
			end = words_end(l, at);
			uint32_t trimmed = end;

			while (trimmed > at && lex_is_blank(l->s[trimmed - 1]))
				trimmed--;
			add_node(r, l, at, trimmed);
			at = end;
		}
	}
}

/* ---- what a line becomes ---- */
bool reader_condition(struct reader *r, struct line *l, uint32_t *at)
{
	size_t len = strlen(r->config_id);

	for (*at = lex_skip_blanks(l, *at); *at < l->n && l->s[*at] == '@'; *at = lex_skip_blanks(l, *at)) {
		bool negated = l->s[*at + 1] == '^', same;
		uint32_t from = *at + 1 + negated, to = from;

		while (to < l->n && !lex_is_blank(l->s[to]))
			to++;
		if (to == from) {
			conf_error(r->errors, CONF_WARNING, line_where(l, *at),
				   "@ stands alone, wanted @NAME or @^NAME: the line is left out");
			return false;
		}
		same = to - from == len && !memcmp(l->s + from, r->config_id, len);
		if (same == negated)
			return false;
		*at = to;
	}
	return true;
}

static void run_tails(struct reader *r, uint32_t keep, unsigned depth)
{
	while (r->n_tails > keep) {
		const struct value *v = r->tails[--r->n_tails].value;

		for (uint32_t i = 1; i < v->n && !r->stopped; i++)
			reader_line(r, &v->lines[i], 0, depth + 1, false);
	}
}

static void expand_line(struct reader *r, struct line *l, uint32_t at, unsigned depth)
{
	struct line *expanded = line_new(r);
	uint32_t n_tails = r->n_tails;

	param_expand(r, expanded, l, at);
	reader_line(r, expanded, 0, depth + 1, true);
	line_free(r, expanded);
	run_tails(r, n_tails, depth);
}

/* Each line of text after expansion is paid here */
static bool pay(struct reader *r, struct line *l, uint32_t at, unsigned depth)
{
	if (r->stopped)
		return false;
	if (depth > 4 * READER_DEPTH_MAX) {
		conf_error(
			r->errors, CONF_ERROR, line_where(l, 0),
			"parameters, sequences and files stand in each other more than %u deep: the line is left out",
			4 * READER_DEPTH_MAX);
		return false;
	}
	r->bytes += l->n - at;
	if (++r->lines > READER_LINES_MAX)
		reader_stop(r, line_where(l, 0), "lines", READER_LINES_MAX);
	else if (r->bytes > READER_BYTES_MAX)
		reader_stop(r, line_where(l, 0), "bytes of text after expansion", READER_BYTES_MAX);
	return !r->stopped;
}

void reader_line(struct reader *r, struct line *l, uint32_t at, unsigned depth, bool expanded)
{
	uint32_t pattern, len;
	int checks;

	at = lex_skip_blanks(l, at);
	if (at == l->n || !pay(r, l, at, depth) || !reader_condition(r, l, &at) || at == l->n)
		return;
	if (seq_begins(l, at)) {
		seq_run(r, l, at, depth);
		return;
	}
	len = param_definition(l, at);
	if (len) {
		param_define(r, l, at, at + len);
		return;
	}
	checks = include_begins(r, l, at, &pattern);
	if (checks >= 0 && (expanded || !strchr(l->s + at, '$')))
		include_run(r, l, at, checks, pattern);
	else if (!expanded && strchr(l->s + at, '$'))
		expand_line(r, l, at, depth);
	else
		tree_add(r, l, at);
}

/* ---- the whole ---- */
static const char *config_id(struct reader *r, const struct conf_options *o)
{
	struct utsname u;

	if (o->config_id && *o->config_id)
		return o->config_id;
	if (uname(&u))
		return "";
	return arena_strndup(r->a, u.nodename, strcspn(u.nodename, "."));
}

static void say_open(struct reader *r)
{
	unsigned open = r->n_frames - 1;
	const struct conf_node *n;

	if (!open || r->stopped)
		return;
	n = r->frames[1].node;
	conf_error(r->errors, CONF_ERROR, r->frames[1].open,
		   "There are %u missing '}'s: the block %.200s that opens here is not closed", open,
		   n->raw ? n->raw : "");
}

const struct conf_node *conf_tree_read(struct arena *a, const struct conf_io *io, const struct conf_options *o,
				       struct conf_errors *errors)
{
	struct conf_node *root = arena_alloc(a, sizeof(*root));
	struct reader *r = arena_alloc(a, sizeof(*r));

	*r = (struct reader){
		.a = a, .io = io, .o = o, .errors = errors, .n_frames = 1, .checks = o->all_includes ? CHECK_ALL : 0
	};
	r->frames[0].node = root;
	r->config_id = config_id(r, o);
	root->raw = "";
	root->has_block = true;
	include_main(r, o->path);
	say_open(r);
	return root;
}
