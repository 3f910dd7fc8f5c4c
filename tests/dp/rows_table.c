/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_table - the connection tables under load: nearly full, growing, and two CPUs at once. Each row opens an
 * instance of its own, of the size it needs.
 */
#include <bpf/bpf.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dp.h"

/* Puts another instance in t's place; the interfaces' MAC addresses have to be known to it, too. */
struct swap {
	struct elvs *e;
	uint32_t now;
};

static struct swap other_instance(struct dp *t, uint32_t max, uint32_t start)
{
	struct swap old = { t->e, t->now };

	for (int i = 0; i < 2; i++)
		elvs_detach(t->e, t->ifindex[i]);
	t->e = dp_open(max, start);
	t->now = elvs_clock(t->e);
	for (int i = 0; i < 2; i++) {
		struct elvs_if_info info = { .ifindex = t->ifindex[i], .mtu = 1500, .partial = true, .xmit = true };

		pkt_mac(info.mac, i ? M_DIR1 : M_DIR);
		DP_CHECK(t, !elvs_attach(t->e, &info, ELVS_HOOK_BOTH), "attach: %s", elvs_strerror(t->e));
	}
	clock_add(t, 1);
	return old;
}

static void first_instance(struct dp *t, struct swap old)
{
	struct elvs_table_info info;
	bool left;

	for (int i = 0; i < 3; i++) {
		clock_add(t, 1000);
		sweep(t);
	}
	elvs_table_info(t->e, &info);
	left = info.conns || info.wide_conns;
	elvs_close(t->e);
	t->e = old.e;
	t->now = old.now;
	for (int i = 0; i < 2; i++) {
		struct elvs_if_info back = { .ifindex = t->ifindex[i], .mtu = 1500, .partial = true, .xmit = true };

		pkt_mac(back.mac, i ? M_DIR1 : M_DIR);
		DP_CHECK(t, !elvs_attach(t->e, &back, ELVS_HOOK_BOTH), "attach: %s", elvs_strerror(t->e));
	}
	clock_add(t, 1);
	DP_CHECK(t, !left, "%llu connections, %llu wide ones outlive their time-outs", (unsigned long long)info.conns,
		 (unsigned long long)info.wide_conns);
}

/* The nth of many different tuples; nothing about them is regular but the seed. */
static uint64_t tuple(uint64_t n)
{
	n += 0x9e3779b97f4a7c15ull;
	n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9ull;
	n = (n ^ (n >> 27)) * 0x94d049bb133111ebull;
	return n ^ (n >> 31);
}

static struct pkt many4(uint64_t n, uint8_t flags)
{
	uint64_t x = tuple(n);

	/* never from our own networks */
	return (struct pkt){ .src4 = 0x14000000 | ((uint32_t)x & 0x00ffffff),
			     .sport = 1024 + (x >> 32) % 64000,
			     .dst = VIP,
			     .dport = 80,
			     .flags = flags };
}

static struct pkt many6(uint64_t n, uint8_t flags, char addr[48])
{
	uint64_t x = tuple(n);

	snprintf(addr, 48, "2001:db8:%x:%x::%x", (unsigned)(x & 0xffff), (unsigned)(x >> 16 & 0xffff),
		 1 + (unsigned)(x >> 48));
	return (struct pkt){
		.src = addr, .sport = 1024 + (x >> 32) % 64000, .dst = VIP6, .dport = 80, .flags = flags
	};
}

static uint64_t made(struct dp *t, const char *server)
{
	return dest_of(t, server).counters.conns;
}

static void fill_and_find(struct dp *t, unsigned n, bool v6)
{
	uint8_t b[PKT_MAX];
	char addr[48];
	uint64_t before;

	for (int pass = 0; pass < 2; pass++) {
		before = made(t, v6 ? RS6(1) : RS(1));
		for (unsigned i = 0; i < n; i++) {
			struct pkt p = v6 ? many6(i, pass ? ACK : SYN, addr) : many4(i, pass ? ACK : SYN);

			DP_CHECK(t, dp_pass(t, b, pkt_build(&p, b)) == DP_SENT, "%s %u of %u was not forwarded",
				 pass ? "second packet of connection" : "connection", i, n);
		}
		DP_CHECK(t, !pass || made(t, v6 ? RS6(1) : RS(1)) == before, "%llu connections were made twice",
			 (unsigned long long)(made(t, v6 ? RS6(1) : RS(1)) - before));
	}
}

