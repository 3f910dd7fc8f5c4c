/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_sched - which server gets the next connection: the sequences and hash tables recorded from the kernel's IPVS
 * (tests/golden/30 .. 32), weights, thresholds, services without servers, and services as large as they may be.
 *
 * $ELVS_GOLDEN names the directory of the recordings.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dp.h"

#define SYN4                                                                         \
	{                                                                            \
		.src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN \
	}
#define TIMED_OUT 0

static const char *const servers[] = { "", "10.1.0.11:80", "10.1.0.12:80", "10.1.0.13:80", "10.1.0.14:80" };

static void server_w(struct dp *t, int rs, int weight, const char *what, void (*f)(struct dp *, const char *))
{
	char words[80];

	snprintf(words, sizeof(words), "%s nat weight %d%s", servers[rs], weight, what);
	f(t, words);
}

/* A whole exchange, or just its beginning: number of the server, or TIMED_OUT */
static int exchange(struct dp *t, struct pkt p, bool hold)
{
	struct pkt a;
	int rs;

	p.flags = SYN;
	rs = forwarded_somewhere(t, p);
	if (!rs)
		return TIMED_OUT;
	rs -= 0x10;
	a = answer(p, rs, 80);
	a.flags = SYN | ACK;
	replied(t, a, answer_seen(a, VIP, p.dport));
	p.flags = ACK;
	forwarded(t, p, nat(p, rs, 80));
	if (hold)
		return rs;
	a.flags = FIN | ACK;
	replied(t, a, answer_seen(a, VIP, p.dport));
	p.flags = FIN | ACK;
	forwarded(t, p, nat(p, rs, 80));
	a.flags = ACK;
	replied(t, a, answer_seen(a, VIP, p.dport));
	return rs;
}

/* "rs4 rs3 TIMEOUT ..." as connections of ports from `sport` on; clients: 0 = CLIENT, else 10.0.1.0 and up */
static void sequence(struct dp *t, const char *line, const char *names, unsigned sport, unsigned vport, bool hold,
		     bool many_clients)
{
	struct pkt p = { .dst = VIP, .dport = vport };
	char want[16];
	int used, n = 0;

	while (sscanf(names, " %15s%n", want, &used) == 1) {
		int expected = strcmp(want, "TIMEOUT") ? want[2] - '0' : TIMED_OUT, got;

		p.src4 = many_clients ? 0x0a000100 + n : 0x0a000002;
		p.sport = sport + n;
		got = exchange(t, p, hold);
		DP_CHECK(t, got == expected, "%.60s: connection %d went to rs%d, IPVS chose %s", line, n + 1, got,
			 want);
		names += used;
		n++;
	}
	DP_CHECK(t, n >= 12, "%.60s: only %d connections in the recording", line, n);
}

static FILE *golden(struct dp *t, const char *name)
{
	const char *dir = getenv("ELVS_GOLDEN");
	char path[500];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "tests/golden", name);
	f = fopen(path, "r");
	DP_CHECK(t, f, "cannot read %s (set ELVS_GOLDEN)", path);
	return f;
}

static bool scheduler_known(const char *s)
{
	static const char *const ours[] = { "rr", "wrr", "lc", "wlc", "sh", "dh" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strcmp(ours[i], s))
			return true;
	return false;
}

ROW(DP_BOTH, "sequences of rr, wrr, lc, wlc, sh, dh with four sets of weights equal those recorded from IPVS")
{
	FILE *f = golden(t, "30-sequences.txt");
	char line[2000], sched[16], mode[16], words[60];
	int w[5], n = 0, at;
	unsigned sport;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%15s weights=%d,%d,%d,%d %15s (source ports from %u): %n", sched, &w[1], &w[2],
			   &w[3], &w[4], mode, &sport, &at) != 7 ||
		    !scheduler_known(sched))
			continue;
		dp_empty(t);
		snprintf(words, sizeof(words), "tcp 10.1.0.100:%d %s", 8001 + n, sched);
		service(t, words);
		for (int i = 1; i <= 4; i++)
			server_w(t, i, w[i], "", server);
		sequence(t, line, line + at, sport, 8001 + n, !strcmp(mode, "hold"), false);
		n++;
	}
	fclose(f);
	DP_CHECK(t, n == 48, "%d sequences, expected 6 schedulers x 4 sets of weights x 2 modes", n);
}

