/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper_roles - the keeper's side of every role: how it starts, what it says, what it is told when it starts. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus.h"
#include "clock.h"
#include "exec.h"
#include "ipvs.h"
#include "keeper.h"
#include "lazy_curl.h"
#include "log.h"
#include "mail.h"
#include "notify.h"
#include "page.h"
#include "pidfile.h"
#include "roles.h"
#include "sandbox.h"
#include "schedule.h"
#include "snmp_feed.h"
#include "socket.h"
#include "track.h"
#include "vrrps.h"

/* A check's script, for whom it runs */
struct asked {
	struct keeper *k;
	uint32_t run;
	pid_t pid;
};

typedef int role_main(const struct role_start *s);
static const struct kind {
	role_main *run;
	const char *says;	    /* as keepalived's log calls it */
	const char *ident, *suffix; /* in the log's name */
} kinds[ROLES] = {
	[ROLE_VRRP] = { vrrp_role, "VRRP", "Keepalived_vrrp", "_vrrp" },
	[ROLE_CHECK] = { check_role, "Healthcheck", "Keepalived_healthcheckers", "_healthcheckers" },
	[ROLE_BFD] = { bfd_role, "BFD", "Keepalived_bfd", "_bfd" },
	[ROLE_SCRIPT] = { script_role, "Script", "Keepalived_script", "_script" },
	[ROLE_STATUS] = { status_role, "Status", "Keepalived_status", "_status" },
	[ROLE_DBUS] = { dbus_role, "DBus", "Keepalived_dbus", "_dbus" },
	[ROLE_SNMP] = { snmp_role, "SNMP", "Keepalived_snmp", "_snmp" },
};

/* "/tmp/keepalived.log" + "_vrrp": "/tmp/keepalived_vrrp.log" */
static void add_suffix(char *buf, size_t size, const char *file, const char *suffix)
{
	const char *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
	int stem = dot && dot > (slash ? slash + 1 : file) ? (int)(dot - file) : (int)strlen(file);

	snprintf(buf, size, "%.*s%s%s", stem, file, suffix, file + stem);
}

void keeper_log_open(const struct keeper_options *o, const char *ident, const char *suffix)
{
	char file[4096];
	struct log_places p = { .ident = ident,
				.console = o->console,
				.syslog = !o->no_syslog,
				.facility = o->facility,
				.debug = o->detail };

	if (o->log_file) {
		add_suffix(file, sizeof(file), o->log_file, suffix);
		p.file = file;
	}
	if (log_open_places(&p) < 0) {
		p.file = NULL;
		log_open_places(&p);
		log_err("%s cannot be written", file);
	}
}

static const struct conf_process *process_of(const struct conf *c, enum role r)
{
	switch (r) {
	case ROLE_CHECK:
		return &c->global.checker;
	case ROLE_BFD:
		return &c->global.bfd;
	default:
		return NULL;
	}
}

static int run(void *arg, enum role r, struct role_start *start)
{
	struct keeper *k = arg;
	const struct conf *c = keeper_conf(k);
	const struct conf_process *p = process_of(c, r);
	const char *why;

	if (r == ROLE_VRRP && *c->global.vrrp.name)
		prctl(PR_SET_NAME, c->global.vrrp.name);
	keeper_log_open(k->o, kinds[r].ident, kinds[r].suffix);
	if (p)
		schedule_apply(p);
	sandbox_fds((const int[]){ start->fd, log_fd() }, 2);
	if (k->ipvs)
		ipvs_drop_memory(k->ipvs); /* the keeper's, tens of thousands of servers maybe */
	malloc_trim(0);
	if (r == ROLE_CHECK && keeper_wants_curl(c)) { /* it cannot load anything any more once it has begun */
		why = lazy_curl_load();
		if (why)
			log_err("SSL_GET and mail need libcurl: %s", why);
	}
	start->space = &k->space;
	start->debug = k->o->detail;
	start->snmp_all = k->o->snmp;
	start->snmp_socket = k->o->snmp_socket ? k->o->snmp_socket : "";
	start->netns = -1;
	start->netns_name = k->netns_name;
	start->again = roles_restarts(k->roles, r) > 0;
	return kinds[r].run(start);
}

