/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail - takes away from a process what it does not need: user, capabilities, system calls.
 *
 * What it may still do is the list in jail.c, within the bounds of ../sandbox.h; everything else fails with EPERM.
 * Not to be undone.
 */
#ifndef ELVS_DAEMON_CHECK_JAIL_H
#define ELVS_DAEMON_CHECK_JAIL_H

void jail_limits(void); /* before: as many descriptors as this user may have */
/* 0 or -errno, and then the process must not go on. */
int jail_enter(void);

#endif
