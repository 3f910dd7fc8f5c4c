/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper_apply - a configuration takes effect: which roles run, and what everybody is told. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "ipvs.h"
#include "keeper.h"
#include "log.h"
#include "roles.h"

/* Mail goes through the check role: it alone talks to servers. */
static bool sends_mail(const struct conf *c)
{
	return c->global.n_mail_to && *c->global.smtp_server;
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
	default:
		return false;	/* the script role starts with the first script */
	}
}

static void apply_roles(struct keeper *k, const struct conf *c)
{
	for (enum role r = ROLE_VRRP; r < ROLES; r++) {
		bool want = wants(k, c, r);

		if (r == ROLE_SCRIPT)
			continue;
		if (roles_running(k->roles, r) && roles_wanted(k->roles, r)) {
			if (want)
				keeper_tell_conf(k, r);
			else
				roles_stop(k->roles, r, true);
		} else if (want) {
			roles_start(k->roles, r);	/* told when it runs */
		}
	}
}

static void log_ipvs(void *arg, int level, const char *text)
{
	log_msg(level, "%s", text);
}

static void pool_happened(void *arg, const struct pool_event *ev)
{
}

static void counted(void *arg, const struct msg_counter *c)
{
	struct keeper *k = arg;
	struct message m = { .type = MSG_COUNTER, .counter = *c };

	roles_send(k->roles, ROLE_CHECK, &m, -1);
}

static void found(void *arg)
{
	keeper_reload(arg);
}

static void apply_lvs(struct keeper *k, const struct conf *old, const struct conf *c)
{
	const struct ipvs_owner owner = { k, pool_happened, log_ipvs, counted, found };
	char state[KEEPER_PATH_MAX];
	bool wanted = k->o->check && (c->has_lvs || c->n_service_checks);
	int r;

	if (!k->ipvs && !wanted)
		return;
	if (!k->ipvs) {
		r = ipvs_new(&k->ipvs, k->base, &owner,
			     keeper_run_path(k, ".services", state, sizeof(state)) == 0 ? state : NULL);
		if (r < 0) {
			log_err("The director cannot be reached: %s", strerror(-r));
			return;
		}
	}
	ipvs_conf(k->ipvs, wanted ? c : NULL, c->global.repair);
}

void keeper_apply(struct keeper *k, const struct conf *old, const struct conf *c)
{
	if (*c->global.parent.name)
		prctl(PR_SET_NAME, c->global.parent.name);
	apply_lvs(k, old, c);
	apply_roles(k, c);
}
