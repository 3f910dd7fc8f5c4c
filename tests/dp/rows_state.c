/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_state - the TCP state machine (ip_vs_proto_tcp.c's tables), time-outs, expiry.
 *
 * Every cell that packets can reach is walked: a shortest way to each state is searched for in the tables, a fresh
 * connection is led there, the cell's packet is sent, and state, expiry and the server's counters are looked at.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "dp.h"

#define NSTATES ELVS_TCP_STATES
#define NONE 99

static const char codes[][3] = { "NO", "ES", "SS", "SR", "FW", "TW", "CL", "CW", "LA", "LI", "SA" };
static const char *const names[] = { "NONE",  "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT",
				     "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "SYNACK" };
static const uint16_t timeouts[] = { 2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120 };
static const bool active[] = { [1] = true, [2] = true, [3] = true, [10] = true };

enum dir { IN, OUT, INPUT_ONLY };
enum event { EV_SYN, EV_FIN, EV_ACK, EV_RST, EV_NOTHING, EVENTS };
static const uint8_t event_flags[] = { SYN, FIN | ACK, ACK, RST, PSH };
static const char *const event_names[] = { "SYN", "FIN", "ACK", "RST", "no flag" };

/* Next states in the order of `codes` */
static const char *const table[3][4] = {
	[IN] = { "SR ES ES SR SR SR SR SR SR SR SR", "CL CW SS TW TW TW CL CW LA LI TW",
		 "ES ES SS ES FW TW CL CW CL LI ES", "CL CL CL SR CL CL CL CL LA LI SR" },
	[OUT] = { "SS ES SS SR SS SS SS SS SS LI SR", "TW FW SS TW FW TW CL TW LA LI TW",
		  "ES ES SS ES FW TW CL CW LA ES ES", "CL CL SS CL CL TW CL CL CL CL CL" },
	[INPUT_ONLY] = { "SR ES ES SR SR SR SR SR SR SR SR", "CL FW SS TW FW TW CL CW LA LI TW",
			 "ES ES SS ES FW TW CL CW CL LI ES", "CL CL CL SR CL CL CL CL LA LI CL" },
};

static int next_state(enum dir d, enum event ev, int state)
{
	if (ev == EV_NOTHING)
		return 6; /* CLOSE */
	for (int i = 0; i < NSTATES; i++)
		if (!memcmp(table[d][ev] + 3 * state, codes[i], 2))
			return i;
	return NONE;
}

struct way {
	int from; /* state before the last step */
	enum dir dir;
	enum event ev;
	bool reached;
};

/* Breadth first from the connection's first packet, a SYN in state NONE */
static void find_ways(bool nat_mode, struct way ways[NSTATES])
{
	enum dir dirs[2] = { nat_mode ? IN : INPUT_ONLY, OUT };
	int queue[NSTATES], head = 0, tail = 0;

	memset(ways, 0, NSTATES * sizeof(*ways));
	queue[tail++] = next_state(dirs[0], EV_SYN, 0);
	ways[queue[0]] = (struct way){ .from = NONE, .dir = dirs[0], .ev = EV_SYN, .reached = true };
	while (head < tail) {
		int s = queue[head++];

		for (int d = 0; d < 1 + nat_mode; d++) {
			for (int ev = 0; ev < EVENTS; ev++) {
				int n = next_state(dirs[d], ev, s);

				if (ways[n].reached)
					continue;
				ways[n] = (struct way){ .from = s, .dir = dirs[d], .ev = ev, .reached = true };
				queue[tail++] = n;
			}
		}
	}
}

struct walk {
	struct pkt p; /* the client's packet */
	bool nat, v6;
	const char *client;
};

static void step(struct dp *t, struct walk *w, enum dir d, enum event ev)
{
	struct pkt a;

	w->p.flags = event_flags[ev];
	if (d != OUT) {
		forwarded(t, w->p, w->nat ? nat(w->p, 1, 8080) : dr(w->p, 1));
		return;
	}
	a = answer(w->p, 1, 8080);
	replied(t, a, answer_seen(a, w->v6 ? VIP6 : VIP, 80));
}

static void lead_to(struct dp *t, struct walk *w, const struct way *ways, int state)
{
	if (ways[state].from != NONE)
		lead_to(t, w, ways, ways[state].from);
	step(t, w, ways[state].dir, ways[state].ev);
}

static void walk_cell(struct dp *t, struct walk *w, const struct way *ways, int state, enum dir d, enum event ev)
{
	int n = next_state(d, ev, state);
	struct elvs_conn c;

	lead_to(t, w, ways, state);
	clock_add(t, 1);
	step(t, w, d, ev);
	c = conn_of(t, w->client, w->p.sport);
	DP_CHECK(t, !strcmp(elvs_conn_state(&c), names[n]), "%s, %s of %s: %s, expected %s", names[state],
		 event_names[ev], d == OUT ? "the server" : "the client", elvs_conn_state(&c), names[n]);
	DP_CHECK(t, c.expires_sec == timeouts[n], "%s, %s: expires in %u, expected %u", names[state], event_names[ev],
		 c.expires_sec, timeouts[n]);
}

/* Walks all reachable cells; each connection ends as it began, so that counters can be compared with a sum. */
static void walk_all(struct dp *t, struct walk *w)
{
	struct way ways[NSTATES];
	enum dir dirs[2] = { w->nat ? IN : INPUT_ONLY, OUT };
	unsigned act = 0, inact = 0, cells = 0;

	find_ways(w->nat, ways);
	for (int s = 0; s < NSTATES; s++) {
		if (!ways[s].reached)
			continue;
		for (int d = 0; d < 1 + w->nat; d++) {
			for (int ev = 0; ev < EVENTS; ev++) {
				w->p.sport++;
				walk_cell(t, w, ways, s, dirs[d], ev);
				*(active[next_state(dirs[d], ev, s)] ? &act : &inact) += 1;
				load_is(t, w->v6 ? RS6(1) : RS(1), act, inact, 0);
				cells++;
				if (cells % 8)
					continue;
				clock_add(t, 1000); /* so that none of the earlier ones expires by and by */
				sweep(t);
				act = inact = 0;
			}
		}
	}
	fprintf(t->notes, "# %u cells walked\n", cells);
	DP_CHECK(t, cells == (w->nat ? 70 : 25), "only %u cells were reachable", cells);
}

ROW(DP_BOTH, "the TCP state machine as a one-way director sees it (INPUT_ONLY), every reachable cell")
{
	struct walk w = { .p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80 }, .client = CLIENT };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	walk_all(t, &w);
}

ROW(DP_BOTH, "the TCP state machine of NAT connections, both directions, every reachable cell")
{
	struct walk w = { .p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80 },
			  .client = CLIENT,
			  .nat = true };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	walk_all(t, &w);
}

