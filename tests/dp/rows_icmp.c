/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_icmp - ICMP and ICMPv6 errors about connections: who gets them, and what they then quote.
 */
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

/* An error on its way: its IP header, type, code and second word, the packet it is about, of which it quotes so much */
struct error {
	struct pkt p;
	int type, code;
	uint32_t info;
	struct pkt about;
	size_t quote; /* bytes of transport header and payload; 0: all */
};

static size_t error_build(const struct error *e, uint8_t *b)
{
	uint8_t about[PKT_MAX];
	size_t len = pkt_build(&e->about, about), at = pkt_l3_off(&e->about), head = pkt_l4_off(&e->about);

	return pkt_icmp(&e->p, e->type, e->code, e->info, about + at, e->quote ? head - at + e->quote : len - at, b);
}

/* The quoted packet with other addresses and ports, but with the transport checksum that it has here */
static size_t error_seen(const struct error *e, const struct error *seen, uint8_t *b)
{
	size_t check = e->about.proto == IPPROTO_UDP ? 6 : 16, at, head, len;
	uint8_t was[PKT_MAX], about[PKT_MAX];

	at = pkt_l3_off(&seen->about);
	head = pkt_l4_off(&seen->about);
	pkt_build(&e->about, was);
	len = pkt_build(&seen->about, about);
	memcpy(about + head + check, was + pkt_l4_off(&e->about) + check, 2);
	return pkt_icmp(&seen->p, seen->type, seen->code, seen->info, about + at,
			seen->quote ? head - at + seen->quote : len - at, b);
}

static void sent(struct dp *t, struct error e, struct error seen, enum elvs_verdict v)
{
	static uint8_t in[PKT_MAX], out[PKT_MAX];
	struct dp_want w = { DP_SENT, v, .tc = e.p.exthdr ? ELVS_V_TC_EXTENSION : ELVS_V_TC_ICMP };

	packet_bytes(t, in, error_build(&e, in), &w, out, error_seen(&e, &seen, out));
}

/* Nothing of ours: it goes up as it is */
static void not_ours(struct dp *t, struct error e, enum elvs_verdict v)
{
	static uint8_t in[PKT_MAX];
	struct dp_want w = { DP_UP, v, .tc = ELVS_V_TC_ICMP };

	packet_raw(t, in, error_build(&e, in), &w);
}

static void thrown_away(struct dp *t, struct error e, enum elvs_verdict v)
{
	static uint8_t in[PKT_MAX];
	struct dp_want w = { DP_DROPPED, v, .tc = ELVS_V_TC_ICMP };

	packet_raw(t, in, error_build(&e, in), &w);
}

/* The request as the NAT server has it, and the error that the server sends about it */
static struct error refusal(struct pkt request, int rs, uint16_t port)
{
	bool v6 = strchr(request.src, ':');
	struct error e = { .type = v6 ? 1 : 3, .code = v6 ? 4 : 3, .about = nat(request, rs, port) };

	e.p = answer(request, rs, port);
	e.p.df = false;
	return e;
}

/* That error as the client gets it */
static struct error refusal_seen(struct error e, struct pkt request)
{
	e.p = answer_seen(e.p, request.dst, request.dport);
	e.about.dst = request.dst;
	e.about.dport = request.dport;
	return e;
}

/* An error from a router about an answer as the client would have it */
static struct error complaint(struct pkt request, const char *from, int type, int code, uint32_t info)
{
	struct error e = { .type = type, .code = code, .info = info, .about = answer(request, 1, request.dport) };

	e.about.src = request.dst;
	e.about.flags = ACK;
	e.about.df = !strchr(request.src, ':');
	e.about.payload = 700;
	e.about.ttl = 61;
	e.about.tcpopts = 12;
	e.p = (struct pkt){ .src = from, .dst = request.dst, .ttl = 63, .tos = 0xc0 };
	e.quote = 520;
	return e;
}

/* The error that reaches a NAT server (rs, port) */
static struct error complaint_nat(struct error e, int rs, uint16_t port)
{
	struct pkt p = nat(e.p, rs, 0);

	e.p = p;
	e.about.src = p.dst;
	e.about.sport = port;
	return e;
}

/* ---- NAT: about requests ---- */

