/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net - see net.h.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd) != 0) {
		printf("Bail out! %s failed\n", cmd);
		exit(1);
	}
}

static void sysctl(const char *name, const char *value)
{
	int fd = open(name, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		printf("Bail out! %s = %s: %s\n", name, value, strerror(errno));
		exit(1);
	}
	close(fd);
}

/* A child in a namespace of its own, which dies with us */
static pid_t hold_namespace(void)
{
	int ready[2];
	char c;
	pid_t pid;

	if (pipe(ready) || (pid = fork()) < 0) {
		printf("Bail out! fork: %s\n", strerror(errno));
		exit(1);
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
			close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1) {
		printf("Bail out! no network namespace for the far ends\n");
		exit(1);
	}
	close(ready[0]);
	return pid;
}

static void lan(int n, pid_t peer)
{
	run("ip link add eth%d address 02:00:00:00:00:0%d type veth peer name peer%d netns %d", n, n + 1, n, peer);
	run("ip link set eth%d up", n);
	/* The far ends say nothing by themselves: a packet of theirs would be counted as one of a row's. */
	run("nsenter -t %d -n sysctl -qw net.ipv6.conf.peer%d.disable_ipv6=1", peer, n);
	run("nsenter -t %d -n ip link set peer%d up", peer, n);
	/* without it the far end drops what XDP transmits (veth receives XDP frames through NAPI only) */
	run("nsenter -t %d -n ethtool -K peer%d gro on", peer, n);
	run("ip addr add 10.%d.0.1/24 dev eth%d && ip addr add fd00:%d::1/64 dev eth%d nodad", n + 1, n, n + 1, n);
	for (int i = 1; i <= 4; i++)
		run("ip neigh add 10.%d.0.1%d lladdr 02:00:00:00:00:1%d dev eth%d nud permanent && "
		    "ip neigh add fd00:%d::1%d lladdr 02:00:00:00:00:1%d dev eth%d nud permanent",
		    n + 1, i, i, n, n + 1, i, i, n);
}

void net_setup(uint32_t ret_ifindex[2], pid_t *ret_peer)
{
	*ret_peer = hold_namespace();
	if (unshare(CLONE_NEWNET)) {
		printf("Bail out! no network namespace of our own: %s (this needs root)\n", strerror(errno));
		exit(1);
	}
	sysctl("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	sysctl("/proc/sys/net/ipv4/ip_forward", "1");
	sysctl("/proc/sys/net/ipv6/conf/all/forwarding", "1");
	run("ip link set lo up");
	lan(0, *ret_peer);
	lan(1, *ret_peer);
	run("ip addr add 10.1.0.100/32 dev eth0 && ip addr add fd00:1::100/128 dev eth0 nodad preferred_lft 0");
	run("ip neigh add 10.1.0.254 lladdr 02:00:00:00:00:fe dev eth0 nud permanent");
	run("ip neigh add fd00:1::254 lladdr 02:00:00:00:00:fe dev eth0 nud permanent");
	run("ip route add default via 10.1.0.254 && ip -6 route add default via fd00:1::254");
	for (int i = 0; i < 2; i++) {
		char name[] = "eth0";

		name[3] += i;
		ret_ifindex[i] = if_nametoindex(name);
	}
}

void net_teardown(pid_t peer)
{
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
}

int net_tap(pid_t peer, int nth)
{
	char path[64];
	int home, there, fd = -1;
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	char name[] = "peer0";

	name[4] += nth;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", peer);
	home = open("/proc/self/ns/net", O_RDONLY);
	there = open(path, O_RDONLY);
	if (home >= 0 && there >= 0 && !setns(there, CLONE_NEWNET)) {
		ll.sll_ifindex = if_nametoindex(name);
		fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
		if (fd >= 0 && bind(fd, (struct sockaddr *)&ll, sizeof(ll)))
			close(fd), fd = -1;
		if (setns(home, CLONE_NEWNET))
			abort();
	}
	close(home);
	close(there);
	return fd;
}
