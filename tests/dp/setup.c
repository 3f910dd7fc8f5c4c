/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup - services and servers from words, for rows; next hops that match net.c's neighbours.
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp.h"

static uint16_t addr_parse(struct dp *t, const char *s, union elvs_addr *ret)
{
	uint16_t af = strchr(s, ':') ? AF_INET6 : AF_INET;

	memset(ret, 0, sizeof(*ret));
	DP_CHECK(t, inet_pton(af, s, ret) == 1, "row is wrong: %s is not an address", s);
	return af;
}

/* "10.1.0.100:80", "[fd00::1]:80" */
static uint16_t endpoint_parse(struct dp *t, const char *s, union elvs_addr *ret, uint16_t *ret_port)
{
	char buf[80], *colon;

	snprintf(buf, sizeof(buf), "%s", *s == '[' ? s + 1 : s);
	colon = strrchr(buf, ':');
	DP_CHECK(t, colon, "row is wrong: no port in %s", s);
	*ret_port = htons(atoi(colon + 1));
	*colon = 0;
	if (*s == '[' && colon > buf)
		colon[-1] = 0;
	return addr_parse(t, buf, ret);
}

static const char *word(char **rest)
{
	char *w;

	do
		w = strsep(rest, " ");
	while (w && !*w);
	return w;
}

static struct elvs_svc_conf service_parse(struct dp *t, const char *words)
{
	struct elvs_svc_conf c = { .netmask = 0xffffffff };
	char buf[200], *rest = buf;
	const char *w;

	snprintf(buf, sizeof(buf), "%s", words);
	w = word(&rest);
	if (!strcmp(w, "fwm")) {
		c.key.fwmark = atoi(word(&rest));
		c.key.af = AF_INET;
	} else {
		c.key.proto = strcmp(w, "udp") ? IPPROTO_TCP : IPPROTO_UDP;
		c.key.af = endpoint_parse(t, word(&rest), &c.key.addr, &c.key.port);
	}
	if (c.key.af == AF_INET6)
		c.netmask = 128;
	w = word(&rest);
	snprintf(c.sched, sizeof(c.sched), "%s", w ? w : "rr");
	while ((w = word(&rest))) {
		const char *v = word(&rest);

		DP_CHECK(t, v, "row is wrong: %s wants a value in \"%s\"", w, words);
		if (!strcmp(w, "persistent")) {
			c.flags |= IP_VS_SVC_F_PERSISTENT;
			c.timeout = atoi(v);
		} else if (!strcmp(w, "mask")) {
			c.netmask = c.key.af == AF_INET6 ? (uint32_t)atoi(v) : inet_addr(v);
		} else if (!strcmp(w, "flags")) {
			c.flags |= strtoul(v, NULL, 0);
		} else {
			dp_fail(t, "row is wrong: word %s in \"%s\"", w, words);
		}
	}
	return c;
}

void service_pick(struct dp *t, const char *words)
{
	t->svc = service_parse(t, words);
}

void service(struct dp *t, const char *words)
{
	int r;

	service_pick(t, words);
	r = elvs_svc_add(t->e, &t->svc);
	DP_CHECK(t, !r, "service \"%s\": %d %s", words, r, elvs_strerror(t->e));
	if (!t->svc.key.fwmark)
		elvs_vip_set_local(t->e, t->svc.key.af, &t->svc.key.addr, true);
}

void service_edit(struct dp *t, const char *words)
{
	int r;

	service_pick(t, words);
	r = elvs_svc_edit(t->e, &t->svc);
	DP_CHECK(t, !r, "edit \"%s\": %d %s", words, r, elvs_strerror(t->e));
}

void service_del(struct dp *t, const char *words)
{
	int r;

	service_pick(t, words);
	r = elvs_svc_del(t->e, &t->svc.key);
	DP_CHECK(t, !r, "delete \"%s\": %d %s", words, r, elvs_strerror(t->e));
}

static struct elvs_dest_conf server_parse(struct dp *t, const char *words)
{
	struct elvs_dest_conf d = { .weight = 1, .method = IP_VS_CONN_F_DROUTE };
	char buf[200], *rest = buf;
	const char *w;

