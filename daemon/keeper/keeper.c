/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper - see keeper.h: beginning, loop and end.
 *
 * The end has three steps, each with its limit: VRRP hands its addresses over; the services are taken out and
 * the last notifications delivered; those who deliver them (scripts, mail) stop.
 */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "appointment.h"
#include "clock.h"
#include "control.h"
#include "ctl_start.h"
#include "dumps.h"
#include "exec.h"
#include "ipvs.h"
#include "log.h"
#include "mail.h"
#include "netns.h"
#include "notify.h"
#include "page.h"
#include "pidfile.h"
#include "roles.h"
#include "sdnotify.h"
#include "watchdog.h"
#include "signals.h"
#include "snmp_feed.h"
#include "track.h"
#include "vrrps.h"

#define EXIT_FATAL 1
#define EXIT_NO_PERMISSION 4
#define CHILD_WAIT_US 5000000
#define DELIVER_US 2500000 /* scripts of the end have a second each, together; mail has a server's time */

void keeper_failed(struct keeper *k, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err("%s", text);
	if (k->ready_fd >= 0) {
		dprintf(k->ready_fd, "%s\n", text);
		close(k->ready_fd);
	}
	k->ready_fd = -1;
}

int keeper_enter_netns(const char *name, char *why, size_t size)
{
	char path[4096];
	int fd, r;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : netns_enter(fd);
	if (fd >= 0)
		close(fd);
	if (r < 0)
		snprintf(why, size, "network namespace `%s' cannot be entered (%s): %s", name, path, strerror(-r));
	return r;
}

int keeper_run_path(const struct keeper *k, const char *suffix, char *buf, size_t size)
{
	char dir[KEEPER_PATH_MAX];
	uint64_t cookie;
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), r = fd < 0 ? -errno : netns_cookie(fd, &cookie);

	if (fd >= 0)
		close(fd);
	if (r < 0)
		return r;
	mkdir(ctl_run_dir(), 0755);
	if (snprintf(dir, sizeof(dir), "%s/keeper", ctl_run_dir()) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (snprintf(buf, size, "%s/%llx%s%s", dir, (unsigned long long)cookie, k->tag, suffix) >= (int)size)
		return -ENAMETOOLONG;
	return 0;
}

/* ---- the loop's events ---- */
static void got_signal(void *arg, int sig)
{
	struct keeper *k = arg;

	if (!keeper_conf(k) && sig != SIGCHLD && sig != SIGTERM && sig != SIGINT)
		return;
	if (sig == SIGCHLD)
		roles_reap(k->roles);
	else if (sig == SIGHUP)
		keeper_reload(k);
	else if (sig == SIGTERM || (sig == SIGINT && !k->o->ignore_sigint))
		keeper_stop(k, 0);
	else if (sig == SIGUSR1)
		dumps_make(k->dumps, keeper_conf(k), DUMP_DATA);
	else if (sig == SIGUSR2)
		dumps_make(k->dumps, keeper_conf(k), DUMP_STATS);
	else if (sig == SIGRTMAX - 1)
		dumps_make(k->dumps, keeper_conf(k), DUMP_STATS_CLEAR);
	else if (sig == SIGRTMIN + 2)
		dumps_make(k->dumps, keeper_conf(k), DUMP_JSON);
}

/* ---- the end ---- */
static bool any_running(const struct keeper *k, const enum role *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (roles_running(k->roles, roles[i]))
			return true;
	return false;
}

static const enum role actors[] = { ROLE_VRRP, ROLE_BFD, ROLE_STATUS };
static const enum role carriers[] = { ROLE_CHECK, ROLE_SCRIPT, ROLE_SNMP, ROLE_DBUS };
#define N(a) (sizeof(a) / sizeof((a)[0]))

static void limit(struct keeper *k, uint64_t us)
{
	const struct timeval t = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };

	event_add(k->stop_timer, &t);
}

static void shutdown_ended(void *arg, uint64_t tag, const struct exec_end *end)
{
	if (end->status || end->timed_out)
		log_warn("The shutdown script %s", end->timed_out ? "did not end in time" : "failed");
}

/*
 * Second step: the addresses have gone to another machine (until then this one has forwarded); the services go, and
 * what has been said is delivered.
 */
