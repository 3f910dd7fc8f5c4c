/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - see run.h.
 */
#include "run.h"

#include <stdio.h>

#include "request.h"
#include "show.h"

void run_complain(const struct ctl *c, enum op op, int err)
{
	fflush(stdout);
	fprintf(stderr, "%s\n", request_strerror(op, -err, ctl_why(c)));
}

int run_command(struct ctl *c, const struct command *cmd)
{
	bool reads = cmd->op == OP_LIST || cmd->op == OP_SAVE;
	int r = reads ? show(c, cmd, stdout) : ctl_call(c, request_build(c, cmd), NULL, NULL);

	if (!r)
		return 0;
	run_complain(c, cmd->op, r);
	return reads ? STATUS_LIST_FAILED : STATUS_REFUSED;
}
