/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session - see session.h.
 *
 * Whatever goes wrong ends the session and a new one is tried, later and later; what is wrong is said when it is new.
 */
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define TIMEOUT_S 5    /* of an answer that does not come */
#define PING_S 30      /* how often a quiet master is asked whether it lives */
#define FIRST_WAIT_S 1 /* before the next try */
#define LAST_WAIT_S 15
#define OUT_MAX (4 << 20)   /* a master that does not read is as good as gone */
#define NEWS_MAX (64 << 10) /* bytes of notifications that wait: some hundreds */
#define AGENT_TIMEOUT_S 2   /* what we ask the master to wait for us */

enum state { IDLE, WAITS, OPENS, REGISTERS, OPEN };

struct session {
	struct event_base *base;
	struct session_owner up;
	enum state state;
	char where[200];
	const struct oid *trees;
	unsigned n_trees, registered;
	int fd;
	struct event *readable, *writable, *timer;
	uint8_t *in;
	size_t n_in, room_in;
	struct agentx_out out;	/* what could not be sent yet */
	struct agentx_out news; /* notifications that wait for a session */
	uint32_t id, packet;
	bool pinged; /* and no answer yet */
	unsigned wait_s;
	char said[160]; /* the last complaint: not to be repeated */
};

static void fail(struct session *s, const char *why);

static void arm(struct session *s, unsigned seconds)
{
	const struct timeval t = { seconds, 0 };

	event_add(s->timer, &t);
}

/* ---- sending ---- */
static void flush_out(struct session *s)
{
	while (s->out.len) {
		ssize_t n = send(s->fd, s->out.bytes, s->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != ENOTCONN) {
			fail(s, strerror(errno));
			return;
		}
		if (n <= 0) {
			event_add(s->writable, NULL);
			return;
		}
		memmove(s->out.bytes, s->out.bytes + n, s->out.len - (size_t)n);
		s->out.len -= (size_t)n;
	}
}

static void put_out(struct session *s, const struct agentx_out *pdu)
{
	uint8_t *more = realloc(s->out.bytes, s->out.len + pdu->len);

	if (!more || s->out.len > OUT_MAX) {
		if (more)
			s->out.bytes = more;
		fail(s, "it does not read what we send");
		return;
	}
	memcpy(more + s->out.len, pdu->bytes, pdu->len);
	s->out.bytes = more;
	s->out.len += pdu->len;
	if (s->out.len == pdu->len)
		flush_out(s);
}

struct agentx_header session_header(struct session *s)
{
	return (struct agentx_header){ .session = s->id, .packet = ++s->packet };
}

/* Ends and sends one of our own PDUs. */
static void post(struct session *s, struct agentx_out *pdu)
{
	if (agentx_end(pdu) == 0)
		put_out(s, pdu);
	agentx_out_free(pdu);
}

static void send_open(struct session *s)
{
	struct agentx_header h = session_header(s);
	static const char about[] = "elvs keepalived";
	struct agentx_out pdu = { 0 };

	agentx_begin(&pdu, AGENTX_OPEN, &h);
	agentx_u8s(&pdu, AGENT_TIMEOUT_S, 0, 0, 0);
	agentx_oid(&pdu, NULL, 0, false);
	agentx_string(&pdu, about, sizeof(about) - 1);
	post(s, &pdu);
}

static void send_register(struct session *s, const struct oid *tree)
{
	struct agentx_header h = session_header(s);
	struct agentx_out pdu = { 0 };

	agentx_begin(&pdu, AGENTX_REGISTER, &h);
	agentx_u8s(&pdu, 0, 127, 0, 0); /* the usual timeout and priority, no range */
	agentx_oid(&pdu, tree->id, tree->n, false);
	post(s, &pdu);
}

static void send_ping(struct session *s)
{
	struct agentx_header h = session_header(s);
	struct agentx_out pdu = { 0 };

	agentx_begin(&pdu, AGENTX_PING, &h);
	post(s, &pdu);
	s->pinged = true;
}

static void send_close(struct session *s)
{
	struct agentx_header h = session_header(s);
	struct agentx_out pdu = { 0 };

	agentx_begin(&pdu, AGENTX_CLOSE, &h);
	agentx_u8s(&pdu, 5, 0, 0, 0); /* reasonShutdown */
	post(s, &pdu);
}

void session_send(struct session *s, const struct agentx_out *pdu)
{
	if (s->state == OPEN)
		put_out(s, pdu);
}

void session_notify(struct session *s, struct agentx_out *pdu)
{
	if (s->state == OPEN)
		put_out(s, pdu);
	else if (s->news.len + pdu->len <= NEWS_MAX)
		agentx_append(&s->news, pdu);
}

/* Those that have waited do not know this session's number yet. */
static void send_news(struct session *s)
{
	agentx_set_session(&s->news, s->id);
	if (s->news.len)
		put_out(s, &s->news);
	agentx_out_free(&s->news);
}

/* ---- beginning and end of a connection ---- */
static void hang_up(struct session *s)
{
	if (s->readable)
		event_free(s->readable);
	if (s->writable)
		event_free(s->writable);
	s->readable = s->writable = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->n_in = 0;
	s->out.len = 0;
	s->pinged = false;
}

