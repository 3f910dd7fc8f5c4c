/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_decode - see ctl_decode.h.
 *
 * Every attribute is declared once, in a table of type and length; what passes the table may be read without
 * further checks. Attributes that are not in a table are ignored, as older kernels ignore newer ones.
 */
#include "ctl_decode.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl_wire.h"

enum attr_type { ATTR_ANY, ATTR_UINT, ATTR_BYTES, ATTR_STRING, ATTR_NEST, ATTR_FLAG };

struct attr_rule {
	uint8_t type;	/* enum attr_type */
	uint16_t len;	/* UINT: at least; BYTES: at most; STRING: characters at most */
};

#define TOP_MAX (ELVS_ATTR_LAST + 1)
static const struct attr_rule top_rules[TOP_MAX] = {
	[IPVS_CMD_ATTR_SERVICE] = { ATTR_NEST },
	[IPVS_CMD_ATTR_DEST] = { ATTR_NEST },
	[IPVS_CMD_ATTR_DAEMON] = { ATTR_NEST },
	[IPVS_CMD_ATTR_TIMEOUT_TCP] = { ATTR_UINT, 4 },
	[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = { ATTR_UINT, 4 },
	[IPVS_CMD_ATTR_TIMEOUT_UDP] = { ATTR_UINT, 4 },
	[ELVS_ATTR_IFNAME] = { ATTR_STRING, IFNAMSIZ - 1 },
	[ELVS_ATTR_HOOK] = { ATTR_UINT, 4 },
	[ELVS_ATTR_PLAN] = { ATTR_FLAG },
	[ELVS_ATTR_BATCH_OP] = { ATTR_UINT, 4 },
	[ELVS_ATTR_AF] = { ATTR_UINT, 4 },
	[ELVS_ATTR_ADDR] = { ATTR_BYTES, 16 },
	[ELVS_ATTR_RADDR] = { ATTR_BYTES, 16 },
	[ELVS_ATTR_METHOD] = { ATTR_UINT, 4 },
	[ELVS_ATTR_MARK] = { ATTR_UINT, 4 },
	[ELVS_ATTR_VIP_MODE] = { ATTR_UINT, 4 },
};

#define SVC_MAX (IPVS_SVC_ATTR_STATS64 + 1)
static const struct attr_rule svc_rules[SVC_MAX] = {
	[IPVS_SVC_ATTR_AF] = { ATTR_UINT, 2 },
	[IPVS_SVC_ATTR_PROTOCOL] = { ATTR_UINT, 2 },
	[IPVS_SVC_ATTR_ADDR] = { ATTR_BYTES, 16 },
	[IPVS_SVC_ATTR_PORT] = { ATTR_UINT, 2 },
	[IPVS_SVC_ATTR_FWMARK] = { ATTR_UINT, 4 },
	[IPVS_SVC_ATTR_SCHED_NAME] = { ATTR_STRING, IP_VS_SCHEDNAME_MAXLEN - 1 },
	[IPVS_SVC_ATTR_PE_NAME] = { ATTR_STRING, IP_VS_PENAME_MAXLEN },
	[IPVS_SVC_ATTR_FLAGS] = { ATTR_BYTES, sizeof(struct ip_vs_flags) },
	[IPVS_SVC_ATTR_TIMEOUT] = { ATTR_UINT, 4 },
	[IPVS_SVC_ATTR_NETMASK] = { ATTR_UINT, 4 },
};

#define DEST_MAX (IPVS_DEST_ATTR_TUN_FLAGS + 1)
static const struct attr_rule dest_rules[DEST_MAX] = {
	[IPVS_DEST_ATTR_ADDR] = { ATTR_BYTES, 16 },
	[IPVS_DEST_ATTR_PORT] = { ATTR_UINT, 2 },
	[IPVS_DEST_ATTR_FWD_METHOD] = { ATTR_UINT, 4 },
	[IPVS_DEST_ATTR_WEIGHT] = { ATTR_UINT, 4 },
	[IPVS_DEST_ATTR_U_THRESH] = { ATTR_UINT, 4 },
	[IPVS_DEST_ATTR_L_THRESH] = { ATTR_UINT, 4 },
	[IPVS_DEST_ATTR_ADDR_FAMILY] = { ATTR_UINT, 2 },
	[IPVS_DEST_ATTR_TUN_TYPE] = { ATTR_UINT, 1 },
	[IPVS_DEST_ATTR_TUN_PORT] = { ATTR_UINT, 2 },
	[IPVS_DEST_ATTR_TUN_FLAGS] = { ATTR_UINT, 2 },
};

#define DAEMON_MAX (IPVS_DAEMON_ATTR_SYNC_ID + 1)
static const struct attr_rule daemon_rules[DAEMON_MAX] = {
	[IPVS_DAEMON_ATTR_STATE] = { ATTR_UINT, 4 },
	[IPVS_DAEMON_ATTR_MCAST_IFN] = { ATTR_STRING, IP_VS_IFNAME_MAXLEN },
	[IPVS_DAEMON_ATTR_SYNC_ID] = { ATTR_UINT, 4 },
};

/* String lengths are those of the kernel's policy: a terminator must follow within len + 1 bytes (EINVAL). */
static int attr_check(const struct nlattr *a, const struct attr_rule *rule)
{
	uint16_t len = mnl_attr_get_payload_len(a);

	switch (rule->type) {
	case ATTR_UINT:
		return len < rule->len ? -ERANGE : 0;
	case ATTR_BYTES:
		return len > rule->len ? -ERANGE : 0;
	case ATTR_STRING:
		if (!len || !memchr(mnl_attr_get_payload(a), '\0', len < rule->len + 1 ? len : rule->len + 1))
			return -EINVAL;
		return 0;
	case ATTR_NEST:
		return len && len < sizeof(struct nlattr) ? -EINVAL : 0;
	case ATTR_FLAG:
		return len ? -ERANGE : 0;
	default:
		return 0;
	}
}

/* Sorts the attributes of buf into tb, the last of a kind winning. Trailing bytes too short for one are ignored. */
static int attrs_sort(const void *buf, size_t len, const struct attr_rule *rules, int max,
		      const struct nlattr *tb[])
{
	const struct nlattr *a = buf;
	int r;

	memset(tb, 0, max * sizeof(tb[0]));
	while (len >= sizeof(*a) && a->nla_len >= sizeof(*a) && a->nla_len <= len) {
		size_t step = MNL_ALIGN(a->nla_len);
		int type = mnl_attr_get_type(a);

		if (type < max) {
			r = attr_check(a, &rules[type]);
			if (r < 0)
				return r;
			tb[type] = a;
		}
		if (step >= len)
			break;
		len -= step;
		a = (const void *)((const char *)a + step);
	}
	return 0;
}

static int nest_sort(const struct nlattr *nest, const struct attr_rule *rules, int max, const struct nlattr *tb[])
{
	return attrs_sort(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), rules, max, tb);
}

