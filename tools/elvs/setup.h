/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup - what `elvs director' and `elvs realserver' have in common: their command line, users of the journal that
 * stop, units that go, and how they end. What each of them changes is its own business.
 */
#ifndef ELVS_TOOLS_SETUP_H
#define ELVS_TOOLS_SETUP_H

#include "journal.h"
#include "verb.h"

/* First member of either's options */
struct setup_options {
	const char *root, *name; /* "": this system; NULL: the first address's */
	bool json;
	char **vips;
	int nvips;
};

#define SETUP_OPTIONS \
	{ "root", required_argument, NULL, 'R' }, { "name", required_argument, NULL, 'N' }, \
	{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, OPT_HELP }, {}

typedef int setup_action(const struct verb *c, const void *options);
struct setup {
	const struct option *longs;	/* its own, then SETUP_OPTIONS */
	/* One of its own: an exit status (said already), 0, or -ENOENT: it is none */
	int (*option)(const struct verb *c, void *options, int opt);
	setup_action *check;		/* of all of them together; NULL: none */
	const char *words;		/* what there is to do, as a sentence names it */
	struct {
		const char *word;
		setup_action *run;
	} actions[6];			/* ends with an empty one */
};

/* Reads the command line into options, whose first member is a struct setup_options, and does what it says. */
int setup_run(const struct verb *c, const struct setup *s, void *options, int argc, char **argv);

/* Names of the journal's users that begin with prefix, but for one (NULL: for none); the caller's */
json_t *setup_users(const struct journal *j, const char *prefix, const char *except);
/* Stops all of them, whatever goes wrong with one; the first error */
int setup_stop(struct journal *j, const json_t *users);
/* Shows the journal's notes, closes it; r < 0: says why. An exit status */
int setup_finish(const struct verb *c, struct journal *j, int r);
/* The addresses in one line, for a unit; 0, or an exit status (said already) */
int setup_join(const struct verb *c, const struct setup_options *o, char *ret, size_t size);
setup_action setup_disable;

#endif