ROW(DP_BOTH, "sequences while weights change and servers go and come equal those recorded from IPVS")
{
	FILE *f = golden(t, "31-sequences-change.txt");
	char line[2000], sched[16], what[60], words[60];
	int n = 0, at;
	unsigned sport;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%15s %59[^(](source ports from %u): %n", sched, what, &sport, &at) != 3 ||
		    !scheduler_known(sched))
			continue;
		if (!strncmp(what, "start", 5)) {
			dp_empty(t);
			snprintf(words, sizeof(words), "tcp 10.1.0.100:9001 %s", sched);
			service(t, words);
			for (int i = 1; i <= 4; i++)
				server_w(t, i, i, "", server);
		} else if (!strncmp(what, "rs4 weight 1", 12)) {
			server_w(t, 4, 1, "", server_edit);
		} else if (!strncmp(what, "rs1 weight 0", 12)) {
			server_w(t, 1, 0, "", server_edit);
		} else if (!strncmp(what, "rs2 removed", 11)) {
			server_w(t, 2, 1, "", server_del);
		} else if (!strncmp(what, "rs2 added again weight 2", 24)) {
			server_w(t, 2, 2, "", server);
		} else {
			dp_fail(t, "a change that this row does not know: %s", what);
		}
		sequence(t, line, line + at, sport, 9001, false, false);
		n++;
	}
	fclose(f);
	DP_CHECK(t, n == 25, "%d sequences, expected 5 schedulers x 5 changes", n);
}

ROW(DP_BOTH, "sh, sh-port and sh-fallback send 64 clients where IPVS did")
{
	FILE *f = golden(t, "32-hash.txt");
	char line[2000], words[80];
	int w[5], n = 0;

	while (fgets(line, sizeof(line), f)) {
		char *weights = strstr(line, "weights="), *names = strstr(line, ": ");
		unsigned vport, sport;

		if (strncmp(line, "sh ", 3) || !weights || !names || strstr(line, " v6 ") ||
		    sscanf(weights, "weights=%d,%d,%d,%d vport=%u source ports from %u", &w[1], &w[2], &w[3], &w[4],
			   &vport, &sport) != 6)
			continue;
		dp_empty(t);
		snprintf(words, sizeof(words), "tcp 10.1.0.100:%u sh flags %d", vport,
			 strstr(line, "sh-fallback") ? 8
			 : strstr(line, "sh-port")   ? 16
						     : 0);
		service(t, words);
		for (int i = 1; i <= 4; i++)
			server_w(t, i, w[i], "", server);
		sequence(t, line, names + 2, sport, vport, false, true);
		n++;
	}
	fclose(f);
	DP_CHECK(t, n == 10, "%d tables, expected 10", n);
}

ROW(DP_BOTH, "sh of IPv6 clients goes where IPVS sent them")
{
	FILE *f = golden(t, "32-hash.txt");
	char line[2000], words[80], src[40];
	int n = 0;

	while (fgets(line, sizeof(line), f)) {
		char *names = strstr(line, ": "), want[16];
		bool port = !strncmp(line, "sh -b sh-port v6", 16);
		unsigned vport, sport;
		int used, i = 0;

		if ((strncmp(line, "sh v6", 5) && !port) || !names ||
		    sscanf(strstr(line, "vport="), "vport=%u source ports from %u", &vport, &sport) != 2)
			continue;
		dp_empty(t);
		snprintf(words, sizeof(words), "tcp [fd00:1::100]:%u sh flags %d", vport, port ? 16 : 0);
		service(t, words);
		server(t, "[fd00:1::11]:80 nat weight 1");
		server(t, "[fd00:1::12]:80 nat weight 2");
		server(t, "[fd00:1::13]:80 nat weight 3");
		server(t, "[fd00:1::14]:80 nat weight 4");
		for (names += 2; sscanf(names, " %15s%n", want, &used) == 1; names += used, i++) {
			struct pkt p = { .src = src, .dst = VIP6, .dport = vport, .sport = sport + i, .flags = SYN };
			int got;

			snprintf(src, sizeof(src), "fd00:0:0:1::%x", i);
			got = forwarded_somewhere(t, p) - 0x10;
			DP_CHECK(t, got == want[2] - '0', "%.40s: client %s went to rs%d, IPVS chose %s", line, src,
				 got, want);
		}
		DP_CHECK(t, i == 64, "%.40s: %d clients in the recording", line, i);
		n++;
	}
	fclose(f);
	DP_CHECK(t, n == 2, "%d tables, expected 2", n);
}

