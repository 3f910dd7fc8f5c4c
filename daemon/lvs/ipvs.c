/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipvs - see ipvs.h. */
#include "ipvs.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "clock.h"
#include "ctl_wire.h"
#include "ipvs_internal.h"
#include "load.h"
#include "put.h"
#include "sync.h"

#define AGAIN_MIN_S 1
#define AGAIN_MAX_S 60
#define DIRECTOR_GONE "the director has gone; the tables are compared when it is back"
#define SENT_MANY 256 /* changes whose answers are waited for before a further service's */
#define RETRY_S 60 /* what was refused */
#define LOOK_S 1   /* at draining servers, at how servers answer, for a director that has appeared */

static void after(struct event *ev, uint64_t us)
{
	struct timeval tv = { .tv_sec = (time_t)(us / 1000000), .tv_usec = (suseconds_t)(us % 1000000) };

	event_add(ev, &tv);
}

/* ---- sending ---- */

static void event_drop(struct event *ev)
{
	if (ev)
		event_free(ev);
}

static void forget_sent(struct ipvs *i)
{
	free(i->sent);
	i->sent = NULL;
	i->n_sent = i->room = 0;
}

void ipvs_lost(struct ipvs *i)
{
	event_drop(i->gone_ev);
	i->gone_ev = NULL;
	ctl_close(i->ctl);
	i->ctl = NULL;
	forget_sent(i);
	vips_forget(i->vips);
	sync_forget(i->sync);
	i->stale = true;
	i->again_s = i->again_s ? i->again_s : AGAIN_MIN_S;
	after(i->again_ev, i->again_s * 1000000ul);
	if (i->again_s < AGAIN_MAX_S)
		i->again_s *= 2;
}

static void flush(struct ipvs *i);

static uint8_t command_of(enum pool_op op, bool is_dest)
{
	static const uint8_t commands[][2] = {
		[POOL_ADD] = { IPVS_CMD_NEW_SERVICE, IPVS_CMD_NEW_DEST },
		[POOL_EDIT] = { IPVS_CMD_SET_SERVICE, IPVS_CMD_SET_DEST },
		[POOL_DEL] = { IPVS_CMD_DEL_SERVICE, IPVS_CMD_DEL_DEST },
	};

	return commands[op][is_dest];
}

static void change(void *arg, enum pool_op op, const struct service *s, const struct dest *d,
		   const struct conf_vs *vs)
{
	struct ipvs *i = arg;
	struct nlmsghdr *nlh;
	struct sent *more;

	if (i->n_sent >= SENT_MANY && pool_service_order(&i->sent[i->n_sent - 1].s, s))
		flush(i); /* never in the middle of a service: it may be refused */
	if (!i->ctl)
		return; /* the tables are compared once the director is back */
	if (i->n_sent == i->room) {
		more = realloc(i->sent, (i->room * 2 + 64) * sizeof(*more));
		if (!more)
			return ipvs_lost(i);
		i->sent = more;
		i->room = i->room * 2 + 64;
	}
	i->sent[i->n_sent] = (struct sent){ .op = op, .is_dest = d, .s = *s, .vs = vs };
	if (d)
		i->sent[i->n_sent].d = *d;
	i->n_sent++;
	nlh = ctl_request(i->ctl, command_of(op, d != NULL), NLM_F_ACK);
	put_service(nlh, s);
	if (d)
		put_dest(nlh, d);
	if (ctl_queue(i->ctl, nlh) < 0)
		return ipvs_lost(i);
	event_active(i->flush_ev, 0, 0);
}

static bool was_refused(const struct ipvs *i, unsigned before, const struct service *s)
{
	/* only a service's own refusal counts, and those are rare: looking back is cheap enough */
	for (unsigned n = before; n-- > 0;)
		if (!i->sent[n].is_dest && !pool_service_order(&i->sent[n].s, s))
			return i->sent[n].op == POOL_ADD && !i->sent[n].vs;
	return false;
}

static void complain(struct ipvs *i, const struct sent *c, int error, const char *why)
{
	char vs[160], dest[ADDR_TEXT] = "", text[600];

	conf_vs_text(i->conf, c->vs, vs, sizeof(vs));
	if (c->is_dest)
		addr_format_endpoint(dest, &c->d.addr, c->d.port);
	snprintf(text, sizeof(text), "%s:%u: virtual server %s%s%s: %s%s", c->vs->where.file, c->vs->where.line, vs,
		 c->is_dest ? ", real server " : "", dest, *why ? why : strerror(-error),
		 c->op == POOL_ADD && !c->is_dest ? "; it is taken up as soon as the director can" : "");
	i->up.log(i->up.arg, LOG_WARNING, text);
}

