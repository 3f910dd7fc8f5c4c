/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the snmp process: a subagent (AgentX, RFC 2741) of the machine's SNMP agent.
 *
 * It has no rights and opens nothing but what it was given; requests are parsed here and nowhere else. It exists only
 * while a configuration asks for it. The protocol is spoken by a few files of our own: net-snmp's library would have
 * taken 7 MB for it.
 */
#include "role.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "conf_take.h"
#include "elvs_version.h"
#include "log.h"
#include "sandbox.h"

#define VRRP_FRESH_US 500000

/* ---- the configuration ---- */
static void free_view(struct view *v)
{
	free(v->vrrps);
	free(v->groups);
	for (unsigned k = 0; k <= CONF_TRACK_BFD; k++)
		free(v->tracked[k]);
}

static bool make_view(struct view *v, const struct conf *c)
{
	const uint32_t n[CONF_TRACK_BFD + 1] = { 1, c->n_scripts, c->n_processes, c->n_files, c->n_bfds };
	bool ok;

	v->conf = c;
	v->vrrps = calloc(c->n_vrrps + 1, sizeof(*v->vrrps));
	v->groups = calloc(c->n_groups + 1, sizeof(*v->groups));
	ok = v->vrrps && v->groups;
	for (unsigned k = 0; k <= CONF_TRACK_BFD; k++) {
		v->tracked[k] = calloc(n[k] + 1, sizeof(*v->tracked[k]));
		ok = ok && v->tracked[k];
	}
	return ok;
}

/* Instances that have stayed keep what is known; the keeper says again what else is. */
static void carry_over(struct view *to, const struct view *from)
{
	for (uint32_t i = 0; i < to->conf->n_vrrps; i++)
		for (uint32_t k = 0; from->conf && k < from->conf->n_vrrps; k++)
			if (!strcmp(to->conf->vrrps[i].name, from->conf->vrrps[k].name))
				to->vrrps[i] = from->vrrps[k];
}

static bool take_view(struct snmp *s, const struct conf *c)
{
	struct view next = s->view;
	bool *due = calloc(c->n_vrrps + 1, sizeof(*due));

	if (!make_view(&next, c) || !due) {
		free_view(&next);
		free(due);
		return false;
	}
	carry_over(&next, &s->view);
	free_view(&s->view);
	free(s->new_master);
	s->view = next;
	s->new_master = due;
	facts_free(&s->facts);
	return true;
}

static int confine(void);

static void on_conf(struct snmp *s, const struct msg_conf *m, int fd)
{
	struct message ready = { .type = MSG_READY, .ready = { .generation = m->generation } };
	struct arena next, old = s->arena;
	const struct conf *c;
	int r = conf_take(&next, &c, s->start->space, m, fd);

	if (r == 0 && !take_view(s, c)) {
		r = -ENOMEM;
		arena_close(&next);
	}
	if (r == 0 && !s->confined) {
		r = confine();
		s->confined = r == 0;
	}
	if (r < 0) {
		log_err("SNMP: configuration %u cannot be put in force: %s", m->generation, strerror(-r));
		s->status = 1;
		event_base_loopbreak(s->base);
		return;
	}
	s->conf = c;
	s->arena = next;
	s->generation = m->generation;
	s->fresh_until[0] = s->fresh_until[1] = 0;
	s->asked = 0;
	conf_leave(&old, &next);
	message_send(s->start->fd, &ready, -1);
	serve_conf(s);
}

/* ---- states ---- */
static bool works(uint8_t state)
{
	return state == VRRP_BACKUP || state == VRRP_MASTER;
}

static void on_instance(struct snmp *s, const struct msg_vrrp_state *m, bool news)
{
	struct vrrp_known *k = &s->view.vrrps[m->index];
	bool changed = k->state != m->state;

	if (!works(m->state))
		k->up_us = 0;
	else if (!k->up_us)
		k->up_us = clock_us();
	k->state = m->state;
	k->priority = m->priority;
	if (m->event != VRRP_EV_STATE || (!changed && !news))
		return;
	s->fresh_until[0] = 0; /* counts, addresses */
	if (!news)
		return;
	if (s->view.parts & PART_VRRP)
		serve_trap(s, TRAP_INSTANCE_STATE, m->index, 0);
	if (m->state == VRRP_MASTER && s->view.parts & (PART_RFC2787 | PART_RFC6527)) {
		s->new_master[m->index] = true;
		serve_ask(s, NEED_VRRP);
	}
}

