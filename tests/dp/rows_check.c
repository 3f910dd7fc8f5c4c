/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_check - health checks addressed to the virtual service at one real server: marked packets of this host on their
 * way out, and their answers.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

#include "packets.h"

#define CHECKER_PORT 41000

static union elvs_addr addr_of(const char *s)
{
	union elvs_addr a = { .a = { 0 } };

	inet_pton(strchr(s, ':') ? AF_INET6 : AF_INET, s, &a);
	return a;
}

static uint32_t check_to(struct dp *t, const char *vip, const char *server, uint32_t method)
{
	struct elvs_check_conf c = { .af = strchr(vip, ':') ? AF_INET6 : AF_INET,
				     .vip = addr_of(vip),
				     .server = addr_of(server),
				     .method = method };
	uint32_t mark;
	int r = elvs_check_set(t->e, &c, &mark);

	DP_CHECK(t, !r, "check of %s: %s", server, elvs_strerror(t->e));
	return mark;
}

/* From the checker's socket to the server's address, as the kernel sends it out */
static struct pkt probe(bool v6, int rs, uint16_t sport)
{
	struct pkt p = { .smac = M_DIR,
			 .dmac = 0x10 + rs,
			 .src = v6 ? DIP6 : DIP,
			 .sport = sport,
			 .dport = 80,
			 .flags = SYN,
			 .tcpopts = 20,
			 .id = 3 };
	static const char *const rs4[] = { "", RS(1), RS(2) }, *const rs6[] = { "", RS6(1), RS6(2) };

	p.dst = v6 ? rs6[rs] : rs4[rs];
	return p;
}

/* What its answer looks like on the wire: from the virtual address */
static struct pkt answer_to(struct pkt sent, int rs)
{
	struct pkt a = sent;

	a.smac = 0x10 + rs;
	a.dmac = M_DIR;
	a.src = sent.dst;
	a.dst = sent.src;
	a.sport = sent.dport;
	a.dport = sent.sport;
	a.flags = SYN | ACK;
	a.tun_dst = a.tun_src = NULL;
	return a;
}

static void there_and_back(struct dp *t, struct pkt p, int rs, const char *vip, uint32_t method)
{
	struct pkt out = p, a, seen;

	out.dst = vip;
	if (method == IP_VS_CONN_F_TUNNEL) {
		out.tun_dst = p.dst;
		out.tun_src = p.src;
	}
	leaves(t, p, out);
	a = seen = answer_to(out, rs);
	seen.src = p.dst;
	handed_up(t, ELVS_V_CHECK_ANSWER, ELVS_V_NO_SERVICE, a, seen);
	p.flags = out.flags = ACK;
	leaves(t, p, out);
}

ROW(DP_BOTH, "check: routed, a marked packet gets the virtual address, the answer loses it")
{
	t->mark = check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE);
	there_and_back(t, probe(false, 1, CHECKER_PORT), 1, VIP, IP_VS_CONN_F_DROUTE);
	t->mark = check_to(t, VIP6, RS6(1), IP_VS_CONN_F_DROUTE);
	there_and_back(t, probe(true, 1, CHECKER_PORT), 1, VIP6, IP_VS_CONN_F_DROUTE);
}

ROW(DP_BOTH, "check: tunnelled, it is wrapped as well")
{
	struct pkt p = probe(false, 1, CHECKER_PORT);

	p.df = true;
	t->mark = check_to(t, VIP, RS(1), IP_VS_CONN_F_TUNNEL);
	there_and_back(t, p, 1, VIP, IP_VS_CONN_F_TUNNEL);
	t->mark = check_to(t, VIP6, RS6(1), IP_VS_CONN_F_TUNNEL);
	there_and_back(t, probe(true, 1, CHECKER_PORT), 1, VIP6, IP_VS_CONN_F_TUNNEL);
}

ROW(DP_BOTH, "check: datagrams, too, and with the service's scheduler asking for nothing")
{
	struct pkt p = probe(false, 1, CHECKER_PORT), out, a, seen;

	service(t, "udp 10.1.0.100:53 rr");
	server(t, RS(2) ":53 dr");
	p.proto = IPPROTO_UDP;
	p.dport = 53;
	p.flags = p.tcpopts = 0;
	p.payload = 20;
	out = p;
	out.dst = VIP;
	t->mark = check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE);
	leaves(t, p, out);
	a = seen = answer_to(out, 1);
	a.flags = seen.flags = 0;
	seen.src = RS(1);
	handed_up(t, ELVS_V_CHECK_ANSWER, ELVS_V_NO_SERVICE, a, seen);
	DP_CHECK(t, !conns(t), "it made a connection");
}

ROW(DP_BOTH, "check: the same port towards two servers is two ports on the wire, and each gets its own answer")
{
	uint32_t one = check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE),
		 two = check_to(t, VIP, RS(2), IP_VS_CONN_F_DROUTE);
	struct pkt p = probe(false, 1, CHECKER_PORT), q = probe(false, 2, CHECKER_PORT), out = p, a, seen;
	uint16_t port;

	DP_CHECK(t, one != two && one == check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE), "marks 0x%x and 0x%x", one,
		 two);
	t->mark = one;
	out.dst = VIP;
	leaves(t, p, out);
	t->mark = two;
	port = leaves_somehow(t, q);
	DP_CHECK(t, port != CHECKER_PORT, "both have the port %u", port);
	out = q;
	out.dst = VIP;
	out.sport = port;
	leaves(t, q, out);
	a = seen = answer_to(out, 2);
	seen.src = RS(2);
	seen.dport = CHECKER_PORT;
	handed_up(t, ELVS_V_CHECK_ANSWER, ELVS_V_NO_SERVICE, a, seen);
	a.dport = CHECKER_PORT;
	a.smac = 0x11;
	seen = a;
	seen.src = RS(1);
	handed_up(t, ELVS_V_CHECK_ANSWER, ELVS_V_NO_SERVICE, a, seen);
}

ROW(DP_BOTH, "check: a server without the address that sends it back gets no connection out of us")
{
	struct pkt p = probe(false, 1, CHECKER_PORT), out = p;

	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(2) ":80 dr");
	t->mark = check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE);
	out.dst = VIP;
	leaves(t, p, out);
	out.smac = 0x11;
	out.dmac = M_DIR;
	out.ttl = 63;
	left_alone(t, ELVS_V_NO_CONNECTION, out);
	out.sport++;
	forwarded(t, out, dr(out, 2));
}

ROW(DP_TC, "check: no mark, another server's mark, a mark of nobody, an address of the service's: as they were")
{
	struct pkt p = probe(false, 1, CHECKER_PORT + 1000), q = probe(false, 2, CHECKER_PORT + 1000), a;
	uint32_t mark = check_to(t, VIP, RS(1), IP_VS_CONN_F_DROUTE);

	t->mark = 0;
	leaves(t, p, p);
	t->mark = mark;
	leaves(t, q, q);
	t->mark = mark + 1;
	leaves(t, p, p);
	t->mark = mark & 0xffffff;
	leaves(t, p, p);
	t->mark = mark;
	q = p;
	q.src = VIP;
	leaves(t, q, q);
	p.flags = ACK; /* of a connection that began elsewhere */
	leaves(t, p, p);
	a = answer_to(p, 1);
	a.src = VIP;
	left_alone(t, ELVS_V_NO_SERVICE, a);
	DP_CHECK(t, !elvs_check_del(t->e, mark), "it cannot be deleted");
	DP_CHECK(t, elvs_check_del(t->e, mark) == -ENOENT, "it was deleted twice");
	p.flags = SYN;
	leaves(t, p, p);
}
