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
#include <unistd.h>

#include "http_msg.h"
#include "page.h"
#include "sock.h"
#include "urls.h"
#include "web.h"

#define READ_SIZE 16384
#define READS 64 /* in one go, before others get their turn */

/* Of one URL, as long as the check lives */
struct http_kept {
	uint32_t n;
	struct {
		char *request;
		size_t len;
		struct url_regex regex;
	} urls[];
};

struct http_try {
	struct http_msg msg;
	struct page page;
	size_t sent;
	bool connected;
};

/* ---- what is kept of a check ---- */

static void gone(struct check *k)
{
	struct http_kept *h = k->kept;

	for (uint32_t i = 0; h && i < h->n; i++) {
		free(h->urls[i].request);
		page_regex_free(h->urls[i].regex.regex);
	}
	free(h);
	k->kept = NULL;
}

static int make_request(const struct check *k, const struct conf_url *u, char **ret)
{
	const struct conf_check *c = k->conf;
	char address[80];

	url_address(&k->at->addr, address, sizeof(address));
	return asprintf(ret, "GET %s HTTP/1.%d\r\nHost: %s\r\nUser-Agent: " URL_AGENT "\r\n%s\r\n", u->path,
			c->http.protocol == 11, url_host(u, address),
			c->http.protocol != 10 ? "Connection: close\r\n" : "");
}

static struct http_kept *kept_of(struct check *k)
{
	const struct conf_check *c = k->conf;
	struct http_kept *h = k->kept;

	if (h)
		return h;
	h = k->kept = calloc(1, sizeof(*h) + c->http.n_urls * sizeof(h->urls[0]));
	if (!h)
		return NULL;
	h->n = c->http.n_urls;
	for (uint32_t i = 0; i < h->n; i++) {
		int n = make_request(k, &c->http.urls[i], &h->urls[i].request);

		if (n < 0) {
			h->urls[i].request = NULL;
			gone(k);
			return NULL;
		}
		h->urls[i].len = (size_t)n;
	}
	return h;
}

/* ---- one try ---- */

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
	struct http_try *t = k->try;
	struct http_kept *h = k->kept;

	url_judge(k, &h->urls[k->engine.step].regex, &t->page, t->msg.status);
}

/* No more will come. */
static void closed(struct check *k)
{
	struct http_try *t = k->try;

	/* A wrong Content-Length is no failure, as keepalived has it: status and digest decide. */
	if (t->msg.state == HTTP_BODY_END || t->msg.state == HTTP_BODY_LENGTH)
		judge(k);
	else if (!t->msg.headers)
		check_done(k, ENGINE_FAILED, "connection closed without an answer");
	else
		check_done(k, ENGINE_FAILED, "connection closed while %s", phase(t));
}

/* false: the try has ended. */
static bool take(struct check *k, const char *data, size_t len)
{
	struct http_try *t = k->try;
	const char *body;
	size_t n;
	int r;

	while ((r = http_msg_next(&t->msg, &data, &len, &body, &n)) == 1)
		if (!page_add(&t->page, body, n))
			t->msg.state = HTTP_DONE; /* more than anybody wants */
	if (r == -E2BIG)
		check_done(k, ENGINE_FAILED, "headers of more than %d KiB", HTTP_HEADERS_MAX >> 10);
	else if (r < 0)
		check_done(k, ENGINE_FAILED, "the answer is not HTTP/1");
	else if (t->msg.state == HTTP_DONE)
		judge(k);
	else
		return true;
	return false;
}

static void receive(struct check *k)
{
	struct http_try *t = k->try;
	char buf[READ_SIZE];
	bool some = false;
	int i;

	for (i = 0; i < READS; i++) {
		ssize_t n = recv(k->fd, buf, sizeof(buf), 0);

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
		event_active(&k->ev, EV_READ, 0); /* edges come once: there may be more */
}

/* false: the try has ended. The first call finds out whether there is a connection. */
static bool transmit(struct check *k)
{
	struct http_try *t = k->try;
	const struct http_kept *h = k->kept;
	size_t len = h->urls[k->engine.step].len;
	ssize_t n;

	if (t->sent == len)
		return true;
	n = send(k->fd, h->urls[k->engine.step].request + t->sent, len - t->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
		return true;
	if (n < 0) {
		sock_failed(k, -errno, t->connected ? "sending the request" : "connecting");
		return false;
	}
	t->connected = true;
	t->sent += (size_t)n;
	check_step(k, k->conf->connect_timeout_us);
	return true;
}

static void ready(evutil_socket_t fd, short what, void *arg)
{
	struct check *k = arg;
	struct http_try *t = k->try;

	if (!transmit(k))
		return;
	if (what & EV_READ && t->connected)
		receive(k);
}

static void start(struct check *k)
{
	struct http_try *t;
	int r;

	if (!k->conf->http.n_urls) {
		check_done(k, ENGINE_AGAIN, "no url");
		return;
	}
	t = k->try = kept_of(k) ? calloc(1, sizeof(*t)) : NULL;
	if (!t) {
		check_done(k, ENGINE_AGAIN, "no memory");
		return;
	}
	page_begin(&t->page, url_of(k), k->role->web->md5);
	r = sock_open(k, SOCK_STREAM);
	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return;
	}
	r = sock_connect(k);
	if (r < 0) {
		sock_failed(k, r, "connecting");
		return;
	}
	check_step(k, k->conf->connect_timeout_us);
	/* Edges: one call to the kernel for the whole try. */
	if (check_watch(k, k->fd, EV_READ | EV_WRITE | EV_ET, ready) < 0)
		check_done(k, ENGINE_AGAIN, "no memory");
}

static void timeout(struct check *k)
{
	check_timed_out(k, phase(k->try));
}

static void end(struct check *k)
{
	struct http_try *t = k->try;

	if (!t)
		return;
	page_end(&t->page);
	free(t);
	k->try = NULL;
}

const struct check_kind check_http = { .name = "HTTP_GET",
				       .proto = "TCP",
				       .socket_type = SOCK_STREAM,
				       .start = start,
				       .timeout = timeout,
				       .end = end,
				       .gone = gone,
				       .success = "Remote Web server %s succeed on service." };
