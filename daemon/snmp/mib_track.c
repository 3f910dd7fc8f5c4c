/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mib_track - KEEPALIVED-MIB's group vrrp: scripts, files, processes and BFD sessions, and who tracks which of them.
 *
 * Interfaces are indexed by their ifIndex, as the MIB has it; everything else by its place among its like.
 */
#include <stdio.h>

#include "mib.h"

/* ---- who tracks what ---- */
struct tracks {
	const struct conf_track *list;
	uint32_t n;
};

/* Of instance i, or of sync group i */
static struct tracks tracks_of(const struct view *v, bool group, uint32_t i)
{
	const struct conf *c = v->conf;

	return group ? (struct tracks){ c->groups[i].tracks, c->groups[i].n_tracks }
		     : (struct tracks){ c->vrrps[i].tracks, c->vrrps[i].n_tracks };
}

static const struct conf_track *nth(struct tracks t, enum conf_track_kind kind, uint32_t n)
{
	for (uint32_t k = 0; k < t.n; k++)
		if (t.list[k].kind == kind && !n--)
			return &t.list[k];
	return NULL;
}

static uint32_t n_tracks(const struct view *v, bool group, enum conf_track_kind kind, unsigned level,
			 const uint32_t *i)
{
	uint32_t n = 0;

	if (!level)
		return group ? v->conf->n_groups : v->conf->n_vrrps;
	while (nth(tracks_of(v, group, i[0]), kind, n))
		n++;
	return n;
}

/* Two functions for each of the tables: how many, and which */
#define TRACKS(name, group, kind)                                                         \
	static uint32_t n_##name(const struct view *v, unsigned level, const uint32_t *i) \
	{                                                                                 \
		return n_tracks(v, group, kind, level, i);                                \
	}                                                                                 \
	static bool name##_row(struct row_at *r)                                          \
	{                                                                                 \
		return (r->obj = nth(tracks_of(r->view, group, r->i[0]), kind, r->i[1])); \
	}
TRACKS(scripts, false, CONF_TRACK_SCRIPT)
TRACKS(files, false, CONF_TRACK_FILE)
TRACKS(bfds, false, CONF_TRACK_BFD)
TRACKS(processes, false, CONF_TRACK_PROCESS)
TRACKS(group_scripts, true, CONF_TRACK_SCRIPT)
TRACKS(group_files, true, CONF_TRACK_FILE)
TRACKS(group_bfds, true, CONF_TRACK_BFD)
TRACKS(group_processes, true, CONF_TRACK_PROCESS)

static bool get_track_name(const struct row_at *r, struct value *v)
{
	const struct conf_track *t = r->obj;
	const struct conf *c = r->view->conf;

	switch (t->kind) {
	case CONF_TRACK_SCRIPT:
		return give_text(v, c->scripts[t->index].name);
	case CONF_TRACK_PROCESS:
		return give_text(v, c->processes[t->index].name);
	case CONF_TRACK_FILE:
		return give_text(v, c->files[t->index].name);
	case CONF_TRACK_BFD:
		return give_text(v, c->bfds[t->index].name);
	default:
		return give_text(v, t->ifname);
	}
}

#define TRACK(id, type, how, member) C_FIELD(id, type, how, conf_track, member)
static const struct column tracked[] = {
	C_GET(2, STRING, get_track_name),
	TRACK(3, INTEGER, U32, weight),
	TRACK(4, INTEGER, BOOL, reverse),
};
static const struct column tracked_ifs[] = {
	C_GET(1, STRING, get_track_name),
	TRACK(2, INTEGER, U32, weight),
	TRACK(3, INTEGER, BOOL, reverse),
};

/* ---- tracked interfaces: their rows are all owners' together ---- */
static const struct conf_track *nth_if(const struct view *v, bool group, uint32_t n, uint32_t *ret_owner)
{
	uint32_t owners = group ? v->conf->n_groups : v->conf->n_vrrps;

	for (*ret_owner = 0; *ret_owner < owners; ++*ret_owner) {
		struct tracks t = tracks_of(v, group, *ret_owner);
		uint32_t k;

		for (k = 0; nth(t, CONF_TRACK_IF, k); k++)
			if (k == n)
				return nth(t, CONF_TRACK_IF, k);
		n -= k;
	}
	return NULL;
}