static bool refusal(int error)
{
	return error == -EOPNOTSUPP || error == -ENOENT || error == -EPROTONOSUPPORT || error == -EAFNOSUPPORT ||
	       error == -EINVAL;
}

static void answered(void *arg, unsigned nth, int error)
{
	struct ipvs *i = arg;
	struct sent *c = &i->sent[nth];

	if (!error || nth >= i->n_sent)
		return;
	if (c->is_dest && was_refused(i, nth, &c->s))
		return; /* of course not */
	if ((c->op == POOL_DEL && (error == -ESRCH || error == -ENOENT)) || (c->op == POOL_ADD && error == -EEXIST)) {
		i->stale = true; /* somebody else has been at it */
		return;
	}
	complain(i, c, error, ctl_why(i->ctl));
	if (c->op == POOL_ADD && !c->is_dest && refusal(error)) {
		pool_refused(i->pool, &c->s);
		c->vs = NULL; /* marks it for was_refused() */
		return;
	}
	i->stale = true;
}

static void flush(struct ipvs *i)
{
	if (!i->ctl || !i->n_sent)
		return;
	if (ctl_flush(i->ctl, answered, i) < 0) {
		i->up.log(i->up.arg, LOG_WARNING, DIRECTOR_GONE);
		return ipvs_lost(i);
	}
	forget_sent(i);
	if (i->stale && !event_pending(i->again_ev, EV_TIMEOUT, NULL)) {
		after(i->again_ev, (i->again_s ? i->again_s : AGAIN_MIN_S) * 1000000ul);
		i->again_s = i->again_s ? i->again_s * 2 : AGAIN_MIN_S * 2;
		if (i->again_s > AGAIN_MAX_S)
			i->again_s = AGAIN_MAX_S;
	} else if (!i->stale) {
		i->again_s = 0;
	}
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct ipvs *i = arg;

	flush(i);
	/* The change may have begun a slow start: the keeper tells the pool of results without passing here. */
	if (!event_pending(i->tick_ev, EV_TIMEOUT, NULL))
		event_active(i->tick_ev, 0, 0);
}

static void pass_event(void *arg, const struct pool_event *ev)
{
	struct ipvs *i = arg;

	i->up.event(i->up.arg, ev);
}

static void pass_log(void *arg, int level, const char *text)
{
	struct ipvs *i = arg;

	i->up.log(i->up.arg, level, text);
}

/* Nothing comes that was not asked for: there is something to read when the director has gone, or answers are due. */
static void on_gone(evutil_socket_t fd, short what, void *arg)
{
	struct ipvs *i = arg;

	if (i->n_sent)
		return; /* flush() reads */
	i->up.log(i->up.arg, LOG_WARNING, DIRECTOR_GONE);
	ipvs_lost(i);
}

/* Virtual servers need a director, started if need be; VRRP tells one that is there. */
int ipvs_reach(struct ipvs *i)
{
	const char *why = NULL;
	int r;

	if (i->ctl)
		return 0;
	r = ctl_open(&i->ctl, !i->servers ? CTL_NO_START | CTL_EXISTING : i->ending ? CTL_EXISTING : 0, &why);
	if (r < 0 && (!i->servers || i->ending))
		return r;
	if (r < 0 && strcmp(i->said, why ? why : "")) {
		snprintf(i->said, sizeof(i->said), "%s", why ? why : strerror(-r));
		i->up.log(i->up.arg, LOG_ERR, i->said);
	}
	if (r < 0)
		return r;
	*i->said = '\0';
	i->gone_ev = event_new(i->base, ctl_fd(i->ctl), EV_READ | EV_PERSIST, on_gone, i);
	if (i->gone_ev)
		event_add(i->gone_ev, NULL); /* else it is noticed when something is to be told */
	return 0;
}

/* Reads the tables and mends what differs. */
static void settle(struct ipvs *i)
{
	if (!i->conf || (!i->servers && !i->ctl))
		return; /* nothing to ask a director for: none is started */
	if (ipvs_reach(i) < 0)
		return ipvs_lost(i);
	if (ipvs_tell(i, true) < 0)
		return ipvs_lost(i);
	if (!i->adopted && i->conf->global.lvs_flush)
		ctl_call(i->ctl, ctl_request(i->ctl, IPVS_CMD_FLUSH, NLM_F_ACK), NULL, NULL);
	if (ipvs_read_tables(i) < 0)
		return ipvs_lost(i);
	i->stale = false;
	pool_settle(i->pool, !i->adopted && !i->conf->global.lvs_flush, clock_us());
	i->adopted = true;
	flush(i);
	event_active(i->tick_ev, 0, 0);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	struct ipvs *i = arg;

	if (i->stale)
		settle(i);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct ipvs *i = arg;
	uint64_t next = pool_tick(i->pool, clock_us());

	if (next != UINT64_MAX)
		after(i->tick_ev, next);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct ipvs *i = arg;

	if (i->ctl && i->conf && ipvs_tell(i, false) < 0)
		ipvs_lost(i);
	if (i->ctl)
		pool_retry(i->pool, clock_us());
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	ipvs_look(arg);
}