ROW(DP_BOTH | DP_LARGE, "a table filled to 90 % of its limit with random tuples still finds every one")
{
	struct elvs_table_info info;
	struct swap old = other_instance(t, 1 << 16, 1 << 16);
	unsigned n;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	elvs_table_info(t->e, &info);
	n = info.max * 9 / 10;
	fill_and_find(t, n, false);
	elvs_table_info(t->e, &info);
	DP_CHECK(t, info.conns == n && !info.refused && !info.evicted,
		 "%llu of %u connections, %llu refused, %llu evicted", (unsigned long long)info.conns, n,
		 (unsigned long long)info.refused, (unsigned long long)info.evicted);
	DP_CHECK(t, conns(t) == n, "%u listed of %u", conns(t), n);
	load_is(t, RS(1), n, 0, 0);
	first_instance(t, old);
}

ROW(DP_BOTH | DP_LARGE, "an IPv6 table filled to 90 % of its capacity with random tuples still finds every one")
{
	struct elvs_table_info info;
	struct swap old = other_instance(t, 1 << 16, 1 << 16);
	unsigned n;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	elvs_table_info(t->e, &info);
	n = info.wide_capacity * 9 / 10;
	fill_and_find(t, n, true);
	elvs_table_info(t->e, &info);
	DP_CHECK(t, info.wide_conns == n && !info.refused && !info.evicted,
		 "%llu of %u connections, %llu refused, %llu evicted", (unsigned long long)info.wide_conns, n,
		 (unsigned long long)info.refused, (unsigned long long)info.evicted);
	load_is(t, RS6(1), n, 0, 0);
	first_instance(t, old);
}

ROW(DP_BOTH | DP_LARGE,
    "a table filled past its last slot refuses by name, loses nothing that is established, and recovers")
{
	struct elvs_table_info info;
	struct swap old = other_instance(t, 1 << 15, 1 << 15);
	uint8_t b[PKT_MAX];
	unsigned i, full = 0, slots;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	elvs_table_info(t->e, &info);
	slots = info.capacity * 5 / 2; /* more than there are slots */
	for (i = 0; i < slots && full < 100; i++) {
		struct pkt p = many4(i, SYN);
		enum dp_act act = dp_pass(t, b, pkt_build(&p, b));

		if (act != DP_SENT) {
			full++;
			continue;
		}
		p.flags = ACK; /* established: not to give way */
		DP_CHECK(t, dp_pass(t, b, pkt_build(&p, b)) == DP_SENT, "connection %u was not found at once", i);
	}
	DP_CHECK(t, full == 100, "only %u were refused of %u", full, slots);
	DP_CHECK(t, verdict_count(t, ELVS_V_TABLE_FULL) == full, "%llu counted as TABLE_FULL, %u refused",
		 (unsigned long long)verdict_count(t, ELVS_V_TABLE_FULL), full);
	elvs_table_info(t->e, &info);
	DP_CHECK(t, info.conns + full == i, "%llu connections and %u refused of %u", (unsigned long long)info.conns,
		 full, i);
	load_is(t, RS(1), info.conns, 0, 0);
	clock_add(t, 901);
	sweep(t);
	load_is(t, RS(1), 0, 0, 0);
	for (unsigned k = 0; k < 1000; k++) {
		struct pkt p = many4(1000000 + k, SYN);

		DP_CHECK(t, dp_pass(t, b, pkt_build(&p, b)) == DP_SENT, "after all expired number %u is refused", k);
	}
	first_instance(t, old);
}

/* ---- two CPUs ---- */

struct worker {
	struct dp *t;
	pthread_t thread;
	int cpu;
	unsigned from, to, step;
	uint8_t flags;
	bool v6;
	atomic_int *gate;     /* both begin together */
	atomic_uint *allowed; /* not NULL: wait before the connection of this number */
	unsigned sent, lost, again;
};

/*
 * A lock whose holder is not running (a virtual CPU without a real one) is given up after a while, and the packet is
 * dropped by that name. Clients send again; so does this, and counts it.
 */
static bool arrives(struct worker *w, struct dp *t, const uint8_t *b, size_t len)
{
	for (int i = 0; i < 5; i++) {
		if (dp_pass(t, b, len) == DP_SENT)
			return true;
		w->again++;
		usleep(1000); /* until the other one runs again */
	}
	return false;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct dp t = *w->t; /* a jump buffer of its own */
	cpu_set_t set;
	uint8_t b[PKT_MAX];
	char addr[48];

	CPU_ZERO(&set);
	CPU_SET(w->cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	if (setjmp(t.fail)) {
		w->lost = ~0u;
		return NULL;
	}
	atomic_fetch_sub(w->gate, 1);
	while (atomic_load(w->gate) > 0)
		;
	for (unsigned i = w->from; i != w->to; i += w->step) {
		struct pkt p = w->v6 ? many6(i, w->flags, addr) : many4(i, w->flags);

		while (w->allowed && w->sent + w->lost >= atomic_load(w->allowed))
			sched_yield();
		if (arrives(w, &t, b, pkt_build(&p, b)))
			w->sent++;
		else
			w->lost++;
	}
	return NULL;
}

static int cpus(int ret[2])
{
	cpu_set_t set;
	int n = 0;

	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET(i, &set))
			ret[n++] = i;
	return n;
}