/* What the one before had said last; it goes on from there. */
static void tell_resume(struct keeper *k)
{
	const struct conf *c = keeper_conf(k);

	for (uint32_t i = 0; i < c->n_vrrps; i++) {
		const struct vrrp_entry *e = vrrps_find(k->vrrps, false, c->vrrps[i].name);
		struct message m = { .type = MSG_VRRP_RESUME };

		if (!e || !e->known)
			continue;
		m.vrrp_state = (struct msg_vrrp_state){ .generation = k->slots[k->current].number,
							.index = i,
							.state = e->state,
							.old = e->state,
							.priority = e->priority };
		roles_send(k->roles, ROLE_VRRP, &m, -1);
	}
}

static void started(void *arg, enum role r, pid_t pid)
{
	struct keeper *k = arg;

	log_info("Starting %s child process, pid=%d", kinds[r].says, (int)pid);
	pidfiles_write(k->pids, r, pid);
	if (r == ROLE_SCRIPT) {
		exec_role_started(k->exec);
		return;
	}
	if (r == ROLE_VRRP && roles_restarts(k->roles, r))
		tell_resume(k);
	keeper_tell_conf(k, r);
	if (r == ROLE_DBUS)
		bus_tell(k);
	if (r == ROLE_SNMP && !k->applying)
		snmp_feed_conf(k->snmp);
	if (r == ROLE_VRRP && !k->applying)
		track_tell(k->track);
	if (r == ROLE_CHECK) {
		k->check_has_curl = keeper_wants_curl(keeper_conf(k));
		mail_role_started(k->mail);
		if (k->ipvs)
			ipvs_check_started(k->ipvs);
	}
	page_changed(k->page);
}

