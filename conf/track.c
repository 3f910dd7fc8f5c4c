/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track - entries of track_interface, track_script, ...: a name, perhaps a weight; read, resolved, printed.
 */
#include "track.h"

#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "vip.h"

static const char *const kind_words[] = {
	[CONF_TRACK_IF] = "track_interface",	[CONF_TRACK_SCRIPT] = "track_script",
	[CONF_TRACK_PROCESS] = "track_process", [CONF_TRACK_FILE] = "track_file",
	[CONF_TRACK_BFD] = "track_bfd",
};

static int max_weight(enum conf_track_kind kind)
{
	return kind == CONF_TRACK_PROCESS || kind == CONF_TRACK_FILE ? 254 : 253;
}

/* reverse, noreverse at word i */
static void read_reverse(struct load *l, const struct conf_node *n, uint32_t i, bool *has, bool *ret)
{
	const char *word = n->words[i].text;

	*has = true;
	if (!strcmp(word, "reverse"))
		*ret = true;
	else if (!strcmp(word, "noreverse") || !strcmp(word, "no_reverse"))
		*ret = false;
	else
		load_error(l, CONF_ERROR, n, i, "unknown word '%s' behind a weight, it must be reverse or noreverse",
			   word);
}

void track_add(struct load *l, struct vec *v, enum conf_track_kind kind, const struct conf_node *n)
{
	struct track_draft t = { .kind = kind, .name = n->words[0].text, .where = load_where(l, n, 0) };
	int64_t w;
	int max = max_weight(kind);

	if (kind == CONF_TRACK_IF && !value_ifname(l, n, 0, &t.name))
		return;
	for (uint32_t i = 1; i < n->n_words; i++) {
		if (strcmp(n->words[i].text, "weight")) {
			read_reverse(l, n, i, &t.has_reverse, &t.reverse);
		} else if (value_num(l, n, ++i, -max, max, &w)) {
			t.weight = (int)w;
			t.has_weight = true;
		}
	}
	*(struct track_draft *)vec_add(l, v, sizeof(t)) = t;
}

/* What a name means: its index and its own weight. False: no such thing */
static bool look_up(struct load *l, const struct track_draft *t, uint32_t *index, int *weight, bool *reverse)
{
	const struct names *names[] = { NULL, &l->script_names, &l->process_names, &l->file_names, &l->bfd_names };
	int max = max_weight(t->kind);

	*index = CONF_NONE;
	if (t->kind == CONF_TRACK_IF)
		return true;
	*index = names_find(names[t->kind], t->name);
	if (*index == CONF_NONE)
		return false;
	switch (t->kind) {
	case CONF_TRACK_SCRIPT:
		*weight = VEC_AT(l->scripts, struct script_draft *, *index)->s.weight;
		*reverse = VEC_AT(l->scripts, struct script_draft *, *index)->s.reverse;
		break;
	case CONF_TRACK_PROCESS:
		*weight = VEC_AT(l->processes, struct process_draft *, *index)->p.weight;
		*reverse = VEC_AT(l->processes, struct process_draft *, *index)->p.reverse;
		break;
	case CONF_TRACK_FILE:
		*weight = VEC_AT(l->files, struct file_draft *, *index)->f.weight;
		*reverse = VEC_AT(l->files, struct file_draft *, *index)->f.reverse;
		break;
	default:
		*weight = VEC_AT(l->bfds, struct bfd_draft *, *index)->weight;
		*reverse = VEC_AT(l->bfds, struct bfd_draft *, *index)->reverse;
	}
	*weight = *weight > max ? max : *weight < -max ? -max : *weight;
	return true;
}

/* A thing that exists but does not work here: a script that cannot be run, a BFD session for the checker only */
static bool is_usable(struct load *l, const char *owner, const struct track_draft *t, uint32_t index)
{
	if (t->kind == CONF_TRACK_SCRIPT && !VEC_AT(l->scripts, struct script_draft *, index)->s.script.argv) {
		load_error_at(l, CONF_WARNING, t->where, "(%s) tracked script %s cannot be run and is not tracked",
			      owner, t->name);
		return false;
	}
	if (t->kind == CONF_TRACK_BFD && !VEC_AT(l->bfds, struct bfd_draft *, index)->b.for_vrrp) {
		load_error_at(l, CONF_ERROR, t->where,
			      "(%s) bfd_instance %s is for the checker only and is not tracked; write vrrp there",
			      owner, t->name);
		return false;
	}
	return true;
}

