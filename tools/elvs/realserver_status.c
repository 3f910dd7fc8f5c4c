/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * realserver_status - how a virtual address stands on a real server: there, quiet, decapsulated (realserver.h).
 */
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "decap.h"
#include "nl.h"
#include "realserver.h"

char *realserver_user(const struct vip *v, char ret[REALSERVER_USER_LEN])
{
	char text[VIP_STRLEN];

	snprintf(ret, REALSERVER_USER_LEN, REALSERVER_USER "%s", vip_format(v, false, text));
	return ret;
}

struct loud {
	char text[256]; /* interfaces that would answer, and why */
};

static long effective(const char *dev, const char *key)
{
	const char *const at[] = { "all", dev };
	char path[128], now[32];
	long max = 0;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s", at[i], key);
		if (sysctl_read(path, now, sizeof(now)) == 0 && atol(now) > max)
			max = atol(now);
	}
	return max;
}

static int loud_link(void *arg, const struct nl_link *l)
{
	struct loud *q = arg;
	long ignore, announce;
	size_t n = strlen(q->text);

	if (l->type != ARPHRD_ETHER)
		return 0;
	ignore = effective(l->name, "arp_ignore");
	announce = effective(l->name, "arp_announce");
	if ((ignore == 1 || ignore == 2 || ignore == 8) && announce == 2)
		return 0;
	snprintf(q->text + n, sizeof(q->text) - n, "%s%s (arp_ignore %ld, arp_announce %ld)", n ? ", " : "", l->name,
		 ignore, announce);
	return 0;
}

/* NULL: quiet; else what is not, in buf */
static const char *arp_loud(const json_t *opts, const struct vip *v, struct loud *q)
{
	const char *const argv[] = { "nft", "-f", "-", NULL };
	char script[128], err[256], vip[VIP_STRLEN];

	q->text[0] = '\0';
	if (v->af == AF_INET6)
		return NULL;
	if (strcmp(json_string_value(json_object_get(opts, "arp")) ?: "", "nft") == 0) {
		snprintf(script, sizeof(script), "list table arp elvs-rs-%s\n", vip_format(v, false, vip));
		if (run_program(argv, script, err, sizeof(err)) == 0)
			return NULL;
		snprintf(q->text, sizeof(q->text), "the nftables table arp elvs-rs-%s is gone", vip);
		return q->text;
	}
	nl_links(loud_link, q);
	return q->text[0] ? q->text : NULL;
}

struct on_lo {
	const struct vip *vip;
	uint32_t lo;
	bool there;
};

static int find_on_lo(void *arg, const struct nl_addr *a)
{
	struct on_lo *q = arg;

	q->there |= a->ifindex == q->lo && vip_same_addr(&a->addr, q->vip);
	return 0;
}

static bool is_on_lo(const struct vip *v)
{
	struct on_lo q = { .vip = v, .lo = if_nametoindex("lo") };

	return nl_addrs(find_on_lo, &q) == 0 && q.there;
}

static json_t *decap_json(const char *dev, const struct decap_status *st, int error)
{
	json_t *o = json_object(), *counts = json_object();
	unsigned int i;

	json_object_set_new(o, "interface", json_string(dev));
	json_object_set_new(o, "attached", json_boolean(error == 0));
	if (error == 0)
		json_object_set_new(o, "hook", json_string(st->hook));
	for (i = 0; st->counted && i < DECAP_COUNTS; i++)
		json_object_set_new(counts, decap_counter_text(i), json_integer((json_int_t)st->counts[i]));
	json_object_set_new(o, "packets", counts);
	return o;
}

/* The decapsulating programs of one user */
static json_t *tunnel_json(const struct journal *j, const char *user, bool *ok)
{
	json_t *list = json_array(), *c, *u;
	struct decap_status st;
	const char *dev;
	size_t i, k;
	int r;

	json_array_foreach(j->changes, i, c)
	{
		if (strcmp(json_string_value(json_object_get(c, "kind")) ?: "", "decap") != 0)
			continue;
		json_array_foreach(json_object_get(c, "users"), k, u)
		{
			if (strcmp(json_string_value(u) ?: "", user) != 0)
				continue;
			dev = json_string_value(json_object_get(c, "dev")) ?: "?";
			r = decap_status(dev, c, &st);
			*ok &= r == 0;
			json_array_append_new(list, decap_json(dev, &st, r));
		}
	}
	return list;
}

/* One question, two renderings: this is the answer. */
json_t *realserver_status(const struct journal *j, const struct vip *v)
{
	json_t *o = json_object(), *opts;
	char user[REALSERVER_USER_LEN], text[VIP_STRLEN];
	const char *loud;
	bool ok = true, on_lo;
	struct loud q;

	realserver_user(v, user);
	opts = journal_user(j, user);
	on_lo = is_on_lo(v);
	loud = arp_loud(opts, v, &q);
	json_object_set_new(o, "vip", json_string(vip_format(v, false, text)));
	json_object_set_new(o, "on_lo", json_boolean(on_lo));
	json_object_set_new(o, "arp_quiet", json_boolean(!loud));
	if (loud)
		json_object_set_new(o, "arp_problem", json_string(loud));
	if (opts) {
		json_object_set(o, "options", opts);
		json_object_set_new(o, "tunnel", tunnel_json(j, user, &ok));
	}
	ok &= on_lo && !loud;
	json_object_set_new(o, "state", json_string(!opts ? "stopped" : ok ? "running" : "incomplete"));
	return o;
}

void realserver_print(const json_t *o)
{
	const json_t *opts = json_object_get(o, "options"), *t, *n;
	const char *problem = json_string_value(json_object_get(o, "arp_problem")), *name;
	bool stopped = !opts;
	size_t i;

	printf("%s: %s\n", json_string_value(json_object_get(o, "vip")),
	       json_string_value(json_object_get(o, "state")));
	if (stopped && !json_is_true(json_object_get(o, "on_lo")))
		return;
	printf("  address: %s\n", json_is_true(json_object_get(o, "on_lo"))
					  ? (stopped ? "on lo, but not put there by elvs" : "on lo")
					  : "MISSING on lo");
	if (problem)
		printf("  ARP: NOT QUIET: %s\n", problem);
	else
		printf("  ARP: quiet\n");
	json_array_foreach(json_object_get(o, "tunnel"), i, t)
	{
		printf("  tunnel: %s %s\n", json_string_value(json_object_get(t, "interface")),
		       json_string_value(json_object_get(t, "hook")) ?: "NOT ATTACHED");
		json_object_foreach((json_t *)json_object_get(t, "packets"), name, n)
		{
			if (json_integer_value(n))
				printf("    %" JSON_INTEGER_FORMAT " %s\n", json_integer_value(n), name);
		}
	}
}
