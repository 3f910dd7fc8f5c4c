/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_bad - packets that are not ours, or that nobody should have sent: left as they are, or dropped under a name.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

static void four_services(struct dp *t)
{
	service(t, "udp [fd00:1::100]:53 rr");
	server(t, "[fd00:1::11]:53 nat");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 tun");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
}

/* ---- not ours ---- */

ROW(DP_ALL, "a frame for another MAC address is left alone")
{
	struct pkt p = SYN4;

	four_services(t);
	p.dmac = M_OTHER;
	left_alone(t, ELVS_V_NOT_FOR_US, p);
	p.dmac = M_BROADCAST;
	left_alone(t, ELVS_V_NOT_FOR_US, p);
	p.dmac = M_DIR1;
	left_alone(t, ELVS_V_NOT_FOR_US, p);
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_ALL, "a service whose address is not on this host is left alone")
{
	struct pkt p = SYN4;

	four_services(t);
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, false);
	left_alone(t, ELVS_V_VIP_NOT_LOCAL, p);
	elvs_vip_set_local(t->e, AF_INET, &t->svc.key.addr, true);
	forwarded(t, p, nat(p, 1, 80));
}

ROW(DP_ALL, "no service on this port, protocol or address: left alone")
{
	struct pkt p = SYN4, u = UDP4, s = SYN6;

	four_services(t);
	p.dport = 81;
	left_alone(t, ELVS_V_NO_SERVICE, p);
	u.dport = 80;
	left_alone(t, ELVS_V_NO_SERVICE, u);
	s.dst = DIP6;
	left_alone(t, ELVS_V_NO_SERVICE, s);
	p.dport = 80;
	p.dst = DIP;
	left_alone(t, ELVS_V_NO_SERVICE, p);
}

ROW(DP_ALL, "without any service everything is left alone")
{
	struct pkt p = SYN4, u = UDP6;

	left_alone(t, ELVS_V_NO_SERVICE, p);
	left_alone(t, ELVS_V_NO_SERVICE, u);
}

ROW(DP_ALL, "neither IPv4 nor IPv6: left alone")
{
	struct pkt p = SYN4;

	four_services(t);
	p.ethertype = 0x0806; /* ARP */
	left_alone(t, ELVS_V_NOT_IP, p);
	p.ethertype = 0x88cc; /* LLDP */
	left_alone(t, ELVS_V_NOT_IP, p);
}

ROW(DP_ALL, "neither TCP nor UDP to a virtual address: left to the stack (which answers pings, AH, IPIP ...)")
{
	static const uint8_t protos[] = {
		IPPROTO_ICMP, IPPROTO_IGMP, IPPROTO_IPIP, IPPROTO_GRE, IPPROTO_SCTP, 51, 255
	};
	uint8_t b[PKT_MAX];
	struct pkt p = SYN4;

	four_services(t);
	p.payload = 40;
	for (size_t i = 0; i < sizeof(protos); i++) {
		p.proto = protos[i];
		DP_CHECK(t, dp_run(t, b, pkt_build(&p, b), &t->out) == DP_UP, "protocol %u was not passed up",
			 protos[i]);
		DP_CHECK(t, !memcmp(b, t->out.b, t->out.len), "protocol %u was changed", protos[i]);
	}
	DP_CHECK(t, !conns(t), "it made a connection");
}

/* ---- no connection, and none to be made ---- */

ROW(DP_ALL, "a segment that opens no connection and belongs to none is left to the stack, which answers RST")
{
	static const uint8_t flags[] = {
		ACK, FIN | ACK, RST, RST | ACK, FIN, PSH | ACK, 0, SYN | RST, SYN | RST | ACK
	};
	struct pkt p = SYN4;

	four_services(t);
	for (size_t i = 0; i < sizeof(flags); i++) {
		p.flags = flags[i];
		left_alone(t, ELVS_V_NO_CONNECTION, p);
	}
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_ALL, "SYN+ACK and SYN+FIN do open a connection, as in IPVS")
{
	struct pkt p = SYN4;

	four_services(t);
	p.flags = SYN | ACK;
	forwarded(t, p, nat(p, 1, 80));
	p.sport++;
	p.flags = SYN | FIN;
	forwarded(t, p, nat(p, 1, 80));
}

/* ---- cut short ---- */

/* BPF_PROG_RUN refuses frames that TC never sees: without an IP header, if they say that they have one. */
static size_t shortest(struct dp *t, const struct pkt *p)
{
	if (t->hook != DP_TC)
		return 14;
	return p->vlan ? 15 : strchr(p->dst, ':') ? 14 + 40 : 14 + 20;
}

