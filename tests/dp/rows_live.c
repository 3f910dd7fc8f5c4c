/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rows_live - frames that really leave: XDP programs run with BPF_F_TEST_XDP_LIVE_FRAMES, and what arrives at the far
 * end of the veth is compared. BPF_PROG_RUN alone cannot tell out of which interface a packet would go.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dp.h"
#include "net.h"

static void send_live(struct dp *t, const struct pkt *p)
{
	uint8_t b[PKT_MAX];
	size_t len = pkt_build(p, b);
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = t->in };
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = b, .data_size_in = len, .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .repeat = 1, .batch_size = 1);
	int r = bpf_prog_test_run_opts(elvs_prog_fd(t->e, ELVS_PROG_XDP), &o);

	DP_CHECK(t, !r, "live BPF_PROG_RUN: %s", strerror(-r));
}

/* Waits for exactly this frame; others (the kernel's own IPv6 chatter) are skipped. */
static bool arrives(int fd, const struct pkt *want, int ms)
{
	static uint8_t expected[PKT_MAX], got[PKT_MAX];
	size_t len = pkt_build(want, expected);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	while (poll(&pfd, 1, ms) > 0) {
		ssize_t n = recv(fd, got, sizeof(got), 0);

		if (n == (ssize_t)len && !memcmp(got, expected, len))
			return true;
	}
	return false;
}

ROW(DP_XDP, "live: DR leaves by the interface on which it came, when the server is there")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN, .payload = 30 };
	struct pkt out = dr(p, 1);
	int fd = net_tap(t->peer_pid, 0);

	DP_CHECK(t, fd >= 0, "no packet socket: %s", strerror(errno));
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, RS(1) ":80 dr");
	send_live(t, &p);
	DP_CHECK(t, arrives(fd, &out, 2000), "the frame did not arrive at eth0's far end");
	close(fd);
}

ROW(DP_XDP, "live: DR, NAT and TUN leave by the other interface, when the server is there, and the answer comes back")
{
	struct pkt p = { .src = CLIENT, .dst = VIP, .sport = 30000, .dport = 80, .flags = SYN, .payload = 30 };
	struct pkt d = dr(p, 1), n = nat(p, 2, 8080), u = tun(p, 3), a = answer(p, 2, 8080), seen;
	int fd0 = net_tap(t->peer_pid, 0), fd1 = net_tap(t->peer_pid, 1);

	DP_CHECK(t, fd0 >= 0 && fd1 >= 0, "no packet socket: %s", strerror(errno));
	service(t, "tcp 10.1.0.100:80 rr");
	server(t, "10.2.0.11:80 dr");
	server(t, "10.2.0.12:8080 nat");
	server(t, "10.2.0.13:80 tun");
	d.smac = n.smac = u.smac = M_DIR1;
	n.dst = "10.2.0.12";
	u.tun_dst = "10.2.0.13";
	u.tun_src = "10.2.0.1";
	u.df = p.df = n.df = d.df = true;
	send_live(t, &p);
	DP_CHECK(t, arrives(fd1, &u, 2000), "TUN: the frame did not arrive at eth1's far end");
	p.sport = n.sport = a.dport = 30001;
	send_live(t, &p);
	DP_CHECK(t, arrives(fd1, &n, 2000), "NAT: the frame did not arrive at eth1's far end");
	p.sport = d.sport = 30002;
	send_live(t, &p);
	DP_CHECK(t, arrives(fd1, &d, 2000), "DR: the frame did not arrive at eth1's far end");
	t->in = t->ifindex[1];
	a.src = "10.2.0.12";
	a.dmac = M_DIR1;
	a.flags = SYN | ACK;
	seen = answer_seen(a, VIP, 80);
	send_live(t, &a);
	DP_CHECK(t, arrives(fd0, &seen, 2000), "the answer did not arrive at eth0's far end");
	close(fd0);
	close(fd1);
}
