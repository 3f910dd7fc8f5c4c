/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ear - see ear.h. The first part runs in the role, the second one in the ear. */
#include "ear.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "rights.h"
#include "role.h"
#include "sandbox.h"
#include "schedule.h"

#define HEAR_BUDGET 16	   /* datagrams before other events have their turn */
#define WELL_US 100000	   /* one that lived so long is replaced at once */
#define AGAIN_US 10000	   /* otherwise, or when there was no memory for one */
#define TELL_AGAIN_S 1	   /* a reason to refuse adverts is told so often, and counted always */
#define NOT_YET UINT32_MAX /* never told */

struct ear {
	struct vrrp_role *role;
	pid_t pid;
	int fd;
	uint64_t since;
	struct event *ev;
};

static void listen_to_adverts(struct vrrp_role *r, int fd) __attribute__((noreturn));

void *ear_memory(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void ear_memory_free(void *p, size_t size)
{
	if (p)
		munmap(p, size);
}

/* ---- one of them ---- */
/* Its status, as of waitpid(). It is not asked whether it wants to end. */
static int free_ear(struct ear *e)
{
	int status = 0;

	if (e->ev)
		event_free(e->ev);
	close(e->fd);
	kill(e->pid, SIGKILL);
	while (waitpid(e->pid, &status, 0) < 0 && errno == EINTR)
		;
	free(e);
	return status;
}

static void died(struct vrrp_role *r, struct ear *e)
{
	bool well = clock_us() - e->since > WELL_US;
	bool current = e == r->ear;
	int status = free_ear(e);

	if (!current) {
		r->old_ear = NULL;
		return;
	}
	r->ear = NULL;
	log_err("the process that reads adverts has ended (%s %d), another one takes its place",
		WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	event_add(r->ev_ear, &(struct timeval){ .tv_usec = well ? 0 : AGAIN_US });
}

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct ear *e = arg;
	struct vrrp_role *r = e->role;
	struct heard h;

	for (int n = 0; n < HEAR_BUDGET; n++) {
		ssize_t len = recv(fd, &h, sizeof(h), MSG_DONTWAIT);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len <= 0) {
			died(r, e);
			return;
		}
		if (len == sizeof(h))
			hear(r, &h);
	}
}

static struct ear *new_ear(struct vrrp_role *r)
{
	struct ear *e = calloc(1, sizeof(*e));
	int sv[2];

	if (!e || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0) {
		free(e);
		return NULL;
	}
	e->pid = fork();
	if (e->pid == 0)
		listen_to_adverts(r, sv[1]);
	close(sv[1]);
	e->role = r;
	e->fd = sv[0];
	e->since = clock_us();
	if (e->pid < 0) {
		close(e->fd);
		free(e);
		return NULL;
	}
	e->ev = event_new(r->base, e->fd, EV_READ | EV_PERSIST, on_heard, e);
	if (e->ev && event_priority_set(e->ev, URGENT_ADVERT) == 0 && event_add(e->ev, NULL) == 0)
		return e;
	free_ear(e);
	return NULL;
}

/* ---- one after the other ---- */
/* The one before has said all that it knows when its end of the socket is closed. */
static void retire(struct vrrp_role *r)
{
	if (r->old_ear)
		free_ear(r->old_ear);
	r->old_ear = r->ear;
	r->ear = NULL;
	if (r->old_ear)
		shutdown(r->old_ear->fd, SHUT_WR);
}

static void on_renew(evutil_socket_t fd, short what, void *arg)
{
	struct vrrp_role *r = arg;

	retire(r);
	if (!r->sockets->n)
		return;
	r->ear = new_ear(r);
	if (r->ear) {
		r->ear_refused = false;
		return;
	}
	if (!r->ear_refused)
		log_err("no process can be made that reads adverts: %s", strerror(errno));
	r->ear_refused = true;
	event_add(r->ev_ear, &(struct timeval){ .tv_usec = AGAIN_US });
}

void ear_stale(struct vrrp_role *r)
{
	event_active(r->ev_ear, 0, 0);
}

int ear_init(struct vrrp_role *r)
{
	r->ear_shared = ear_memory(sizeof(*r->ear_shared));
	r->ev_ear = event_new(r->base, -1, 0, on_renew, r);
	if (!r->ev_ear || !r->ear_shared)
		return -ENOMEM;
	event_priority_set(r->ev_ear, URGENT_WORLD);
	return 0;
}

void ear_close(struct vrrp_role *r)
{
	if (r->ear)
		free_ear(r->ear);
	if (r->old_ear)
		free_ear(r->old_ear);
	if (r->ev_ear)
		event_free(r->ev_ear);
	ear_memory_free(r->ear_shared, sizeof(*r->ear_shared));
	r->ear = r->old_ear = NULL;
	r->ev_ear = NULL;
}

