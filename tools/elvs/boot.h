/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot - makes a set-up survive a reboot: a file with its arguments and a systemd unit that reads it.
 */
#ifndef ELVS_TOOLS_BOOT_H
#define ELVS_TOOLS_BOOT_H

#include "verb.h"

/*
 * Writes ROOT/etc/elvs/ROLE.d/NAME (VIPS and OPTIONS) and enables elvs-ROLE@NAME.service. root "" = this system.
 * name has no slash. Returns an exit status and has said what is wrong.
 */
int boot_enable(const struct verb *c, const char *root, const char *name, const char *vips, const char *options);
/* Undoes it. Not enabled: says so, EXIT_FAILED. */
int boot_disable(const struct verb *c, const char *root, const char *name);

#endif
