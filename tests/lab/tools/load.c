// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * load - an HTTP client that makes many requests, loses none unnoticed, and counts who answered.
 *
 * load [options] ADDRESS PORT; on exit (also on SIGTERM) prints, one per line, "key value":
 *   requests ok failed refused timeout reset short gap_ms retransmits slowest_ms, and "server NAME COUNT" for each
 * answerer (gap_ms is the longest time in which no answer came; NAME is the first line of the body). retransmits sums
 * tcpi_total_retrans over all connections, SYNs included, so that a packet lost anywhere is seen even though TCP
 * mended it.
 *   -n N       requests (1000);   -c N  at once (8);   -k N  requests per connection (1)
 *   -r N       requests per second at most (no limit)
 *   -b SOURCE  source address; -s N: take N successive source addresses in turn; -f PORT: every connection takes the
 *              next source port, from PORT on (a port the kernel chooses may come twice)
 *   -P PATH    (/);   -T MS  a request slower than this has failed (5000)
 *   -p FILE    keep the number of finished requests in FILE, for scripts that wait for it
 * Exit status: 0 all answered, 1 some failed, 64 usage. One thread, one epoll loop; no TLS, no redirects.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

#define MAX_SLOTS 4096
#define MAX_NAMES 64
#define NAME_MAX_LEN 48
#define ANSWER_MAX 8192

enum outcome { OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_TIMEOUT, OUTCOME_RESET, OUTCOME_SHORT, OUTCOME_COUNT };
static const char *const outcome_name[] = { "ok", "refused", "timeout", "reset", "short" };

enum phase { PHASE_IDLE, PHASE_CONNECTING, PHASE_READING };

struct slot {
	int fd; /* -1: none; kept between requests of one connection */
	enum phase phase;
	unsigned int used; /* requests made on fd */
	uint64_t began_us;
	size_t have;
	char answer[ANSWER_MAX];
};

struct load {
	unsigned int want, concurrency, per_connection, rate, sources, timeout_ms, first_port;
	const char *source, *path, *progress;
	union peer to;

	int epoll;
	struct slot *slots;
	unsigned int started, finished, dialled, next_slot;
	uint64_t begin_us, slowest_us, retransmits;
	uint64_t answered_us, gap_us; /* when the last answer was whole; the longest time without one */
	unsigned int outcomes[OUTCOME_COUNT];
	int progress_fd;
	unsigned int names;
	struct {
		char name[NAME_MAX_LEN];
		unsigned int count;
	} name[MAX_NAMES];
};

static volatile sig_atomic_t stopped; /* a signal handler has nothing else to write to */

static void on_term(int sig)
{
	stopped = 1;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

static void usage(void)
{
	fprintf(stderr,
		"usage: load [-n N] [-c N] [-k N] [-r N] [-b SOURCE] [-s N] [-f PORT] [-P PATH] [-T MS] [-p FILE] "
		"ADDRESS PORT\n");
	exit(64);
}

static void note_name(struct load *l, const char *body)
{
	size_t len = strcspn(body, "\r\n");
	unsigned int i;

	if (len >= NAME_MAX_LEN)
		len = NAME_MAX_LEN - 1;
	for (i = 0; i < l->names; i++)
		if (strlen(l->name[i].name) == len && !memcmp(l->name[i].name, body, len))
			break;
	if (i == MAX_NAMES)
		return;
	if (i == l->names) {
		memcpy(l->name[i].name, body, len);
		l->names++;
	}
	l->name[i].count++;
}

static unsigned int retransmits_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_total_retrans : 0;
}

static void hang_up(struct load *l, struct slot *s)
{
	if (s->fd < 0)
		return;
	l->retransmits += retransmits_of(s->fd);
	close(s->fd);
	s->fd = -1;
	s->used = 0;
}

