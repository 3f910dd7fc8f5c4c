/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema - reads a tree by the table of words: finds each line's row, stores its value, opens and closes blocks, says
 * what is unknown, doubled, misplaced or without effect.
 *
 * Beyond keepalived: an unknown block is skipped whole instead of closing the one around it, and a root block that
 * stands inside another one (a brace missing before it) is read as what it is.
 * The index (hash of words, presets) is made once for each block that is met.
 */
#include <string.h>
#include <strings.h>

#include "keywords.h"
#include "parts.h"
#include "store.h"

struct slot {
	const struct row *row; /* NULL: free */
	uint32_t base, hash;
	uint16_t number; /* of the row in its block */
	bool said;	 /* that it has no effect */
};
struct block_index {
	const struct schema_block *block;
	struct slot *slots;
	uint32_t room;
	void *preset; /* a draft with all defaults */
};
#define BLOCKS_MAX 128
#define ROWS_MAX 512 /* of a block */
struct schema_index {
	struct block_index blocks[BLOCKS_MAX];
};

static uint32_t hash_word(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h ^ h >> 15;
}

void schema_walk(const struct schema_block *b, void (*f)(void *arg, const struct row *r, uint32_t base), void *arg)
{
	const struct row_part *p;

	for (p = b->parts; p->table; p++)
		for (unsigned i = 0; i < p->table->n; i++)
			f(arg, &p->table->rows[i], p->base);
}

/* ---- the index ---- */
static struct slot *find_slot(const struct block_index *x, const char *word, uint32_t hash)
{
	uint32_t i = hash & (x->room - 1);

	for (;; i = (i + 1) & (x->room - 1)) {
		struct slot *s = &x->slots[i];

		if (!s->row || (s->hash == hash && !strcmp(s->row->word, word)))
			return s;
	}
}

struct fill {
	struct block_index *x;
	unsigned n;
};

static void count_row(void *arg, const struct row *r, uint32_t base)
{
	struct fill *f = arg;

	f->n++;
}

static void index_row(void *arg, const struct row *r, uint32_t base)
{
	struct fill *f = arg;
	struct slot *s = find_slot(f->x, r->word, hash_word(r->word));

	if (!s->row)
		*s = (struct slot){ .row = r, .base = base, .hash = hash_word(r->word), .number = f->n };
	f->n++;
}

/* What a row takes when a line says `word text`: presets and what a keyword alone means go the usual way. */
static bool store_text(struct load *l, const struct row *r, void *obj, const char *text, const struct conf_node *n)
{
	struct conf_word words[8] = { { .text = r->word } };
	struct conf_node node = { .words = words, .n_words = 1, .raw = r->word };
	char *copy = arena_strdup(&l->scratch, text), *save;

	if (n)
		node.where = n->where;
	for (char *w = strtok_r(copy, " ", &save); w && node.n_words < 8; w = strtok_r(NULL, " ", &save))
		words[node.n_words++].text = w;
	if (!*text && r->kind == V_STRING)
		words[node.n_words++].text = "";
	if (r->kind == V_CUSTOM) {
		r->set(l, obj, r, &node);
		return true;
	}
	return store_value(l, r, (char *)obj + r->offset, &node);
}

struct preset {
	struct load *l;
	char *draft;
};

static void preset_row(void *arg, const struct row *r, uint32_t base)
{
	struct preset *p = arg;
	char *field = p->draft + base + r->offset;

	/* strings are never NULL for those who read the configuration */
	if (r->kind == V_STRING && r->size && !r->preset)
		*(const char **)field = load_str(p->l, "");
	if (r->kind == V_FIFO && r->size)
		*(struct conf_fifo *)field = (struct conf_fifo){ .path = load_str(p->l, ""),
								 .user = load_str(p->l, ""),
								 .group = load_str(p->l, "") };
	if (r->preset)
		store_text(p->l, r, p->draft + base, r->preset, NULL);
	if (r->kind == V_BLOCK && !r->block->size && r->block->parts) {
		struct preset inner = { p->l, field };

		schema_walk(r->block, preset_row, &inner);
	}
}

static struct block_index *index_of(struct load *l, const struct schema_block *b)
{
	struct fill f = { 0 };
	uintptr_t at = ((uintptr_t)b >> 4) * 2654435761u;
	struct block_index *x;

	if (!l->index)
		l->index = load_scratch(l, sizeof(*l->index));
	for (unsigned i = 0;; i++) {
		x = &l->index->blocks[(at + i) % BLOCKS_MAX];
		if (x->block == b)
			return x;
		if (!x->block)
			break;
	}
	x->block = b;
	f.x = x;
	schema_walk(b, count_row, &f);
	for (x->room = 16; x->room < 2 * f.n;)
		x->room *= 2;
	x->slots = load_scratch(l, x->room * sizeof(*x->slots));
	f.n = 0;
	schema_walk(b, index_row, &f);
	if (b->size) {
		struct preset p = { l, load_scratch(l, b->size) };

		schema_walk(b, preset_row, &p);
		x->preset = p.draft;
	}
	return x;
}

