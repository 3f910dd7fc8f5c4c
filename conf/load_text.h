/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_text - for tests: a configuration from a string, on a machine that exists only here. */
#ifndef ELVS_CONF_LOAD_TEXT_H
#define ELVS_CONF_LOAD_TEXT_H

#include "arena.h"
#include "conf.h"

struct loaded {
	struct arena arena;
	const struct conf *c;
	char *messages; /* all of them, a line each, as conf_message_text() has them */
};

/*
 * Interfaces eth0 to eth9 and bond0 exist; commands below /missing do not, those below /secret are not executable,
 * those below /open could be changed by others. Files: /key holds 32 times 'k' and a newline.
 */
struct loaded *load_text(const char *text);
struct loaded *load_text_test(const char *text); /* as -t does */
void loaded_free(struct loaded *l);
/* The canonical form; to be freed. */
char *printed(const struct conf *c);

#endif
