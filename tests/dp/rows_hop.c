/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_hop - where a packet goes next: resolved or not, the kernel asked instead, the director itself.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

/* ---- next hops ---- */

ROW(DP_ALL, "a server whose MAC address is not known yet: TC sends, the kernel resolves; no packet is lost")
{
	struct pkt p = SYN4;
	struct elvs_hop h;
	uint8_t in[PKT_MAX];

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	h = hop_default(t, RS(1));
	h.resolved = false;
	hop_set(t, RS(1), &h);
	if (t->hook != DP_TC) {
		left_alone(t, ELVS_V_TC_NEXTHOP, p);
		DP_CHECK(t, conns(t) <= 1, "more than one connection");
	}
	t->hook = DP_TC;
	DP_CHECK(t, dp_run(t, in, pkt_build(&p, in), &t->out) == DP_SENT, "TC did not send it");
	DP_CHECK(t, conns(t) == 1, "%u connections", conns(t));
}

ROW(DP_ALL, "a device that XDP may not transmit on: TC sends")
{
	struct pkt p = SYN4, out = dr(p, 1);
	struct elvs_dest_info d;
	struct elvs_hop h;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "10.2.0.11:80 dr");
	h = hop_default(t, "10.2.0.11");
	h.xdp = false;
	hop_set(t, "10.2.0.11", &h);
	out.smac = M_DIR1;
	forwarded_by_tc(t, ELVS_V_TC_NEXTHOP, p, out);
	p.flags = out.flags = ACK;
	forwarded_by_tc(t, ELVS_V_TC_NEXTHOP, p, out);
	d = dest_of(t, "10.2.0.11");
	DP_CHECK(t, conns(t) == 1 && d.counters.conns == 1 && d.counters.inpkts == 2,
		 "%u connections, counted %llu times, 2 packets counted as %llu", conns(t),
		 (unsigned long long)d.counters.conns, (unsigned long long)d.counters.inpkts);
}

ROW(DP_ALL, "a server's MAC address replaced: the next packet already goes there")
{
	struct pkt p = SYN4, out;
	struct elvs_hop h;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	h = hop_default(t, RS(1));
	h.dmac[5] = M_OTHER;
	hop_set(t, RS(1), &h);
	p.flags = ACK;
	out = dr(p, 1);
	out.dmac = M_OTHER;
	forwarded(t, p, out);
}

ROW(DP_ALL, "with the daemon silent for long, next hops come from the kernel's FIB and neighbours")
{
	struct pkt p = SYN4;
	struct elvs_hop h;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	h = hop_default(t, RS(1));
	h.dmac[5] = M_OTHER; /* what the daemon believed before it died */
	hop_set(t, RS(1), &h);
	t->now += 6 * ELVS_TICKS_PER_SEC;
	elvs_clock_set(t->e, t->now);
	forwarded(t, p, dr(p, 1));
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	elvs_heartbeat(t->e);
}

/* ---- local node ---- */

ROW(DP_ALL, "a real server that is the director itself: the packet goes up, NAT'ed where NAT is asked for")
{
	struct pkt p = SYN4, out = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, VIP ":80 dr");
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL });
	conn_is(t, CLIENT, 30000, "SYN_RECV", 60);
	service(t, "tcp 10.1.0.100:81 rr");
	server(t, DIP ":8080 nat");
	p.dport = 81;
	out.dst = DIP;
	out.dport = 8080;
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL, .out = &out });
}

ROW(DP_TC, "the answer of a NAT server on the director itself gets the virtual address back on its way out")
{
	struct pkt p = SYN4, out = SYN4, a, seen;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, DIP ":8080 nat");
	out.dst = DIP;
	out.dport = 8080;
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL, .out = &out });
	a = (struct pkt){ .smac = M_DIR,
			  .dmac = M_ROUTER,
			  .src = DIP,
			  .dst = CLIENT,
			  .sport = 8080,
			  .dport = 30000,
			  .flags = SYN | ACK,
			  .tcpopts = 20 };
	seen = a;
	seen.src = VIP;
	seen.sport = 80;
	leaves(t, a, seen);
	p.flags = out.flags = ACK;
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL, .out = &out });
	conn_is(t, CLIENT, 30000, "ESTABLISHED", 900);
	a.flags = seen.flags = FIN | ACK; /* the server's FIN: known to be one, this being NAT */
	leaves(t, a, seen);
	conn_is(t, CLIENT, 30000, "FIN_WAIT", 120);
	load_is(t, DIP, 0, 1, 0);
}

ROW(DP_TC, "the answer of a DR server on the director itself leaves as it is, and moves the connection's state")
{
	struct pkt p = SYN4, a;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, VIP ":80 dr");
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL });
	a = (struct pkt){ .smac = M_DIR,
			  .dmac = M_ROUTER,
			  .src = VIP,
			  .dst = CLIENT,
			  .sport = 80,
			  .dport = 30000,
			  .flags = SYN | ACK };
	leaves(t, a, a);
	conn_is(t, CLIENT, 30000, "SYN_RECV", 60);
	p.flags = ACK;
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL });
	a.flags = FIN | ACK;
	leaves(t, a, a);
	conn_is(t, CLIENT, 30000, "FIN_WAIT", 120);
	p.flags = FIN | ACK; /* no longer INPUT_ONLY: both ends have closed */
	packet(t, &p, &(struct dp_want){ DP_UP, ELVS_V_LOCAL, ELVS_V_TC_LOCAL });
	conn_is(t, CLIENT, 30000, "TIME_WAIT", 120);
}

ROW(DP_TC, "what the director itself sends, and is no answer of a service, leaves untouched")
{
	struct pkt a = { .smac = M_DIR,
			 .dmac = M_ROUTER,
			 .src = DIP,
			 .dst = CLIENT,
			 .sport = 8080,
			 .dport = 30000,
			 .flags = SYN | ACK };

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, DIP ":8080 nat");
	leaves(t, a, a);
	a.src = VIP;
	a.sport = 22;
	leaves(t, a, a);
	a.proto = IPPROTO_UDP;
	leaves(t, a, a);
}
