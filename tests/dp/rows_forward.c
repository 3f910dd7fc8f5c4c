/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_forward - what each way of forwarding does to a packet, and to the answer where there is one.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

/* ---- DR ---- */

ROW(DP_ALL, "DR changes the MAC addresses and the TTL and nothing else")
{
	struct pkt syn = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, syn, dr(syn, 1));
}

ROW(DP_ALL, "DR: later packets of a connection follow the first")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	p.payload = 1460;
	p.tcpopts = 0;
	forwarded(t, p, dr(p, 2));
	p.payload = 0;
	p.flags = FIN | ACK;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_ALL, "DR over IPv6 changes the MAC addresses and the hop limit and nothing else")
{
	struct pkt p = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	server(t, "[fd00:1::12]:80 dr");
	forwarded(t, p, dr(p, 2));
	p.flags = ACK;
	p.payload = 700;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_ALL, "DR: UDP datagrams of one client port stay with one server")
{
	struct pkt p = UDP4;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	server(t, RS(2) ":53 dr");
	forwarded(t, p, dr(p, 2));
	forwarded(t, p, dr(p, 2));
	p.sport++;
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT, 30000, "UDP", 300);
}

ROW(DP_ALL, "DR: UDP over IPv6")
{
	struct pkt p = UDP6;

	service(t, "udp [fd00:1::100]:53 rr");
	server(t, "[fd00:1::11]:53 dr");
	forwarded(t, p, dr(p, 1));
	conn_is(t, CLIENT6, 30000, "UDP", 300);
}

ROW(DP_ALL, "DR leaves wrong checksums as wrong as they were")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.csum = CSUM_WRONG;
	forwarded(t, p, dr(p, 1));
}

ROW(DP_ALL, "DR keeps UDP checksum 0 over IPv4")
{
	struct pkt p = UDP4;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	p.csum = CSUM_ZERO;
	forwarded(t, p, dr(p, 1));
}

ROW(DP_ALL, "DR out of another interface takes that interface's source MAC")
{
	struct pkt p = SYN4, out = dr(p, 1);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "10.2.0.11:80 dr");
	out.smac = M_DIR1;
	forwarded(t, p, out);
}

/* ---- NAT ---- */

ROW(DP_ALL, "NAT rewrites destination address and port, and the answer's source back")
{
	struct pkt p = SYN4, a = answer(p, 1, 8080);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP, 80));
	p.flags = ACK;
	p.payload = 99;
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = ACK;
	a.payload = 1400;
	replied(t, a, answer_seen(a, VIP, 80));
	conn_is(t, CLIENT, 30000, "ESTABLISHED", 900);
}

ROW(DP_ALL, "NAT without port mapping rewrites addresses only")
{
	struct pkt p = SYN4, a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	forwarded(t, p, nat(p, 1, 80));
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP, 80));
}

ROW(DP_ALL, "NAT over IPv6, with port mapping, both ways")
{
	struct pkt p = SYN6, a = answer(p, 1, 8080);

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP6, 80));
	p.flags = ACK;
	p.payload = 333;
	forwarded(t, p, nat(p, 1, 8080));
	conn_is(t, CLIENT6, 30000, "ESTABLISHED", 900);
}

ROW(DP_ALL, "NAT of UDP, both ways")
{
	struct pkt p = UDP4, a = answer(p, 1, 5353);

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	forwarded(t, p, nat(p, 1, 5353));
	replied(t, a, answer_seen(a, VIP, 53));
}

ROW(DP_ALL, "NAT of UDP over IPv6, both ways")
{
	struct pkt p = UDP6, a = answer(p, 1, 5353);

	service(t, "udp [fd00:1::100]:53 rr");
	server(t, "[fd00:1::11]:5353 nat");
	forwarded(t, p, nat(p, 1, 5353));
	replied(t, a, answer_seen(a, VIP6, 53));
}

