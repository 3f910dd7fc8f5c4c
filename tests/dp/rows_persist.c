/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_persist - persistence templates: per client, netmask, port and service; their time-outs, their children.
 */
#include <netinet/in.h>
#include <string.h>

#include "dp.h"

#define SYN4                                                                         \
	{                                                                            \
		.src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN \
	}

static struct pkt from(const char *client, uint16_t sport)
{
	return (struct pkt){ .src = client, .dst = VIP, .sport = sport, .dport = 80, .flags = SYN };
}

static void three_servers(struct dp *t)
{
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	server(t, RS(3) ":80 dr");
}

ROW(DP_BOTH, "persistence: one client's connections all go to one server, another client's to the next")
{
	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	for (int i = 0; i < 5; i++)
		forwarded(t, from(CLIENT, 30000 + i), dr(from(CLIENT, 30000 + i), 3));
	for (int i = 0; i < 3; i++)
		forwarded(t, from("10.0.0.3", 30000 + i), dr(from("10.0.0.3", 30000 + i), 2));
	forwarded(t, from("10.0.0.4", 1024), dr(from("10.0.0.4", 1024), 1));
	forwarded(t, from(CLIENT, 1024), dr(from(CLIENT, 1024), 3));
	DP_CHECK(t, templates(t) == 3 && conns(t) == 10, "%u templates, %u connections", templates(t), conns(t));
	load_is(t, RS(3), 6, 0, 1);
	load_is(t, RS(2), 3, 0, 1);
	load_is(t, RS(1), 1, 0, 1);
}

ROW(DP_BOTH, "a template: client without port, virtual address and port, the server's port; NONE, then ASSURED")
{
	struct pkt p = SYN4;
	struct elvs_conn c;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	c = conn_of(t, CLIENT, 0);
	DP_CHECK(t,
		 c.is_template && c.proto == IPPROTO_TCP && c.vport == htons(80) && c.dport == htons(80) &&
			 c.vaddr.v4.s_addr == htonl(0x0a010064) && c.daddr.v4.s_addr == htonl(0x0a01000d),
		 "proto %u vport %u dport %u vaddr %08x daddr %08x", c.proto, ntohs(c.vport), ntohs(c.dport),
		 ntohl(c.vaddr.v4.s_addr), ntohl(c.daddr.v4.s_addr));
	conn_is(t, CLIENT, 0, "NONE", 30);
	p.flags = ACK;
	forwarded(t, p, dr(p, 3));
	conn_is(t, CLIENT, 0, "ASSURED", 30);
}

ROW(DP_BOTH, "a template's time begins anew with each new connection, not with each packet")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	clock_add(t, 20);
	p.flags = ACK;
	forwarded(t, p, dr(p, 3));
	conn_is(t, CLIENT, 0, "ASSURED", 10);
	p.flags = SYN;
	p.sport++;
	forwarded(t, p, dr(p, 3));
	conn_is(t, CLIENT, 0, "ASSURED", 30);
}

ROW(DP_BOTH, "a template past its time lives on in steps of 60 s while connections made from it live")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	p.flags = ACK;
	forwarded(t, p, dr(p, 3)); /* ESTABLISHED: 900 s */
	clock_add(t, 30);
	sweep(t);
	conn_is(t, CLIENT, 0, "ASSURED", 60);
	clock_add(t, 59);
	sweep(t);
	conn_is(t, CLIENT, 0, "ASSURED", 1);
	clock_add(t, 1);
	sweep(t);
	conn_is(t, CLIENT, 0, "ASSURED", 60);
	p.flags = RST;
	forwarded(t, p, dr(p, 3)); /* CLOSE: 10 s */
	clock_add(t, 11);
	sweep(t);
	DP_CHECK(t, !conns(t) && templates(t) == 1, "%u connections, %u templates", conns(t), templates(t));
	load_is(t, RS(3), 0, 0, 1);
	clock_add(t, 49);
	sweep(t);
	DP_CHECK(t, !templates(t), "the template outlives its last connection by more than its step");
	load_is(t, RS(3), 0, 0, 0);
}

