/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_life - servers and services that are removed, come back, or change while connections live.
 */
#include <netinet/in.h>
#include <string.h>

#include "dp.h"

#define SYN4                                                                         \
	{                                                                            \
		.src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN \
	}

ROW(DP_BOTH, "a removed server's connections are dropped silently; other clients are not hurt")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	server_del(t, RS(2) ":80");
	p.flags = ACK;
	dropped(t, ELVS_V_DEST_GONE, p);
	p.flags = SYN;
	dropped(t, ELVS_V_DEST_GONE, p); /* expire_nodest_conn is 0 */
	p.sport++;
	forwarded(t, p, dr(p, 1));
}

ROW(DP_BOTH, "a removed NAT server's last answers still reach their client, as in IPVS")
{
	struct pkt p = SYN4, a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	server(t, RS(2) ":80 nat weight 0");
	forwarded(t, p, nat(p, 1, 80));
	server_del(t, RS(1) ":80");
	a.flags = SYN | ACK;
	t->uncounted = true; /* statistics are those of servers that are there */
	replied(t, a, answer_seen(a, VIP, 80));
}

ROW(DP_BOTH, "a server removed and added again finds its connections and its counts")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	server_del(t, RS(2) ":80");
	tend(t, 60);
	server(t, RS(2) ":80 dr");
	load_is(t, RS(2), 1, 0, 0);
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	conn_is(t, CLIENT, 30000, "ESTABLISHED", 900);
}

ROW(DP_BOTH, "a removed server without connections is forgotten: added again it counts from zero")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	clock_add(t, 61);
	sweep(t);
	server_del(t, RS(1) ":80");
	tend(t, 300);
	server(t, RS(1) ":80 dr");
	load_is(t, RS(1), 0, 0, 0);
	DP_CHECK(t, !dest_of(t, RS(1)).counters.conns, "it remembers %llu connections",
		 (unsigned long long)dest_of(t, RS(1)).counters.conns);
}

ROW(DP_BOTH, "a service removed and added again, with its server, finds its connections")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	service(t, "tcp 10.1.0.100:81 rr");
	service_pick(t, "tcp 10.1.0.100:80 rr");
	forwarded(t, p, dr(p, 1));
	service_del(t, "tcp 10.1.0.100:80");
	p.flags = ACK;
	dropped(t, ELVS_V_DEST_GONE, p);
	tend(t, 30);
	service(t, "tcp 10.1.0.100:80 wlc");
	dropped(t, ELVS_V_DEST_GONE, p);
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	load_is(t, RS(1), 1, 0, 0);
}

ROW(DP_BOTH, "a removed service takes no new connections: they are left to the stack")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:81 rr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	service_del(t, "tcp 10.1.0.100:80");
	tend(t, 5);
	left_alone(t, ELVS_V_NO_SERVICE, p);
}

ROW(DP_BOTH, "removed with connections, a service still takes no new ones")
{
	struct pkt p = SYN4;
	uint8_t b[PKT_MAX];

	service(t, "tcp 10.1.0.100:81 rr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	service_del(t, "tcp 10.1.0.100:80");
	p.sport++;
	DP_CHECK(t, dp_run(t, b, pkt_build(&p, b), &t->out) == DP_UP, "it was not left to the stack");
	DP_CHECK(t, conns(t) == 1, "%u connections", conns(t));
}

ROW(DP_BOTH, "a server's forwarding method changed: existing connections keep theirs")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	server_edit(t, RS(1) ":80 tun");
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	p.flags = SYN;
	p.sport++;
	forwarded(t, p, tun(p, 1));
}

ROW(DP_BOTH, "a service's scheduler changed: existing connections stay where they are")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	service_edit(t, "tcp 10.1.0.100:80 sh");
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_BOTH, "two services on one server each count their own connections")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	service(t, "tcp 10.1.0.100:81 rr");
	server(t, RS(1) ":81 dr");
	forwarded(t, p, dr(p, 1));
	load_is(t, RS(1), 0, 0, 0);
	service_pick(t, "tcp 10.1.0.100:80 rr");
	load_is(t, RS(1), 1, 0, 0);
}

ROW(DP_BOTH, "TCP and UDP services of one address and port do not mix")
{
	struct pkt p = SYN4, u = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	service(t, "udp 10.1.0.100:80 rr");
	server(t, RS(2) ":80 dr");
	u.proto = IPPROTO_UDP;
	forwarded(t, p, dr(p, 1));
	forwarded(t, u, dr(u, 2));
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	forwarded(t, u, dr(u, 2));
}

ROW(DP_BOTH, "-Z zeroes what is shown, not what counts")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	elvs_zero(t->e, NULL);
	DP_CHECK(t, !dest_of(t, RS(1)).counters.conns && !dest_of(t, RS(1)).counters.inpkts, "not zeroed");
	load_is(t, RS(1), 1, 0, 0);
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	DP_CHECK(t, dest_of(t, RS(1)).counters.inpkts == 1 && !dest_of(t, RS(1)).counters.conns, "counts from there");
}
