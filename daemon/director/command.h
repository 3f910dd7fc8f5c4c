/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command - one request being carried out: what commands.c and own_commands.c share. Not for others. */
#ifndef ELVS_DIRECTOR_COMMAND_H
#define ELVS_DIRECTOR_COMMAND_H

#include <stdint.h>

#include "ctl_decode.h"
#include "director.h"
#include "reply.h"

struct command {
	struct director *d;
	struct client *c;
	const struct ctl_req *q;
	struct reply *reply;
	const char *why;	/* the sentence of a refusal, borrowed */
};

struct nlmsghdr *command_begin(struct command *m, uint8_t cmd);	/* a message of the answer ... */
void command_add(struct command *m, struct nlmsghdr *nlh);		/* ... that is complete */
int command_result(struct command *m, int r);	/* the library's refusals come with its sentence; 0 or r */

/* own_commands.c: elvs's own, from 64 on (abi/ctl_wire.h) */
int command_own(struct command *m);

#endif