ROW(DP_BOTH, "the kernel's hash_32: buckets of addresses that are known")
{
	/* four servers fill the 256 buckets in turn, the newest first: bucket b is server 4 - b % 4 */
	struct pkt p = { .src = "192.0.2.1", .dst = VIP, .dport = 80, .flags = SYN };
	static const struct {
		const char *service, *client, *vip;
		int sport, bucket;
	} known[] = { { "tcp 10.1.0.100:80 sh", "192.0.2.1", VIP, 7, 50 },
		      { "tcp 10.1.0.100:80 sh flags 16", "192.0.2.1", VIP, 54321, 249 }, /* sh-port */
		      { "tcp 10.1.0.100:80 sh flags 16", "10.0.0.1", VIP, 80, 182 },
		      { "tcp 192.0.2.1:80 dh", CLIENT, "192.0.2.1", 7, 50 },
		      { "tcp [fd00:1::100]:80 sh", "2001:db8::1", VIP6, 7, 63 },
		      { "tcp [2001:db8::1]:80 dh", CLIENT6, "2001:db8::1", 7, 63 } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		bool v6 = strchr(known[i].client, ':');

		dp_empty(t);
		service(t, known[i].service);
		server(t, v6 ? "[fd00:1::11]:80 dr" : RS(1) ":80 dr");
		server(t, v6 ? "[fd00:1::12]:80 dr" : RS(2) ":80 dr");
		server(t, v6 ? "[fd00:1::13]:80 dr" : RS(3) ":80 dr");
		server(t, v6 ? "[fd00:1::14]:80 dr" : RS(4) ":80 dr");
		p.src = known[i].client;
		p.dst = known[i].vip;
		p.sport = known[i].sport;
		forwarded(t, p, dr(p, 4 - known[i].bucket % 4));
	}
}

/* ---- weights, thresholds ---- */

ROW(DP_BOTH, "weight 0: no new connections, the existing ones go on")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr");
	forwarded(t, p, dr(p, 2));
	server_edit(t, RS(2) ":80 dr weight 0");
	for (int i = 1; i <= 4; i++) {
		struct pkt q = p;

		q.sport += i;
		forwarded(t, q, dr(q, 1));
	}
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	server_edit(t, RS(2) ":80 dr weight 1");
	p.flags = SYN;
	p.sport += 10;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_BOTH, "upper threshold: full at u connections, inactive ones too, open again below l")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	server(t, RS(2) ":80 dr u 3 l 2");
	for (int i = 0; i < 12; i++) {
		p.sport = 30000 + i;
		forwarded(t, p, dr(p, i < 6 && i % 2 == 0 ? 2 : 1));
	}
	load_is(t, RS(2), 3, 0, 0);
	p.sport = 30000;
	p.flags = RST; /* SYN_RECV stays SYN_RECV: lead it through ESTABLISHED to CLOSE */
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	p.flags = RST;
	forwarded(t, p, dr(p, 2));
	clock_add(t, 11);
	sweep(t); /* two left: not below l */
	load_is(t, RS(2), 2, 0, 0);
	p.flags = SYN;
	p.sport = 31000;
	forwarded(t, p, dr(p, 1));
	p.sport = 30002;
	p.flags = ACK;
	forwarded(t, p, dr(p, 2));
	p.flags = RST;
	forwarded(t, p, dr(p, 2));
	clock_add(t, 11);
	sweep(t);
	load_is(t, RS(2), 1, 0, 0);
	p.flags = SYN;
	p.sport = 31001;
	forwarded(t, p, dr(p, 2));
}

