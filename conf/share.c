/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * share - checks that ask the same of the same are one check, however many real servers want it.
 *
 * Found by a hash of the content, then compared byte by byte. The hash is the check's key: it is the same after a reload,
 * so the check's state is found again. Invariant: no two checks of a configuration have the same key.
 */
#include <string.h>

#include "bytes.h"
#include "draft_vs.h"

struct share {
	struct vec checks; /* struct conf_check */
	uint32_t *slots;   /* index + 1, by key */
	uint32_t room;
};

static struct share *share_of(struct load *l)
{
	if (!l->share)
		l->share = load_scratch(l, sizeof(*l->share));
	return l->share;
}

static uint32_t *slot_of(const struct share *s, uint64_t key)
{
	uint32_t i = (uint32_t)key & (s->room - 1);

	while (s->slots[i] && VEC_AT(s->checks, struct conf_check, s->slots[i] - 1).key != key)
		i = (i + 1) & (s->room - 1);
	return &s->slots[i];
}

static void grow(struct load *l, struct share *s)
{
	s->room = s->room ? s->room * 2 : 256;
	s->slots = load_scratch(l, s->room * sizeof(*s->slots));
	for (uint32_t i = 0; i < s->checks.n; i++)
		*slot_of(s, VEC_AT(s->checks, struct conf_check, i).key) = i + 1;
}

static bool same(struct load *l, const struct bytes *content, const struct conf_check *c)
{
	struct bytes other = { 0 };
	bool equal;

	bytes_check(&other, l->conf, c);
	equal = bytes_equal(content, &other);
	bytes_free(&other);
	return equal;
}

struct conf_check share_keep(struct load *l, const struct conf_check *check)
{
	struct conf_check c = *check;

	if (c.kind == CONF_CHECK_HTTP || c.kind == CONF_CHECK_SSL)
		c.http.urls = arena_memdup(l->a, c.http.urls, c.http.n_urls * sizeof(*c.http.urls));
	return c;
}

uint32_t share_check(struct load *l, const struct conf_check *check)
{
	struct share *s = share_of(l);
	struct bytes content = { 0 };
	struct conf_check c;
	uint32_t *slot;
	uint64_t key;

	if (s->checks.n * 2 >= s->room)
		grow(l, s);
	bytes_check(&content, l->conf, check);
	/* another content with this hash: the next number is as good a key, and the same one after a reload in this order */
	for (key = bytes_hash(&content);; key++) {
		slot = slot_of(s, key);
		if (!*slot || same(l, &content, &VEC_AT(s->checks, struct conf_check, *slot - 1)))
			break;
	}
	bytes_free(&content);
	if (!*slot) {
		c = share_keep(l, check);
		c.key = key;
		*(struct conf_check *)vec_add(l, &s->checks, sizeof(c)) = c;
		*slot = s->checks.n;
	}
	return *slot - 1;
}

void share_finish(struct load *l)
{
	struct share *s = share_of(l);

	l->conf->checks = vec_keep(l, &s->checks, sizeof(struct conf_check));
	l->conf->n_checks = s->checks.n;
}