void *schema_draft(struct load *l, const struct schema_block *b)
{
	void *draft = load_scratch(l, b->size);

	memcpy(draft, index_of(l, b)->preset, b->size);
	return draft;
}

const void *schema_presets(struct load *l, const struct schema_block *b)
{
	return index_of(l, b)->preset;
}

/* ---- words that are not known ---- */
/* How many letters must be changed, added or taken away to make b of a; anything beyond 3 is 4. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64], n = strlen(b), i, j;

	if (n >= 64 || strlen(a) >= 64)
		return 4;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (j = 1; j <= n; j++) {
			unsigned d = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			d = d < row[j] + 1 ? d : row[j] + 1;
			row[j] = d < row[j - 1] + 1 ? d : row[j - 1] + 1;
		}
	}
	return row[n] < 4 ? row[n] : 4;
}

struct near {
	const char *word, *best;
	unsigned distance;
};

static void near_row(void *arg, const struct row *r, uint32_t base)
{
	struct near *near = arg;
	unsigned d = strcasecmp(near->word, r->word) ? distance(near->word, r->word) : 0;

	if (d < near->distance) {
		near->distance = d;
		near->best = r->word;
	}
}

const char *schema_nearest(const struct schema_block *b, const char *word)
{
	size_t len = strlen(word);
	struct near near = { .word = word, .distance = len < 4 ? 2 : len < 7 ? 3 : 4 };

	schema_walk(b, near_row, &near);
	return near.best;
}

static void read_row(struct load *l, const struct schema_block *b, void *draft, struct slot *s,
		     const struct conf_node *n);

/* A word that b does not have. */
static void unknown(struct load *l, const struct schema_block *b, void *draft, const struct conf_node *n)
{
	const char *word = n->words[0].text, *near = schema_nearest(b, word);
	const char *skipped = n->has_block ? ", its block is skipped" : "";
	struct slot *root = find_slot(index_of(l, &schema_root), word, hash_word(word));

	if (!near && b->stray && b->stray(l, draft, n))
		return;
	if (b != &schema_root && n->has_block && root->row && root->row->kind == V_BLOCK) {
		load_error(l, CONF_ERROR, n, 0, "'%s' cannot stand inside '%s': a '}' is missing before it", word,
			   b->word);
		read_row(l, &schema_root, l->global, root, n);
	} else if (near) {
		load_error(l, CONF_ERROR, n, 0, "Unknown keyword '%s'%s; did you mean '%s'?", word, skipped, near);
	} else if (b == &schema_root) {
		load_error(l, CONF_ERROR, n, 0, "Unknown keyword '%s'%s", word, skipped);
	} else {
		load_error(l, CONF_ERROR, n, 0, "Unknown keyword '%s' in '%s'%s", word, b->word, skipped);
	}
}

/* ---- lines ---- */
static bool repeats(const struct row *r)
{
	return (r->flags & R_REPEAT) || r->kind == V_BLOCK || r->kind == V_LIST || r->kind == V_CUSTOM ||
	       r->kind == V_NONE;
}

/* False: the line counts for nothing. */
static bool check_duplicate(struct load *l, const struct row *r, const struct conf_node *n)
{
	switch (r->kind) {
	case V_SCRIPT:
		load_error(l, CONF_ERROR, n, 0, "%s is given already, this one is ignored", r->word);
		return false;
	case V_STRING:
	case V_FIFO:
	case V_ADDR:
	case V_ADDR_PORT:
		load_error(l, CONF_WARNING, n, 0, "Duplicate %s - overwriting", r->word);
		return true;
	case V_FLAG:
	case V_CLEAR:
		return true;
	default:
		load_error(l, CONF_HINT, n, 0, "%s is given twice, the last one counts", r->word);
		return true;
	}
}

static void check_extra(struct load *l, const struct row *r, const struct conf_node *n)
{
	unsigned words = store_words(r);
	const char *extra;
	bool b;

	if (n->n_words <= words)
		return;
	extra = n->words[words].text;
	if (words == 1 && text_bool(extra, &b) && !b)
		load_error(l, CONF_WARNING, n, 1,
			   "%s takes no argument, '%s' does not switch it off: leave the line out", r->word, extra);
	else if (words > 1 || !text_bool(extra, &b))
		load_error(l, CONF_HINT, n, words, "%s: '%s' is ignored, %s", r->word, extra,
			   words == 1 ? "there is no argument" : "there are no further arguments");
}

