/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf_take - how a role comes by the configuration that the keeper names in MSG_CONF, and how it leaves the one before.
 *
 * Decides nothing about what is in it. The keeper is believed, but not blindly: a struct conf that would not lie inside
 * its arena is refused.
 */
#ifndef ELVS_DAEMON_CONF_TAKE_H
#define ELVS_DAEMON_CONF_TAKE_H

#include "arena.h"
#include "conf.h"
#include "message.h"

/*
 * Maps it, read-only; takes fd, whatever comes of it. The arena is the caller's, *ret_conf lies in it. What was mapped
 * in that slot is gone, also after an error. -errno; -EINVAL: it cannot be a configuration.
 */
int conf_take(struct arena *ret, const struct conf **ret_conf, const struct arena_space *space,
	      const struct msg_conf *m, int take_fd);
/* Gives the one before back, once nothing points into it; now may lie in the same slot, and stays. */
void conf_leave(struct arena *before, const struct arena *now);

#endif
