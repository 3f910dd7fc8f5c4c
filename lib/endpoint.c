/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * endpoint - the table in which a packet's destination is looked up: lines of two entries, levels of 2^n lines in
 * one array. Single writer; the data plane reads it without a lock.
 *
 * Invariants: an entry's first 8 bytes are written last and cleared first, as one word. An entry stands in one of
 * ELVS_EP_PROBES lines from its hash on; every full line before it has `more` set. Levels are only ever left
 * upwards, so a reader that holds the old base finds the old level whole.
 */
#include "internal.h"

#include <string.h>

#define EP_FIRST_LEVEL 3

static struct elvs_ep_line *line_at(const struct ep_table *t, uint32_t base, uint32_t mask, uint32_t hash, uint32_t i)
{
	return &t->lines[base + ((hash + i) & mask)];
}

static uint64_t first_word(const struct elvs_ep *ep)
{
	uint64_t w;

	memcpy(&w, ep, sizeof(w));
	return w;
}

static void ep_write(struct elvs_ep *to, const struct elvs_ep *ep)
{
	memcpy(to->addr, ep->addr, sizeof(to->addr));
	to->id = ep->id;
	to->flags = ep->flags; /* `more` belongs to the line: left as it is */
	__atomic_store_n((uint64_t *)to, first_word(ep), __ATOMIC_RELEASE);
}

/* Into the level given; false when all of its probes' lines are full. */
static bool ep_place(struct ep_table *t, uint32_t base, uint32_t mask, const struct elvs_ep *ep)
{
	const uint32_t addr[4] = { ep->addr0, ep->addr[0], ep->addr[1], ep->addr[2] };
	uint32_t hash = elvs_ep_hash(ep->kind, addr, ep->port, ep->proto);

	for (uint32_t i = 0; i < ELVS_EP_PROBES && i <= mask; i++) {
		struct elvs_ep_line *l = line_at(t, base, mask, hash, i);

		for (int k = 0; k < 2; k++) {
			if (l->ep[k].kind)
				continue;
			for (uint32_t j = 0; j < i; j++)
				__atomic_store_n(&line_at(t, base, mask, hash, j)->ep[0].more, 1, __ATOMIC_RELEASE);
			ep_write(&l->ep[k], ep);
			return true;
		}
	}
	return false;
}

static int ep_grow(struct ep_table *t)
{
	uint32_t base = t->set->ep_base, next = base ? base * 2 : 1u << EP_FIRST_LEVEL;
	uint64_t word;
	int r;

again:
	if (next * 2 > ELVS_EP_LINES)
		return -ENOSPC;
	r = t->reach ? t->reach(t->e, next * 2) : 0;
	if (r)
		return r;
	memset(&t->lines[next], 0, sizeof(*t->lines) * next);
	for (uint32_t i = base; i < base * 2; i++)
		for (int k = 0; k < 2; k++)
			if (t->lines[i].ep[k].kind && !ep_place(t, next, next - 1, &t->lines[i].ep[k])) {
				next *= 2;
				goto again;
			}
	word = (uint64_t)next << 32 | (next - 1); /* ep_mask, then ep_base: one store, they must agree */
	__atomic_store_n((uint64_t *)&t->set->ep_mask, word, __ATOMIC_RELEASE);
	return 0;
}

int ep_add(struct ep_table *t, const struct elvs_ep *ep)
{
	int r = 0;

	if (t->count >= t->set->ep_base) /* half of the level's entries */
		r = ep_grow(t);
	while (!r && !ep_place(t, t->set->ep_base, t->set->ep_mask, ep))
		r = ep_grow(t);
	if (!r)
		t->count++;
	return r;
}

struct elvs_ep *ep_find(const struct ep_table *t, uint8_t kind, const uint32_t addr[4], uint16_t port, uint8_t proto)
{
	uint32_t hash = elvs_ep_hash(kind, addr, port, proto), base = t->set->ep_base, mask = t->set->ep_mask;

	for (uint32_t i = 0; base && i < ELVS_EP_PROBES; i++) {
		struct elvs_ep_line *l = line_at(t, base, mask, hash, i);

		for (int k = 0; k < 2; k++) {
			struct elvs_ep *ep = &l->ep[k];

			if (ep->kind == kind && ep->addr0 == addr[0] && ep->port == port && ep->proto == proto &&
			    !memcmp(ep->addr, addr + 1, sizeof(ep->addr)))
				return ep;
		}
		if (!l->ep[0].more)
			break;
	}
	return NULL;
}

bool ep_del(struct ep_table *t, uint8_t kind, const uint32_t addr[4], uint16_t port, uint8_t proto)
{
	struct elvs_ep *ep = ep_find(t, kind, addr, port, proto);

	if (!ep)
		return false;
	__atomic_store_n((uint64_t *)ep, 0, __ATOMIC_RELEASE);
	t->count--;
	return true;
}