/* ==== in the ear: everything of the role's is there, as it was, and only sockets and codecs are of use ==== */
struct listener {
	struct vrrp_role *role;
	int fd;				 /* to the role */
	uint32_t (*told)[VRRP_REFUSALS]; /* of each instance, when a refusal was told, in seconds */
};

/* Waits while the role is busy: what comes meanwhile stays in the sockets, and what is too much the kernel drops. */
static void say(const struct listener *l, const struct heard *h)
{
	ssize_t n;

	do
		n = send(l->fd, h, sizeof(*h), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		_exit(0); /* the role has gone, or wants no more of us */
}

static struct instance *find_instance(struct vrrp_role *r, const struct rx *rx, int vrid)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->rx == rx && r->instances[n]->conf->vrid == vrid)
			return r->instances[n];
	return NULL;
}

/* Another socket of ours has an instance for it: it comes there, too. */
static bool known_elsewhere(const struct vrrp_role *r, const struct rx *rx, int vrid)
{
	for (uint32_t n = 0; n < r->n_instances; n++)
		if (r->instances[n]->conf->vrid == vrid && r->instances[n]->conf->family == rx_key(rx)->family)
			return true;
	return false;
}

static void unknown_vrid(const struct listener *l, const struct rx *rx, int vrid, const struct vrrp_received *p)
{
	struct heard h = { .src = p->src, .ifindex = rx_key(rx)->ifindex, .vrid = (uint8_t)vrid };
	struct vrrp_role *r = l->role;

	if (vrid >= 0 && known_elsewhere(r, rx, vrid))
		return;
	r->ear_shared->unknown_vrids++;
	if (vrid < 0 || !r->conf->global.log_unknown_vrids || (r->unknown_said[vrid / 32] & 1u << vrid % 32))
		return;
	r->unknown_said[vrid / 32] |= 1u << vrid % 32;
	say(l, &h);
}

static bool told_lately(const struct listener *l, const struct instance *i, enum vrrp_refusal why, uint64_t utc_us)
{
	uint32_t now = (uint32_t)(utc_us / 1000000), *at = &l->told[i->index][why];

	if (*at != NOT_YET && now - *at < TELL_AGAIN_S)
		return true;
	*at = now;
	return false;
}

static void receive(void *arg, const struct rx *rx, const struct vrrp_received *p)
{
	const struct listener *l = arg;
	int vrid = vrrp_packet_vrid(p);
	struct instance *i = find_instance(l->role, rx, vrid);
	struct heard h = { .src = p->src, .vrid = (uint8_t)vrid };
	struct vrrp_advert a = { 0 };

	if (!i) {
		unknown_vrid(l, rx, vrid, p);
		return;
	}
	if (conf_addr_same(&p->src, &i->fsm.src)) /* our own, come back */
		return;
	h.serial = i->serial;
	h.why = vrrp_packet_parse(i->codec, i->conf, p, &a);
	if (h.why != VRRP_ACCEPTED && told_lately(l, i, h.why, p->utc_us))
		return;
	h.src = h.why == VRRP_ACCEPTED ? a.src : p->src;
	h.priority = a.priority;
	h.interval_us = a.interval_us;
	h.remarks = a.remarks;
	say(l, &h);
}

static int close_others(const struct vrrp_role *r, int fd)
{
	int *keep = calloc(r->sockets->n + 1, sizeof(*keep)), e;

	if (!keep)
		return -ENOMEM;
	sockets_fds(r->sockets, keep);
	keep[r->sockets->n] = fd;
	e = sandbox_fds(keep, r->sockets->n + 1);
	free(keep);
	return e;
}

static uint32_t (*new_told(uint32_t n))[VRRP_REFUSALS]
{
	uint32_t(*told)[VRRP_REFUSALS] = malloc((n + 1) * sizeof(*told));

	if (told)
		memset(told, 0xff, (n + 1) * sizeof(*told));
	return told;
}

static void listen_to_adverts(struct vrrp_role *r, int fd)
{
	struct listener l = { .role = r, .fd = fd, .told = new_told(r->n_instances) };
	const struct conf_process *p = &r->conf->global.vrrp;

	if (r->rt_priority)
		schedule_realtime(p, r->rt_priority);
	if (p->no_swap)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	if (!l.told || close_others(r, fd) < 0 || rights_give_up_all() < 0)
		_exit(1);
	_exit(sockets_serve(r->sockets, fd, receive, &l) < 0);
}
