/* SPDX-License-Identifier: GPL-2.0-or-later */
/* director_status - how a director stands: its addresses, forwarding, rules (director.h). */
#include <stdio.h>
#include <string.h>

#include "change.h"
#include "director.h"
#include "nl.h"

struct on_dev {
	struct vip vip;
	uint32_t ifindex;
	bool there;
};

static int find_addr(void *arg, const struct nl_addr *a)
{
	struct on_dev *q = arg;

	q->there |= a->ifindex == q->ifindex && vip_same_addr(&a->addr, &q->vip);
	return 0;
}

static json_t *vip_json(const char *user, const json_t *opts, bool *ok)
{
	const char *dev = json_string_value(json_object_get(opts, "dev")) ?: "?", *why;
	struct on_dev q = { .ifindex = if_nametoindex(dev) };
	json_t *o = json_object();

	if (vip_parse(&q.vip, user + strlen(DIRECTOR_USER), &why) == 0 && q.ifindex)
		nl_addrs(find_addr, &q);
	*ok &= q.there;
	json_object_set_new(o, "vip", json_string(user + strlen(DIRECTOR_USER)));
	json_object_set_new(o, "interface", json_string(dev));
	json_object_set_new(o, "present", json_boolean(q.there));
	return o;
}

static bool is_on(const char *path)
{
	char now[32];

	return sysctl_read(path, now, sizeof(now)) == 0 && strcmp(now, "0") != 0;
}

json_t *director_status(const struct journal *j, bool *ret_ok, bool *ret_any)
{
	json_t *o = json_object(), *vips = json_array(), *v, *host = journal_user(j, DIRECTOR_HOST);
	const char *user;

	*ret_any = host != NULL;
	json_object_foreach(j->users, user, v)
	{
		if (strncmp(user, DIRECTOR_USER, strlen(DIRECTOR_USER)) != 0 || strcmp(user, DIRECTOR_HOST) == 0)
			continue;
		*ret_any = true;
		json_array_append_new(vips, vip_json(user, v, ret_ok));
	}
	json_object_set_new(o, "vips", vips);
	json_object_set_new(o, "ip_forward", json_boolean(is_on("net/ipv4/ip_forward")));
	json_object_set_new(o, "ipv6_forwarding", json_boolean(is_on("net/ipv6/conf/all/forwarding")));
	if (json_is_true(json_object_get(host, "nat")) && !is_on("net/ipv4/ip_forward") &&
	    !is_on("net/ipv6/conf/all/forwarding"))
		*ret_ok = false;
	if (json_object_get(host, "nat"))
		json_object_set(o, "nat", json_object_get(host, "nat"));
	if (json_object_get(host, "rules"))
		json_object_set(o, "rules", json_object_get(host, "rules"));
	json_object_set_new(o, "state", json_string(!*ret_any ? "stopped" : *ret_ok ? "running" : "incomplete"));
	return o;
}

void director_print(const json_t *o)
{
	const json_t *v;
	size_t i;

	printf("director: %s\n", json_string_value(json_object_get(o, "state")));
	json_array_foreach(json_object_get(o, "vips"), i, v)
		printf("  %s %s %s\n", json_string_value(json_object_get(v, "vip")),
		       json_is_true(json_object_get(v, "present")) ? "on" : "MISSING on",
		       json_string_value(json_object_get(v, "interface")));
	printf("  forwarding: IPv4 %s, IPv6 %s%s\n", json_is_true(json_object_get(o, "ip_forward")) ? "on" : "off",
	       json_is_true(json_object_get(o, "ipv6_forwarding")) ? "on" : "off",
	       json_is_true(json_object_get(o, "nat")) ? " (asked for by --nat)" : "");
	if (json_object_get(o, "rules"))
		printf("  rules: %s\n", json_string_value(json_object_get(o, "rules")));
}
