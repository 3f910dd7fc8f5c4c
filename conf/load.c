/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load - the way of a configuration from text to meaning: tree, table of words, validation, and the arena that stays.
 *
 * Opens only what its conf_io opens; never fails: what is wrong stands in the messages.
 */
#include <string.h>

#include "draft.h"
#include "parts.h"

/* What keeps a configuration from running; everything else is mended or left out, and said. */
static bool is_usable(const struct conf_message *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].severity == CONF_FATAL || list[i].severity == CONF_MISSING_FILE)
			return false;
	return true;
}

static void finish(struct load *l)
{
	struct conf *c = l->conf;

	c->has_vrrp = c->n_vrrps || c->n_static_addresses || c->n_static_routes || c->n_static_rules;
	c->has_lvs = c->n_servers || c->n_service_checks;
	c->has_bfd = c->n_bfds;
	conf_errors_sort(&l->errors);
	c->messages = l->errors.list;
	c->n_messages = l->errors.n;
	c->usable = is_usable(c->messages, c->n_messages);
}

int load_begin(struct load *l, struct arena *a, const struct conf_io *io, const struct conf_options *o)
{
	int r;

	*l = (struct load){ .a = a, .io = io, .o = o, .errors = { .arena = a } };
	r = arena_open_private(&l->scratch);
	if (r < 0)
		return r;
	l->conf = arena_alloc(a, sizeof(*l->conf));
	l->global = schema_draft(l, &schema_root);
	begin_global(l);
	return 0;
}

void load_end(struct load *l)
{
	arena_close(&l->scratch);
}

const struct conf *conf_load(struct arena *a, const struct conf_io *io, const struct conf_options *o)
{
	const struct conf_node *tree;
	struct load l;

	if (load_begin(&l, a, io, o) < 0) {
		struct conf *none = arena_alloc(a, sizeof(*none));

		conf_error(&l.errors, CONF_FATAL, (struct conf_where){ 0 }, "no memory to read a configuration");
		none->messages = l.errors.list;
		none->n_messages = l.errors.n;
		return none;
	}
	tree = conf_tree_read(&l.scratch, io, o, &l.errors);
	schema_read(&l, &schema_root, l.global, tree);
	validate_global(&l);
	validate_vrrp(&l);
	validate_vs(&l);
	finish(&l);
	load_end(&l);
	return l.conf;
}