ROW(DP_BOTH, "without a lower threshold a full server opens again below three quarters of the upper")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr u 4");
	for (int i = 0; i < 4; i++) {
		p.sport = 30000 + i;
		p.flags = SYN;
		forwarded(t, p, dr(p, 1));
	}
	p.sport++;
	for (int left = 3; left >= 2; left--) {
		struct pkt q = p;

		q.sport = 30000 + left;
		q.flags = ACK;
		forwarded(t, q, dr(q, 1));
		q.flags = RST;
		forwarded(t, q, dr(q, 1));
		clock_add(t, 11);
		sweep(t);
		p.flags = SYN;
		if (left == 3)
			icmp_error(t, ELVS_V_TC_NO_DEST, p, VIP, 3, 3, 0);
		else
			forwarded(t, p, dr(p, 1));
	}
}

ROW(DP_BOTH, "all servers full or of weight 0: port unreachable from the virtual address")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 wlc");
	server(t, RS(1) ":80 dr weight 0");
	server(t, RS(2) ":80 dr u 1");
	forwarded(t, p, dr(p, 2));
	p.sport++;
	icmp_error(t, ELVS_V_TC_NO_DEST, p, VIP, 3, 3, 0);
}

ROW(DP_BOTH, "a service without servers: port unreachable, for TCP and UDP, IPv4 and IPv6, long packets too")
{
	struct pkt p = SYN4, u = SYN4, s = { .src = CLIENT6, .dst = VIP6, .sport = 1, .dport = 80, .flags = SYN };

	service(t, "tcp 10.1.0.100:80 rr");
	service(t, "udp 10.1.0.100:80 rr");
	service(t, "tcp [fd00:1::100]:80 rr");
	service(t, "udp [fd00:1::100]:80 rr");
	u.proto = IPPROTO_UDP;
	p.tos = 0xb8;
	p.tcpopts = 20;
	icmp_error(t, ELVS_V_TC_NO_DEST, p, VIP, 3, 3, 0);
	icmp_error(t, ELVS_V_TC_NO_DEST, u, VIP, 3, 3, 0);
	u.payload = 1400;
	icmp_error(t, ELVS_V_TC_NO_DEST, u, VIP, 3, 3, 0);
	u.payload = 3;
	u.ipopts = 24;
	icmp_error(t, ELVS_V_TC_NO_DEST, u, VIP, 3, 3, 0);
	icmp_error(t, ELVS_V_TC_NO_DEST, s, VIP6, 1, 4, 0);
	s.proto = IPPROTO_UDP;
	s.payload = 1400;
	icmp_error(t, ELVS_V_TC_NO_DEST, s, VIP6, 1, 4, 0);
	DP_CHECK(t, !conns(t), "%u connections", conns(t));
}

ROW(DP_BOTH, "no ICMP error for a segment that opens nothing")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	p.flags = ACK;
	left_alone(t, ELVS_V_NO_CONNECTION, p);
	p.flags = RST;
	left_alone(t, ELVS_V_NO_CONNECTION, p);
}

ROW(DP_BOTH, "client port 20 is never scheduled")
{
	struct pkt p = SYN4;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	p.sport = 20;
	left_alone(t, ELVS_V_NO_CONNECTION, p);
}

/* ---- size ---- */

