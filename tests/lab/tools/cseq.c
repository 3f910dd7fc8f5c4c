// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cseq - a client that makes connections one after another and prints who answered each.
 *
 * cseq [options] ADDRESS PORT; prints "SOURCE DESTINATION NAME" per connection, NAME being the first line of the
 * body (rsd or nginx), or REFUSED, TIMEOUT, or the errno's text. Exit status: how many failed (125 at most).
 *   -u         UDP: one datagram, one answer
 *   -n N       connections per address pair (1)
 *   -b SOURCE  source address; -k N: from N successive source addresses; -K N: to N successive destinations
 *   -p PORT    first source port, one more for each connection (default: the kernel's choice)
 *   -h         keep every connection open until the end;  -W MS: and that long after the last
 *   -w MS      pause after each (20);  -T MS: how long to wait for an answer (3000)
 *   -v         ask the server what addresses it sees;  -q: print NAME only
 * It is slow on purpose: sequences of schedulers can be compared only when connections do not overlap.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "peer.h"

struct options {
	bool udp, hold, verbose, quiet;
	int per_pair, sources, destinations, pause_ms, linger_ms, timeout_ms;
	uint16_t source_port;
	const char *source, *destination;
	uint16_t port;
};

static void usage(void)
{
	fprintf(stderr, "usage: cseq [-uhvq] [-n N] [-b SOURCE] [-k N] [-K N] [-p PORT] [-w MS] [-W MS] [-T MS] "
			"ADDRESS PORT\n");
	exit(64);
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "uhvqn:b:k:K:p:w:W:T:")) != -1) {
		switch (c) {
		case 'u':
			o->udp = true;
			break;
		case 'h':
			o->hold = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case 'n':
			o->per_pair = atoi(optarg);
			break;
		case 'b':
			o->source = optarg;
			break;
		case 'k':
			o->sources = atoi(optarg);
			break;
		case 'K':
			o->destinations = atoi(optarg);
			break;
		case 'p':
			o->source_port = atoi(optarg);
			break;
		case 'w':
			o->pause_ms = atoi(optarg);
			break;
		case 'W':
			o->linger_ms = atoi(optarg);
			break;
		case 'T':
			o->timeout_ms = atoi(optarg);
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2)
		usage();
	o->destination = argv[optind];
	o->port = atoi(argv[optind + 1]);
}

static const char *request_text(const struct options *o)
{
	if (o->hold || o->udp)
		return o->verbose ? "HOLD /v\n" : "HOLD\n";
	return o->verbose ? "GET /v HTTP/1.0\r\n\r\n" : "GET / HTTP/1.0\r\n\r\n";
}

static int open_socket(const struct options *o, const union peer *to, int nth_source, uint16_t source_port)
{
	const int one = 1;
	struct timeval timeout = { o->timeout_ms / 1000, o->timeout_ms % 1000 * 1000 };
	union peer from = peer_any(to, source_port);
	int fd = socket(to->sa.sa_family, o->udp ? SOCK_DGRAM : SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (o->source) {
		if (!peer_parse(&from, o->source, source_port))
			usage();
		peer_advance(&from, nth_source);
	}
	if ((o->source || source_port) && bind(fd, &from.sa, peer_len(&from)) < 0) {
		fprintf(stderr, "cseq: bind to port %u: %s\n", source_port, strerror(errno));
		exit(125);
	}
	return fd;
}

/* Returns the first line of the body (in buf), or NULL when nothing came. */
static const char *ask(const struct options *o, int fd, char *buf, size_t size)
{
	const char *text = request_text(o);
	size_t have = 0;
	ssize_t n;
	char *body;

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	while ((n = recv(fd, buf + have, size - 1 - have, 0)) > 0) {
		have += n;
		if (o->hold || o->udp)
			break;
	}
	if (!have)
		return NULL;
	buf[have] = 0;
	body = strstr(buf, "\r\n\r\n");
	body = body ? body + 4 : buf;
	body[strcspn(body, "\n")] = 0;
	return body;
}

static const char *failure(int error)
{
	if (error == ECONNREFUSED)
		return "REFUSED";
	if (error == EINPROGRESS || error == EAGAIN || error == ETIMEDOUT)
		return "TIMEOUT";
	return strerror(error);
}

/* One connection; returns whether it was answered. */
static bool connect_once(const struct options *o, const union peer *to, int nth_source, uint16_t source_port)
{
	char buf[4096], from_text[PEER_TEXT], to_text[PEER_TEXT];
	int fd = open_socket(o, to, nth_source, source_port);
	const char *name = NULL;
	union peer from;
	socklen_t len = sizeof(from);
	bool answered;

	if (connect(fd, &to->sa, peer_len(to)) == 0) {
		errno = 0;
		name = ask(o, fd, buf, sizeof(buf));
		if (!name)
			errno = errno == ECONNREFUSED ? ECONNREFUSED : ETIMEDOUT;
	}
	answered = name;
	if (!name)
		name = failure(errno);
	len = sizeof(from);
	getsockname(fd, &from.sa, &len);
	if (o->quiet)
		printf("%s\n", name);
	else
		printf("%s %s %s\n", peer_text(&from, from_text), peer_text(to, to_text), name);
	fflush(stdout);
	if (!o->hold)
		close(fd);
	usleep(o->pause_ms * 1000);
	return answered;
}

int main(int argc, char **argv)
{
	struct options o = { .per_pair = 1, .sources = 1, .destinations = 1, .pause_ms = 20, .timeout_ms = 3000 };
	uint16_t source_port;
	int failed = 0;
	union peer first;

	parse(&o, argc, argv);
	if (!peer_parse(&first, o.destination, o.port))
		usage();
	source_port = o.source_port;
	for (int s = 0; s < o.sources; s++)
		for (int d = 0; d < o.destinations; d++)
			for (int n = 0; n < o.per_pair; n++) {
				union peer to = first;

				peer_advance(&to, d);
				failed += !connect_once(&o, &to, s, source_port);
				if (source_port)
					source_port++;
			}
	usleep(o.linger_ms * 1000);
	return failed > 125 ? 125 : failed;
}
