/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process_match - does a process meet a vrrp_track_process? Pure: over what /proc says of it. */
#ifndef ELVS_KEEPER_PROCESS_MATCH_H
#define ELVS_KEEPER_PROCESS_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

/* comm: /proc/PID/comm without its newline. cmdline: /proc/PID/cmdline, n bytes (0 for kernel threads). */
bool process_matches(const struct conf_track_process *c, const char *comm, const char *cmdline, size_t n);
/* Is a cmdline needed at all, or does the name tell? */
bool process_needs_cmdline(const struct conf_track_process *c);
/* Is that number of processes what it asks for? */
bool process_quorum(const struct conf_track_process *c, uint32_t count);

#endif
