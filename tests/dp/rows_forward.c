/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_forward - what each way of forwarding does to a packet, and to the answer where there is one.
 */
#include <netinet/in.h>
#include <string.h>

#include "dp.h"

#define SYN4 { .src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN, .tcpopts = 20, .id = 7, .df = true }
#define SYN6 { .src = CLIENT6, .dst = VIP6, .sport = 30000, .dport = 80, .flags = SYN, .tcpopts = 20, .flow = 0x12345 }
#define UDP4 { .src = CLIENT, .dst = VIP, .sport = 30000, .dport = 53, .proto = IPPROTO_UDP, .payload = 31, .id = 9 }
#define UDP6 { .src = CLIENT6, .dst = VIP6, .sport = 30000, .dport = 53, .proto = IPPROTO_UDP, .payload = 31 }

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

/* ---- header details that must survive ---- */

ROW(DP_ALL, "IPv4 options are kept in every mode")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":8080 nat");
	server(t, RS(3) ":80 tun");
	for (int n = 4; n <= 40; n += 12) {
		p.ipopts = n;
		forwarded(t, p, tun(p, 3));
		p.sport++;
		forwarded(t, p, nat(p, 2, 8080));
		p.sport++;
		forwarded(t, p, dr(p, 1));
		p.sport++;
	}
}

ROW(DP_ALL, "NAT answers with IPv4 options are translated")
{
	struct pkt p = SYN4, a = answer(p, 1, 8080);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	p.ipopts = a.ipopts = 8;
	a.flags = SYN | ACK;
	forwarded(t, p, nat(p, 1, 8080));
	replied(t, a, answer_seen(a, VIP, 80));
}

ROW(DP_ALL, "TTL 2 leaves as 1; IPv4, IPv6, request and answer")
{
	struct pkt p = SYN4, q = SYN6, a = answer(p, 1, 80);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 nat");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::12]:80 dr");
	p.ttl = q.ttl = a.ttl = 2;
	a.flags = SYN | ACK;
	forwarded(t, p, nat(p, 1, 80));
	replied(t, a, answer_seen(a, VIP, 80));
	forwarded(t, q, dr(q, 2));
}

ROW(DP_ALL, "TTL 1: TC answers time exceeded from the virtual address, as the kernel does")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.ttl = 1;
	icmp_error(t, ELVS_V_TC_TTL, p, VIP, 11, 0, 0);
}

ROW(DP_ALL, "hop limit 1: TC answers ICMPv6 time exceeded")
{
	struct pkt p = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	p.ttl = 1;
	icmp_error(t, ELVS_V_TC_TTL, p, VIP6, 3, 0, 0);
}

ROW(DP_ALL, "a payload after the IP packet's end (Ethernet padding) stays")
{
	struct pkt p = SYN4, out = dr(p, 1);
	uint8_t in[PKT_MAX] = { 0 }, want[PKT_MAX] = { 0 };
	size_t len;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.tcpopts = out.tcpopts = 0;
	len = pkt_build(&p, in);
	pkt_build(&out, want);
	memcpy(in + len, "\1\2\3\4\5\6", 6);
	memcpy(want + len, "\1\2\3\4\5\6", 6);
	DP_CHECK(t, dp_run(t, in, 60, &t->out) == DP_SENT, "a padded frame was not sent");
	DP_CHECK(t, t->out.len == 60 && !memcmp(t->out.b, want, 60), "a padded frame was sent changed");
}

ROW(DP_ALL, "IPv6 with extension headers in front of TCP reaches its server or is left to the stack, unchanged")
{
	struct pkt p = SYN6;
	uint8_t in[PKT_MAX], want[PKT_MAX];
	struct pkt out = dr(p, 1);
	size_t len;
	enum dp_act act;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	p.exthdr = out.exthdr = 1;
	len = pkt_build(&p, in);
	pkt_build(&out, want);
	act = dp_run(t, in, len, &t->out);
	DP_CHECK(t, act != DP_DROPPED, "dropped");
	DP_CHECK(t, t->out.len == len && !memcmp(t->out.b, act == DP_SENT ? want : in, len), "changed wrongly");
}

/* ---- VLAN tags (XDP: TC gets them beside the packet, which BPF_PROG_RUN cannot do) ---- */

ROW(DP_XDP | DP_FRAGS, "a VLAN tag is taken off a packet whose server is not in a VLAN, in every mode")
{
	struct pkt p = SYN4, q = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":8080 nat");
	server(t, RS(3) ":80 tun");
	p.vlan = q.vlan = 100;
	for (int rs = 3; rs >= 1; rs--) {
		struct pkt out = rs == 3 ? tun(p, 3) : rs == 2 ? nat(p, 2, 8080) : dr(p, 1);

		out.vlan = 0;
		forwarded(t, p, out);
		p.sport++;
	}
	p = dr(q, 1);
	p.vlan = 0;
	forwarded(t, q, p);
}

