/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sync - see sync.h. */
#include "sync.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/ip_vs.h>
#include <string.h>

#include "put.h"

static int change(struct ctl *c, uint8_t cmd, const struct conf_global *g, uint32_t state, const char **ret_why)
{
	struct sync_daemon d = { .state = state,
				 .syncid = g->sync.id,
				 .maxlen = g->sync.maxlen,
				 .port = g->sync.port,
				 .ttl = g->sync.ttl };
	struct nlmsghdr *nlh = ctl_request(c, cmd, NLM_F_ACK);
	int r;

	strncpy(d.ifname, g->sync.iface, sizeof(d.ifname) - 1);
	d.group.af = g->sync.group.family;
	memcpy(d.group.a, g->sync.group.bytes, sizeof(d.group.a));
	put_daemon(nlh, &d);
	r = ctl_call(c, nlh, NULL, NULL);
	if (cmd == IPVS_CMD_NEW_DAEMON ? r == -EEXIST : r == -ESRCH)
		return 0;
	if (r < 0)
		*ret_why = *ctl_why(c) ? ctl_why(c) : strerror(-r);
	return r;
}

int sync_follow(struct ctl *c, const struct conf_global *g, bool master, const char **ret_why)
{
	uint32_t on = master ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP;
	const char *ignored;

	change(c, IPVS_CMD_DEL_DAEMON, g, master ? IP_VS_STATE_BACKUP : IP_VS_STATE_MASTER, &ignored);
	return change(c, IPVS_CMD_NEW_DAEMON, g, on, ret_why);
}

int sync_both(struct ctl *c, const struct conf_global *g, const char **ret_why)
{
	int r = change(c, IPVS_CMD_NEW_DAEMON, g, IP_VS_STATE_MASTER, ret_why);

	return r < 0 ? r : change(c, IPVS_CMD_NEW_DAEMON, g, IP_VS_STATE_BACKUP, ret_why);
}

void sync_stop(struct ctl *c, const struct conf_global *g)
{
	const char *ignored;

	change(c, IPVS_CMD_DEL_DAEMON, g, IP_VS_STATE_MASTER, &ignored);
	change(c, IPVS_CMD_DEL_DAEMON, g, IP_VS_STATE_BACKUP, &ignored);
}