ROW(DP_ALL, "NAT's incremental checksums equal full ones for 500 payloads, ports and clients")
{
	struct pkt p = UDP4, s = SYN4;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	s.src = p.src = NULL;
	for (int i = 0; i < 500; i++) {
		p.src4 = s.src4 = 0x0a000100 + i * 7;
		p.sport = 1024 + i * 129;
		s.sport = 65535 - i * 31;
		p.payload = 2 + i % 200;
		p.salt = i * 1237;
		s.seq = i * 0x01234567u;
		p.id = s.id = i * 257;
		forwarded(t, p, nat(p, 1, 5353));
		forwarded(t, s, nat(s, 1, 8080));
	}
}

ROW(DP_ALL, "NAT that makes a UDP checksum come out as 0 writes 0xffff")
{
	struct pkt p = UDP4, out;
	uint8_t b[PKT_MAX];
	int salt;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	for (salt = 0; salt < 65536; salt++) {
		p.salt = salt;
		out = nat(p, 1, 5353);
		pkt_build(&out, b);
		if (b[pkt_l4_off(&out) + 6] == 0xff && b[pkt_l4_off(&out) + 7] == 0xff)
			break;
	}
	DP_CHECK(t, salt < 65536, "row is wrong: no payload makes that sum");
	forwarded(t, p, out);
}

ROW(DP_ALL, "NAT keeps a wrong checksum wrong by as much, so that the real server notices")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	p.csum = CSUM_WRONG;
	forwarded(t, p, nat(p, 1, 8080));
}

ROW(DP_ALL, "NAT leaves IPv4 UDP without a checksum without one, both ways")
{
	struct pkt p = UDP4, a = answer(p, 1, 5353);

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	p.csum = a.csum = CSUM_ZERO;
	forwarded(t, p, nat(p, 1, 5353));
	replied(t, a, answer_seen(a, VIP, 53));
}

ROW(DP_ALL, "NAT answers of a server to which nobody is connected are not touched")
{
	struct pkt p = SYN4, a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	a.flags = ACK;
	a.dst = "10.0.0.9";
	left_alone(t, ELVS_V_NO_CONNECTION, a);
	forwarded(t, p, nat(p, 1, 80));
	left_alone(t, ELVS_V_NO_CONNECTION, a);
	a.dst = CLIENT;
	a.dport++;
	left_alone(t, ELVS_V_NO_CONNECTION, a);
}

ROW(DP_ALL, "NAT answers come in on the servers' interface and leave by the clients'")
{
	struct pkt p = SYN4, out = nat(p, 1, 80), a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "10.2.0.11:80 nat");
	out.dst = "10.2.0.11";
	out.smac = M_DIR1;
	forwarded(t, p, out);
	t->in = t->ifindex[1];
	a.src = "10.2.0.11";
	a.dmac = M_DIR1;
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP, 80));
}

ROW(DP_ALL, "two services of one NAT server: each answer gets its own service's address")
{
	struct pkt p = SYN4, q = SYN4, a = answer(p, 1, 80), b;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	service(t, "tcp 10.1.0.100:81 rr");
	server(t, RS(1) ":80 nat");
	q.dport = 81;
	q.sport = 30001;
	b = answer(q, 1, 80);
	a.flags = b.flags = SYN | ACK;
	forwarded(t, p, nat(p, 1, 80));
	forwarded(t, q, nat(q, 1, 80));
	replied(t, a, answer_seen(a, VIP, 80));
	replied(t, b, answer_seen(b, VIP, 81));
}

/* ---- TUN ---- */

ROW(DP_ALL, "TUN puts an IPv4 header around IPv4 (RFC 2003): outer TTL, TOS and DF as the inner")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	p.tos = 0xb8;
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	p.df = false;
	p.payload = 200;
	forwarded(t, p, tun(p, 1));
	p.ttl = 5;
	forwarded(t, p, tun(p, 1));
}

