/* SPDX-License-Identifier: GPL-2.0-or-later */
/* role - see role.h. One timer for all sessions, packets in batches, the keeper's messages one at a time. */
#include "role.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/conf_take.h"
#include "daemon/sandbox.h"
#include "daemon/schedule.h"

#define BATCH 32	      /* packets of one socket before others get their turn */
#define SAY_AGAIN_US 10000000 /* a reason to refuse packets is logged so often */

/* ---- telling the keeper ---- */
static bool tell(struct bfd_role *r, struct bfd_entry *e, bool up)
{
	struct message m = { .type = MSG_BFD_STATE };

	m.bfd_state = (struct msg_bfd_state){ .generation = r->generation, .index = e->index, .up = up };
	if (message_send(r->fd, &m, -1) < 0) {
		event_add(r->ev_flush, NULL);
		return false;
	}
	e->told = true;
	e->told_up = up;
	return true;
}

static bool tell_ready(struct bfd_role *r)
{
	struct message m = { .type = MSG_READY, .ready.generation = r->generation };

	if (message_send(r->fd, &m, -1) < 0) {
		event_add(r->ev_flush, NULL);
		return false;
	}
	r->ready_told = true;
	return true;
}

/*
 * What has changed since the keeper was told, after the generation that the numbers are of. A new session's being
 * down is no news until it had time to come up.
 */
