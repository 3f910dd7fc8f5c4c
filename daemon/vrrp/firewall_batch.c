/* SPDX-License-Identifier: GPL-2.0-or-later */
/* firewall_batch - elements of nftables' sets, as netlink messages (linux/netfilter/nf_tables.h). See firewall.h. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "firewall.h"

#define ELEMENT_BYTES 256 /* of a message, the longest names included */

static struct nlmsghdr *put(char *at, uint16_t type, uint16_t flags, uint32_t seq, uint8_t family, uint16_t res_id)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(at);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof(*g));

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = seq;
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	g->res_id = htons(res_id);
	return h;
}

static void put_data(struct nlmsghdr *h, uint16_t type, const void *data, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(h, type);

	mnl_attr_put(h, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(h, nest);
}

static void put_element(struct nlmsghdr *h, const struct nft_element *e)
{
	bool link_local = e->addr && e->addr->family == AF_INET6 && e->ifindex;
	struct nlattr *list = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct nlattr *one = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	char key[20];
	size_t len;

	if (e->base) {
		len = sizeof(e->ifindex);
		memcpy(key, &e->ifindex, len);
	} else {
		len = e->addr->family == AF_INET ? 4 : 16;
		memcpy(key, e->addr->bytes, len);
		if (link_local)
			memcpy(key + len, &e->ifindex, sizeof(e->ifindex));
		len += link_local ? sizeof(e->ifindex) : 0;
	}
	put_data(h, NFTA_SET_ELEM_KEY, key, len);
	if (e->base)
		put_data(h, NFTA_SET_ELEM_DATA, &e->base, sizeof(e->base));
	mnl_attr_nest_end(h, one);
	mnl_attr_nest_end(h, list);
}

static const char *set_of(const struct nft_element *e)
{
	if (e->base)
		return "vmac_map";
	return e->addr->family == AF_INET6 && e->ifindex ? "vips_link_local" : "vips";
}

size_t firewall_batch(void *buf, size_t size, uint32_t seq, const char *table, const struct nft_element *e,
		      uint32_t n, bool add)
{
	uint16_t type = NFNL_SUBSYS_NFTABLES << 8 | (add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM);
	char *at = buf;

	if (size < (n + 2) * ELEMENT_BYTES)
		return 0;
	at += put(at, NFNL_MSG_BATCH_BEGIN, 0, seq++, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t family = e[i].addr->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
		struct nlmsghdr *h = put(at, type, add ? NLM_F_CREATE : 0, seq++, family, 0);

		mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, table);
		mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, set_of(&e[i]));
		put_element(h, &e[i]);
		at += MNL_ALIGN(h->nlmsg_len);
	}
	at += put(at, NFNL_MSG_BATCH_END, 0, seq, AF_UNSPEC, NFNL_SUBSYS_NFTABLES)->nlmsg_len;
	return (size_t)(at - (char *)buf);
}
