/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_static - what is set up once and stays: static addresses, routes, rules; groups of instances that depend on
 * them; delays of interfaces.
 */
#include <string.h>

#include "draft.h"
#include "print.h"
#include "vip.h"

#define DELAY_MAX_US 255000000ull

static void add_address(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_vip v;

	if (vip_read(l, n, false, &v))
		*(struct conf_vip *)vec_add(l, &l->static_addresses, sizeof(v)) = v;
}

static void add_route(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_ipline line;

	if (ipline_route(l, n, &line))
		*(struct conf_ipline *)vec_add(l, &l->static_routes, sizeof(line)) = line;
}

static void add_rule(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_ipline line;

	if (ipline_rule(l, n, &line))
		*(struct conf_ipline *)vec_add(l, &l->static_rules, sizeof(line)) = line;
}

static void add_delay(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct conf_if_delay d = { 0 };

	if (!value_ifname(l, n, 0, &d.ifname) || !value_us(l, n, 1, 1000000, 0, DELAY_MAX_US, &d.down_us))
		return;
	d.up_us = d.down_us;
	if (n->n_words > 2 && !value_us(l, n, 2, 1000000, 0, DELAY_MAX_US, &d.up_us))
		return;
	*(struct conf_if_delay *)vec_add(l, &l->if_delays, sizeof(d)) = d;
}

static void *open_track_group(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	struct track_group_draft *d;
	const char *name = draft_name(l, n, 0);

	if (!name)
		return NULL;
	d = schema_draft(l, b);
	d->name = name;
	d->where = load_where(l, n, 1);
	*(struct track_group_draft **)vec_add(l, &l->track_groups, sizeof(d)) = d;
	return d;
}

static void add_member(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct track_group_draft *d = obj;

	for (uint32_t i = 0; i < n->n_words; i++) {
		struct member *m = vec_add(l, &d->members, sizeof(*m));

		m->name = n->words[i].text;
		m->where = load_where(l, n, i);
	}
}

/* clang-format off */
static const struct row track_group_rows[] = {
	{ "group", V_LIST, T2, .set = add_member, .args = "{ INSTANCE ... }",
	  .brief = "instances that go to FAULT when something of this group is lost" },
};
static ROW_TABLE(track_group);
static const struct row_part track_group_parts[] = {{&track_group, 0}, {NULL, 0}};
static const struct schema_block track_group_block = {
	.word = "track_group", .parts = track_group_parts, .size = sizeof(struct track_group_draft),
	.open = open_track_group, .args = "NAME",
	.brief = "Instances that depend on static addresses, routes and rules",
};

static const char address_args[] =
	"{ ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A] [peer A] [home] [-nodad] ... }";

static const struct row rows_static_root_rows[] = {
	{ "static_ipaddress", V_LIST, T1, .set = add_address, .args = address_args,
	  .brief = "addresses that never move; see ADDRESSES, ROUTES AND RULES" },
	{ "static_routes", V_LIST, T1, .set = add_route, .args = "{ ROUTE ... }",
	  .brief = "routes, as ip route has them" },
	{ "static_rules", V_LIST, T2, .set = add_rule, .args = "{ RULE ... }",
	  .brief = "rules, as ip rule has them" },
	{ "track_group", V_BLOCK, T2, .block = &track_group_block,
	  .brief = "instances that depend on static addresses, routes and rules" },
	{ "interface_up_down_delays", V_LIST, T3, .set = add_delay, .args = "{ INTERFACE DOWN [UP] ... }",
	  .brief = "seconds that an interface must be down or up until it counts" },
	{ "linkbeat_interfaces", V_NONE, T3, .no_effect = "the kernel tells of every change of a link",
	  .args = "{ INTERFACE ... }", .brief = "poll the state of links" },
};
/* clang-format on */
ROW_TABLE(rows_static_root);