ROW(DP_BOTH, "a template ends after its time when its connections are gone; the client is then scheduled anew")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 100");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	clock_add(t, 61);
	sweep(t);
	DP_CHECK(t, !conns(t) && templates(t) == 1, "%u connections, %u templates", conns(t), templates(t));
	p.sport++;
	forwarded(t, p, dr(p, 3));
	clock_add(t, 101);
	sweep(t);
	sweep(t);
	clock_add(t, 61);
	sweep(t);
	DP_CHECK(t, !templates(t), "%u templates", templates(t));
	p.sport++;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_BOTH, "netmask: clients of one network share a template, others do not")
{
	service(t, "tcp 10.1.0.100:80 rr persistent 30 mask 255.255.255.252");
	three_servers(t);
	forwarded(t, from("10.0.1.0", 1), dr(from("10.0.1.0", 1), 3));
	forwarded(t, from("10.0.1.3", 1), dr(from("10.0.1.3", 1), 3));
	forwarded(t, from("10.0.1.4", 1), dr(from("10.0.1.4", 1), 2));
	forwarded(t, from("10.0.1.7", 1), dr(from("10.0.1.7", 1), 2));
	forwarded(t, from("10.0.1.2", 1), dr(from("10.0.1.2", 1), 3));
	DP_CHECK(t, templates(t) == 2, "%u templates", templates(t));
	conn_is(t, "10.0.1.4", 0, "NONE", 30);
}

ROW(DP_BOTH, "IPv6 netmask: a prefix of any length")
{
	struct pkt p = { .src = "fd00:0:0:1::1", .dst = VIP6, .sport = 1, .dport = 80, .flags = SYN };

	service(t, "tcp [fd00:1::100]:80 rr persistent 30 mask 65");
	server(t, "[fd00:1::11]:80 dr");
	server(t, "[fd00:1::12]:80 dr");
	forwarded(t, p, dr(p, 2));
	p.src = "fd00:0:0:1:7fff::9";
	forwarded(t, p, dr(p, 2));
	p.src = "fd00:0:0:1:8000::1";
	forwarded(t, p, dr(p, 1));
	p.src = "fd00:0:0:2::1";
	forwarded(t, p, dr(p, 2));
	DP_CHECK(t, templates(t) == 3, "%u templates", templates(t));
}

ROW(DP_BOTH, "two services of one address, each persistent: a template per port (PPC)")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:443 rr persistent 30");
	server(t, RS(1) ":443 dr");
	server(t, RS(2) ":443 dr");
	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	p.dport = 443;
	forwarded(t, p, dr(p, 2));
	p.sport++;
	forwarded(t, p, dr(p, 2));
	p.dport = 80;
	forwarded(t, p, dr(p, 3));
}

ROW(DP_BOTH, "a persistent service of port 0 takes every port of its protocol, a client stays with one server (PCC)")
{
	struct pkt p = SYN4, u = SYN4;
	struct elvs_conn c;

	service(t, "tcp 10.1.0.100:0 rr persistent 60");
	server(t, RS(1) ":0 dr");
	server(t, RS(2) ":0 dr");
	server(t, RS(3) ":0 nat");
	p.dport = 22;
	forwarded(t, p, nat(p, 3, 22));
	p.dport = 8443;
	p.sport++;
	forwarded(t, p, nat(p, 3, 8443));
	p.src = "10.0.0.3";
	forwarded(t, p, dr(p, 2));
	c = conn_of(t, CLIENT, 0);
	DP_CHECK(t, c.vport == 0 && c.dport == 0, "template: vport %u dport %u", ntohs(c.vport), ntohs(c.dport));
	c = conn_of(t, CLIENT, 30001);
	DP_CHECK(t, c.vport == htons(8443) && c.dport == htons(8443), "connection: vport %u dport %u", ntohs(c.vport),
		 ntohs(c.dport));
	u.proto = IPPROTO_UDP;
	left_alone(t, ELVS_V_NO_SERVICE, u);
}

