/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reader - what the parts of conf_tree_read() share (internal: lex, params, seq, include, tree).
 *
 * A line of a file is cleaned (lex.c), then goes through reader_line(): conditions, sequences, definitions, includes,
 * parameters, until words and braces are left, which tree_add() hangs into the tree. Whatever a line becomes, each
 * byte of it knows where it stands in the original text (struct span).
 * Invariant: all work is paid from the budgets below, so any input ends.
 */
#ifndef ELVS_CONF_READER_H
#define ELVS_CONF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "conf.h"
#include "error.h"
#include "tree.h"

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define READER_LINES_MAX 20000u
#define READER_BYTES_MAX (1u << 20)
#define READER_FILES_MAX 50u
#define READER_SEQ_MAX 5000u
#else
#define READER_LINES_MAX 4000000u    /* after expansion */
#define READER_BYTES_MAX (64u << 20) /* of text after expansion */
#define READER_FILES_MAX 10000u
#define READER_SEQ_MAX 1000000u /* values of one ~SEQ */
#endif
#define READER_WORDS_MAX (READER_LINES_MAX * 4)
#define READER_DEPTH_MAX 32u  /* of parameters, sequences and files in each other */
#define READER_BLOCKS_MAX 32u /* of blocks in each other */

/*
 * From offset at on, text stands at w: all of it (fixed: it was put there by a parameter), or character by character
 */
struct span {
	uint32_t at;
	bool fixed;
	struct conf_where w;
};

/*
 * Text with places; NUL-terminated. Memory comes from the arena and is used again by way of the reader's free list.
 */
struct line {
	char *s;
	uint32_t n, room;
	struct span *spans;
	uint32_t n_spans, room_spans;
	uint32_t seen, seen_span, seen_col; /* line_where() goes on from here: words are asked for in order */
	struct line *next;		    /* in the free list */
};

struct source {
	const char *name; /* in the messages' arena */
	const char *dir;  /* "": the current one; else ends with / */
	const struct source *up;
	unsigned depth;
	bool said_blank, said_quote, said_mark, said_joined; /* each said once a file */
};

/* What a parameter stands for: one line, or several */
struct value {
	struct line *lines;
	uint32_t n;
	bool multi;
};
struct param {
	const char *name;
	const struct value *value; /* NULL: not defined (any more) */
};

/* Lines of a parameter that are still to come after the one being expanded */
struct tail {
	const struct value *value;
};

enum include_check { CHECK_READ = 1, CHECK_MATCH = 2, CHECK_WILD = 4, CHECK_BRACE = 8, CHECK_ALL = 15 };

struct frame {
	struct conf_node *node;	   /* whose children these are */
	struct conf_node *last;	   /* child */
	struct conf_node *pending; /* a { would be its block */
	struct conf_where open;
};

struct reader {
	struct arena *a;
	struct conf_errors *errors;
	const struct conf_io *io;
	const struct conf_options *o;
	const char *config_id;
	struct source *source; /* being read */
	unsigned checks;       /* enum include_check, of include_check */
	uint64_t random;       /* state of ${_RANDOM}, 0: not begun */

	struct param *params;
	uint32_t n_params, room_params;
	struct tail *tails;
	uint32_t n_tails, room_tails;
	struct line *free_lines;

	struct frame frames[READER_BLOCKS_MAX + 1];
	unsigned n_frames;
	uint32_t lines, bytes, words, files, uses; /* spent; uses: of parameters */
	bool stopped;				   /* a budget is gone: nothing more is read */
};

/* ---- lex.c ---- */
struct line *line_new(struct reader *r);
void line_free(struct reader *r, struct line *l);
void line_mark(struct reader *r, struct line *l, struct conf_where w, bool fixed); /* what is put next stands there */
void line_put(struct reader *r, struct line *l, const char *s, size_t n);
/* Bytes from..to of src with their places, or all at *fixed */
void line_put_part(struct reader *r, struct line *l, const struct line *src, uint32_t from, uint32_t to,
		   const struct conf_where *fixed);
void line_cut(struct line *l, uint32_t n); /* to n bytes, and blanks before them */
struct conf_where line_where(struct line *l, uint32_t at);
static inline bool lex_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
uint32_t lex_skip_blanks(const struct line *l, uint32_t at);
/* Behind a ${...} that begins at `at', or at if none does */
uint32_t lex_skip_braced(const struct line *l, uint32_t at, uint32_t end);
/* A physical line without comments and remarks; what editors and web pages made of blanks and quotes is undone */
void lex_clean(struct reader *r, struct line *out, uint32_t number, const char *s, size_t n);
/* Words of bytes from..to; words may be NULL to count. text gets them, NUL-terminated. Returns their number. */
uint32_t lex_words(struct line *l, uint32_t from, uint32_t to, struct conf_word *words, char *text);

/* ---- params.c ---- */
bool param_name_char(char c, bool first);
/* Length of the $NAME= at `at', or 0 */
uint32_t param_definition(const struct line *l, uint32_t at);
void param_define(struct reader *r, struct line *l, uint32_t at, uint32_t value_at); /* of one line */
struct value *param_begin(struct reader *r);					     /* of several lines */
void param_add_line(struct reader *r, struct value *v, const struct line *l, uint32_t from);
void param_set(struct reader *r, const char *name, size_t n, const struct value *v);
const struct value *param_get(const struct reader *r, const char *name, size_t n);
/* dst: l from `at' on with all parameters replaced; lines that are to follow are pushed to tails */
void param_expand(struct reader *r, struct line *dst, struct line *l, uint32_t at);

/* ---- seq.c ---- */
bool seq_begins(const struct line *l, uint32_t at);
void seq_run(struct reader *r, struct line *l, uint32_t at, unsigned depth);

/* ---- include.c ---- */
/* The checks of the include that begins at `at' and where its pattern begins, or -1 */
int include_begins(const struct reader *r, const struct line *l, uint32_t at, uint32_t *ret_pattern);
void include_run(struct reader *r, struct line *l, uint32_t at, int checks, uint32_t pattern);
void include_main(struct reader *r, const char *path);
void include_set_check(struct reader *r, const struct conf_node *n);

/* ---- tree.c ---- */
void reader_stop(struct reader *r, struct conf_where w, const char *what, uint32_t limit);
void reader_line(struct reader *r, struct line *l, uint32_t at, unsigned depth, bool expanded);
/* False: the line is for somebody else. *at is moved behind the conditions. */
bool reader_condition(struct reader *r, struct line *l, uint32_t *at);

#endif
