/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * visitor - a connection to the control socket: clients on their way to a director, directors that come back, and
 * those who want to talk to the supervisor itself (elvs status, elvs down --all).
 */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/ip_vs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl_decode.h"
#include "ctl_encode.h"
#include "ctl_wire.h"
#include "fdpass.h"
#include "log.h"
#include "netns.h"
#include "reply.h"
#include "supervisor.h"

#define PATIENCE_TICKS 60	/* half seconds for a visitor to say what it wants, or a director to start */

enum visitor_kind { VISITOR_NEW, VISITOR_CLIENT, VISITOR_DIRECTOR, VISITOR_ADMIN };

struct visitor {
	struct visitor *next;
	struct supervisor *s;
	enum visitor_kind kind;
	int fd, netns_fd;
	struct event *ev;
	struct instance *instance;	/* CLIENT: waits for it */
	bool existing;			/* CLIENT: wants no new one */
	unsigned ticks;
	struct ctl_req down;		/* ADMIN: its request for taking everything down, to be answered at the end */
	bool waits_for_down;
};

static void visitor_free(struct visitor *v)
{
	for (struct visitor **p = &v->s->visitors; *p; p = &(*p)->next)
		if (*p == v) {
			*p = v->next;
			break;
		}
	if (v->ev)
		event_free(v->ev);
	if (v->netns_fd >= 0)
		close(v->netns_fd);
	close(v->fd);
	free(v);
}

void visitors_free(struct supervisor *s)
{
	while (s->visitors)
		visitor_free(s->visitors);
}

/* ---- clients ---- */
static int welcome(struct visitor *v, int error, uint64_t cookie, const char *why, int fd)
{
	struct elvs_welcome w = { .magic = ELVS_HELLO_MAGIC, .error = error, .cookie = cookie };

	snprintf(w.why, sizeof(w.why), "%s", why ? why : "");
	return fd_send(v->fd, &w, sizeof(w), fd);
}

static void refuse(struct visitor *v, int error, const char *why)
{
	welcome(v, error, 0, why, -1);
	visitor_free(v);
}

static void introduce(struct visitor *v, struct instance *i)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		refuse(v, -errno, "the supervisor has too many open files");
		return;
	}
	r = instance_serve(i, pair[1]);
	if (r < 0)
		refuse(v, -EAGAIN, "the director of this network namespace does not answer; try again");
	else {
		welcome(v, 0, i->cookie, NULL, pair[0]);
		visitor_free(v);
	}
	close(pair[0]);
	close(pair[1]);
}

void visitors_instance_changed(struct supervisor *s, struct instance *i)
{
	struct visitor *next;

	for (struct visitor *v = s->visitors; v; v = next) {
		next = v->next;
		if (v->instance != i)
			continue;
		switch (i->state) {
		case INSTANCE_READY:
			introduce(v, i);
			break;
		case INSTANCE_BROKEN:
			refuse(v, -EPROTO, i->why);
			break;
		default:
			break;	/* WAITING, STARTING, ENDING: it waits for what comes next */
		}
	}
}

static void say_enter(int error, char *buf, size_t size)
{
	if (error == -EPERM)
		snprintf(buf, size, "elvsd may not enter another network namespace: CAP_SYS_ADMIN is missing");
	else
		snprintf(buf, size, "elvsd cannot enter the network namespace: %s", strerror(-error));
}

static void client_wants(struct visitor *v)
{
	uint64_t cookie, inode;
	struct instance *i;
	char why[160];
	int r;

	if (v->netns_fd < 0 || netns_inode(v->netns_fd, &inode) < 0) {
		refuse(v, -EINVAL, "the greeting must carry the descriptor of a network namespace");
		return;
	}
	r = netns_cookie(v->netns_fd, &cookie);
	if (r < 0) {
		say_enter(r, why, sizeof(why));
		refuse(v, r, why);
		return;
	}
	i = instance_find(v->s, cookie);
	if (!i && v->existing) {
		refuse(v, -ENOENT, "there is no instance in this network namespace");
		return;
	}
	v->kind = VISITOR_CLIENT;
	if (!i) {
		r = fcntl(v->netns_fd, F_DUPFD_CLOEXEC, 3);
		i = r < 0 ? NULL : instance_new(v->s, cookie, inode, r);
		if (!i) {
			refuse(v, -ENOMEM, "the supervisor is out of memory or descriptors");
			return;
		}
		v->instance = i;
		instance_start(i);
		return;
	}
	v->instance = i;
	if (i->state == INSTANCE_BROKEN)
		instance_start(i);
	else
		visitors_instance_changed(v->s, i);
}

