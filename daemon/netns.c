/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns - see netns.h. */
#include "netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#define OWN "/proc/self/ns/net"
#define MOUNT_NS_MAX 256

int netns_inode(int fd, uint64_t *ret)
{
	struct stat st;

	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET || fstat(fd, &st) < 0)
		return -EINVAL;
	*ret = st.st_ino;
	return 0;
}

uint64_t netns_own_inode(void)
{
	struct stat st;

	return stat(OWN, &st) < 0 ? 0 : st.st_ino;
}

int netns_enter(int fd)
{
	uint64_t inode;

	if (netns_inode(fd, &inode) < 0)
		return -EINVAL;
	if (inode == netns_own_inode())
		return 0;
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

static int cookie_here(uint64_t *ret)
{
	socklen_t len = sizeof(*ret);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len) < 0)
		r = -errno;
	close(fd);
	return r;
}

int netns_cookie(int fd, uint64_t *ret)
{
	uint64_t inode;
	int own, r;

	r = netns_inode(fd, &inode);
	if (r < 0)
		return r;
	if (inode == netns_own_inode())
		return cookie_here(ret);
	own = open(OWN, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET) < 0) {
		r = -errno;
		close(own);
		return r;
	}
	r = cookie_here(ret);
	if (setns(own, CLONE_NEWNET) < 0)
		abort();	/* in the wrong namespace everything else would be wrong, too */
	close(own);
	return r;
}

/* "net:[4026531840]" */
static bool parse_link(const char *s, uint64_t *ret)
{
	unsigned long long n;

	if (sscanf(s, "net:[%llu]", &n) != 1)
		return false;
	*ret = n;
	return true;
}

/* Mount points have spaces and the like as \040 */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++, to++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 3;
		} else {
			*to = *s;
		}
	}
	*to = '\0';
}

typedef int netns_fn(void *arg, uint64_t inode, pid_t pid, const char *path);

static int each_mount(pid_t pid, netns_fn *f, void *arg)
{
	char file[64], line[4096], root[64], path[3072], full[3200];
	uint64_t inode;
	FILE *in;
	int r = 0;

	snprintf(file, sizeof(file), "/proc/%d/mountinfo", (int)pid);
	in = fopen(file, "re");
	while (in && !r && fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%*d %*d %*s %63s %3071s", root, path) != 2 || !parse_link(root, &inode))
			continue;
		unescape(path);
		snprintf(full, sizeof(full), "/proc/%d/root%s", (int)pid, path);
		r = f(arg, inode, 0, full);
	}
	if (in)
		fclose(in);
	return r;
}

struct mount_seen {
	char link[MOUNT_NS_MAX][32];
	size_t n;
};

/* The mounts of each mount namespace are read once. */
static bool mount_ns_is_new(struct mount_seen *seen, pid_t pid)
{
	char path[64], link[32] = "";
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0 || seen->n == MOUNT_NS_MAX)
		return false;
	for (size_t i = 0; i < seen->n; i++)
		if (!strcmp(seen->link[i], link))
			return false;
	memcpy(seen->link[seen->n++], link, sizeof(link));
	return true;
}

int netns_each(netns_fn *f, void *arg)
{
	struct mount_seen *seen = calloc(1, sizeof(*seen));
	DIR *proc = opendir("/proc");
	struct dirent *e;
	int r = 0;

	if (!proc || !seen) {
		if (proc)
			closedir(proc);
		free(seen);
		return -ENOMEM;
	}
	while (!r && (e = readdir(proc))) {
		char path[64], link[64];
		pid_t pid = atoi(e->d_name);
		uint64_t inode;
		ssize_t n;

		if (pid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
		n = readlink(path, link, sizeof(link) - 1);
		if (n <= 0)
			continue;	/* it has just ended, or is not ours to look at */
		link[n] = '\0';
		if (parse_link(link, &inode))
			r = f(arg, inode, pid, path);
		if (!r && mount_ns_is_new(seen, pid))
			r = each_mount(pid, f, arg);
	}
	closedir(proc);
	free(seen);
	return r;
}

struct name_wanted {
	uint64_t inode;
	char *ret;
	size_t size;
};

static int match_name(void *arg, uint64_t inode, pid_t pid, const char *path)
{
	const struct name_wanted *w = arg;

	if (pid || inode != w->inode)
		return 0;
	snprintf(w->ret, w->size, "%s", strrchr(path, '/') + 1);
	return 1;
}

int netns_name(uint64_t inode, char *ret, size_t size)
{
	struct name_wanted w = { inode, ret, size };

	if (each_mount(getpid(), match_name, &w) > 0)
		return 0;
	return netns_each(match_name, &w) > 0 ? 0 : -ENOENT;
}

int netns_name_of_self(char *ret, size_t size)
{
	return netns_name(netns_own_inode(), ret, size);
}
