/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track - see track.h: the kinds together, and the values that BFD gives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "track_internal.h"

int track_new(struct track **ret, struct event_base *base, struct exec *exec, const struct track_owner *owner,
	      int netns_home)
{
	struct track *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->base = base;
	t->exec = exec;
	t->owner = *owner;
	r = track_scripts_new(t);
	if (r == 0)
		r = track_files_new(t);
	if (r == 0)
		r = track_processes_new(t, netns_home);
	if (r < 0) {
		track_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

static void bfds_free(struct track_bfd_value *list, uint32_t n)
{
	for (uint32_t i = 0; list && i < n; i++)
		free(list[i].name);
	free(list);
}

void track_free(struct track *t)
{
	if (!t)
		return;
	track_scripts_free(t);
	track_files_free(t);
	track_processes_free(t);
	bfds_free(t->bfds, t->n_bfds);
	free(t);
}

static void bfds_conf(struct track *t, const struct conf *c)
{
	struct track_bfd_value *list = calloc(c->n_bfds ? c->n_bfds : 1, sizeof(*list));

	for (uint32_t i = 0; list && i < c->n_bfds; i++) {
		list[i].name = strdup(c->bfds[i].name);
		for (uint32_t o = 0; o < t->n_bfds; o++) {
			if (list[i].name && !strcmp(list[i].name, t->bfds[o].name)) {
				list[i].known = t->bfds[o].known;
				list[i].up = t->bfds[o].up;
			}
		}
	}
	bfds_free(t->bfds, t->n_bfds);
	t->bfds = list;
	t->n_bfds = list ? c->n_bfds : 0;
}

static void bfds_tell(struct track *t)
{
	for (uint32_t i = 0; i < t->n_bfds; i++)
		track_say(t, CONF_TRACK_BFD, i, t->bfds[i].known, t->bfds[i].up);
}

void track_conf(struct track *t, const struct conf *c)
{
	track_scripts_conf(t, c);
	track_files_conf(t, c);
	track_processes_conf(t, c);
	bfds_conf(t, c);
	t->conf = c;
}

void track_tell(struct track *t)
{
	track_scripts_tell(t);
	track_files_tell(t);
	track_processes_tell(t);
	bfds_tell(t);
}

void track_bfd(struct track *t, uint32_t index, bool up)
{
	if (index >= t->n_bfds)
		return;
	t->bfds[index].known = true;
	t->bfds[index].up = up;
	track_say(t, CONF_TRACK_BFD, index, true, up);
}

int64_t track_value(const struct track *t, enum conf_track_kind kind, uint32_t index)
{
	switch (kind) {
	case CONF_TRACK_SCRIPT:
		return track_scripts_value(t, index);
	case CONF_TRACK_FILE:
		return track_files_value(t, index);
	case CONF_TRACK_PROCESS:
		return track_processes_value(t, index);
	case CONF_TRACK_BFD:
		return index < t->n_bfds && t->bfds[index].known ? t->bfds[index].up : TRACK_UNKNOWN;
	default:
		return TRACK_UNKNOWN;
	}
}
