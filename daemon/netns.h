/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netns - network namespaces: which exist, what they are called, and their cookies.
 *
 * An inode number tells namespaces apart only while one holds them open (it is reused at once); the cookie is unique
 * until the next boot.
 */
#ifndef ELVS_DAEMON_NETNS_H
#define ELVS_DAEMON_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Cookie of the namespace behind a descriptor. -EPERM: it is another one than ours, and we may not enter it. */
int netns_cookie(int fd, uint64_t *ret);
/* -EINVAL: not a network namespace */
int netns_inode(int fd, uint64_t *ret);
uint64_t netns_own_inode(void);	/* 0: unknown */
int netns_enter(int fd);	/* nothing to do if it is ours already; -errno */

/*
 * Everything that keeps a namespace alive and can be seen from here: processes (pid > 0) and names, which are mounts
 * in any mount namespace (pid 0). path opens it. f returns 0 to go on.
 */
int netns_each(int (*f)(void *arg, uint64_t inode, pid_t pid, const char *path), void *arg);

/* The last part of its name's path. -ENOENT: it has none. */
int netns_name(uint64_t inode, char *ret, size_t size);
int netns_name_of_self(char *ret, size_t size);

#endif
