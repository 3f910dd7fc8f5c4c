/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request - see request.h.
 */
#include "request.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "put.h"

static uint8_t command_of(enum op op)
{
	switch (op) {
	case OP_ADD:
		return IPVS_CMD_NEW_SERVICE;
	case OP_EDIT:
		return IPVS_CMD_SET_SERVICE;
	case OP_DEL:
		return IPVS_CMD_DEL_SERVICE;
	case OP_ADD_DEST:
		return IPVS_CMD_NEW_DEST;
	case OP_EDIT_DEST:
		return IPVS_CMD_SET_DEST;
	case OP_DEL_DEST:
		return IPVS_CMD_DEL_DEST;
	case OP_START_DAEMON:
		return IPVS_CMD_NEW_DAEMON;
	case OP_STOP_DAEMON:
		return IPVS_CMD_DEL_DAEMON;
	case OP_TIMEOUT:
		return IPVS_CMD_SET_CONFIG;
	case OP_ZERO:
		return IPVS_CMD_ZERO;
	case OP_FLUSH:
		return IPVS_CMD_FLUSH;
	default:
		return IPVS_CMD_UNSPEC;
	}
}

struct nlmsghdr *request_build(struct ctl *c, const struct command *cmd)
{
	struct nlmsghdr *nlh = ctl_request(c, command_of(cmd->op), NLM_F_ACK);

	switch (cmd->op) {
	case OP_ADD_DEST:
	case OP_EDIT_DEST:
	case OP_DEL_DEST:
		put_service(nlh, &cmd->svc);
		put_dest(nlh, &cmd->dest);
		break;
	case OP_ADD:
	case OP_EDIT:
	case OP_DEL:
		put_service(nlh, &cmd->svc);
		break;
	case OP_ZERO:
		if (cmd->given & BIT(OPT_SERVICE))
			put_service(nlh, &cmd->svc);
		break;
	case OP_START_DAEMON:
	case OP_STOP_DAEMON:
		put_daemon(nlh, &cmd->daemon);
		break;
	case OP_TIMEOUT:
		put_timeouts(nlh, &cmd->timeouts);
		break;
	default:
		break;
	}
	return nlh;
}

static const struct refusal {
	uint32_t ops; /* 1 << enum op; 0: any */
	int err;
	const char *text;
} refusals[] = {
	{ 1 << OP_ADD, EEXIST, "Service already exists" },
	{ 1 << OP_ADD | 1 << OP_EDIT, ENOENT, "Scheduler or persistence engine not found" },
	{ 1 << OP_EDIT | 1 << OP_DEL | 1 << OP_ZERO | 1 << OP_LIST | 1 << OP_SAVE, ESRCH, "No such service" },
	{ 1 << OP_ADD_DEST | 1 << OP_EDIT_DEST | 1 << OP_DEL_DEST, ESRCH, "Service not defined" },
	{ 1 << OP_ADD_DEST, EEXIST, "Destination already exists" },
	{ 1 << OP_EDIT_DEST | 1 << OP_DEL_DEST, ENOENT, "No such destination" },
	{ 1 << OP_START_DAEMON, EEXIST, "Daemon has already run" },
	{ 1 << OP_STOP_DAEMON, ESRCH, "No daemon is running" },
	{ 0, EPERM, "Permission denied (you must be root)" },
	{ 0, EINVAL, "Invalid operation.  Possibly wrong module version, address not unicast, ..." },
	{ 0, ENOPROTOOPT, "Protocol not available" },
	{ 0, ENOMEM, "Memory allocation problem" },
	{ 0, EAFNOSUPPORT, "Operation not supported with specified address family" },
	{ 0, EMSGSIZE, "Module is wrong version" },
	{ 0, EPIPE, "elvsd ended while it was being talked to" },
	{ 0, ETIMEDOUT, "elvsd does not answer" },
};

const char *request_strerror(enum op op, int err, const char *why)
{
	const struct refusal *r;

	for (r = refusals; r < refusals + sizeof(refusals) / sizeof(refusals[0]); r++)
		if (r->err == err && (!r->ops || r->ops & 1u << op))
			return r->text;
	if (*why && err != ERANGE && err != ENODEV && err != EEXIST && err != ENOENT && err != ESRCH)
		return why;
	return strerror(err);
}
