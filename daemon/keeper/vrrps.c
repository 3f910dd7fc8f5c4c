/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vrrps - see vrrps.h. A list in the configuration's order; instances first. */
#include "vrrps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vrrp_table {
	struct vrrp_entry *list;
	size_t n;
};

int vrrps_new(struct vrrp_table **ret)
{
	struct vrrp_table *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	*ret = t;
	return 0;
}

static void list_free(struct vrrp_entry *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].name);
	free(list);
}

void vrrps_free(struct vrrp_table *t)
{
	if (!t)
		return;
	list_free(t->list, t->n);
	free(t);
}

static struct vrrp_entry *find(const struct vrrp_table *t, bool group, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].group == group && !strcmp(t->list[i].name, name))
			return &t->list[i];
	return NULL;
}

static bool fill(const struct vrrp_table *t, struct vrrp_entry *to, bool group, const char *name)
{
	const struct vrrp_entry *old = find(t, group, name);

	*to = old ? *old : (struct vrrp_entry){ .group = group };
	to->name = strdup(name);
	return to->name;
}

int vrrps_conf(struct vrrp_table *t, const struct conf *c)
{
	size_t n = c ? (size_t)c->n_vrrps + c->n_groups : 0, i;
	struct vrrp_entry *list = calloc(n ? n : 1, sizeof(*list));
	bool ok = list;

	for (i = 0; ok && i < n; i++)
		ok = i < c->n_vrrps ? fill(t, &list[i], false, c->vrrps[i].name)
				    : fill(t, &list[i], true, c->groups[i - c->n_vrrps].name);
	if (!ok) {
		if (list)
			list_free(list, i);
		return -ENOMEM;
	}
	list_free(t->list, t->n);
	t->list = list;
	t->n = n;
	return 0;
}

const struct vrrp_entry *vrrps_told(struct vrrp_table *t, const struct conf *c, const struct msg_vrrp_state *m,
				    uint64_t now_us)
{
	struct vrrp_entry *e;
	const char *name;

	if (!c || m->index >= (m->group ? c->n_groups : c->n_vrrps))
		return NULL;
	name = m->group ? c->groups[m->index].name : c->vrrps[m->index].name;
	e = find(t, m->group, name);
	if (!e)
		return NULL;
	if (m->event == VRRP_EV_STATE && (!e->known || e->state != m->state)) {
		e->transitions += e->known;
		e->state = m->state;
		e->since_us = now_us;
		snprintf(e->why, sizeof(e->why), "%s", m->why);
	}
	e->priority = m->priority;
	e->known = true;
	return e;
}

const struct vrrp_entry *vrrps_find(const struct vrrp_table *t, bool group, const char *name)
{
	return find(t, group, name);
}

void vrrps_reset(struct vrrp_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->list[i].known = false;
}

const char *vrrp_state_word(uint8_t state)
{
	static const char *const words[] = { "INIT", "BACKUP", "MASTER", "FAULT", "STOP", "DELETED" };

	return state < sizeof(words) / sizeof(words[0]) ? words[state] : "?";
}
