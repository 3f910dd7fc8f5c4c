/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the status process: answers HTTP on the address that status_listen gives, with what the keeper told last.
 *
 * /status.json, /metrics (Prometheus) and / (the same, to be read). It can do nothing: it has no rights, no files,
 * and its one socket to the keeper is only listened to. HTTP itself is libevent's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf_take.h"
#include "load.h"
#include "log.h"
#include "message.h"
#include "metrics.h"
#include "page.h"
#include "sandbox.h"

#define REQUEST_MAX 8192 /* bytes of a request's head; nothing here takes a body */
#define TIMEOUT_S 10	 /* of a client that says nothing */
#define STATUS_MAX (64 << 20)

struct status {
	const struct role_start *start;
	struct event_base *base;
	struct evhttp *http;
	struct event *keeper;
	struct conf_addr at; /* where it listens */
	int told_fd;	     /* what the keeper has said last, JSON; -1 before it has said anything */
	size_t told_size;
	bool confined;
	int exit_status;
};

/* ---- what is served ---- */

static void answer(struct evhttp_request *req, const char *type, const char *text)
{
	struct evbuffer *out = evbuffer_new();

	if (!out || !text) {
		evhttp_send_error(req, HTTP_SERVUNAVAIL, NULL);
	} else {
		evbuffer_add(out, text, strlen(text));
		evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", type);
		evhttp_add_header(evhttp_request_get_output_headers(req), "Cache-Control", "no-store");
		evhttp_send_reply(req, HTTP_OK, "OK", out);
	}
	if (out)
		evbuffer_free(out);
}

/* NULL: nothing that could be served. As a tree it takes much more memory than as text: it lives for one answer. */
static json_t *read_told(const struct status *s)
{
	json_t *told;
	void *text;

	if (s->told_fd < 0)
		return NULL;
	text = mmap(NULL, s->told_size, PROT_READ, MAP_PRIVATE, s->told_fd, 0);
	if (text == MAP_FAILED)
		return NULL;
	told = json_loadb(text, s->told_size, 0, NULL);
	munmap(text, s->told_size);
	return told;
}

static char *json_text(const json_t *told)
{
	return told ? json_dumps(told, JSON_INDENT(1)) : NULL;
}

static void serve(const struct status *s, struct evhttp_request *req, const char *type,
		  char *(*text_of)(const json_t *))
{
	json_t *told = read_told(s);
	char *text = text_of(told);

	json_decref(told);
	answer(req, type, text);
	free(text);
	malloc_trim(0);
}

static void serve_json(struct evhttp_request *req, void *arg)
{
	serve(arg, req, "application/json", json_text);
}

static void serve_metrics(struct evhttp_request *req, void *arg)
{
	serve(arg, req, "text/plain; version=0.0.4; charset=utf-8", metrics_text);
}

static void serve_page(struct evhttp_request *req, void *arg)
{
	serve(arg, req, "text/html; charset=utf-8", page_text);
}

static void serve_nothing(struct evhttp_request *req, void *arg)
{
	evhttp_send_error(req, HTTP_NOTFOUND, "There are /, /status.json and /metrics.");
}

/* ---- where ---- */

static bool listen_at(struct status *s, const struct conf_addr *at)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(at->family, at->bytes, text, sizeof(text)))
		return false;
	if (s->confined && at->port < 1024)
		return false; /* its rights are gone */
	if (s->http)
		evhttp_free(s->http);
	s->http = evhttp_new(s->base);
	if (!s->http)
		return false;
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(s->http, REQUEST_MAX);
	evhttp_set_max_body_size(s->http, 0);
	evhttp_set_timeout(s->http, TIMEOUT_S);
	evhttp_set_cb(s->http, "/", serve_page, s);
	evhttp_set_cb(s->http, "/status.json", serve_json, s);
	evhttp_set_cb(s->http, "/metrics", serve_metrics, s);
	evhttp_set_gencb(s->http, serve_nothing, s);
	s->at = *at;
	if (evhttp_bind_socket(s->http, text, at->port) < 0) {
		log_err("status_listen %s %u: %s", text, at->port, strerror(errno));
		return false;
	}
	log_info("status page on %s port %u", text, at->port);
	return true;
}

