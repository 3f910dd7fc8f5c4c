/* SPDX-License-Identifier: GPL-2.0-or-later */
/* neigh - see neigh.h. Deleted entries stay, invalid, until the table is read anew: they are few, may come back. */
#include "neigh.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NUD_USABLE (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

static unsigned bucket_of(uint32_t ifindex, const union elvs_addr *addr)
{
	uint32_t h = ifindex * 0x9e3779b1u;

	for (int i = 0; i < 4; i++)
		h = (h ^ addr->a[i]) * 0x85ebca6bu;
	return (h ^ h >> 16) % 1024;
}

static struct neigh *lookup(const struct neigh_table *t, uint32_t ifindex, uint16_t af, const union elvs_addr *addr)
{
	struct neigh *n = t->bucket[bucket_of(ifindex, addr)];

	while (n && (n->ifindex != ifindex || n->af != af || memcmp(&n->addr, addr, sizeof(*addr))))
		n = n->next;
	return n;
}

const struct neigh *neigh_find(const struct neigh_table *t, uint32_t ifindex, uint16_t af,
			       const union elvs_addr *addr)
{
	return lookup(t, ifindex, af, addr);
}

static struct neigh *lookup_or_make(struct neigh_table *t, uint32_t ifindex, uint16_t af,
				    const union elvs_addr *addr)
{
	struct neigh *n = lookup(t, ifindex, af, addr), **p;

	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->ifindex = ifindex;
	n->af = af;
	n->addr = *addr;
	p = &t->bucket[bucket_of(ifindex, addr)];
	n->next = *p;
	*p = n;
	return n;
}

enum neigh_change neigh_apply(struct neigh_table *t, const struct nlmsghdr *nlh, const struct neigh **ret)
{
	const struct ndmsg *nd = mnl_nlmsg_get_payload(nlh);
	const uint8_t *lladdr = NULL;
	const struct nlattr *a;
	union elvs_addr addr = { 0 };
	bool has_addr = false, valid, was_valid, same;
	uint32_t ext = 0;
	struct neigh *n;

	if (ret)
		*ret = NULL;
	if (nd->ndm_family != AF_INET && nd->ndm_family != AF_INET6)
		return NEIGH_SAME;
	mnl_attr_for_each(a, nlh, sizeof(*nd)) {
		uint16_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == NDA_DST && len <= sizeof(addr)) {
			memcpy(&addr, mnl_attr_get_payload(a), len);
			has_addr = true;
		} else if (mnl_attr_get_type(a) == NDA_LLADDR && len == 6) {
			lladdr = mnl_attr_get_payload(a);
		} else if (mnl_attr_get_type(a) == NDA_FLAGS_EXT && len == 4) {
			ext = mnl_attr_get_u32(a);
		}
	}
	n = has_addr ? lookup_or_make(t, nd->ndm_ifindex, nd->ndm_family, &addr) : NULL;
	if (!n)
		return NEIGH_SAME;
	if (ret)
		*ret = n;
	valid = nlh->nlmsg_type == RTM_NEWNEIGH && lladdr && nd->ndm_state & NUD_USABLE;
	was_valid = n->valid;
	same = valid && was_valid && !memcmp(n->lladdr, lladdr, 6);
	n->valid = valid;
	n->fixed = valid && nd->ndm_state & (NUD_PERMANENT | NUD_NOARP);
	n->managed = nlh->nlmsg_type == RTM_NEWNEIGH && ext & NTF_EXT_MANAGED;
	if (valid)
		memcpy(n->lladdr, lladdr, 6);
	if (same || (!valid && !was_valid))
		return NEIGH_SAME;
	return was_valid ? NEIGH_LOST : NEIGH_NEW;
}

void neigh_clear(struct neigh_table *t)
{
	for (unsigned i = 0; i < 1024; i++) {
		for (struct neigh *n = t->bucket[i], *next; n; n = next) {
			next = n->next;
			free(n);
		}
		t->bucket[i] = NULL;
	}
}