static void on_state(struct snmp *s, const struct msg_vrrp_state *m, bool news)
{
	if (m->generation != s->generation || m->event == VRRP_EV_ABOUT ||
	    m->index >= (m->group ? s->conf->n_groups : s->conf->n_vrrps))
		return;
	if (!m->group) {
		on_instance(s, m, news);
		return;
	}
	s->view.groups[m->index] = m->state;
	if (news && m->event == VRRP_EV_STATE && s->view.parts & PART_VRRP)
		serve_trap(s, TRAP_GROUP_STATE, m->index, 0);
}

/* As VRRPV3-MIB numbers them; the one whose count has grown, 0: none has */
static uint8_t new_error(const struct msg_vrrp_counts *old, const struct msg_vrrp_counts *new)
{
	return new->ttl > old->ttl	       ? 1
	       : new->version > old->version   ? 2
	       : new->checksum > old->checksum ? 3
	       : new->vrid > old->vrid	       ? 4
					       : 0;
}

static bool new_auth_error(const struct msg_vrrp_counts *old, const struct msg_vrrp_counts *new)
{
	return new->auth_type > old->auth_type || new->auth_mismatch > old->auth_mismatch ||
	       new->auth_failure > old->auth_failure;
}

static void on_instance_counts(struct snmp *s, const struct msg_vrrp_counts *m)
{
	struct vrrp_known *k = &s->view.vrrps[m->index];
	uint8_t error = new_error(&k->counts, m), last = error ? error : k->counts.error;
	bool news = error && k->counted && s->view.parts & PART_RFC6527;
	bool auth = new_auth_error(&k->counts, m) && k->counted && s->view.parts & PART_RFC2787 &&
		    s->conf->vrrps[m->index].version == 2;

	k->counts = *m;
	k->counts.error = last;
	k->counted = true;
	if (k->up_us > m->since_us && works(m->state))
		k->up_us = m->since_us; /* it worked before this process did */
	if (news)
		serve_trap(s, TRAP_PROTO_ERROR3, m->index, 0);
	if (auth)
		serve_trap(s, TRAP_AUTH_FAILURE2, m->index, 0);
}

static void on_counts(struct snmp *s, const struct msg_vrrp_counts *m)
{
	if (m->generation != s->generation)
		return;
	if (m->index < s->conf->n_vrrps) {
		on_instance_counts(s, m);
		return;
	}
	s->view.totals = *m;
	for (uint32_t i = 0; i < s->conf->n_vrrps; i++) {
		if (!s->new_master[i])
			continue;
		s->new_master[i] = false;
		if (s->view.parts & PART_RFC2787 && s->conf->vrrps[i].version == 2)
			serve_trap(s, TRAP_NEW_MASTER2, i, 0);
		if (s->view.parts & PART_RFC6527)
			serve_trap(s, TRAP_NEW_MASTER3, i, 0);
	}
	serve_fresh(s, NEED_VRRP, VRRP_FRESH_US);
}

static void on_track(struct snmp *s, const struct msg_track *m)
{
	const struct conf *c = s->conf;
	const uint32_t n[CONF_TRACK_BFD + 1] = { 0, c->n_scripts, c->n_processes, c->n_files, c->n_bfds };

	if (m->generation != s->generation || m->kind > CONF_TRACK_BFD || m->index >= n[m->kind])
		return;
	s->view.tracked[m->kind][m->index] =
		(struct tracked){ .known = m->known, .value = m->known ? m->value : 0, .count = m->count };
}

/* ---- virtual servers ---- */
static void on_facts(struct snmp *s, const struct msg_lvs_facts *m, int fd)
{
	const struct conf_global *g = &s->conf->global;
	uint64_t rs = g->snmp_rs_update_us ? g->snmp_rs_update_us : g->snmp_vs_update_us;
	int r;

	if (m->generation != s->generation)
		return; /* the next one is asked for by whoever waits */
	r = fd < 0 ? -ENOENT : facts_map(&s->facts, s->conf, fd, m->size);
	if (r < 0)
		log_debug("SNMP: nothing is known of virtual servers: %s", strerror(-r));
	serve_fresh(s, NEED_LVS, rs < g->snmp_vs_update_us ? rs : g->snmp_vs_update_us);
}

