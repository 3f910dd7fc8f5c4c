/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_test - `-t' and `--print-config': reads as a start would, says all that is wrong, changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "keeper.h"
#include "load.h"
#include "reader.h"

#define EXIT_FATAL_CONF 4

struct reading {
	struct event_base *base;
	struct reader_result res;
};

static void done(void *arg, struct reader_result *res)
{
	struct reading *r = arg;

	r->res = *res;
	event_base_loopbreak(r->base);
}

static int say_all(const struct conf *c, FILE *out)
{
	char text[1200];

	for (uint32_t i = 0; i < c->n_messages; i++) {
		conf_message_text(&c->messages[i], text, sizeof(text));
		fprintf(out, "%s\n", text);
	}
	return conf_exit_status(c->messages, c->n_messages);
}

static int judge(const struct keeper_options *o, struct reading *r, FILE *out)
{
	int status;

	if (!r->res.conf) {
		fprintf(out, "%s: %s\n", o->conf_file, r->res.error);
		return EXIT_FATAL_CONF;
	}
	status = say_all(r->res.conf, out);
	if (o->print && r->res.conf->usable && conf_print(r->res.conf, stdout) < 0) {
		fprintf(out, "the configuration cannot be printed\n");
		status = EXIT_FATAL_CONF;
	}
	if (!r->res.conf->usable && !status)
		status = EXIT_FATAL_CONF;
	if (o->print && !o->test && r->res.conf->usable)
		status = fflush(stdout) ? EXIT_FATAL_CONF : 0;
	return status;
}

static int read_once(const struct keeper_options *o, struct reading *r)
{
	const struct conf_options co = { .path = o->conf_file,
					 .config_id = o->config_id,
					 .instance = "",
					 .all_includes = o->all_includes,
					 .test = o->test };
	struct arena_space space;
	struct reader *reader;
	int e = arena_reserve(&space);

	r->base = event_base_new();
	if (e == 0 && !r->base)
		e = -ENOMEM;
	if (e == 0)
		e = reader_start(&reader, r->base, &space, 0, &co, NULL, done, r);
	if (e == 0)
		event_base_dispatch(r->base);
	if (r->base)
		event_base_free(r->base);
	return e;
}

/* As a start does: in the namespace that the text names, where this process may go there */
static int read_all(const struct keeper_options *o, struct reading *r)
{
	int e = read_once(o, r);
	const char *name = e == 0 && r->res.conf ? r->res.conf->global.net_namespace : "";
	char why[300];

	if (e < 0 || o->net_namespace || !*name || geteuid() != 0)
		return e;
	if (keeper_enter_netns(name, why, sizeof(why)) < 0) {
		fprintf(stderr, "%s: note: %s; interfaces are looked for here\n", o->program, why);
		return 0;
	}
	arena_close(&r->res.arena);
	return read_once(o, r);
}

int keeper_test(const struct keeper_options *o)
{
	struct reading r = { 0 };
	FILE *out = o->test_file ? fopen(o->test_file, "we") : stderr;
	int e, status;

	if (!out) {
		fprintf(stderr, "%s: %s cannot be written: %s\n", o->program, o->test_file, strerror(errno));
		return 1;
	}
	e = read_all(o, &r);
	if (e < 0)
		snprintf(r.res.error, sizeof(r.res.error), "cannot be read: %s", strerror(-e));
	status = judge(o, &r, out);
	if (out != stderr && fclose(out) != 0) {
		fprintf(stderr, "%s: %s: %s\n", o->program, o->test_file, strerror(errno));
		return 1;
	}
	return status;
}
