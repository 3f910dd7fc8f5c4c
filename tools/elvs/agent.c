/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent - answers each connection with one line of HAProxy's agent protocol ("75%", "drain") and closes it.
 *
 * One connection at a time is enough: the answer is a line that fits any socket buffer, nothing is read, and nobody
 * waited for.
 */
#include "agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGENT_PORT 8777

static const char usage[] =
	"Usage: elvs realserver agent [--listen ADDRESS] [--port N] [--max-connections N] [--drain-file PATH] "
	"[--once]\n\n"
	"Tells directors how much of this real server's weight it can carry, from its own load: an AGENT_CHECK (or\n"
	"HAProxy's agent-check) that connects gets a line like `75%'.\n\n"
	"      --listen ADDRESS     where to listen (all addresses)\n"
	"      --port N             port (8777)\n"
	"      --max-connections N  TCP connections that this machine can hold; the load alone counts without it\n"
	"      --drain-file PATH    while this file exists the answer is `drain': no new connections\n"
	"      --once               print one answer and end\n"
	"  -h, --help               show this text\n";

struct agent {
	const char *listen, *drain_file;
	unsigned long max_connections;
	int port;
	bool once;
};

int agent_percent(double load, int cpus, unsigned long connections, unsigned long max_connections)
{
	double left = 1 - load / (cpus > 0 ? cpus : 1), left_connections = 1;

	if (max_connections)
		left_connections = 1 - (double)connections / (double)max_connections;
	if (left_connections < left)
		left = left_connections;
	if (left > 1)
		left = 1;
	return left < 0.01 ? 1 : (int)(left * 100 + 0.5);
}

/* TCP sockets in use in this network namespace */
static unsigned long connections(void)
{
	FILE *f = fopen("/proc/net/sockstat", "re");
	unsigned long n = 0;
	char line[200];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "TCP: inuse %lu", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static void answer(const struct agent *a, char *buf, size_t size)
{
	double load = 0;

	if (a->drain_file && access(a->drain_file, F_OK) == 0) {
		snprintf(buf, size, "drain\n");
		return;
	}
	if (getloadavg(&load, 1) < 1)
		load = 0;
	snprintf(buf, size, "%d%%\n",
		 agent_percent(load, (int)sysconf(_SC_NPROCESSORS_ONLN), connections(), a->max_connections));
}

static int open_listener(const struct verb *v, const struct agent *a)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)a->port) };
	struct sockaddr_in at4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)a->port) };
	bool v4 = a->listen && inet_pton(AF_INET, a->listen, &at4.sin_addr) == 1;
	int on = 1, off = 0, fd;

	if (a->listen && !v4 && inet_pton(AF_INET6, a->listen, &at.sin6_addr) != 1) {
		verb_usage(v, "--listen %s: an IPv4 or IPv6 address is needed", a->listen);
		return -EXIT_USAGE;
	}
	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 && !a->listen && errno == EAFNOSUPPORT) { /* a machine without IPv6 */
		v4 = true;
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	}
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (!v4 && !a->listen)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	}
	if (fd < 0 || bind(fd, v4 ? (void *)&at4 : (void *)&at, v4 ? sizeof(at4) : sizeof(at)) < 0 ||
	    listen(fd, 128) < 0) {
		verb_error(v, "port %d: %s", a->port, strerror(errno));
		return -EXIT_FAILED;
	}
	return fd;
}

static int serve(const struct verb *v, const struct agent *a)
{
	int fd = open_listener(v, a), client;
	char line[32];

	if (fd < 0)
		return -fd;
	for (;;) {
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
			usleep(100000); /* not worth dying of; the check sees a time-out meanwhile */
		if (client < 0)
			continue;
		answer(a, line, sizeof(line));
		send(client, line, strlen(line), MSG_NOSIGNAL);
		close(client);
	}
}

static bool number(const char *word, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(word, &end, 10);
	return *word && !*end && !errno && *word != '-' && *ret >= 1 && *ret <= max;
}

int agent_run(const struct verb *v, int argc, char **argv)
{
	static const struct option longs[] = { { "listen", required_argument, NULL, 'l' },
					       { "port", required_argument, NULL, 'p' },
					       { "max-connections", required_argument, NULL, 'm' },
					       { "drain-file", required_argument, NULL, 'd' },
					       { "once", no_argument, NULL, 'o' },
					       { "help", no_argument, NULL, OPT_HELP },
					       {} };
	struct agent a = { .port = AGENT_PORT };
	unsigned long n = AGENT_PORT;
	char line[32];
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (opt == 'l')
			a.listen = optarg;
		else if (opt == 'd')
			a.drain_file = optarg;
		else if (opt == 'o')
			a.once = true;
		else if (opt == 'p' && !number(optarg, 65535, &n))
			return verb_usage(v, "--port %s: a number from 1 to 65535 is needed", optarg);
		else if (opt == 'm' && !number(optarg, 1ul << 31, &a.max_connections))
			return verb_usage(v, "--max-connections %s: a number is needed", optarg);
		else if (opt == OPT_HELP) {
			fputs(usage, stdout);
			return EXIT_OK;
		} else if (opt != 'p' && opt != 'm')
			return verb_bad_option(v, opt, argv);
	}
	if (optind < argc)
		return verb_usage(v, "agent takes no argument, %s is one", argv[optind]);
	a.port = (int)n;
	if (!a.once)
		return serve(v, &a);
	answer(&a, line, sizeof(line));
	fputs(line, stdout);
	return EXIT_OK;
}
