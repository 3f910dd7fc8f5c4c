/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper_roles - the keeper's side of every role: how it starts, what it says, what it is told when it starts. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipvs.h"
#include "keeper.h"
#include "log.h"
#include "pidfile.h"
#include "roles.h"
#include "sandbox.h"
#include "sdnotify.h"

/* Roles that this build does not have are NULL. */
#pragma weak vrrp_role
#pragma weak check_role
#pragma weak bfd_role
#pragma weak script_role
#pragma weak status_role

typedef int role_main(const struct role_start *s);
static const struct kind {
	role_main *run;
	const char *says;	/* as keepalived's log calls it */
	const char *ident, *suffix;	/* in the log's name */
} kinds[ROLES] = {
	[ROLE_VRRP] = { vrrp_role, "VRRP", "Keepalived_vrrp", "_vrrp" },
	[ROLE_CHECK] = { check_role, "Healthcheck", "Keepalived_healthcheckers", "_healthcheckers" },
	[ROLE_BFD] = { bfd_role, "BFD", "Keepalived_bfd", "_bfd" },
	[ROLE_SCRIPT] = { script_role, "Script", "Keepalived_script", "_script" },
	[ROLE_STATUS] = { status_role, "Status", "Keepalived_status", "_status" },
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
	struct log_places p = { .ident = ident, .console = o->console, .syslog = !o->no_syslog, .facility = o->facility,
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
	case ROLE_VRRP:
		return &c->global.vrrp;
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
	const struct conf_process *p = process_of(keeper_conf(k), r);

	if (p && *p->name)
		prctl(PR_SET_NAME, p->name);
	keeper_log_open(k->o, kinds[r].ident, kinds[r].suffix);
	sandbox_fds((const int[]){ start->fd, log_fd() }, 2);
	start->space = &k->space;
	start->debug = k->o->detail;
	start->netns = -1;
	start->again = roles_restarts(k->roles, r) > 0;
	if (!kinds[r].run) {
		log_err("This program was built without its %s role", role_name(r));
		return 1;
	}
	return kinds[r].run(start);
}

static void started(void *arg, enum role r, pid_t pid)
{
	struct keeper *k = arg;

	log_info("Starting %s child process, pid=%d", kinds[r].says, (int)pid);
	pidfiles_write(k->pids, r, pid);
	if (r != ROLE_SCRIPT)
		keeper_tell_conf(k, r);
}

static void ended(void *arg, enum role r, pid_t pid, int status, bool again)
{
	struct keeper *k = arg;

	keeper_role_gone(k, r);
	pidfiles_write(k->pids, r, 0);
	if (WIFSIGNALED(status))
		log_err("%s exited due to signal %d (%s)", kinds[r].ident, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		log_err("%s exited with status %d", kinds[r].ident, WEXITSTATUS(status));
	if (again)
		log_err("%s child process(%d) died: Respawning", kinds[r].says, (int)pid);
	else if (k->phase == KEEPER_RUNS && k->o->dont_respawn && (WIFSIGNALED(status) || WEXITSTATUS(status))) {
		log_err("%s child process(%d) died: Exiting", kinds[r].says, (int)pid);
		keeper_stop(k, 1);
	}
	keeper_stop_step(k);
}

/* All roles that run have the first configuration: whoever started us may know. */
void keeper_look_ready(struct keeper *k)
{
	for (enum role r = ROLE_VRRP; r < ROLES; r++)
		if (r != ROLE_SCRIPT && roles_wanted(k->roles, r) && k->acked[r] == 0)
			return;
	keeper_ready(k);
}

static void message(void *arg, enum role r, const struct message *m, int fd)
{
	struct keeper *k = arg;

	switch (m->type) {
	case MSG_READY:
		keeper_role_acked(k, r, m->ready.generation);
		keeper_look_ready(k);
		break;
	case MSG_CHECK_RESULT:
		if (k->ipvs)
			pool_check(ipvs_pool(k->ipvs), &m->check_result, keeper_now_us());
		break;
	default:
		break;
	}
}

int keeper_roles_new(struct keeper *k)
{
	const struct roles_owner owner = { k, run, started, message, ended };

	return roles_new(&k->roles, k->base, &owner, !k->o->dont_respawn);
}
