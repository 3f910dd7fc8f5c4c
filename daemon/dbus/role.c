/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * role - the dbus process: org.keepalived.Vrrp1 on the system bus, while the configuration says enable_dbus.
 *
 * What it tells comes from the keeper, what it is asked to do goes there. It has no rights and opens nothing: the
 * keeper connects to the bus for it. A bus that is not there, or goes, is asked for again and again, and that is
 * said once.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf_take.h"
#include "link.h"
#include "log.h"
#include "message.h"
#include "sandbox.h"
#include "objects.h"

#define RETRY_FIRST_S 1
#define RETRY_LAST_S 10
#define LEAVE_MS 500

struct dbus {
	const struct role_start *start;
	struct event_base *base;
	struct event *keeper, *retry;
	struct bus_link *link; /* NULL: none; perhaps one that has gone, until retry */
	struct objects objects;
	struct wire_out out;
	uint32_t generation; /* 0: no configuration has come */
	char name[256];
	unsigned wait_s; /* before the next try */
	bool failure_said, started_said;
	int exit_status;
};

/* ---- signals ---- */
static void signal_all(struct dbus *d, const char *member)
{
	if (!bus_link_named(d->link))
		return;
	objects_signal(&d->objects, member, &d->out, bus_link_serial(d->link));
	bus_link_send(d->link, &d->out);
}

static void signal_status(struct dbus *d, const struct bus_object *i, uint8_t state)
{
	if (!bus_link_named(d->link))
		return;
	objects_status_signal(i, state, &d->out, bus_link_serial(d->link));
	bus_link_send(d->link, &d->out);
}

/* ---- the bus ---- */
static void try_again(struct dbus *d)
{
	event_add(d->retry, &(struct timeval){ .tv_sec = d->wait_s });
	d->wait_s = d->wait_s * 2 < RETRY_LAST_S ? d->wait_s * 2 : RETRY_LAST_S;
}

static void failed(struct dbus *d, const char *why)
{
	if (!d->failure_said)
		log_warn("DBus: no %s: %s; it is tried again quietly", d->name, why);
	d->failure_said = true;
	try_again(d);
}

static void ask_for_bus(struct dbus *d)
{
	struct message m = { .type = MSG_WANT_BUS };

	bus_link_free(d->link);
	d->link = NULL;
	if (message_send(d->start->fd, &m, -1) == -EAGAIN)
		try_again(d);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	ask_for_bus(arg);
}

static void named(void *arg)
{
	struct dbus *d = arg;

	log_info("Acquired DBus bus %s", d->name);
	d->failure_said = false;
	d->wait_s = RETRY_FIRST_S;
	if (!d->started_said && !d->start->again)
		signal_all(d, "VrrpStarted");
	d->started_said = true;
	for (uint32_t i = 0; i < d->objects.n; i++)
		if (d->objects.list[i].known)
			signal_status(d, &d->objects.list[i], d->objects.list[i].state);
}

static void waits(void *arg)
{
	struct dbus *d = arg;

	log_warn("DBus: somebody else has the name %s: ours when they give it up", d->name);
}

static void do_task(struct dbus *d, enum bus_task task, uint32_t index)
{
	static const char *const words[] = { [BUS_PRINT_DATA] = "Printing VRRP data",
					     [BUS_PRINT_STATS] = "Printing VRRP stats",
					     [BUS_PRINT_STATS_CLEAR] = "Printing and clearing VRRP stats",
					     [BUS_RELOAD] = "Reloading" };
	struct message m = { .type = MSG_BUS_CALL,
			     .bus_call = { .generation = d->generation, .index = index, .task = task } };

	if (task == BUS_NOTHING)
		return;
	if (task == BUS_GARP)
		log_info("Sending garps on %s on DBus request", d->objects.list[d->objects.by_index[index]].name);
	else
		log_info("%s on DBus request", words[task]);
	if (message_send(d->start->fd, &m, -1) < 0)
		log_warn("DBus: the keeper does not listen: a request is lost");
}

static void called(void *arg, struct wire_in *call)
{
	struct dbus *d = arg;
	uint32_t index = 0;
	enum bus_task task = objects_answer(&d->objects, call, &d->out, bus_link_serial(d->link), &index);

	do_task(d, task, index);
	bus_link_send(d->link, &d->out);
}

static void gone(void *arg, const char *why)
{
	failed(arg, why);
}

static void take_bus(struct dbus *d, const struct msg_bus *m, int fd)
{
	const struct bus_link_owner owner = { d, named, waits, called, gone };
	char why[200];

	if (d->link && fd >= 0)
		close(fd); /* asked for twice: the name has changed in between */
	if (d->link || (fd >= 0 && bus_link_new(&d->link, d->base, fd, d->name, &owner) == 0))
		return;
	snprintf(why, sizeof(why), "%s: %s", m->at, strerror(m->error ? -m->error : ENOMEM));
	failed(d, why);
}

/* ---- the configuration ---- */
/* Instances that are no more have failed, as keepalived tells it. */
static void signal_lost(struct dbus *d, const struct objects *next)
{
	for (uint32_t i = 0; i < d->objects.n; i++)
		if (d->objects.list[i].known && !objects_find(next, d->objects.list[i].path))
			signal_status(d, &d->objects.list[i], VRRP_FAULT);
}