ROW(DP_BOTH, "the TCP state machine of IPv6 connections, one-way")
{
	struct walk w = { .p = { .src = CLIENT6, .dst = VIP6, .sport = 20000, .dport = 80 },
			  .client = CLIENT6,
			  .v6 = true };

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	walk_all(t, &w);
}

ROW(DP_BOTH, "the TCP state machine of IPv6 NAT connections")
{
	struct walk w = { .p = { .src = CLIENT6, .dst = VIP6, .sport = 20000, .dport = 80 },
			  .client = CLIENT6,
			  .v6 = true,
			  .nat = true };

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:8080 nat");
	walk_all(t, &w);
}

ROW(DP_BOTH, "flags are judged in the order RST, SYN, FIN, ACK")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };
	static const struct {
		uint8_t flags;
		const char *state;
	} cases[] = { { RST | SYN | FIN | ACK, "CLOSE" }, { SYN | FIN | ACK, "ESTABLISHED" },
		      { FIN | ACK, "FIN_WAIT" },	  { FIN, "FIN_WAIT" },
		      { PSH | ACK, "ESTABLISHED" },	  { RST, "CLOSE" } };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct elvs_conn c;

		p.sport++;
		p.flags = SYN;
		forwarded(t, p, dr(p, 1));
		p.flags = ACK;
		forwarded(t, p, dr(p, 1));
		p.flags = cases[i].flags;
		forwarded(t, p, dr(p, 1));
		c = conn_of(t, CLIENT, p.sport);
		DP_CHECK(t, !strcmp(elvs_conn_state(&c), cases[i].state), "flags %#x in ESTABLISHED: %s, expected %s",
			 cases[i].flags, elvs_conn_state(&c), cases[i].state);
	}
}