ROW(DP_ALL, "TUN puts an IPv6 header around IPv6 (RFC 2473)")
{
	struct pkt p = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	p.tos = 0xb8;
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	p.payload = 800;
	forwarded(t, p, tun(p, 1));
}

ROW(DP_ALL, "TUN puts an IPv6 header around IPv4")
{
	struct pkt p = SYN4, out = tun(p, 1);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	out.tun_src = DIP6;
	out.tun_dst = RS6(1);
	forwarded(t, p, out);
	p.flags = out.flags = ACK;
	forwarded(t, p, out);
}

ROW(DP_ALL, "TUN puts an IPv4 header around IPv6")
{
	struct pkt p = SYN6, out = tun(p, 1);

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, RS(1) ":80 tun");
	out.tun_src = DIP;
	out.tun_dst = RS(1);
	forwarded(t, p, out);
	p.flags = out.flags = ACK;
	forwarded(t, p, out);
}

ROW(DP_ALL, "TUN: a congestion mark on the inner header leaves as ECN-capable on the outer (RFC 3168)")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	for (int ecn = 0; ecn < 4; ecn++) {
		p.tos = 0x28 | ecn;
		p.sport = 31000 + ecn;
		forwarded(t, p, tun(p, 1));
	}
}

ROW(DP_ALL, "TUN of UDP, both families")
{
	struct pkt p = UDP4, q = UDP6;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 tun");
	forwarded(t, p, tun(p, 1));
	service(t, "udp [fd00:1::100]:53 rr");
	server(t, "[fd00:1::12]:53 tun");
	forwarded(t, q, tun(q, 2));
}

ROW(DP_ALL, "every way of forwarding side by side in one service")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":8080 nat");
	server(t, RS(3) ":80 tun");
	forwarded(t, p, tun(p, 3));
	p.sport++;
	forwarded(t, p, nat(p, 2, 8080));
	p.sport++;
	forwarded(t, p, dr(p, 1));
	p.flags = ACK;
	p.sport = 30000;
	forwarded(t, p, tun(p, 3));
	p.sport++;
	forwarded(t, p, nat(p, 2, 8080));
	p.sport++;
	forwarded(t, p, dr(p, 1));
}

/* ---- accounting ---- */

ROW(DP_ALL, "packets and bytes (of IP) are counted for the server, both ways")
{
	struct pkt p = SYN4, a = answer(p, 1, 8080);
	struct elvs_dest_info d;
	size_t in = 0, out = 0;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	in += pkt_ip_len(&p);
	forwarded(t, p, nat(p, 1, 8080));
	a.flags = SYN | ACK;
	out += pkt_ip_len(&a);
	replied(t, a, answer_seen(a, VIP, 80));
	p.flags = ACK;
	p.payload = 1000;
	for (int i = 0; i < 9; i++) {
		in += pkt_ip_len(&p);
		forwarded(t, p, nat(p, 1, 8080));
	}
	d = dest_of(t, RS(1));
	DP_CHECK(t,
		 d.counters.conns == 1 && d.counters.inpkts == 10 && d.counters.outpkts == 1 &&
			 d.counters.inbytes == in && d.counters.outbytes == out,
		 "counted conns %llu inpkts %llu outpkts %llu inbytes %llu outbytes %llu; sent 1 10 1 %zu %zu",
		 (unsigned long long)d.counters.conns, (unsigned long long)d.counters.inpkts,
		 (unsigned long long)d.counters.outpkts, (unsigned long long)d.counters.inbytes,
		 (unsigned long long)d.counters.outbytes, in, out);
}

ROW(DP_ALL, "tunnelled bytes are counted without the outer header")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	forwarded(t, p, tun(p, 1));
	DP_CHECK(t, dest_of(t, RS(1)).counters.inbytes == pkt_ip_len(&p), "%llu bytes for %zu",
		 (unsigned long long)dest_of(t, RS(1)).counters.inbytes, pkt_ip_len(&p));
}