ROW(DP_XDP | DP_FRAGS, "a server in a VLAN gets its tag, also instead of the one the packet came with")
{
	struct pkt p = SYN4, out;
	struct elvs_hop h;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":8080 nat");
	server(t, RS(3) ":80 tun");
	for (int came_with = 0; came_with < 3; came_with++) {
		p.vlan = came_with ? 100 + came_with : 0;
		p.vlan2 = came_with == 2 ? 33 : 0;
		for (int rs = 3; rs >= 1; rs--) {
			static const char *const addr[] = { "", RS(1), RS(2), RS(3) };

			h = hop_default(t, addr[rs]);
			h.vlan = 200 + rs;
			hop_set(t, addr[rs], &h);
			out = rs == 3 ? tun(p, 3) : rs == 2 ? nat(p, 2, 8080) : dr(p, 1);
			out.vlan = 200 + rs;
			out.vlan2 = 0;
			forwarded(t, p, out);
			p.sport++;
		}
	}
}

ROW(DP_TC, "a second VLAN tag inside the packet: TC leaves it alone or forwards it whole")
{
	struct pkt p = SYN4, out = dr(p, 1), tagged;
	uint8_t in[PKT_MAX], want[PKT_MAX];
	enum dp_act act;
	size_t len;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.vlan = 33;
	tagged = out;
	tagged.vlan = 33;
	len = pkt_build(&p, in);
	act = dp_run(t, in, len, &t->out);
	if (act == DP_SENT && t->out.len == len)
		DP_CHECK(t, pkt_build(&tagged, want) == len && !memcmp(want, t->out.b, len), "sent, but wrong");
	else if (act == DP_SENT)
		DP_CHECK(t, pkt_build(&out, want) == t->out.len && !memcmp(want, t->out.b, t->out.len), "sent, but wrong");
	else
		DP_CHECK(t, act == DP_UP && t->out.len == len && !memcmp(in, t->out.b, len), "passed up changed, or dropped");
}

/* ---- fragments (TC only: XDP hands them up) ---- */

/* Cuts the frame of an IPv4 datagram: `len` bytes of its payload from `off` on, with more to follow or not. */
static size_t fragment(uint8_t *out, const uint8_t *whole, size_t l3, unsigned off, unsigned len, bool more)
{
	unsigned hdr = (whole[l3] & 15) * 4, total = hdr + len, frag = off / 8 | (more ? 0x2000 : 0);
	uint32_t sum;

	memcpy(out, whole, l3 + hdr);
	memcpy(out + l3 + hdr, whole + l3 + hdr + off, len);
	out[l3 + 2] = total >> 8;
	out[l3 + 3] = total;
	out[l3 + 6] = frag >> 8;
	out[l3 + 7] = frag;
	out[l3 + 10] = out[l3 + 11] = 0;
	sum = ~pkt_sum(out + l3, hdr, 0);
	out[l3 + 10] = sum >> 8;
	out[l3 + 11] = sum;
	return l3 + total;
}

/* Sends a datagram in three fragments; each must come out as the same fragment of the datagram `out`. */
static void forwarded_in_fragments(struct dp *t, struct pkt p, struct pkt out)
{
	static uint8_t whole[PKT_MAX], whole_out[PKT_MAX], in[PKT_MAX], want[PKT_MAX];
	static const unsigned off[] = { 0, 400, 800, 1008 };

	DP_CHECK(t, p.payload == 1000, "row is wrong");
	pkt_build(&p, whole);
	pkt_build(&out, whole_out);
	for (int i = 0; i < 3; i++) {
		unsigned n = off[i + 1] - off[i];
		size_t len = fragment(in, whole, 14, off[i], n, i < 2), want_len;

		want_len = fragment(want, whole_out, 14, off[i], n, i < 2);
		if (t->hook != DP_TC) {
			enum dp_hook hook = t->hook;

			packet_raw(t, in, len, &(struct dp_want){ DP_UP, ELVS_V_TC_FRAGMENT });
			t->hook = DP_TC;
			DP_CHECK(t, dp_run(t, in, len, &t->out) == DP_SENT, "fragment %d was not sent", i);
			t->hook = hook;
		} else {
			DP_CHECK(t, dp_run(t, in, len, &t->out) == DP_SENT, "fragment %d was not sent", i);
		}
		if (t->out.len != want_len || memcmp(t->out.b, want, want_len)) {
			pkt_diff(t->notes, want, want_len, t->out.b, t->out.len);
			dp_fail(t, "fragment %d is not what was expected", i);
		}
	}
}

ROW(DP_BOTH, "fragments follow the first one to its server: DR")
{
	struct pkt p = UDP4;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	server(t, RS(2) ":53 dr");
	p.payload = 1000;
	forwarded_in_fragments(t, p, dr(p, 2));
	p.sport++;
	p.id++;
	forwarded_in_fragments(t, p, dr(p, 1));
	DP_CHECK(t, conns(t) == 2, "%u connections", conns(t));
}

ROW(DP_BOTH, "fragments follow the first one to its server: NAT, ports and checksum in the first only")
{
	struct pkt p = UDP4, a = answer(p, 1, 5353);

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	p.payload = a.payload = 1000;
	forwarded_in_fragments(t, p, nat(p, 1, 5353));
	forwarded_in_fragments(t, a, answer_seen(a, VIP, 53));
}