ROW(DP_ALL, "ICMP: a NAT server's refusal reaches the client, from the virtual address and about it")
{
	struct pkt p = UDP4, q = UDP6, s = SYN4;
	struct error e;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	forwarded(t, p, nat(p, 1, 5353));
	e = refusal(p, 1, 5353);
	sent(t, e, refusal_seen(e, p), ELVS_V_REPLIED);
	e.quote = 8; /* as little as RFC 792 asks for */
	sent(t, e, refusal_seen(e, p), ELVS_V_REPLIED);
	conn_is(t, CLIENT, 30000, "UDP", 300);
	service(t, "udp [fd00:1::100]:53 rr");
	server(t, "[fd00:1::11]:5353 nat");
	forwarded(t, q, nat(q, 1, 5353));
	e = refusal(q, 1, 5353);
	sent(t, e, refusal_seen(e, q), ELVS_V_REPLIED);
	service(t, "tcp 10.1.0.100:0 rr persistent 60");
	server(t, RS(2) ":0 nat");
	s.dport = 8080;
	forwarded(t, s, nat(s, 2, 8080));
	e = refusal(s, 2, 8080);
	sent(t, e, refusal_seen(e, s), ELVS_V_REPLIED);
}

ROW(DP_ALL, "ICMP: what a router says of a translated request reaches the client, with its MTU, its TTL spent")
{
	struct pkt p = SYN4, q = SYN6;
	struct error e, seen;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	e = refusal(p, 1, 8080);
	e.p.src = "10.1.0.250";
	e.p.smac = M_OTHER;
	e.code = 4;
	e.info = 1400;
	e.about.ttl = 1;
	seen = refusal_seen(e, p);
	seen.p.src = VIP; /* IPVS hides the router, too */
	sent(t, e, seen, ELVS_V_REPLIED);
	e.type = seen.type = 11;
	e.code = seen.code = 0;
	e.info = seen.info = 0;
	sent(t, e, seen, ELVS_V_REPLIED);
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:8080 nat");
	forwarded(t, q, nat(q, 1, 8080));
	e = refusal(q, 1, 8080);
	e.p.src = "fd00:1::250";
	e.type = 2;
	e.code = 0;
	e.info = 1300;
	sent(t, e, refusal_seen(e, q), ELVS_V_REPLIED);
}

ROW(DP_TC, "ICMP: the refusal of a NAT server on the director itself is translated on its way out")
{
	struct pkt p = UDP4, out = UDP4;
	static uint8_t in[PKT_MAX], want[PKT_MAX];
	struct error e, seen;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, DIP ":5353 nat");
	out.dst = DIP;
	out.dport = 5353;
	handed_up(t, ELVS_V_LOCAL, 0, p, out);
	e = (struct error){ .p = { .smac = M_DIR, .dmac = M_ROUTER, .src = DIP, .dst = CLIENT, .tos = 0xc0 },
			    .type = 3,
			    .code = 3,
			    .about = out };
	seen = e;
	seen.p.src = VIP;
	seen.about = p;
	leaves_bytes(t, in, error_build(&e, in), want, error_seen(&e, &seen, want));
	e.about.dport = seen.about.dport = 5354; /* of nobody */
	e.about.dst = seen.about.dst = DIP;
	leaves_bytes(t, in, error_build(&e, in), in, error_build(&e, in));
}

/* ---- about answers ---- */

ROW(DP_ALL, "ICMP: what a router or the client says of an answer reaches the NAT server, as about its own packet")
{
	struct pkt p = SYN4, q = SYN6;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	e = complaint(p, CLIENT, 3, 13, 0);
	e.quote = 8;
	sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	e.type = 4; /* source quench */
	e.code = 0;
	sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:8080 nat");
	forwarded(t, q, nat(q, 1, 8080));
	e = complaint(q, "fd00::1", 2, 0, 1280);
	sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
}

