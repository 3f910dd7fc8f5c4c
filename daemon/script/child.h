/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child - the few steps between fork and exec of a command that runs as somebody else. */
#ifndef ELVS_SCRIPT_CHILD_H
#define ELVS_SCRIPT_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

/* Whom a command runs as; looked up before the fork. */
struct child_user {
	uid_t uid;
	gid_t gid;
	char name[32]; /* "": no supplementary groups */
};
#define CHILD_ARGS_MAX 256

/* user "" is root, group "" the user's own; numbers are allowed. -ENOENT: there is no such user or group. */
int child_user_find(struct child_user *ret, const char *user, const char *group);
/*
 * argc strings, each with its NUL, in size bytes: pointers to them into argv (CHILD_ARGS_MAX + 1), NULL at the end.
 * -EINVAL: there are not that many, or none.
 */
int child_args(char *const text, size_t size, unsigned argc, char **argv);
/*
 * Starts it: a process group of its own, no descriptors but /dev/null, signals as they are by default, an environment
 * without what would change what is run, files as its limit of descriptors. Ends with its parent. Returns the pid, or
 * -errno, exec's own included.
 */
pid_t child_start(char *const *argv, const struct child_user *user, const struct rlimit *files);

#endif
