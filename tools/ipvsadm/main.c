/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipvsadm - administers elvs's virtual servers with the command line and the output of ipvsadm 1.31.
 *
 * parse (command) -> ask (request, table) -> print (format); restore does that for every line of a file. Wrong
 * command lines, -h and -v are dealt with before anything is connected or started.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ctl.h"
#include "help.h"
#include "restore.h"
#include "run.h"

#define STATUS_NO_IPVS 2

static struct ctl *connect_ipvs(void)
{
	const char *why = "";
	struct ctl *c = NULL;
	int r = ctl_open(&c, 0, &why);

	if (!r)
		return c;
	if (r == -EPERM) /* both lines are the original's: scripts know them */
		fprintf(stderr, "Can't initialize ipvs: Permission denied (you must be root)\n"
				"Are you sure that IP Virtual Server is built in the kernel or as module?\n");
	else
		fprintf(stderr, "Can't initialize ipvs: %s\n%s\n", strerror(-r), why);
	return NULL;
}

/* What was printed must have arrived: a saved table cut short by a full disk would be restored one day. */
static int close_stdout(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "cannot write the output: %s\n", strerror(errno));
		return status ? status : STATUS_LIST_FAILED;
	}
	return status;
}

static int run(const struct command *cmd, char *prog)
{
	struct ctl *c = connect_ipvs();
	int status;

	if (!c)
		return STATUS_NO_IPVS;
	status = cmd->op == OP_RESTORE ? restore(c, stdin, prog) : run_command(c, cmd);
	ctl_close(c);
	return status;
}

int main(int argc, char **argv)
{
	char *just_list[] = { argc ? argv[0] : "ipvsadm", "-L", NULL };
	struct command cmd;
	char *err = NULL;
	int status = 0;

	switch (command_parse(&cmd, argc > 1 ? argv : just_list, &err, &status)) {
	case PARSE_OK:
		status = run(&cmd, just_list[0]);
		break;
	case PARSE_HELP:
		help_version(stdout);
		help_usage(stdout, just_list[0]);
		break;
	case PARSE_VERSION:
		help_version(stdout);
		break;
	case PARSE_BAD_WORD:
	case PARSE_FAILED:
		fprintf(stderr, "%s\n", err ? err : "out of memory");
		break;
	}
	free(err);
	return close_stdout(status);
}