/* ---- from outside ---- */

int ipvs_new(struct ipvs **ret, struct event_base *base, const struct ipvs_owner *owner, const char *state_file)
{
	struct ipvs *i = calloc(1, sizeof(*i));
	struct pool_sink sink = { .arg = i, .change = change, .event = pass_event, .log = pass_log };
	int r;

	if (!i)
		return -ENOMEM;
	i->base = base;
	i->up = *owner;
	i->vips = vips_new();
	i->found = found_new(state_file);
	i->suspend = suspend_new();
	i->sync = sync_new();
	i->flush_ev = event_new(base, -1, 0, on_flush, i);
	i->again_ev = event_new(base, -1, 0, on_again, i);
	i->tick_ev = event_new(base, -1, 0, on_tick, i);
	i->retry_ev = event_new(base, -1, EV_PERSIST, on_retry, i);
	i->look_ev = event_new(base, -1, EV_PERSIST, on_look, i);
	r = i->vips && i->found && i->suspend && i->sync && i->flush_ev && i->again_ev && i->tick_ev && i->retry_ev &&
			    i->look_ev
		    ? 0
		    : -ENOMEM;
	if (!r)
		r = pool_new(&i->pool, &sink);
	if (r < 0) {
		ipvs_free(i);
		return r;
	}
	after(i->retry_ev, RETRY_S * 1000000ul);
	after(i->look_ev, LOOK_S * 1000000ul);
	*ret = i;
	return 0;
}

void ipvs_drop_memory(struct ipvs *i)
{
	pool_free(i->pool);
	i->pool = NULL;
	forget_sent(i);
}

void ipvs_free(struct ipvs *i)
{
	if (!i)
		return;
	event_drop(i->flush_ev);
	event_drop(i->again_ev);
	event_drop(i->tick_ev);
	event_drop(i->retry_ev);
	event_drop(i->look_ev);
	event_drop(i->gone_ev);
	pool_free(i->pool);
	vips_free(i->vips);
	found_free(i->found);
	suspend_free(i->suspend);
	sync_free(i->sync);
	ctl_close(i->ctl);
	free(i->sent);
	free(i);
}

struct pool *ipvs_pool(struct ipvs *i)
{
	return i->pool;
}

bool ipvs_connected(const struct ipvs *i)
{
	return i->ctl != NULL;
}

void ipvs_check_started(struct ipvs *i)
{
	suspend_forget(i->suspend);
}

const char *ipvs_found_text(const struct ipvs *i)
{
	return found_text(i->found);
}

void ipvs_conf(struct ipvs *i, const struct conf *c, bool lvs, bool repair)
{
	flush(i); /* what was sent speaks of the old configuration */
	pool_conf(i->pool, lvs ? c : NULL, clock_us());
	flush(i); /* removed services are complained about with the old lines */
	i->conf = c;
	i->servers = c && lvs ? c->n_servers : 0;
	suspend_forget(i->suspend);
	if (!c) {
		sync_conf(i->sync, NULL);
		return;
	}
	vips_conf(i->vips, c);
	sync_conf(i->sync, &c->global);
	if (!i->adopted || repair || !i->ctl || i->stale) {
		settle(i);
		return;
	}
	if (ipvs_tell(i, true) < 0)
		return ipvs_lost(i);
	ipvs_read_adopted(i);
	pool_retry(i->pool, clock_us());
	pool_settle(i->pool, false, clock_us());
	flush(i);
	event_active(i->tick_ev, 0, 0);
}

void ipvs_ending(struct ipvs *i)
{
	i->ending = true;
}

void ipvs_stop(struct ipvs *i, bool keep)
{
	if (!i->conf)
		return;
	pool_stop(i->pool, keep, clock_us());
	flush(i);
	if (i->ctl && !keep && i->conf->global.lvs_flush_on_stop && !i->conf->global.lvs_flush_on_stop_vs)
		ctl_call(i->ctl, ctl_request(i->ctl, IPVS_CMD_FLUSH, NLM_F_ACK), NULL, NULL);
	/* nothing that was still planned may bring them back */
	event_del(i->again_ev);
	event_del(i->tick_ev);
	event_del(i->retry_ev);
	event_del(i->look_ev);
	if (i->ctl)
		sync_stop(i->sync, i->ctl);
	sync_conf(i->sync, NULL);
	i->conf = NULL;
}