static uint16_t get_u16(const struct nlattr *a)
{
	uint16_t v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

static uint32_t get_u32(const struct nlattr *a)
{
	uint32_t v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return v;
}

static void get_string(const struct nlattr *a, char *dst, size_t size)
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (len >= size)
		len = size - 1;
	memset(dst, 0, size);
	memcpy(dst, mnl_attr_get_payload(a), len);
}

/* Clients send IPv4 addresses in 4 bytes (kube-proxy) or in the first 4 of 16 (libipvs). */
static void get_addr(const struct nlattr *a, uint16_t af, union elvs_addr *ret)
{
	size_t want = af == AF_INET ? 4 : 16, len = mnl_attr_get_payload_len(a);

	memset(ret, 0, sizeof(*ret));
	memcpy(ret, mnl_attr_get_payload(a), len < want ? len : want);
}

static int decode_key(const struct nlattr *tb[], struct elvs_svc_key *k)
{
	if (!tb[IPVS_SVC_ATTR_AF] ||
	    !(tb[IPVS_SVC_ATTR_FWMARK] ||
	      (tb[IPVS_SVC_ATTR_PROTOCOL] && tb[IPVS_SVC_ATTR_PORT] && tb[IPVS_SVC_ATTR_ADDR])))
		return -EINVAL;
	k->af = get_u16(tb[IPVS_SVC_ATTR_AF]);
	if (k->af != AF_INET && k->af != AF_INET6)
		return -EAFNOSUPPORT;
	if (tb[IPVS_SVC_ATTR_FWMARK])
		k->fwmark = get_u32(tb[IPVS_SVC_ATTR_FWMARK]);
	if (tb[IPVS_SVC_ATTR_FWMARK]) {
		k->proto = IPPROTO_TCP;
	} else {
		k->proto = get_u16(tb[IPVS_SVC_ATTR_PROTOCOL]);
		k->port = get_u16(tb[IPVS_SVC_ATTR_PORT]);
		get_addr(tb[IPVS_SVC_ATTR_ADDR], k->af, &k->addr);
	}
	return 0;
}

