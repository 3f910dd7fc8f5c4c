/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_bfd - bfd_instance: sessions that tell quickly whether a neighbour still answers (RFC 5880).
 */
#include <string.h>

#include "draft.h"
#include "print.h"
#include "track.h"

#define MSEC 1000ll
#define NAME_MAX_BYTES 31

static void *open_bfd(struct load *l, void *parent, const struct schema_block *b, const struct conf_node *n)
{
	const char *name = draft_name(l, n, NAME_MAX_BYTES);
	struct bfd_draft *d;

	if (!name)
		return NULL;
	d = schema_draft(l, b);
	d->b.name = name;
	d->b.where = load_where(l, n, 0);
	return d;
}

/* Whether another session has the same pair of addresses */
static bool is_double(struct load *l, const struct bfd_draft *d)
{
	for (uint32_t i = 0; i < l->bfds.n; i++) {
		const struct conf_bfd *b = &VEC_AT(l->bfds, struct bfd_draft *, i)->b;

		if (!memcmp(&b->neighbour, &d->b.neighbour, sizeof(b->neighbour)) &&
		    !memcmp(&b->source, &d->b.source, sizeof(b->source)))
			return true;
	}
	return false;
}

static void close_bfd(struct load *l, void *parent, void *draft, const struct conf_node *n)
{
	struct bfd_draft *d = draft;
	struct conf_bfd *b = &d->b;

	if (!b->neighbour.family) {
		load_error(l, CONF_ERROR, n, 0, "(%s) neighbor_ip is missing, the session is skipped", b->name);
		return;
	}
	if (b->source.family && b->source.family != b->neighbour.family) {
		load_error(l, CONF_ERROR, n, 0,
			   "(%s) source_ip and neighbor_ip are of different families, the session is skipped",
			   b->name);
		return;
	}
	if (is_double(l, d)) {
		load_error(l, CONF_ERROR, n, 0,
			   "(%s) there is a session with this neighbour already, this one is skipped", b->name);
		return;
	}
	if (!names_add(l, &l->bfd_names, b->name, l->bfds.n)) {
		load_error(l, CONF_ERROR, n, 1, "bfd_instance %s already defined, this one is skipped", b->name);
		return;
	}
	if (!schema_given(d->given, GIVEN_TTL_BFD))
		b->ttl = b->neighbour.family == AF_INET ? 255 : 64;
	b->for_vrrp = d->vrrp || !d->checker;
	b->for_checker = d->checker || !d->vrrp;
	b->weight = d->weight;
	b->reverse = d->reverse;
	*(struct bfd_draft **)vec_add(l, &l->bfds, sizeof(d)) = d;
}

static void set_weight(struct load *l, void *obj, const struct row *r, const struct conf_node *n)
{
	struct bfd_draft *d = obj;

	track_weight(l, n, -253, 253, &d->weight, &d->reverse);
}

static void print_for(struct printer *p, const void *obj, const struct row *r)
{
	const struct conf_bfd *b = obj;

	if (b->for_vrrp != b->for_checker)
		print_line(p, "%s", b->for_vrrp ? "vrrp" : "checker");
}

/* clang-format off */
#define B(f) FIELD(bfd_draft, f)
static const struct row bfd_rows[] = {
	{ "source_ip", V_ADDR, T2, B(b.source), .standard = "the route's", .brief = "our address" },
	{ "neighbor_ip", V_ADDR, T2, B(b.neighbour), .standard = "required", .brief = "address of the neighbour" },
	{ "neighbour_ip", V_ADDR, T3, R_QUIET, B(b.neighbour), .brief = "the same" },
	{ "min_rx", V_MSECS, T2, B(b.min_rx_us), .min = MSEC, .max = 10000 * MSEC, .preset = "10",
	  .brief = "the least time between two packets that we can receive" },
	{ "min_tx", V_MSECS, T2, B(b.min_tx_us), .min = MSEC, .max = 10000 * MSEC, .preset = "10",
	  .brief = "the least time between two packets that we send" },
	{ "idle_tx", V_MSECS, T2, B(b.idle_tx_us), .min = 1000 * MSEC, .max = 30000 * MSEC, .preset = "1000",
	  .brief = "time between two packets while the session is not up" },
	{ "multiplier", V_NUM, T2, B(b.multiplier), .min = 1, .max = 255, .preset = "5",
	  .brief = "packets that must be missing until it is down" },
	{ "passive", V_FLAG, T3, B(b.passive), .brief = "send nothing until the neighbour has" },
	{ "ttl", V_NUM, T3, B(b.ttl), .min = 1, .max = 255, .mark = GIVEN_TTL_BFD, .flags = R_INHERIT,
	  .standard = "IPv4 255, IPv6 64", .brief = "TTL or hop limit of what we send" },
	{ "hoplimit", V_NUM, T3, R_QUIET, B(b.ttl), .min = 1, .max = 255, .mark = GIVEN_TTL_BFD,
	  .brief = "the same" },
	{ "max_hops", V_NUM, T2, B(b.max_hops), .max = 255, .preset = "0",
	  .brief = "hops that what we receive may have taken; 255: any" },
	{ "multihop", V_BOOL, T3, B(b.multihop), .preset = "off",
	  .brief = "the neighbour is not on our link (port 4784)" },
	{ "weight", V_CUSTOM, T1, B(weight), .set = set_weight, .min_words = 1, .args = "-253..253 [reverse]",
	  .preset = "0", .brief = "default of track_bfd" },
	{ "vrrp", V_FLAG, T2, B(vrrp), .print = print_for, .standard = "vrrp and checker",
	  .brief = "instances hear of it, and checks only with checker" },
	{ "checker", V_FLAG, T3, B(checker), .brief = "checks hear of it, and instances only with vrrp" },
};
static ROW_TABLE(bfd);
static const struct row_part bfd_parts[] = {{&bfd, 0}, {NULL, 0}};
const struct schema_block schema_bfd = {
	.word = "bfd_instance", .parts = bfd_parts, .size = sizeof(struct bfd_draft),
	.conf_size = sizeof(struct conf_bfd),
	.given = offsetof(struct bfd_draft, given), .open = open_bfd, .close = close_bfd, .args = "NAME",
	.brief = "A BFD session",
};

static const struct row rows_bfd_root_rows[] = {
	{ "bfd_instance", V_BLOCK, T2, .block = &schema_bfd, .brief = "a BFD session (RFC 5880)" },
};
/* clang-format on */
ROW_TABLE(rows_bfd_root);