void visitors_instance_freed(struct supervisor *s, struct instance *i)
{
	struct visitor *next;

	for (struct visitor *v = s->visitors; v; v = next) {
		next = v->next;
		if (v->instance != i)
			continue;
		v->instance = NULL;
		client_wants(v);
	}
}

/* ---- directors that come back ---- */
static void director_registers(struct visitor *v, const struct chan_msg *m)
{
	struct supervisor *s = v->s;
	struct instance *i;
	uint64_t cookie, inode;
	int fd;

	if (m->type != CHAN_REGISTER || v->netns_fd < 0 || netns_inode(v->netns_fd, &inode) < 0 ||
	    netns_cookie(v->netns_fd, &cookie) < 0 || cookie != m->cookie) {
		log_warn("a director could not be taken over: its namespace is not what it says");
		visitor_free(v);
		return;
	}
	i = instance_find(s, cookie);
	if (!i) {
		i = instance_new(s, cookie, inode, v->netns_fd);
		v->netns_fd = -1;
	}
	if (!i) {
		visitor_free(v);
		return;
	}
	fd = fcntl(v->fd, F_DUPFD_CLOEXEC, 3);
	visitor_free(v);
	if (fd >= 0)
		instance_adopt(i, fd, m->pid, m->flags);
}

/* One that would never be understood and holds on to its namespace: ours takes over what it has pinned. */
static void other_version(struct visitor *v, unsigned version)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(v->fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.pid > 0) {
		log_warn("director %d speaks version %u of the protocol instead of %u: it is told to end",
			 (int)who.pid, version, ELVS_CTL_VERSION);
		kill(who.pid, SIGTERM);
	}
	visitor_free(v);
}

/* ---- the supervisor's own commands ---- */
static void put_instance(struct reply *r, const struct ctl_req *q, const struct instance *i)
{
	struct nlmsghdr *nlh = ctl_encode_begin(reply_room(r), q, ELVS_CMD_NEW_INSTANCE, true);
	char name[128];

	mnl_attr_put_u64(nlh, ELVS_ATTR_COOKIE, i->cookie);
	mnl_attr_put_u32(nlh, ELVS_ATTR_PID, i->pid);
	mnl_attr_put_u32(nlh, ELVS_ATTR_PINNED, !!(i->flags & CHAN_PINNED));
	mnl_attr_put_strz(nlh, ELVS_ATTR_TEXT, i->state == INSTANCE_BROKEN ? i->why : instance_state_name(i->state));
	if (netns_name(i->inode, name, sizeof(name)) == 0)
		mnl_attr_put_strz(nlh, ELVS_ATTR_NETNS, name);
	reply_add(r, nlh);
}

static void take_all_down(struct visitor *v, const struct ctl_req *q)
{
	struct instance *next;

	v->down = *q;
	v->waits_for_down = true;
	for (struct instance *i = v->s->instances; i; i = next) {
		next = i->next;
		instance_end(i);
	}
}