static int decode_svc_body(const struct nlattr *tb[], struct ctl_req *q)
{
	struct elvs_svc_conf *c = &q->svc;
	struct ip_vs_flags flags = { 0, 0 };

	if (!tb[IPVS_SVC_ATTR_SCHED_NAME] || !tb[IPVS_SVC_ATTR_FLAGS] || !tb[IPVS_SVC_ATTR_TIMEOUT] ||
	    !tb[IPVS_SVC_ATTR_NETMASK])
		return -EINVAL;
	get_string(tb[IPVS_SVC_ATTR_SCHED_NAME], c->sched, sizeof(c->sched));
	if (tb[IPVS_SVC_ATTR_PE_NAME])
		get_string(tb[IPVS_SVC_ATTR_PE_NAME], c->pe, sizeof(c->pe));
	memcpy(&flags, mnl_attr_get_payload(tb[IPVS_SVC_ATTR_FLAGS]),
	       mnl_attr_get_payload_len(tb[IPVS_SVC_ATTR_FLAGS]));
	c->flags = flags.flags & flags.mask;
	q->flags_mask = flags.mask;
	c->timeout = get_u32(tb[IPVS_SVC_ATTR_TIMEOUT]);
	c->netmask = get_u32(tb[IPVS_SVC_ATTR_NETMASK]);
	if (c->key.af == AF_INET6 && (c->netmask < 1 || c->netmask > 128))
		return -EINVAL;
	return 0;
}

static int decode_svc(const struct nlattr *nest, bool full, struct ctl_req *q)
{
	const struct nlattr *tb[SVC_MAX];
	int r;

	r = nest_sort(nest, svc_rules, SVC_MAX, tb);
	if (r < 0)
		return r;
	r = decode_key(tb, &q->svc.key);
	if (r < 0 || !full)
		return r;
	return decode_svc_body(tb, q);
}

