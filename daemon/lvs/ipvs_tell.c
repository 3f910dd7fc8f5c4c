/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipvs_tell - what a director is told beside services: timeouts, which addresses VRRP has, which synchronisation
 * daemons run; and the marks of checks, for which it is asked.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "ctl_wire.h"
#include "ipvs_internal.h"
#include "put.h"
#include "sync.h"

static void set_timeouts(struct ipvs *i)
{
	const struct conf_global *g = &i->conf->global;
	struct timeouts t = { g->timeout_tcp_s, g->timeout_tcpfin_s, g->timeout_udp_s };
	struct nlmsghdr *nlh;
	char text[400];
	int r;

	if (!t.tcp && !t.tcp_fin && !t.udp)
		return;
	nlh = ctl_request(i->ctl, IPVS_CMD_SET_CONFIG, NLM_F_ACK);
	put_timeouts(nlh, &t);
	r = ctl_call(i->ctl, nlh, NULL, NULL);
	if (r >= 0)
		return;
	snprintf(text, sizeof(text), "lvs_timeouts: %s", *ctl_why(i->ctl) ? ctl_why(i->ctl) : strerror(-r));
	i->up.log(i->up.arg, LOG_WARNING, text);
}

/* Tried again at every occasion; the same complaint about the same line is made once. */
static void complain_sync(struct ipvs *i, const char *why)
{
	const struct conf_global *g = &i->conf->global;
	char text[sizeof(i->said_sync)];

	snprintf(text, sizeof(text), "%s:%u: lvs_sync_daemon %s: %s", g->sync.where.file, g->sync.where.line,
		 g->sync.iface, why);
	if (!strcmp(text, i->said_sync))
		return;
	memcpy(i->said_sync, text, sizeof(text));
	i->up.log(i->up.arg, LOG_WARNING, text);
}

int ipvs_tell(struct ipvs *i, bool all)
{
	const char *why = "";
	int r = vips_tell(i->vips, i->ctl, all);

	if (r < 0)
		return r;
	if (all)
		set_timeouts(i);
	if (!sync_pending(i->sync))
		return 0;
	r = sync_tell(i->sync, i->ctl, &why);
	if (r < 0 && r != -EPIPE)
		complain_sync(i, why);
	return r == -EPIPE ? r : 0;
}

/* What has changed; what there is no director for is told when there is one. */
static void tell_if_there(struct ipvs *i)
{
	if (i->conf && (i->ctl || ipvs_reach(i) >= 0) && ipvs_tell(i, false) < 0)
		ipvs_lost(i);
}

void ipvs_vrrp_about(struct ipvs *i, const struct conf_vrrp *v)
{
	vips_about(i->vips, v);
	tell_if_there(i);
}

void ipvs_vrrp(struct ipvs *i, const struct conf_vrrp *v, enum vrrp_state state)
{
	vips_state(i->vips, v, state);
	sync_state(i->sync, v->name, state == VRRP_MASTER);
	tell_if_there(i);
}

struct marked {
	uint32_t mark, overhead;
};

static int take_mark(const struct nlmsghdr *nlh, void *arg)
{
	struct marked *m = arg;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_payload_len(a) < sizeof(uint32_t))
			continue;
		if (mnl_attr_get_type(a) == ELVS_ATTR_MARK)
			m->mark = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == ELVS_ATTR_OVERHEAD)
			m->overhead = mnl_attr_get_u32(a);
	}
	return 0;
}

int ipvs_check_mark(struct ipvs *i, const struct conf_target *t, uint32_t *ret_mark, uint32_t *ret_overhead)
{
	const struct conf_check *c = t->how;
	size_t len = t->addr.family == AF_INET ? 4 : 16;
	struct marked m = { 0 };
	struct nlmsghdr *nlh;
	int r;

	if (!i->ctl)
		return -ENOTCONN;
	nlh = ctl_request(i->ctl, ELVS_CMD_SET_CHECK, NLM_F_ACK);
	mnl_attr_put_u32(nlh, ELVS_ATTR_AF, c->via_vip.family);
	mnl_attr_put(nlh, ELVS_ATTR_ADDR, len, c->via_vip.bytes);
	mnl_attr_put(nlh, ELVS_ATTR_RADDR, len, t->addr.bytes);
	mnl_attr_put_u32(nlh, ELVS_ATTR_METHOD, c->via_method);
	r = ctl_call(i->ctl, nlh, take_mark, &m);
	if (r < 0 || !m.mark)
		return r < 0 ? r : -EPROTO;
	*ret_mark = m.mark;
	*ret_overhead = m.overhead;
	return 0;
}
