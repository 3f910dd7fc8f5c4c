/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setting - kernel settings (/proc/sys) that the director changes and puts back. What a setting was before is written to
 * a file before it is changed, so a crash cannot lose it; nothing is remembered in the process.
 */
#ifndef ELVS_DIRECTOR_SETTING_H
#define ELVS_DIRECTOR_SETTING_H

/* The value, not negative, or -errno */
int setting_read(const char *path);
int setting_write(const char *path, int value);	/* -errno */
/* Sets it, unless it is so already; file gets what it was, if it has no line of it yet. -errno. */
int setting_change(const char *file, const char *path, int value);
/* All that stands in the file, as it was; the file goes. Harmless when there is none. */
void settings_restore(const char *file);

#endif
