/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_header - headers that must survive, or decide the way: options, TTL, VLAN tags, fragments, lengths, checksums.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

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
		DP_CHECK(t, pkt_build(&out, want) == t->out.len && !memcmp(want, t->out.b, t->out.len),
			 "sent, but wrong");
	else
		DP_CHECK(t, act == DP_UP && t->out.len == len && !memcmp(in, t->out.b, len),
			 "passed up changed, or dropped");
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
		DP_CHECK(t, t->out.len == len && !memcmp(in, t->out.b, len), "the fragment at %u was changed",
			 off[i]);
	}
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

ROW(DP_XDP | DP_FRAGS,
    "a frame with a partial checksum is handed to TC, unchanged, and makes no connection on the way")
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