static void apply(struct dbus *d, struct objects *next, const char *name)
{
	bool renamed = strcmp(name, d->name) != 0;

	objects_inherit(next, &d->objects);
	signal_lost(d, next);
	objects_free(&d->objects);
	d->objects = *next;
	if (!renamed) {
		signal_all(d, "VrrpReloaded");
		return;
	}
	if (d->link)
		bus_link_leave(d->link, LEAVE_MS);
	bus_link_free(d->link); /* it has borrowed the name */
	d->link = NULL;
	snprintf(d->name, sizeof(d->name), "%s", name);
	d->wait_s = RETRY_FIRST_S;
	d->failure_said = false;
	event_del(d->retry);
	ask_for_bus(d);
}

static void take_conf(struct dbus *d, const struct msg_conf *m, int fd)
{
	struct message ready = { .type = MSG_READY, .ready = { .generation = m->generation } };
	const struct conf *conf;
	struct objects next;
	struct arena a;
	int r = conf_take(&a, &conf, d->start->space, m, fd);

	if (r == 0) {
		char name[sizeof(d->name)];

		snprintf(name, sizeof(name), "%s", conf->global.dbus_name);
		r = objects_new(&next, conf, d->start->netns_name);
		arena_close(&a);
		if (r == 0)
			apply(d, &next, name);
	}
	if (r < 0) {
		log_err("configuration %u cannot be put in force: %s", m->generation, strerror(-r));
		d->exit_status = 1; /* started anew it tries with what it has not got now */
		event_base_loopbreak(d->base);
		return;
	}
	d->generation = m->generation;
	message_send(d->start->fd, &ready, -1);
}

/* ---- the keeper ---- */
static void take_state(struct dbus *d, const struct msg_vrrp_state *m)
{
	const struct bus_object *i;

	if (m->generation == d->generation && objects_state(&d->objects, m->index, m->state, &i))
		signal_status(d, i, m->state);
}

static void stop(struct dbus *d)
{
	signal_all(d, "VrrpStopped");
	if (bus_link_named(d->link)) {
		bus_link_leave(d->link, LEAVE_MS);
		log_info("Released DBus");
	}
	event_base_loopbreak(d->base);
}

static void take(struct dbus *d, const struct message *m, int fd)
{
	if (m->type == MSG_CONF)
		take_conf(d, &m->conf, fd);
	else if (m->type == MSG_BUS)
		take_bus(d, &m->bus, fd);
	else if (m->type == MSG_VRRP_STATE)
		take_state(d, &m->vrrp_state);
	else if (m->type == MSG_STOP)
		stop(d);
}

/* Until it is empty: while it stops nobody reads any more what comes after. */
static void from_keeper(evutil_socket_t fd, short what, void *arg)
{
	struct dbus *d = arg;
	struct message m;
	int r, pass;

	while ((r = message_recv(fd, ROLE_KEEPER, ROLE_DBUS, &m, &pass)) == 1 && !event_base_got_break(d->base))
		take(d, &m, pass);
	if (r == 0)
		stop(d);
}

/* ---- beginning and end ---- */
static const char *const syscalls[] = {
	/* waiting */
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "timerfd_settime",
	/* the bus, the keeper, the log */
	"read", "readv", "write", "writev", "recvmsg", "sendmsg", "sendto", "ioctl", "fcntl", "close", "shutdown",
	"getsockopt", "getsockname", "getpeername",
	/* the arena, memory */
	"brk", "mmap", "munmap", "mremap", "madvise", "mprotect",
	/* times of the log's lines */
	"clock_gettime", "gettimeofday", "newfstatat", "fstat", "lseek",
	/* itself */
	"getpid", "gettid", "tgkill", "futex", "getrandom", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"restart_syscall", "exit", "exit_group", NULL,
};

/* /etc/machine-id, while there are files */
static void read_machine(char id[33])
{
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, id, 32) != 32 || strspn(id, "0123456789abcdef") != 32)
		id[0] = '\0';
	if (fd >= 0)
		close(fd);
}

static int set_up(struct dbus *d)
{
	int r;

	d->base = event_base_new();
	d->keeper = d->base ? event_new(d->base, d->start->fd, EV_READ | EV_PERSIST, from_keeper, d) : NULL;
	d->retry = d->base ? event_new(d->base, -1, 0, on_retry, d) : NULL;
	if (!d->keeper || !d->retry || event_add(d->keeper, NULL) < 0)
		return -ENOMEM;
	read_machine(d->objects.machine);
	tzset();
	r = sandbox_user();
	return r < 0 ? r : sandbox_syscalls(syscalls);
}

static void tear_down(struct dbus *d)
{
	bus_link_free(d->link);
	objects_free(&d->objects);
	wire_free(&d->out);
	if (d->keeper)
		event_free(d->keeper);
	if (d->retry)
		event_free(d->retry);
	if (d->base)
		event_base_free(d->base);
}

int dbus_role(const struct role_start *start)
{
	struct dbus d = { .start = start, .wait_s = RETRY_FIRST_S };
	int r;

	signal(SIGPIPE, SIG_IGN);
	r = set_up(&d);
	if (r < 0) {
		log_err("DBus cannot start, or not give its rights up: %s", strerror(-r));
		d.exit_status = 1;
	} else {
		event_base_dispatch(d.base);
	}
	tear_down(&d);
	return d.exit_status;
}
