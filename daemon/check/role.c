/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the check process: takes configurations from the keeper, runs what is due, tells what it finds.
 *
 * The first configuration is taken, and the files that it names are read, before the process gives its rights away;
 * then nothing but sockets and the keeper. Dies with the keeper. A reload goes by the checks' keys: the same check
 * keeps its state and its timer.
 */
#include "check.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf_take.h"
#include "dump.h"
#include "kinds.h"
#include "log.h"
#include "mail.h"
#include "outbox.h"
#include "jail.h"
#include "table.h"
#include "web.h"

#define BATCH 256 /* checks begun, or messages read, before the sockets get their turn */
#define LATE_US 100000
#define EXIT_AGAIN 75 /* EX_TEMPFAIL: start me anew */

/* ---- time ---- */

void checker_arm(struct checker *r)
{
	struct heap_item *first = heap_first(&r->heap);
	uint64_t now;
	struct timeval tv;

	if (!first || (r->armed_us && r->armed_us <= first->when_us))
		return;
	now = clock_us();
	r->armed_us = first->when_us;
	now = first->when_us > now ? first->when_us - now : 0;
	tv.tv_sec = (time_t)(now / 1000000);
	tv.tv_usec = (suseconds_t)(now % 1000000);
	evtimer_add(r->timer, &tv);
}

static void note_lateness(struct checker *r, const struct check *k, uint64_t now)
{
	uint64_t late = now - k->timer.when_us;

	if (k->state != CHECK_WAITING)
		return;
	if (late > r->stats.late_max_us)
		r->stats.late_max_us = late;
	if (late > LATE_US)
		r->stats.late_100ms++;
}

static void run_due(evutil_socket_t fd, short what, void *arg)
{
	struct checker *r = arg;
	struct heap_item *first;
	uint64_t now = clock_us();
	int n = 0;

	/* Armed at "now" meanwhile, so that check_at() does not set the timer for each of them. */
	r->armed_us = 1;
	while ((first = heap_first(&r->heap)) && first->when_us <= now && n++ < BATCH) {
		note_lateness(r, (struct check *)first, now);
		check_due((struct check *)first);
		now = clock_us();
	}
	r->armed_us = 0;
	checker_arm(r);
}

/* ---- to the keeper ---- */

void checker_tell(struct checker *r, struct check *k)
{
	if (!k->untold) {
		k->next_untold = r->untold;
		r->untold = k;
		k->untold = true;
	}
	outbox_flush(r);
}

bool checker_send(struct checker *r, struct message *m)
{
	return outbox_send(r, m) == 0;
}

/* ---- a configuration ---- */

static void use(struct checker *r, const struct conf *conf)
{
	int r2 = table_apply(r, conf);

	if (r2 < 0)
		log_err("no memory for the %u checks of the configuration; those that fit run", conf->n_checks);
	mailer_configure(r->mailer, conf);
}

static void take_conf(struct checker *r, const struct msg_conf *m, int take_fd)
{
	struct message ready = { .type = MSG_READY, .ready = { .generation = m->generation } };
	struct arena arena, old = r->arena;
	const struct conf *conf;
	int err = conf_take(&arena, &conf, r->start->space, m, take_fd);

	if (err < 0) {
		log_err("configuration %u cannot be mapped: %s", m->generation, strerror(-err));
		return;
	}
	if (r->conf && web_files_locked(r->web, conf)) {
		log_info("certificates are to be read that need rights: the checker starts anew");
		r->status = EXIT_AGAIN;
		event_base_loopbreak(r->base);
	}
	web_read_files(r->web, conf);
	r->arena = arena;
	r->generation = m->generation;
	use(r, conf);
	conf_leave(&old, &arena);
	malloc_trim(0); /* what the old one had, and what making the new one took */
	checker_send(r, &ready);
}

/* ---- from the keeper ---- */

static void take_socket(struct checker *r, const struct msg_socket *m, int fd)
{
	struct check *k;

	if (pinger_wants(m->want)) {
		pinger_socket(r->pinger, m, fd);
		return;
	}
	k = check_find(r, m->key);
	if (k)
		check_got_socket(k, m, fd);
	else if (fd >= 0)
		close(fd);
}

