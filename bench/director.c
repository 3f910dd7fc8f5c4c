// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * director - an elvs instance for the benches, see director.h.
 */
#include "director.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "elvs.h"

static int __attribute__((format(printf, 3, 4))) fail(struct director *d, int r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(d->why, sizeof(d->why), format, ap);
	va_end(ap);
	return r;
}

void director_server_mac(uint32_t n, uint8_t ret_mac[6])
{
	const uint8_t mac[6] = { 0x02, 0, 0, 0x02, n >> 8, n };

	memcpy(ret_mac, mac, 6);
}

uint32_t director_server_addr(uint32_t n)
{
	return htonl(BENCH_SERVER_NET + n);
}

static union elvs_addr address(const struct director_conf *c, uint32_t v4)
{
	static const uint8_t prefix[12] = BENCH_PREFIX6;
	union elvs_addr a = { 0 };

	if (c->v6) {
		memcpy(&a, prefix, sizeof(prefix));
		a.a[3] = v4;
	} else {
		a.a[0] = v4;
	}
	return a;
}

static int family(const struct director_conf *c)
{
	return c->v6 ? AF_INET6 : AF_INET;
}

static struct elvs_svc_key service_key(const struct director_conf *c)
{
	return (struct elvs_svc_key){
		.af = family(c),
		.proto = c->udp ? IPPROTO_UDP : IPPROTO_TCP,
		.addr = address(c, htonl(BENCH_VIP)),
		.port = htons(BENCH_VPORT),
	};
}

static int add_service(struct director *d)
{
	const struct director_conf *c = d->conf;
	struct elvs_svc_conf s = { .key = service_key(c) };
	int r;

	snprintf(s.sched, sizeof(s.sched), "%s", c->sched);
	s.netmask = c->v6 ? 128 : htonl(0xffffffff);
	if (c->persist) {
		s.flags = IP_VS_SVC_F_PERSISTENT;
		s.timeout = c->persist;
	}
	r = elvs_svc_add(d->elvs, &s);
	if (r)
		return fail(d, r, "service: %s", elvs_strerror(d->elvs));
	elvs_vip_set_local(d->elvs, s.key.af, &s.key.addr, true);
	return 0;
}

static int add_server(struct director *d, uint32_t n)
{
	static const uint32_t methods[] = { IP_VS_CONN_F_DROUTE, IP_VS_CONN_F_TUNNEL, IP_VS_CONN_F_MASQ };
	const struct director_conf *c = d->conf;
	struct elvs_svc_key k = service_key(c);
	struct elvs_dest_conf dest = {
		.af = family(c),
		.addr = address(c, director_server_addr(n)),
		.port = htons(c->mode == DIRECTOR_NAT ? DIRECTOR_NAT_PORT : BENCH_VPORT),
		.method = methods[c->mode],
		.weight = strcmp(c->sched, "wrr") ? 1 : 1 + n % 4,
	};
	struct elvs_hop hop = {
		.ifindex = c->srv.ifindex,
		.mtu = 1500,
		.resolved = true,
		.xdp = true,
		.src = address(c, htonl(DIRECTOR_TUN_SRC)),
	};
	int r = elvs_dest_add(d->elvs, &k, &dest);

	if (r)
		return fail(d, r, "real server %u: %s", n, elvs_strerror(d->elvs));
	director_server_mac(n, hop.dmac);
	memcpy(hop.smac, c->srv.mac, 6);
	elvs_hop_set(d->elvs, dest.af, &dest.addr, &hop);
	return 0;
}

static int attach(struct director *d, const struct director_port *port)
{
	struct elvs_if_info info = {
		.ifindex = port->ifindex, .mtu = 1500, .partial = d->conf->partial, .xmit = true
	};
	int r;

	memcpy(info.mac, port->mac, 6);
	r = elvs_attach(d->elvs, &info, d->conf->hook == BENCH_XDP ? ELVS_HOOK_XDP : ELVS_HOOK_TC);
	return r ? fail(d, r, "attach: %s", elvs_strerror(d->elvs)) : 0;
}