static uint32_t if_key(const struct view *v, bool group, uint32_t k, uint32_t *ret)
{
	uint32_t o;
	const struct conf_track *t = nth_if(v, group, k, &o);

	ret[0] = o + 1;
	ret[1] = t ? view_ifindex(v, t->ifname) : 0;
	return ret[1] ? 2 : 0;
}

#define TRACKED_IFS(name, group)                                                          \
	static uint32_t n_##name(const struct view *v, unsigned level, const uint32_t *i) \
	{                                                                                 \
		uint32_t o, n = 0;                                                        \
                                                                                          \
		while (nth_if(v, group, n, &o))                                           \
			n++;                                                              \
		return n;                                                                 \
	}                                                                                 \
	static uint32_t name##_key(const struct view *v, uint32_t k, uint32_t *ret)       \
	{                                                                                 \
		return if_key(v, group, k, ret);                                          \
	}                                                                                 \
	static bool name##_row(struct row_at *r)                                          \
	{                                                                                 \
		uint32_t o;                                                               \
                                                                                          \
		return (r->obj = nth_if(r->view, group, r->i[0], &o));                    \
	}
TRACKED_IFS(ifs, false)
TRACKED_IFS(group_ifs, true)

/* ---- the things themselves ---- */
#define THINGS(name, list, kind)                                                          \
	static uint32_t n_##name(const struct view *v, unsigned level, const uint32_t *i) \
	{                                                                                 \
		return v->conf->n_##list;                                                 \
	}                                                                                 \
	static bool name##_row(struct row_at *r)                                          \
	{                                                                                 \
		r->obj = &r->view->conf->list[r->i[0]];                                   \
		r->fact = &r->view->tracked[kind][r->i[0]];                               \
		return true;                                                              \
	}
THINGS(script, scripts, CONF_TRACK_SCRIPT)
THINGS(process, processes, CONF_TRACK_PROCESS)
THINGS(file, files, CONF_TRACK_FILE)
THINGS(bfd, bfds, CONF_TRACK_BFD)

static const struct tracked *fact(const struct row_at *r)
{
	return r->fact;
}

/* init(1), bad(2), good(3), initfailed(5) */
static bool get_script_result(const struct row_at *r, struct value *v)
{
	const struct conf_vrrp_script *s = r->obj;

	if (!fact(r)->known)
		return give_number(v, s->init_fail ? 5 : 1);
	return give_number(v, fact(r)->value ? 3 : 2);
}

static bool get_process_path(const struct row_at *r, struct value *v)
{
	return give_text(v, ((const struct conf_track_process *)r->obj)->argv[0]);
}

static bool get_process_params(const struct row_at *r, struct value *v)
{
	const char *const *a = ((const struct conf_track_process *)r->obj)->argv;
	size_t n = 0;

	if (!a[0])
		return false;
	for (a++; *a && n < VALUE_BYTES; a++)
		n += (size_t)snprintf((char *)v->bytes + n, VALUE_BYTES - n, "%s%s", n ? " " : "", *a);
	v->len = (uint16_t)(n < VALUE_BYTES ? n : VALUE_BYTES - 1);
	return true;
}

/* none(0), exact(1), partial(2), initial(3) */
static bool get_param_match(const struct row_at *r, struct value *v)
{
	const struct conf_track_process *p = r->obj;
	bool any = p->argv[0] && p->argv[1];

	return give_number(v, p->params_initial ? 3 : p->params_partial ? 2 : any ? 1 : 0);
}

/* Parameters cannot be seen without it */
static bool get_full_command(const struct row_at *r, struct value *v)
{
	const struct conf_track_process *p = r->obj;

	return give_number(v, p->full_command || (p->argv[0] && p->argv[1]) ? 1 : 2);
}

