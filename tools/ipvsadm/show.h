/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show - the commands that only read: -L in all its forms, and -S. Fetches with table, prints with format.
 */
#ifndef IPVSADM_SHOW_H
#define IPVSADM_SHOW_H

#include <stdio.h>

#include "command.h"
#include "ctl.h"

/* Prints to out what cmd (OP_LIST or OP_SAVE) asks for. Returns 0 or -errno; nothing of the error is printed. */
int show(struct ctl *c, const struct command *cmd, FILE *out);

#endif
