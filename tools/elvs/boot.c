/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot - the file and the unit (boot.h). systemctl makes and removes the unit's link; it does so without a running
 * systemd as well, in images and chroots.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "change.h"

static void path_of(const struct verb *c, const char *root, const char *name, char ret[PATH_MAX])
{
	snprintf(ret, PATH_MAX, "%s/etc/elvs/%s.d/%s", root, c->name, name);
}

static int make_dirs(const struct verb *c, const char *root)
{
	char path[PATH_MAX];
	const char *const parts[] = { "/etc", "/etc/elvs", "/etc/elvs/%s.d" };
	size_t i;
	int n;

	for (i = 0; i < 3; i++) {
		n = snprintf(path, sizeof(path), "%s", root);
		if (i < 2)
			snprintf(path + n, sizeof(path) - (size_t)n, "%s", parts[i]);
		else
			snprintf(path + n, sizeof(path) - (size_t)n, "/etc/elvs/%s.d", c->name);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return verb_error(c, "cannot make the directory %s: %s", path, strerror(errno));
	}
	return 0;
}

static int systemctl(const struct verb *c, const char *root, const char *verb, const char *name)
{
	char unit[300], err[256] = "";
	const char *argv[8] = { "systemctl" };
	int n = 1, r;

	snprintf(unit, sizeof(unit), "elvs-%s@%s.service", c->name, name);
	if (root[0]) {
		argv[n++] = "--root";
		argv[n++] = root;
	}
	argv[n++] = verb;
	argv[n++] = unit;
	argv[n] = NULL;
	r = run_program(argv, NULL, err, sizeof(err));
	if (r == 0)
		return 0;
	if (r == -ENOENT)
		return verb_error(c,
				  "there is no systemctl here: to survive a reboot, have your init system run `elvs "
				  "%s start ...'",
				  c->name);
	return verb_error(c, "systemctl %s %s failed: %s", verb, unit, r < 0 ? strerror(-r) : err);
}

static int write_file(const struct verb *c, const char *path, const char *vips, const char *options)
{
	FILE *f = fopen(path, "we");
	int bad;

	if (!f)
		return verb_error(c, "cannot write %s: %s", path, strerror(errno));
	fprintf(f, "# written by `elvs %s enable'\nVIPS=%s\nOPTIONS=%s\n", c->name, vips, options);
	bad = ferror(f);
	if (fclose(f) != 0 || bad)
		return verb_error(c, "cannot write %s: %s", path, strerror(errno));
	return 0;
}

int boot_enable(const struct verb *c, const char *root, const char *name, const char *vips, const char *options)
{
	char path[PATH_MAX];
	int r = make_dirs(c, root);

	if (r)
		return r;
	path_of(c, root, name, path);
	r = write_file(c, path, vips, options);
	if (!r)
		r = systemctl(c, root, "enable", name);
	if (r)
		unlink(path);
	return r;
}

int boot_disable(const struct verb *c, const char *root, const char *name)
{
	char path[PATH_MAX];
	int r;

	path_of(c, root, name, path);
	if (access(path, F_OK) < 0)
		return verb_error(c, "%s is not enabled (there is no %s)", name, path);
	r = systemctl(c, root, "disable", name);
	if (!r && unlink(path) < 0)
		return verb_error(c, "cannot remove %s: %s", path, strerror(errno));
	return r;
}