static void on_lvs_event(struct snmp *s, const struct msg_lvs_event *m)
{
	const struct conf *c = s->conf;
	const struct conf_vs *v;
	bool quorum = m->rs == CONF_NONE;

	if (m->generation != s->generation || m->server >= c->n_servers || facts_ensure(&s->facts, c) < 0)
		return;
	v = &c->servers[m->server];
	if (!quorum && m->rs >= v->n_rs)
		return;
	s->facts.servers[m->server].alive = m->alive;
	if (quorum)
		s->facts.servers[m->server].quorum = m->up;
	else
		s->facts.real[s->facts.servers[m->server].rs + v->has_sorry + m->rs].up = m->up;
	if (s->view.parts & PART_CHECKER)
		serve_trap(s, quorum ? TRAP_QUORUM : TRAP_REAL_SERVER, m->server, quorum ? 0 : v->has_sorry + m->rs);
	s->fresh_until[1] = 0;
}

/* ---- the loop ---- */
static void take(struct snmp *s, const struct message *m, int fd)
{
	if (m->type == MSG_CONF) {
		on_conf(s, &m->conf, fd); /* takes it */
		return;
	}
	if (m->type == MSG_STOP)
		event_base_loopbreak(s->base);
	else if (!s->conf)
		log_debug("SNMP: %s before any configuration", message_name(m->type));
	else if (m->type == MSG_AGENT)
		session_connect(s->session, fd < 0 ? -1 : dup(fd), m->agent.error);
	else if (m->type == MSG_VRRP_STATE || m->type == MSG_VRRP_RESUME)
		on_state(s, &m->vrrp_state, m->type == MSG_VRRP_STATE);
	else if (m->type == MSG_VRRP_COUNTS)
		on_counts(s, &m->vrrp_counts);
	else if (m->type == MSG_TRACK)
		on_track(s, &m->track);
	else if (m->type == MSG_LVS_FACTS)
		on_facts(s, &m->lvs_facts, fd);
	else if (m->type == MSG_LVS_EVENT)
		on_lvs_event(s, &m->lvs_event);
	if (fd >= 0)
		close(fd);
}

static void from_keeper(evutil_socket_t fd, short what, void *arg)
{
	struct snmp *s = arg;
	struct message m;
	int r, pass;

	for (;;) {
		r = message_recv(fd, ROLE_KEEPER, ROLE_SNMP, &m, &pass);
		if (r == -EBADMSG)
			continue;
		if (r == 0)
			event_base_loopbreak(s->base);
		if (r <= 0 || event_base_got_break(s->base))
			return;
		take(s, &m, pass);
	}
}

static const char *const syscalls[] = {
	"brk",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"dup",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"exit",
	"exit_group",
	"fcntl",
	"fstat",
	"futex",
	"getpid",
	"getrandom",
	"gettimeofday",
	"ioctl",
	"lseek",
	"madvise",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"newfstatat",
	"poll",
	"ppoll",
	"read",
	"recvfrom",
	"recvmsg",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sendmsg",
	"sendto",
	"timerfd_create",
	"timerfd_settime",
	"write",
	"writev",
	NULL,
};

static int confine(void)
{
	int r = sandbox_user();

	return r < 0 ? r : sandbox_syscalls(syscalls);
}

int snmp_role(const struct role_start *start)
{
	struct snmp s = { .start = start, .arena.fd = -1 };

	signal(SIGPIPE, SIG_IGN);
	s.view.version = "Keepalived v" ELVS_VERSION " (elvs)";
	s.view.netdev = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	s.base = event_base_new();
	s.keeper = s.base ? event_new(s.base, start->fd, EV_READ | EV_PERSIST, from_keeper, &s) : NULL;
	if (!s.keeper || serve_new(&s) < 0 || event_add(s.keeper, NULL) < 0)
		return 1;
	event_base_dispatch(s.base);
	serve_free(&s);
	event_free(s.keeper);
	event_base_free(s.base);
	free_view(&s.view);
	free(s.new_master);
	facts_free(&s.facts);
	if (s.view.netdev >= 0)
		close(s.view.netdev);
	return s.status;
}
