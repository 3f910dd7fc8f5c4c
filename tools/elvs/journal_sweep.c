/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_sweep - removes the journals of network namespaces that are gone: nobody can undo anything there.
 *
 * A namespace is alive as long as a process is in it or a mount holds it. Its cookie cannot be asked for from
 * outside, so the journal also names its inode. That may belong to a younger namespace by now: then the journal stays
 * a while longer, which harms nobody. From within a container not all processes can be seen: nothing is swept there.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"

#define FIRST_PID_NAMESPACE 0xEFFFFFFCu /* inode of the machine's own one (linux/proc_ns.h) */

struct inodes {
	unsigned long *list;
	size_t n, room;
	bool failed;
};

static void add(struct inodes *s, unsigned long inode)
{
	unsigned long *more;

	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 256;
		more = reallocarray(s->list, s->room, sizeof(*more));
		if (!more) {
			s->failed = true;
			s->room = s->n;
			return;
		}
		s->list = more;
	}
	s->list[s->n++] = inode;
}

static bool sees_all_processes(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == FIRST_PID_NAMESPACE;
}

static void of_processes(struct inodes *s)
{
	DIR *d = opendir("/proc");
	char path[300];
	struct dirent *e;
	struct stat st;

	if (!d) {
		s->failed = true;
		return;
	}
	while ((e = readdir(d))) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (stat(path, &st) == 0)
			add(s, st.st_ino);
	}
	closedir(d);
}

/* "... net:[4026532000] /run/netns/x ...", of this mount namespace and of the first process's */
static void of_mounts(struct inodes *s, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL, *at;
	size_t size = 0;

	if (!f)
		return;
	while (getline(&line, &size, f) > 0) {
		at = strstr(line, " net:[");
		if (at)
			add(s, strtoul(at + 6, NULL, 10));
	}
	free(line);
	fclose(f);
}

static bool alive(const struct inodes *s, unsigned long inode)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->list[i] == inode)
			return true;
	}
	return false;
}

static unsigned long inode_of(const struct journal *j, const char *name)
{
	int fd = openat(j->dir_fd, name, O_RDONLY | O_CLOEXEC);
	json_t *root = fd >= 0 ? json_loadfd(fd, 0, NULL) : NULL;
	unsigned long inode = (unsigned long)json_integer_value(json_object_get(root, "netns_inode"));

	json_decref(root);
	if (fd >= 0)
		close(fd);
	return inode;
}

void journal_sweep(struct journal *j)
{
	struct inodes s = {};
	unsigned long inode;
	struct dirent *e;
	DIR *d = NULL;
	int fd;

	if (!sees_all_processes())
		return;
	of_processes(&s);
	of_mounts(&s, "/proc/self/mountinfo");
	of_mounts(&s, "/proc/1/mountinfo");
	fd = openat(j->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		d = fdopendir(fd);
	while (d && !s.failed && (e = readdir(d))) {
		if (!isdigit((unsigned char)e->d_name[0]) || strcmp(e->d_name, j->name) == 0)
			continue;
		inode = inode_of(j, e->d_name);
		if (inode && !alive(&s, inode))
			unlinkat(j->dir_fd, e->d_name, 0);
	}
	if (d)
		closedir(d);
	free(s.list);
}
