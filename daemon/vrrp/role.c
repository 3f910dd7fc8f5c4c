/* SPDX-License-Identifier: GPL-2.0-or-later */
/* role - the loop, the keeper's messages, the protocol's one timer. See role.h. */
#include "role.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "arp.h"
#include "clock.h"
#include "conf_take.h"
#include "log.h"
#include "ndisc.h"
#include "rights.h"
#include "schedule.h"

#define GARP_PORTION 16 /* sent before anything else gets its turn */
#define LINGER_MAX_US 1500000
#define COMMANDS_MS 3000 /* how long routes and rules may take to go at the end */

/* ---- the protocol's timer ---- */
static void set_timer(struct vrrp_role *r, uint64_t at)
{
	struct itimerspec its = { 0 };

	r->timer_at = at;
	if (at != VRRP_NEVER) {
		its.it_value.tv_sec = at / 1000000;
		its.it_value.tv_nsec = at % 1000000 * 1000 + 1; /* not 0, which would stop it */
	}
	timerfd_settime(r->timer_fd, TFD_TIMER_ABSTIME, &its, NULL);
}

void role_rearm(struct vrrp_role *r, const struct instance *i)
{
	uint64_t at = VRRP_NEVER;

	for (uint32_t m = 0; m < i->sync->group.n_members; m++) {
		uint64_t due = vrrp_fsm_due(i->sync->group.members[m]);

		at = due < at ? due : at;
	}
	if (at < r->timer_at)
		set_timer(r, at);
}

void role_step(struct vrrp_role *r, struct instance *i, const struct vrrp_event *e)
{
	vrrp_group_step(&i->sync->group, &i->fsm, e, clock_us(), &r->actions);
	act_all(r, i->sync);
	role_rearm(r, i);
}