ROW(DP_ALL, "ICMP: an error about an answer goes the way of its connection: DR, TUN, IPv4, IPv6, port 0")
{
	struct pkt p = SYN4, q = SYN6, s = SYN4;
	struct error e, seen;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 tun");
	forwarded(t, p, tun(p, 2));
	e = seen = complaint(p, "10.0.0.1", 3, 4, 1300);
	seen.p = tun(e.p, 2);
	seen.p.tun_id = 0;
	e.p.df = seen.p.df = true; /* else the outer header's number is free */
	sent(t, e, seen, ELVS_V_FORWARDED);
	p.sport++;
	forwarded(t, p, dr(p, 1));
	e = seen = complaint(p, "10.0.0.1", 3, 4, 1300);
	seen.p = dr(e.p, 1);
	sent(t, e, seen, ELVS_V_FORWARDED);
	conn_is(t, CLIENT, 30001, "SYN_RECV", 60);
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	forwarded(t, q, dr(q, 1));
	e = seen = complaint(q, "fd00::1", 2, 0, 1280);
	seen.p = dr(e.p, 1);
	sent(t, e, seen, ELVS_V_FORWARDED);
	service(t, "tcp 10.1.0.100:0 rr persistent 60");
	server(t, RS(3) ":0 dr");
	s.dport = 8080;
	forwarded(t, s, dr(s, 3));
	e = seen = complaint(s, "10.0.0.1", 11, 1, 0);
	seen.p = dr(e.p, 3);
	sent(t, e, seen, ELVS_V_FORWARDED);
}

ROW(DP_ALL, "ICMP: an error about a local server's answer stays here, translated where NAT is")
{
	static uint8_t in[PKT_MAX], out[PKT_MAX];
	struct dp_want up = { DP_UP, ELVS_V_LOCAL, .tc = ELVS_V_TC_ICMP };
	struct pkt p = SYN4, s = SYN4;
	struct error e, seen;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, VIP ":80 dr");
	handed_up(t, ELVS_V_LOCAL, ELVS_V_TC_LOCAL, p, p);
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	packet_raw(t, in, error_build(&e, in), &up);
	service(t, "tcp 10.1.0.100:81 rr");
	server(t, DIP ":8080 nat");
	p.dport = s.dport = 81;
	s.dst = DIP;
	s.dport = 8080;
	handed_up(t, ELVS_V_LOCAL, ELVS_V_TC_LOCAL, p, s);
	e = seen = complaint(p, "10.0.0.1", 3, 4, 1300);
	seen.p.dst = seen.about.src = DIP;
	seen.about.sport = 8080;
	packet_bytes(t, in, error_build(&e, in), &up, out, error_seen(&e, &seen, out));
}

ROW(DP_ALL, "ICMP: it neither changes a connection's state nor keeps it alive, and opens none")
{
	struct pkt p = SYN4;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	not_ours(t, e, ELVS_V_NO_CONNECTION);
	DP_CHECK(t, !conns(t), "an ICMP error opened a connection");
	forwarded(t, p, nat(p, 1, 8080));
	clock_add(t, 40);
	sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	conn_is(t, CLIENT, 30000, "SYN_RECV", 20);
}

/* ---- headers ---- */

ROW(DP_ALL, "ICMP: options and extension headers, outside and quoted, and long quotes")
{
	struct pkt p = SYN4, q = SYN6;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:8080 nat");
	forwarded(t, p, (service_pick(t, "tcp 10.1.0.100:80"), nat(p, 1, 8080)));
	forwarded(t, q, nat(q, 1, 8080));
	for (int opts = 0; opts <= 40; opts += 20) {
		e = complaint(p, "10.0.0.1", 3, 4, 1300);
		e.p.ipopts = opts;
		e.about.ipopts = 40 - opts;
		e.about.payload = 1400;
		e.quote = opts == 20 ? 1300 : 333;
		sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	}
	for (int n = 0; n <= 4; n++) {
		e = complaint(q, "fd00::1", 2, 0, 1280);
		e.p.exthdr = 4 - n;
		e.about.exthdr = n;
		sent(t, e, complaint_nat(e, 1, 8080), ELVS_V_FORWARDED);
	}
}

ROW(DP_ALL, "ICMP: with its TTL used up, or too long for the way, an error ends here, and no error is sent about it")
{
	struct pkt p = SYN4;
	struct elvs_hop h;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	e.p.ttl = 1;
	thrown_away(t, e, ELVS_V_TTL_EXPIRED);
	h = hop_default(t, RS(1));
	h.mtu = 500;
	hop_set(t, RS(1), &h);
	e.p.ttl = 0;
	thrown_away(t, e, ELVS_V_TOO_BIG);
}

/* ---- what is not to be believed ---- */

static void spoil(uint8_t *b, size_t len)
{
	b[len - 1] ^= 0x10;
}