static void take_message(struct checker *r, const struct message *m, int fd)
{
	struct check *k;

	switch (m->type) {
	case MSG_CONF:
		take_conf(r, &m->conf, fd);
		return;
	case MSG_SOCKET:
		take_socket(r, &m->socket, fd);
		return;
	case MSG_STOP:
		event_base_loopbreak(r->base);
		break;
	case MSG_DUMP:
		checker_dump(r, fd, m->dump.kind);
		break;
	case MSG_RUN_DONE:
		k = check_find(r, m->run_done.key);
		if (k)
			check_misc_done(k, &m->run_done);
		break;
	case MSG_COUNTER:
		k = check_find(r, m->counter.key);
		if (k)
			check_passive_counter(k, &m->counter);
		break;
	case MSG_SUSPEND:
		k = check_find(r, m->suspend.key);
		if (k)
			check_suspend(k, m->suspend.on);
		break;
	case MSG_MAIL:
		mailer_take(r->mailer, &m->mail);
		break;
	default:
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void keeper_readable(evutil_socket_t fd, short what, void *arg)
{
	struct checker *r = arg;
	struct message m;
	int pass, n;

	for (int i = 0; i < BATCH; i++) {
		n = message_recv(fd, ROLE_KEEPER, ROLE_CHECK, &m, &pass);
		if (n == -EBADMSG)
			continue;
		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n <= 0) {
			event_base_loopbreak(r->base);
			return;
		}
		take_message(r, &m, pass);
	}
}

static void keeper_writable(evutil_socket_t fd, short what, void *arg)
{
	outbox_flush(arg);
}

/* ---- beginning and end ---- */

static struct event_base *new_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base;

	if (!c)
		return NULL;
	event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}

static int open_role(struct checker *r, const struct role_start *s)
{
	int err;

	*r = (struct checker){ .start = s, .again = s->again, .sockets.fd = -1 };
	r->rnd = clock_us() * 0x9e3779b97f4a7c15ull + (uint64_t)getpid();
	r->rnd |= 1;
	r->base = new_base();
	if (!r->base)
		return -ENOMEM;
	r->keeper_in = event_new(r->base, s->fd, EV_READ | EV_PERSIST, keeper_readable, r);
	r->keeper_out = event_new(r->base, s->fd, EV_WRITE, keeper_writable, r);
	r->timer = evtimer_new(r->base, run_due, r);
	err = sockset_open(&r->sockets, r->base);
	if (err < 0)
		return err;
	r->web = web_new(r);
	r->pinger = pinger_new(r);
	r->mailer = mailer_new(r);
	if (!r->keeper_in || !r->keeper_out || !r->timer || !r->web || !r->pinger || !r->mailer)
		return -ENOMEM;
	return event_add(r->keeper_in, NULL) < 0 ? -ENOMEM : 0;
}

static void close_role(struct checker *r)
{
	table_free(r);
	mailer_free(r->mailer);
	pinger_free(r->pinger);
	web_free(r->web);
	outbox_free(r);
	heap_free(&r->heap);
	sockset_close(&r->sockets);
	if (r->timer)
		event_free(r->timer);
	if (r->keeper_out)
		event_free(r->keeper_out);
	if (r->keeper_in)
		event_free(r->keeper_in);
	if (r->base)
		event_base_free(r->base);
	if (r->arena.base)
		arena_close(&r->arena);
}

/* Waits for the first configuration. 1, or 0: it is over before it began. */
static int first_conf(struct checker *r)
{
	struct pollfd p = { .fd = r->start->fd, .events = POLLIN };
	struct message m;
	int pass, n;

	while (!r->conf) {
		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return 0;
		n = message_recv(p.fd, ROLE_KEEPER, ROLE_CHECK, &m, &pass);
		if (n == 0 || (n < 0 && n != -EBADMSG && n != -EAGAIN && n != -EINTR))
			return 0;
		if (n < 0)
			continue;
		if (m.type == MSG_STOP)
			return 0;
		take_message(r, &m, pass);
	}
	return 1;
}

int check_role(const struct role_start *s)
{
	struct checker r;
	int err;

	signal(SIGPIPE, SIG_IGN);
	/* Tries come and go, thousands of them at a time when servers fail: given back a megabyte at a time. */
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
	jail_limits();
	err = open_role(&r, s);
	if (err < 0) {
		log_err("the checker cannot start: %s", strerror(-err));
		close_role(&r);
		return 1;
	}
	if (first_conf(&r)) {
		err = jail_enter();
		if (err < 0) {
			log_err("the checker cannot give its rights away, and does not run with them: %s",
				strerror(-err));
			r.status = 1;
		} else {
			event_base_dispatch(r.base);
		}
	}
	err = r.status;
	close_role(&r);
	return err;
}
