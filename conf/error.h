/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error - collects what is wrong with a configuration: all of it, in the order of the text, each thing once. */
#ifndef ELVS_CONF_ERROR_H
#define ELVS_CONF_ERROR_H

#include "arena.h"
#include "conf.h"

struct conf_errors {
	struct arena *arena;
	struct conf_message *list;
	uint32_t n, room;
	uint32_t dropped;	/* beyond CONF_ERRORS_MAX */
	uint32_t *index;	/* of list by hash, +1: each thing once */
	uint32_t n_index;	/* a power of two */
};
#define CONF_ERRORS_MAX 10000

/* text: "what, what would be right", without the place. Bytes that could confuse a terminal become '?'. */
void conf_error(struct conf_errors *e, enum conf_severity s, struct conf_where w, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Into the order of the text: files as they were opened, then line and column; otherwise as they came. */
void conf_errors_sort(struct conf_errors *e);
/* keepalived's exit status of -t: 0, 2, 4, 5 or 6. */
int conf_exit_status(const struct conf_message *list, uint32_t n);
/* "file:line:column: warning: text" into buf; the length as snprintf. */
int conf_message_text(const struct conf_message *m, char *buf, size_t size);

#endif