static void both(struct dp *t, struct worker w[2])
{
	uint64_t busy = verdict_count(t, ELVS_V_LOCK_BUSY);
	unsigned again;
	atomic_int gate = 2;
	int cpu[2] = { 0, 0 };

	if (cpus(cpu) < 2) {
		fprintf(t->notes, "# one CPU only: both threads run on it\n");
		cpu[1] = cpu[0];
		gate = 0;
	}
	for (int i = 0; i < 2; i++) {
		w[i].t = t;
		w[i].cpu = cpu[i];
		w[i].gate = &gate;
		DP_CHECK(t, !pthread_create(&w[i].thread, NULL, work, &w[i]), "no thread");
	}
	for (int i = 0; i < 2; i++)
		pthread_join(w[i].thread, NULL);
	again = w[0].again + w[1].again;
	DP_CHECK(t, again == verdict_count(t, ELVS_V_LOCK_BUSY) - busy && again <= 100,
		 "%u packets were sent again, %llu found a lock busy", again,
		 (unsigned long long)(verdict_count(t, ELVS_V_LOCK_BUSY) - busy));
	if (again)
		fprintf(t->notes, "# %u packets found a lock busy and were sent again\n", again);
}

/* Both CPUs send the first packets of the same connections at the same time. */
static void same_flows(struct dp *t, bool v6)
{
	const unsigned N = v6 ? 6000 : 20000;
	struct worker w[2] = { { .to = N, .step = 1, .flags = SYN, .v6 = v6 },
			       { .to = N, .step = 1, .flags = SYN, .v6 = v6 } };
	const char *const rs[] = { v6 ? RS6(1) : RS(1), v6 ? RS6(2) : RS(2) };
	struct elvs_table_info info;
	unsigned n;

	both(t, w);
	elvs_table_info(t->e, &info);
	n = v6 ? info.wide_conns : info.conns;
	DP_CHECK(t, !w[0].lost && !w[1].lost, "%u and %u packets lost", w[0].lost, w[1].lost);
	DP_CHECK(t, n == N && conns(t) == N, "%u connections counted, %u listed, %u flows", n, conns(t), N);
	/* each connection is made under a lock, so not one turn is lost: exact shares */
	load_is(t, rs[0], N / 2, 0, 0);
	load_is(t, rs[1], N / 2, 0, 0);
	DP_CHECK(t, made(t, rs[0]) + made(t, rs[1]) == N, "%llu connections in the statistics",
		 (unsigned long long)(made(t, rs[0]) + made(t, rs[1])));
	clock_add(t, 61);
	sweep(t);
	load_is(t, rs[0], 0, 0, 0);
	load_is(t, rs[1], 0, 0, 0);
}

ROW(DP_BOTH, "two CPUs with the first packets of the same connections make one connection each, in exact shares")
{
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	same_flows(t, false);
}

ROW(DP_BOTH, "the same with IPv6")
{
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	server(t, "[fd00:1::12]:80 dr");
	same_flows(t, true);
}

ROW(DP_BOTH, "two CPUs scheduling different connections at once: rr and wrr shares are exact")
{
	enum { N = 24000 };

	for (int wrr = 0; wrr < 2; wrr++) {
		struct worker w[2] = { { .from = 0, .to = N, .step = 2, .flags = SYN },
				       { .from = 1, .to = N + 1, .step = 2, .flags = SYN } };

		dp_empty(t);
		service(t, wrr ? "tcp 10.1.0.100:80 wrr" : "tcp 10.1.0.100:80 rr");
		server(t, wrr ? RS(1) ":80 dr weight 1" : RS(1) ":80 dr");
		server(t, wrr ? RS(2) ":80 dr weight 2" : RS(2) ":80 dr");
		server(t, wrr ? RS(3) ":80 dr weight 3" : RS(3) ":80 dr");
		both(t, w);
		DP_CHECK(t, !w[0].lost && !w[1].lost, "%u and %u packets lost", w[0].lost, w[1].lost);
		load_is(t, RS(1), wrr ? N / 6 : N / 3, 0, 0);
		load_is(t, RS(2), N / 3, 0, 0);
		load_is(t, RS(3), wrr ? N / 2 : N / 3, 0, 0);
	}
}

ROW(DP_BOTH, "two CPUs taking the same connections through their states: counters stay exact")
{
	enum { N = 10000 };
	static const uint8_t flags[] = { SYN, ACK, FIN | ACK, ACK, RST };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	for (size_t i = 0; i < sizeof(flags); i++) {
		struct worker w[2] = { { .to = N, .step = 1, .flags = flags[i] },
				       { .to = N, .step = 1, .flags = flags[i] } };

		both(t, w);
		DP_CHECK(t, !w[0].lost && !w[1].lost, "%u and %u packets lost", w[0].lost, w[1].lost);
		load_is(t, RS(1), i < 2 ? N : 0, i < 2 ? 0 : N, 0);
	}
	clock_add(t, 11);
	sweep(t);
	load_is(t, RS(1), 0, 0, 0);
}