static int decode_dest_body(const struct nlattr *tb[], uint16_t svc_af, struct elvs_dest_conf *d)
{
	if (!tb[IPVS_DEST_ATTR_FWD_METHOD] || !tb[IPVS_DEST_ATTR_WEIGHT] || !tb[IPVS_DEST_ATTR_U_THRESH] ||
	    !tb[IPVS_DEST_ATTR_L_THRESH])
		return -EINVAL;
	d->method = get_u32(tb[IPVS_DEST_ATTR_FWD_METHOD]) & IP_VS_CONN_F_FWD_MASK;
	d->weight = get_u32(tb[IPVS_DEST_ATTR_WEIGHT]);
	d->u_threshold = get_u32(tb[IPVS_DEST_ATTR_U_THRESH]);
	d->l_threshold = get_u32(tb[IPVS_DEST_ATTR_L_THRESH]);
	if (tb[IPVS_DEST_ATTR_TUN_TYPE])
		d->tun_type = *(const uint8_t *)mnl_attr_get_payload(tb[IPVS_DEST_ATTR_TUN_TYPE]);
	if (tb[IPVS_DEST_ATTR_TUN_PORT])
		d->tun_port = get_u16(tb[IPVS_DEST_ATTR_TUN_PORT]);
	if (tb[IPVS_DEST_ATTR_TUN_FLAGS])
		d->tun_flags = get_u16(tb[IPVS_DEST_ATTR_TUN_FLAGS]);
	/* A server of the other family is only reached through a tunnel. */
	if (d->af != svc_af && d->method != IP_VS_CONN_F_TUNNEL)
		return -EINVAL;
	return 0;
}

static int decode_dest(const struct nlattr *nest, bool full, struct ctl_req *q)
{
	const struct nlattr *tb[DEST_MAX];
	struct elvs_dest_conf *d = &q->dest;
	int r;

	r = nest_sort(nest, dest_rules, DEST_MAX, tb);
	if (r < 0)
		return r;
	if (!tb[IPVS_DEST_ATTR_ADDR] || !tb[IPVS_DEST_ATTR_PORT])
		return -EINVAL;
	d->af = tb[IPVS_DEST_ATTR_ADDR_FAMILY] ? get_u16(tb[IPVS_DEST_ATTR_ADDR_FAMILY]) : 0;
	if (!d->af)
		d->af = q->svc.key.af;
	if (d->af != AF_INET && d->af != AF_INET6)
		return -EAFNOSUPPORT;
	get_addr(tb[IPVS_DEST_ATTR_ADDR], d->af, &d->addr);
	d->port = get_u16(tb[IPVS_DEST_ATTR_PORT]);
	return full ? decode_dest_body(tb, q->svc.key.af, d) : 0;
}

static int decode_daemon(const struct nlattr *nest, bool full, struct ctl_daemon *d)
{
	const struct nlattr *tb[DAEMON_MAX];
	int r;

	r = nest_sort(nest, daemon_rules, DAEMON_MAX, tb);
	if (r < 0)
		return r;
	if (!tb[IPVS_DAEMON_ATTR_STATE] ||
	    (full && (!tb[IPVS_DAEMON_ATTR_MCAST_IFN] || !tb[IPVS_DAEMON_ATTR_SYNC_ID])))
		return -EINVAL;
	d->state = get_u32(tb[IPVS_DAEMON_ATTR_STATE]);
	if (tb[IPVS_DAEMON_ATTR_MCAST_IFN])
		get_string(tb[IPVS_DAEMON_ATTR_MCAST_IFN], d->ifname, sizeof(d->ifname));
	if (tb[IPVS_DAEMON_ATTR_SYNC_ID])
		d->sync_id = get_u32(tb[IPVS_DAEMON_ATTR_SYNC_ID]);
	return 0;
}

static void decode_ipvs_attrs(const struct nlattr *tb[], struct ctl_req *q)
{
	bool full = q->cmd == IPVS_CMD_NEW_SERVICE || q->cmd == IPVS_CMD_SET_SERVICE;
	bool full_dest = q->cmd == IPVS_CMD_NEW_DEST || q->cmd == IPVS_CMD_SET_DEST;

	q->has_svc = tb[IPVS_CMD_ATTR_SERVICE];
	q->svc_error = q->has_svc ? decode_svc(tb[IPVS_CMD_ATTR_SERVICE], full, q) : -EINVAL;
	q->has_dest = tb[IPVS_CMD_ATTR_DEST];
	q->dest_error = q->has_dest ? decode_dest(tb[IPVS_CMD_ATTR_DEST], full_dest, q) : -EINVAL;
	q->has_daemon = tb[IPVS_CMD_ATTR_DAEMON];
	q->daemon_error = q->has_daemon ?
				  decode_daemon(tb[IPVS_CMD_ATTR_DAEMON], q->cmd == IPVS_CMD_NEW_DAEMON, &q->daemon) :
				  -EINVAL;
	for (int i = 0; i < 3; i++)
		if (tb[IPVS_CMD_ATTR_TIMEOUT_TCP + i])
			q->timeout_sec[i] = get_u32(tb[IPVS_CMD_ATTR_TIMEOUT_TCP + i]);
}

