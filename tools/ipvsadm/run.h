/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - carries out one parsed command and says on stderr what went wrong.
 */
#ifndef IPVSADM_RUN_H
#define IPVSADM_RUN_H

#include "command.h"
#include "ctl.h"

#define STATUS_LIST_FAILED 1

/* Everything but OP_RESTORE. Returns the exit status: 0, STATUS_LIST_FAILED or STATUS_REFUSED. */
int run_command(struct ctl *c, const struct command *cmd);

/* Says err (-errno) of the command that was answered last on stderr. */
void run_complain(const struct ctl *c, enum op op, int err);

#endif
