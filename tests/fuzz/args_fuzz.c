/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * args_fuzz - a line of `ipvsadm -R` on any bytes: split at blanks as restore.c does, then parsed and checked.
 *
 * Names are not resolved: gethostbyname() here knows nobody.
 */
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define WORDS 200

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

struct hostent *gethostbyname(const char *name)
{
	(void)name;
	h_errno = HOST_NOT_FOUND;
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	char *text, prog[] = "ipvsadm", *argv[WORDS + 2] = { prog }, *save = NULL, *err = NULL;
	enum parse_result r;
	struct command cmd;
	int status = 0, n = 1;

	if (len > 4096)
		return -1;
	text = malloc(len + 1);
	MUST(text);
	memcpy(text, in, len);
	text[len] = 0;
	for (char *w = strtok_r(text, " \t\r\n", &save); w && n < WORDS; w = strtok_r(NULL, " \t\r\n", &save))
		argv[n++] = w;
	argv[n] = NULL;
	r = command_parse(&cmd, argv, &err, &status);
	if (r == PARSE_BAD_WORD || r == PARSE_FAILED) {
		MUST(err && (status == STATUS_USAGE || status == STATUS_REFUSED));
	} else {
		MUST(r == PARSE_OK || r == PARSE_HELP || r == PARSE_VERSION);
		MUST(!err);
		if (r == PARSE_OK)
			MUST(cmd.op > OP_NONE && cmd.op < OP_COUNT);
	}
	free(err);
	free(text);
	return 0;
}
