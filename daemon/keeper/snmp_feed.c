/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snmp_feed - see snmp_feed.h. */
#include "snmp_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipvs.h"
#include "log.h"
#include "lvs_facts.h"
#include "roles.h"
#include "snapshot.h"
#include "snmp.h"
#include "track.h"
#include "vrrps.h"

struct snmp_feed {
	struct keeper *k;
	struct snapshot *snapshot; /* of virtual servers, while it is made */
	uint32_t generation;	   /* of which */
};

static bool runs(const struct snmp_feed *f)
{
	return roles_running(f->k->roles, ROLE_SNMP) && keeper_conf(f->k);
}

static void say(struct snmp_feed *f, const struct message *m, int fd)
{
	roles_send(f->k->roles, ROLE_SNMP, m, fd);
}

static uint32_t generation(const struct snmp_feed *f)
{
	return f->k->slots[f->k->current].number;
}

bool snmp_feed_wanted(const struct keeper *k, const struct conf *c)
{
	const struct conf_global *g = &c->global;
	bool vrrp = k->o->vrrp && c->has_vrrp, lvs = k->o->check && (c->has_lvs || c->n_service_checks);

	return (vrrp && (k->o->snmp || g->snmp_vrrp || g->snmp_rfcv2 || g->snmp_rfcv3)) ||
	       (lvs && (k->o->snmp || g->snmp_checker));
}

/* ---- VRRP ---- */
static void tell_known(struct snmp_feed *f, bool group, uint32_t index, const char *name)
{
	const struct vrrp_entry *e = vrrps_find(f->k->vrrps, group, name);
	struct message m = { .type = MSG_VRRP_RESUME };

	if (!e || !e->known)
		return;
	m.vrrp_state = (struct msg_vrrp_state){ .generation = generation(f),
						.index = index,
						.group = group,
						.state = e->state,
						.old = e->state,
						.priority = e->priority };
	say(f, &m, -1);
}

static void tell_tracked(struct snmp_feed *f, enum conf_track_kind kind, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int64_t v = track_value(f->k->track, kind, i);
		struct msg_track t = { .generation = generation(f), .kind = (uint16_t)kind, .index = i };

		t.known = v != TRACK_UNKNOWN;
		t.value = t.known ? (int32_t)v : 0;
		snmp_feed_tracked(f, &t);
	}
}

void snmp_feed_conf(struct snmp_feed *f)
{
	const struct conf *c = keeper_conf(f->k);

	if (!runs(f))
		return;
	for (uint32_t i = 0; i < c->n_vrrps; i++)
		tell_known(f, false, i, c->vrrps[i].name);
	for (uint32_t i = 0; i < c->n_groups; i++)
		tell_known(f, true, i, c->groups[i].name);
	tell_tracked(f, CONF_TRACK_SCRIPT, c->n_scripts);
	tell_tracked(f, CONF_TRACK_PROCESS, c->n_processes);
	tell_tracked(f, CONF_TRACK_FILE, c->n_files);
	tell_tracked(f, CONF_TRACK_BFD, c->n_bfds);
}

/* Where the one that m speaks of stands in the current configuration; CONF_NONE: nowhere */
static uint32_t now_at(const struct snmp_feed *f, const struct conf *c, const struct msg_vrrp_state *m)
{
	const struct conf *now = keeper_conf(f->k);
	const char *name = m->group ? c->groups[m->index].name : c->vrrps[m->index].name;
	uint32_t n = m->group ? now->n_groups : now->n_vrrps;

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(name, m->group ? now->groups[i].name : now->vrrps[i].name))
			return i;
	return CONF_NONE;
}

void snmp_feed_vrrp(struct snmp_feed *f, const struct conf *c, const struct msg_vrrp_state *m)
{
	struct message out = { .type = MSG_VRRP_STATE, .vrrp_state = *m };

	if (!runs(f))
		return;
	out.vrrp_state.generation = generation(f);
	out.vrrp_state.index = now_at(f, c, m);
	if (out.vrrp_state.index != CONF_NONE)
		say(f, &out, -1);
}

void snmp_feed_counts(struct snmp_feed *f, const struct msg_vrrp_counts *m)
{
	const struct message out = { .type = MSG_VRRP_COUNTS, .vrrp_counts = *m };

	if (runs(f))
		say(f, &out, -1);
}

