/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help - the texts of -v and -h. Programs look for "1.31" and for option names in them, so they are the original's.
 */
#ifndef IPVSADM_HELP_H
#define IPVSADM_HELP_H

#include <stdio.h>

void help_version(FILE *out);
void help_usage(FILE *out, const char *prog); /* without the version line that precedes it */

#endif
