/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table - see table.h.
 */
#include "table.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "put.h"

#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define ATTRS_MAX                                                 \
	MAX(MAX((int)IPVS_SVC_ATTR_MAX, (int)IPVS_DEST_ATTR_MAX), \
	    MAX((int)IPVS_STATS_ATTR_MAX, (int)IPVS_DAEMON_ATTR_MAX))

/* Attributes of one level by type; those that we do not know are skipped. */
struct attrs {
	const struct nlattr *a[ATTRS_MAX + 1];
};

static void attrs_nested(struct attrs *ret, const struct nlattr *nest)
{
	const struct nlattr *a;

	memset(ret, 0, sizeof(*ret));
	mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) <= ATTRS_MAX) ret->a[mnl_attr_get_type(a)] = a;
}

static const struct nlattr *attr_top(const struct nlmsghdr *nlh, unsigned type)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) if (mnl_attr_get_type(a) == type) return a;
	return NULL;
}

/* Copies at most size bytes; a shorter attribute leaves the rest zero. */
static void get_bytes(const struct attrs *at, int type, void *to, size_t size)
{
	const struct nlattr *a = at->a[type];
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	memset(to, 0, size);
	if (len)
		memcpy(to, mnl_attr_get_payload(a), len < size ? len : size);
}

static uint8_t get_u8(const struct attrs *at, int type)
{
	uint8_t v;

	get_bytes(at, type, &v, sizeof(v));
	return v;
}

static uint16_t get_u16(const struct attrs *at, int type)
{
	uint16_t v;

	get_bytes(at, type, &v, sizeof(v));
	return v;
}

static uint32_t get_u32(const struct attrs *at, int type)
{
	uint32_t v;

	get_bytes(at, type, &v, sizeof(v));
	return v;
}

/* u64, or u32 where the sender has only that */
static uint64_t get_count(const struct attrs *at, int type)
{
	const struct nlattr *a = at->a[type];
	uint64_t v;

	if (a && mnl_attr_get_payload_len(a) == sizeof(uint32_t))
		return get_u32(at, type);
	get_bytes(at, type, &v, sizeof(v));
	return v;
}

static void get_name(const struct attrs *at, int type, char *to, size_t size)
{
	get_bytes(at, type, to, size);
	to[size - 1] = '\0';
}

static void get_counters(struct counters *ret, const struct nlattr *stats64, const struct nlattr *stats)
{
	const struct nlattr *nest = stats64 ? stats64 : stats;
	struct attrs at;

	if (!nest)
		return;
	attrs_nested(&at, nest);
	ret->conns = get_count(&at, IPVS_STATS_ATTR_CONNS);
	ret->inpkts = get_count(&at, IPVS_STATS_ATTR_INPKTS);
	ret->outpkts = get_count(&at, IPVS_STATS_ATTR_OUTPKTS);
	ret->inbytes = get_count(&at, IPVS_STATS_ATTR_INBYTES);
	ret->outbytes = get_count(&at, IPVS_STATS_ATTR_OUTBYTES);
	ret->cps = get_count(&at, IPVS_STATS_ATTR_CPS);
	ret->inpps = get_count(&at, IPVS_STATS_ATTR_INPPS);
	ret->outpps = get_count(&at, IPVS_STATS_ATTR_OUTPPS);
	ret->inbps = get_count(&at, IPVS_STATS_ATTR_INBPS);
	ret->outbps = get_count(&at, IPVS_STATS_ATTR_OUTBPS);
}

