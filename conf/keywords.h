/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keywords - the table of words as text: for the manual, for completion, for messages. */
#ifndef ELVS_CONF_KEYWORDS_H
#define ELVS_CONF_KEYWORDS_H

#include <stdio.h>

#include "schema.h"

/* What follows the keyword, e.g. "1..255", "ADDRESS [PORT]"; "" for nothing. Length as snprintf. */
int keyword_args(const struct row *r, char *buf, size_t size);
/* The row of a word; NULL. */
const struct row *schema_row(const struct schema_block *b, const char *word);
/* The block of a path of words from the root: "virtual_server/real_server"; "" is the root. NULL. */
const struct schema_block *schema_path(const char *path);

/*
 * Copies a manual page's source (mdoc), with a table of words for each line "@TABLE PATH@". Returns 0, -EIO, -ENOENT
 * (a path that is no block; named on err), or -ESRCH: a block of the table has no place in the page; named on err,
 * too.
 */
int keywords_man(FILE *in, FILE *out, FILE *err);
/* A line for each word: path of the block, word, arguments, default, meaning, with tabs between. -EIO or 0. */
int keywords_list(FILE *out);

#endif
