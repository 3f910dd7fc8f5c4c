/* SPDX-License-Identifier: GPL-2.0-or-later */
/* objects - see objects.h: the objects. What they answer is in answer.c. */
#include "objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ROOT "/org/keepalived/Vrrp1"

/* One element of a path, which has letters, digits and underscores only */
static void put_element(FILE *f, const char *name)
{
	fputc('/', f);
	for (; *name; name++) {
		bool fits = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
			    (*name >= '0' && *name <= '9');

		fputc(fits ? *name : '_', f);
	}
}

/* An instance's, v NULL: that of the one object for all */
static char *make_path(const struct conf *c, const char *netns, const struct conf_vrrp *v)
{
	char *path = NULL;
	size_t size;
	FILE *f = open_memstream(&path, &size);

	if (!f)
		return NULL;
	fputs(ROOT, f);
	if (*netns)
		put_element(f, netns);
	if (*c->global.instance)
		put_element(f, c->global.instance);
	put_element(f, v ? "Instance" : "Vrrp");
	if (v) {
		const char *none = *c->global.dbus_no_interface ? c->global.dbus_no_interface : "none";

		put_element(f, *v->iface ? v->iface : none);
		fprintf(f, "/%u/%s", v->vrid, v->family == AF_INET6 ? "IPv6" : "IPv4");
	}
	return fclose(f) == 0 ? path : NULL;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct bus_object *)a)->path, ((const struct bus_object *)b)->path);
}

int objects_new(struct objects *ret, const struct conf *c, const char *netns)
{
	struct objects t = { .vrrp = make_path(c, netns, NULL),
			     .list = calloc(c->n_vrrps + 1, sizeof(*t.list)),
			     .by_index = calloc(c->n_vrrps + 1, sizeof(*t.by_index)) };
	bool ok = t.vrrp && t.list && t.by_index;

	for (; ok && t.n < c->n_vrrps; t.n++) {
		t.list[t.n] = (struct bus_object){ .path = make_path(c, netns, &c->vrrps[t.n]),
						   .name = strdup(c->vrrps[t.n].name),
						   .index = t.n };
		ok = t.list[t.n].path && t.list[t.n].name;
	}
	if (!ok) {
		objects_free(&t);
		return -ENOMEM;
	}
	qsort(t.list, t.n, sizeof(*t.list), by_path);
	for (uint32_t i = 0; i < t.n; i++)
		t.by_index[t.list[i].index] = i;
	*ret = t;
	return 0;
}

void objects_free(struct objects *t)
{
	for (uint32_t i = 0; t->list && i < t->n; i++) {
		free(t->list[i].path);
		free(t->list[i].name);
	}
	free(t->list);
	free(t->by_index);
	free(t->vrrp);
	*t = (struct objects){ 0 };
}

const struct bus_object *objects_find(const struct objects *t, const char *path)
{
	const struct bus_object key = { .path = (char *)path };

	return t->n ? bsearch(&key, t->list, t->n, sizeof(*t->list), by_path) : NULL;
}

void objects_inherit(struct objects *t, const struct objects *before)
{
	memcpy(t->machine, before->machine, sizeof(t->machine));
	for (uint32_t i = 0; i < t->n; i++) {
		const struct bus_object *o = objects_find(before, t->list[i].path);

		t->list[i].known = o && o->known;
		t->list[i].state = o ? o->state : 0;
	}
}

bool objects_state(struct objects *t, uint32_t index, uint8_t state, const struct bus_object **ret)
{
	struct bus_object *o = index < t->n ? &t->list[t->by_index[index]] : NULL;

	if (!o || (o->known && o->state == state))
		return false;
	o->known = true;
	o->state = state;
	*ret = o;
	return true;
}
