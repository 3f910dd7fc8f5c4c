/* SPDX-License-Identifier: GPL-2.0-or-later */
/* garp - see garp.h. */
#include "garp.h"

#include <stdlib.h>
#include <string.h>

static uint32_t group_of(const struct conf *c, const char *ifname)
{
	for (uint32_t i = 0; i < c->n_garp_groups; i++)
		for (uint32_t j = 0; j < c->garp_groups[i].n_ifnames; j++)
			if (!strcmp(c->garp_groups[i].ifnames[j], ifname))
				return i;
	return CONF_NONE;
}

static void set_rate(const struct conf *c, struct garp_lane *l)
{
	l->arp_us =
		l->group == CONF_NONE ? c->global.vrrp_garp_interval_us : c->garp_groups[l->group].garp_interval_us;
	l->na_us = l->group == CONF_NONE ? c->global.vrrp_gna_interval_us : c->garp_groups[l->group].gna_interval_us;
}

static void free_lanes(struct garp *g)
{
	for (uint32_t i = 0; i < g->n_lanes; i++)
		free(g->lanes[i].items);
	free(g->lanes);
	g->lanes = NULL;
	g->n_lanes = g->turn = 0;
}

void garp_conf(struct garp *g, const struct conf *conf)
{
	g->conf = conf;
	if (!conf) {
		free_lanes(g);
		return;
	}
	for (uint32_t i = 0; i < g->n_lanes; i++) {
		struct garp_lane *l = &g->lanes[i];

		/* groups may have become other ones: their lanes go on as lanes without a group, to be emptied */
		if (l->group != CONF_NONE && l->group >= conf->n_garp_groups)
			l->group = CONF_NONE;
		set_rate(conf, l);
	}
}

static struct garp_lane *lane_of(struct garp *g, const char *ifname, uint32_t ifindex)
{
	uint32_t group = group_of(g->conf, ifname);
	struct garp_lane *l;

	for (uint32_t i = 0; i < g->n_lanes; i++) {
		l = &g->lanes[i];
		if (l->group == group && (group != CONF_NONE || l->ifindex == ifindex))
			return l;
	}
	l = realloc(g->lanes, (g->n_lanes + 1) * sizeof(*l));
	if (!l)
		return NULL;
	g->lanes = l;
	l += g->n_lanes++;
	memset(l, 0, sizeof(*l));
	l->group = group;
	l->ifindex = ifindex;
	set_rate(g->conf, l);
	return l;
}

static bool make_room(struct garp_lane *l)
{
	uint32_t room = l->room ? 2 * l->room : 16;
	struct garp_item *items;

	if (l->n < l->room)
		return true;
	items = malloc(room * sizeof(*items));
	if (!items)
		return false;
	for (uint32_t i = 0; i < l->n; i++)
		items[i] = l->items[(l->head + i) % l->room];
	free(l->items);
	l->items = items;
	l->room = room;
	l->head = 0;
	return true;
}

void garp_add(struct garp *g, const char *ifname, const struct garp_item *item)
{
	struct garp_lane *l = lane_of(g, ifname, item->ifindex);

	if (!l || !make_room(l)) {
		g->dropped++;
		return;
	}
	l->items[(l->head + l->n++) % l->room] = *item;
}

void garp_drop(struct garp *g, const void *owner)
{
	for (uint32_t i = 0; i < g->n_lanes; i++) {
		struct garp_lane *l = &g->lanes[i];
		uint32_t kept = 0;

		for (uint32_t j = 0; j < l->n; j++) {
			struct garp_item *from = &l->items[(l->head + j) % l->room];

			if (from->owner != owner)
				l->items[(l->head + kept++) % l->room] = *from;
		}
		l->n = kept;
	}
}

bool garp_waits(const struct garp *g, const void *owner)
{
	for (uint32_t i = 0; i < g->n_lanes; i++) {
		const struct garp_lane *l = &g->lanes[i];

		for (uint32_t j = 0; j < l->n; j++)
			if (l->items[(l->head + j) % l->room].owner == owner)
				return true;
	}
	return false;
}

bool garp_next(struct garp *g, uint64_t now, struct garp_item *ret, uint64_t *ret_at)
{
	uint64_t at = UINT64_MAX;

	/* lanes take turns, so that one with a thousand addresses does not hold up the others */
	for (uint32_t i = 0; i < g->n_lanes; i++) {
		struct garp_lane *l = &g->lanes[(g->turn + i) % g->n_lanes];
		uint64_t gap;

		if (l->n == 0)
			continue;
		if (l->next > now) {
			at = l->next < at ? l->next : at;
			continue;
		}
		*ret = l->items[l->head];
		l->head = (l->head + 1) % l->room;
		l->n--;
		gap = ret->addr.family == AF_INET ? l->arp_us : l->na_us;
		l->next = gap ? now + gap : 0;
		g->turn = (g->turn + i + 1) % g->n_lanes;
		return true;
	}
	*ret_at = at;
	return false;
}
