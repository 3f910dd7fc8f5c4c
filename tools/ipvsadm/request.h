/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - turns parsed commands into messages of the control protocol, and refusals into the words users know.
 */
#ifndef IPVSADM_REQUEST_H
#define IPVSADM_REQUEST_H

#include "command.h"
#include "ctl.h"

/*
 * The message of a command that changes something (everything but OP_LIST, OP_SAVE, OP_RESTORE), begun in c's
 * buffer, ready for ctl_call() or ctl_queue().
 */
struct nlmsghdr *request_build(struct ctl *c, const struct command *cmd);

/*
 * What an errno (positive) means for a command; OP_LIST for everything that is read. why: the director's own
 * sentence, or ""; it is used for what IPVS never answers.
 */
const char *request_strerror(enum op op, int err, const char *why);

#endif
