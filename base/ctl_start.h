/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_start - starts the supervisor for a client that found none. Internal to ctl.c.
 */
#ifndef ELVS_BASE_CTL_START_H
#define ELVS_BASE_CTL_START_H

#include <stdbool.h>
#include <stddef.h>

#define CTL_START_DEADLINE_MS 10000 /* for a daemon to say that it is ready, and to accept */

/* Directory of the control socket: $ELVS_RUN_DIR, else that of ELVS_CONTROL_SOCKET. */
const char *ctl_run_dir(void);

/*
 * Starts `elvsd --on-demand --ready-fd N` (or the systemd unit) and waits until it says "ok", ends, or the deadline
 * passes. 0: it is ready, or another one may be (connect and see). -EPERM: the caller may not. Other -errno with a
 * sentence in why: it could not be started, or it said what is wrong.
 */
int ctl_start_supervisor(char *why, size_t why_size);

/* Capability of the calling process, effective set */
bool ctl_may_administer(void);

#endif
