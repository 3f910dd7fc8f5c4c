/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realserver_changes - what has to be changed on a machine so that it takes a virtual address (realserver.h).
 *
 * What is changed: ARP is kept quiet first (so that there is no moment at which the address is announced), then
 * tunnelled packets are taken out of their outer header, then the address is put on lo. IPv6 needs no quieting: the
 * kernel answers neighbour solicitations only for addresses of the interface on which they arrive.
 */
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "nl.h"
#include "realserver.h"

#define QUIET_IGNORE "2 8" /* arp_ignore values that are as good as 1 */

static void want(json_t *wanted, json_t *change)
{
	json_array_append_new(wanted, change);
}

static void want_arp_sysctl(json_t *wanted)
{
	want(wanted, change_sysctl("net/ipv4/conf/all/arp_ignore", "1", QUIET_IGNORE));
	want(wanted, change_sysctl("net/ipv4/conf/lo/arp_ignore", "1", QUIET_IGNORE));
	want(wanted, change_sysctl("net/ipv4/conf/all/arp_announce", "2", NULL));
	want(wanted, change_sysctl("net/ipv4/conf/lo/arp_announce", "2", NULL));
}

struct nft_script {
	FILE *out;
	const struct vip *vip;
	const struct nl_link *link; /* whose address is looked for */
	bool done;
};

static int nft_source(void *arg, const struct nl_addr *a)
{
	struct nft_script *s = arg;
	char vip[VIP_STRLEN], own[VIP_STRLEN];

	if (a->ifindex != s->link->ifindex || a->addr.af != AF_INET || vip_same_addr(&a->addr, s->vip))
		return 0;
	fprintf(s->out, "\t\toifname \"%s\" arp saddr ip %s arp saddr ip set %s accept\n", s->link->name,
		vip_format(s->vip, false, vip), vip_format(&a->addr, false, own));
	return 1;
}

static int nft_link(void *arg, const struct nl_link *l)
{
	struct nft_script *s = arg;
	int r;

	if (l->type != ARPHRD_ETHER)
		return 0;
	s->link = l;
	r = nl_addrs(nft_source, s);
	return r < 0 ? r : 0;
}

/*
 * Requests for the VIP are not heard; what we ask ourselves says the interface's first address instead of the VIP
 * (dropping it would leave us without an answer when we talk as VIP). An interface without an address asks as
 * 0.0.0.0, as in a probe, which is answered and put in nobody's table.
 */
static int want_arp_nft(struct journal *j, json_t *wanted, const struct vip *v)
{
	struct nft_script s = { .vip = v };
	char vip[VIP_STRLEN], table[REALSERVER_USER_LEN], *text = NULL;
	size_t size;
	int r;

	vip_format(v, false, vip);
	snprintf(table, sizeof(table), "elvs-rs-%s", vip);
	s.out = open_memstream(&text, &size);
	if (!s.out)
		return journal_fail(j, -ENOMEM, "out of memory");
	fprintf(s.out,
		"table arp %s {\n\tchain input {\n\t\ttype filter hook input priority filter;\n"
		"\t\tarp operation request arp daddr ip %s drop\n\t}\n"
		"\tchain output {\n\t\ttype filter hook output priority filter;\n",
		table, vip);
	r = nl_links(nft_link, &s);
	fprintf(s.out, "\t\tarp saddr ip %s arp saddr ip set 0.0.0.0\n\t}\n}\n", vip);
	if (fclose(s.out) != 0 && r == 0)
		r = -ENOMEM;
	if (r < 0)
		journal_fail(j, r, "cannot list the interfaces: %s", strerror(-r));
	else
		want(wanted, change_nft(table, text));
	free(text);
	return r;
}

static void want_kernel_tunnel(json_t *wanted, const struct vip *v)
{
	bool v4 = v->af == AF_INET;
	struct nl_link l;

	if (nl_link_by_name(&l, v4 ? "tunl0" : "ip6tnl0") < 0)
		want(wanted, change_module(v4 ? "ipip" : "ip6_tunnel"));
	want(wanted, change_link_up(v4 ? "tunl0" : "ip6tnl0"));
	/* The way back to the client is not tunl0: strict reverse path filtering drops everything. 2 beats all=1. */
	if (v4)
		want(wanted, change_sysctl("net/ipv4/conf/tunl0/rp_filter", "2", "0"));
}

struct dev_list {
	json_t *wanted;
	const char *hook;
	const struct nl_link *link;
	int found;
};

static int has_address(void *arg, const struct nl_addr *a)
{
	const struct nl_link *l = arg;

	return a->ifindex == l->ifindex && a->scope == 0 /* RT_SCOPE_UNIVERSE */;
}

static int want_dev(void *arg, const struct nl_link *l)
{
	struct dev_list *d = arg;

	if (!l->up || l->type != ARPHRD_ETHER || nl_addrs(has_address, (void *)l) != 1)
		return 0;
	want(d->wanted, change_decap(l->name, d->hook));
	d->found++;
	return 0;
}

static int want_decap(struct journal *j, json_t *wanted, const struct realserver_options *o)
{
	struct dev_list d = { .wanted = wanted, .hook = o->hook };
	int i, r;

	for (i = 0; i < o->ndevs; i++)
		want(wanted, change_decap(o->devs[i], o->hook));
	if (o->ndevs)
		return 0;
	r = nl_links(want_dev, &d);
	if (r < 0)
		return journal_fail(j, r, "cannot list the interfaces: %s", strerror(-r));
	if (!d.found)
		return journal_fail(j, -ENODEV,
				    "no Ethernet interface that is up has an address: tell me with --dev where "
				    "tunnelled packets arrive");
	return 0;
}

int realserver_changes(struct journal *j, json_t *wanted, const struct vip *v, const struct realserver_options *o)
{
	int r = 0;

	if (v->af == AF_INET && strcmp(o->arp, "sysctl") == 0)
		want_arp_sysctl(wanted);
	else if (v->af == AF_INET)
		r = want_arp_nft(j, wanted, v);
	if (r >= 0 && o->tunnel && o->use_kernel)
		want_kernel_tunnel(wanted, v);
	else if (r >= 0 && o->tunnel)
		r = want_decap(j, wanted, o);
	if (r >= 0)
		want(wanted, change_addr("lo", v));
	return r;
}
