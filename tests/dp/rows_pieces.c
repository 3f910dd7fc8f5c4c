/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_pieces - packets without DF that are too long for the next hop: what really leaves in fragments, seen at the far
 * end of the veth, is put together again and compared with what was sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "packets.h"

/* Where to the pieces go, and what has come of them */
struct whole {
	struct pkt want; /* the packet, not in a tunnel, as it leaves */
	size_t outer, mtu;
	uint8_t b[PKT_MAX];
	size_t got;  /* bytes of payload so far */
	size_t left; /* of the packet's own pieces */
	bool last;
};

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* One piece: its headers must be right, and its payload the next bytes. */
static void piece(struct dp *t, struct whole *w, const uint8_t *b, size_t len)
{
	const uint8_t *ip = b + 14 + w->outer;
	size_t total = get16(ip + 2), at = (get16(ip + 6) & 0x1fff) * 8, first = w->want.off * 8;
	const char *bad = pkt_verify(b, len);

	DP_CHECK(t, !bad, "a piece with a wrong %s", bad);
	DP_CHECK(t, len - 14 <= w->mtu, "a piece of %zu bytes, where %zu are allowed", len - 14, w->mtu);
	DP_CHECK(t, len == 14 + w->outer + total, "a piece of %zu bytes, its header says %zu", len, total);
	DP_CHECK(t, !w->outer || (w->outer == 20 ? get16(b + 16) == 20 + total : get16(b + 18) == total),
		 "the outer header says another length");
	DP_CHECK(t, at == first + w->got, "a piece for %zu, where %zu were expected", at, first + w->got);
	DP_CHECK(t, w->got + total - 20 <= w->left, "more than was sent");
	w->last = w->got + total - 20 == w->left;
	DP_CHECK(t, !!(get16(ip + 6) & 0x2000) == (!w->last || w->want.mf), "more fragments: %d",
		 !!(get16(ip + 6) & 0x2000));
	memcpy(w->b + 14 + 20 + w->got, ip + 20, total - 20);
	if (!w->got)
		memcpy(w->b, b, 14), memcpy(w->b + 14, ip, 20);
	w->got += total - 20;
}

static void together(struct dp *t, struct whole *w)
{
	static uint8_t want[PKT_MAX];
	size_t len = pkt_build(&w->want, want);

	memcpy(w->b + 14 + 2, want + 14 + 2, 2); /* length, flags, checksum: those of the whole */
	memcpy(w->b + 14 + 6, want + 14 + 6, 2);
	memcpy(w->b + 14 + 10, want + 14 + 10, 2);
	memcpy(w->b + 12, want + 12, 2);
	if (memcmp(w->b, want, len))
		pkt_diff(t->notes, want, len, w->b, len);
	DP_CHECK(t, !memcmp(w->b, want, len), "put together, it is not what was sent");
}

/* All but the last piece leave at once; the last one is what the program ends with. Returns how many there were. */
static unsigned in_pieces(struct dp *t, struct pkt in, struct pkt out, size_t mtu, int tap, struct dp_frame *last)
{
	static uint8_t b[PKT_MAX], got[PKT_MAX];
	struct whole w = { .want = out, .mtu = mtu };
	struct pollfd pfd = { .fd = tap, .events = POLLIN };
	size_t len = pkt_build(&in, b);
	unsigned n = 0;

	w.outer = out.tun_dst ? strchr(out.tun_dst, ':') ? 40 : 20 : 0;
	w.want.tun_dst = NULL;
	w.left = pkt_ip_len(&w.want) - 20;
	DP_CHECK(t, dp_run(t, b, len, last) == DP_SENT, "it was not sent");
	while (w.got + last->len - 14 - w.outer - 20 < w.left) {
		ssize_t r;

		DP_CHECK(t, poll(&pfd, 1, 2000) == 1, "%u pieces, and then no more", n);
		r = recv(tap, got, sizeof(got), 0);
		if (r > 14 && got[0] == 2 && got[5] == out.dmac) {
			piece(t, &w, got, r);
			n++;
		}
	}
	piece(t, &w, last->b, last->len);
	DP_CHECK(t, w.last, "the last piece is missing");
	together(t, &w);
	return n + 1;
}

static const struct pkt long_udp = { .src = CLIENT,
				     .dst = VIP,
				     .sport = 30000,
				     .dport = 53,
				     .proto = IPPROTO_UDP,
				     .payload = 1472,
				     .id = 77,
				     .tos = 0x28 };