static void finish(struct load *l, struct slot *s, enum outcome outcome)
{
	uint64_t now = now_us(), took = now - s->began_us;
	char text[16];

	if (outcome == OUTCOME_OK) {
		if (l->answered_us && now - l->answered_us > l->gap_us)
			l->gap_us = now - l->answered_us;
		l->answered_us = now;
	}
	if (took > l->slowest_us)
		l->slowest_us = took;
	l->outcomes[outcome]++;
	l->finished++;
	s->phase = PHASE_IDLE;
	if (outcome != OUTCOME_OK || s->used >= l->per_connection)
		hang_up(l, s);
	if (l->progress_fd >= 0) {
		int n = snprintf(text, sizeof(text), "%u\n", l->finished);

		if (pwrite(l->progress_fd, text, n, 0) != n)
			l->progress_fd = -1;
	}
}

static enum outcome outcome_of(int error)
{
	if (error == ECONNREFUSED)
		return OUTCOME_REFUSED;
	return error == ETIMEDOUT ? OUTCOME_TIMEOUT : OUTCOME_RESET;
}

static bool dial(struct load *l, struct slot *s)
{
	struct epoll_event ev = { .events = EPOLLOUT, .data.u32 = s - l->slots };
	union peer from;

	s->fd = socket(l->to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return false;
	if (l->source) {
		const int one = 1;

		peer_parse(&from, l->source, l->first_port ? l->first_port + l->dialled : 0);
		peer_advance(&from, l->dialled++ % l->sources);
		/* the port is chosen at connect(), so that one port may serve towards many servers */
		if (!l->first_port)
			setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
		setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(s->fd, &from.sa, peer_len(&from)) < 0) {
			fprintf(stderr, "load: bind: %s\n", strerror(errno));
			exit(64);
		}
	}
	if (connect(s->fd, &l->to.sa, peer_len(&l->to)) < 0 && errno != EINPROGRESS)
		return false;
	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->fd, &ev) == 0;
}

static void send_request(struct load *l, struct slot *s)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = s - l->slots };
	char text[512];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: lab\r\nConnection: %s\r\n\r\n", l->path,
			 s->used + 1 < l->per_connection ? "keep-alive" : "close");

	s->phase = PHASE_READING;
	s->have = 0;
	s->used++;
	epoll_ctl(l->epoll, EPOLL_CTL_MOD, s->fd, &ev);
	if (send(s->fd, text, n, MSG_NOSIGNAL) != n)
		finish(l, s, outcome_of(errno));
}

static void begin(struct load *l, struct slot *s)
{
	l->started++;
	s->began_us = now_us();
	if (s->fd >= 0) {
		send_request(l, s);
		return;
	}
	s->phase = PHASE_CONNECTING;
	if (!dial(l, s))
		finish(l, s, outcome_of(errno));
}

static void on_connected(struct load *l, struct slot *s)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		finish(l, s, outcome_of(error));
	else
		send_request(l, s);
}

/* The body once the answer is complete by its Content-Length, or NULL. */
static const char *complete_body(const struct slot *s)
{
	const char *end = strstr(s->answer, "\r\n\r\n"), *length = strcasestr(s->answer, "\r\nContent-Length:");

	if (!end || !length || length > end)
		return NULL;
	end += 4;
	return s->have >= (size_t)(end - s->answer) + strtoul(length + 17, NULL, 10) ? end : NULL;
}

static void on_readable(struct load *l, struct slot *s)
{
	ssize_t n = recv(s->fd, s->answer + s->have, ANSWER_MAX - 1 - s->have, 0);
	const char *body;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		finish(l, s, n < 0 ? outcome_of(errno) : OUTCOME_SHORT);
		return;
	}
	s->have += n;
	s->answer[s->have] = 0;
	body = complete_body(s);
	if (!body) {
		if (s->have == ANSWER_MAX - 1)
			finish(l, s, OUTCOME_SHORT);
		return;
	}
	note_name(l, body);
	finish(l, s,
	       strncmp(s->answer, "HTTP/1.1 200", 12) && strncmp(s->answer, "HTTP/1.0 200", 12) ? OUTCOME_SHORT
												: OUTCOME_OK);
}

static bool may_begin(const struct load *l)
{
	if (l->started >= l->want || stopped)
		return false;
	return !l->rate || (now_us() - l->begin_us) * l->rate / 1000000 >= l->started;
}