ROW(DP_BOTH, "--set changes ESTABLISHED, FIN_WAIT and UDP, for packets from then on")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };
	struct pkt u = { .src = CLIENT, .dst = VIP, .sport = 20001, .dport = 53, .proto = IPPROTO_UDP };
	uint32_t old[3];

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	elvs_timeouts_get(t->e, old);
	DP_CHECK(t, old[0] == 900 && old[1] == 120 && old[2] == 300, "defaults are %u %u %u", old[0], old[1], old[2]);
	elvs_timeouts_set(t->e, (uint32_t[]){ 77, 33, 11 });
	forwarded(t, p, dr(p, 1));
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "ESTABLISHED", 77);
	p.flags = FIN | ACK;
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "FIN_WAIT", 33);
	forwarded(t, u, dr(u, 1));
	conn_is(t, CLIENT, 20001, "UDP", 11);
	elvs_timeouts_set(t->e, old);
	forwarded(t, u, dr(u, 1));
	conn_is(t, CLIENT, 20001, "UDP", 300);
}

ROW(DP_BOTH, "each packet gives a connection its whole time again")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "SYN_RECV", 60);
	clock_add(t, 40);
	conn_is(t, CLIENT, 20000, "SYN_RECV", 20);
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "SYN_RECV", 60);
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	clock_add(t, 899);
	sweep(t);
	conn_is(t, CLIENT, 20000, "ESTABLISHED", 1);
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "ESTABLISHED", 900);
}

ROW(DP_BOTH, "a reply of the real server gives a NAT connection its time again, too")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN }, a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	forwarded(t, p, nat(p, 1, 80));
	a.flags = SYN | ACK;
	clock_add(t, 50);
	replied(t, a, answer_seen(a, VIP, 80));
	conn_is(t, CLIENT, 20000, "SYN_RECV", 60);
}

ROW(DP_BOTH, "an expired connection is gone whether or not the sweeper has come by, and is counted once")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	clock_add(t, 60.125);
	p.flags = ACK;
	left_alone(t, ELVS_V_NO_CONNECTION, p);
	p.flags = SYN;
	forwarded(t, p, dr(p, 1));
	DP_CHECK(t, conns(t) == 1, "%u connections", conns(t));
	load_is(t, RS(2), 0, 0, 0);
	load_is(t, RS(1), 1, 0, 0);
	sweep(t);
	load_is(t, RS(1), 1, 0, 0);
	clock_add(t, 61);
	sweep(t);
	load_is(t, RS(1), 0, 0, 0);
	DP_CHECK(t, !conns(t), "%u connections", conns(t));
}

ROW(DP_BOTH, "the sweeper leaves what has an eighth of a second to live")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	clock_add(t, 59.875);
	sweep(t);
	load_is(t, RS(1), 1, 0, 0);
	clock_add(t, 0.125);
	sweep(t);
	load_is(t, RS(1), 0, 0, 0);
}

ROW(DP_BOTH, "a UDP exchange counts as inactive and ends after its time-out")
{
	struct pkt u = { .src = CLIENT, .dst = VIP, .sport = 20001, .dport = 53, .proto = IPPROTO_UDP, .payload = 5 };
	struct pkt a = answer(u, 1, 53);

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 nat");
	forwarded(t, u, nat(u, 1, 53));
	load_is(t, RS(1), 0, 1, 0);
	clock_add(t, 299);
	replied(t, a, answer_seen(a, VIP, 53));
	conn_is(t, CLIENT, 20001, "UDP", 300);
	clock_add(t, 300);
	sweep(t);
	load_is(t, RS(1), 0, 0, 0);
}

/* ---- client ports used again ---- */

ROW(DP_BOTH, "a SYN on a connection in TIME_WAIT or CLOSE is scheduled anew (conn_reuse_mode 1)")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	p.flags = RST;
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	p.flags = RST;
	forwarded(t, p, dr(p, 2));
	conn_is(t, CLIENT, 20000, "CLOSE", 10);
	p.flags = SYN;
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "SYN_RECV", 60);
	load_is(t, RS(1), 1, 0, 0);
	load_is(t, RS(2), 0, 0, 0);
	p.flags = FIN;
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 20000, "TIME_WAIT", 120);
	p.flags = SYN;
	forwarded(t, p, dr(p, 2));
	conn_is(t, CLIENT, 20000, "SYN_RECV", 60);
	DP_CHECK(t, conns(t) == 1, "%u connections", conns(t));
}

ROW(DP_BOTH, "a SYN on a connection in any other state stays with its server")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 20000, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	forwarded(t, p, dr(p, 2));
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	p.flags = SYN;
	forwarded(t, p, dr(p, 2));
	p.flags = FIN | ACK;
	forwarded(t, p, dr(p, 2));
	p.flags = SYN;
	forwarded(t, p, dr(p, 2));
}