static void ended(void *arg, enum role r, pid_t pid, int status, bool again)
{
	struct keeper *k = arg;

	keeper_role_gone(k, r);
	if (r == ROLE_SCRIPT)
		exec_role_ended(k->exec);
	if (r == ROLE_VRRP && !again)
		vrrps_reset(k->vrrps);
	page_changed(k->page);
	pidfiles_write(k->pids, r, 0);
	if (WIFSIGNALED(status))
		log_err("%s exited due to signal %d (%s)", kinds[r].ident, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		log_err("%s exited with status %d", kinds[r].ident, WEXITSTATUS(status));
	if (again && (WIFSIGNALED(status) || WEXITSTATUS(status)))
		log_err("%s child process(%d) died: Respawning", kinds[r].says, (int)pid);
	else if (again)
		log_info("%s child process(%d) is started anew", kinds[r].says, (int)pid);
	else if (k->phase == KEEPER_RUNS && k->o->dont_respawn && (WIFSIGNALED(status) || WEXITSTATUS(status))) {
		log_err("%s child process(%d) died: Exiting", kinds[r].says, (int)pid);
		keeper_stop(k, 1);
	}
	keeper_stop_step(k);
}

/* All roles that run have the first configuration: whoever started us may know. */
void keeper_look_ready(struct keeper *k)
{
	if (k->startup_runs)
		return;
	for (enum role r = ROLE_VRRP; r < ROLES; r++)
		if (r != ROLE_SCRIPT && roles_wanted(k->roles, r) && k->acked[r] == 0)
			return;
	keeper_ready(k);
}

static void on_vrrp_state(struct keeper *k, const struct msg_vrrp_state *m)
{
	const struct conf *c = keeper_conf_of(k, m->generation);
	const struct vrrp_entry *e;
	const char *name;
	bool news;

	if (!c || m->index >= (m->group ? c->n_groups : c->n_vrrps))
		return;
	if (m->event == VRRP_EV_ABOUT) { /* the state itself follows */
		if (k->ipvs && !m->group)
			ipvs_vrrp_about(k->ipvs, &c->vrrps[m->index]);
		return;
	}
	name = m->group ? c->groups[m->index].name : c->vrrps[m->index].name;
	e = vrrps_find(k->vrrps, m->group, name);
	news = !e || !e->known || e->state != m->state || m->event != VRRP_EV_STATE;
	vrrps_told(k->vrrps, c, m, clock_us());
	if (k->ipvs && !m->group && m->event == VRRP_EV_STATE)
		ipvs_vrrp(k->ipvs, &c->vrrps[m->index], m->state);
	bus_vrrp(k, c, m);
	if (news && k->notify)
		notify_vrrp(k->notify, c, m);
	if (news)
		snmp_feed_vrrp(k->snmp, c, m);
	page_changed(k->page);
}

static void script_ran(void *arg, uint64_t tag, const struct exec_end *end)
{
	struct asked *a = arg;
	struct message m = { .type = MSG_RUN_DONE };

	m.run_done = (struct msg_run_done){
		.key = tag, .run = a->run, .status = end->status, .took_us = end->took_us, .timed_out = end->timed_out
	};
	if (roles_pid(a->k->roles, ROLE_CHECK) == a->pid) /* else another has come, with its own numbers */
		roles_send(a->k->roles, ROLE_CHECK, &m, -1);
	free(a);
}

/* Which command that is, the configuration says. */
static void on_run(struct keeper *k, const struct msg_run *r)
{
	const struct conf *c = keeper_conf_of(k, k->acked[ROLE_CHECK]);
	struct asked *a = calloc(1, sizeof(*a));
	const struct conf_check *how;
	uint32_t i = 0;

	if (!a)
		return;
	*a = (struct asked){ k, r->run, roles_pid(k->roles, ROLE_CHECK) };
	while (c && i < c->n_checks && c->checks[i].key != r->key)
		i++;
	how = c && i < c->n_checks ? c->checks[i].how : NULL;
	if (!how || how->kind != CONF_CHECK_MISC ||
	    !exec_run(k->exec, &how->misc.script, NULL, how->misc.timeout_us, script_ran, a, r->key))
		script_ran(a, r->key, &(struct exec_end){ .status = EXEC_COULD_NOT });
}

static void on_want_socket(struct keeper *k, const struct msg_want_socket *w)
{
	struct message m = { .type = MSG_SOCKET };
	int fd = socket_make(keeper_conf(k), k->ipvs, w);

	m.socket = (struct msg_socket){ .key = w->key, .want = w->want, .error = fd < 0 ? fd : 0 };
	roles_send(k->roles, ROLE_CHECK, &m, fd < 0 ? -1 : fd);
	if (fd >= 0)
		close(fd);
}

static void on_check_result(struct keeper *k, const struct msg_check_result *r)
{
	if (k->ipvs && k->phase <= KEEPER_STOPS)
		pool_check(ipvs_pool(k->ipvs), r, clock_us());
	page_changed(k->page);
}

static void message(void *arg, enum role r, const struct message *m, int fd)
{
	struct keeper *k = arg;

	switch (m->type) {
	case MSG_READY:
		keeper_role_acked(k, r, m->ready.generation);
		keeper_look_ready(k);
		break;
	case MSG_VRRP_STATE:
		on_vrrp_state(k, &m->vrrp_state);
		break;
	case MSG_CHECK_RESULT:
		on_check_result(k, &m->check_result);
		break;
	case MSG_RUN:
		on_run(k, &m->run);
		break;
	case MSG_WANT_SOCKET:
		on_want_socket(k, &m->want_socket);
		break;
	case MSG_MAIL_DONE:
		mail_done(k->mail, &m->mail_done);
		keeper_stop_step(k);
		break;
	case MSG_BFD_STATE:
		if (keeper_conf_of(k, m->bfd_state.generation) == keeper_conf(k))
			track_bfd(k->track, m->bfd_state.index, m->bfd_state.up);
		break;
	case MSG_WANT_BUS:
		bus_wanted(k);
		break;
	case MSG_BUS_CALL:
		bus_called(k, &m->bus_call);
		break;
	case MSG_EXEC_DONE:
		exec_reported(k->exec, &m->exec_done);
		keeper_stop_step(k);
		break;
	case MSG_ASK:
		snmp_feed_asked(k->snmp, &m->ask);
		break;
	case MSG_VRRP_COUNTS:
		snmp_feed_counts(k->snmp, &m->vrrp_counts);
		break;
	default:
		log_debug("%s from the %s role is not expected", message_name(m->type), role_name(r));
	}
}

int keeper_roles_new(struct keeper *k)
{
	const struct roles_owner owner = { k, run, started, message, ended };

	return roles_new(&k->roles, k->base, &owner, !k->o->dont_respawn);
}
