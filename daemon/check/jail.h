/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail - takes away from a process what it does not need: user, capabilities, system calls.
 *
 * Narrower than ../sandbox.h, which it builds on: arguments are looked at, too. Files only for reading, memory never
 * for code, sockets only of IP and (for syslog) local. Not to be undone. What is not on the list fails with EPERM.
 */
#ifndef ELVS_DAEMON_CHECK_JAIL_H
#define ELVS_DAEMON_CHECK_JAIL_H

void jail_limits(void); /* before: as many descriptors as this user may have */
/* 0 or -errno, and then the process must not go on. */
int jail_enter(void);

#endif
