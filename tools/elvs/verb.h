/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb - the words of the elvs command, and how each says what is wrong.
 *
 * A command gets argv[0] = its own word. Exit status: 0 done (status: running), 1 failed (status: not as it should
 * be), 2 wrong usage, 3 (status only) not running.
 */
#ifndef ELVS_TOOLS_VERB_H
#define ELVS_TOOLS_VERB_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

enum exit_status { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_STOPPED = 3 };

struct verb {
	const char *name;
	const char *summary; /* for `elvs help` */
	const char *usage;   /* whole text of `elvs NAME --help` */
	int (*run)(const struct verb *self, int argc, char **argv);
};

extern const struct verb verb_realserver, verb_director, verb_status, verb_attach, verb_detach, verb_down, verb_drops,
	verb_restore, verb_capture, verb_quickstart, verb_reload, verb_check;

/* "elvs NAME: ..." and a newline on standard error. Returns EXIT_FAILED. */
int verb_error(const struct verb *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, then where help is. Returns EXIT_USAGE. */
int verb_usage(const struct verb *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What getopt_long() returned is no option that the command handles: says so, or shows the help. -> exit status */
int verb_bad_option(const struct verb *c, int opt, char **argv);
/* Prints and frees. */
int verb_print_json(json_t *v);

/* getopt_long with an empty optstring's conventions: ":" first, so that a missing argument is told apart */
#define OPT_HELP 'h'

#endif