	snprintf(buf, sizeof(buf), "%s", words);
	d.af = endpoint_parse(t, word(&rest), &d.addr, &d.port);
	while ((w = word(&rest))) {
		if (!strcmp(w, "dr")) {
			d.method = IP_VS_CONN_F_DROUTE;
		} else if (!strcmp(w, "nat")) {
			d.method = IP_VS_CONN_F_MASQ;
		} else if (!strcmp(w, "tun")) {
			d.method = IP_VS_CONN_F_TUNNEL;
		} else {
			const char *v = word(&rest);

			DP_CHECK(t, v, "row is wrong: %s wants a value in \"%s\"", w, words);
			if (!strcmp(w, "weight"))
				d.weight = strtoul(v, NULL, 10);
			else if (!strcmp(w, "u"))
				d.u_threshold = atoi(v);
			else if (!strcmp(w, "l"))
				d.l_threshold = atoi(v);
			else
				dp_fail(t, "row is wrong: word %s in \"%s\"", w, words);
		}
	}
	return d;
}

void hop_set(struct dp *t, const char *addr, const struct elvs_hop *h)
{
	union elvs_addr a;
	uint16_t af = addr_parse(t, addr, &a);

	elvs_hop_set(t->e, af, &a, h);
}

static bool is_local(const char *addr)
{
	static const char *const own[] = { DIP, DIP6, VIP, VIP6, "127.0.0.1", "10.2.0.1" };

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(own[i], addr))
			return true;
	return false;
}

/*
 * What a director's netlink watcher would say: 10.2.0.x and fd00:2::x are behind eth1, servers' MAC addresses are
 * net.c's neighbours, everything further away goes through the router.
 */
struct elvs_hop hop_default(struct dp *t, const char *addr)
{
	union elvs_addr a;
	uint16_t af = addr_parse(t, addr, &a);
	const uint8_t *b = (const uint8_t *)&a;
	bool v6 = af == AF_INET6;
	int lan = v6 ? b[3] : b[1], last = v6 ? b[15] : b[3] + 6; /* 10.1.0.11 and fd00:1::11 are both M_RS1 */
	struct elvs_hop h = { .ifindex = t->ifindex[lan == 2], .mtu = 1500, .resolved = true, .xdp = true };

	h.local = is_local(addr);
	pkt_mac(h.dmac, last >= M_RS1 && last <= M_RS4 ? last : M_ROUTER);
	pkt_mac(h.smac, lan == 2 ? M_DIR1 : M_DIR);
	addr_parse(t, v6 ? (lan == 2 ? "fd00:2::1" : DIP6) : (lan == 2 ? "10.2.0.1" : DIP), &h.src);
	return h;
}

static void hop_of(struct dp *t, const struct elvs_dest_conf *d)
{
	char addr[INET6_ADDRSTRLEN];
	struct elvs_hop h;

	inet_ntop(d->af, &d->addr, addr, sizeof(addr));
	h = hop_default(t, addr);
	elvs_hop_set(t->e, d->af, &d->addr, &h);
}

int server_try(struct dp *t, const char *words)
{
	struct elvs_dest_conf d = server_parse(t, words);
	int r = elvs_dest_add(t->e, &t->svc.key, &d);

	if (!r)
		hop_of(t, &d);
	return r;
}

void server(struct dp *t, const char *words)
{
	int r = server_try(t, words);

	DP_CHECK(t, !r, "server \"%s\": %d %s", words, r, elvs_strerror(t->e));
}

void server_edit(struct dp *t, const char *words)
{
	struct elvs_dest_conf d = server_parse(t, words);
	int r = elvs_dest_edit(t->e, &t->svc.key, &d);

	DP_CHECK(t, !r, "edit server \"%s\": %d %s", words, r, elvs_strerror(t->e));
}

void server_del(struct dp *t, const char *words)
{
	struct elvs_dest_conf d = server_parse(t, words);
	int r = elvs_dest_del(t->e, &t->svc.key, &d);

	DP_CHECK(t, !r, "delete server \"%s\": %d %s", words, r, elvs_strerror(t->e));
}