void snmp_feed_tracked(struct snmp_feed *f, const struct msg_track *t)
{
	struct message m = { .type = MSG_TRACK, .track = *t };

	if (!runs(f))
		return;
	if (t->kind == CONF_TRACK_PROCESS)
		m.track.count = track_process_count(f->k->track, t->index);
	say(f, &m, -1);
}

/* The vrrp role answers; without one there is nothing to wait for. */
static void ask_vrrp(struct snmp_feed *f)
{
	const struct message ask = { .type = MSG_ASK, .ask.what = ASK_VRRP };
	const struct msg_vrrp_counts none = { .generation = generation(f), .index = CONF_NONE };
	const struct conf *c = keeper_conf(f->k);

	tell_tracked(f, CONF_TRACK_PROCESS, c->n_processes); /* their numbers are no news otherwise */
	if (roles_running(f->k->roles, ROLE_VRRP) && f->k->acked[ROLE_VRRP])
		roles_send(f->k->roles, ROLE_VRRP, &ask, -1);
	else
		snmp_feed_counts(f, &none);
}

/* ---- virtual servers ---- */
static void facts_made(void *arg, int fd, size_t size)
{
	struct snmp_feed *f = arg;
	struct message m = { .type = MSG_LVS_FACTS };

	f->snapshot = NULL;
	m.lvs_facts = (struct msg_lvs_facts){ .generation = f->generation, .size = size };
	if (runs(f))
		say(f, &m, fd);
}

static void ask_lvs(struct snmp_feed *f)
{
	if (f->snapshot)
		return;
	f->generation = generation(f);
	if (!f->k->ipvs || snapshot_start(&f->snapshot, f->k, lvs_facts_write, facts_made, f) < 0)
		facts_made(f, -1, 0);
}

void snmp_feed_lvs(struct snmp_feed *f, const struct pool_event *ev)
{
	const struct conf *c = keeper_conf(f->k);
	struct message m = { .type = MSG_LVS_EVENT };
	struct pool_vs_view v;
	uint32_t n;

	if (!runs(f) || !f->k->ipvs || ev->vs < c->servers || ev->vs >= c->servers + c->n_servers)
		return;
	if (ev->initial && !c->global.rs_init_notifies)
		return; /* as for scripts and mail */
	n = (uint32_t)(ev->vs - c->servers);
	if (n >= pool_vs_count(ipvs_pool(f->k->ipvs)))
		return;
	pool_vs_view(ipvs_pool(f->k->ipvs), n, &v);
	m.lvs_event = (struct msg_lvs_event){ .generation = generation(f),
					      .server = n,
					      .rs = ev->rs ? (uint32_t)(ev->rs - ev->vs->rs) : CONF_NONE,
					      .alive = v.alive,
					      .up = ev->kind == POOL_RS_UP || ev->kind == POOL_QUORUM_UP,
					      .stopping = ev->stopping };
	say(f, &m, -1);
}

/* ---- the master agent ---- */
static int connect_to(const char *where)
{
	struct conf_snmp_at at;
	int r = conf_snmp_at(where, &at), fd;

	if (r < 0)
		return r;
	fd = socket(at.addr.ss_family, at.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&at.addr, at.len) < 0 && errno != EINPROGRESS) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static void ask_agent(struct snmp_feed *f)
{
	const char *given = f->k->o->snmp_socket;
	int fd = connect_to(given ? given : keeper_conf(f->k)->global.snmp_socket);
	const struct message m = { .type = MSG_AGENT, .agent.error = fd < 0 ? fd : 0 };

	say(f, &m, fd < 0 ? -1 : fd);
	if (fd >= 0)
		close(fd);
}

void snmp_feed_asked(struct snmp_feed *f, const struct msg_ask *m)
{
	if (!runs(f))
		return;
	if (m->what == ASK_AGENT)
		ask_agent(f);
	else if (m->what == ASK_VRRP)
		ask_vrrp(f);
	else if (m->what == ASK_LVS)
		ask_lvs(f);
}

int snmp_feed_new(struct snmp_feed **ret, struct keeper *k)
{
	struct snmp_feed *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->k = k;
	*ret = f;
	return 0;
}

void snmp_feed_free(struct snmp_feed *f)
{
	if (!f)
		return;
	snapshot_cancel(f->snapshot);
	free(f);
}