/* A packet cut at every length is never sent, never changed, and makes no connection. */
static void cut_everywhere(struct dp *t, struct pkt p)
{
	uint8_t b[PKT_MAX];
	size_t len = pkt_build(&p, b), whole = len;
	unsigned before = conns(t);

	for (len = shortest(t, &p); len < whole; len++) {
		enum dp_act act = dp_run(t, b, len, &t->out);

		DP_CHECK(t, act != DP_SENT, "cut to %zu of %zu bytes it was sent", len, whole);
		DP_CHECK(t, act == DP_DROPPED || (t->out.len == len && !memcmp(t->out.b, b, len)),
			 "cut to %zu of %zu bytes it was changed", len, whole);
	}
	DP_CHECK(t, conns(t) == before, "a cut packet made a connection");
}

ROW(DP_ALL, "a packet cut anywhere is never sent, never changed, makes no connection")
{
	struct pkt p = SYN4, q = SYN6, u = UDP4, v = UDP6, o = SYN4, e = SYN6, w = SYN4;

	four_services(t);
	cut_everywhere(t, p);
	cut_everywhere(t, q);
	cut_everywhere(t, u);
	cut_everywhere(t, v);
	o.ipopts = 40;
	cut_everywhere(t, o);
	e.exthdr = 3;
	cut_everywhere(t, e);
	w.vlan = 5;
	cut_everywhere(t, w);
	w.vlan2 = 6;
	cut_everywhere(t, w);
}

ROW(DP_ALL, "a NAT answer cut anywhere is never sent, never changed")
{
	struct pkt p = SYN4, a = answer(p, 1, 80);

	four_services(t);
	forwarded(t, p, nat(p, 1, 80));
	a.flags = SYN | ACK;
	a.payload = 20;
	cut_everywhere(t, a);
	replied(t, a, answer_seen(a, VIP, 80));
}

ROW(DP_ALL, "a transport header that the IP length cuts short is not ours, whatever follows in the frame")
{
	struct pkt p = SYN4, u = UDP4;
	uint8_t b[PKT_MAX];
	size_t len;

	four_services(t);
	for (int n = 0; n < 20; n++) {
		len = pkt_build(&p, b);
		b[17] = 20 + n;
		b[24] = b[25] = 0;
		uint32_t sum = ~pkt_sum(b + 14, 20, 0);
		b[24] = sum >> 8;
		b[25] = sum;
		packet_raw(t, b, len, &(struct dp_want){ DP_UP, ELVS_V_TRUNCATED });
	}
	for (int n = 0; n < 8; n++) {
		len = pkt_build(&u, b);
		b[17] = 20 + n;
		packet_raw(t, b, len, &(struct dp_want){ DP_UP, ELVS_V_TRUNCATED });
	}
}

/* ---- wrong headers ---- */

static void one_byte_wrong(struct dp *t, struct pkt p, size_t at, uint8_t v, enum elvs_verdict verdict)
{
	uint8_t b[PKT_MAX];
	size_t len = pkt_build(&p, b);

	b[at] = v;
	packet_raw(t, b, len, &(struct dp_want){ DP_DROPPED, verdict });
}

ROW(DP_ALL, "IPv4 with a wrong version, header length or total length is dropped as such")
{
	struct pkt p = SYN4;

	four_services(t);
	one_byte_wrong(t, p, 14, 0x44, ELVS_V_BAD_HEADER); /* header of 16 bytes */
	one_byte_wrong(t, p, 14, 0x40, ELVS_V_BAD_HEADER);
	one_byte_wrong(t, p, 14, 0x65, ELVS_V_BAD_HEADER); /* version 6 under IPv4's ethertype */
	one_byte_wrong(t, p, 14, 0x05, ELVS_V_BAD_HEADER);
	one_byte_wrong(t, p, 17, 19, ELVS_V_BAD_HEADER);   /* total length less than the header's */
	one_byte_wrong(t, p, 16, 0xff, ELVS_V_BAD_HEADER); /* more than the frame holds */
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_ALL, "IPv6 with a wrong version or payload length is dropped as such")
{
	struct pkt p = SYN6;

	four_services(t);
	one_byte_wrong(t, p, 14, 0x45, ELVS_V_BAD_HEADER);
	one_byte_wrong(t, p, 18, 0x7f, ELVS_V_BAD_HEADER);
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_ALL, "a TCP data offset of less than five words is not TCP to us")
{
	struct pkt p = SYN4;
	uint8_t b[PKT_MAX];
	size_t len = pkt_build(&p, b);

	four_services(t);
	for (int doff = 0; doff < 5; doff++) {
		b[14 + 20 + 12] = doff << 4;
		packet_raw(t, b, len, &(struct dp_want){ DP_UP, ELVS_V_TRUNCATED });
	}
}

