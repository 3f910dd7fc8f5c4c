/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve - see role.h: the master agent's side.
 *
 * Statistics are read when somebody asks for them, not before; a request waits for them, but not for long: what is
 * known then is the answer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "log.h"
#include "role.h"
#include "snmp.h"

#define PATIENCE_US 900000 /* less than a master agent's */
#define HELD_MAX 64
#define POLL_S 10 /* how soon an error in what is received is told */

struct held {
	struct held *next;
	struct agentx_header h;
	uint8_t body[];
};

/* ---- asking the keeper ---- */
static void say(struct snmp *s, enum ask what)
{
	struct message m = { .type = MSG_ASK, .ask.what = what };

	message_send(s->start->fd, &m, -1);
}

void serve_ask(struct snmp *s, unsigned need)
{
	const struct timeval t = { 0, PATIENCE_US };

	need &= ~s->asked;
	if (need & NEED_VRRP)
		say(s, ASK_VRRP);
	if (need & NEED_LVS)
		say(s, ASK_LVS);
	s->asked |= need;
	if (!event_pending(s->patience, EV_TIMEOUT, NULL))
		event_add(s->patience, &t);
}

static void set_fresh(struct snmp *s)
{
	s->view.now_us = clock_us();
	s->view.fresh = 0;
	for (unsigned k = 0; k < 2; k++)
		if (s->view.now_us < s->fresh_until[k])
			s->view.fresh |= 1u << k;
	facts_show(&s->facts, &s->view.lvs);
}

/* ---- requests ---- */
/* False: it must wait */
static bool respond(struct snmp *s, const struct agentx_header *h, const uint8_t *body, bool now)
{
	struct agentx_out out = { 0 };
	unsigned need = 0;
	int r;

	set_fresh(s);
	if (now)
		s->view.fresh = ~0u;
	r = answer(&s->view, session_id(s->session), h, body, &out, &need);
	if (r == 1)
		session_send(s->session, &out);
	agentx_out_free(&out);
	if (r == -EAGAIN)
		serve_ask(s, need);
	return r != -EAGAIN;
}

static void asked(void *arg, const struct agentx_header *h, const uint8_t *body)
{
	struct snmp *s = arg;
	struct held *w;

	if (s->n_held == 0 && respond(s, h, body, false))
		return;
	w = s->n_held < HELD_MAX ? malloc(sizeof(*w) + h->len) : NULL;
	if (!w) {
		respond(s, h, body, true);
		return;
	}
	w->next = NULL;
	w->h = *h;
	memcpy(w->body, body, h->len);
	*s->held_end = w;
	s->held_end = &w->next;
	s->n_held++;
}

/* In the order in which they came; late: no more waiting. */
static void answer_held(struct snmp *s, bool late)
{
	while (s->held && respond(s, &s->held->h, s->held->body, late)) {
		struct held *w = s->held;

		s->held = w->next;
		if (!s->held)
			s->held_end = &s->held;
		s->n_held--;
		free(w);
	}
}

static void on_impatient(evutil_socket_t fd, short what, void *arg)
{
	struct snmp *s = arg;

	s->asked = 0;
	answer_held(s, true);
}

void serve_fresh(struct snmp *s, enum need need, uint64_t for_us)
{
	unsigned k = need == NEED_LVS;

	s->fresh_until[k] = clock_us() + for_us;
	s->asked &= ~(unsigned)need;
	if (!s->asked)
		event_del(s->patience);
	answer_held(s, false);
}

/* ---- notifications ---- */
void serve_trap(struct snmp *s, enum trap t, uint32_t i, uint32_t j)
{
	struct agentx_header h;
	struct agentx_out out = { 0 };

	if (!s->conf->global.snmp_traps)
		return;
	set_fresh(s);
	h = session_header(s->session);
	if (trap_make(&s->view, t, (uint32_t[]){ i, j }, &h, &out))
		session_notify(s->session, &out);
	agentx_out_free(&out);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	serve_ask(arg, NEED_VRRP);
}

/* Errors in adverts are counted, and nobody says so by himself. */
static void watch_errors(struct snmp *s, bool on)
{
	const struct timeval t = { POLL_S, 0 };

	if (on)
		event_add(s->poll, &t);
	else
		event_del(s->poll);
}

/* ---- what is served ---- */
static void add_tree(struct snmp *s, const uint32_t *id, uint32_t n)
{
	struct oid *o = &s->trees[s->n_trees++];

	o->n = 0;
	oid_add(o, id, n);
}

#define ADD_TREE(s, ...) \
	add_tree(s, (uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

void serve_conf(struct snmp *s)
{
	const struct conf_global *g = &s->conf->global;
	bool all = s->start->snmp_all, vrrp = s->conf->has_vrrp, lvs = s->conf->has_lvs || s->conf->n_service_checks;
	unsigned parts = (vrrp && (all || g->snmp_vrrp) ? PART_VRRP : 0) |
			 (lvs && (all || g->snmp_checker) ? PART_CHECKER : 0) |
			 (vrrp && (all || g->snmp_rfcv2) ? PART_RFC2787 : 0) |
			 (vrrp && (all || g->snmp_rfcv3) ? PART_RFC6527 : 0);
	const char *where = *s->start->snmp_socket ? s->start->snmp_socket
			    : *g->snmp_socket	   ? g->snmp_socket
						   : CONF_SNMP_SOCKET;

	watch_errors(s, g->snmp_traps && parts & (PART_RFC2787 | PART_RFC6527));
	if (parts == s->view.parts && !strcmp(where, s->socket))
		return;
	snprintf(s->socket, sizeof(s->socket), "%s", where);
	s->view.parts = parts;
	s->n_trees = 0;
	if (parts & (PART_VRRP | PART_CHECKER))
		ADD_TREE(s, MIB_KEEPALIVED, 1);
	if (parts & PART_VRRP)
		ADD_TREE(s, MIB_KEEPALIVED, 2);
	if (parts & PART_CHECKER)
		ADD_TREE(s, MIB_KEEPALIVED, 3);
	if (parts & PART_RFC2787)
		ADD_TREE(s, MIB_VRRP);
	if (parts & PART_RFC6527)
		ADD_TREE(s, MIB_VRRPV3);
	session_start(s->session, where, s->trees, s->n_trees);
}

/* ---- beginning and end ---- */
static void want_socket(void *arg)
{
	say(arg, ASK_AGENT);
}

static void told_uptime(void *arg, uint32_t hundredths)
{
	struct snmp *s = arg;

	s->view.master_uptime = hundredths;
	s->view.master_told_us = clock_us();
}

int serve_new(struct snmp *s)
{
	const struct session_owner owner = { s, want_socket, asked, told_uptime };

	s->held_end = &s->held;
	s->patience = event_new(s->base, -1, 0, on_impatient, s);
	s->poll = event_new(s->base, -1, EV_PERSIST, on_poll, s);
	return s->patience && s->poll ? session_new(&s->session, s->base, &owner) : -ENOMEM;
}

void serve_free(struct snmp *s)
{
	session_free(s->session);
	while (s->held) {
		struct held *w = s->held;

		s->held = w->next;
		free(w);
	}
	if (s->patience)
		event_free(s->patience);
	if (s->poll)
		event_free(s->poll);
}
