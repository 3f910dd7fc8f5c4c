/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper_apply - a configuration takes effect: which roles run, and what everybody is told. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "appointment.h"
#include "bus.h"
#include "clock.h"
#include "ipvs.h"
#include "keeper.h"
#include "log.h"
#include "notify.h"
#include "page.h"
#include "roles.h"
#include "schedule.h"
#include "snmp_feed.h"
#include "track.h"
#include "vrrps.h"

/* Mail goes through the check role: it alone talks to servers. */
static bool sends_mail(const struct conf *c)
{
	return c->global.n_mail_to && *c->global.smtp_server;
}

static bool is_ssl(const struct conf_check *c)
{
	return c->kind == CONF_CHECK_SSL;
}

bool keeper_wants_curl(const struct conf *c)
{
	bool wants = sends_mail(c);

	for (uint32_t i = 0; i < c->n_checks && !wants; i++)
		wants = is_ssl(c->checks[i].how);
	for (uint32_t i = 0; i < c->n_service_checks; i++)
		for (uint32_t k = 0; k < c->service_checks[i].n_templates && !wants; k++)
			wants = is_ssl(&c->service_checks[i].templates[k]);
	return wants;
}

static bool wants(const struct keeper *k, const struct conf *c, enum role r)
{
	switch (r) {
	case ROLE_VRRP:
		return k->o->vrrp && (c->has_vrrp || k->o->all);
	case ROLE_CHECK:
		return (k->o->check && (c->has_lvs || c->n_service_checks || k->o->all)) || sends_mail(c);
	case ROLE_BFD:
		return k->o->bfd && (c->has_bfd || (k->o->all && c->n_bfds));
	case ROLE_STATUS:
		return c->global.status_listen.family != 0;
	case ROLE_DBUS:
		return c->global.dbus && wants(k, c, ROLE_VRRP);
	case ROLE_SNMP:
		return snmp_feed_wanted(k, c);
	default:
		return false; /* the script role starts with the first script */
	}
}

static void apply_roles(struct keeper *k, const struct conf *c)
{
	for (enum role r = ROLE_VRRP; r < ROLES; r++) {
		bool want = wants(k, c, r);

		if (r == ROLE_SCRIPT)
			continue;
		if (roles_running(k->roles, r) && roles_wanted(k->roles, r)) {
			if (want && r == ROLE_CHECK && !k->check_has_curl && keeper_wants_curl(c))
				roles_renew(k->roles, r); /* told when it runs again */
			else if (want)
				keeper_tell_conf(k, r);
			if (want && r == ROLE_DBUS)
				bus_tell(k);
			if (!want)
				roles_stop(k->roles, r, &(struct msg_stop){ .release = true });
		} else if (want) {
			roles_start(k->roles, r); /* told when it runs */
		}
	}
}

static void log_ipvs(void *arg, int level, const char *text)
{
	log_msg(level, "%s", text);
}

static void pool_happened(void *arg, const struct pool_event *ev)
{
	struct keeper *k = arg;

	notify_lvs(k->notify, keeper_conf(k), ev);
	snmp_feed_lvs(k->snmp, ev);
	page_changed(k->page);
}

static void counted(void *arg, const struct msg_counter *c)
{
	struct keeper *k = arg;
	struct message m = { .type = MSG_COUNTER, .counter = *c };

	roles_send(k->roles, ROLE_CHECK, &m, -1);
}

static void suspended(void *arg, uint64_t key, bool on)
{
	struct keeper *k = arg;
	struct message m = { .type = MSG_SUSPEND, .suspend = { .key = key, .on = on } };

	roles_send(k->roles, ROLE_CHECK, &m, -1);
}

static void found(void *arg)
{
	keeper_reload(arg);
}

static void apply_lvs(struct keeper *k, const struct conf *c)
{
	const struct ipvs_owner owner = { k, pool_happened, log_ipvs, counted, suspended, found };
	char state[KEEPER_PATH_MAX];
	bool lvs = k->o->check && (c->has_lvs || c->n_service_checks), vrrp = k->o->vrrp && c->has_vrrp;
	int r;

	if (!k->ipvs && !lvs && !vrrp)
		return;
	if (!k->ipvs) {
		r = ipvs_new(&k->ipvs, k->base, &owner,
			     keeper_run_path(k, ".services", state, sizeof(state)) == 0 ? state : NULL);
		if (r < 0) {
			log_err("The director cannot be reached: %s", strerror(-r));
			return;
		}
	}
	ipvs_conf(k->ipvs, lvs || vrrp ? c : NULL, lvs, c->global.repair || k->repair_asked);
	k->repair_asked = false;
	/*
	 * no change of theirs, but the configuration may be the first to name them for the addresses or the sync
	 * daemon
	 */
	for (uint32_t i = 0; vrrp && i < c->n_vrrps; i++) {
		const struct vrrp_entry *e = vrrps_find(k->vrrps, false, c->vrrps[i].name);

		if (e && e->known)
			ipvs_vrrp(k->ipvs, &c->vrrps[i], e->state);
	}
}

void keeper_tracked(void *arg, enum conf_track_kind kind, uint32_t index, bool known, int64_t value)
{
	struct keeper *k = arg;
	const struct conf *c = keeper_conf(k);
	struct message m = { .type = MSG_TRACK };

	if (k->applying)
		return;
	m.track = (struct msg_track){ .generation = k->slots[k->current].number,
				      .kind = (uint16_t)kind,
				      .known = known,
				      .index = index,
				      .value = (int32_t)value };
	if (kind != CONF_TRACK_BFD || c->bfds[index].for_vrrp)
		roles_send(k->roles, ROLE_VRRP, &m, -1);
	snmp_feed_tracked(k->snmp, &m.track);
	page_changed(k->page);
	if (!known || !k->ipvs || k->phase > KEEPER_STOPS)
		return;
	if (kind == CONF_TRACK_FILE)
		pool_file(ipvs_pool(k->ipvs), index, value, clock_us());
	else if (kind == CONF_TRACK_BFD && c->bfds[index].for_checker)
		pool_bfd(ipvs_pool(k->ipvs), index, value, clock_us());
}

static void startup_ended(void *arg, uint64_t tag, const struct exec_end *end)
{
	struct keeper *k = arg;

	if (end->status || end->timed_out)
		log_warn("The startup script %s", end->timed_out ? "did not end in time" : "failed");
	k->startup_runs = false;
	apply_roles(k, keeper_conf(k));
	keeper_look_ready(k);
}

/* The roles wait for it. */
static bool startup(struct keeper *k, const struct conf *c)
{
	if (!c->global.startup.argv)
		return false;
	k->startup_runs =
		exec_run(k->exec, &c->global.startup, NULL, c->global.startup_timeout_us, startup_ended, k, 0);
	return k->startup_runs;
}

void keeper_apply(struct keeper *k, const struct conf *old, const struct conf *c)
{
	schedule_apply(&c->global.parent);
	k->applying = true;
	notify_conf(k->notify, old, c, k->vrrps);
	track_conf(k->track, c);
	appointment_conf(k->appointment, c);
	apply_lvs(k, c);
	if ((old || !startup(k, c)) && !k->startup_runs)
		apply_roles(k, c);
	k->applying = false;
	snmp_feed_conf(k->snmp);
	track_tell(k->track);
	page_changed(k->page);
	malloc_trim(0); /* reading the tables took much more than knowing them does */
}