ROW(DP_ALL, "ICMP: a wrong checksum, or only the first fragment, is thrown away")
{
	static uint8_t in[PKT_MAX];
	struct dp_want bad = { DP_DROPPED, ELVS_V_ICMP_BAD, .tc = ELVS_V_TC_ICMP };
	struct pkt p = SYN4, q = SYN6, u = UDP4;
	struct error e;
	size_t len;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":5353 nat");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	forwarded(t, q, dr(q, 1));
	forwarded(t, u, nat(u, 1, 5353));
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	len = error_build(&e, in);
	spoil(in, len);
	packet_raw(t, in, len, &bad);
	e = complaint(q, "fd00::1", 2, 0, 1300);
	len = error_build(&e, in);
	spoil(in, len);
	packet_raw(t, in, len, &bad);
	e = refusal(u, 1, 5353);
	len = error_build(&e, in);
	spoil(in, len);
	packet_raw(t, in, len, &bad);
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	e.p.mf = true;
	bad.tc = ELVS_V_TC_FRAGMENT;
	packet_raw(t, in, error_build(&e, in), &bad);
}

ROW(DP_ALL, "ICMP: what is no error, or about nothing of ours, is left to the stack")
{
	struct pkt p = SYN4;
	struct error e, f;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":8080 nat");
	forwarded(t, p, nat(p, 1, 8080));
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	for (int type = 0; type < 256; type++) {
		if (type == 3 || type == 4 || type == 11)
			continue;
		f = e;
		f.type = type; /* 5, redirect, and 12, parameter problem, are none of them for IPVS either */
		not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	}
	f = e;
	f.about.sport = 82;
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	f = e;
	f.about.dport++;
	not_ours(t, f, ELVS_V_NO_CONNECTION);
	f = e;
	f.about.off = 185; /* a later fragment has no ports */
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	f = e;
	f.p.dst = DIP; /* the quoted packet was not sent from there */
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	f = e;
	f.about.proto = IPPROTO_SCTP;
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	f = refusal(p, 2, 8080); /* another server's */
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
	f = refusal(p, 1, 8080);
	f.about.sport++;
	not_ours(t, f, ELVS_V_NO_CONNECTION);
	f = refusal(p, 1, 8080);
	f.p.dst = "10.0.0.3"; /* not whose packet it was */
	not_ours(t, f, ELVS_V_OTHER_PROTOCOL);
}

ROW(DP_ALL, "ICMP: quotes cut short anywhere are left to the stack, until the ports are there")
{
	static uint8_t in[PKT_MAX], about[PKT_MAX];
	struct dp_want up = { DP_UP, ELVS_V_OTHER_PROTOCOL, .tc = ELVS_V_TC_ICMP };
	struct pkt p = SYN4, q = SYN6;
	struct error e, f;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	forwarded(t, p, dr(p, 1));
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 dr");
	forwarded(t, q, dr(q, 1));
	e = complaint(p, "10.0.0.1", 3, 4, 1300);
	f = complaint(q, "fd00::1", 2, 0, 1300);
	pkt_build(&e.about, about);
	for (size_t n = 0; n < 24; n++)
		packet_raw(t, in, pkt_icmp(&e.p, 3, 4, 1300, about + 14, n, in), &up);
	pkt_build(&f.about, about);
	for (size_t n = 0; n < 44; n++)
		packet_raw(t, in, pkt_icmp(&f.p, 2, 0, 1300, about + 14, n, in), &up);
}

/* ---- about tunnels ---- */

/* An error about the tunnel's packet that carried the request, from a router behind the director */
static struct error of_tunnel(struct pkt request, int rs, int type, int code, uint32_t info)
{
	struct error e = { .type = type, .code = code, .info = info, .about = tun(request, rs) };

	e.p = (struct pkt){ .src = strchr(e.about.tun_dst, ':') ? "fd00:1::250" : "10.1.0.250",
			    .dst = e.about.tun_src,
			    .smac = M_OTHER };
	return e;
}

/* As the client is told: from the virtual address, about its own packet, as it was in the tunnel */
static void told(struct dp *t, struct error e, int type, int code, uint32_t info)
{
	static uint8_t in[PKT_MAX], about[PKT_MAX], out[PKT_MAX];
	struct dp_want w = { DP_SENT, ELVS_V_ICMP_SENT, .tc = ELVS_V_TC_ICMP };
	struct pkt p = e.about, from = { .smac = M_OTHER, .dmac = M_DIR, .src = p.dst, .dst = p.src };
	size_t len, quoted;

	p.tun_dst = NULL;
	if (!strchr(p.dst, ':'))
		from.tos = 0xc0;
	len = pkt_build(&p, about) - 14;
	quoted = e.quote ? pkt_l4_off(&p) - 14 + e.quote : len;
	if (quoted > 528)
		quoted = 528;
	packet_bytes(t, in, error_build(&e, in), &w, out, pkt_icmp(&from, type, code, info, about + 14, quoted, out));
}

