/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dns - DNS_CHECK: one query; any answer to it without an error will do. */
#include "kinds.h"

#include <errno.h>
#include <unistd.h>

#include "dns_msg.h"
#include "sock.h"

/* The query is made again from the try's number where it is needed: nothing to keep, nothing to free. */
static int query_of(const struct check *k, uint8_t *buf)
{
	uint64_t id = (k->at->key + k->serial * 0x9e3779b97f4a7c15ull) ^ k->started_us * 0xff51afd7ed558ccdull;

	return dns_query(buf, (uint16_t)(id >> 48), k->conf->dns.type, k->conf->dns.name);
}

static void ready(evutil_socket_t fd, short what, void *arg)
{
	uint8_t buf[65536], query[DNS_QUERY_MAX];
	struct check *k = arg;
	int n_query = query_of(k, query);
	unsigned rcode;
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		sock_failed(k, -errno, "waiting for the answer");
		return;
	}
	switch (dns_answer(buf, (size_t)n, query, (size_t)n_query, &rcode)) {
	case DNS_GOOD:
		check_done(k, ENGINE_OK, NULL);
		break;
	case DNS_ERROR:
		check_done(k, ENGINE_FAILED, "DNS answer %s (%u), want NOERROR", dns_rcode_name(rcode), rcode);
		break;
	case DNS_OTHER:
		break;
	}
}

static void start(struct check *k)
{
	uint8_t query[DNS_QUERY_MAX];
	int r, n = query_of(k, query);

	if (n < 0) {
		check_done(k, ENGINE_AGAIN, "%s is no domain name", k->conf->dns.name);
		return;
	}
	r = sock_open(k, SOCK_DGRAM);
	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return;
	}
	r = sock_connect(k);
	if (r >= 0 && send(k->fd, query, (size_t)n, MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r < 0) {
		sock_failed(k, r, "sending the query");
		return;
	}
	check_step(k, k->conf->connect_timeout_us);
	if (check_watch(k, k->fd, EV_READ, ready) < 0)
		check_done(k, ENGINE_AGAIN, "no memory");
}

static void timeout(struct check *k)
{
	check_timed_out(k, "waiting for the answer");
}

static void end(struct check *k)
{
}

const struct check_kind check_dns = { .name = "DNS_CHECK",
				      .proto = "UDP",
				      .socket_type = SOCK_DGRAM,
				      .start = start,
				      .timeout = timeout,
				      .end = end,
				      .success = "DNS_CHECK (%s) succeeded." };
