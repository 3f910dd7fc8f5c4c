/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load_text - see load_text.h. */
#include "load_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "load.h"

static int read_file(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	const char *text = !strcmp(path, "k")	   ? arg
			   : !strcmp(path, "/key") ? "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\n"
						   : NULL;

	if (!text)
		return -ENOENT;
	*ret_text = strdup(text);
	*ret_len = strlen(text);
	return 0;
}

static int find_files(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	return 0;
}

static bool if_exists(void *arg, const char *ifname)
{
	return (!strncmp(ifname, "eth", 3) && strlen(ifname) == 4) || !strcmp(ifname, "bond0");
}

static int script_check(void *arg, const char *path, const char *user, const char *group)
{
	if (!strcmp(user, "nosuch"))
		return -EINVAL;
	if (!strncmp(path, "/missing", 8))
		return -ENOENT;
	if (!strncmp(path, "/secret", 7))
		return -EACCES;
	return strncmp(path, "/open", 5) ? 0 : -EPERM;
}

static char *all_messages(const struct conf *c)
{
	char *text = NULL, line[2000];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (uint32_t i = 0; i < c->n_messages; i++) {
		conf_message_text(&c->messages[i], line, sizeof(line));
		fprintf(f, "%s\n", line);
	}
	fclose(f);
	return text;
}

static struct loaded *load(const char *text, bool test)
{
	struct conf_io io = { .arg = (void *)text,
			      .read = read_file,
			      .glob = find_files,
			      .if_exists = if_exists,
			      .script_check = script_check };
	struct conf_options o = { .path = "k", .config_id = "here", .instance = "", .test = test };
	struct loaded *l = calloc(1, sizeof(*l));

	if (!l || arena_open_private(&l->arena))
		abort();
	l->c = conf_load(&l->arena, &io, &o);
	l->messages = all_messages(l->c);
	return l;
}

struct loaded *load_text(const char *text)
{
	return load(text, false);
}

struct loaded *load_text_test(const char *text)
{
	return load(text, true);
}

void loaded_free(struct loaded *l)
{
	if (!l)
		return;
	arena_close(&l->arena);
	free(l->messages);
	free(l);
}

char *printed(const struct conf *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (conf_print(c, f))
		abort();
	fclose(f);
	return text;
}
