/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_passive - what the data plane notes of servers that do not answer: handshakes completed, ended without, and
 * SYNs that clients had to repeat.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

static void passive_is(struct dp *t, const char *server, unsigned conns_, unsigned established, unsigned unanswered,
		       unsigned repeated)
{
	struct elvs_passive p = dest_of(t, server).passive;

	DP_CHECK(t,
		 p.conns == conns_ && p.established == established && p.unanswered == unanswered &&
			 p.repeated == repeated,
		 "server %s: %d connections, %d established, %d unanswered, %d repeated; expected %u, %u, %u, %u",
		 server, (int)p.conns, (int)p.established, (int)p.unanswered, (int)p.repeated, conns_, established,
		 unanswered, repeated);
}

/* Everything that is there expires. */
static void wait_out(struct dp *t, double sec)
{
	clock_add(t, sec);
	sweep(t);
	DP_CHECK(t, !conns(t), "%u connections are left", conns(t));
}

ROW(DP_ALL, "passive: DR, a client that goes on has been answered; one that repeats its SYN and gives up has not")
{
	struct pkt p = SYN4, q = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	passive_is(t, RS(1), 1, 0, 0, 0);
	p.flags = ACK;
	forwarded(t, p, dr(p, 1));
	forwarded(t, p, dr(p, 1));
	passive_is(t, RS(1), 1, 1, 0, 0);
	q.sport++;
	for (int i = 0; i < 3; i++) {
		forwarded(t, q, dr(q, 1));
		passive_is(t, RS(1), 2, 1, 0, i);
		clock_add(t, 1);
	}
	p.flags = FIN | ACK;
	forwarded(t, p, dr(p, 1));
	clock_add(t, 61);
	sweep(t);
	passive_is(t, RS(1), 2, 1, 1, 2);
	wait_out(t, 300);
	passive_is(t, RS(1), 2, 1, 1, 2);
	elvs_zero(t->e, NULL);
	passive_is(t, RS(1), 2, 1, 1, 2);
}

ROW(DP_ALL, "passive: NAT, a server that has answered is not to blame for a client that has gone")
{
	struct pkt p = SYN4, q = SYN4, a = answer(p, 1, 8080);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP, 80));
	replied(t, a, answer_seen(a, VIP, 80));
	q.sport++;
	forwarded(t, q, nat(q, 1, 8080));
	passive_is(t, RS(1), 2, 0, 0, 0);
	wait_out(t, 61);
	passive_is(t, RS(1), 2, 0, 1, 0);
}

ROW(DP_ALL, "passive: NAT, a refusal counts at once and only once")
{
	struct pkt p = SYN4, a = answer(p, 1, 8080);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = RST | ACK;
	replied(t, a, answer_seen(a, VIP, 80));
	passive_is(t, RS(1), 1, 0, 1, 0);
	wait_out(t, 11);
	passive_is(t, RS(1), 1, 0, 1, 0);
}

ROW(DP_ALL, "passive: IPv6, wide connections are counted alike")
{
	struct pkt p = SYN6, q = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	forwarded(t, p, tun(p, 1));
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	forwarded(t, p, tun(p, 1));
	q.sport++;
	forwarded(t, q, tun(q, 1));
	clock_add(t, 61);
	sweep(t);
	passive_is(t, RS6(1), 2, 1, 1, 1);
}

ROW(DP_ALL, "passive: datagrams are not handshakes")
{
	struct pkt p = UDP4;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	forwarded(t, p, dr(p, 1));
	forwarded(t, p, dr(p, 1));
	wait_out(t, 301);
	passive_is(t, RS(1), 1, 0, 0, 0);
}
