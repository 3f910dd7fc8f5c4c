/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keywords_main - the build's program that writes the table of words as text; it is not installed.
 *
 * usage: conf-keywords man SOURCE      the manual page with its tables filled in
 *        conf-keywords list            a line for each word
 */
#include <stdio.h>
#include <string.h>

#include "keywords.h"

int main(int argc, char **argv)
{
	FILE *in;
	int r;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return keywords_list(stdout) || fflush(stdout) ? 1 : 0;
	if (argc != 3 || strcmp(argv[1], "man")) {
		fprintf(stderr, "usage: %s man SOURCE | list\n", argv[0]);
		return 2;
	}
	in = fopen(argv[2], "r");
	if (!in) {
		perror(argv[2]);
		return 1;
	}
	r = keywords_man(in, stdout, stderr);
	fclose(in);
	return r || fflush(stdout) ? 1 : 0;
}
