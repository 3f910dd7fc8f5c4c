// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * target - sets up what is measured, see target.h.
 */
#include "target.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "floor.skel.h"
#include "lab.h"

const uint8_t target_gateway_mac[6] = { 0x02, 0, 0, 0x01, 0, 0x01 };

static int __attribute__((format(printf, 3, 4))) fail(struct target *t, int r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->why, sizeof(t->why), format, ap);
	va_end(ap);
	return r;
}

/* ---- the namespace ---- */

static int build_lab(struct target *t)
{
	int r = lab_new();

	if (r < 0)
		return fail(t, r, "no network namespace: %s", strerror(-r));
	r = lab_ip("link add cli0 type veth peer name cli1\n"
		   "link add srv0 type veth peer name srv1\n"
		   "addr add 192.168.1.1/24 dev cli0\n"
		   "addr add 192.168.2.1/24 dev srv0\n"
		   "addr add 2001:db8::c0a8:101/120 dev cli0 nodad\n"
		   "addr add 2001:db8::c0a8:201/120 dev srv0 nodad\n"
		   "addr add 192.168.100.1/32 dev lo\n"
		   "addr add 2001:db8::c0a8:6401/128 dev lo\n"
		   "link set cli0 up\nlink set cli1 up\nlink set srv0 up\nlink set srv1 up\n"
		   "route add 10.0.0.0/8 via 192.168.1.2\n"
		   "route add 172.16.0.0/12 dev srv0\n"
		   "route add 2001:db8::a00:0/104 via 2001:db8::c0a8:102 dev cli0\n"
		   "route add 2001:db8::ac10:0/108 dev srv0\n"
		   "neigh add 192.168.1.2 lladdr 02:00:00:01:00:01 dev cli0 nud permanent\n"
		   "neigh add 2001:db8::c0a8:102 lladdr 02:00:00:01:00:01 dev cli0 nud permanent\n");
	if (!r)
		r = lab_sysctl("net/ipv4/ip_forward", "1");
	if (!r)
		r = lab_sysctl("net/ipv6/conf/all/forwarding", "1");
	if (!r)
		r = lab_mac("cli0", t->cli.mac);
	if (!r)
		r = lab_mac("srv0", t->srv.mac);
	if (r)
		return fail(t, r, "the two-armed namespace could not be made: %s", strerror(-r));
	t->cli.ifindex = lab_ifindex("cli0");
	t->srv.ifindex = lab_ifindex("srv0");
	return 0;
}

/* ---- floors ---- */

/* A bucket of four slots to two flows: 32 bytes a flow, as elvs's table */
static uint32_t buckets_for(uint32_t flows)
{
	uint32_t n = 1;

	while (n < flows / 2)
		n *= 2;
	return n;
}

static int open_floor(struct target *t)
{
	const struct cell *c = t->cell;
	bool tc = c->hook == BENCH_TC;
	uint32_t n = buckets_for(c->max);
	struct bpf_program *prog;
	int r;

	t->floor = floor_bpf__open();
	if (!t->floor)
		return fail(t, -errno, "the floor programs could not be opened: %s", strerror(errno));
	bpf_map__set_max_entries(t->floor->maps.buckets, n);
	t->floor->rodata->bucket_mask = n - 1;
	t->floor->rodata->vip = htonl(BENCH_VIP);
	r = floor_bpf__load(t->floor);
	if (r)
		return fail(t, r, "the floor programs could not be loaded: %s", strerror(-r));
	switch (c->target) {
	case CELL_TABLE:
		prog = tc ? t->floor->progs.table_tc : t->floor->progs.table_xdp;
		break;
	default:
		prog = tc ? t->floor->progs.swap_tc : t->floor->progs.swap_xdp;
		break;
	}
	t->prog_fd = bpf_program__fd(prog);
	t->null_fd = bpf_program__fd(tc ? t->floor->progs.null_tc : t->floor->progs.null_xdp);
	return 0;
}

/* ---- elvs ---- */

static int open_elvs(struct target *t)
{
	const struct cell *c = t->cell;
	int r;

	t->conf = (struct director_conf){
		.hook = c->hook,
		.mode = c->mode,
		.v6 = c->v6,
		.udp = c->udp,
		.partial = c->partial,
		.manual_clock = true,
		.sched = c->sched,
		.servers = c->servers,
		.persist = c->persist,
		.max = c->max,
		.start = c->start,
		.cli = t->cli,
		.srv = t->srv,
	};
	t->elvs = true;
	r = director_open(&t->director, &t->conf);
	if (!r)
		r = t->prog_fd = director_prog(&t->director);
	return r < 0 ? fail(t, r, "%s", t->director.why) : 0;
}

int target_open(struct target *t, const struct cell *c)
{
	int r;

	*t = (struct target){ .cell = c, .prog_fd = -1 };
	r = build_lab(t);
	if (!r)
		r = open_floor(t);
	if (!r && c->target == CELL_ELVS)
		r = open_elvs(t);
	return r;
}

void target_close(struct target *t)
{
	director_close(&t->director);
	floor_bpf__destroy(t->floor);
	t->floor = NULL;
}