ROW(DP_BOTH, "two CPUs making connections of the same persistent clients: one template each, children all counted")
{
	enum { N = 5000 };
	struct worker w[2] = { { .to = N, .step = 1, .flags = SYN }, { .to = N, .step = 1, .flags = SYN } };
	unsigned n;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	both(t, w);
	DP_CHECK(t, !w[0].lost && !w[1].lost, "%u and %u packets lost", w[0].lost, w[1].lost);
	n = templates(t);
	DP_CHECK(t, conns(t) == N, "%u connections of %d", conns(t), N);
	DP_CHECK(t, dest_of(t, RS(1)).persist + dest_of(t, RS(2)).persist == n, "%u templates, %u + %u counted", n,
		 dest_of(t, RS(1)).persist, dest_of(t, RS(2)).persist);
	clock_add(t, 61); /* the connections end: so do the templates, one step later */
	sweep(t);
	sweep(t);
	clock_add(t, 61);
	sweep(t);
	DP_CHECK(t, !templates(t), "%u templates have lost count of their children", templates(t));
}

/* ---- growth ---- */

/*
 * Makes n connections on another CPU while this one tends and sweeps: never fuller than 80 %, as a daemon sees to it,
 * and from one pass to the next little more (a pass splits for what it finds, so two steps may come before the next
 * has done its work). The timer, every 200 us while tables grow, sees fewer.
 */
static void grow(struct dp *t, unsigned n, bool v6)
{
	atomic_uint allowed = 0;
	atomic_int gate = 1;
	struct worker w = { .t = t, .to = n, .step = 1, .flags = SYN, .v6 = v6, .gate = &gate, .allowed = &allowed };
	struct elvs_table_info info;
	struct timespec now;
	uint64_t next, most;

	DP_CHECK(t, !pthread_create(&w.thread, NULL, work, &w), "no thread");
	do {
		elvs_table_info(t->e, &info);
		most = (v6 ? info.wide_capacity : info.capacity) * 4 / 5;
		next = (v6 ? info.wide_conns : info.conns) * 9 / 8 + 1024;
		atomic_store(&allowed, next < most ? next : most);
		tend(t, 0.5);
		sweep(t);
		clock_gettime(CLOCK_REALTIME, &now);
	} while (pthread_timedjoin_np(w.thread, NULL, &now));
	DP_CHECK(t, !w.lost && w.sent == n, "%u of %u were not forwarded", w.lost, n);
}

static void grows(struct dp *t, unsigned n, bool v6)
{
	struct elvs_table_info before, info;
	const char *rs = v6 ? RS6(1) : RS(1);
	uint8_t b[PKT_MAX];
	char addr[48];

	elvs_table_info(t->e, &before);
	grow(t, n, v6);
	elvs_table_info(t->e, &info);
	DP_CHECK(t, !info.refused && !info.evicted, "%llu refused, %llu evicted", (unsigned long long)info.refused,
		 (unsigned long long)info.evicted);
	DP_CHECK(t, (v6 ? info.wide_conns : info.conns) == n, "%llu connections of %u",
		 (unsigned long long)(v6 ? info.wide_conns : info.conns), n);
	DP_CHECK(t, v6 ? info.wide_capacity > before.wide_capacity : info.capacity > before.capacity,
		 "it did not grow");
	/* all are found while it goes on growing */
	for (unsigned i = 0; i < n; i++) {
		struct pkt p = v6 ? many6(i, ACK, addr) : many4(i, ACK);

		if (i % 4096 == 0) {
			tend(t, 0.5);
			sweep(t);
		}
		DP_CHECK(t, dp_pass(t, b, pkt_build(&p, b)) == DP_SENT, "connection %u is lost", i);
	}
	DP_CHECK(t, made(t, rs) == n, "%llu connections were made for %u flows", (unsigned long long)made(t, rs), n);
	load_is(t, rs, n, 0, 0);
	DP_CHECK(t, conns(t) == n, "%u listed", conns(t));
}

ROW(DP_BOTH | DP_LARGE, "a table that grows while connections are made and used loses none")
{
	struct swap old = other_instance(t, 1 << 19, 0);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	grows(t, t->quick ? 50000 : 150000, false);
	first_instance(t, old);
}

ROW(DP_BOTH | DP_LARGE, "an IPv6 table that grows while connections are made and used loses none")
{
	struct swap old = other_instance(t, 1 << 19, 0);

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	grows(t, t->quick ? 20000 : 50000, true);
	first_instance(t, old);
}
