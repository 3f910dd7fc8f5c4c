/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verb - see verb.h: what every command says in the same way. */
#include "verb.h"

#include <stdarg.h>
#include <stdio.h>

static void complain(const struct verb *c, const char *fmt, va_list ap)
{
	fprintf(stderr, "elvs %s: ", c->name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int verb_error(const struct verb *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, fmt, ap);
	va_end(ap);
	return EXIT_FAILED;
}

int verb_usage(const struct verb *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(c, fmt, ap);
	va_end(ap);
	fprintf(stderr, "`elvs %s --help' shows what it takes.\n", c->name);
	return EXIT_USAGE;
}

int verb_bad_option(const struct verb *c, int opt, char **argv)
{
	if (opt == OPT_HELP) {
		fputs(c->usage, stdout);
		return EXIT_OK;
	}
	if (opt == ':')
		return verb_usage(c, "%s needs a value", argv[optind - 1]);
	return verb_usage(c, "unknown option %s", argv[optind - 1]);
}

int verb_print_json(json_t *v)
{
	int r = json_dumpf(v, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);

	putchar('\n');
	json_decref(v);
	return r < 0 || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_OK;
}
