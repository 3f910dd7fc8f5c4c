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

static void ready(struct check *k, uint32_t events)
{
	uint8_t buf[65536], query[DNS_QUERY_MAX];
	int n_query = query_of(k, query);
	unsigned rcode;
	ssize_t n = recv(k->run->fd, buf, sizeof(buf), 0);

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
	int n = query_of(k, query);

	if (n < 0)
		check_done(k, ENGINE_AGAIN, "%s is no domain name", k->conf->dns.name);
	else if (sock_begin(k, SOCK_DGRAM, SOCK_LISTENS, EPOLLIN, ready) &&
		 send(k->run->fd, query, (size_t)n, MSG_NOSIGNAL) < 0)
		sock_failed(k, -errno, "sending the query");
}

static void timeout(struct check *k)
{
	check_timed_out(k, "waiting for the answer");
}

const struct check_kind check_dns = { .name = "DNS_CHECK",
				      .proto = "UDP",
				      .socket_type = SOCK_DGRAM,
				      .start = start,
				      .timeout = timeout,
				      .success = "DNS_CHECK (%s) succeeded." };