/* max_auto_priority: whoever is late is given more */
static void note_lateness(struct vrrp_role *r, uint64_t us)
{
	const struct conf_global *g = &r->conf->global;

	r->late_us = us > r->late_us ? us : r->late_us;
	if (us < g->min_auto_priority_delay_us || r->rt_priority >= g->max_auto_priority)
		return;
	if (schedule_realtime(&g->vrrp, r->rt_priority + 1) < 0)
		return;
	r->rt_priority++;
	log_info("A timer was %lu ms late, real-time priority is %d from now on", us / 1000, r->rt_priority);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	const struct vrrp_event e = { .type = VRRP_ON_TIMER };
	struct vrrp_role *r = arg;
	uint64_t count, now = clock_us(), next = VRRP_NEVER;

	if (read(r->timer_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return;
	if (r->timer_at != VRRP_NEVER && now > r->timer_at)
		note_lateness(r, now - r->timer_at);
	r->timer_at = 0; /* stepping must not set it: that is done once, below */
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (vrrp_fsm_due(&r->instances[n]->fsm) <= now)
			role_step(r, r->instances[n], &e);
	for (uint32_t n = 0; n < r->n_instances; n++) {
		uint64_t due = vrrp_fsm_due(&r->instances[n]->fsm);

		next = due < next ? due : next;
	}
	set_timer(r, next);
}

/* ---- gratuitous ARPs, in small portions ---- */
static int send_garp(struct vrrp_role *r, const struct garp_item *i)
{
	const struct nl_link *l = netlink_link_at(&r->nl, i->ifindex);

	if (!l)
		return -ENODEV;
	if (i->addr.family == AF_INET)
		return arp_send(r->garp_fd, l, &i->addr.v4);
	return ndisc_send(r->garp_fd, l, &i->addr.v6, sysctl_get("ipv6", l->name, "forwarding", 0) == 1);
}

static void on_garp(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;
	struct garp_item item;
	uint64_t now = clock_us(), at = now;

	for (int n = 0; n < GARP_PORTION; n++) {
		if (!garp_next(&r->garp, now, &item, &at))
			break;
		if (send_garp(r, &item) < 0)
			r->garp.failed++;
		else
			r->garp.sent++;
		at = now;
	}
	if (at == UINT64_MAX)
		return;
	at = at > now ? at - now : 0;
	event_add(r->ev_garp, &(struct timeval){ .tv_sec = at / 1000000, .tv_usec = at % 1000000 });
}

/* ---- the world ---- */
/* Addresses of masters that have many, a portion each. */
static void on_more(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;
	bool left = false;

	for (uint32_t n = 0; n < r->n_instances; n++)
		left |= act_own_more(r, r->instances[n]);
	if (left) /* by way of the loop, so that what is more urgent gets its turn */
		event_add(r->ev_more, &(struct timeval){ 0 });
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;

	if (r->conf && !r->stopping)
		look_all(r);
}

void role_look_soon(struct vrrp_role *r)
{
	event_active(r->ev_look, 0, 0);
}

static void on_world(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;
	int e = netlink_read(&r->nl);

	if (e < 0) {
		log_err("cannot follow the interfaces any more: %s", strerror(-e));
		event_base_loopbreak(r->base);
		r->status = 1;
	}
}

void role_failed(void *arg, enum command_kind kind, const char *text)
{
	struct vrrp_role *r = arg;

	if (kind != COMMAND_IPTABLES4 && kind != COMMAND_IPTABLES6)
		log_err("%s%s", kind == COMMAND_NFT ? "no_accept: nft: " : "", text);
	else if (!firewall_failed(&r->firewall, text))
		log_err("vrrp_iptables: %s", text);
}

/* ---- the keeper's messages ---- */
static int open_world(struct vrrp_role *r, const struct conf *c)
{
	int e;

	if (r->nl_open)
		return 0;
	e = netlink_open(&r->nl, &c->global.vrrp, &look_events, r);
	if (e < 0)
		return e;
	r->nl_open = true;
	r->garp_fd = arp_socket();
	if (r->garp_fd < 0)
		log_err("no gratuitous ARPs can be sent: %s", strerror(-r->garp_fd));
	r->ev_world = event_new(r->base, netlink_fd(&r->nl), EV_READ | EV_PERSIST, on_world, r);
	if (!r->ev_world)
		return -ENOMEM;
	event_priority_set(r->ev_world, URGENT_WORLD);
	return event_add(r->ev_world, NULL) < 0 ? -ENOMEM : 0;
}

static void on_conf(struct vrrp_role *r, const struct msg_conf *m, int fd)
{
	struct message ready = { .type = MSG_READY, .ready.generation = m->generation };
	struct arena new, old = r->arena;
	const struct conf *c;
	int e = conf_take(&new, &c, r->space, m, fd);

	if (e < 0) {
		log_err("cannot map the configuration: %s", strerror(-e));
		return;
	}
	if (!r->conf) {
		r->rt_priority = schedule_urgent(&c->global.vrrp);
		e = rights_give_up();
	}
	if (e == 0) {
		e = open_world(r, c);
		if (e < 0)
			log_err("cannot ask the kernel for interfaces: %s", strerror(-e));
	}
	if (e < 0) {
		r->status = 1;
		event_base_loopbreak(r->base);
		return;
	}
	e = config_apply(r, c, m->generation);
	r->arena = new;
	if (e < 0) { /* half of it points into the one before: whoever comes next resumes */
		r->status = 1;
		event_base_loopbreak(r->base);
		return;
	}
	conf_leave(&old, &new);
	role_tell(r, &ready);
}

static void on_track(struct vrrp_role *r, const struct msg_track *m)
{
	struct vrrp_tracked *t;

	if (m->generation != r->generation || m->kind > CONF_TRACK_BFD || m->index >= r->values.n[m->kind])
		return;
	t = &r->values.of[m->kind][m->index];
	if (t->known == (m->known != 0) && t->value == m->value)
		return;
	t->known = m->known;
	t->value = m->value;
	look_all(r);
}

static void on_garp_wanted(struct vrrp_role *r, const struct msg_garp *m)
{
	struct instance *i = m->generation == r->generation && m->index < r->n_instances ? r->instances[m->index] : NULL;

	for (uint32_t k = 0; i && i->owns && k < i->n_vips; k++)
		act_garp(r, i, &i->vips[k]);
}

static void on_resume(struct vrrp_role *r, const struct msg_vrrp_state *m)
{
	struct msg_vrrp_state *h = realloc(r->hints, (r->n_hints + 1) * sizeof(*h));

	if (!h)
		return;
	r->hints = h;
	h[r->n_hints++] = *m;
}

/* ---- the end ---- */
static void end(struct vrrp_role *r)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->lingers)
			act_end_linger(r, r->instances[n]);
	if (r->conf && !r->keep_addresses)
		config_release(r);
	commands_finish(&r->commands, COMMANDS_MS);
	event_base_loopbreak(r->base);
}

static void on_linger_end(evutil_socket_t fd, short what, void *arg)
{
	end(arg);
}

void role_lingered(struct vrrp_role *r)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->lingers)
			return;
	event_active(r->ev_linger, 0, 0); /* not here: this may be in the middle of its socket's turn */
}

/* How long a backup may take that has just heard that we stop: the longest skew there is, and some. */
static uint64_t linger_us(const struct instance *i)
{
	uint64_t us = vrrp_fsm_skew(i->conf->version, 1, i->fsm.master_interval_us);

	us += us / 10;
	return us < LINGER_MAX_US ? us : LINGER_MAX_US;
}

/*
 * Everybody else hears that we go (priority 0). A master keeps its addresses until it hears the next one, so that
 * whoever talks to them is never without an answer; if nobody comes they go all the same.
 */
static void stop(struct vrrp_role *r, bool release, bool at_once)
{
	const struct vrrp_event e = { .type = VRRP_ON_STOP };
	uint64_t longest = 0;

	if (r->stopping)
		return;
	r->stopping = true;
	r->keep_addresses = !release;
	r->lingering = release && !at_once;
	for (uint32_t n = 0; n < r->n_instances; n++) {
		struct instance *i = r->instances[n];

		role_step(r, i, &e);
		if (i->lingers && linger_us(i) > longest)
			longest = linger_us(i);
	}
	if (longest)
		event_add(r->ev_linger,
			  &(struct timeval){ .tv_sec = longest / 1000000, .tv_usec = longest % 1000000 });
	else
		end(r);
}