static void get_service(struct service *s, const struct nlattr *nest)
{
	struct ip_vs_flags flags;
	struct attrs at;

	attrs_nested(&at, nest);
	memset(s, 0, sizeof(*s));
	s->af = get_u16(&at, IPVS_SVC_ATTR_AF);
	s->addr.af = s->af;
	s->fwmark = get_u32(&at, IPVS_SVC_ATTR_FWMARK);
	s->proto = s->fwmark ? IPPROTO_TCP : get_u16(&at, IPVS_SVC_ATTR_PROTOCOL);
	get_bytes(&at, IPVS_SVC_ATTR_ADDR, s->addr.a, s->af == AF_INET6 ? 16 : 4);
	s->port = get_u16(&at, IPVS_SVC_ATTR_PORT);
	get_name(&at, IPVS_SVC_ATTR_SCHED_NAME, s->sched, sizeof(s->sched));
	get_name(&at, IPVS_SVC_ATTR_PE_NAME, s->pe, sizeof(s->pe));
	get_bytes(&at, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	s->flags = flags.flags;
	s->timeout = get_u32(&at, IPVS_SVC_ATTR_TIMEOUT);
	s->netmask = get_u32(&at, IPVS_SVC_ATTR_NETMASK);
	get_counters(&s->counters, at.a[IPVS_SVC_ATTR_STATS64], at.a[IPVS_SVC_ATTR_STATS]);
}

static void get_dest(struct dest *d, const struct nlattr *nest, uint16_t service_af)
{
	struct attrs at;

	attrs_nested(&at, nest);
	memset(d, 0, sizeof(*d));
	d->addr.af = at.a[IPVS_DEST_ATTR_ADDR_FAMILY] ? get_u16(&at, IPVS_DEST_ATTR_ADDR_FAMILY) : service_af;
	get_bytes(&at, IPVS_DEST_ATTR_ADDR, d->addr.a, d->addr.af == AF_INET6 ? 16 : 4);
	d->port = get_u16(&at, IPVS_DEST_ATTR_PORT);
	d->method = get_u32(&at, IPVS_DEST_ATTR_FWD_METHOD) & IP_VS_CONN_F_FWD_MASK;
	d->weight = (int32_t)get_u32(&at, IPVS_DEST_ATTR_WEIGHT);
	d->u_threshold = get_u32(&at, IPVS_DEST_ATTR_U_THRESH);
	d->l_threshold = get_u32(&at, IPVS_DEST_ATTR_L_THRESH);
	d->active = get_u32(&at, IPVS_DEST_ATTR_ACTIVE_CONNS);
	d->inactive = get_u32(&at, IPVS_DEST_ATTR_INACT_CONNS);
	d->persistent = get_u32(&at, IPVS_DEST_ATTR_PERSIST_CONNS);
	d->tun_type = get_u8(&at, IPVS_DEST_ATTR_TUN_TYPE);
	d->tun_port = get_u16(&at, IPVS_DEST_ATTR_TUN_PORT);
	d->tun_flags = get_u16(&at, IPVS_DEST_ATTR_TUN_FLAGS);
	get_counters(&d->counters, at.a[IPVS_DEST_ATTR_STATS64], at.a[IPVS_DEST_ATTR_STATS]);
}

static void get_answers(struct dest_answers *ret, const struct nlattr *a)
{
	struct elvs_passive_wire w;

	if (!a || mnl_attr_get_payload_len(a) < sizeof(w))
		return;
	memcpy(&w, mnl_attr_get_payload(a), sizeof(w));
	*ret = (struct dest_answers){ w.conns, w.established, w.unanswered, w.repeated };
}

/* One more element of size bytes at *array, which holds n of *room. */
static void *grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room ? *room * 2 : 16;
	return realloc(array, *room * size);
}

static int add_service(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = attr_top(nlh, IPVS_CMD_ATTR_SERVICE);
	struct service_list *l = arg;
	void *more;

	if (!nest)
		return 0;
	more = grow(l->s, l->n, &l->room, sizeof(*l->s));
	if (!more)
		return -ENOMEM;
	l->s = more;
	get_service(&l->s[l->n++], nest);
	return 0;
}

int table_services(struct ctl *c, struct service_list *l)
{
	return ctl_call(c, ctl_request(c, IPVS_CMD_GET_SERVICE, NLM_F_DUMP), add_service, l);
}

int table_service(struct ctl *c, const struct service *id, struct service_list *l)
{
	struct nlmsghdr *nlh = ctl_request(c, IPVS_CMD_GET_SERVICE, NLM_F_ACK);
	int r;

	put_service(nlh, id);
	r = ctl_call(c, nlh, add_service, l);
	return r ? r : l->n ? 0 : -ESRCH;
}

struct dest_reader {
	struct dest_list *l;
	uint16_t service_af;
};

static int add_dest(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = attr_top(nlh, IPVS_CMD_ATTR_DEST);
	struct dest_reader *r = arg;
	struct dest_list *l = r->l;
	void *more;

	if (!nest)
		return 0;
	more = grow(l->d, l->n, &l->room, sizeof(*l->d));
	if (!more)
		return -ENOMEM;
	l->d = more;
	get_dest(&l->d[l->n], nest, r->service_af);
	get_answers(&l->d[l->n++].answers, attr_top(nlh, ELVS_ATTR_PASSIVE));
	return 0;
}

