/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pidfile - the pid files of the keeper and its roles, and that there is one keeper for each.
 *
 * Where they are: as -p, -r, -c and -b say; else /run/keepalived.pid, vrrp.pid, checkers.pid, bfd.pid, or in
 * /run/keepalived/ with use_pid_dir, in /run/keepalived/NAMESPACE/ in a namespace; _INSTANCE is added to the names.
 */
#ifndef ELVS_KEEPER_PIDFILE_H
#define ELVS_KEEPER_PIDFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"

struct pidfiles;
struct pidfile_names {
	const char *given[ROLES];     /* by the command line; NULL: the usual one */
	const char *netns, *instance; /* "" */
	bool own_dir;		      /* use_pid_dir */
};

/* The path into buf: 0, or -ENAMETOOLONG. All others have none: -ENOENT. */
int pidfile_path(const struct pidfile_names *n, enum role r, char *buf, size_t size);
/*
 * Takes the keeper's, with our pid: -EEXIST with its pid in ret_other if another keepalived has it. Stays locked
 * until pidfiles_free() or our end, so that one that was killed leaves none that counts.
 */
int pidfiles_take(struct pidfiles **ret, const struct pidfile_names *n, pid_t *ret_other);
void pidfiles_write(struct pidfiles *p, enum role r, pid_t pid); /* pid 0: it has ended, the file goes */
void pidfiles_free(struct pidfiles *p);				 /* removes all; NULL is fine */

#endif
