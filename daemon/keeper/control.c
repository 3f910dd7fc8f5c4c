/* SPDX-License-Identifier: GPL-2.0-or-later */
/* control - see control.h. Answers that a tool does not read at once wait here, so many and no more. */
#include "control.h"

#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper_wire.h"
#include "log.h"
#include "snapshot.h"
#include "status_json.h"

#define VISITORS_MAX 64

struct visitor {
	struct visitor *next;
	struct control *c;
	int fd;
	struct event *ev; /* readable, or writable while an answer waits */
	char *answer;
	size_t len, sent;
	struct snapshot *snapshot; /* while one is written */
};

struct control {
	struct keeper *k;
	int fd;
	char path[KEEPER_PATH_MAX];
	struct event *knock;
	struct visitor *first;
	unsigned n;
};

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

/* ---- visitors ---- */
static void leave(struct visitor *v)
{
	struct visitor **at = &v->c->first;

	keeper_reload_unask(v->c->k, v);
	snapshot_cancel(v->snapshot);
	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	v->c->n--;
	if (v->ev)
		event_free(v->ev);
	close(v->fd);
	free(v->answer);
	free(v);
}

static bool wait_for(struct visitor *v, short what)
{
	if (v->ev)
		event_free(v->ev);
	v->ev = event_new(v->c->k->base, v->fd, what | EV_PERSIST, what == EV_READ ? on_readable : on_writable, v);
	return v->ev && event_add(v->ev, NULL) == 0;
}

/* In chunks, the last one shorter, maybe empty */
static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct visitor *v = arg;

	for (;;) {
		size_t left = v->len - v->sent, n = left < KEEPER_CHUNK ? left : KEEPER_CHUNK;

		if (send(v->fd, v->answer + v->sent, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
			if (errno != EAGAIN && errno != EINTR)
				leave(v);
			return;
		}
		v->sent += n;
		if (n < KEEPER_CHUNK)
			break;
	}
	free(v->answer);
	v->answer = NULL;
	if (!wait_for(v, EV_READ))
		leave(v);
}

/* Takes the text. */
static void answer_text(struct visitor *v, char *text)
{
	v->answer = text ? text : strdup("{\"error\":\"out of memory\"}");
	v->len = v->answer ? strlen(v->answer) : 0;
	v->sent = 0;
	if (!v->answer || !wait_for(v, EV_WRITE))
		leave(v);
}

static void answer(struct visitor *v, json_t *o)
{
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(o);
	answer_text(v, text);
}

static void answer_error(struct visitor *v, const char *text)
{
	answer(v, json_pack("{s:s}", "error", text));
}

/* ---- verbs ---- */
/* One message a line */
static json_t *lines(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, "\n");
		json_t *line = json_stringn(text, n);

		json_array_append_new(list, line ? line : json_string("(unprintable)"));
		text += n + (text[n] == '\n');
	}
	return list;
}

static void reloaded(void *arg, bool accepted, const char *text)
{
	struct visitor *v = arg;

	answer(v, json_pack("{s:b, s:o}", "ok", accepted, "messages", lines(text)));
}

/* Until the answer is there, no second question is read. */
static void stop_listening(struct visitor *v)
{
	event_free(v->ev);
	v->ev = NULL;
}

static void written(void *arg, int fd, size_t size)
{
	struct visitor *v = arg;
	char *text = fd < 0 ? NULL : malloc(size + 1);
	size_t at = 0;
	ssize_t n = 1;

	v->snapshot = NULL;
	while (text && at < size && (n = pread(fd, text + at, size - at, (off_t)at)) > 0)
		at += (size_t)n;
	if (text)
		text[at] = '\0';
	answer_text(v, text);
}

static void on_status(struct visitor *v)
{
	stop_listening(v);
	if (snapshot_start(&v->snapshot, v->c->k, status_json_write, written, v) < 0)
		answer_error(v, "out of memory");
}

static void on_reload(struct visitor *v, const json_t *request)
{
	if (json_is_true(json_object_get(request, "repair")))
		v->c->k->repair_asked = true;
	stop_listening(v);
	if (keeper_reload_ask(v->c->k, reloaded, v) < 0)
		answer_error(v, "out of memory");
}

