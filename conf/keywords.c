/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keywords - the table of words as text. The manual cannot lack a word or a block: making it fails then.
 */
#include "keywords.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define BLOCKS_MAX 128
#define PATH_MAX_BYTES 256

/* ---- one word ---- */
static int range_text(const struct row *r, char *buf, size_t size)
{
	int64_t min, max;

	store_range(r, &min, &max);
	if (!r->min && !r->max)
		return snprintf(buf, size, "N");
	if (!r->min && max >= INT32_MAX)
		return snprintf(buf, size, "N");
	if (max >= INT32_MAX)
		return snprintf(buf, size, "N");
	return snprintf(buf, size, "%" PRId64 "..%" PRId64, min, max);
}

static int enum_text(const struct row *r, char *buf, size_t size)
{
	size_t n = 0;

	for (const struct row_word *w = r->words; w->word; w++)
		n += snprintf(buf + (n < size ? n : size), n < size ? size - n : 0, "%s%s",
			      w == r->words ? "" : " | ", w->word);
	return (int)n;
}

/* Kinds whose argument is always written the same way */
static const char *kind_text(const struct row *r)
{
	switch (r->kind) {
	case V_BOOL:
	case V_TRISTATE:
		return "[on | off]";
	case V_SECS:
		return "SECONDS";
	case V_MSECS:
		return "MILLISECONDS";
	case V_USECS:
		return "MICROSECONDS";
	case V_STRING:
		return "TEXT";
	case V_ADDR:
		return "ADDRESS";
	case V_ADDR_PORT:
		return "ADDRESS [PORT]";
	case V_SCRIPT:
		return r->flags & R_NO_USER ? "COMMAND" : "COMMAND [USER [GROUP]]";
	case V_FIFO:
		return "PATH [USER [GROUP]]";
	case V_LIST:
		return "{ ... }";
	default:
		return "";
	}
}

int keyword_args(const struct row *r, char *buf, size_t size)
{
	if (r->args)
		return snprintf(buf, size, r->alone && *r->args != '[' ? "[%s]" : "%s", r->args);
	if (r->kind == V_BLOCK)
		return snprintf(buf, size, "%s%s{ ... }", r->block->args ? r->block->args : "",
				r->block->args ? " " : "");
	if (r->alone) {
		struct row plain = *r;
		char inner[200];

		plain.alone = NULL;
		keyword_args(&plain, inner, sizeof(inner));
		return snprintf(buf, size, "[%s]", inner);
	}
	if (r->kind == V_NUM)
		return range_text(r, buf, size);
	if (r->kind == V_ENUM)
		return enum_text(r, buf, size);
	return snprintf(buf, size, "%s", kind_text(r));
}

/* ---- finding ---- */
const struct row *schema_row(const struct schema_block *b, const char *word)
{
	for (const struct row_part *p = b->parts; p->table; p++)
		for (unsigned i = 0; i < p->table->n; i++)
			if (!strcmp(p->table->rows[i].word, word))
				return &p->table->rows[i];
	return NULL;
}

const struct schema_block *schema_path(const char *path)
{
	const struct schema_block *b = &schema_root;
	char word[PATH_MAX_BYTES];

	while (*path) {
		size_t n = strcspn(path, "/");
		const struct row *r;

		if (n >= sizeof(word))
			return NULL;
		memcpy(word, path, n);
		word[n] = 0;
		r = schema_row(b, word);
		if (!r || !r->block)
			return NULL;
		b = r->block;
		path += n + (path[n] == '/');
	}
	return b;
}

/* Calls f for each block once, with the path by which it is met first; old spellings are no way to a block. */
struct visit {
	const struct schema_block *seen[BLOCKS_MAX];
	unsigned n;
	void (*f)(void *arg, const struct schema_block *b, const char *path);
	void *arg;
};

static void visit_blocks(struct visit *v, const struct schema_block *b, const char *path)
{
	for (unsigned i = 0; i < v->n; i++)
		if (v->seen[i] == b)
			return;
	if (v->n == BLOCKS_MAX)
		return;
	v->seen[v->n++] = b;
	v->f(v->arg, b, path);
	for (const struct row_part *p = b->parts; p->table; p++)
		for (unsigned i = 0; i < p->table->n; i++) {
			const struct row *r = &p->table->rows[i];
			char inner[PATH_MAX_BYTES];

			if (!r->block || r->legacy)
				continue;
			snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "/" : "", r->word);
			visit_blocks(v, r->block, inner);
		}
}

/* ---- the manual ---- */
struct man {
	FILE *out, *err;
	const struct schema_block *done[BLOCKS_MAX];
	unsigned n_done;
	struct {
		const struct row_table *table;
		const struct schema_block *block;
	} tables[BLOCKS_MAX * 4];
	unsigned n_tables;
	bool missing;
};

