/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put - see put.h. The whole service is sent even where its identity would do, and destinations with family, tunnel
 * and thresholds, as the original does.
 */
#include "put.h"

#include <libmnl/libmnl.h>
#include <linux/ip_vs.h>

void put_service(struct nlmsghdr *nlh, const struct service *s)
{
	struct ip_vs_flags flags = { .flags = s->flags, .mask = ~0u };
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, s->af);
	if (s->fwmark) {
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, s->fwmark);
	} else {
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, s->proto);
		mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, sizeof(s->addr.a), s->addr.a);
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, s->port);
	}
	mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, s->sched);
	if (*s->pe)
		mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_PE_NAME, s->pe);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, s->timeout);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, s->netmask);
	mnl_attr_nest_end(nlh, nest);
}

void put_dest(struct nlmsghdr *nlh, const struct dest *d)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);

	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY, d->addr.af);
	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, sizeof(d->addr.a), d->addr.a);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_PORT, d->port);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD, d->method);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, (uint32_t)d->weight);
	mnl_attr_put_u8(nlh, IPVS_DEST_ATTR_TUN_TYPE, d->tun_type);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_PORT, d->tun_port);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_FLAGS, d->tun_flags);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, d->u_threshold);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, d->l_threshold);
	mnl_attr_nest_end(nlh, nest);
}

void put_timeouts(struct nlmsghdr *nlh, const struct timeouts *t)
{
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, t->tcp);
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, t->tcp_fin);
	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_UDP, t->udp);
}

/* Ports of multicast groups travel in host order, unlike all others. */
void put_daemon(struct nlmsghdr *nlh, const struct sync_daemon *d)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DAEMON);

	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_STATE, d->state);
	mnl_attr_put_strz(nlh, IPVS_DAEMON_ATTR_MCAST_IFN, d->ifname);
	mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_SYNC_ID, d->syncid);
	if (d->maxlen)
		mnl_attr_put_u16(nlh, IPVS_DAEMON_ATTR_SYNC_MAXLEN, d->maxlen);
	if (d->group.af == AF_INET)
		mnl_attr_put_u32(nlh, IPVS_DAEMON_ATTR_MCAST_GROUP, d->group.v4.s_addr);
	else if (d->group.af == AF_INET6)
		mnl_attr_put(nlh, IPVS_DAEMON_ATTR_MCAST_GROUP6, sizeof(d->group.a), d->group.a);
	if (d->port)
		mnl_attr_put_u16(nlh, IPVS_DAEMON_ATTR_MCAST_PORT, d->port);
	if (d->ttl)
		mnl_attr_put_u8(nlh, IPVS_DAEMON_ATTR_MCAST_TTL, d->ttl);
	mnl_attr_nest_end(nlh, nest);
}