static void deliver(struct keeper *k)
{
	const struct conf *c = keeper_conf(k);

	k->phase = KEEPER_DELIVERS;
	if (k->ipvs)
		ipvs_stop(k->ipvs, k->o->dont_release_ipvs);
	if (c && c->global.shutdown.argv)
		exec_run(k->exec, &c->global.shutdown, NULL, c->global.shutdown_timeout_us, shutdown_ended, k, 0);
	limit(k, DELIVER_US + (c && c->global.shutdown.argv ? c->global.shutdown_timeout_us : 0));
}

/* Third step */
static void stop_carriers(struct keeper *k)
{
	const struct msg_stop how = { .release = true };

	k->phase = KEEPER_STOPS_LATE;
	notify_free(k->notify); /* readers of FIFOs see the end */
	k->notify = NULL;
	for (size_t i = 0; i < N(carriers); i++)
		roles_stop(k->roles, carriers[i], &how);
	limit(k, CHILD_WAIT_US);
}

static bool delivered(const struct keeper *k)
{
	return !exec_pending(k->exec) && (!mail_pending(k->mail) || !roles_running(k->roles, ROLE_CHECK));
}

void keeper_stop_step(struct keeper *k)
{
	if (k->phase == KEEPER_STOPS && !any_running(k, actors, N(actors)))
		deliver(k);
	if (k->phase == KEEPER_DELIVERS && delivered(k))
		stop_carriers(k);
	if (k->phase == KEEPER_STOPS_LATE && !any_running(k, carriers, N(carriers)))
		event_base_loopbreak(k->base);
}

static void on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct keeper *k = arg;
	bool late = k->phase == KEEPER_STOPS_LATE;
	const enum role *roles = late ? carriers : actors;

	if (k->phase == KEEPER_DELIVERS) {
		log_warn("Some notifications were not through in time");
		stop_carriers(k);
		keeper_stop_step(k);
		return;
	}
	for (size_t i = 0; i < (late ? N(carriers) : N(actors)); i++) {
		if (!roles_running(k->roles, roles[i]))
			continue;
		log_warn("The %s role did not stop in time and is killed", role_name(roles[i]));
		roles_kill(k->roles, roles[i]);
	}
	keeper_stop_step(k);
}

void keeper_stop(struct keeper *k, int exit_status)
{
	const struct msg_stop how = { .release = !k->o->dont_release_vrrp, .at_once = k->o->release_vips };
	const struct conf *c = keeper_conf(k);

	if (k->phase != KEEPER_RUNS)
		return;
	log_info("Stopping");
	sdnotify("STOPPING=1");
	k->phase = KEEPER_STOPS;
	k->exit_status = exit_status;
	if (k->ipvs)
		ipvs_ending(k->ipvs);
	for (size_t i = 0; i < N(actors); i++)
		roles_stop(k->roles, actors[i], &how);
	limit(k, c && c->global.child_wait_us ? c->global.child_wait_us : CHILD_WAIT_US);
	keeper_stop_step(k);
}

/* ---- the beginning ---- */
/* Blocks of many pages go back when they are freed, instead of making the next ones part of the heap */
#define OWN_PAGES_FROM (64 << 10)

static void set_process(const struct keeper_options *o)
{
	struct rlimit cores = { RLIM_INFINITY, RLIM_INFINITY };
	int fd;

	mallopt(M_MMAP_THRESHOLD, OWN_PAGES_FROM);
	umask(o->has_umask ? o->umask : 022);
	if (o->core_dump)
		setrlimit(RLIMIT_CORE, &cores);
	if (!o->core_pattern)
		return;
	fd = open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, o->core_pattern, strlen(o->core_pattern)) < 0)
		log_warn("core_pattern cannot be set: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int make_base(struct keeper *k)
{
	struct event_config *cfg = event_config_new();

	if (cfg) {
		event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER);
		k->base = event_base_new_with_config(cfg);
		event_config_free(cfg);
	}
	if (!k->base)
		return -ENOMEM;
	k->stop_timer = event_new(k->base, -1, 0, on_stop_timer, k);
	return k->stop_timer ? 0 : -ENOMEM;
}

void keeper_ready(struct keeper *k)
{
	if (k->ready)
		return;
	k->ready = true;
	sdnotify("READY=1");
	if (k->ready_fd < 0)
		return;
	if (write(k->ready_fd, "ok\n", 3) < 0)
		log_debug("nobody waited for the start");
	close(k->ready_fd);
	k->ready_fd = -1;
}

