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
};
#define CONF_ERRORS_MAX 10000

/* text: "what, what would be right", without the place. */
void conf_error(struct conf_errors *e, enum conf_severity s, struct conf_where w, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* keepalived's exit status of -t: 0, 2, 4, 5 or 6. */
int conf_exit_status(const struct conf_message *list, uint32_t n);
/* "file:line:column: warning: text" into buf; the length as snprintf. */
int conf_message_text(const struct conf_message *m, char *buf, size_t size);

#endif