static void fail(struct session *s, const char *why)
{
	if (strcmp(s->said, why)) {
		log_warn("SNMP: no session with the master agent at %s: %s; it is tried again", s->where, why);
		snprintf(s->said, sizeof(s->said), "%s", why);
	}
	hang_up(s);
	s->state = WAITS;
	s->wait_s = s->wait_s ? s->wait_s * 2 : FIRST_WAIT_S;
	if (s->wait_s > LAST_WAIT_S)
		s->wait_s = LAST_WAIT_S;
	arm(s, s->wait_s);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	switch (s->state) {
	case IDLE:
		break;
	case WAITS:
		arm(s, TIMEOUT_S);
		s->up.want(s->up.arg);
		break;
	case OPENS:
	case REGISTERS:
		fail(s, "it does not answer");
		break;
	case OPEN:
		if (s->pinged) {
			fail(s, "it does not answer any more");
			break;
		}
		send_ping(s);
		if (s->state == OPEN)
			arm(s, PING_S);
		break;
	}
}

/* ---- receiving ---- */
static void opened(struct session *s)
{
	s->state = OPEN;
	s->wait_s = 0;
	s->said[0] = '\0';
	log_info("SNMP: session with the master agent at %s", s->where);
	arm(s, PING_S);
	send_news(s);
}

static void on_response(struct session *s, const struct agentx_header *h, const uint8_t *body)
{
	struct agentx_response r;
	char why[100];

	if (agentx_response(h, body, &r) < 0) {
		fail(s, "its answer makes no sense");
		return;
	}
	s->pinged = false;
	if (r.uptime)
		s->up.uptime(s->up.arg, r.uptime);
	if (s->state == OPEN) {
		if (r.error == AGENTX_NOT_OPEN)
			fail(s, "it has forgotten us");
		return;
	}
	if (r.error && s->state == REGISTERS) {
		snprintf(why, sizeof(why),
			 r.error == AGENTX_DUPLICATE ? "another one serves these objects already"
						     : "it refuses our objects (error %u)",
			 r.error);
		fail(s, why);
		return;
	}
	if (r.error) {
		snprintf(why, sizeof(why), "it refuses us (error %u)", r.error);
		fail(s, why);
		return;
	}
	if (s->state == OPENS) {
		s->id = h->session;
		s->state = REGISTERS;
		s->registered = 0;
	}
	if (s->registered == s->n_trees)
		opened(s);
	else
		send_register(s, &s->trees[s->registered++]);
}

/* One PDU, if it is there whole; returns how many bytes it takes, 0: more must come, or there is no session now. */
static size_t take_pdu(struct session *s)
{
	struct agentx_header h;
	int r = agentx_header(s->in, s->n_in, &h);

	if (r == -EBADMSG)
		fail(s, "it does not speak AgentX");
	if (r < 0 || s->n_in < AGENTX_HEADER + h.len)
		return 0;
	if (h.type == AGENTX_RESPONSE)
		on_response(s, &h, s->in + AGENTX_HEADER);
	else if (h.type == AGENTX_CLOSE)
		fail(s, "it has closed the session");
	else
		s->up.asked(s->up.arg, &h, s->in + AGENTX_HEADER);
	return s->fd < 0 ? 0 : AGENTX_HEADER + h.len;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	size_t used = 0;
	uint8_t *more;
	ssize_t n;

	if (s->room_in - s->n_in < 65536) {
		more = realloc(s->in, s->room_in + 65536);
		if (!more) {
			fail(s, strerror(ENOMEM));
			return;
		}
		s->in = more;
		s->room_in += 65536;
	}
	n = recv(fd, s->in + s->n_in, s->room_in - s->n_in, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail(s, n < 0 ? strerror(errno) : "it has hung up");
		return;
	}
	s->n_in += (size_t)n;
	while ((used = take_pdu(s))) {
		memmove(s->in, s->in + used, s->n_in - used);
		s->n_in -= used;
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	flush_out(arg);
}

void session_connect(struct session *s, int take_fd, int error)
{
	if (s->state != WAITS || s->fd >= 0) {
		if (take_fd >= 0)
			close(take_fd);
		return;
	}
	if (take_fd < 0) {
		fail(s, strerror(-error));
		return;
	}
	s->fd = take_fd;
	s->readable = event_new(s->base, s->fd, EV_READ | EV_PERSIST, on_readable, s);
	s->writable = event_new(s->base, s->fd, EV_WRITE, on_writable, s);
	if (!s->readable || !s->writable || event_add(s->readable, NULL) < 0) {
		fail(s, strerror(ENOMEM));
		return;
	}
	s->state = OPENS;
	s->id = 0;
	arm(s, TIMEOUT_S);
	send_open(s);
}

/* ---- for the owner ---- */
void session_start(struct session *s, const char *where, const struct oid *trees, unsigned n)
{
	if (s->state == OPEN)
		send_close(s);
	hang_up(s);
	snprintf(s->where, sizeof(s->where), "%s", where);
	s->trees = trees;
	s->n_trees = n;
	s->wait_s = 0;
	s->said[0] = '\0';
	s->state = WAITS;
	on_timer(-1, 0, s);
}

uint32_t session_id(const struct session *s)
{
	return s->id;
}

int session_new(struct session **ret, struct event_base *base, const struct session_owner *owner)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct session){ .base = base, .up = *owner, .fd = -1, .timer = event_new(base, -1, 0, on_timer, s) };
	if (!s->timer) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	if (s->state == OPEN)
		send_close(s);
	hang_up(s);
	event_free(s->timer);
	free(s->in);
	agentx_out_free(&s->out);
	agentx_out_free(&s->news);
	free(s);
}
