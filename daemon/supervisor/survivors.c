/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survivors - what a supervisor finds of its predecessor: instances whose directors may come back by themselves,
 * those whose directors are dead, and those whose network namespace has gone.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "netns.h"
#include "supervisor.h"

#define REGISTER_TICKS 3	/* that surviving directors have for coming back */

struct survivors {
	struct supervisor *s;
	uint64_t cookie[4096];
	size_t n, left;
	uint64_t seen[1024];	/* namespaces looked at; beyond that some are looked at twice */
	size_t nseen;
};

static void collect(struct survivors *v, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)) && v->n < 4096) {
		char *end;
		uint64_t cookie = strtoull(e->d_name, &end, 10);
		size_t k = 0;

		if (*end || !cookie)
			continue;
		while (k < v->n && v->cookie[k] != cookie)
			k++;
		if (k == v->n)
			v->cookie[v->n++] = cookie;
	}
	if (d)
		closedir(d);
}

static bool seen_before(struct survivors *v, uint64_t inode)
{
	for (size_t i = 0; i < v->nseen; i++)
		if (v->seen[i] == inode)
			return true;
	if (v->nseen < 1024)
		v->seen[v->nseen++] = inode;
	return false;
}

/* A living namespace: is it one of the survivors'? */
static int match_survivor(void *arg, uint64_t inode, pid_t pid, const char *path)
{
	struct survivors *v = arg;
	uint64_t cookie;
	int fd;

	if (seen_before(v, inode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (netns_cookie(fd, &cookie) == 0)
		for (size_t k = 0; k < v->n; k++)
			if (v->cookie[k] == cookie) {
				v->cookie[k] = 0;
				instance_new(v->s, cookie, inode, fd);
				return --v->left == 0;
			}
	close(fd);
	return 0;
}

void survivors_find(struct supervisor *s)
{
	struct survivors *v = calloc(1, sizeof(*v));
	char dir[ELVS_PATH_MAX + 16];

	if (!v)
		return;
	v->s = s;
	if (s->pin_root[0])
		collect(v, s->pin_root);
	snprintf(dir, sizeof(dir), "%s/instance", s->o->run_dir);
	collect(v, dir);
	v->left = v->n;
	if (v->n)
		netns_each(match_survivor, v);
	for (size_t k = 0; k < v->n; k++)
		if (v->cookie[k]) {
			log_info("removing instance %llu, whose network namespace has gone",
				 (unsigned long long)v->cookie[k]);
			traces_remove(s, v->cookie[k], -1);
		}
	free(v);
	s->waiting_ticks = s->instances ? REGISTER_TICKS : 0;
}

void survivors_tick(struct supervisor *s)
{
	struct instance *next;
	char dir[2 * ELVS_PATH_MAX];

	if (!s->waiting_ticks || --s->waiting_ticks)
		return;
	for (struct instance *i = s->instances; i; i = next) {
		next = i->next;
		if (i->state != INSTANCE_WAITING && (i->state != INSTANCE_ENDING || i->pid))
			continue;
		traces_pin_dir(s, i->cookie, dir, sizeof(dir));
		if (i->state == INSTANCE_WAITING && s->pin_root[0] && access(dir, F_OK) == 0) {
			instance_start(i);
		} else {
			traces_remove(s, i->cookie, i->netns_fd);
			instance_free(i);
		}
	}
}