static void take_conf(struct status *s, const struct msg_conf *m, int fd)
{
	struct message ready = { .type = MSG_READY, .ready = { .generation = m->generation } };
	const struct conf *conf;
	struct conf_addr at;
	struct arena a;

	if (conf_take(&a, &conf, s->start->space, m, fd) < 0) {
		log_err("configuration %u cannot be mapped", m->generation);
		return;
	}
	at = conf->global.status_listen;
	arena_close(&a);
	if (memcmp(&at, &s->at, sizeof(at)) != 0 && !listen_at(s, &at) && s->confined)
		event_base_loopexit(s->base, NULL); /* started anew it has the rights to try */
	message_send(s->start->fd, &ready, -1);
}

static void take_status(struct status *s, uint64_t size, int fd)
{
	if (!size || size > STATUS_MAX) {
		close(fd);
		return;
	}
	if (s->told_fd >= 0)
		close(s->told_fd);
	s->told_fd = fd;
	s->told_size = size;
}

static void take(struct status *s, const struct message *m, int fd)
{
	if (m->type == MSG_CONF)
		take_conf(s, &m->conf, fd);
	else if (m->type == MSG_STATUS)
		take_status(s, m->status.size, fd);
	else if (m->type == MSG_STOP)
		event_base_loopbreak(s->base);
}

static void from_keeper(evutil_socket_t fd, short what, void *arg)
{
	struct status *s = arg;
	struct message m;
	int r, pass;

	for (;;) {
		r = message_recv(fd, ROLE_KEEPER, ROLE_STATUS, &m, &pass);
		if (r == -EBADMSG)
			continue;
		if (r == 0)
			event_base_loopbreak(s->base);
		if (r <= 0)
			return;
		take(s, &m, pass);
	}
}

/* ---- beginning and end ---- */

static const char *const syscalls[] = {
	"accept4",
	"bind",
	"brk",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"exit",
	"exit_group",
	"fcntl",
	"fstat",
	"futex",
	"getpeername",
	"getpid",
	"getrandom",
	"getsockname",
	"getsockopt",
	"gettimeofday",
	"ioctl",
	"listen",
	"lseek",
	"madvise",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"newfstatat",
	"poll",
	"ppoll",
	"read",
	"readv",
	"recvfrom",
	"recvmsg",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sendfile",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"socket",
	"timerfd_create",
	"timerfd_settime",
	"write",
	"writev",
	NULL,
};

static int confine(struct status *s)
{
	int r = sandbox_user();

	if (r == 0)
		r = sandbox_syscalls(syscalls);
	s->confined = r == 0;
	if (r < 0)
		log_err("the status process cannot give up its rights (%s); it does not serve with them",
			strerror(-r));
	return r;
}

int status_role(const struct role_start *start)
{
	struct status s = { .start = start, .told_fd = -1 };

	signal(SIGPIPE, SIG_IGN);
	s.base = event_base_new();
	s.keeper = s.base ? event_new(s.base, start->fd, EV_READ | EV_PERSIST, from_keeper, &s) : NULL;
	if (!s.keeper || event_add(s.keeper, NULL) < 0)
		return 1;
	/* the first configuration comes while there are rights left: a port below 1024 may be asked for */
	while (!s.http && !event_base_got_break(s.base) && event_base_loop(s.base, EVLOOP_ONCE) == 0)
		;
	if (!event_base_got_break(s.base) && confine(&s) == 0)
		event_base_dispatch(s.base);
	else if (!s.confined)
		s.exit_status = event_base_got_break(s.base) ? 0 : 1;
	if (s.http)
		evhttp_free(s.http);
	event_free(s.keeper);
	event_base_free(s.base);
	if (s.told_fd >= 0)
		close(s.told_fd);
	return s.exit_status;
}
