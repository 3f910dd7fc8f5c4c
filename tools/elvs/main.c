/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs - the operator's command: sets machines up, shows how the director stands, captures packets.
 * Virtual services are ipvsadm's business. This file finds the word's command and prints help.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verb.h"
#include "elvs_version.h"

static const struct verb *const commands[] = {
	&verb_realserver, &verb_director, &verb_status,	 &verb_attach,	&verb_detach,
	&verb_down,	  &verb_drops,	  &verb_restore, &verb_capture,
	&verb_quickstart, &verb_reload,	 &verb_check,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct verb *find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static void help(FILE *f)
{
	size_t i;

	fputs("Usage: elvs COMMAND [ARGUMENT...]\n\n", f);
	for (i = 0; i < COMMANDS; i++)
		fprintf(f, "  %-12s%s\n", commands[i]->name, commands[i]->summary);
	fputs("  help        this text, or `elvs help COMMAND'\n"
	      "  version     the version\n\n"
	      "Virtual services and real servers are told to ipvsadm(8). Manual: elvs(8).\n",
	      f);
}

static int unknown(const char *word)
{
	fprintf(stderr, "elvs: there is no command `%s'; `elvs help' lists them\n", word);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct verb *c = find(word);

	if (c)
		return c->run(c, argc - 1, argv + 1);
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(word, "version") == 0 || strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		puts("elvs " ELVS_VERSION);
		return EXIT_OK;
	}
	if (strcmp(word, "help") != 0 && strcmp(word, "--help") != 0 && strcmp(word, "-h") != 0)
		return unknown(word);
	if (argc == 2) {
		help(stdout);
		return EXIT_OK;
	}
	c = find(argv[2]);
	if (!c)
		return unknown(argv[2]);
	fputs(c->usage, stdout);
	return EXIT_OK;
}
