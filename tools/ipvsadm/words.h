/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words - splits a command line into options and other words, with the syntax that popt gives ipvsadm.
 *
 * Bundled letters (-Ln, -mw5), attached values (-srr, -s=rr, -p100), --long=value, --long value, "--"; long names are
 * not abbreviated; an optional value is the next word unless that begins with '-'. Words that are no options are
 * set aside, wherever they stand. Knows nothing of what the options mean.
 */
#ifndef IPVSADM_WORDS_H
#define IPVSADM_WORDS_H

#include <stdbool.h>

enum word_value { VALUE_NONE, VALUE_REQUIRED, VALUE_OPTIONAL };

struct word_option {
	const char *name; /* without "--"; NULL ends a table */
	char letter;	  /* 0: none */
	enum word_value value;
	int id; /* > 0, what words_next() returns */
};

enum words_end {
	WORDS_END = 0,
	WORDS_UNKNOWN = -1,	   /* no such option */
	WORDS_NO_VALUE = -2,	   /* an option lacks its value */
	WORDS_UNWANTED_VALUE = -3, /* --name=value of an option that takes none */
};

struct words {
	const struct word_option *options;
	char **argv;	     /* argv[0] is the program; NULL-terminated, borrowed */
	int next;	     /* index of the word to look at next */
	const char *letters; /* rest of a bundle, or NULL */
	const char *value;   /* of the option just returned; NULL: none */
	char **rest;	     /* words that are no options */
	int nrest;
	bool only_rest; /* "--" was seen */
};

/* rest: room for as many pointers as argv has. */
void words_begin(struct words *w, const struct word_option *options, char **argv, char **rest);

/* The id of the next option, WORDS_END, or an error (then words_current() is the word at fault). */
int words_next(struct words *w);

/* The word that was consumed last: the option, or its value when that stood apart. */
const char *words_current(const struct words *w);

/* What popt says about an error: "unknown option", ... */
const char *words_error(int end);

#endif
