/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * http - HTTP_GET: pages are asked for, one URL a try, and judged by status, digest and regex.
 *
 * Not by libcurl, which SSL_GET uses (https.c): a plain GET of a page costs it 17 system calls and some 60
 * allocations where 6 and 1 will do, so that 10,000 checks a second took a whole core instead of half of one
 * (bench/checks). What it would save us, the parsing, is http_msg.c. Time as keepalived counts it: connect_timeout
 * for the connection, then anew for each piece of the answer; total_timeout for the whole.
 */
#include "kinds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_msg.h"
#include "page.h"
#include "sock.h"
#include "urls.h"

#define READ_SIZE 16384
#define READS 64 /* in one go, before others get their turn */

struct http_try {
	struct http_msg msg;
	struct page page;
	size_t sent, len; /* of the request */
	bool connected;
};

static char *request_of(const struct check *k)
{
	const struct conf_url *u = url_of(k);
	char address[80], *text;

	url_address(&k->at->addr, address, sizeof(address));
	if (asprintf(&text, "GET %s HTTP/1.%d\r\nHost: %s\r\nUser-Agent: " URL_AGENT "\r\n%s\r\n", u->path,
		     k->conf->http.protocol == 11, url_host(u, address),
		     k->conf->http.protocol != 10 ? "Connection: close\r\n" : "") < 0)
		return NULL;
	return text;
}

static const char *phase(const struct http_try *t)
{
	if (!t->connected)
		return "connecting";
	if (t->page.len)
		return "reading the answer";
	return t->msg.headers ? "reading the answer's headers" : "waiting for the answer";
}

static void judge(struct check *k)
{
	struct http_try *t = k->run->try;

	url_judge(k, &t->page, t->msg.status);
}

/* No more will come. */
static void closed(struct check *k)
{
	struct http_try *t = k->run->try;

	/* A wrong Content-Length or chunk is no failure, as keepalived has it: status and digest decide. */
	if (t->msg.state > HTTP_HEADER)
		judge(k);
	else if (!t->msg.headers)
		check_done(k, ENGINE_FAILED, "connection closed without an answer");
	else
		check_done(k, ENGINE_FAILED, "connection closed while %s", phase(t));
}

/* false: the try has ended. */
static bool take(struct check *k, const char *data, size_t len)
{
	struct http_try *t = k->run->try;
	const char *body;
	size_t n;
	int r;

	while ((r = http_msg_next(&t->msg, &data, &len, &body, &n)) == 1)
		if (!page_add(&t->page, body, n))
			t->msg.state = HTTP_DONE; /* more than anybody wants */
	if (r == -E2BIG)
		check_done(k, ENGINE_FAILED, "headers of more than %d KiB", HTTP_HEADERS_MAX >> 10);
	else if (r < 0)
		check_done(k, ENGINE_FAILED, "the answer is not HTTP");
	else if (t->msg.state == HTTP_DONE)
		judge(k);
	else
		return true;
	return false;
}

static void receive(struct check *k)
{
	struct http_try *t = k->run->try;
	char buf[READ_SIZE];
	bool some = false;
	int i;

	for (i = 0; i < READS; i++) {
		ssize_t n = recv(k->run->fd, buf, sizeof(buf), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			sock_failed(k, -errno, phase(t));
			return;
		}
		if (n == 0) {
			closed(k);
			return;
		}
		if (n < 0)
			break;
		if (!take(k, buf, (size_t)n))
			return;
		some = true;
	}
	if (some)
		check_step(k, k->conf->connect_timeout_us);
	if (i == READS)
		sockset_again(k); /* edges come once: there may be more */
}

/* Sends what is left of the request; a bit of it at a time is rare enough to write it anew. 0 or -errno. */
static int send_rest(struct check *k)
{
	struct http_try *t = k->run->try;
	char *request = request_of(k);
	ssize_t n;

	if (!request)
		return -ENOMEM;
	t->len = strlen(request);
	n = send(k->run->fd, request + t->sent, t->len - t->sent, MSG_NOSIGNAL);
	if (n > 0)
		t->sent += (size_t)n;
	free(request);
	return n < 0 ? -errno : 0;
}

/* false: the try has ended. The first call finds out whether there is a connection. */
static bool transmit(struct check *k)
{
	struct http_try *t = k->run->try;
	int r;

	if (t->connected && t->sent == t->len)
		return true;
	r = send_rest(k);
	if (r == -EAGAIN || r == -EINTR || r == -ENOTCONN)
		return true;
	if (r < 0) {
		sock_failed(k, r, t->connected ? "sending the request" : "connecting");
		return false;
	}
	t->connected = true;
	check_step(k, k->conf->connect_timeout_us);
	return true;
}

static void ready(struct check *k, uint32_t events)
{
	struct http_try *t = k->run->try;

	if (transmit(k) && events & ~EPOLLOUT && t->connected)
		receive(k);
}

static void start(struct check *k)
{
	struct http_try *t = k->run->try;

	if (!k->conf->http.n_urls) {
		check_done(k, ENGINE_AGAIN, "no url");
		return;
	}
	url_page(k, &t->page);
	/* Edges: one call to the kernel for the whole try. */
	sock_begin(k, SOCK_STREAM, SOCK_ASKS, EPOLLIN | EPOLLOUT | EPOLLET, ready);
}

static void timeout(struct check *k)
{
	check_timed_out(k, phase(k->run->try));
}

static void end(struct check *k)
{
	struct http_try *t = k->run->try;

	page_end(&t->page);
}

const struct check_kind check_http = { .name = "HTTP_GET",
				       .proto = "TCP",
				       .socket_type = SOCK_STREAM,
				       .try_size = sizeof(struct http_try),
				       .start = start,
				       .timeout = timeout,
				       .end = end,
				       .gone = url_gone,
				       .success = "Remote Web server %s succeed on service." };
