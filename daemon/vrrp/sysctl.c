/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl - see sysctl.h. */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void path_of(char *buf, size_t size, const char *family, const char *ifname, const char *key)
{
	snprintf(buf, size, "/proc/sys/net/%s/conf/%s/%s", family, ifname, key);
}

static int write_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		r = -errno;
	close(fd);
	return r;
}

static int read_file(const char *path, char *ret, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, ret, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	ret[n] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
	return 0;
}

int sysctl_set(const char *family, const char *ifname, const char *key, const char *value)
{
	char path[96];

	path_of(path, sizeof(path), family, ifname, key);
	return write_file(path, value);
}

int sysctl_net(const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	return write_file(path, value);
}

int sysctl_get(const char *family, const char *ifname, const char *key, int fallback)
{
	char path[96], text[24];

	path_of(path, sizeof(path), family, ifname, key);
	return read_file(path, text, sizeof(text)) < 0 ? fallback : atoi(text);
}

int sysctl_hold(struct sysctls *s, const char *family, const char *ifname, const char *key, const char *value)
{
	struct sysctl *e, new = { .users = 1 };
	int r;

	path_of(new.path, sizeof(new.path), family, ifname, key);
	for (uint32_t i = 0; i < s->n; i++) {
		if (!strcmp(s->list[i].path, new.path)) {
			s->list[i].users++;
			return 0;
		}
	}
	r = read_file(new.path, new.old, sizeof(new.old));
	if (r < 0)
		return r;
	snprintf(new.value, sizeof(new.value), "%s", value);
	e = realloc(s->list, (s->n + 1) * sizeof(*e));
	if (!e)
		return -ENOMEM;
	s->list = e;
	r = write_file(new.path, value);
	if (r == 0)
		s->list[s->n++] = new;
	return r;
}

static void put_back(struct sysctls *s, uint32_t i)
{
	struct sysctl *e = &s->list[i];
	char now[24];

	if (read_file(e->path, now, sizeof(now)) == 0 && !strcmp(now, e->value))
		write_file(e->path, e->old);
	*e = s->list[--s->n];
}

void sysctl_release(struct sysctls *s, const char *family, const char *ifname, const char *key)
{
	char path[96];

	path_of(path, sizeof(path), family, ifname, key);
	for (uint32_t i = 0; i < s->n; i++) {
		if (strcmp(s->list[i].path, path))
			continue;
		if (--s->list[i].users == 0)
			put_back(s, i);
		return;
	}
}

void sysctl_release_all(struct sysctls *s)
{
	while (s->n)
		put_back(s, s->n - 1);
	free(s->list);
	s->list = NULL;
}
