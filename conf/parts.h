/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts - what the files of this folder share while one configuration is loaded (internal: only conf/ includes it).
 *
 * Reading fills drafts in scratch memory, in the order written; then names are resolved, defaults handed down,
 * mistakes mended, and everything is copied into the arena that stays. Scratch memory (the tree, too) goes when
 * loading ends: nothing in struct conf may point into it, so strings go through load_str() and places through
 * load_where() (names of files are allocated where messages are: in the arena that stays, in the order of opening).
 */
#ifndef ELVS_CONF_PARTS_H
#define ELVS_CONF_PARTS_H

#include "arena.h"
#include "conf.h"
#include "error.h"
#include "load.h"
#include "schema.h"
#include "tree.h"

/* A list that grows in scratch memory; items move when it grows. */
struct vec {
	void *items;
	uint32_t n, room;
};
/* A name and the index it stands for. */
struct names {
	struct names_slot *slots;
	uint32_t n, room;
};

struct global_draft; /* draft.h */

struct load {
	struct arena *a; /* what stays */
	struct arena scratch;
	const struct conf_io *io;
	const struct conf_options *o;
	struct conf_errors errors;
	struct conf *conf;	    /* in a */
	struct schema_index *index; /* of words and presets, schema.c */
	struct names strings;	    /* every string in a, once */

	struct global_draft *global;
	/* static addresses, trackers, VRRP, BFD: validate_vrrp.c takes them from drafts to conf */
	struct vec static_addresses, static_routes, static_rules, if_delays; /* struct conf_vip, _ipline, _if_delay */
	struct vec track_groups, files, processes, scripts, bfds;	     /* drafts of draft.h (pointers) */
	struct vec garp_groups, groups, vrrps;
	struct names file_names, process_names, script_names, bfd_names, vrrp_names, group_names;
	/* virtual servers: rows_vs.c and rows_check.c fill them, validate_vs.c and share.c take them to conf */
	struct vec vsgs, servers, service_checks; /* pointers to drafts of draft_vs.h */
	struct names vsg_names;
	struct share *share; /* share.c */
	struct conf_ssl ssl;
	struct names ifs, commands; /* answers of io: each question is asked once, it may go to another process */
	unsigned n_rules;	    /* rules without a preference */
	bool said_insecure;	    /* that scripts run without script security */
};

int load_begin(struct load *l, struct arena *a, const struct conf_io *io, const struct conf_options *o); /* -errno */
void load_end(struct load *l);

/* ---- memory ---- */
void *load_scratch(struct load *l, size_t n);	     /* zeroed, gone after loading */
const char *load_str(struct load *l, const char *s); /* in the arena that stays, each string once; NULL: "" */
const char *load_strn(struct load *l, const char *s, size_t n);
/* Place of word i of n (UINT32_MAX: the line), good to keep. */
struct conf_where load_where(struct load *l, const struct conf_node *n, uint32_t i);

void *vec_add(struct load *l, struct vec *v, size_t size); /* a zeroed item more */
#define VEC_AT(v, type, i) (((type *)(v).items)[i])
const void *vec_keep(struct load *l, const struct vec *v, size_t size); /* a copy that stays; NULL if empty */

/* False: the name is there already. */
bool names_add(struct load *l, struct names *t, const char *name, uint32_t index);
uint32_t names_find(const struct names *t, const char *name); /* CONF_NONE */

