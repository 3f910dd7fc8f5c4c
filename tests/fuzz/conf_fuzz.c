/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_fuzz - any bytes as a configuration, with files that include each other: a line "%%% NAME" begins the next file,
 * the first is the main one. Nothing is opened; interfaces whose name begins with e exist; scripts in /bin are fine.
 *
 * What must hold: reading ends, every node has words, every place is within the file it names.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "tree.h"

#define FILES 8
#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len);

struct file {
	char name[64];
	const char *text;
	size_t len;
	uint32_t lines;
};
struct disk {
	struct file files[FILES];
	unsigned n;
};

static const struct file *find(const struct disk *d, const char *path)
{
	for (unsigned i = 0; i < d->n; i++)
		if (!strcmp(d->files[i].name, path))
			return &d->files[i];
	return NULL;
}

static int disk_read(void *arg, const char *path, char **ret_text, size_t *ret_len)
{
	const struct file *f = find(arg, path);

	if (!f)
		return -ENOENT;
	*ret_text = malloc(f->len + 1);
	MUST(*ret_text);
	memcpy(*ret_text, f->text, f->len);
	(*ret_text)[f->len] = 0;
	*ret_len = f->len;
	return 0;
}

static int disk_glob(void *arg, const char *pattern, int (*f)(void *arg, const char *path), void *f_arg)
{
	const struct disk *d = arg;
	int n = 0;

	for (unsigned i = 0; i < d->n; i++) {
		if (strlen(pattern) > 100 || fnmatch(pattern, d->files[i].name, FNM_PATHNAME))
			continue;
		n++;
		if (f(f_arg, d->files[i].name))
			break;
	}
	return n;
}

static bool disk_if_exists(void *arg, const char *ifname)
{
	return *ifname == 'e';
}

static int disk_script_check(void *arg, const char *path, const char *user, const char *group)
{
	return !strncmp(path, "/bin/", 5) ? 0 : *path == '/' ? -EPERM : -ENOENT;
}

static void make_disk(struct disk *d, const char *text, size_t len)
{
	const char *p = text, *end = text + len, *next;
	struct file *f;

	while (d->n < FILES) {
		f = &d->files[d->n++];
		strcpy(f->name, "main");
		if (end - p > 4 && !memcmp(p, "%%% ", 4)) {
			next = memchr(p, '\n', (size_t)(end - p));
			next = next ? next : end;
			p += 4;
			memset(f->name, 0, sizeof(f->name));
			memcpy(f->name, p, (size_t)(next - p) < sizeof(f->name) ? (size_t)(next - p) : sizeof(f->name) - 1);
			p = next < end ? next + 1 : end;
		}
		next = memmem(p, (size_t)(end - p), "\n%%% ", 5);
		f->text = p;
		f->len = (size_t)((next ? next : end) - p);
		f->lines = 1;
		for (size_t i = 0; i < f->len; i++)
			f->lines += p[i] == '\n';
		if (!next)
			break;
		p = next + 1;
	}
}

static void check_place(const struct disk *d, const struct conf_where *w)
{
	const struct file *f;

	if (!w->file)
		return;
	f = find(d, w->file);
	MUST(f || !w->line);
	MUST(!f || w->line <= f->lines + 1);
	MUST(!f || w->col <= f->len + 2);
}

static void check_nodes(const struct disk *d, const struct conf_node *n)
{
	for (; n; n = n->next) {
		MUST(n->n_words && n->words && n->raw && *n->raw);
		MUST(n->where.line && n->where.col);
		check_place(d, &n->where);
		for (uint32_t i = 0; i < n->n_words; i++)
			MUST(n->words[i].text && n->words[i].col);
		MUST(n->has_block || !n->children);
		check_nodes(d, n->children);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t len)
{
	struct disk d = {};
	struct conf_io io = { .arg = &d, .read = disk_read, .glob = disk_glob, .if_exists = disk_if_exists,
			      .script_check = disk_script_check };
	struct conf_options o = { .config_id = "main", .instance = "one" };
	struct conf_errors errors = {};
	const struct conf_node *root;
	struct arena a;
	char text[1200];

	if (len > 65536)
		return -1;
	MUST(!arena_open_private(&a));
	make_disk(&d, (const char *)in, len);
	o.path = d.files[0].name;
	errors.arena = &a;
	root = conf_tree_read(&a, &io, &o, &errors);
	check_nodes(&d, root->children);
	conf_errors_sort(&errors);
	for (uint32_t i = 0; i < errors.n; i++) {
		MUST(*errors.list[i].text);
		check_place(&d, &errors.list[i].where);
		MUST(conf_message_text(&errors.list[i], text, sizeof(text)) > 0);
	}
	arena_close(&a);
	return 0;
}
