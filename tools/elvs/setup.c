/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setup - see setup.h. */
#include "setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot.h"
#include "vip.h"

/* ---- the command line ---- */
static int common(struct setup_options *o, int opt)
{
	switch (opt) {
	case 'R':
		o->root = optarg;
		return 0;
	case 'N':
		o->name = optarg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	}
	return -ENOENT;
}

static int act(const struct verb *c, const struct setup *s, const void *options, const char *word)
{
	for (size_t i = 0; s->actions[i].word; i++)
		if (strcmp(word, s->actions[i].word) == 0)
			return s->actions[i].run(c, options);
	return verb_usage(c, "`%s' is not %s", word, s->words);
}

int setup_run(const struct verb *c, const struct setup *s, void *options, int argc, char **argv)
{
	struct setup_options *o = options;
	int opt, r;

	o->root = "";
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", s->longs, NULL)) != -1) {
		r = common(o, opt);
		if (r == -ENOENT)
			r = s->option(c, options, opt);
		if (r)
			return r == -ENOENT ? verb_bad_option(c, opt, argv) : r;
	}
	if (optind >= argc)
		return verb_usage(c, "%s?", s->words);
	if (o->name && strchr(o->name, '/'))
		return verb_usage(c, "--name %s: a name has no slash", o->name);
	r = s->check ? s->check(c, options) : 0;
	if (r)
		return r;
	o->vips = argv + optind + 1;
	o->nvips = argc - optind - 1;
	return act(c, s, options, argv[optind]);
}

/* ---- the journal ---- */
json_t *setup_users(const struct journal *j, const char *prefix, const char *except)
{
	json_t *names = json_array(), *v;
	const char *user;

	json_object_foreach(j->users, user, v)
	{
		if (strncmp(user, prefix, strlen(prefix)) == 0 && (!except || strcmp(user, except) != 0))
			json_array_append_new(names, json_string(user));
	}
	return names;
}

int setup_stop(struct journal *j, const json_t *users)
{
	int r, first = 0;
	json_t *u;
	size_t i;

	json_array_foreach(users, i, u)
	{
		r = journal_stop(j, json_string_value(u));
		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

int setup_finish(const struct verb *c, struct journal *j, int r)
{
	if (j->notes[0])
		fputs(j->notes, stderr);
	journal_close(j);
	return r < 0 ? verb_error(c, "%s", j->why) : EXIT_OK;
}

/* ---- units ---- */
int setup_join(const struct verb *c, const struct setup_options *o, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (int i = 0; i < o->nvips && n < size; i++)
		n += (size_t)snprintf(ret + n, size - n, "%s%s", n ? " " : "", o->vips[i]);
	return n < size ? 0 : verb_usage(c, "too many addresses for one unit: use several, with --name");
}

/* An address may have its network behind it, a name has no slash. */
static int disable_one(const struct verb *c, const struct setup_options *o, const char *name)
{
	char text[VIP_STRLEN];
	const char *why;
	struct vip v;

	if (strchr(name, '/') && vip_parse(&v, name, &why) < 0)
		return verb_usage(c, "%s: a name has no slash", name);
	return boot_disable(c, o->root, strchr(name, '/') ? vip_format(&v, false, text) : name);
}

int setup_disable(const struct verb *c, const void *options)
{
	const struct setup_options *o = options;
	int r = 0;

	if (o->nvips == 0)
		return verb_usage(c, "disable needs the virtual address or name that was enabled");
	for (int i = 0; i < o->nvips && !r; i++)
		r = disable_one(c, o, o->vips[i]);
	return r;
}