static void admin_request(struct visitor *v, const void *buf, size_t len)
{
	struct reply reply = { 0 };
	struct ctl_req q;
	int r = ctl_decode(buf, len, &q);

	if (r == -EBADMSG)
		return;
	if (!r && q.cmd == ELVS_CMD_DOWN) {
		take_all_down(v, &q);
		return;
	}
	if (!r && (q.cmd != ELVS_CMD_GET_INSTANCE || !q.dump))
		r = -EOPNOTSUPP;
	for (struct instance *i = v->s->instances; i && !r; i = i->next)
		put_instance(&reply, &q, i);
	reply_add(&reply, r ? ctl_encode_error(reply_room(&reply), &q, r, "the supervisor knows no such command") :
			      ctl_encode_done(reply_room(&reply), &q));
	fcntl(v->fd, F_SETFL, 0);	/* short answers to root: waiting for a moment is all right */
	reply_send(&reply, v->fd);
	fcntl(v->fd, F_SETFL, O_NONBLOCK);
	reply_free(&reply);
}

static void answer_down(struct visitor *v)
{
	struct reply reply = { 0 };

	v->waits_for_down = false;
	reply_add(&reply, ctl_encode_error(reply_room(&reply), &v->down, 0, NULL));
	reply_send(&reply, v->fd);
	reply_free(&reply);
}

/* ---- all of them ---- */
static void hello(struct visitor *v, const struct elvs_hello *h, size_t len)
{
	if (len != sizeof(*h) || h->magic != ELVS_HELLO_MAGIC) {
		visitor_free(v);
	} else if (h->version != ELVS_CTL_VERSION && h->flags & ELVS_HELLO_DIRECTOR) {
		other_version(v, h->version);
	} else if (h->version != ELVS_CTL_VERSION) {
		refuse(v, -EPROTO, "elvsd and this program are of different versions");
	} else if (h->flags & ELVS_HELLO_DIRECTOR) {
		v->kind = VISITOR_DIRECTOR;
	} else if (h->flags & ELVS_HELLO_SUPERVISOR) {
		v->kind = VISITOR_ADMIN;
		welcome(v, 0, 0, NULL, -1);
	} else {
		v->existing = h->flags & ELVS_HELLO_EXISTING;
		client_wants(v);
	}
}

static void visitor_readable(evutil_socket_t sock, short what, void *arg)
{
	struct visitor *v = arg;
	union {
		struct elvs_hello hello;
		struct chan_msg msg;
		char raw[4096];
	} buf;
	int passed;
	ssize_t n = fd_recv(sock, &buf, sizeof(buf), &passed);

	if (n == -EAGAIN)
		return;
	if (passed >= 0 && v->netns_fd < 0)
		v->netns_fd = passed;
	else if (passed >= 0)
		close(passed);
	if (n <= 0) {
		visitor_free(v);
		return;
	}
	switch (v->kind) {
	case VISITOR_NEW:
		hello(v, &buf.hello, n);
		break;
	case VISITOR_DIRECTOR:
		if (n == sizeof(buf.msg))
			director_registers(v, &buf.msg);
		else
			visitor_free(v);
		break;
	case VISITOR_ADMIN:
		admin_request(v, &buf, n);
		break;
	case VISITOR_CLIENT:
		break;	/* it has nothing more to say here */
	}
}

int visitor_accept(struct supervisor *s)
{
	int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *v;

	if (fd < 0)
		return -errno;
	v = calloc(1, sizeof(*v));
	if (!v) {
		close(fd);
		return -ENOMEM;
	}
	v->s = s;
	v->fd = fd;
	v->netns_fd = -1;
	v->next = s->visitors;
	s->visitors = v;
	v->ev = event_new(s->base, fd, EV_READ | EV_PERSIST, visitor_readable, v);
	if (!v->ev || event_add(v->ev, NULL) < 0) {
		visitor_free(v);
		return -ENOMEM;
	}
	return 0;
}

void visitors_tick(struct supervisor *s)
{
	struct visitor *next;

	for (struct visitor *v = s->visitors; v; v = next) {
		next = v->next;
		if (v->waits_for_down && !s->instances) {
			supervisor_done(s);
			answer_down(v);
		}
		if (v->kind == VISITOR_ADMIN || ++v->ticks < PATIENCE_TICKS)
			continue;
		refuse(v, -ETIMEDOUT,
		       "the director of this network namespace did not start in time; the log says more");
	}
}