/* Text for mdoc, not at a line's start; quotation marks survive in an argument, too. */
static void put_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '"')
			fputs("\\(dq", out);
		else
			fputc(*s, out);
	}
}

static void put_line(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	put_text(out, text);
	fputs(after, out);
	fputc('\n', out);
}

static void man_row(FILE *out, const struct row *r)
{
	const char *standard = r->standard ? r->standard : r->preset;
	char args[300];

	keyword_args(r, args, sizeof(args));
	fprintf(out, ".It Ic %s", r->word);
	if (*args) {
		fputs(" Ar \"", out);
		put_text(out, args);
		fputs("\"", out);
	}
	fputc('\n', out);
	fputc(toupper((unsigned char)*r->brief), out);
	put_line(out, "", r->brief + 1, ".");
	if (standard)
		put_line(out, "Default: ", standard, ".");
	if (r->alone)
		put_line(out, "Without argument: ", r->alone, ".");
	if (r->legacy)
		put_line(out, "Deprecated: ", r->legacy, ".");
	if (r->no_effect)
		put_line(out, "Has no effect here: ", r->no_effect, ".");
}

static const struct schema_block *table_seen(struct man *m, const struct row_table *t, const struct schema_block *b)
{
	for (unsigned i = 0; i < m->n_tables; i++)
		if (m->tables[i].table == t)
			return m->tables[i].block;
	if (m->n_tables < sizeof(m->tables) / sizeof(m->tables[0])) {
		m->tables[m->n_tables].table = t;
		m->tables[m->n_tables++].block = b;
	}
	return NULL;
}

static void man_again(FILE *out, const struct row_table *t, const struct schema_block *where, bool first)
{
	fputs(first ? "Also, as in\n" : ".Pp\nAlso, as in\n", out);
	fprintf(out, ".Ic %s :\n", where->word);
	for (unsigned i = 0; i < t->n; i++)
		fprintf(out, ".Ic %s%s\n", t->rows[i].word, i + 1 < t->n ? " ," : " .");
}

static void man_block(struct man *m, const struct schema_block *b)
{
	bool open = false;

	if (m->n_done < BLOCKS_MAX)
		m->done[m->n_done++] = b;
	for (const struct row_part *p = b->parts; p->table; p++) {
		const struct schema_block *where = table_seen(m, p->table, b);

		if (where) {
			if (open)
				fputs(".El\n", m->out);
			open = false;
			man_again(m->out, p->table, where, p == b->parts);
			continue;
		}
		if (!open)
			fputs(".Bl -tag -width Ds\n", m->out);
		open = true;
		for (unsigned i = 0; i < p->table->n; i++)
			man_row(m->out, &p->table->rows[i]);
	}
	if (open)
		fputs(".El\n", m->out);
}

static void check_done(void *arg, const struct schema_block *b, const char *path)
{
	struct man *m = arg;

	for (unsigned i = 0; i < m->n_done; i++)
		if (m->done[i] == b)
			return;
	fprintf(m->err, "the manual has no line \"@TABLE %s@\"\n", path);
	m->missing = true;
}

int keywords_man(FILE *in, FILE *out, FILE *err)
{
	struct man m = { .out = out, .err = err };
	struct visit v = { .f = check_done, .arg = &m };
	char line[1024], path[PATH_MAX_BYTES];

	while (fgets(line, sizeof(line), in)) {
		const struct schema_block *b;

		if (strncmp(line, "@TABLE", 6)) {
			fputs(line, out);
			continue;
		}
		*path = 0;
		sscanf(line, "@TABLE %255[^@\n]", path);
		b = schema_path(path);
		if (!b) {
			fprintf(err, "there is no block \"%s\" for the manual's line \"@TABLE %s@\"\n", path, path);
			return -ENOENT;
		}
		man_block(&m, b);
	}
	visit_blocks(&v, &schema_root, "");
	if (m.missing)
		return -ESRCH;
	return ferror(in) || ferror(out) ? -EIO : 0;
}

/* ---- the list ---- */
static void list_block(void *arg, const struct schema_block *b, const char *path)
{
	FILE *out = arg;
	char args[300];

	for (const struct row_part *p = b->parts; p->table; p++)
		for (unsigned i = 0; i < p->table->n; i++) {
			const struct row *r = &p->table->rows[i];
			const char *standard = r->standard ? r->standard : r->preset ? r->preset : "";

			keyword_args(r, args, sizeof(args));
			fprintf(out, "%s\t%s\t%s\t%s\t%s%s%s\n", path, r->word, args, standard, r->brief,
				r->no_effect ? "; has no effect here: "
				: r->legacy  ? "; deprecated: "
					     : "",
				r->no_effect ? r->no_effect
				: r->legacy  ? r->legacy
					     : "");
		}
}

int keywords_list(FILE *out)
{
	struct visit v = { .f = list_block, .arg = out };

	visit_blocks(&v, &schema_root, "");
	return ferror(out) ? -EIO : 0;
}