static void on_request(struct visitor *v, const char *text, size_t n)
{
	json_t *request = json_loadb(text, n, 0, NULL);
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (!verb)
		answer_error(v, "a question is a JSON object with a verb: status, reload or config");
	else if (v->c->k->phase != KEEPER_RUNS)
		answer_error(v, "keepalived is stopping");
	else if (!strcmp(verb, "status"))
		on_status(v);
	else if (!strcmp(verb, "reload"))
		on_reload(v, request);
	else if (!strcmp(verb, "config"))
		answer(v, json_pack("{s:s, s:i}", "path", v->c->k->o->conf_file, "pid", (int)getpid()));
	else
		answer_error(v, "unknown verb: status, reload and config are known");
	json_decref(request);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct visitor *v = arg;
	char text[KEEPER_REQUEST_MAX + 1];
	ssize_t n = recv(v->fd, text, sizeof(text), MSG_DONTWAIT);

	if (n > KEEPER_REQUEST_MAX)
		answer_error(v, "the question is too long");
	else if (n > 0)
		on_request(v, text, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		leave(v);
}

static bool is_root(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == 0;
}

static void on_knock(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	int got = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *v;

	if (got < 0)
		return;
	v = c->n < VISITORS_MAX && is_root(got) ? calloc(1, sizeof(*v)) : NULL;
	if (!v) {
		close(got);
		return;
	}
	*v = (struct visitor){ .next = c->first, .c = c, .fd = got };
	c->first = v;
	c->n++;
	if (!wait_for(v, EV_READ))
		leave(v);
}

/* ---- the socket ---- */
static bool somebody_listens(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 && connect(fd, (const void *)at, sizeof(*at)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

static int address(struct control *c, struct sockaddr_un *ret)
{
	int r = keeper_run_path(c->k, ".sock", c->path, sizeof(c->path));

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (r < 0 || strlen(c->path) >= sizeof(ret->sun_path))
		return r < 0 ? r : -ENAMETOOLONG;
	memcpy(ret->sun_path, c->path, strlen(c->path));
	return 0;
}

/* Those of keepers that were killed */
static void sweep(struct control *c)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char pattern[KEEPER_PATH_MAX + 8];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%.*s.*.sock", (int)(strlen(c->path) - strlen(".sock")), c->path);
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		snprintf(at.sun_path, sizeof(at.sun_path), "%s", found.gl_pathv[i]);
		if (!strcmp(at.sun_path, found.gl_pathv[i]) && !somebody_listens(&at))
			unlink(at.sun_path);
	}
	globfree(&found);
}

/* Several may run in one namespace, with names or pid files of their own. */
static int find_place(struct control *c, struct sockaddr_un *ret)
{
	struct keeper *k = c->k;
	int r = address(c, ret);

	if (r < 0)
		return r;
	sweep(c);
	if (*k->instance && !strchr(k->instance, '/')) {
		snprintf(k->tag, sizeof(k->tag), ".%s", k->instance);
		r = address(c, ret);
	}
	if (r == 0 && somebody_listens(ret)) {
		snprintf(k->tag, sizeof(k->tag), ".%d", (int)getpid());
		r = address(c, ret);
	}
	return r;
}

static int listen_at(struct control *c)
{
	struct sockaddr_un at;
	mode_t mask;
	int r = find_place(c, &at);

	if (r < 0) {
		c->path[0] = '\0'; /* not ours to remove */
		return r;
	}
	unlink(c->path);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return -errno;
	mask = umask(0177);
	if (bind(c->fd, (void *)&at, sizeof(at)) < 0 || listen(c->fd, 16) < 0)
		r = -errno;
	umask(mask);
	return r;
}

int control_new(struct control **ret, struct keeper *k)
{
	struct control *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->k = k;
	c->fd = -1;
	r = listen_at(c);
	if (r == 0) {
		c->knock = event_new(k->base, c->fd, EV_READ | EV_PERSIST, on_knock, c);
		r = c->knock && event_add(c->knock, NULL) == 0 ? 0 : -ENOMEM;
	}
	if (r < 0) {
		control_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	while (c->first)
		leave(c->first);
	if (c->knock)
		event_free(c->knock);
	if (c->fd >= 0)
		close(c->fd);
	if (*c->path)
		unlink(c->path);
	free(c);
}
