/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table - see table.h. */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

#include "check.h"
#include "clock.h"

static struct check **bucket(const struct checker *r, uint64_t key)
{
	return &r->table[(key ^ key >> 32) & (r->n_table - 1)];
}

struct check *check_find(struct checker *r, uint64_t key)
{
	struct check *k = r->n_table ? *bucket(r, key) : NULL;

	while (k && k->at->key != key)
		k = k->next_same;
	return k;
}

static void insert(struct checker *r, struct check *k)
{
	struct check **b = bucket(r, k->at->key);

	k->next_same = *b;
	*b = k;
	r->n_checks++;
}

/* Room for n checks; the chains stay short. A table that cannot grow serves on with longer ones. */
static int reserve(struct checker *r, uint32_t n)
{
	uint32_t want = 64, old = r->n_table;
	struct check **table, **was = r->table;

	while (want < n && want < 1u << 30)
		want *= 2;
	if (want <= old)
		return 0;
	table = calloc(want, sizeof(*table));
	if (!table)
		return old ? 0 : -ENOMEM;
	r->table = table;
	r->n_table = want;
	r->n_checks = 0;
	for (uint32_t i = 0; i < old; i++)
		for (struct check *k = was[i], *next; k; k = next) {
			next = k->next_same;
			insert(r, k);
		}
	free(was);
	return 0;
}

/* ---- whose they are: the first real server that asks for it ---- */

static void name_owners(struct checker *r, const struct conf *conf)
{
	for (uint32_t v = 0; v < conf->n_servers; v++) {
		const struct conf_vs *vs = &conf->servers[v];

		for (uint32_t s = 0; s < vs->n_rs; s++) {
			const struct conf_rs *rs = &vs->rs[s];

			for (uint32_t i = 0; i < rs->n_checks; i++) {
				struct check *k = rs->checks[i] < conf->n_checks
							  ? check_find(r, conf->checks[rs->checks[i]].key)
							  : NULL;

				if (!k)
					continue;
				k->only = (k->only && k->vs) || rs->n_checks == 1;
				if (!k->vs) {
					k->vs = vs;
					k->rs = rs;
				}
			}
		}
	}
}

/* ---- applying ---- */

static int keep_or_make(struct checker *r, const struct conf_target *t)
{
	struct check *k = check_find(r, t->key);
	struct engine_rules rules;

	if (k && k->conf->kind == t->how->kind) {
		k->at = t;
		k->conf = t->how;
		k->generation = r->generation;
		k->vs = NULL;
		k->rs = NULL;
		k->only = true;
		check_release(k);
		return 0;
	}
	k = check_new(r, t);
	if (!k)
		return -ENOMEM;
	k->generation = r->generation;
	k->only = true;
	engine_rules_of(&rules, k->conf);
	if (heap_set(&r->heap, &k->timer, clock_us() + engine_first_us(&rules, check_random(r))) < 0) {
		check_free(k);
		return -ENOMEM;
	}
	insert(r, k);
	return 0;
}

static void forget_untold(struct checker *r)
{
	struct check **at = &r->untold;

	while (*at) {
		if ((*at)->generation != r->generation)
			*at = (*at)->next_untold;
		else
			at = &(*at)->next_untold;
	}
}

static void drop_others(struct checker *r)
{
	forget_untold(r);
	for (uint32_t i = 0; i < r->n_table; i++) {
		struct check **at = &r->table[i];

		while (*at) {
			struct check *k = *at;

			if (k->generation == r->generation) {
				at = &k->next_same;
				continue;
			}
			*at = k->next_same;
			check_free(k);
			r->n_checks--;
		}
	}
}

int table_apply(struct checker *r, const struct conf *conf)
{
	int err = reserve(r, conf->n_checks);

	if (err < 0)
		return err;
	for (uint32_t i = 0; i < conf->n_checks; i++)
		if (check_kind_of(conf->checks[i].how->kind) && keep_or_make(r, &conf->checks[i]) < 0)
			err = -ENOMEM;
	drop_others(r);
	r->conf = conf;
	name_owners(r, conf);
	r->again = false;
	checker_arm(r);
	return err;
}

void table_free(struct checker *r)
{
	for (uint32_t i = 0; i < r->n_table; i++)
		for (struct check *k = r->table[i], *next; k; k = next) {
			next = k->next_same;
			check_free(k);
		}
	free(r->table);
	r->table = NULL;
	r->n_table = r->n_checks = 0;
}
