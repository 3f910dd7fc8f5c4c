/* SPDX-License-Identifier: GPL-2.0-or-later */
/* set_vsg - virtual_server_group: its lines are addresses, ranges and networks with a port, and marks. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "draft_vs.h"

#define RANGE_MAX 65536 /* addresses of one line */

static uint64_t low_bits(const struct conf_addr *a)
{
	uint64_t v = 0;
	int n = a->family == AF_INET ? 4 : 8;

	for (int i = 0; i < n; i++)
		v = v << 8 | a->bytes[a->family == AF_INET ? i : 8 + i];
	return v;
}

/* How many addresses from first to the end that is written last: a whole address, or the last part of one */
static bool range_count(const struct conf_addr *first, const char *last, uint64_t *ret)
{
	struct conf_addr end = *first;
	unsigned long v;
	char *rest;

	if (text_addr(last, &end)) {
		v = strtoul(last, &rest, first->family == AF_INET ? 10 : 16);
		if (*last == '-' || *rest || rest == last || v > (first->family == AF_INET ? 255 : 0xffff))
			return false;
		end = *first;
		if (end.family == AF_INET) {
			end.bytes[3] = (uint8_t)v;
		} else {
			end.bytes[14] = (uint8_t)(v >> 8);
			end.bytes[15] = (uint8_t)v;
		}
	}
	if (end.family != first->family || (end.family == AF_INET6 && memcmp(end.bytes, first->bytes, 8)))
		return false;
	*ret = low_bits(&end) - low_bits(first) + 1;
	return low_bits(&end) >= low_bits(first);
}

static void bad_range(struct load *l, const struct conf_node *n, const char *why)
{
	load_error(l, CONF_ERROR, n, 0,
		   "'%s' is left out: %s (as 192.0.2.1-10, 192.0.2.1-192.0.2.10, 192.0.2.8/29 or fwmark 5)",
		   n->words[0].text, why);
}

/* ADDRESS, FIRST-LAST or NETWORK/LENGTH */
static bool read_range(struct load *l, const struct conf_node *n, struct conf_vsg_entry *e)
{
	const char *word = n->words[0].text, *dash = strchr(word, '-'), *slash = strchr(word, '/');
	char *first = arena_strdup(&l->scratch, word);
	uint64_t count = 1;
	uint8_t len;

	if (dash)
		first[dash - word] = 0;
	if (slash ? text_prefix(word, &e->first, &len) : text_addr(first, &e->first)) {
		bad_range(l, n, "it is no address");
		return false;
	}
	if (dash && !range_count(&e->first, dash + 1, &count)) {
		bad_range(l, n, "the end of the range is no address after its start");
		return false;
	}
	if (slash) {
		unsigned host = (e->first.family == AF_INET ? 32 : 128) - len;

		count = host > 32 ? UINT64_MAX : 1ull << host;
		if (host <= 32 && low_bits(&e->first) & (count - 1)) {
			bad_range(l, n, "Address mask bits not empty");
			return false;
		}
	}
	if (count > RANGE_MAX) {
		load_error(l, CONF_ERROR, n, 0, "'%s' is left out: more than %u addresses on one line", word,
			   RANGE_MAX);
		return false;
	}
	e->count = (uint32_t)count;
	return true;
}

static bool read_mark(struct load *l, const struct conf_node *n, struct conf_vsg_entry *e)
{
	static const struct row_word families[] = { { "inet", AF_INET }, { "inet6", AF_INET6 }, { NULL, 0 } };
	int64_t v;

	if (!value_num(l, n, 1, 1, UINT32_MAX, &v))
		return false;
	e->fwmark = (uint32_t)v;
	e->count = 1;
	if (n->n_words > 2) {
		if (!value_enum(l, n, 2, families, false, &v))
			return false;
		e->first.family = (uint16_t)v;
	}
	return true;
}

static void read_entry(struct load *l, struct vsg_draft *d, const struct conf_node *n)
{
	struct conf_vsg_entry e = { .where = n->where };
	uint16_t port = 0;

	if (!strcmp(n->words[0].text, "fwmark")) {
		if (!read_mark(l, n, &e))
			return;
	} else {
		if (!read_range(l, n, &e) || (n->n_words > 1 && !value_port(l, n, 1, &port)))
			return;
		e.first.port = port;
	}
	*(struct conf_vsg_entry *)vec_add(l, &d->entries, sizeof(e)) = e;
}

void set_vsg(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct vsg_draft *d = load_scratch(l, sizeof(*d));

	if (!n->has_block) {
		load_error(l, CONF_ERROR, n, 0, "Missing '{' at beginning of configuration block '%s'", r->word);
		return;
	}
	d->g.name = load_str(l, n->words[1].text);
	d->g.where = n->where;
	if (!names_add(l, &l->vsg_names, d->g.name, l->vsgs.n)) {
		load_error(l, CONF_ERROR, n, 1, "virtual server group %s is defined twice: this one is left out",
			   d->g.name);
		return;
	}
	for (const struct conf_node *c = n->children; c; c = c->next)
		read_entry(l, d, c);
	*(struct vsg_draft **)vec_add(l, &l->vsgs, sizeof(d)) = d;
}