int table_dests(struct ctl *c, const struct service *s, struct dest_list *l)
{
	struct dest_reader r = { .l = l, .service_af = s->af };
	struct nlmsghdr *nlh = ctl_request(c, IPVS_CMD_GET_DEST, NLM_F_DUMP);

	l->n = 0;
	put_service(nlh, s);
	return ctl_call(c, nlh, add_dest, &r);
}

static uint32_t top_u32(const struct nlmsghdr *nlh, unsigned type)
{
	const struct nlattr *a = attr_top(nlh, type);

	return a && mnl_attr_get_payload_len(a) >= sizeof(uint32_t) ? mnl_attr_get_u32(a) : 0;
}

static int take_info(const struct nlmsghdr *nlh, void *arg)
{
	struct ipvs_info *info = arg;

	info->version = top_u32(nlh, IPVS_INFO_ATTR_VERSION);
	info->size = top_u32(nlh, IPVS_INFO_ATTR_CONN_TAB_SIZE);
	return 0;
}

int table_info(struct ctl *c, struct ipvs_info *ret)
{
	return ctl_call(c, ctl_request(c, IPVS_CMD_GET_INFO, NLM_F_ACK), take_info, ret);
}

static int take_timeouts(const struct nlmsghdr *nlh, void *arg)
{
	struct timeouts *t = arg;

	t->tcp = top_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP);
	t->tcp_fin = top_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN);
	t->udp = top_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_UDP);
	return 0;
}

int table_timeouts(struct ctl *c, struct timeouts *ret)
{
	return ctl_call(c, ctl_request(c, IPVS_CMD_GET_CONFIG, NLM_F_ACK), take_timeouts, ret);
}

struct daemon_reader {
	struct sync_daemon *d;
	size_t n;
};

static int add_daemon(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = attr_top(nlh, IPVS_CMD_ATTR_DAEMON);
	struct daemon_reader *r = arg;
	struct sync_daemon *d;
	struct attrs at;

	if (!nest || r->n == 2)
		return 0;
	d = &r->d[r->n++];
	memset(d, 0, sizeof(*d));
	attrs_nested(&at, nest);
	d->state = get_u32(&at, IPVS_DAEMON_ATTR_STATE);
	get_name(&at, IPVS_DAEMON_ATTR_MCAST_IFN, d->ifname, sizeof(d->ifname));
	d->syncid = get_u32(&at, IPVS_DAEMON_ATTR_SYNC_ID);
	d->maxlen = get_u16(&at, IPVS_DAEMON_ATTR_SYNC_MAXLEN);
	d->port = get_u16(&at, IPVS_DAEMON_ATTR_MCAST_PORT);
	d->ttl = get_u8(&at, IPVS_DAEMON_ATTR_MCAST_TTL);
	if (at.a[IPVS_DAEMON_ATTR_MCAST_GROUP6]) {
		d->group.af = AF_INET6;
		get_bytes(&at, IPVS_DAEMON_ATTR_MCAST_GROUP6, d->group.a, 16);
	} else if (get_u32(&at, IPVS_DAEMON_ATTR_MCAST_GROUP)) {
		d->group.af = AF_INET;
		get_bytes(&at, IPVS_DAEMON_ATTR_MCAST_GROUP, d->group.a, 4);
	}
	return 0;
}

int table_daemons(struct ctl *c, struct sync_daemon ret[2], size_t *ret_n)
{
	struct daemon_reader reader = { .d = ret };
	int r = ctl_call(c, ctl_request(c, IPVS_CMD_GET_DAEMON, NLM_F_DUMP), add_daemon, &reader);

	*ret_n = reader.n;
	return r;
}

struct conn_reader {
	int (*f)(void *arg, const struct elvs_conn_wire *);
	void *arg;
};

static int take_conns(const struct nlmsghdr *nlh, void *arg)
{
	struct elvs_conn_wire conn;
	struct conn_reader *reader = arg;
	const struct nlattr *a;
	int r;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(a) != ELVS_ATTR_CONN || mnl_attr_get_payload_len(a) < sizeof(conn))
			continue;
		memcpy(&conn, mnl_attr_get_payload(a), sizeof(conn));
		conn.state[sizeof(conn.state) - 1] = '\0';
		r = reader->f(reader->arg, &conn);
		if (r)
			return r;
	}
	return 0;
}

int table_connections(struct ctl *c, int (*f)(void *arg, const struct elvs_conn_wire *), void *arg)
{
	struct conn_reader reader = { .f = f, .arg = arg };

	return ctl_call(c, ctl_request(c, ELVS_CMD_GET_CONN, NLM_F_DUMP), take_conns, &reader);
}
