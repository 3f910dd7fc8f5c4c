/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema - the table of words. One row for each keyword of a block says what its argument is, where the value goes,
 * what it is when nobody says anything, and what it means; parsing, range checks, defaults, messages, the printed
 * form, the manual's tables and the completion all come from it.
 *
 * A block is read into a draft: scratch memory whose FIRST member is the struct of conf.h that it becomes, followed
 * by what only the reading needs (names not yet resolved, lists that grow). Offsets of rows count from the draft's
 * start, so the printer uses the same rows on the finished struct and leaves out those beyond it.
 */
#ifndef ELVS_CONF_SCHEMA_H
#define ELVS_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"
#include "tree.h"

struct load;
struct printer;
struct row;
struct schema_block;

enum value_kind {
	V_NONE,	     /* known, and nothing is done with it: no_effect or legacy says why. Any arguments */
	V_FLAG,	     /* bool: the keyword alone sets it */
	V_CLEAR,     /* bool: the keyword alone clears it */
	V_BOOL,	     /* bool: [on|true|yes|off|false|no]; alone: true */
	V_TRISTATE,  /* enum conf_tristate: as V_BOOL */
	V_NUM,	     /* an integer of any width; min..max; is_signed where it may be negative */
	V_ENUM,	     /* an integer of any width: one of words */
	V_SECS,	     /* uint64_t us: decimal seconds, min..max in us */
	V_MSECS,     /* uint64_t us: decimal milliseconds, min..max in us */
	V_USECS,     /* uint64_t us: whole microseconds */
	V_STRING,    /* const char *: one word */
	V_ADDR,	     /* struct conf_addr: an address; min: the only family allowed, or 0 */
	V_ADDR_PORT, /* struct conf_addr: ADDRESS [PORT] */
	V_SCRIPT,    /* struct conf_script: "COMMAND ARGS" [USER [GROUP]]; R_POINTER: a pointer to one */
	V_FIFO,	     /* struct conf_fifo: PATH [USER [GROUP]] */
	V_BLOCK,     /* { rows of block } */
	V_LIST,	     /* { one entry a line }: set is called for each entry */
	V_CUSTOM,    /* set does all of it; min_words says how many arguments it must have */
};

enum row_tier { T1 = 1, T2, T3, TELVS }; /* how often it is met; TELVS: a word of our own */

enum row_flags {
	R_REPEAT = 1,	/* may stand several times (lists, blocks and V_CUSTOM may anyhow) */
	R_INHERIT = 2,	/* its default comes from elsewhere: always printed */
	R_QUIET = 4,	/* never printed: another row prints the same field */
	R_FOLD = 8,	/* an enum whose words may be written in any case (protocol) */
	R_NO_USER = 32, /* V_SCRIPT: another word (user) says who runs it; the whole rest is the command */
	R_POINTER = 64, /* V_SCRIPT: the field is a pointer, NULL where nothing is given */
};

struct row_word {
	const char *word;
	int64_t value;
};

typedef void (*row_set)(struct load *l, void *obj, const struct row *r, const struct conf_node *n);
typedef void (*row_print)(struct printer *p, const void *obj, const struct row *r);

struct row {
	const char *word;
	enum value_kind kind;
	enum row_tier tier;
	unsigned flags;
	uint32_t offset, size; /* of the field in the table's struct: see FIELD() */
	int64_t min, max;      /* both 0: any that the field holds (V_NUM: 0..its maximum) */
	bool is_signed;
	uint8_t mark;	    /* not 0: bit of the draft's `given' that says it was set */
	uint8_t min_words;  /* V_CUSTOM: arguments that must be there */
	const char *preset; /* default, as it would be written; NULL: zero */
	const char *alone;  /* what the keyword alone means, as it would be written; NULL: it needs its argument */
	const struct row_word *words;	  /* V_ENUM; ends with NULL */
	const struct schema_block *block; /* V_BLOCK; V_LIST with words of its own: for the manual */
	row_set set;	       /* V_LIST, V_CUSTOM; others: called after the value was stored, for what is odd */
	row_print print;       /* instead of the usual way */
	const char *args;      /* synopsis; NULL: from the kind */
	const char *standard;  /* default in the manual; NULL: preset */
	const char *legacy;    /* deprecated: this is said, e.g. "write lvs_sched" */
	const char *no_effect; /* "has no effect here: ...": said once */
	const char *brief;     /* what it means, one line */
};
#define FIELD(type, f) .offset = offsetof(struct type, f), .size = sizeof(((struct type *)0)->f)

/* Rows that belong together; offsets count from some struct, which stands at base in the draft. */
struct row_table {
	const struct row *rows;
	unsigned n;
};
#define ROW_TABLE(name) const struct row_table name = { name##_rows, sizeof(name##_rows) / sizeof(name##_rows[0]) }
struct row_part {
	const struct row_table *table;
	uint32_t base;
};

struct schema_block {
	const char *word;
	const struct row_part *parts; /* ends with a NULL table */
	uint32_t size;		      /* of the draft; 0: its rows fill the parent's draft */
	uint32_t conf_size;	      /* of the struct of conf.h at its start: rows beyond are not printed */
	uint32_t given;		      /* offset of a uint64_t with the marks of rows that were set */
	uint32_t places;	      /* offset of an array of struct conf_where, where those words stand; 0: none */
	/*
	 * Makes the draft (schema_draft) and reads the words after the keyword. NULL: it was reported, and
	 * the block is read for its errors only.
	 * Not given (size 0): the parent's draft is used.
	 */
	void *(*open)(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n);
	void (*close)(struct load *l, void *parent, void *draft, const struct conf_node *n);
	/*
	 * A line that is no row's: true if it means something all the same, and was read and reported. NULL: never.
	 */
	bool (*stray)(struct load *l, void *draft, const struct conf_node *n);
	const char *args; /* synopsis of the words between keyword and { */
	const char *brief;
};

/* A zeroed draft of b in scratch memory, with all presets in place. */
void *schema_draft(struct load *l, const struct schema_block *b);
const void *schema_presets(struct load *l, const struct schema_block *b); /* what a draft starts as */
/* Reads the children of n into draft, row by row; unknown ones are reported and skipped whole. */
void schema_read(struct load *l, const struct schema_block *b, void *draft, const struct conf_node *n);
static inline bool schema_given(uint64_t given, unsigned mark)
{
	return given >> mark & 1;
}

extern const struct schema_block schema_root; /* root.c: what may stand outside any block */

/* Calls f for each row of b, in the order of the tables. */
void schema_walk(const struct schema_block *b, void (*f)(void *arg, const struct row *r, uint32_t base), void *arg);
/* The nearest word of b to what was written; NULL: none is near. */
const char *schema_nearest(const struct schema_block *b, const char *word);

#endif