ROW(DP_BOTH, "1,024 servers in one service: each gets one in 1,024, by rr, wlc and wrr")
{
	static const char *const scheds[] = { "rr", "wlc", "wrr" };
	struct pkt p = { .dst = VIP, .dport = 80, .flags = SYN };
	char words[80];

	for (size_t s = 0; s < 3; s++) {
		dp_empty(t);
		snprintf(words, sizeof(words), "tcp 10.1.0.100:80 %s", scheds[s]);
		service(t, words);
		elvs_batch_begin(t->e);
		for (int i = 0; i < 1024; i++) {
			struct elvs_hop h;

			snprintf(words, sizeof(words), "10.2.%d.%d:80 dr", 1 + i / 200, 1 + i % 200);
			server(t, words);
			*strchr(words, ':') = 0;
			h = hop_default(t, RS(1));
			h.dmac[0] = 6;
			h.dmac[4] = 1 + i / 200;
			h.dmac[5] = 1 + i % 200;
			hop_set(t, words, &h);
		}
		elvs_batch_end(t->e);
		static uint8_t hits[1024];

		memset(hits, 0, sizeof(hits));
		for (int i = 0; i < 2048; i++) {
			int at;

			p.src4 = 0x0a000100 + i;
			p.sport = 2000 + i;
			DP_CHECK(t, forwarded_somewhere(t, p), "%s: connection %d was not forwarded", scheds[s], i);
			at = (t->out.b[4] - 1) * 200 + t->out.b[5] - 1;
			DP_CHECK(t, at >= 0 && at < 1024 && t->out.b[0] == 6, "%s: sent to nobody", scheds[s]);
			hits[at]++;
			DP_CHECK(t, hits[at] == 1 + i / 1024, "%s: server %d got its %dth connection as number %d",
				 scheds[s], at, hits[at], i);
		}
	}
}

ROW(DP_BOTH, "4,096 services: each is found, and gives each connection to its own server")
{
	struct pkt p = { .src = CLIENT, .flags = SYN };
	char words[80], addr[40];

	elvs_batch_begin(t->e);
	for (int i = 0; i < 4096; i++) {
		snprintf(words, sizeof(words), "tcp 10.9.%d.%d:%d rr", i / 256, i % 256, 1 + i);
		service(t, words);
		snprintf(words, sizeof(words), "10.1.0.1%d:%d dr", 1 + i % 4, 1 + i);
		server(t, words);
	}
	elvs_batch_end(t->e);
	p.dst = addr;
	for (int i = 0; i < 4096; i++) {
		snprintf(addr, sizeof(addr), "10.9.%d.%d", i / 256, i % 256);
		p.dport = 1 + i;
		p.sport = 1024 + i;
		forwarded(t, p, dr(p, 1 + i % 4));
		if (i % 64)
			continue;
		p.dport++;
		left_alone(t, ELVS_V_NO_SERVICE, p);
	}
	DP_CHECK(t, conns(t) == 4096, "%u connections", conns(t));
}

ROW(DP_BOTH, "one client port with connections to 32 services keeps them apart")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .flags = SYN, .sport = 1024 };
	char words[80];

	for (int i = 0; i < 32; i++) {
		snprintf(words, sizeof(words), "tcp 10.1.0.100:%d rr", 1 + i);
		service(t, words);
		snprintf(words, sizeof(words), "10.1.0.1%d:%d nat", 1 + i % 4, 1 + i);
		server(t, words);
	}
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 32; i++) {
			struct pkt a;

			p.dport = 1 + i;
			forwarded(t, p, nat(p, 1 + i % 4, 1 + i));
			a = answer(p, 1 + i % 4, 1 + i);
			a.flags = pass ? ACK : SYN | ACK;
			replied(t, a, answer_seen(a, VIP, 1 + i));
		}
		p.flags = ACK;
	}
	DP_CHECK(t, conns(t) == 32, "%u connections", conns(t));
}

ROW(DP_BOTH, "wrr with weights whose cycle is far too long to be written out keeps the shares")
{
	struct pkt p = { .dst = VIP, .dport = 80, .flags = SYN };
	int hits[5] = { 0 };

	service(t, "tcp 10.1.0.100:80 wrr");
	server(t, RS(1) ":80 dr weight 65535");
	server(t, RS(2) ":80 dr weight 65534");
	server(t, RS(3) ":80 dr weight 1");
	for (int i = 0; i < 4000; i++) {
		int rs;

		p.src4 = 0x0a000100 + i % 50000;
		p.sport = 2000 + i;
		rs = forwarded_somewhere(t, p) - 0x10;
		DP_CHECK(t, rs >= 1 && rs <= 3, "connection %d went nowhere", i);
		hits[rs]++;
	}
	DP_CHECK(t, hits[3] <= 1 && hits[1] - hits[2] <= 2 && hits[2] - hits[1] <= 2, "%d %d %d", hits[1], hits[2],
		 hits[3]);
}
