/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory - see memory.h. A limit that cannot be read counts as none.
 */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

/* A limit file's number; "max", rubbish or no file: no limit */
static uint64_t limit_in(const char *dir, const char *file)
{
	char path[4096], text[64] = "";
	unsigned long long n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (!f)
		return UINT64_MAX;
	if (!fgets(text, sizeof(text), f) || sscanf(text, "%llu", &n) != 1)
		n = UINT64_MAX;
	fclose(f);
	return n;
}

/* The least limit of a cgroup and of all above it */
static uint64_t limit_upwards(const char *root, const char *group, const char *file)
{
	uint64_t least = UINT64_MAX;
	char dir[2048];

	snprintf(dir, sizeof(dir), "%s%s", root, group);
	for (;;) {
		uint64_t n = limit_in(dir, file);
		char *slash = strrchr(dir, '/');

		if (n < least)
			least = n;
		if (strlen(dir) <= strlen(root) || !slash)
			return least;
		*slash = '\0';
	}
}

static uint64_t cgroup_limit(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	uint64_t least = UINT64_MAX;
	char line[1024];

	while (f && fgets(line, sizeof(line), f)) {
		char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
		uint64_t n = UINT64_MAX;

		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		if (!controllers[1])
			n = limit_upwards("/sys/fs/cgroup", group, "memory.max");
		else if (strstr(controllers, "memory"))
			n = limit_upwards("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
		if (n < least)
			least = n;
	}
	if (f)
		fclose(f);
	return least;
}

uint64_t memory_limit(void)
{
	uint64_t limit = cgroup_limit();
	struct sysinfo i;

	if (!sysinfo(&i) && (uint64_t)i.totalram * i.mem_unit < limit)
		limit = (uint64_t)i.totalram * i.mem_unit;
	return limit;
}
