/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elvs reload - has this network namespace's keepalived read its configuration again, and says what came of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "keeper.h"
#include "verb.h"

static const char usage[] =
	"Usage: elvs reload [--repair]\n\n"
	"Has every keepalived of this network namespace read its configuration again. What did not change is not\n"
	"touched; an error anywhere leaves everything as it was, and all errors are shown. Exit status: 0 done,\n"
	"1 refused, 3 no keepalived runs here.\n\n"
	"      --repair   also put back what somebody else has changed in the tables (a service deleted by hand)\n"
	"  -h, --help     show this text\n";

static int show(const struct verb *v, const json_t *answer)
{
	const json_t *m;
	size_t i;

	if (json_object_get(answer, "error"))
		return verb_error(v, "%s", ask_str(answer, "error"));
	json_array_foreach(json_object_get(answer, "messages"), i, m)
		fprintf(stderr, "%s\n", json_string_value(m) ?: "");
	if (json_is_true(json_object_get(answer, "ok")))
		return EXIT_OK;
	return verb_error(v, "refused, see above; the configuration that was in force still is");
}

static int run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "repair", no_argument, NULL, 'r' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	json_t *request, *answers, *answer;
	bool repair = false;
	int opt, r, worst = EXIT_OK;
	size_t i;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt != 'r')
			return verb_bad_option(v, opt, argv);
		repair = true;
	}
	if (optind < argc)
		return verb_usage(v, "no argument is needed, %s is one", argv[optind]);
	request = json_pack("{s:s, s:b}", "verb", "reload", "repair", repair);
	answers = keeper_ask_all(request, &r);
	json_decref(request);
	if (!answers && (r == -ENOENT || r == -ECONNREFUSED)) {
		verb_error(v, "no keepalived runs in this network namespace");
		return EXIT_STOPPED;
	}
	if (!answers)
		return verb_error(v, "keepalived does not answer: %s", strerror(-r));
	json_array_foreach(answers, i, answer)
	{
		r = show(v, answer);
		worst = r > worst ? r : worst;
	}
	json_decref(answers);
	return worst;
}

const struct verb verb_reload = { "reload", "have keepalived read its configuration again", usage, run };
