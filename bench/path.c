// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * path - builds the wires, directors and sinks of the end-to-end bench, see path.h.
 */
#include "path.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "ends.skel.h"
#include "lab.h"

#define SERVERS 8

const char *const path_names[PATHS] = {
	"drop", "redirect", "tc-redirect", "elvs-xdp", "elvs-tc", "elvs-tc-tun", "nft"
};

static int __attribute__((format(printf, 3, 4))) fail(struct paths *ps, int r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(ps->why, sizeof(ps->why), format, ap);
	va_end(ap);
	return r;
}

bool path_is_elvs(const struct path *p)
{
	return p->id == PATH_ELVS_XDP || p->id == PATH_ELVS_TC || p->id == PATH_ELVS_TC_TUN;
}

/* Paths on which the director gets socket buffers, and so the sink too */
static bool is_skb(const struct path *p)
{
	return p->id != PATH_DROP && p->id != PATH_REDIRECT && p->id != PATH_ELVS_XDP;
}

/* Without IPv6: its neighbour discovery would be counted among the packets that arrive. */
static int quiet_ns(void)
{
	int ns = lab_new(), r;

	if (ns < 0)
		return ns;
	r = lab_sysctl("net/ipv6/conf/default/disable_ipv6", "1");
	return r && r != -ENOENT ? r : ns;
}

static int port_of(const char *name, struct director_port *ret)
{
	ret->ifindex = lab_ifindex(name);
	return ret->ifindex ? lab_mac(name, ret->mac) : -ENODEV;
}

/* Two veths: cN-dN and eN-sN. Named by the path, so that one look into a namespace says what is what. */
static int build_wires(struct paths *ps, struct path *p)
{
	char client[64], server[64], name[IFNAMSIZ];
	struct director_port c;
	int n = p->id, r;

	snprintf(client, sizeof(client), "%s", lab_path(ps->client_ns));
	snprintf(server, sizeof(server), "%s", lab_path(ps->server_ns));
	p->ns = quiet_ns();
	if (p->ns < 0)
		return p->ns;
	r = lab_ip("link add d%d type veth peer name c%d netns %s\n"
		   "link add e%d type veth peer name s%d netns %s\n"
		   "addr add 10.255.0.1/24 dev d%d\naddr add 172.31.0.1/12 dev e%d\n"
		   "link set d%d up\nlink set e%d up\n",
		   n, n, client, n, n, server, n, n, n, n);
	snprintf(name, sizeof(name), "d%d", n);
	if (!r)
		r = port_of(name, &p->cli);
	snprintf(name, sizeof(name), "e%d", n);
	if (!r)
		r = port_of(name, &p->srv);
	if (!r)
		r = lab_enter(ps->client_ns);
	if (!r)
		r = lab_ip("link set c%d up\n", n);
	snprintf(name, sizeof(name), "c%d", n);
	if (!r)
		r = port_of(name, &c);
	p->gen_ifindex = c.ifindex;
	memcpy(p->gen_mac, c.mac, 6);
	if (!r)
		r = lab_enter(ps->server_ns);
	return r ? r : lab_ip("link set s%d up\n", n);
}

static int attach_xdp(struct bpf_program *prog, uint32_t ifindex)
{
	return bpf_xdp_attach(ifindex, bpf_program__fd(prog), XDP_FLAGS_DRV_MODE, NULL);
}

static int attach_tc(struct bpf_program *prog, uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = bpf_program__fd(prog));
	int r = bpf_tc_hook_create(&hook);

	return r ? r : bpf_tc_attach(&hook, &opts);
}

/* An XDP sink for frames, a TC sink for socket buffers: neither has to be turned into the other to be thrown away. */
static int build_sink(struct paths *ps, struct path *p)
{
	char name[IFNAMSIZ];
	int r = lab_enter(ps->server_ns);

	if (r)
		return r;
	snprintf(name, sizeof(name), "s%d", p->id);
	p->sink_ifindex = lab_ifindex(name);
	return is_skb(p) ? attach_tc(ps->ends->progs.sink_tc, p->sink_ifindex)
			 : attach_xdp(ps->ends->progs.sink_xdp, p->sink_ifindex);
}

/* Without a program on it, a veth takes XDP frames only when it has NAPI, which GRO switches on. */
static int gro_on(const struct path *p)
{
	char name[IFNAMSIZ];
	const char *const argv[] = { "ethtool", "-K", name, "gro", "on", NULL };

	snprintf(name, sizeof(name), "d%d", p->id);
	return lab_run(argv, NULL);
}