ROW(DP_BOTH, "a port-0 NAT service: answers of any port go back to the client")
{
	struct pkt p = SYN4, a = answer(p, 1, 2222);

	service(t, "tcp 10.1.0.100:0 rr persistent 60");
	server(t, RS(1) ":0 nat");
	p.dport = 2222;
	a.flags = SYN | ACK;
	forwarded(t, p, nat(p, 1, 2222));
	replied(t, a, answer_seen(a, VIP, 2222));
}

ROW(DP_BOTH, "a service with the very port goes before the service of port 0")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:0 rr persistent 60");
	server(t, RS(1) ":0 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	p.dport = 81;
	forwarded(t, p, dr(p, 1));
}

ROW(DP_BOTH, "a server of weight 0 or over its threshold keeps the clients that have a template")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr u 2");
	forwarded(t, p, dr(p, 2));
	p.sport++;
	forwarded(t, p, dr(p, 2));
	p.sport++;
	forwarded(t, p, dr(p, 2)); /* the third of two */
	server_edit(t, RS(2) ":80 dr weight 0");
	p.sport++;
	forwarded(t, p, dr(p, 2));
	forwarded(t, from("10.0.0.3", 5), dr(from("10.0.0.3", 5), 1));
	forwarded(t, from("10.0.0.4", 5), dr(from("10.0.0.4", 5), 1));
}

ROW(DP_BOTH, "a template whose server was removed is not used: the client gets another server and another template")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	server_del(t, RS(3) ":80");
	dropped(t, ELVS_V_DEST_GONE, p);
	p.sport++;
	forwarded(t, p, dr(p, 2));
	p.sport++;
	forwarded(t, p, dr(p, 2));
	load_is(t, RS(2), 2, 0, 1);
}

ROW(DP_BOTH, "a SYN in TIME_WAIT stays with the client's server when the service is persistent")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	three_servers(t);
	forwarded(t, p, dr(p, 3));
	p.flags = FIN;
	forwarded(t, p, dr(p, 3));
	conn_is(t, CLIENT, 30000, "TIME_WAIT", 120);
	p.flags = SYN;
	forwarded(t, p, dr(p, 3));
	conn_is(t, CLIENT, 30000, "SYN_RECV", 60);
	load_is(t, RS(3), 1, 0, 1);
}

ROW(DP_BOTH, "UDP: a template is ASSURED by the real server's answer")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 30000, .dport = 53, .proto = IPPROTO_UDP, .payload = 9 };
	struct pkt a = answer(p, 1, 53);

	service(t, "udp 10.1.0.100:53 rr persistent 30");
	server(t, RS(1) ":53 nat");
	forwarded(t, p, nat(p, 1, 53));
	conn_is(t, CLIENT, 0, "NONE", 30);
	replied(t, a, answer_seen(a, VIP, 53));
	conn_is(t, CLIENT, 0, "ASSURED", 30);
}

ROW(DP_BOTH, "1,000 clients with three connections each: 1,000 templates, shared out evenly, and all gone in the end")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr persistent 30");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	server(t, RS(3) ":80 dr");
	server(t, RS(4) ":80 dr");
	p.src = NULL;
	for (int i = 0; i < 3000; i++) {
		p.src4 = 0x0a000100 + i % 1000;
		p.sport = 1024 + i / 1000;
		DP_CHECK(t, forwarded_somewhere(t, p) == M_RS4 - i % 4, "connection %d went to %02x", i, t->out.b[5]);
	}
	DP_CHECK(t, templates(t) == 1000 && conns(t) == 3000, "%u templates, %u connections", templates(t), conns(t));
	for (int i = 1; i <= 4; i++) {
		static const char *const rs[] = { "", RS(1), RS(2), RS(3), RS(4) };

		load_is(t, rs[i], 750, 0, 250);
	}
}