ROW(DP_BOTH, "a later fragment whose first part never came goes nowhere, and makes no connection")
{
	struct pkt p = UDP4;
	uint8_t whole[PKT_MAX], in[PKT_MAX];
	size_t len;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	p.payload = 1000;
	p.id = 4711;
	pkt_build(&p, whole);
	len = fragment(in, whole, 14, 400, 400, true);
	t->hook = DP_TC;
	DP_CHECK(t, dp_run(t, in, len, &t->out) != DP_SENT, "it was sent");
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_BOTH, "fragments of other traffic to this host, in any order, are left to the stack")
{
	struct pkt p = UDP4;
	uint8_t whole[PKT_MAX], in[PKT_MAX];
	static const unsigned off[] = { 800, 0, 400 };

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 nat");
	p.dst = DIP;
	p.payload = 1000;
	p.id = 4712;
	pkt_build(&p, whole);
	t->hook = DP_TC;
	for (int i = 0; i < 3; i++) {
		size_t len = fragment(in, whole, 14, off[i], off[i] == 800 ? 208 : 400, off[i] != 800);

		DP_CHECK(t, dp_run(t, in, len, &t->out) == DP_UP, "the fragment at %u was not passed up", off[i]);
		DP_CHECK(t, t->out.len == len && !memcmp(in, t->out.b, len), "the fragment at %u was changed", off[i]);
	}
}

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
	a = (struct pkt){ .smac = M_DIR, .dmac = M_ROUTER, .src = DIP, .dst = CLIENT, .sport = 8080, .dport = 30000,
			  .flags = SYN | ACK, .tcpopts = 20 };
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
	a = (struct pkt){ .smac = M_DIR, .dmac = M_ROUTER, .src = VIP, .dst = CLIENT, .sport = 80, .dport = 30000,
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
	struct pkt a = { .smac = M_DIR, .dmac = M_ROUTER, .src = DIP, .dst = CLIENT, .sport = 8080, .dport = 30000,
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
	DP_CHECK(t, d.counters.conns == 1 && d.counters.inpkts == 10 && d.counters.outpkts == 1 &&
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

/* ---- MTU ---- */

ROW(DP_BOTH, "a packet as long as the MTU passes; one byte of tunnel header more does not")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	p.flags = ACK | SYN;
	p.payload = 1500 - 20 - 40 - 20;
	DP_CHECK(t, pkt_ip_len(&p) == 1480, "row is wrong");
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	p.payload++;
	icmp_error(t, ELVS_V_TC_MTU, p, VIP, 3, 4, 1480);
}

ROW(DP_BOTH, "an IPv6 packet too long for the tunnel: packet too big, with the tunnel's MTU")
{
	struct pkt p = SYN6;

	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	forwarded(t, p, tun(p, 1));
	p.flags = ACK;
	p.payload = 1500 - 40 - 40 + 1;
	icmp_error(t, ELVS_V_TC_MTU, p, VIP6, 2, 0, 1460);
}

ROW(DP_FRAGS, "a jumbo frame of 9000 bytes is forwarded by the program with fragments, in every mode")
{
	struct pkt p = SYN4;
	struct elvs_hop h;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":8080 nat");
	server(t, RS(3) ":80 tun");
	for (int i = 1; i <= 3; i++) {
		static const char *const rs[] = { "", RS(1), RS(2), RS(3) };

		h = hop_default(t, rs[i]);
		h.mtu = 9000;
		hop_set(t, rs[i], &h);
	}
	p.payload = 9000 - 20 - 40 - 20;
	forwarded(t, p, tun(p, 3));
	p.sport++;
	forwarded(t, p, nat(p, 2, 8080));
	p.sport++;
	forwarded(t, p, dr(p, 1));
}

/* ---- partial checksums ---- */

ROW(DP_XDP | DP_FRAGS, "a frame with a partial checksum is handed to TC, unchanged, and makes no connection on the way")
{
	struct pkt p = SYN4, q = UDP4, s = SYN6;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 dr");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.csum = q.csum = s.csum = CSUM_PARTIAL;
	left_alone(t, ELVS_V_TC_CHECKSUM, p);
	left_alone(t, ELVS_V_TC_CHECKSUM, q);
	left_alone(t, ELVS_V_TC_CHECKSUM, s);
	DP_CHECK(t, !conns(t), "XDP made %u connections of packets it handed up", conns(t));
}

ROW(DP_XDP | DP_FRAGS, "NAT: a later packet, and an answer, with a partial checksum are handed to TC")
{
	struct pkt p = SYN4, a = answer(p, 1, 8080);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	p.csum = a.csum = CSUM_PARTIAL;
	p.flags = ACK;
	a.flags = ACK;
	left_alone(t, ELVS_V_TC_CHECKSUM, p);
	left_alone(t, ELVS_V_TC_CHECKSUM, a);
}

ROW(DP_TC, "TC forwards a frame whose checksum looks partial: whether it is, the kernel knows")
{
	struct pkt p = SYN4, out = dr(p, 1);

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.csum = out.csum = CSUM_PARTIAL;
	forwarded(t, p, out);
}