/* Goes round, so that a slow pace still uses every connection. */
static void begin_what_may(struct load *l)
{
	for (unsigned int i = 0; i < l->concurrency && may_begin(l); i++) {
		struct slot *s = &l->slots[l->next_slot++ % l->concurrency];

		if (s->phase == PHASE_IDLE)
			begin(l, s);
	}
}

static void fail_the_late(struct load *l)
{
	uint64_t now = now_us();

	for (unsigned int i = 0; i < l->concurrency; i++) {
		struct slot *s = &l->slots[i];

		if (s->phase != PHASE_IDLE && now - s->began_us > l->timeout_ms * 1000ull)
			finish(l, s, OUTCOME_TIMEOUT);
	}
}

static void run(struct load *l)
{
	struct epoll_event ev[256];

	l->begin_us = now_us();
	while (l->finished < l->started || (l->started < l->want && !stopped)) {
		int n;

		begin_what_may(l);
		n = epoll_wait(l->epoll, ev, 256, l->rate ? 1 : 50);
		for (int i = 0; i < n; i++) {
			struct slot *s = &l->slots[ev[i].data.u32];

			if (s->phase == PHASE_CONNECTING)
				on_connected(l, s);
			else if (s->phase == PHASE_READING)
				on_readable(l, s);
			else
				hang_up(l, s); /* the server closed a connection that was at rest */
		}
		fail_the_late(l);
	}
	for (unsigned int i = 0; i < l->concurrency; i++)
		hang_up(l, &l->slots[i]);
}

static int report(const struct load *l)
{
	unsigned int failed = l->finished - l->outcomes[OUTCOME_OK];

	printf("requests %u\nfailed %u\n", l->finished, failed);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		printf("%s %u\n", outcome_name[i], l->outcomes[i]);
	printf("gap_ms %llu\n", (unsigned long long)l->gap_us / 1000);
	printf("retransmits %llu\nslowest_ms %llu\n", (unsigned long long)l->retransmits,
	       (unsigned long long)l->slowest_us / 1000);
	for (unsigned int i = 0; i < l->names; i++)
		printf("server %s %u\n", l->name[i].name, l->name[i].count);
	return failed ? 1 : 0;
}

static void parse(struct load *l, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:c:k:r:b:s:f:P:T:p:")) != -1) {
		switch (c) {
		case 'n':
			l->want = atoi(optarg);
			break;
		case 'c':
			l->concurrency = atoi(optarg);
			break;
		case 'k':
			l->per_connection = atoi(optarg);
			break;
		case 'r':
			l->rate = atoi(optarg);
			break;
		case 'b':
			l->source = optarg;
			break;
		case 's':
			l->sources = atoi(optarg);
			break;
		case 'f':
			l->first_port = atoi(optarg);
			break;
		case 'P':
			l->path = optarg;
			break;
		case 'T':
			l->timeout_ms = atoi(optarg);
			break;
		case 'p':
			l->progress = optarg;
			break;
		default:
			usage();
		}
	}
	if (argc - optind != 2 || !l->concurrency || l->concurrency > MAX_SLOTS || !l->sources ||
	    (l->first_port && (!l->source || l->first_port + l->want > 65535)) ||
	    !peer_parse(&l->to, argv[optind], atoi(argv[optind + 1])))
		usage();
}

int main(int argc, char **argv)
{
	struct load l = { .want = 1000,
			  .concurrency = 8,
			  .per_connection = 1,
			  .sources = 1,
			  .timeout_ms = 5000,
			  .path = "/",
			  .progress_fd = -1 };
	struct sigaction term = { .sa_handler = on_term };

	parse(&l, argc, argv);
	sigaction(SIGTERM, &term, NULL);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	l.slots = calloc(l.concurrency, sizeof(*l.slots));
	if (!l.slots || l.epoll < 0) {
		fprintf(stderr, "load: %s\n", strerror(errno));
		return 64;
	}
	for (unsigned int i = 0; i < l.concurrency; i++)
		l.slots[i].fd = -1;
	if (l.progress) {
		l.progress_fd = open(l.progress, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (l.progress_fd < 0) {
			fprintf(stderr, "load: %s: %s\n", l.progress, strerror(errno));
			return 64;
		}
	}
	run(&l);
	return report(&l);
}
