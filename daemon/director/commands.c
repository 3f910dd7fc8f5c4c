/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * commands - what each of IPVS's requests does; they answer with IPVS's errors (spec: linux/ip_vs.h and its users).
 */
#include <errno.h>
#include <limits.h>
#include <linux/ip_vs.h>
#include <net/if.h>

#include "batch.h"
#include "command.h"
#include "ctl_encode.h"
#include "watch.h"

#define CONN_TAB_SIZE 4096	/* what IPVS reports by default; ours grows */
#define TIMEOUT_MAX (INT_MAX / 250)	/* seconds; IPVS counts in jiffies, Debian's kernel has 250 in one */

struct nlmsghdr *command_begin(struct command *m, uint8_t cmd)
{
	return ctl_encode_begin(reply_room(m->reply), m->q, cmd, m->q->dump);
}

void command_add(struct command *m, struct nlmsghdr *nlh)
{
	reply_add(m->reply, nlh);
}

int command_result(struct command *m, int r)
{
	if (r < 0)
		m->why = elvs_strerror(m->d->elvs);
	return r < 0 ? r : 0;
}

/* ---- services and destinations ---- */
static int put_service(void *arg, const struct elvs_svc_info *s)
{
	struct command *m = arg;
	struct nlmsghdr *nlh = command_begin(m, IPVS_CMD_NEW_SERVICE);

	ctl_put_service(nlh, s);
	command_add(m, nlh);
	return m->reply->failed ? -ENOMEM : 0;
}

static int put_dest(void *arg, const struct elvs_dest_info *x)
{
	struct command *m = arg;
	struct nlmsghdr *nlh = command_begin(m, IPVS_CMD_NEW_DEST);

	ctl_put_dest(nlh, x);
	command_add(m, nlh);
	return m->reply->failed ? -ENOMEM : 0;
}

static int get_service(struct command *m)
{
	struct elvs_svc_info s;
	int r;

	if (m->q->dump)
		return elvs_svc_each(m->d->elvs, put_service, m);
	if (m->q->svc_error)
		return m->q->svc_error;
	r = elvs_svc_get(m->d->elvs, &m->q->svc.key, &s);
	return r < 0 ? command_result(m, r) : put_service(m, &s);
}

static int get_dest(struct command *m)
{
	if (!m->q->dump)
		return -EOPNOTSUPP;
	if (m->q->svc_error)
		return 0;	/* the kernel's answer, too: an empty dump */
	return elvs_dest_each(m->d->elvs, &m->q->svc.key, put_dest, m);
}

/* SET_SERVICE keeps the flags that its mask leaves out. */
static int set_service(struct command *m)
{
	struct elvs_svc_conf c = m->q->svc;
	struct elvs_svc_info old;
	int r = elvs_svc_get(m->d->elvs, &c.key, &old);

	if (r < 0)
		return command_result(m, r);
	c.flags |= old.conf.flags & ~m->q->flags_mask;
	return command_result(m, elvs_svc_edit(m->d->elvs, &c));
}

static int change_dest(struct command *m)
{
	const struct ctl_req *q = m->q;
	struct elvs *e = m->d->elvs;
	struct elvs_svc_info s;
	int r;

	if (q->dest_error) {
		r = elvs_svc_get(e, &q->svc.key, &s);
		return r < 0 ? r : q->dest_error;
	}
	switch (q->cmd) {
	case IPVS_CMD_NEW_DEST:
		r = elvs_dest_add(e, &q->svc.key, &q->dest);
		if (!r)
			watch_dest_added(m->d->watch, q->dest.af, &q->dest.addr);
		break;
	case IPVS_CMD_SET_DEST:
		r = elvs_dest_edit(e, &q->svc.key, &q->dest);
		break;
	default:
		r = elvs_dest_del(e, &q->svc.key, &q->dest);
	}
	return command_result(m, r);
}

static int change_service(struct command *m)
{
	const struct ctl_req *q = m->q;
	int r;

	if (q->cmd == IPVS_CMD_FLUSH)
		return command_result(m, elvs_flush(m->d->elvs));
	if (q->cmd == IPVS_CMD_ZERO && !q->has_svc)
		return command_result(m, elvs_zero(m->d->elvs, NULL));
	if (q->svc_error)
		return q->svc_error;
	switch (q->cmd) {
	case IPVS_CMD_NEW_SERVICE:
		r = command_result(m, elvs_svc_add(m->d->elvs, &q->svc));
		if (!r)
			watch_svc_added(m->d->watch, q->svc.key.af, &q->svc.key.addr);
		return r;
	case IPVS_CMD_SET_SERVICE:
		return set_service(m);
	case IPVS_CMD_DEL_SERVICE:
		return command_result(m, elvs_svc_del(m->d->elvs, &q->svc.key));
	case IPVS_CMD_ZERO:
		return command_result(m, elvs_zero(m->d->elvs, &q->svc.key));
	default:
		return change_dest(m);
	}
}