static int tap_of(struct dp *t)
{
	int fd = net_tap(t->peer_pid, 0);

	DP_CHECK(t, fd >= 0, "no packet socket: %s", strerror(errno));
	return fd;
}

ROW(DP_TC, "pieces: what does not fit into the tunnel and may be fragmented arrives whole: 4in4, 4in6")
{
	struct pkt p = long_udp, out;
	int tap = tap_of(t);
	unsigned n;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, "[fd00:1::12]:53 tun");
	server(t, RS(1) ":53 tun");
	for (unsigned len = 1440; len <= 1472; len++) {
		p.payload = len;
		p.id = len;
		p.sport++;
		out = tun(p, 1);
		n = len + 28 + 20 > 1500 ? in_pieces(t, p, out, 1500, tap, &t->out) : (forwarded(t, p, out), 1);
		DP_CHECK(t, n == 1 + (len + 48 > 1500), "%u pieces of %u bytes", n, len);
		p.sport++;
		out = tun(p, 2);
		out.tun_src = DIP6;
		out.tun_dst = RS6(2);
		n = len + 28 + 40 > 1500 ? in_pieces(t, p, out, 1500, tap, &t->out) : (forwarded(t, p, out), 1);
		DP_CHECK(t, n == 1 + (len + 68 > 1500), "4in6: %u pieces of %u bytes", n, len);
	}
	DP_CHECK(t, verdict_count(t, ELVS_V_FRAGMENTED) > 30, "they were not counted");
	close(tap);
}

ROW(DP_TC, "pieces: DR and NAT, a next hop of small MTU, many pieces; TCP; fragments cut further")
{
	struct pkt p = long_udp, s = {
		.src = CLIENT, .dst = VIP, .sport = 31000, .dport = 80, .flags = SYN, .payload = 1400, .id = 5
	};
	int tap = tap_of(t);
	struct elvs_hop h;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(2) ":5353 nat");
	server(t, RS(1) ":53 dr");
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(3) ":80 tun");
	h = hop_default(t, RS(3));
	h.mtu = 700;
	hop_set(t, RS(3), &h);
	service_pick(t, "udp 10.1.0.100:53");
	for (int n = 1; n <= 2; n++) {
		h = hop_default(t, n == 1 ? RS(1) : RS(2));
		h.mtu = 576;
		hop_set(t, n == 1 ? RS(1) : RS(2), &h);
	}
	p.payload = 2900;
	DP_CHECK(t, in_pieces(t, p, dr(p, 1), 576, tap, &t->out) == 6, "not six pieces");
	p.sport++;
	in_pieces(t, p, nat(p, 2, 5353), 576, tap, &t->out);
	in_pieces(t, s, tun(s, 3), 700, tap, &t->out);
	p.sport++;
	p.mf = true;
	p.payload = 1200; /* with its header a multiple of 8 */
	in_pieces(t, p, dr(p, 1), 576, tap, &t->out);
	p.mf = false;
	p.off = (1200 + 8) / 8;
	p.payload = 900;
	in_pieces(t, p, dr(p, 1), 576, tap, &t->out);
	close(tap);
}

ROW(DP_XDP | DP_FRAGS, "pieces: XDP leaves what is too long to TC, unchanged")
{
	struct pkt p = long_udp;
	uint8_t in[PKT_MAX];
	size_t len = pkt_build(&p, in);

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 tun");
	left_alone(t, ELVS_V_TC_MTU, p);
	DP_CHECK(t, dp_pass(t, in, len) == DP_SENT, "TC did not send it");
	DP_CHECK(t, verdict_count(t, ELVS_V_FRAGMENTED), "TC did not send it in fragments");
}

ROW(DP_BOTH, "pieces: with IPv4 options, or a next hop that is not resolved yet, it is dropped and counted")
{
	struct pkt p = long_udp;
	struct elvs_hop h;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(1) ":53 tun");
	p.ipopts = 8;
	p.payload -= 8;
	packet(t, &p, &(struct dp_want){ DP_DROPPED, ELVS_V_TOO_BIG, .tc = ELVS_V_TC_MTU });
	p = long_udp;
	h = hop_default(t, RS(1));
	h.resolved = false;
	hop_set(t, RS(1), &h);
	packet(t, &p, &(struct dp_want){ DP_DROPPED, ELVS_V_TOO_BIG, .tc = ELVS_V_TC_NEXTHOP });
}
