/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib - see mib.h: the search, and how fields become values. */
#include "mib.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

/* ---- values ---- */
bool give_number(struct value *v, uint64_t n)
{
	v->number = n;
	return true;
}

bool give_bytes(struct value *v, const void *bytes, size_t n)
{
	v->len = (uint16_t)(n < VALUE_BYTES ? n : VALUE_BYTES);
	memcpy(v->bytes, bytes, v->len);
	return true;
}

bool give_text(struct value *v, const char *text)
{
	return text && give_bytes(v, text, strlen(text));
}

bool give_address(struct value *v, const struct conf_addr *a)
{
	return a->family && give_bytes(v, a->bytes, a->family == AF_INET6 ? 16 : 4);
}

bool give_address_type(struct value *v, const struct conf_addr *a)
{
	return a->family && give_number(v, a->family == AF_INET6 ? 2 : 1);
}

bool give_script(struct value *v, const struct conf_script *s)
{
	size_t n = 0;

	if (!s || !s->argv)
		return false;
	for (const char *const *a = s->argv; *a && n < VALUE_BYTES; a++)
		n += (size_t)snprintf((char *)v->bytes + n, VALUE_BYTES - n, "%s'%s'", n ? " " : "", *a);
	v->len = (uint16_t)(n < VALUE_BYTES ? n : VALUE_BYTES - 1);
	return true;
}

static bool value_of(const struct row_at *r, const struct column *c, struct value *v)
{
	const char *p = (const char *)(c->of_fact ? r->fact : r->obj) + c->at;

	v->type = c->type;
	v->len = 0;
	switch ((enum how)c->how) {
	case HOW_GET:
		return c->get(r, v);
	case HOW_CONST:
		return give_number(v, c->at);
	case HOW_U8:
		return give_number(v, *(const uint8_t *)p);
	case HOW_U16:
		return give_number(v, *(const uint16_t *)p);
	case HOW_U32:
		return give_number(v, *(const uint32_t *)p);
	case HOW_U64:
		return give_number(v, *(const uint64_t *)p);
	case HOW_BOOL:
		return give_number(v, *(const bool *)p ? 1 : 2);
	case HOW_STR:
		return give_text(v, *(const char *const *)p);
	case HOW_STR_OPT:
		return *(const char *const *)p && **(const char *const *)p && give_text(v, *(const char *const *)p);
	case HOW_ADDR:
		return give_address(v, (const void *)p);
	case HOW_ADDR_TYPE:
		return give_address_type(v, (const void *)p);
	case HOW_SECS:
		return give_number(v, *(const uint64_t *)p / 1000000);
	case HOW_CENTI:
		return give_number(v, *(const uint64_t *)p / 10000);
	case HOW_USECS:
		return give_number(v, *(const uint64_t *)p);
	case HOW_SCRIPT:
		return give_script(v, (const void *)p);
	}
	return false;
}

/* ---- rows ---- */
/* Elements behind the column in a search */
struct tail {
	const uint32_t *id;
	uint32_t n;
	bool include;
};

struct found {
	struct row_at at;
	uint32_t key[OID_MAX], n_key;
};

/*
 * The first row from the tail on, level by level. tail NULL: any. f: what was found before counts as passed, so that
 * the next call goes on behind it.
 */
static bool plain_from(const struct table *t, const struct tail *tail, unsigned level, struct found *f)
{
	uint32_t first = t->first[level], n = t->count(f->at.view, level, f->at.i), from = first;
	bool last = level + 1u == t->n_index;

	if (tail && tail->n > level && tail->id[level] > from)
		from = tail->id[level];
	for (uint32_t k = from; k - first < n; k++) {
		bool same = tail && tail->n > level && k == tail->id[level];

		f->at.i[level] = k - first;
		f->key[level] = k;
		if (last && same && (tail->n > level + 1 || !tail->include))
			continue;
		if (last || plain_from(t, same ? tail : NULL, level + 1, f))
			return true;
	}
	return false;
}

static bool keyed_from(const struct table *t, const struct tail *tail, struct found *f)
{
	uint32_t n = t->count(f->at.view, 0, NULL), key[OID_MAX], n_key;
	bool found = false;

	for (uint32_t k = 0; k < n; k++) {
		int order;

		n_key = t->key(f->at.view, k, key);
		if (!n_key)
			continue;
		order = tail ? oid_cmp(key, n_key, tail->id, tail->n) : 1;
		if (order < 0 || (order == 0 && !tail->include))
			continue;
		if (found && oid_cmp(key, n_key, f->key, f->n_key) >= 0)
			continue;
		found = true;
		f->at.i[0] = k;
		f->n_key = n_key;
		memcpy(f->key, key, n_key * sizeof(*key));
	}
	return found;
}

static bool scalar_from(const struct tail *tail, struct found *f)
{
	f->n_key = 1;
	f->key[0] = 0;
	return !tail || tail->n == 0 || (tail->n == 1 && tail->id[0] == 0 && tail->include);
}

/* The first row of t from the tail on whose column has a value. */
static bool row_from(const struct table *t, const struct column *c, const struct tail *tail, struct found *f,
		     struct value *v)
{
	uint32_t behind[OID_MAX];
	struct tail next = { .id = behind };
	bool there;

	for (;;) {
		f->n_key = t->n_index;
		if (t->key)
			there = keyed_from(t, tail, f);
		else
			there = t->n_index ? plain_from(t, tail, 0, f) : scalar_from(tail, f);
		if (!there)
			return false;
		if ((!t->row || t->row(&f->at)) && value_of(&f->at, c, v))
			return true;
		memcpy(behind, f->key, f->n_key * sizeof(*behind));
		next.n = f->n_key;
		tail = &next;
	}
}

