/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track - the tracked things of a configuration (scripts, files, processes, and what BFD says): runs, watches,
 * counts, and says each value that changes.
 *
 * Values stay over reloads, by name, as long as the thing itself does not change; they stay over roles' deaths.
 */
#ifndef ELVS_KEEPER_TRACK_H
#define ELVS_KEEPER_TRACK_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf.h"
#include "exec.h"

struct track;
#define TRACK_UNKNOWN INT64_MIN
struct track_owner {
	void *arg;
	/* index: in the current configuration. known false: not decided yet. */
	void (*value)(void *arg, enum conf_track_kind kind, uint32_t index, bool known, int64_t value);
};

/* netns_home: where the process started, -1: here; the process connector lives in the first namespace */
int track_new(struct track **ret, struct event_base *base, struct exec *exec, const struct track_owner *owner,
	      int netns_home);
void track_free(struct track *t); /* NULL is fine */
/* c is borrowed until the next call. Every value that is known is said anew (indices may have changed). */
void track_conf(struct track *t, const struct conf *c);
/* Says everything, known or not: for a vrrp role that has just started. */
void track_tell(struct track *t);
void track_bfd(struct track *t, uint32_t index, bool up);
/* TRACK_UNKNOWN: not known yet; for status */
int64_t track_value(const struct track *t, enum conf_track_kind kind, uint32_t index);
uint32_t track_process_count(const struct track *t, uint32_t index); /* how many run now */

#endif
