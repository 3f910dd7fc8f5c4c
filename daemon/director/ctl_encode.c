/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctl_encode - see ctl_encode.h. Attributes stand in the kernel's order: ipvsadm's libnl does not care, tests do. */
#include "ctl_encode.h"

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct nlmsghdr *ctl_encode_begin(void *buf, const struct ctl_req *q, uint8_t cmd, bool multi)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = ELVS_GENL_ID;
	nlh->nlmsg_flags = multi ? NLM_F_MULTI : 0;
	nlh->nlmsg_seq = q->seq;
	nlh->nlmsg_pid = q->portid;
	genl->cmd = cmd;
	genl->version = IPVS_GENL_VERSION;
	return nlh;
}

struct nlmsghdr *ctl_encode_error(void *buf, const struct ctl_req *q, int error, const char *why)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED;
	nlh->nlmsg_seq = q->seq;
	nlh->nlmsg_pid = q->portid;
	e->error = error;
	e->msg.nlmsg_len = sizeof(e->msg);
	e->msg.nlmsg_type = ELVS_GENL_ID;
	e->msg.nlmsg_seq = q->seq;
	e->msg.nlmsg_pid = q->portid;
	if (why && *why) {
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, why);
	}
	return nlh;
}

struct nlmsghdr *ctl_encode_done(void *buf, const struct ctl_req *q)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int *error = mnl_nlmsg_put_extra_header(nlh, sizeof(*error));

	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = NLM_F_MULTI;
	nlh->nlmsg_seq = q->seq;
	nlh->nlmsg_pid = q->portid;
	*error = 0;
	return nlh;
}

/* Attribute numbers of counters: 1 conns .. 10 outbps, the same in both forms. */
static void put_stats64(struct nlmsghdr *nlh, uint16_t type, const struct elvs_counters *c)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_CONNS, c->conns);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_INPKTS, c->inpkts);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_OUTPKTS, c->outpkts);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_INBYTES, c->inbytes);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_OUTBYTES, c->outbytes);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_CPS, c->cps);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_INPPS, c->inpps);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_OUTPPS, c->outpps);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_INBPS, c->inbps);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_OUTBPS, c->outbps);
	mnl_attr_nest_end(nlh, nest);
}

static void put_stats(struct nlmsghdr *nlh, uint16_t type, const struct elvs_counters *c)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_CONNS, c->conns);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_INPKTS, c->inpkts);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_OUTPKTS, c->outpkts);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_INBYTES, c->inbytes);
	mnl_attr_put_u64(nlh, IPVS_STATS_ATTR_OUTBYTES, c->outbytes);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_CPS, c->cps);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_INPPS, c->inpps);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_OUTPPS, c->outpps);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_INBPS, c->inbps);
	mnl_attr_put_u32(nlh, IPVS_STATS_ATTR_OUTBPS, c->outbps);
	mnl_attr_nest_end(nlh, nest);
}

void ctl_put_service(struct nlmsghdr *nlh, const struct elvs_svc_info *s)
{
	const struct elvs_svc_conf *c = &s->conf;
	/* kube-proxy refuses services whose HASHED bit is not set */
	struct ip_vs_flags flags = { c->flags | IP_VS_SVC_F_HASHED, ~0u };
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_SERVICE);

	mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_AF, c->key.af);
	if (c->key.fwmark) {
		mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_FWMARK, c->key.fwmark);
	} else {
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PROTOCOL, c->key.proto);
		mnl_attr_put(nlh, IPVS_SVC_ATTR_ADDR, sizeof(c->key.addr), &c->key.addr);
		mnl_attr_put_u16(nlh, IPVS_SVC_ATTR_PORT, c->key.port);
	}
	mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_SCHED_NAME, c->sched[0] ? c->sched : "none");
	if (c->pe[0])
		mnl_attr_put_strz(nlh, IPVS_SVC_ATTR_PE_NAME, c->pe);
	mnl_attr_put(nlh, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_TIMEOUT, c->timeout);
	mnl_attr_put_u32(nlh, IPVS_SVC_ATTR_NETMASK, c->netmask);
	put_stats(nlh, IPVS_SVC_ATTR_STATS, &s->counters);
	put_stats64(nlh, IPVS_SVC_ATTR_STATS64, &s->counters);
	mnl_attr_nest_end(nlh, nest);
}

void ctl_put_dest(struct nlmsghdr *nlh, const struct elvs_dest_info *d)
{
	const struct elvs_passive_wire passive = { d->passive.conns, d->passive.established, d->passive.unanswered,
						   d->passive.repeated };
	const struct elvs_dest_conf *c = &d->conf;
	struct nlattr *nest = mnl_attr_nest_start(nlh, IPVS_CMD_ATTR_DEST);

	mnl_attr_put(nlh, IPVS_DEST_ATTR_ADDR, sizeof(c->addr), &c->addr);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_PORT, c->port);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_FWD_METHOD, c->method);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_WEIGHT, c->weight);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_U_THRESH, c->u_threshold);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_L_THRESH, c->l_threshold);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_ACTIVE_CONNS, d->active);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_INACT_CONNS, d->inactive);
	mnl_attr_put_u32(nlh, IPVS_DEST_ATTR_PERSIST_CONNS, d->persist);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_ADDR_FAMILY, c->af);
	mnl_attr_put_u8(nlh, IPVS_DEST_ATTR_TUN_TYPE, c->tun_type);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_PORT, c->tun_port);
	mnl_attr_put_u16(nlh, IPVS_DEST_ATTR_TUN_FLAGS, c->tun_flags);
	put_stats(nlh, IPVS_DEST_ATTR_STATS, &d->counters);
	put_stats64(nlh, IPVS_DEST_ATTR_STATS64, &d->counters);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put(nlh, ELVS_ATTR_PASSIVE, sizeof(passive), &passive);
}

void ctl_put_conn(struct nlmsghdr *nlh, const struct elvs_conn *c, const char *state)
{
	struct elvs_conn_wire w;

	memset(&w, 0, sizeof(w));
	w.af = c->af;
	w.daf = c->daf;
	w.proto = c->proto;
	w.is_template = c->is_template;
	w.cport = c->cport;
	w.vport = c->vport;
	w.dport = c->dport;
	w.expires = c->expires_sec;
	memcpy(w.caddr, &c->caddr, sizeof(w.caddr));
	memcpy(w.vaddr, &c->vaddr, sizeof(w.vaddr));
	memcpy(w.daddr, &c->daddr, sizeof(w.daddr));
	snprintf(w.state, sizeof(w.state), "%s", state);
	mnl_attr_put(nlh, ELVS_ATTR_CONN, sizeof(w), &w);
}