static bool get_process_result(const struct row_at *r, struct value *v)
{
	return give_number(v, fact(r)->known && fact(r)->value ? 1 : 2);
}

#define SCRIPT_(id, type, how, member) C_FIELD(id, type, how, conf_vrrp_script, member)
static const struct column script[] = {
	SCRIPT_(2, STRING, STR, name),		SCRIPT_(3, STRING, SCRIPT, script),
	SCRIPT_(4, INTEGER, SECS, interval_us), SCRIPT_(5, INTEGER, U32, weight),
	C_GET(6, INTEGER, get_script_result),	SCRIPT_(7, GAUGE, U32, rise),
	SCRIPT_(8, GAUGE, U32, fall),		SCRIPT_(9, INTEGER, BOOL, reverse),
};
#define FILE_(id, type, how, member) C_FIELD(id, type, how, conf_track_file, member)
static const struct column file[] = {
	FILE_(2, STRING, STR, name),	FILE_(3, STRING, STR, path),	  C_FACT(4, INTEGER, U32, tracked, value),
	FILE_(5, INTEGER, U32, weight), FILE_(6, INTEGER, BOOL, reverse),
};
#define BFD(id, type, how, member) C_FIELD(id, type, how, conf_bfd, member)
static const struct column bfd[] = {
	BFD(2, STRING, STR, name),
	C_FACT(3, INTEGER, U32, tracked, value),
	BFD(4, INTEGER, U32, weight),
	BFD(5, INTEGER, BOOL, reverse),
};
#define PROCESS(id, type, how, member) C_FIELD(id, type, how, conf_track_process, member)
static const struct column process[] = {
	PROCESS(2, STRING, STR, name),
	C_GET(3, STRING, get_process_path),
	C_GET(4, STRING, get_process_params),
	C_GET(5, INTEGER, get_param_match),
	PROCESS(6, INTEGER, U32, weight),
	PROCESS(7, INTEGER, BOOL, reverse),
	PROCESS(8, GAUGE, U32, quorum),
	PROCESS(9, INTEGER, U32, quorum_max), /* UINT32_MAX is -1: none */
	PROCESS(10, GAUGE, USECS, fork_delay_us),
	PROCESS(11, GAUGE, USECS, terminate_delay_us),
	C_GET(12, INTEGER, get_full_command),
	C_FACT(13, INTEGER, U32, tracked, count),
	C_GET(14, INTEGER, get_process_result),
};

#define OWNED(number, columns_, name)                                                                            \
	{                                                                                                        \
		TABLE_OID(MIB_KEEPALIVED, 2, number, 1), COLUMNS(columns_),                                      \
			.part = PART_VRRP, .n_index = 2, .first = { 1, 1 }, .count = n_##name, .row = name##_row \
	}
#define KEYED(number, name)                                                                                      \
	{                                                                                                        \
		TABLE_OID(MIB_KEEPALIVED, 2, number, 1), COLUMNS(tracked_ifs),                                   \
			.part = PART_VRRP, .n_index = 2, .count = n_##name, .key = name##_key, .row = name##_row \
	}
#define THING(number, name)                                                                                   \
	{                                                                                                     \
		TABLE_OID(MIB_KEEPALIVED, 2, number, 1), COLUMNS(name),                                       \
			.part = PART_VRRP, .n_index = 1, .first = { 1 }, .count = n_##name, .row = name##_row \
	}
const struct table mib_track[] = {
	KEYED(4, ifs),
	OWNED(5, tracked, scripts),
	THING(9, script),
	OWNED(12, tracked, files),
	THING(13, file),
	KEYED(14, group_ifs),
	OWNED(15, tracked, group_scripts),
	OWNED(16, tracked, group_files),
	OWNED(17, tracked, bfds),
	THING(18, bfd),
	OWNED(19, tracked, group_bfds),
	OWNED(20, tracked, processes),
	THING(21, process),
	OWNED(22, tracked, group_processes),
};
const unsigned mib_track_n = sizeof(mib_track) / sizeof(mib_track[0]);
