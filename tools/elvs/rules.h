/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules - a file of ipvsadm commands (what ipvsadm-save writes), applied as a whole or not at all, with line and
 * column of every mistake. The grammar is ipvsadm's own parser's; `#' begins a comment.
 */
#ifndef ELVS_TOOLS_RULES_H
#define ELVS_TOOLS_RULES_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "command.h" /* ipvsadm's */
#include "ctl.h"

struct rules_error {
	unsigned int line, column; /* from 1; 0: not about a place in the file */
	char *text;
};

/* Words of a line that mistakes are pointed at */
struct rule {
	struct command cmd;
	unsigned int line;
	unsigned int service_column, server_column;
};

struct rules {
	struct rule *rule;
	size_t n, room;
	struct rules_error *error;
	size_t errors, error_room;
	size_t more_errors; /* that are not in error[] */
};

#define RULES_ERRORS_MAX 100

/* Reads all lines, gathers all mistakes. 0, or -EINVAL if there are any, or -errno of reading. */
int rules_read(struct rules *r, FILE *in);
void rules_free(struct rules *r);

/*
 * Applies them in one transaction, after those of first (may be NULL; refusals there do not count: "delete if it is
 * there"). 0; or -errno, and the director is as it was before, and the refusals are in r->error. before_commit (may
 * be NULL) is called when everything was accepted; its error aborts.
 */
int rules_apply(struct ctl *c, struct rules *r, const struct rules *first, int (*before_commit)(void *arg),
		void *arg);

/* Commands that delete the services which r adds, for first above; "-t 10.0.0.1:80" each in the array of texts. */
json_t *rules_services(const struct rules *r);
int rules_from_services(struct rules *ret, const json_t *texts, size_t *ret_n);

/* FLUSH as the only rule */
int rules_flush(struct rules *ret);

/* "NAME:LINE:COLUMN: text" of each mistake */
void rules_print_errors(const struct rules *r, const char *name, FILE *f);

/* The change of a machine that loads a file's services (change.h) */
json_t *change_rules(const char *path);
struct change_kind;
extern const struct change_kind change_rules_kind;

#endif