static int build_nft(const struct path *p)
{
	static const char *const argv[] = { "nft", "-f", "-", NULL };
	char rules[1024], neighbours[1024];
	size_t at = 0, nat = 0;
	uint8_t m[6];
	int r;

	at += snprintf(rules + at, sizeof(rules) - at,
		       "table ip bench {\n chain pre {\n  type nat hook prerouting priority dstnat; policy accept;\n"
		       "  ip daddr 192.168.100.1 tcp dport 80 dnat to numgen inc mod %d map {",
		       SERVERS);
	for (uint32_t n = 1; n <= SERVERS; n++) {
		at += snprintf(rules + at, sizeof(rules) - at, "%s %u : 172.16.0.%u", n > 1 ? "," : "", n - 1, n);
		director_server_mac(n, m);
		nat += snprintf(neighbours + nat, sizeof(neighbours) - nat,
				"neigh add 172.16.0.%u lladdr %02x:%02x:%02x:%02x:%02x:%02x dev e%d nud permanent\n",
				n, m[0], m[1], m[2], m[3], m[4], m[5], p->id);
	}
	snprintf(rules + at, sizeof(rules) - at, " }\n }\n}\n");
	r = lab_run(argv, rules);
	if (!r)
		r = lab_ip("%sroute add 10.0.0.0/8 dev d%d\n", neighbours, p->id);
	if (!r)
		r = lab_sysctl("net/ipv4/ip_forward", "1");
	/* only one direction of each connection is ever seen */
	return r ? r : lab_sysctl("net/netfilter/nf_conntrack_tcp_be_liberal", "1");
}

static int build_elvs(struct paths *ps, struct path *p)
{
	int r;

	p->conf = (struct director_conf){
		.hook = p->id == PATH_ELVS_XDP ? BENCH_XDP : BENCH_TC,
		.mode = p->id == PATH_ELVS_TC_TUN ? DIRECTOR_TUN : DIRECTOR_DR,
		.partial = true,
		.sched = "rr",
		.servers = SERVERS,
		.max = 1000000,
		.start = 1000000,
		.cli = p->cli,
		.srv = p->srv,
	};
	r = director_open(&p->director, &p->conf);
	return r ? fail(ps, r, "%s: %s", path_names[p->id], p->director.why) : 0;
}

static int build_director(struct paths *ps, struct path *p)
{
	uint32_t key = 0;
	int r = lab_enter(p->ns);

	if (!r && is_skb(p))
		r = gro_on(p);
	if (r)
		return r;
	switch (p->id) {
	case PATH_DROP:
		p->sink_ifindex = p->cli.ifindex;
		return attach_xdp(ps->ends->progs.director_drop, p->cli.ifindex);
	case PATH_REDIRECT:
		r = bpf_map_update_elem(bpf_map__fd(ps->ends->maps.out), &key, &p->srv.ifindex, BPF_ANY);
		return r ? r : attach_xdp(ps->ends->progs.director_redirect, p->cli.ifindex);
	case PATH_TC_REDIRECT:
		ps->ends->bss->tc_out_ifindex = p->srv.ifindex;
		return attach_tc(ps->ends->progs.director_tc_redirect, p->cli.ifindex);
	case PATH_NFT:
		return build_nft(p);
	default:
		return build_elvs(ps, p);
	}
}

static int build_path(struct paths *ps, enum path_id id)
{
	struct path *p = &ps->path[id];
	int r;

	p->id = id;
	r = build_wires(ps, p);
	if (!r)
		r = build_sink(ps, p);
	if (!r)
		r = build_director(ps, p);
	if (r && !ps->why[0])
		fail(ps, r, "the path '%s' could not be built: %s", path_names[id], strerror(-r));
	return r;
}

int paths_open(struct paths *ps)
{
	size_t bytes = (ps->flows * sizeof(*ps->flow) + 4095) & ~4095ul;
	int r;

	ps->ends = ends_bpf__open();
	if (!ps->ends)
		return fail(ps, -errno, "the generator could not be opened: %s", strerror(errno));
	bpf_map__set_max_entries(ps->ends->maps.flows, ps->flows);
	r = ends_bpf__load(ps->ends);
	if (r)
		return fail(ps, r, "the generator could not be loaded: %s", strerror(-r));
	ps->flow = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(ps->ends->maps.flows), 0);
	if (ps->flow == MAP_FAILED)
		return fail(ps, -errno, "the generator's flows could not be mapped: %s", strerror(errno));
	ps->client_ns = quiet_ns();
	ps->server_ns = quiet_ns();
	if (ps->client_ns < 0 || ps->server_ns < 0)
		return fail(ps, -EPERM, "no network namespaces; this needs root");
	for (int id = 0; !r && id < PATHS; id++)
		if (ps->chosen[id])
			r = build_path(ps, id);
	return r;
}

void paths_close(struct paths *ps)
{
	for (int id = 0; id < PATHS; id++)
		director_close(&ps->path[id].director);
	ends_bpf__destroy(ps->ends);
	ps->ends = NULL;
}