ROW(DP_ALL, "IPv6 extension headers that claim to be longer than the packet lead nowhere")
{
	struct pkt p = SYN6;
	uint8_t b[PKT_MAX];
	size_t len;

	four_services(t);
	p.exthdr = 2;
	for (int n = 2; n < 256; n++) {
		enum dp_act act;

		len = pkt_build(&p, b);
		b[14 + 40 + 1] = n;
		act = dp_run(t, b, len, &t->out);
		DP_CHECK(t, act != DP_SENT, "sent with an extension header of %d bytes", (n + 1) * 8);
		DP_CHECK(t, act == DP_DROPPED || !memcmp(b, t->out.b, len), "changed");
	}
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_ALL, "an endless chain of IPv6 extension headers is left alone")
{
	struct pkt p = SYN6;
	uint8_t b[PKT_MAX];

	four_services(t);
	p.exthdr = 20;
	DP_CHECK(t, dp_run(t, b, pkt_build(&p, b), &t->out) != DP_SENT, "it was sent");
	DP_CHECK(t, !conns(t), "it made a connection");
}

/* ---- loops ---- */

ROW(DP_ALL, "a packet that claims to come from the virtual address itself is not forwarded")
{
	struct pkt p = SYN4, u = UDP4, s = SYN6;
	uint8_t b[PKT_MAX];

	four_services(t);
	p.src = VIP;
	p.sport = 80; /* the land attack */
	u.src = VIP;
	s.src = VIP6;
	s.sport = 80;
	DP_CHECK(t, dp_run(t, b, pkt_build(&p, b), &t->out) != DP_SENT, "TCP over IPv4: it was");
	DP_CHECK(t, dp_run(t, b, pkt_build(&u, b), &t->out) != DP_SENT, "UDP over IPv4: it was");
	DP_CHECK(t, dp_run(t, b, pkt_build(&s, b), &t->out) != DP_SENT, "TCP over IPv6: it was");
}

ROW(DP_ALL, "a packet sent round a loop of directors dies of its TTL")
{
	struct pkt p = SYN4;
	int rounds;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.ttl = 9;
	for (rounds = 0; rounds < 20; rounds++) {
		if (p.ttl == 1)
			break;
		forwarded(t, p, dr(p, 1));
		p.ttl--; /* as it came out, back to us */
	}
	icmp_error(t, ELVS_V_TC_TTL, p, VIP, 11, 0, 0);
	DP_CHECK(t, rounds == 8, "%d rounds", rounds);
}

ROW(DP_ALL, "our own tunnel packets coming back are not wrapped again")
{
	struct pkt p = SYN4, back;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	forwarded(t, p, tun(p, 1));
	back = tun(p, 1);
	back.dmac = M_DIR;
	back.smac = M_RS1;
	back.tun_dst = VIP; /* a real server that sends it to where it should not */
	packet(t, &back, &(struct dp_want){ DP_UP, ELVS_V_OTHER_PROTOCOL });
}

ROW(DP_ALL, "a server that is the virtual address of another service does not make packets circle")
{
	struct pkt p = SYN4;
	uint8_t b[PKT_MAX];

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, VIP ":81 nat");
	service(t, "tcp 10.1.0.100:81 rr");
	server(t, VIP ":80 nat");
	p.dport = 80;
	DP_CHECK(t, dp_run(t, b, pkt_build(&p, b), &t->out) != DP_SENT, "it was sent out");
}

/* ---- anything at all ---- */

ROW(DP_ALL, "20,000 packets with random bytes changed: no verdict INTERNAL, nothing passed up is changed")
{
	struct pkt kinds[] = { SYN4, SYN6, UDP4, UDP6, SYN4, SYN6, SYN4 };
	uint8_t b[PKT_MAX];
	uint32_t x = 0x2545f491;

	four_services(t);
	kinds[4].ipopts = 12;
	kinds[5].exthdr = 2;
	kinds[6].vlan = 100;
	for (int i = 0; i < 20000; i++) {
		struct pkt p = kinds[i % 7];
		size_t len;
		enum dp_act act;

		p.sport = 1024 + i % 5000;
		len = pkt_build(&p, b);
		for (int n = 0; n <= i % 4; n++) {
			x ^= x << 13, x ^= x >> 17, x ^= x << 5;
			b[12 + (x >> 8) % (len - 12)] = x;
		}
		act = dp_run(t, b, len, &t->out);
		DP_CHECK(t, act != DP_UP || t->hook == DP_TC || (t->out.len == len && !memcmp(b, t->out.b, len)),
			 "packet %d was passed up changed", i);
		DP_CHECK(t, act != DP_SENT || t->out.len + (p.vlan ? 4 : 0) >= len, "packet %d was sent shorter", i);
	}
}
