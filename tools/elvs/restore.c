/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elvs restore - applies a file of ipvsadm commands as a whole, or says everything that is wrong with it and
 * changes nothing.
 */
#include <errno.h>
#include <string.h>

#include "rules.h"
#include "verb.h"

static const char usage[] = "Usage: elvs restore [--clear] [--check] FILE\n\n"
			    "Applies the ipvsadm commands in FILE (`-': standard input), as ipvsadm-save writes "
			    "them: all of them, or none\n"
			    "and every mistake with its line and column. Traffic sees the old table or the new one, "
			    "nothing in between.\n\n"
			    "  --clear   FILE replaces the whole table (connections of services that stay go on)\n"
			    "  --check   only read FILE; the director is not asked\n";

static int apply(const struct verb *c, struct rules *r, const char *name, bool clear)
{
	struct rules flush = {};
	struct ctl *ctl;
	const char *why = "";
	int n = ctl_open(&ctl, 0, &why);

	if (n < 0)
		return verb_error(c, "the director cannot be reached: %s", why);
	if (clear)
		n = rules_flush(&flush);
	if (n >= 0)
		n = rules_apply(ctl, r, clear ? &flush : NULL, NULL, NULL);
	rules_free(&flush);
	ctl_close(ctl);
	if (n >= 0)
		return EXIT_OK;
	rules_print_errors(r, name, stderr);
	return verb_error(c, "nothing was changed");
}

static int run(const struct verb *c, int argc, char **argv)
{
	static const struct option longs[] = { { "clear", no_argument, NULL, 'c' },
					       { "check", no_argument, NULL, 'n' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	bool clear = false, check = false;
	const char *name;
	struct rules r;
	int opt, n;
	FILE *in;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt == 'c')
			clear = true;
		else if (opt == 'n')
			check = true;
		else
			return verb_bad_option(c, opt, argv);
	}
	if (argc - optind != 1)
		return verb_usage(c, "one file, please (or - for standard input)");
	name = argv[optind];
	in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	if (!in)
		return verb_error(c, "cannot read %s: %s", name, strerror(errno));
	n = rules_read(&r, in);
	if (in != stdin)
		fclose(in);
	if (n == -EINVAL) {
		rules_print_errors(&r, name, stderr);
		n = verb_error(c, check ? "%zu mistakes" : "%zu mistakes; nothing was changed",
			       r.errors + r.more_errors);
	} else if (n < 0) {
		n = verb_error(c, "cannot read %s: %s", name, strerror(-n));
	} else if (!check) {
		n = apply(c, &r, name, clear);
	}
	rules_free(&r);
	return n;
}

const struct verb verb_restore = { "restore", "apply a file of ipvsadm commands, all or nothing", usage, run };
