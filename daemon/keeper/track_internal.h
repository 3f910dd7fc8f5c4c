/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track_internal - what the kinds of tracked things share. Each has its own file and its own list. */
#ifndef ELVS_KEEPER_TRACK_INTERNAL_H
#define ELVS_KEEPER_TRACK_INTERNAL_H

#include "track.h"

struct track {
	struct event_base *base;
	struct exec *exec;
	struct track_owner owner;
	const struct conf *conf; /* NULL: nothing is tracked */
	struct track_scripts *scripts;
	struct track_files *files;
	struct track_processes *processes;
	struct track_bfd_value {
		char *name;
		bool known, up;
	} * bfds;
	uint32_t n_bfds;
};

static inline void track_say(struct track *t, enum conf_track_kind kind, uint32_t index, bool known, int64_t value)
{
	t->owner.value(t->owner.arg, kind, index, known, value);
}

/* Each: a new configuration (the old one is still there), say everything, one value, the end. */
int track_scripts_new(struct track *t);
void track_scripts_conf(struct track *t, const struct conf *c);
void track_scripts_tell(struct track *t);
int64_t track_scripts_value(const struct track *t, uint32_t index);
void track_scripts_free(struct track *t);

int track_files_new(struct track *t);
void track_files_conf(struct track *t, const struct conf *c);
void track_files_tell(struct track *t);
int64_t track_files_value(const struct track *t, uint32_t index);
void track_files_free(struct track *t);

int track_processes_new(struct track *t, int netns_home);
void track_processes_conf(struct track *t, const struct conf *c);
void track_processes_tell(struct track *t);
int64_t track_processes_value(const struct track *t, uint32_t index);
void track_processes_free(struct track *t);

#endif