/* ---- messages ---- */
#define LOAD_LINE UINT32_MAX
void load_error(struct load *l, enum conf_severity s, const struct conf_node *n, uint32_t word, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void load_error_at(struct load *l, enum conf_severity s, struct conf_where w, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "a, b or c" of the words of an enum; in scratch memory */
const char *load_choices(struct load *l, const struct row_word *words);

/*
 * ---- values ----
 * All read word i of n, report what is wrong with it (naming what would be right) and return whether *ret was set.
 * A missing word is a CONF_MISSING_PARAM.
 */
bool value_word(struct load *l, const struct conf_node *n, uint32_t i, const char **ret); /* in scratch */
bool value_words(struct load *l, const struct conf_node *n, uint32_t count); /* so many behind the keyword */
bool value_num(struct load *l, const struct conf_node *n, uint32_t i, int64_t min, int64_t max, int64_t *ret);
bool value_bool(struct load *l, const struct conf_node *n, uint32_t i, bool *ret);
bool value_us(struct load *l, const struct conf_node *n, uint32_t i, uint32_t unit_us, uint64_t min, uint64_t max,
	      uint64_t *ret); /* decimal, unit_us: 1000000 seconds, 1000 milliseconds */
bool value_addr(struct load *l, const struct conf_node *n, uint32_t i, struct conf_addr *ret);
bool value_addr_port(struct load *l, const struct conf_node *n, uint32_t i, struct conf_addr *ret); /* i, maybe i+1 */
bool value_port(struct load *l, const struct conf_node *n, uint32_t i, uint16_t *ret); /* number or service name */
bool value_enum(struct load *l, const struct conf_node *n, uint32_t i, const struct row_word *words, bool fold,
		int64_t *ret);
bool value_hex(struct load *l, const struct conf_node *n, uint32_t i, uint8_t *buf, size_t size, size_t *ret_len);
/* The command and perhaps USER [GROUP] that follow the keyword, re-read from n->raw; user "" if none is named. */
bool value_script(struct load *l, const struct conf_node *n, struct conf_script *ret);
bool value_command(struct load *l, const struct conf_node *n,
		   struct conf_script *ret); /* R_NO_USER: no user behind it */
bool value_user(struct load *l, const struct conf_node *n, uint32_t i, const char **ret_user, const char **ret_group);
bool value_fifo(struct load *l, const struct conf_node *n, struct conf_fifo *ret);
/* Of the text alone, nothing reported: 0 or -EINVAL. */
int text_addr(const char *s, struct conf_addr *ret);
int text_prefix(const char *s, struct conf_addr *ret, uint8_t *ret_len); /* ADDRESS[/LENGTH]; without: 32 or 128 */
bool addr_is_multicast(const struct conf_addr *a);
bool text_bool(const char *s, bool *ret); /* false: none of on, true, yes, off, false, no */
/* A script as it stays: argv from text. -EINVAL: a quote does not end; *ret_shell: it needs a shell and got one. */
int script_argv(struct load *l, const char *text, struct conf_script *ret, bool *ret_shell);

/* ---- what the parts of the table and of the validation are called ---- */
/* rows_*.c: parts of the root block */
extern const struct row_table rows_global_root, rows_static_root, rows_track_root, rows_vrrp_root, rows_bfd_root;
extern const struct row_table rows_vs_root; /* virtual_server_group, virtual_server, SSL, service_check */

void begin_global(struct load *l); /* strings of the global draft that have no row of their own */
void validate_global(struct load *l);
void validate_vrrp(struct load *l); /* trackers, bfd, vrrp, static addresses: drafts to conf */
void validate_vs(struct load *l); /* drafts to conf: after validate_global and validate_vrrp (names of files, bfds) */

/*
 * Fills user and group of a script that named none (script_user), and checks it by conf_io.script_check: messages
 * about what is missing (severity `missing') or insecure; one that may not run becomes argv == NULL.
 */
void load_script(struct load *l, struct conf_script *s, const char *word, enum conf_severity missing);

/* ---- the printed form ---- */
struct printer {
	/* Rows with R_INHERIT: true if obj would get this value again without the line. NULL: never. */
	bool (*inherited)(const struct printer *p, const void *obj, const struct row *r);
	const void *context; /* for it */
	FILE *out;
	unsigned depth;
	const struct conf *conf;
	struct load *presets; /* for the defaults, and texts */
};
void print_line(struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void print_open(struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* "fmt {" */
void print_close(struct printer *p);
const char *print_word(struct printer *p, const char *s);	      /* quoted where it must be */
const char *print_addr(struct printer *p, const struct conf_addr *a); /* no port */
/* texts of print_*() are good until the printing ends */
/* All rows of b that are not at their default. */
void print_rows(struct printer *p, const struct schema_block *b, const void *obj);
void print_script(struct printer *p, const char *word, const struct conf_script *s);
/* print_vs.c (virtual_server_group, virtual_server with its servers and checks, SSL, service_check) */
void print_vs(struct printer *p, const struct conf *c);

#endif