ROW(DP_ALL,
    "ICMP: what a router says of a tunnel's packet is told to the client, with the MTU left for its own packet")
{
	struct pkt p = SYN4, q = SYN6;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 tun");
	forwarded(t, p, tun(p, 1));
	e = of_tunnel(p, 1, 3, 4, 1400);
	told(t, e, 3, 4, 1380);
	e.about.payload = 1300;
	e.quote = 500;
	told(t, e, 3, 4, 1380);
	e.quote = 0;
	told(t, e, 3, 4, 1380);
	told(t, of_tunnel(p, 1, 3, 4, 80), 3, 4, 80); /* nothing would be left */
	told(t, of_tunnel(p, 1, 3, 1, 0), 3, 1, 0);
	told(t, of_tunnel(p, 1, 11, 0, 0), 11, 0, 0);
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	forwarded(t, q, tun(q, 1));
	told(t, of_tunnel(q, 1, 2, 0, 1400), 2, 0, 1360);
	told(t, of_tunnel(q, 1, 1, 3, 0), 1, 3, 0);
}

/* The request goes through a tunnel of the other family; an error about that, from a router */
static struct error of_other_tunnel(struct dp *t, struct pkt request, const char *src, const char *dst,
				    const char *router, uint32_t mtu)
{
	struct error e = { .info = mtu, .about = tun(request, 1) };

	e.about.tun_src = src;
	e.about.tun_dst = dst;
	e.p = (struct pkt){ .src = router, .dst = src, .smac = M_OTHER };
	forwarded(t, request, e.about);
	return e;
}

static struct error as(struct error e, int type, int code)
{
	e.type = type;
	e.code = code;
	if (type == 11 || code == 1) /* not about an MTU */
		e.info = 0;
	return e;
}

ROW(DP_ALL, "ICMP: a tunnel between families: the client is told in its own")
{
	struct pkt p = SYN4, q = SYN6;
	struct error e;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "[fd00:1::11]:80 tun");
	service(t, "tcp [fd00:1::100]:80 rr");
	server(t, RS(1) ":80 tun");
	e = of_other_tunnel(t, p, DIP6, RS6(1), "fd00:1::250", 1400);
	told(t, as(e, 2, 0), 3, 4, 1360);
	e.info = 0;
	told(t, as(e, 3, 0), 11, 0, 0);
	told(t, as(e, 1, 0), 3, 1, 0);
	thrown_away(t, as(e, 4, 0), ELVS_V_ICMP_TUNNEL); /* a parameter problem has no counterpart */
	e = of_other_tunnel(t, q, DIP, RS(1), "10.1.0.250", 1400);
	told(t, as(e, 3, 4), 2, 0, 1380);
	told(t, as(e, 3, 1), 1, 3, 0);
	told(t, as(e, 11, 0), 3, 0, 0);
}

ROW(DP_ALL, "ICMP: about a tunnel, but not for its client, or not about ours")
{
	struct pkt p = SYN4;
	struct error e;

	p.df = false;
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(2) ":80 dr");
	server(t, RS(1) ":80 tun");
	forwarded(t, p, tun(p, 1));
	e = of_tunnel(p, 1, 3, 4, 1400);
	thrown_away(t, e, ELVS_V_ICMP_TUNNEL); /* it may be fragmented, and its client does not look for the MTU */
	e = of_tunnel(p, 2, 3, 4, 1400);
	not_ours(t, e, ELVS_V_OTHER_PROTOCOL);
	e = of_tunnel(p, 1, 3, 4, 1400);
	e.about.sport++;
	not_ours(t, e, ELVS_V_OTHER_PROTOCOL);
	e = of_tunnel(p, 1, 3, 4, 1400);
	e.p.dst = VIP;
	not_ours(t, e, ELVS_V_OTHER_PROTOCOL);
	p.sport++;
	forwarded(t, p, dr(p, 2));
	e = of_tunnel(p, 2, 3, 4, 1400); /* which that connection has none of */
	not_ours(t, e, ELVS_V_OTHER_PROTOCOL);
}