static int set_config(struct command *m)
{
	for (int i = 0; i < 3; i++)
		if (m->q->timeout_sec[i] > TIMEOUT_MAX) {
			m->why = "a timeout is longer than IPVS can count";
			return -EINVAL;
		}
	return command_result(m, elvs_timeouts_set(m->d->elvs, m->q->timeout_sec));
}

static int get_config(struct command *m)
{
	struct nlmsghdr *nlh;
	uint32_t sec[3];
	int r = elvs_timeouts_get(m->d->elvs, sec);

	if (r < 0)
		return command_result(m, r);
	nlh = command_begin(m, IPVS_CMD_SET_CONFIG);
	for (int i = 0; i < 3; i++)
		mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP + i, sec[i]);
	command_add(m, nlh);
	return 0;
}

static int get_info(struct command *m)
{
	struct nlmsghdr *nlh = command_begin(m, IPVS_CMD_SET_INFO);

	mnl_attr_put_u32(nlh, IPVS_INFO_ATTR_VERSION, IP_VS_VERSION_CODE);
	mnl_attr_put_u32(nlh, IPVS_INFO_ATTR_CONN_TAB_SIZE, CONN_TAB_SIZE);
	command_add(m, nlh);
	return 0;
}

/* ---- the sync daemon, which is not there yet: IPVS's own refusals first ---- */
static int other_family(void *arg, const struct elvs_dest_info *x)
{
	return x->conf.af != *(const uint16_t *)arg;
}

static int mixed_service(void *arg, const struct elvs_svc_info *s)
{
	uint16_t af = s->conf.key.af;

	return elvs_dest_each(arg, &s->conf.key, other_family, &af) > 0;
}

static int new_daemon(struct command *m)
{
	const struct ctl_req *q = m->q;

	if (q->daemon_error)
		return q->daemon_error;
	if (elvs_svc_each(m->d->elvs, mixed_service, m->d->elvs) > 0)
		return -EINVAL;
	if (q->daemon.state != IP_VS_STATE_MASTER && q->daemon.state != IP_VS_STATE_BACKUP)
		return -EINVAL;
	if (!if_nametoindex(q->daemon.ifname))
		return -ENODEV;
	m->why = "connection synchronisation is not implemented yet";
	return -EOPNOTSUPP;
}

static int del_daemon(struct command *m)
{
	return m->q->daemon_error ? m->q->daemon_error : -ESRCH;	/* none ever runs */
}

bool command_changes(const struct ctl_req *q)
{
	switch (q->cmd) {
	case IPVS_CMD_GET_SERVICE:
	case IPVS_CMD_GET_DEST:
	case IPVS_CMD_GET_DAEMON:
	case IPVS_CMD_GET_CONFIG:
	case IPVS_CMD_GET_INFO:
	case ELVS_CMD_GET_CONN:
	case ELVS_CMD_GET_STATUS:
	case ELVS_CMD_GET_DROPS:
	case ELVS_CMD_GET_IFACE:
	case ELVS_CMD_GET_PROG:
	case ELVS_CMD_GET_VIP:
	case ELVS_CMD_GET_CHECK:
		return false;
	default:
		return true;
	}
}

static int run(struct command *m)
{
	struct director *d = m->d;

	if (d->batch && d->batch_owner == m->c && command_changes(m->q) && m->q->cmd < 64)
		return batch_apply(d, m->q);
	switch (m->q->cmd) {
	case IPVS_CMD_GET_SERVICE:
		return get_service(m);
	case IPVS_CMD_GET_DEST:
		return get_dest(m);
	case IPVS_CMD_NEW_DAEMON:
		return new_daemon(m);
	case IPVS_CMD_DEL_DAEMON:
		return del_daemon(m);
	case IPVS_CMD_GET_DAEMON:
		return m->q->dump ? 0 : -EOPNOTSUPP;
	case IPVS_CMD_SET_CONFIG:
		return set_config(m);
	case IPVS_CMD_GET_CONFIG:
		return get_config(m);
	case IPVS_CMD_GET_INFO:
		return get_info(m);
	case IPVS_CMD_NEW_SERVICE:
	case IPVS_CMD_SET_SERVICE:
	case IPVS_CMD_DEL_SERVICE:
	case IPVS_CMD_NEW_DEST:
	case IPVS_CMD_SET_DEST:
	case IPVS_CMD_DEL_DEST:
	case IPVS_CMD_ZERO:
	case IPVS_CMD_FLUSH:
		return change_service(m);
	default:
		return command_own(m);
	}
}

int command_run(struct director *d, struct client *c, const struct ctl_req *q, struct reply *reply,
		const char **ret_why)
{
	struct command m = { d, c, q, reply, NULL };
	int r = run(&m);

	*ret_why = m.why;
	return r < 0 ? r : 0;
}