static int configure(struct director *d)
{
	const struct director_conf *c = d->conf;
	int r;

	elvs_batch_begin(d->elvs);
	r = add_service(d);
	for (uint32_t n = 1; !r && n <= c->servers; n++)
		r = add_server(d, n);
	if (elvs_batch_end(d->elvs) && !r)
		r = fail(d, -EIO, "tables: %s", elvs_strerror(d->elvs));
	return r;
}

int director_open(struct director *d, const struct director_conf *c)
{
	struct elvs_options o = { .max_conns = c->max, .start_conns = c->start, .manual_clock = c->manual_clock };
	int r;

	*d = (struct director){ .conf = c };
	r = elvs_open(&d->elvs, &o);
	if (r)
		return fail(d, r, "elvs: %s", elvs_strerror(NULL));
	if (c->manual_clock)
		elvs_clock_set(d->elvs, 1000);
	elvs_heartbeat(d->elvs);
	r = attach(d, &c->cli);
	if (!r)
		r = attach(d, &c->srv);
	return r ? r : configure(d);
}

void director_close(struct director *d)
{
	elvs_close(d->elvs);
	d->elvs = NULL;
}

int director_prog(struct director *d)
{
	int fd = elvs_prog_fd(d->elvs, d->conf->hook == BENCH_XDP ? ELVS_PROG_XDP : ELVS_PROG_TC_IN);

	return fd < 0 ? fail(d, fd, "elvs has no program for this hook") : fd;
}

static int add_counters(void *arg, const struct elvs_dest_info *i)
{
	*(uint64_t *)arg += i->counters.inpkts + i->counters.outpkts;
	return 0;
}

uint64_t director_counted(struct director *d)
{
	struct elvs_svc_key k = service_key(d->conf);
	uint64_t sum = 0;

	elvs_dest_each(d->elvs, &k, add_counters, &sum);
	return sum;
}

static int count_conn(void *arg, const struct elvs_conn *c)
{
	*(uint64_t *)arg += !c->is_template;
	return 0;
}

uint64_t director_conns(struct director *d)
{
	struct elvs_table_info info;
	uint64_t n = 0;

	elvs_table_info(d->elvs, &info);
	if (!d->conf->persist)
		return info.conns + info.wide_conns;
	/* templates are among the wide ones: tell them apart one by one */
	elvs_conn_each(d->elvs, count_conn, &n);
	return n;
}

const char *director_verdicts(struct director *d, char *text, size_t size)
{
	struct elvs_verdict_count v[64];
	size_t n = elvs_verdicts(d->elvs, v, sizeof(v) / sizeof(v[0])), at = 0;

	*text = '\0';
	for (size_t i = 0; i < n && at < size; i++)
		if (v[i].count)
			at += snprintf(text + at, size - at, "%s %s %llu", at ? "," : "; counted:", v[i].name,
				       (unsigned long long)v[i].count);
	return text;
}

int director_clear(struct director *d)
{
	int r = elvs_conns_clear(d->elvs);

	return r ? fail(d, r, "clearing the table: %s", elvs_strerror(d->elvs)) : 0;
}

void director_grow(struct director *d)
{
	/* any monotonic clock will do: here each call is a second */
	static uint64_t now_ms;

	for (int i = 0; i < 2; i++)
		elvs_tend(d->elvs, now_ms += 500);
	elvs_sweep(d->elvs); /* which also does the growing */
	elvs_heartbeat(d->elvs);
}

struct each {
	const struct director_conf *conf;
	int (*f)(void *arg, uint32_t caddr, uint16_t cport, uint32_t daddr, uint16_t dport);
	void *arg;
};

static int one_conn(void *arg, const struct elvs_conn *c)
{
	const struct each *e = arg;
	int word = e->conf->v6 ? 3 : 0;

	return c->is_template ? 0 : e->f(e->arg, c->caddr.a[word], c->cport, c->daddr.a[word], c->dport);
}

int director_each(struct director *d,
		  int (*f)(void *arg, uint32_t caddr, uint16_t cport, uint32_t daddr, uint16_t dport), void *arg)
{
	struct each e = { .conf = d->conf, .f = f, .arg = arg };

	return elvs_conn_each(d->elvs, one_conn, &e);
}