/* A block that is left out is read all the same, into a draft that nobody keeps: what is wrong in it is said now. */
static void read_block(struct load *l, const struct row *r, void *parent, void *field, const struct conf_node *n)
{
	const struct schema_block *b = r->block;
	void *draft = b->open ? b->open(l, parent, b, n) : field;
	bool kept = draft;

	if (!kept)
		draft = schema_draft(l, b);
	schema_read(l, b, draft, n);
	if (kept && b->close)
		b->close(l, parent, draft, n);
}

static void read_list(struct load *l, const struct row *r, void *obj, const struct conf_node *n)
{
	if (n->n_words > 1)
		load_error(l, CONF_HINT, n, 1, "%s: '%s' is ignored, entries stand between { and }", r->word,
			   n->words[1].text);
	for (const struct conf_node *c = n->children; c; c = c->next) {
		if (c->has_block && !r->block)
			load_error(l, CONF_ERROR, c, 0, "%s: '%s' takes no block, it is skipped", r->word,
				   c->words[0].text);
		r->set(l, obj, r, c);
	}
}

/* Blocks and lists must have their braces, others must not. */
static bool braces_fit(struct load *l, const struct row *r, const struct conf_node *n)
{
	bool wants = r->kind == V_BLOCK || r->kind == V_LIST;

	if (wants && !n->has_block)
		load_error(l, CONF_ERROR, n, 0, "Missing '{' at beginning of configuration block '%s'", r->word);
	else if (!wants && n->has_block && r->kind != V_NONE && r->kind != V_CUSTOM)
		load_error(l, CONF_ERROR, n, 0, "Unexpected '{' - %s takes no block, it is skipped", r->word);
	return !wants || n->has_block;
}

/* Words that are old, or do nothing here. False: that is all there is to it. */
static bool remarks(struct load *l, struct slot *s, const struct conf_node *n)
{
	const struct row *r = s->row;

	if (r->legacy)
		load_error(l, CONF_DEPRECATED, n, 0, "%s is deprecated - %s", r->word, r->legacy);
	if (r->no_effect && !s->said) {
		load_error(l, CONF_NOTE, n, 0, "%s has no effect here: %s", r->word, r->no_effect);
		s->said = true;
	}
	return r->kind != V_NONE;
}

/* The words of keepalived's message, and what would be right */
static bool has_argument(struct load *l, const struct row *r, const struct conf_node *n)
{
	char args[300];

	switch (r->kind) {
	case V_FLAG:
	case V_CLEAR:
	case V_BOOL:
	case V_TRISTATE:
	case V_BLOCK:
	case V_LIST:
		return true;
	default:
		if (n->n_words > 1 || r->alone || (r->kind == V_CUSTOM && !r->min_words))
			return true;
	}
	keyword_args(r, args, sizeof(args));
	load_error(l, CONF_MISSING_PARAM, n, 0,
		   "Configuration line starting `%s` is missing a parameter after keyword `%s` at word position 2: "
		   "write %s %s",
		   r->word, r->word, r->word, args);
	return false;
}

static void read_row(struct load *l, const struct schema_block *b, void *draft, struct slot *s,
		     const struct conf_node *n)
{
	const struct row *r = s->row;
	char *obj = (char *)draft + s->base, *field = obj + r->offset;
	bool stored;

	if (!remarks(l, s, n) || !braces_fit(l, r, n) || !has_argument(l, r, n))
		return;
	switch (r->kind) {
	case V_BLOCK:
		read_block(l, r, obj, field, n);
		stored = true;
		break;
	case V_LIST:
		read_list(l, r, obj, n);
		stored = true;
		break;
	case V_CUSTOM:
		stored = value_words(l, n, r->min_words);
		if (stored)
			r->set(l, obj, r, n);
		break;
	default:
		check_extra(l, r, n);
		if (n->n_words == 1 && r->alone)
			stored = store_text(l, r, obj, r->alone, n);
		else
			stored = store_value(l, r, field, n);
		if (stored && r->set)
			r->set(l, obj, r, n);
	}
	if (!stored || !r->mark)
		return;
	*(uint64_t *)((char *)draft + b->given) |= 1ull << r->mark;
	if (b->places)
		((struct conf_where *)((char *)draft + b->places))[r->mark] = load_where(l, n, 0);
}

void schema_read(struct load *l, const struct schema_block *b, void *draft, const struct conf_node *n)
{
	struct block_index *x = index_of(l, b);
	uint64_t seen[ROWS_MAX / 64] = { 0 };

	for (const struct conf_node *c = n->children; c; c = c->next) {
		struct slot *s = find_slot(x, c->words[0].text, hash_word(c->words[0].text));
		uint64_t bit;

		if (!s->row) {
			unknown(l, b, draft, c);
			continue;
		}
		bit = 1ull << (s->number % 64);
		if (!(seen[s->number / 64] & bit) || repeats(s->row) || check_duplicate(l, s->row, c))
			read_row(l, b, draft, s, c);
		seen[s->number / 64] |= bit;
	}
}
