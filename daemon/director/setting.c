/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setting - see setting.h. A line of the file: the value, a blank, the path. */
#include "setting.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

int setting_read(const char *path)
{
	FILE *f = fopen(path, "re");
	int v;

	if (!f)
		return -errno;
	if (fscanf(f, "%d", &v) != 1 || v < 0)
		v = -EINVAL;
	fclose(f);
	return v;
}

int setting_write(const char *path, int value)
{
	FILE *f = fopen(path, "we");
	int r = 0;

	if (!f)
		return -errno;
	if (fprintf(f, "%d\n", value) < 0)
		r = -EIO;
	if (fclose(f) && !r)
		r = -errno;
	return r;
}

/* The next line of the file; false at its end */
static bool line_read(FILE *f, int *value, char path[256])
{
	return fscanf(f, "%d %255[^\n]\n", value, path) == 2;
}

static bool kept(const char *file, const char *path)
{
	FILE *f = fopen(file, "re");
	bool found = false;
	char line[256];
	int v;

	if (!f)
		return false;
	while (!found && line_read(f, &v, line))
		found = !strcmp(line, path);
	fclose(f);
	return found;
}

static int keep(const char *file, const char *path, int value)
{
	FILE *f = fopen(file, "ae");
	int r = 0;

	if (!f)
		return -errno;
	if (fprintf(f, "%d %s\n", value, path) < 0)
		r = -EIO;
	if (fclose(f) && !r)
		r = -errno;
	return r;
}

int setting_change(const char *file, const char *path, int value)
{
	int was = setting_read(path), r;

	if (was < 0 || was == value)
		return was < 0 ? was : 0;
	r = kept(file, path) ? 0 : keep(file, path, was);
	return r ? r : setting_write(path, value);
}

void settings_restore(const char *file)
{
	FILE *f = fopen(file, "re");
	char path[256];
	int v, r;

	if (!f)
		return;
	while (line_read(f, &v, path)) {
		r = setting_write(path, v);
		if (r < 0 && r != -ENOENT) /* of an interface that is no more */
			log_warn("%s cannot be set back to %d: %s", path, v, strerror(-r));
	}
	fclose(f);
	unlink(file);
}