/* ---- the search ---- */
static const struct {
	const struct table *tables;
	const unsigned *n;
} all[] = {
	{ mib_rfc2787, &mib_rfc2787_n }, { mib_rfc6527, &mib_rfc6527_n }, { mib_global, &mib_global_n },
	{ mib_vrrp, &mib_vrrp_n },	 { mib_track, &mib_track_n },	  { mib_lines, &mib_lines_n },
	{ mib_lvs, &mib_lvs_n },	{ mib_vsg, &mib_vsg_n },
};

struct best {
	const struct table *t;
	const struct column *c;
};

static void name_of(const struct table *t, const struct column *c, const struct found *f, struct oid *ret)
{
	uint32_t id = c->id;

	ret->n = 0;
	oid_add(ret, t->oid, t->n_oid);
	oid_add(ret, &id, 1);
	oid_add(ret, f->key, f->n_key);
}

/* The first instance of t behind the start. */
static bool next_in(const struct view *view, const struct table *t, const struct agentx_search *s,
		    struct oid *ret_name, struct value *v)
{
	const struct oid *start = &s->start;
	bool inside = oid_begins(start, t->oid, t->n_oid);
	uint32_t from = inside && start->n > t->n_oid ? start->id[t->n_oid] : 0;
	struct line line;
	struct found f = { .at = { .view = view, .line = &line } };

	if (!inside && oid_cmp(start->id, start->n, t->oid, t->n_oid) > 0)
		return false;
	for (unsigned k = 0; k < t->n_columns; k++) {
		const struct column *c = &t->columns[k];
		struct tail tail = { start->id + t->n_oid + 1, start->n - t->n_oid - 1, s->include };

		if (c->id < from)
			continue;
		if (row_from(t, c, inside && start->n > t->n_oid && c->id == from ? &tail : NULL, &f, v)) {
			name_of(t, c, &f, ret_name);
			return true;
		}
	}
	return false;
}

/* Could anything of t come between the two? */
static bool may_follow(const struct table *t, const struct agentx_search *s)
{
	if (!oid_begins(&s->start, t->oid, t->n_oid) && oid_cmp(s->start.id, s->start.n, t->oid, t->n_oid) > 0)
		return false;
	return !s->end.n || oid_cmp(t->oid, t->n_oid, s->end.id, s->end.n) < 0;
}

int mib_next(const struct view *view, const struct agentx_search *s, struct oid *ret_name, struct value *v,
	     unsigned *ret_need)
{
	static const struct oid none;
	struct oid best = none, name;
	struct value value;

	for (unsigned k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		for (unsigned i = 0; i < *all[k].n; i++) {
			const struct table *t = &all[k].tables[i];

			if (!(t->part & view->parts) || !may_follow(t, s))
				continue;
			if (best.n && oid_cmp(best.id, best.n, t->oid, t->n_oid) < 0)
				break;
			if (t->need & ~view->fresh) {
				*ret_need = t->need & ~view->fresh;
				return -EAGAIN;
			}
			if (!next_in(view, t, s, &name, &value) || (best.n && oid_order(&name, &best) >= 0))
				continue;
			oid_copy(&best, &name);
			*v = value;
		}
	}
	if (best.n && (!s->end.n || oid_order(&best, &s->end) < 0)) {
		oid_copy(ret_name, &best);
		return 0;
	}
	oid_copy(ret_name, &s->start);
	v->type = VALUE_END_OF_MIB;
	return 0;
}

static const struct column *column_of(const struct table *t, uint32_t id)
{
	for (unsigned k = 0; k < t->n_columns; k++)
		if (t->columns[k].id == id)
			return &t->columns[k];
	return NULL;
}

static bool is_at(const struct view *view, const struct table *t, const struct column *c, const struct oid *name,
		  struct value *v)
{
	struct line line;
	struct found f = { .at = { .view = view, .line = &line } };
	struct tail tail = { name->id + t->n_oid + 1, name->n - t->n_oid - 1, true };

	if (t->key) {
		if (!keyed_from(t, &tail, &f))
			return false;
	} else if (t->n_index) {
		f.n_key = t->n_index;
		if (tail.n != t->n_index || !plain_from(t, &tail, 0, &f))
			return false;
	} else if (!scalar_from(&tail, &f)) {
		return false;
	}
	return !oid_cmp(f.key, f.n_key, tail.id, tail.n) && (!t->row || t->row(&f.at)) && value_of(&f.at, c, v);
}

int mib_get(const struct view *view, const struct oid *name, struct value *v, unsigned *ret_need)
{
	v->type = VALUE_NO_OBJECT;
	for (unsigned k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		for (unsigned i = 0; i < *all[k].n; i++) {
			const struct table *t = &all[k].tables[i];
			const struct column *c;

			if (!(t->part & view->parts) || name->n <= t->n_oid || !oid_begins(name, t->oid, t->n_oid))
				continue;
			c = column_of(t, name->id[t->n_oid]);
			if (!c)
				continue; /* another table's OID may be longer */
			if (t->need & ~view->fresh) {
				*ret_need = t->need & ~view->fresh;
				return -EAGAIN;
			}
			if (!is_at(view, t, c, name, v))
				v->type = VALUE_NO_INSTANCE;
			return 0;
		}
	}
	return 0;
}
