/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session - see session.h. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRACE_INTERVALS 3 /* of idle_tx: so long a neighbour may need to answer a session that has just begun */

static bool same_addr(const struct conf_addr *a, const struct conf_addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, a->family == AF_INET6 ? 16 : 4) == 0;
}

enum bfd_change bfd_compare(const struct conf_bfd *a, const struct conf_bfd *b)
{
	if (strcmp(a->name, b->name) != 0 || !same_addr(&a->neighbour, &b->neighbour) ||
	    !same_addr(&a->source, &b->source) || a->multihop != b->multihop || a->ttl != b->ttl)
		return BFD_OTHER;
	if (a->min_rx_us != b->min_rx_us || a->min_tx_us != b->min_tx_us || a->idle_tx_us != b->idle_tx_us ||
	    a->multiplier != b->multiplier || a->passive != b->passive)
		return BFD_RETIMED;
	return BFD_SAME;
}

uint32_t bfd_table_random(struct bfd_table *t)
{
	t->random = t->random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(t->random >> 32);
}

static bool discriminator_is_used(const struct bfd_table *t, uint32_t d)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (t->list[i]->s.local == d)
			return true;
	return false;
}

static struct bfd_entry *entry_new(struct bfd_table *t, const struct conf_bfd *c, uint64_t now)
{
	struct bfd_entry *e = calloc(1, sizeof(*e));
	uint32_t d;

	if (!e)
		return NULL;
	do
		d = bfd_table_random(t);
	while (!d || discriminator_is_used(t, d));
	bfd_session_init(&e->s, c, d, (uint64_t)bfd_table_random(t) << 32 | bfd_table_random(t) | 1, now);
	e->fd = -1;
	e->tell_down_at = now + GRACE_INTERVALS * c->idle_tx_us;
	return e;
}

static void entry_free(struct bfd_entry *e)
{
	if (e->fd >= 0)
		close(e->fd);
	free(e);
}

static struct bfd_entry *find_same(const struct bfd_table *t, const struct conf_bfd *c)
{
	for (uint32_t i = 0; i < t->n; i++)
		if (bfd_compare(t->list[i]->s.conf, c) != BFD_OTHER)
			return t->list[i];
	return NULL;
}

/* A kept session's configuration lies in the new arena from now on, also when it says the same. */
static void keep(struct bfd_entry *e, const struct conf_bfd *c, uint32_t index, uint64_t now)
{
	if (bfd_compare(e->s.conf, c) == BFD_RETIMED)
		bfd_session_reconf(&e->s, c, now);
	e->s.conf = c;
	e->index = index;
	e->told = false;
	e->gone = false;
}

int bfd_table_apply(struct bfd_table *t, const struct conf_bfd *bfds, uint32_t n, uint64_t now)
{
	struct bfd_entry **list = calloc((size_t)t->n + n + 1, sizeof(struct bfd_entry *));
	uint32_t made = t->n;

	if (!list)
		return -ENOMEM;
	memcpy(list, t->list ? t->list : list, t->n * sizeof(struct bfd_entry *));
	for (uint32_t i = 0; i < n; i++) {
		if (find_same(t, &bfds[i]))
			continue;
		list[made] = entry_new(t, &bfds[i], now);
		if (!list[made])
			goto no_memory;
		list[made++]->index = i;
	}
	for (uint32_t i = 0; i < t->n; i++)
		t->list[i]->gone = true;
	for (uint32_t i = 0; i < n; i++) {
		struct bfd_entry *e = find_same(t, &bfds[i]);

		if (e)
			keep(e, &bfds[i], i, now);
	}
	free(t->list);
	t->list = list;
	t->n = made;
	return 0;
no_memory:
	while (made > t->n)
		entry_free(list[--made]);
	free(list);
	return -ENOMEM;
}

void bfd_table_sweep(struct bfd_table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		if (t->list[i]->gone)
			entry_free(t->list[i]);
		else
			t->list[n++] = t->list[i];
	}
	t->n = n;
}

void bfd_table_free(struct bfd_table *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		entry_free(t->list[i]);
	free(t->list);
	*t = (struct bfd_table){ 0 };
}

/*
 * keepalived's reckoning: hops are what is missing from the TTL that we send ourselves (255 unless configured: then
 * it is RFC 5881's and RFC 5082's check), and up to max_hops may be.
 */
static bool too_far(const struct conf_bfd *c, int ttl)
{
	int from = c->ttl ? (int)c->ttl : 255;

	return c->max_hops < 255 && (ttl < 0 || from - ttl > (int)c->max_hops);
}

static bool belongs(const struct bfd_entry *e, const struct bfd_packet *p, const struct bfd_datagram *d,
		    bool multihop)
{
	const struct conf_bfd *c = e->s.conf;

	if (e->gone || c->multihop != multihop || !same_addr(&c->neighbour, &d->src))
		return false;
	if (p->your)
		return p->your == e->s.local;
	return !c->source.family || !d->dst.family || same_addr(&c->source, &d->dst);
}

struct bfd_entry *bfd_table_find(const struct bfd_table *t, const struct bfd_packet *p, const struct bfd_datagram *d,
				 bool multihop, enum bfd_refusal *ret_why)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (!belongs(t->list[i], p, d, multihop))
			continue;
		*ret_why = too_far(t->list[i]->s.conf, d->ttl) ? BFD_REFUSED_TTL : BFD_ACCEPTED;
		return *ret_why == BFD_ACCEPTED ? t->list[i] : NULL;
	}
	*ret_why = BFD_REFUSED_SESSION;
	return NULL;
}