/* An address, whole and of the family that was given; anything else is as good as none. */
static bool get_whole_addr(const struct nlattr *a, uint16_t af, union elvs_addr *ret)
{
	size_t want = af == AF_INET ? 4 : 16;

	if (!a || (af != AF_INET && af != AF_INET6) || mnl_attr_get_payload_len(a) < want)
		return false;
	get_addr(a, af, ret);
	return true;
}

static void decode_vip_attrs(const struct nlattr *tb[], struct ctl_req *q)
{
	uint32_t af = tb[ELVS_ATTR_AF] ? get_u32(tb[ELVS_ATTR_AF]) : 0;

	q->af = af == AF_INET || af == AF_INET6 ? af : 0;
	q->has_addr = get_whole_addr(tb[ELVS_ATTR_ADDR], q->af, &q->addr);
	q->has_raddr = get_whole_addr(tb[ELVS_ATTR_RADDR], q->af, &q->raddr);
	q->has_method = tb[ELVS_ATTR_METHOD];
	if (q->has_method)
		q->method = get_u32(tb[ELVS_ATTR_METHOD]);
	if (tb[ELVS_ATTR_MARK])
		q->mark = get_u32(tb[ELVS_ATTR_MARK]);
	q->has_vip_mode = tb[ELVS_ATTR_VIP_MODE];
	if (q->has_vip_mode)
		q->vip_mode = get_u32(tb[ELVS_ATTR_VIP_MODE]);
}

static void decode_elvs_attrs(const struct nlattr *tb[], struct ctl_req *q)
{
	if (tb[ELVS_ATTR_IFNAME])
		get_string(tb[ELVS_ATTR_IFNAME], q->ifname, sizeof(q->ifname));
	if (tb[ELVS_ATTR_HOOK])
		q->hook = get_u32(tb[ELVS_ATTR_HOOK]);
	if (tb[ELVS_ATTR_BATCH_OP])
		q->batch_op = get_u32(tb[ELVS_ATTR_BATCH_OP]);
	q->plan = tb[ELVS_ATTR_PLAN];
	decode_vip_attrs(tb, q);
}

int ctl_decode(const void *buf, size_t len, struct ctl_req *ret)
{
	const struct nlmsghdr *nlh = buf;
	const struct genlmsghdr *genl;
	const struct nlattr *tb[TOP_MAX];
	const size_t head = MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*genl));
	int r;

	memset(ret, 0, sizeof(*ret));
	if (len < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len)
		return -EBADMSG;
	ret->seq = nlh->nlmsg_seq;
	ret->portid = nlh->nlmsg_pid;
	ret->ack = nlh->nlmsg_flags & NLM_F_ACK;
	ret->dump = (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	if (nlh->nlmsg_type != ELVS_GENL_ID)
		return -ENOENT;
	if (nlh->nlmsg_len < head)
		return -EINVAL;
	genl = mnl_nlmsg_get_payload(nlh);
	ret->cmd = genl->cmd;
	r = attrs_sort((const char *)buf + head, nlh->nlmsg_len - head, top_rules, TOP_MAX, tb);
	if (r < 0)
		return r;
	decode_ipvs_attrs(tb, ret);
	decode_elvs_attrs(tb, ret);
	return 0;
}