static bool is_double(const struct conf_track *list, uint32_t n, const struct conf_track *t)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i].kind == t->kind && list[i].index == t->index && !strcmp(list[i].ifname, t->ifname))
			return true;
	return false;
}

static void missing(struct load *l, const char *owner, const struct track_draft *t)
{
	static const char *const what[] = { "interface", "vrrp_script", "vrrp_track_process", "track_file",
					    "bfd_instance" };

	load_error_at(l, CONF_ERROR, t->where, "(%s) %s: there is no %s %s, ignoring it", owner, kind_words[t->kind],
		      what[t->kind], t->name);
}

const struct conf_track *track_resolve(struct load *l, const char *owner, const struct vec *v, bool no_weights,
				       const char *why, uint32_t *ret_n)
{
	struct conf_track *out = load_scratch(l, (v->n + 1) * sizeof(*out));
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		const struct track_draft *t = &VEC_AT(*v, struct track_draft, i);
		struct conf_track c = { .kind = t->kind, .ifname = load_str(l, ""), .where = t->where };

		if (!look_up(l, t, &c.index, &c.weight, &c.reverse)) {
			missing(l, owner, t);
			continue;
		}
		if (!is_usable(l, owner, t, c.index))
			continue;
		if (t->kind == CONF_TRACK_IF)
			c.ifname = t->name;
		if (t->has_weight)
			c.weight = t->weight;
		if (t->has_reverse)
			c.reverse = t->reverse;
		if (is_double(out, n, &c)) {
			load_error_at(l, CONF_ERROR, t->where, "(%s) %s is tracked twice, ignoring this one", owner,
				      t->name);
			continue;
		}
		if (c.weight && no_weights) {
			load_error_at(l, CONF_ERROR, t->where, "(%s) weight %d of %s %s is set to 0: %s", owner,
				      c.weight, kind_words[t->kind], t->name, why);
			c.weight = 0;
		}
		if (t->kind == CONF_TRACK_IF)
			check_interface(l, t->where, owner, c.ifname);
		out[n++] = c;
	}
	*ret_n = n;
	return n ? arena_memdup(l->a, out, n * sizeof(*out)) : NULL;
}

/* ---- weights of the tracked things themselves ---- */
bool track_weight(struct load *l, const struct conf_node *n, int64_t min, int64_t max, int *ret_weight,
		  bool *ret_reverse)
{
	bool has;
	int64_t w;

	if (!value_num(l, n, 1, min, max, &w))
		return false;
	*ret_weight = (int)w;
	if (n->n_words > 2)
		read_reverse(l, n, 2, &has, ret_reverse);
	return true;
}

void track_print(struct printer *p, const struct conf *c, const struct conf_track *tracks, uint32_t n)
{
	for (enum conf_track_kind kind = CONF_TRACK_IF; kind <= CONF_TRACK_BFD; kind++) {
		bool open = false;

		for (uint32_t i = 0; i < n; i++) {
			const struct conf_track *t = &tracks[i];
			const char *name = t->ifname;

			if (t->kind != kind)
				continue;
			if (!open)
				print_open(p, "%s", kind_words[kind]);
			open = true;
			if (kind == CONF_TRACK_SCRIPT)
				name = c->scripts[t->index].name;
			else if (kind == CONF_TRACK_PROCESS)
				name = c->processes[t->index].name;
			else if (kind == CONF_TRACK_FILE)
				name = c->files[t->index].name;
			else if (kind == CONF_TRACK_BFD)
				name = c->bfds[t->index].name;
			print_line(p, "%s weight %d %s", print_word(p, name), t->weight,
				   t->reverse ? "reverse" : "noreverse");
		}
		if (open)
			print_close(p);
	}
}
