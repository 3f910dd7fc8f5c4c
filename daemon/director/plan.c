/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan - see plan.h.
 *
 * XDP goes where the services' traffic is known to pass. An interface that merely has an address gets TC: clients may
 * come in there, too, but an XDP program costs a veth a fifth of its TCP throughput and can reset a NIC's queues.
 */
#include "plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *driver, *effect;
} effects[] = {
	{ "ixgbe", "attaching resets the link for a moment" },
	{ "i40e", "attaching resets the queues for a moment" },
	{ "ice", "attaching resets the queues for a moment" },
	{ "igb", "attaching resets the link for a moment" },
	{ "igc", "attaching resets the queues for a moment" },
	{ "mlx5_core", "attaching reopens the queues; LRO is switched off" },
	{ "mlx4_en", "attaching reopens the queues" },
	{ "bnxt_en", "attaching reopens the queues; aggregation is switched off" },
	{ "ena", "attaching resets the queues and needs free ones" },
	{ "virtio_net", "needs free queues; receive offloads of the host are switched off" },
	{ "vmxnet3", "attaching resets the device" },
	{ "hv_netvsc", "receive offloads are switched off" },
	{ "veth", "checksum and segmentation offloads towards its peer shrink" },
	{ "bonding", "the program is put on every slave" },
};

static const char *side_effect(const struct link *l)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
		if (!strcmp(l->driver, effects[i].driver))
			return effects[i].effect;
	return NULL;
}

static void say_use(const struct plan_input *in, char *buf, size_t size)
{
	char addr[INET6_ADDRSTRLEN] = "?";

	inet_ntop(in->af, &in->addr, addr, sizeof(addr));
	switch (in->use) {
	case PLAN_VIP:
		snprintf(buf, size, "holds the service address %s", addr);
		break;
	case PLAN_VIP_NET:
		snprintf(buf, size, "is on the network of the service address %s", addr);
		break;
	case PLAN_SERVER:
		snprintf(buf, size, "leads to the real server %s", addr);
		break;
	case PLAN_DEFAULT:
		snprintf(buf, size, "has the default route");
		break;
	case PLAN_ROUTE:
		snprintf(buf, size, "has a route to a further network");
		break;
	case PLAN_ADDRESS:
		snprintf(buf, size, "has an address, so clients may come in");
		break;
	default:
		snprintf(buf, size, "has neither an address nor a route");
	}
}

/* NULL: nothing speaks against a program there. */
static const char *why_never(const struct link *l, const struct links *links)
{
	const struct link *master = l->master ? link_find(links, l->master) : NULL;

	if (master && strcmp(master->kind, "vrf"))
		return "is a port of another interface, which gets the program";
	if (!(l->flags & IFF_UP))
		return "is down";
	return NULL;
}

const char *plan_refusal(int error)
{
	if (error == -ENOEXEC)
		return "this kernel refuses the XDP program (the log says more)";
	return error == -EBUSY ? "another XDP program is on it" : "its driver refused native XDP";
}

static const char *why_not_xdp(const struct link *l, const struct plan_input *in, enum elvs_hook most)
{
	if (most == ELVS_HOOK_TC)
		return "XDP is switched off by configuration";
	if (in->refused)
		return plan_refusal(in->error);
	if (!link_takes_xdp(l))
		return "this kind of device runs no native XDP";
	return NULL;
}

static void plan_one(struct plan_entry *p, const struct link *l, const struct links *links,
		     const struct plan_input *in, enum elvs_hook most, bool routed)
{
	const char *never = why_never(l, links), *effect = side_effect(l), *no_xdp = why_not_xdp(l, in, most);
	char use[120];

	p->ifindex = l->ifindex;
	memcpy(p->ifname, l->name, sizeof(p->ifname));
	snprintf(p->kind, sizeof(p->kind), "%s", l->kind[0] ? l->kind : l->driver);
	say_use(in, use, sizeof(use));
	if (in->wanted >= 0) {
		p->hook = in->wanted;
		snprintf(p->reason, sizeof(p->reason), "%s", p->hook ? "asked for by hand" : "kept off by hand");
	} else if (!never && l->flags & IFF_LOOPBACK) {
		p->hook = ELVS_HOOK_TC;
		snprintf(p->reason, sizeof(p->reason), "carries what programs of this host send to its own services");
	} else if (never || in->use == PLAN_UNUSED) {
		p->hook = 0;
		snprintf(p->reason, sizeof(p->reason), "%s", never ? never : use);
	} else if (no_xdp) {
		p->hook = ELVS_HOOK_TC;
		snprintf(p->reason, sizeof(p->reason), "%s; %s", use, no_xdp);
	} else if (in->use == PLAN_ADDRESS && !routed) {
		p->hook = ELVS_HOOK_TC;
		snprintf(p->reason, sizeof(p->reason), "%s; nothing of the services is known to be there", use);
	} else {
		p->hook = ELVS_HOOK_BOTH;
		snprintf(p->reason, sizeof(p->reason), "%s%s%s%s", use, effect ? " (" : "", effect ? effect : "",
			 effect ? ")" : "");
	}
}

int plan_make(struct plan *ret, const struct links *links, const struct plan_input *in, enum elvs_hook most,
	      bool routed)
{
	struct plan_entry *p = calloc(links->n ? links->n : 1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < links->n; i++)
		plan_one(&p[i], &links->link[i], links, &in[i], most, routed);
	plan_free(ret);
	ret->entry = p;
	ret->n = links->n;
	return 0;
}

void plan_free(struct plan *p)
{
	free(p->entry);
	p->entry = NULL;
	p->n = 0;
}
