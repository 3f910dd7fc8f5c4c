/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command - one ipvsadm command line, read and checked. Talks to nobody but the resolver.
 */
#ifndef IPVSADM_COMMAND_H
#define IPVSADM_COMMAND_H

#include "model.h"
#include "options.h"

struct command {
	enum op op;
	uint64_t given; /* BIT(OPT_...) */
	struct service svc;
	struct dest dest;
	struct sync_daemon daemon;
	struct timeouts timeouts;
};

enum parse_result {
	PARSE_OK,
	PARSE_HELP,	/* -h: print the usage, exit 0 */
	PARSE_VERSION,	/* -v */
	PARSE_BAD_WORD, /* a word no option fits: status 255, but a restore goes on with the next line */
	PARSE_FAILED,	/* a mistake: the program ends with *ret_status */
};

#define STATUS_USAGE 2
#define STATUS_REFUSED 255

/*
 * Parses argv (argv[0]: the program's name as messages give it; NULL-terminated). With PARSE_BAD_WORD and
 * PARSE_FAILED *ret_err is a message (malloc'ed, no newline at its end) and *ret_status the exit status.
 */
enum parse_result command_parse(struct command *ret, char **argv, char **ret_err, int *ret_status);

#endif
