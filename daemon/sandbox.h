/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox - how a process of ours gives up what it does not need: descriptors, user, capabilities, system calls.
 *
 * Nothing can be taken back. Order: sandbox_fds, sandbox_user, sandbox_syscalls.
 */
#ifndef ELVS_DAEMON_SANDBOX_H
#define ELVS_DAEMON_SANDBOX_H

#include <stddef.h>

/* Closes all descriptors from 3 on but those; negative ones are left out. 0 or -ENOMEM. */
int sandbox_fds(const int *keep, size_t n);
/*
 * User elvs if there is one, else nobody, and its group; no other groups, no capabilities, nothing to be gained by
 * exec, no core, not to be traced by others of that user. Only root can change its user; anybody else loses the rest.
 * -errno.
 */
int sandbox_user(void);
/* The same, but it keeps what it has of those capabilities, and programs that it runs have them, too; n up to 8. */
int sandbox_user_with(const int *caps, size_t n);
int sandbox_caps(const int *caps, size_t n); /* without a change of user, where CAP_SETUID is missing */
/*
 * System calls but those fail with EPERM from now on; names as in seccomp_syscall_resolve_name(). Even so openat only
 * reads, mmap and mprotect give no memory for code, socket is for IP and local ones, tgkill for the process itself,
 * prlimit64 to ask.
 * -errno.
 */
int sandbox_syscalls(const char *const *names); /* ends with NULL */
/* The other way round, for a process that runs programs: only those fail. -errno. */
int sandbox_no_syscalls(const char *const *names);

#endif
