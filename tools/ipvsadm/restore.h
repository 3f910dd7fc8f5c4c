/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restore - `ipvsadm -R`: every line of a file is a command.
 *
 * As in the original a refused line says so and the next one follows; a line that makes no sense ends it. Unlike the
 * original it does not wait for each answer: a hundred thousand lines take about a second.
 */
#ifndef IPVSADM_RESTORE_H
#define IPVSADM_RESTORE_H

#include <stdio.h>

#include "ctl.h"

/* Runs all lines of in; prog: what messages call the program. Returns the exit status. */
int restore(struct ctl *c, FILE *in, char *prog);

#endif
