/* SPDX-License-Identifier: GPL-2.0-or-later */
/* track - entries of track_interface, track_script, track_process, track_file, track_bfd (internal). */
#ifndef ELVS_CONF_TRACK_H
#define ELVS_CONF_TRACK_H

#include "draft.h"

/* NAME [weight N [reverse|noreverse]] of entry n to a list of struct track_draft. */
void track_add(struct load *l, struct vec *v, enum conf_track_kind kind, const struct conf_node *n);
/*
 * What stays of such a list: names become indices, weights their defaults. no_weights: all become 0, because of
 * `why`. Call it when scripts, processes, files and bfds stand in their final order.
 */
const struct conf_track *track_resolve(struct load *l, const char *owner, const struct vec *v, bool no_weights,
				       const char *why, uint32_t *ret_n);
/* "weight N [reverse]" of a script, process, file or BFD session. */
bool track_weight(struct load *l, const struct conf_node *n, int64_t min, int64_t max, int *ret_weight,
		  bool *ret_reverse);
void track_print(struct printer *p, const struct conf *c, const struct conf_track *tracks, uint32_t n);

/* Says so once per interface if it does not exist (yet), unless interfaces may come and go. */
void check_interface(struct load *l, struct conf_where w, const char *owner, const char *ifname);

#endif
