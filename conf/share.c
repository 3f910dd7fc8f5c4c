/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * share - checks that ask the same of the same are one check, however many real servers want it; and those that ask
 * the same of different targets have one description.
 *
 * Found by a hash of the content, then compared byte by byte. The hash is the check's key: it is the same after a
 * reload, so the check's state is found again. Invariant: no two checks of a configuration have the same key.
 */
#include <string.h>

#include "bytes.h"
#include "draft_vs.h"

struct same_table { /* of items that begin with their hash, uint64_t */
	struct vec items;
	uint32_t size; /* of one */
	uint32_t *slots; /* index + 1, by hash */
	uint32_t room;
};

struct kept_how {
	uint64_t hash;
	const struct conf_check *how;
};

struct share {
	struct same_table targets; /* struct conf_target */
	struct same_table hows;	   /* struct kept_how */
};

static struct share *share_of(struct load *l)
{
	if (!l->share) {
		l->share = load_scratch(l, sizeof(*l->share));
		l->share->targets.size = sizeof(struct conf_target);
		l->share->hows.size = sizeof(struct kept_how);
	}
	return l->share;
}

static void *item(const struct same_table *t, uint32_t i)
{
	return (char *)t->items.items + (size_t)i * t->size;
}

static uint32_t *slot_of(const struct same_table *t, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (t->room - 1);

	while (t->slots[i] && *(const uint64_t *)item(t, t->slots[i] - 1) != hash)
		i = (i + 1) & (t->room - 1);
	return &t->slots[i];
}

static void grow(struct load *l, struct same_table *t)
{
	t->room = t->room ? t->room * 2 : 256;
	t->slots = load_scratch(l, t->room * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->items.n; i++)
		*slot_of(t, *(const uint64_t *)item(t, i)) = i + 1;
}

typedef void put_item(struct bytes *b, const struct conf *c, const void *item);

/*
 * The item with this content, or a new one that has nothing but its hash (*ret_new). Another content with that hash:
 * the next number is as good, and the same one after a reload in this order.
 */
static void *find_or_add(struct load *l, struct same_table *t, struct bytes *content, put_item *put, bool *ret_new)
{
	struct bytes other = { 0 };
	uint64_t hash = bytes_hash(content);
	uint32_t *slot;
	void *new;

	if (t->items.n * 2 >= t->room)
		grow(l, t);
	for (; *(slot = slot_of(t, hash)); hash++) {
		put(&other, l->conf, item(t, *slot - 1));
		*ret_new = !bytes_equal(content, &other);
		bytes_free(&other);
		if (!*ret_new)
			return item(t, *slot - 1);
	}
	*ret_new = true;
	new = vec_add(l, &t->items, t->size);
	*(uint64_t *)new = hash;
	*slot = t->items.n;
	return new;
}

struct conf_check share_keep(struct load *l, const struct conf_check *check)
{
	struct conf_check c = *check;

	if (c.kind == CONF_CHECK_HTTP || c.kind == CONF_CHECK_SSL)
		c.http.urls = arena_memdup(l->a, c.http.urls, c.http.n_urls * sizeof(*c.http.urls));
	return c;
}

static void put_how(struct bytes *b, const struct conf *c, const void *kept)
{
	bytes_check(b, c, ((const struct kept_how *)kept)->how);
}

static const struct conf_check *share_how(struct load *l, const struct conf_check *check)
{
	struct bytes content = { 0 };
	struct conf_check c;
	struct kept_how *k;
	bool new;

	bytes_check(&content, l->conf, check);
	k = find_or_add(l, &share_of(l)->hows, &content, put_how, &new);
	bytes_free(&content);
	if (new) {
		c = share_keep(l, check);
		k->how = arena_memdup(l->a, &c, sizeof(c));
	}
	return k->how;
}

static void put_target(struct bytes *b, const struct conf *c, const void *target)
{
	bytes_target(b, c, target);
}

uint32_t share_check(struct load *l, const struct conf_check *check)
{
	struct same_table *t = &share_of(l)->targets;
	struct conf_check how = *check;
	struct conf_target wanted = { .addr = check->target, .where = check->where }, *kept;
	struct bytes content = { 0 };
	bool new;

	memset(&how.target, 0, sizeof(how.target));
	wanted.how = share_how(l, &how);
	bytes_target(&content, l->conf, &wanted);
	kept = find_or_add(l, t, &content, put_target, &new);
	bytes_free(&content);
	if (new) {
		wanted.key = kept->key;
		*kept = wanted;
	}
	return (uint32_t)(kept - (struct conf_target *)t->items.items);
}

void share_finish(struct load *l)
{
	struct same_table *t = &share_of(l)->targets;

	l->conf->checks = vec_keep(l, &t->items, sizeof(struct conf_target));
	l->conf->n_checks = t->items.n;
}