static void tell_all(struct bfd_role *r, uint64_t now)
{
	if (!r->ready_told && !tell_ready(r))
		return;
	for (uint32_t i = 0; i < r->table.n; i++) {
		struct bfd_entry *e = r->table.list[i];
		bool up = e->s.state == BFD_UP;
		bool news = e->told ? e->told_up != up : up || e->s.ups || now >= e->tell_down_at;

		if (!e->gone && news && !tell(r, e, up))
			return;
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	tell_all(arg, clock_us());
}

/* ---- sending ---- */
static void say_error(struct bfd_entry *e, int error)
{
	e->send_failures += error != 0;
	if (e->error == error)
		return;
	e->error = error;
	if (error)
		log_err("(%s) Error sending packet: %s", e->s.conf->name, strerror(error));
	else
		log_info("(%s) Packets can be sent again", e->s.conf->name);
}

static void send_one(struct bfd_role *r, struct bfd_entry *e, bool final, uint64_t now)
{
	uint8_t wire[BFD_PACKET_BYTES];
	struct bfd_packet p;
	int error = 0;

	bfd_session_fill(&e->s, final, now, &p);
	bfd_packet_build(&p, wire);
	if (e->fd < 0)
		e->fd = bfd_sender(e->s.conf, bfd_table_random(&r->table));
	if (e->fd < 0)
		error = -e->fd;
	else
		error = -bfd_send(e->fd, e->s.conf, wire, sizeof(wire));
	say_error(e, error);
}

/* keepalived's words */
static void log_change(const struct bfd_entry *e)
{
	const struct bfd_session *s = &e->s;

	if (s->state == BFD_UP || s->state == BFD_INIT)
		log_info("(%s) Entering %s state", s->conf->name, bfd_state_name(s->state));
	else
		log_warn("(%s) Entering %s state (Local diagnostic - %s, Remote diagnostic - %s)", s->conf->name,
			 bfd_state_name(s->state), bfd_diag_text(s->diag), bfd_diag_text(s->remote_diag));
}

static void carry_out(struct bfd_role *r, struct bfd_entry *e, const struct bfd_todo *t, uint64_t now)
{
	if (t->send)
		send_one(r, e, t->final, now);
	if (t->changed)
		log_change(e);
}

/* ---- time ---- */
static void rearm(struct bfd_role *r, uint64_t now)
{
	uint64_t at = BFD_NEVER, left;

	for (uint32_t i = 0; i < r->table.n; i++) {
		const struct bfd_entry *e = r->table.list[i];
		uint64_t due = bfd_session_wake(&e->s);

		if (!e->told && e->tell_down_at > now && e->tell_down_at < due)
			due = e->tell_down_at;
		at = due < at ? due : at;
	}
	if (at >= r->timer_at)
		return; /* it wakes in time; most packets only put something off */
	r->timer_at = at;
	left = at > now ? at - now : 0;
	event_add(r->ev_timer,
		  &(struct timeval){ .tv_sec = (time_t)(left / 1000000), .tv_usec = (suseconds_t)(left % 1000000) });
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct bfd_role *r = arg;
	uint64_t now = clock_us();
	struct bfd_todo t;

	if (r->timer_at < now && now - r->timer_at > r->late_us)
		r->late_us = now - r->timer_at;
	r->timer_at = BFD_NEVER;
	for (uint32_t i = 0; i < r->table.n; i++) {
		struct bfd_entry *e = r->table.list[i];

		if (bfd_session_due(&e->s) > now)
			continue;
		bfd_session_timer(&e->s, now, &t);
		carry_out(r, e, &t, now);
	}
	tell_all(r, now);
	rearm(r, now);
}

/* ---- receiving ---- */
static void say_refusal(struct bfd_role *r, enum bfd_refusal why, const struct bfd_datagram *d, uint64_t now)
{
	char src[INET6_ADDRSTRLEN] = "?";

	r->refused[why]++;
	if (r->refused_said_at[why] && now - r->refused_said_at[why] < SAY_AGAIN_US)
		return;
	r->refused_said_at[why] = now;
	inet_ntop(d->src.family, d->src.bytes, src, sizeof(src));
	log_warn("BFD packet from %s refused: %s (%llu so far)", src, bfd_refusal_text(why),
		 (unsigned long long)r->refused[why]);
}

static void take(struct bfd_role *r, const struct bfd_datagram *d, bool multihop, uint64_t now)
{
	struct bfd_entry *e = NULL;
	struct bfd_packet p;
	struct bfd_todo t;
	enum bfd_refusal why = bfd_packet_parse(d->data, d->len, &p);

	if (why == BFD_ACCEPTED)
		e = bfd_table_find(&r->table, &p, d, multihop, &why);
	if (e)
		why = bfd_session_receive(&e->s, &p, now, &t);
	if (why != BFD_ACCEPTED) {
		say_refusal(r, why, d, now);
		return;
	}
	carry_out(r, e, &t, now);
}

static void on_packet(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct bfd_role *r = l->role;
	struct bfd_datagram d;
	uint64_t now = clock_us();

	for (int i = 0; i < BATCH && bfd_receive(l->fd, &d) == 1; i++)
		take(r, &d, l->multihop, now);
	tell_all(r, now);
	rearm(r, now);
}

static bool is_needed(const struct bfd_role *r, const struct listener *l)
{
	for (uint32_t n = 0; n < r->table.n; n++) {
		const struct conf_bfd *c = r->table.list[n]->s.conf;

		if (c->neighbour.family == l->family && c->multihop == l->multihop)
			return true;
	}
	return false;
}

static void listener_close(struct listener *l)
{
	if (l->ev)
		event_free(l->ev);
	if (l->fd >= 0)
		close(l->fd);
	l->ev = NULL;
	l->fd = -1;
}

static int listener_open(struct bfd_role *r, struct listener *l)
{
	int fd = bfd_listen(l->family, l->multihop);

	if (fd < 0)
		return fd;
	l->fd = fd;
	l->ev = event_new(r->base, fd, EV_READ | EV_PERSIST, on_packet, l);
	if (l->ev && event_add(l->ev, NULL) == 0)
		return 0;
	listener_close(l);
	return -ENOMEM;
}

static void say_listener(struct listener *l, int error)
{
	int port = l->multihop ? BFD_PORT_MULTIHOP : BFD_PORT;

	if (error && error != l->error)
		log_err("BFD cannot listen on UDP port %d: %s; trying again every second", port, strerror(error));
	else if (!error && l->error)
		log_info("BFD listens on UDP port %d", port);
	l->error = error;
}

/* Sockets to listen on exist for what is configured, and no others. One that is in use is tried again. */
static void listen_as_needed(struct bfd_role *r)
{
	bool again = false;

	for (unsigned i = 0; i < BFD_LISTENERS; i++) {
		struct listener *l = &r->listeners[i];

		if (!is_needed(r, l)) {
			listener_close(l);
		} else if (l->fd < 0) {
			say_listener(l, -listener_open(r, l));
			again |= l->fd < 0;
		}
	}
	if (again)
		event_add(r->ev_listen, &(struct timeval){ .tv_sec = 1 });
}

static void on_listen(evutil_socket_t fd, short what, void *arg)
{
	listen_as_needed(arg);
}

/* ---- the keeper's messages ---- */
static void say_goodbye(struct bfd_role *r, bool all, uint64_t now)
{
	struct bfd_todo t;

	for (uint32_t i = 0; i < r->table.n; i++) {
		struct bfd_entry *e = r->table.list[i];

		if (!all && !e->gone)
			continue;
		bfd_session_stop(&e->s, now, &t);
		carry_out(r, e, &t, now);
	}
}

static int give_up_privileges(const struct conf *c)
{
	static const char *const calls[] = {
		"read",
		"write",
		"writev",
		"close",
		"dup",
		"fstat",
		"newfstatat",
		"lseek",
		"fcntl",
		"socket",
		"bind",
		"connect",
		"setsockopt",
		"getsockopt",
		"getsockname",
		"sendto",
		"sendmsg",
		"recvfrom",
		"recvmsg",
		"epoll_ctl",
		"epoll_wait",
		"epoll_pwait",
		"epoll_pwait2",
		"timerfd_settime",
		"clock_gettime",
		"clock_nanosleep",
		"gettimeofday",
		"time",
		"mmap",
		"munmap",
		"mremap",
		"mprotect",
		"madvise",
		"brk",
		"futex",
		"getrandom",
		"getpid",
		"gettid",
		"tgkill",
		"rt_sigaction",
		"rt_sigprocmask",
		"rt_sigreturn",
		"restart_syscall",
		"exit",
		"exit_group",
		NULL,
	};
	int e;

	schedule_urgent(&c->global.bfd);
	e = sandbox_user();
	if (e == 0)
		e = sandbox_syscalls(calls);
	return e;
}

static void on_conf(struct bfd_role *r, const struct msg_conf *m, int fd)
{
	struct arena next, old = r->arena;
	const struct conf *c;
	uint64_t now = clock_us();
	int e = conf_take(&next, &c, r->space, m, fd);

	if (e < 0) {
		log_err("the configuration cannot be mapped: %s", strerror(-e));
		return;
	}
	e = bfd_table_apply(&r->table, c->bfds, c->n_bfds, now);
	if (e < 0) {
		log_err("the configuration cannot be put in force: %s", strerror(-e));
		arena_close(&next);
		return;
	}
	e = r->conf ? 0 : give_up_privileges(c);
	if (e < 0) {
		log_err("BFD cannot give its rights away, and does not run with them: %s", strerror(-e));
		r->status = 1;
		event_base_loopbreak(r->base);
		return;
	}
	say_goodbye(r, false, now);
	bfd_table_sweep(&r->table);
	r->conf = c;
	r->arena = next;
	conf_leave(&old, &next); /* nothing points into it any more */
	r->generation = m->generation;
	listen_as_needed(r);
	r->ready_told = false;
	tell_all(r, now);
	rearm(r, now);
}

static void on_keeper(evutil_socket_t keeper, short what, void *arg)
{
	struct bfd_role *r = arg;
	struct message m;
	int fd = -1, n = message_recv(r->fd, ROLE_KEEPER, ROLE_BFD, &m, &fd);

	if (n == -EBADMSG) {
		log_err("a message of the keeper is not understood");
		return;
	}
	if (n == 0 || (n < 0 && n != -EAGAIN && n != -EINTR) || (n == 1 && m.type == MSG_STOP)) {
		say_goodbye(r, true, clock_us());
		event_base_loopbreak(r->base);
	} else if (n == 1 && m.type == MSG_CONF) {
		on_conf(r, &m.conf, fd); /* takes it */
		return;
	} else if (n == 1 && m.type == MSG_DUMP) {
		bfd_dump(r, fd, m.dump.kind);
	}
	if (n == 1 && fd >= 0)
		close(fd);
}

/* ---- beginning and end ---- */
static struct event_base *new_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c && event_config_set_flag(c, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(c);
	if (c)
		event_config_free(c);
	return base;
}

static int set_up(struct bfd_role *r)
{
	r->base = new_base();
	if (!r->base)
		return -ENOMEM;
	r->ev_keeper = event_new(r->base, r->fd, EV_READ | EV_PERSIST, on_keeper, r);
	r->ev_flush = event_new(r->base, r->fd, EV_WRITE, on_writable, r);
	r->ev_timer = event_new(r->base, -1, 0, on_timer, r);
	r->ev_listen = event_new(r->base, -1, 0, on_listen, r);
	if (!r->ev_keeper || !r->ev_flush || !r->ev_timer || !r->ev_listen)
		return -ENOMEM;
	if (getrandom(&r->table.random, sizeof(r->table.random), 0) < 0)
		return -errno;
	return event_add(r->ev_keeper, NULL) < 0 ? -ENOMEM : 0;
}

static void tear_down(struct bfd_role *r)
{
	struct event *events[] = { r->ev_keeper, r->ev_flush, r->ev_timer, r->ev_listen };

	for (unsigned i = 0; i < BFD_LISTENERS; i++)
		listener_close(&r->listeners[i]);
	for (unsigned i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	bfd_table_free(&r->table);
	if (r->base)
		event_base_free(r->base);
}

int bfd_role(const struct role_start *s)
{
	struct bfd_role r = { .fd = s->fd, .space = s->space, .timer_at = BFD_NEVER };
	int e;

	signal(SIGPIPE, SIG_IGN);
	for (unsigned i = 0; i < BFD_LISTENERS; i++)
		r.listeners[i] = (struct listener){
			.role = &r, .fd = -1, .family = i & 1 ? AF_INET6 : AF_INET, .multihop = i & 2
		};
	e = set_up(&r);
	if (e < 0) {
		log_err("BFD cannot start: %s", strerror(-e));
		r.status = 1;
	} else {
		event_base_dispatch(r.base);
	}
	tear_down(&r);
	return r.status;
}
