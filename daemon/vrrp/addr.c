/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr - see addr.h. */
#include "addr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define OP_BYTES 256 /* of the largest request: addresses, label, broadcast, flags, lifetimes */

bool addr_conf_equal(const struct conf_vip *x, const struct conf_vip *y)
{
	return conf_addr_same(&x->addr, &y->addr) && x->prefix == y->prefix && x->scope == y->scope &&
	       !strcmp(x->dev, y->dev) && !strcmp(x->label, y->label) && !memcmp(&x->brd, &y->brd, sizeof(x->brd)) &&
	       !memcmp(&x->peer, &y->peer, sizeof(x->peer)) && x->brd_auto == y->brd_auto && x->home == y->home &&
	       x->nodad == y->nodad && x->mngtmpaddr == y->mngtmpaddr && x->noprefixroute == y->noprefixroute &&
	       x->autojoin == y->autojoin && !strcmp(x->preferred_lft, y->preferred_lft);
}

static uint32_t flags_of(const struct conf_vip *v)
{
	uint32_t f = 0;

	if (v->home)
		f |= IFA_F_HOMEADDRESS;
	if (v->nodad)
		f |= IFA_F_NODAD;
	if (v->mngtmpaddr)
		f |= IFA_F_MANAGETEMPADDR;
	if (v->noprefixroute)
		f |= IFA_F_NOPREFIXROUTE;
	if (v->autojoin)
		f |= IFA_F_MCAUTOJOIN;
	return f;
}

/* An IPv6 host address is never to be chosen as a source (preferred lifetime 0) unless that is asked for. */
static void put_lifetimes(struct nlmsghdr *h, const struct conf_vip *v)
{
	struct ifa_cacheinfo ci = { .ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX };

	if (v->preferred_lft[0] && strcmp(v->preferred_lft, "forever"))
		ci.ifa_prefered = strtoul(v->preferred_lft, NULL, 10);
	else if (!v->preferred_lft[0] && v->addr.family == AF_INET6 && v->prefix == 128)
		ci.ifa_prefered = 0;
	else if (!v->preferred_lft[0])
		return;
	mnl_attr_put(h, IFA_CACHEINFO, sizeof(ci), &ci);
}

static void put_broadcast(struct nlmsghdr *h, const struct conf_vip *v)
{
	uint32_t brd = v->brd.v4.s_addr;

	if (v->addr.family != AF_INET)
		return;
	if (v->brd_auto && v->prefix < 31)
		brd = v->addr.v4.s_addr | htonl(UINT32_MAX >> v->prefix);
	else if (v->brd.family != AF_INET)
		return;
	mnl_attr_put(h, IFA_BROADCAST, 4, &brd);
}

static void put_op(struct nlmsghdr *h, const struct addr_op *op)
{
	const struct conf_vip *v = op->vip;
	const struct conf_addr *other = v->peer.family == v->addr.family ? &v->peer : &v->addr;
	size_t size = v->addr.family == AF_INET ? 4 : 16;
	struct ifaddrmsg *m;

	h->nlmsg_type = op->add ? RTM_NEWADDR : RTM_DELADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (op->add ? NLM_F_CREATE | NLM_F_EXCL : 0);
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->ifa_family = v->addr.family;
	m->ifa_prefixlen = v->prefix;
	m->ifa_scope = v->scope;
	m->ifa_index = op->ifindex;
	mnl_attr_put(h, IFA_LOCAL, size, v->addr.bytes);
	mnl_attr_put(h, IFA_ADDRESS, size, other->bytes);
	if (v->label[0] && v->addr.family == AF_INET)
		mnl_attr_put_strz(h, IFA_LABEL, v->label);
	if (!op->add)
		return;
	mnl_attr_put_u32(h, IFA_FLAGS, flags_of(v));
	mnl_attr_put_u8(h, IFA_PROTO, NL_PROTO);
	put_broadcast(h, v);
	put_lifetimes(h, v);
}

/* At most NL_BATCH of them. */
static void apply_some(struct netlink *nl, struct addr_op *ops, size_t n)
{
	_Alignas(struct nlmsghdr) char buf[NL_BATCH * OP_BYTES];
	int results[NL_BATCH], r;
	uint32_t first = nl->seq + 1;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		struct nlmsghdr *h = mnl_nlmsg_put_header(buf + len);

		put_op(h, &ops[i]);
		h->nlmsg_seq = ++nl->seq;
		len += MNL_ALIGN(h->nlmsg_len);
	}
	r = netlink_batch(nl, buf, len, first, n, results);
	for (size_t i = 0; i < n; i++)
		ops[i].result = r < 0 ? r : results[i];
}

void addr_apply(struct netlink *nl, struct addr_op *ops, size_t n)
{
	size_t some;

	for (; n > 0; ops += some, n -= some) {
		some = n < NL_BATCH ? n : NL_BATCH;
		apply_some(nl, ops, some);
	}
}