static void on_message(struct vrrp_role *r, const struct message *m, int fd)
{
	if (r->stopping && m->type != MSG_DUMP) {
		if (fd >= 0)
			close(fd);
		return;
	}
	switch (m->type) {
	case MSG_CONF:
		on_conf(r, &m->conf, fd); /* takes it */
		return;
	case MSG_VRRP_RESUME:
		on_resume(r, &m->vrrp_state);
		break;
	case MSG_TRACK:
		on_track(r, &m->track);
		break;
	case MSG_GARP:
		on_garp_wanted(r, &m->garp);
		break;
	case MSG_STOP:
		stop(r, m->stop.release, m->stop.at_once);
		break;
	case MSG_DUMP:
		if (r->conf)
			dump_write(r, fd, m->dump.kind);
		break;
	case MSG_ASK:
		counts_tell(r);
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void on_keeper(evutil_socket_t keeper, short what, void *arg)
{
	struct vrrp_role *r = arg;
	struct message m;
	int fd, n;

	/* one at a time: whatever is more urgent gets its turn in between */
	n = message_recv(r->fd, ROLE_KEEPER, ROLE_VRRP, &m, &fd);
	if (n == 1) {
		on_message(r, &m, fd);
	} else if (n == 0) {
		log_err("the keeper has gone: giving up all addresses");
		event_del(r->ev_keeper);
		stop(r, true, false);
	} else if (n == -EBADMSG) {
		log_err("a message of the keeper is not understood");
	}
}

/* ---- beginning and end ---- */
static struct event *make_event(struct vrrp_role *r, int fd, short what, event_callback_fn f, int urgency)
{
	struct event *e = event_new(r->base, fd, what, f, r);

	if (e)
		event_priority_set(e, urgency);
	return e;
}

static int make_events(struct vrrp_role *r)
{
	struct event_config *cfg = event_config_new();

	if (!cfg)
		return -ENOMEM;
	event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER);
	r->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	r->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (!r->base || r->timer_fd < 0 || event_base_priority_init(r->base, URGENCIES) < 0)
		return -ENOMEM;
	r->ev_timer = make_event(r, r->timer_fd, EV_READ | EV_PERSIST, on_timer, URGENT_TIMER);
	r->ev_keeper = make_event(r, r->fd, EV_READ | EV_PERSIST, on_keeper, URGENT_WORLD);
	r->ev_flush = make_event(r, r->fd, EV_WRITE, tell_flush, URGENT_WORLD);
	r->ev_look = make_event(r, -1, 0, on_look, URGENT_WORLD);
	r->ev_garp = make_event(r, -1, 0, on_garp, URGENT_GARP);
	r->ev_linger = make_event(r, -1, 0, on_linger_end, URGENT_WORLD);
	r->ev_more = make_event(r, -1, 0, on_more, URGENT_WORLD);
	r->ev_settle = make_event(r, -1, 0, on_look, URGENT_WORLD);
	if (!r->ev_linger || !r->ev_more || !r->ev_settle || !r->ev_timer || !r->ev_keeper || !r->ev_flush ||
	    !r->ev_look || !r->ev_garp)
		return -ENOMEM;
	event_add(r->ev_timer, NULL);
	event_add(r->ev_keeper, NULL);
	return 0;
}

static void free_events(struct vrrp_role *r)
{
	struct event *all[] = { r->ev_timer, r->ev_keeper, r->ev_flush, r->ev_look,  r->ev_garp,
				r->ev_world, r->ev_linger, r->ev_more,	r->ev_settle };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			event_free(all[i]);
	if (r->base)
		event_base_free(r->base);
	if (r->timer_fd >= 0)
		close(r->timer_fd);
}

static void sockets_changed(void *arg)
{
	struct vrrp_role *r = arg;

	if (r->ev_ear)
		ear_stale(r);
}

int vrrp_role(const struct role_start *s)
{
	struct vrrp_role *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	r->fd = s->fd;
	r->space = s->space;
	r->timer_fd = r->garp_fd = -1;
	r->timer_at = VRRP_NEVER;
	r->started = clock_us();
	r->arena.fd = -1;
	r->sockets = malloc(sizeof(*r->sockets));
	e = r->sockets ? make_events(r) : -ENOMEM;
	e = e == 0 ? ear_init(r) : e;
	if (e < 0) {
		log_err("cannot start: %s", strerror(-e));
		return 1;
	}
	sockets_init(r->sockets, sockets_changed, r);
	commands_init(&r->commands, r->base, role_failed, r);
	firewall_init(&r->firewall, &r->commands);
	event_base_dispatch(r->base);
	tell_drain(r);
	ear_close(r);
	e = r->status;
	config_free(r);
	commands_close(&r->commands);
	sockets_close(r->sockets);
	if (r->nl_open)
		netlink_close(&r->nl);
	if (r->garp_fd >= 0)
		close(r->garp_fd);
	free_events(r);
	vrrp_actions_free(&r->actions);
	free(r->hints);
	free(r->sockets);
	free(r);
	return e;
}