int keeper_take_pidfile(struct keeper *k, const struct conf *c)
{
	const struct pidfile_names n = {
		.given = { [ROLE_KEEPER] = k->o->pid,
			   [ROLE_VRRP] = k->o->vrrp_pid,
			   [ROLE_CHECK] = k->o->check_pid,
			   [ROLE_BFD] = k->o->bfd_pid },
		.netns = k->netns_name,
		.instance = k->instance,
		.own_dir = c->global.use_pid_dir,
	};
	char path[4096] = "";
	pid_t other;
	int r = pidfiles_take(&k->pids, &n, &other);

	pidfile_path(&n, ROLE_KEEPER, path, sizeof(path));
	if (r == -EEXIST)
		keeper_failed(k, "daemon is already running: pid %d has %s", (int)other, path);
	else if (r < 0)
		keeper_failed(k, "pid file %s: %s", path, strerror(-r));
	return r;
}

static void free_all(struct keeper *k)
{
	control_free(k->control);
	page_free(k->page);
	snmp_feed_free(k->snmp);
	appointment_free(k->appointment);
	track_free(k->track);
	notify_free(k->notify);
	roles_free(k->roles);
	dumps_free(k->dumps);
	mail_free(k->mail);
	exec_free(k->exec);
	vrrps_free(k->vrrps);
	ipvs_free(k->ipvs);
	watchdog_free(k->watchdog);
	signals_free(k->signals);
	keeper_conf_free(k);
	pidfiles_free(k->pids);
	if (k->stop_timer)
		event_free(k->stop_timer);
	if (k->base)
		event_base_free(k->base);
	if (k->netns_home >= 0)
		close(k->netns_home);
}

static void reload_due(void *arg)
{
	log_info("It is time for the reload that the reload_time_file asks for");
	keeper_reload(arg);
}

/* Parts in the order in which they need each other */
static int make_parts(struct keeper *k)
{
	const struct track_owner tracked = { k, keeper_tracked };
	int r = make_base(k);

	if (r == 0)
		r = keeper_roles_new(k);
	if (r == 0)
		r = signals_new(&k->signals, k->base, got_signal, k);
	if (r == 0)
		r = watchdog_new(&k->watchdog, k->base);
	if (r == 0)
		r = exec_new(&k->exec, k->roles);
	if (r == 0)
		r = mail_new(&k->mail, k->roles);
	if (r == 0)
		r = notify_new(&k->notify, k->exec, k->mail);
	if (r == 0)
		r = vrrps_new(&k->vrrps);
	if (r == 0)
		r = track_new(&k->track, k->base, k->exec, &tracked, k->netns_home);
	if (r == 0)
		r = dumps_new(&k->dumps, k->base, k->roles);
	if (r == 0)
		r = page_new(&k->page, k);
	if (r == 0)
		r = snmp_feed_new(&k->snmp, k);
	if (r == 0)
		r = appointment_new(&k->appointment, k->base, reload_due, k);
	return r;
}

static int prepare(struct keeper *k)
{
	char why[300];
	int r;

	k->started_us = clock_us();
	k->netns_home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (geteuid() != 0) {
		keeper_failed(k, "this needs root: it opens raw sockets and changes addresses and services");
		return EXIT_NO_PERMISSION;
	}
	if (k->o->net_namespace && keeper_enter_netns(k->o->net_namespace, why, sizeof(why)) < 0) {
		keeper_failed(k, "%s", why);
		return EXIT_FATAL;
	}
	r = arena_reserve(&k->space);
	if (r == 0)
		r = make_parts(k);
	if (r < 0) {
		keeper_failed(k, "the start failed: %s", strerror(-r));
		return EXIT_FATAL;
	}
	return 0;
}

int keeper_run(const struct keeper_options *o, int ready_fd)
{
	struct keeper k = { .o = o, .current = ARENA_SLOTS, .ready_fd = ready_fd, .netns_home = -1 };
	int status;

	snprintf(k.netns_name, sizeof(k.netns_name), "%s", o->net_namespace ? o->net_namespace : "");
	signals_block(o->ignore_sigint);
	set_process(o);
	status = prepare(&k);
	if (!status)
		status = keeper_load_first(&k);
	if (!status) {
		event_base_dispatch(k.base);
		status = k.exit_status;
		log_info("Stopped");
	}
	free_all(&k);
	return status;
}
