/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parser - a command line while it is read (internal to command.c and the files that read its options).
 *
 * The functions below say what is wrong into err and return -EINVAL; the first mistake ends the line.
 */
#ifndef IPVSADM_PARSER_H
#define IPVSADM_PARSER_H

#include "command.h"
#include "words.h"

#define SCHED_FLAGS_MAX 128
#define TIMEOUT_MAX (86400 * 31)

struct parser {
	struct command *cmd;
	struct words words;
	char sched_flags[SCHED_FLAGS_MAX];
	char *err;
	int status;
};

int parser_fail(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int parser_give(struct parser *p, enum opt opt); /* notes an option; twice is wrong */
/* The option's value as a number; on failure the message "illegal WHAT specified". */
int parser_number(struct parser *p, long *ret, long min, long max, const char *what);
int parser_seconds(struct parser *p, uint32_t *ret, const char *word, long min);
void parser_copy(char *to, size_t size, const char *from); /* as much as fits */

/* What an option of a service, or of a server, says. -ENOENT: it is none. */
int parser_service(struct parser *p, int id);
int parser_server(struct parser *p, int id);

#endif
