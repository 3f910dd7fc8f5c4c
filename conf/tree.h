/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree - a configuration as text says it: lines of words and blocks of lines, after comments, parameters, conditions,
 * sequences and includes. It knows the language (keepalived's), not a single keyword.
 *
 * conf_tree_read() always returns a tree; what was wrong is in the messages.
 */
#ifndef ELVS_CONF_TREE_H
#define ELVS_CONF_TREE_H

#include "arena.h"
#include "conf.h"

struct conf_word {
	const char *text;
	uint32_t col;
	bool quoted;		/* "..." */
};

struct conf_node {
	struct conf_node *next;	/* in the order written */
	struct conf_node *children;
	bool has_block;		/* a { } followed, maybe empty */
	struct conf_where where;	/* of its first word */
	struct conf_where end;	/* of its } */
	const struct conf_word *words;	/* words[0] is the keyword, or the entry of a list */
	uint32_t n_words;
	const char *raw;	/* the line, parameters expanded, comment gone: scripts re-read it */
};

/* How text and names get in: a reader without privileges asks its parent. All return 0 or -errno. */
struct conf_io {
	void *arg;
	/*
	 * text is malloc()ed and NUL-terminated; len without the NUL. ret_path: the name it was found by, malloc()ed.
	 */
	int (*read)(void *arg, const char *path, char **ret_text, size_t *ret_len);
	/*
	 * Calls f for each path that matches, sorted; returns how many, or -errno. Directories and executables left
	 * out.
	 */
	int (*glob)(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg);
	bool (*if_exists)(void *arg, const char *ifname);
	/*
	 * 0: fine. -ENOENT no such file, -EACCES not executable, -EPERM: a non-root user could change what root runs
	 */
	int (*script_check)(void *arg, const char *path, const char *user, const char *group);
};
extern const struct conf_io conf_io_direct;	/* of this process itself */

struct conf_options {
	const char *path;
	const char *config_id;	/* for @id; "": the first label of the host's name */
	const char *instance;	/* ${_INSTANCE}; "" */
	bool all_includes;	/* -e: every include is an includea */
	bool test;		/* -t: numbers with trailing junk are errors */
};

struct conf_errors;	/* error.h */

/* The root node's children are the top-level lines. Everything lies in a. */
const struct conf_node *conf_tree_read(struct arena *a, const struct conf_io *io, const struct conf_options *o,
				       struct conf_errors *errors);

#endif
