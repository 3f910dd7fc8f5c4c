/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options - elvsd's command line, read once (options.c) and never changed. Paths are absolute. */
#ifndef ELVS_DAEMON_OPTIONS_H
#define ELVS_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "elvs.h"

#define ELVS_PATH_MAX 200	/* of the run directory: a socket's path has 108 bytes at most, but /proc/self/fd helps */

struct options {
	bool on_demand;		/* started by a client: detach, end when the last instance has ended */
	bool debug;
	bool help, version;
	int ready_fd;		/* -1: none */
	char run_dir[ELVS_PATH_MAX];	/* $ELVS_RUN_DIR, /run/elvs */
	enum elvs_hook hook;	/* $ELVS_HOOK: the most that the attach plan may use */
	/* role director */
	bool director;
	uint64_t cookie;
	char pin_dir[ELVS_PATH_MAX];	/* empty: no bpffs, nothing is pinned */
	bool unit;		/* the supervisor runs in the foreground: somebody else starts it again */
};

/* Returns 0, or -EINVAL with a sentence in why (size bytes). */
int options_parse(struct options *o, int argc, char **argv, char *why, unsigned size);

#endif
