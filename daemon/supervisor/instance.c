/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance - the life of a director, seen from outside: started, adopted, restarted when it dies, ended when its
 * network namespace has gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fdpass.h"
#include "log.h"
#include "netns.h"
#include "supervisor.h"

#define UNUSED_LOOKS 2		/* a process may fork away while /proc is being read: look twice */
#define DEATHS_MAX 5		/* within DEATHS_TICKS; then restarting makes no sense */
#define DEATHS_TICKS 20		/* half seconds */
#define ENDING_TICKS 6		/* until an ending director is killed */

static const char *const state_names[] = { "waiting", "starting", "ready", "ending", "broken" };

const char *instance_state_name(enum instance_state state)
{
	return state_names[state];
}

/* ---- the list ---- */
struct instance *instance_find(struct supervisor *s, uint64_t cookie)
{
	struct instance *i = s->instances;

	while (i && i->cookie != cookie)
		i = i->next;
	return i;
}

struct instance *instance_new(struct supervisor *s, uint64_t cookie, uint64_t inode, int netns_fd)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (!i) {
		close(netns_fd);
		return NULL;
	}
	i->s = s;
	i->cookie = cookie;
	i->inode = inode;
	i->netns_fd = netns_fd;
	i->channel = -1;
	i->next = s->instances;
	s->instances = i;
	return i;
}

static void channel_close(struct instance *i)
{
	if (i->channel_ev)
		event_free(i->channel_ev);
	i->channel_ev = NULL;
	if (i->channel >= 0)
		close(i->channel);
	i->channel = -1;
}

void instance_free(struct instance *i)
{
	for (struct instance **p = &i->s->instances; *p; p = &(*p)->next)
		if (*p == i) {
			*p = i->next;
			break;
		}
	visitors_instance_freed(i->s, i);
	channel_close(i);
	close(i->netns_fd);
	free(i);
}

static void set_state(struct instance *i, enum instance_state state)
{
	i->state = state;
	visitors_instance_changed(i->s, i);
}

/* ---- the channel ---- */
static void instance_lost(struct instance *i);

static void heard(struct instance *i, const struct chan_msg *m)
{
	switch (m->type) {
	case CHAN_READY:
		i->flags = m->flags;
		if (i->state == INSTANCE_STARTING)
			set_state(i, INSTANCE_READY);
		break;
	case CHAN_FAILED:
		if (i->state == INSTANCE_ENDING)
			break;	/* its traces go all the same */
		snprintf(i->why, sizeof(i->why), "%.*s%s", (int)sizeof(i->why) - 40, m->text,
			 m->error == -EPROTO ? "; `elvs down --all' removes it" : "");
		set_state(i, INSTANCE_BROKEN);
		break;
	case CHAN_GONE:
		i->state = INSTANCE_ENDING;
		break;
	}
}

static void channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct instance *i = arg;
	struct chan_msg m;
	int passed;

	for (;;) {
		ssize_t n = fd_recv(fd, &m, sizeof(m), &passed);

		if (passed >= 0)
			close(passed);
		if (n == -EAGAIN)
			return;
		if (n != sizeof(m) || m.type == CHAN_GONE) {
			if (n == sizeof(m))
				heard(i, &m);
			instance_lost(i);
			return;
		}
		heard(i, &m);
	}
}

static int channel_watch(struct instance *i, int fd)
{
	i->channel = fd;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	i->channel_ev = event_new(i->s->base, fd, EV_READ | EV_PERSIST, channel_readable, i);
	return i->channel_ev && event_add(i->channel_ev, NULL) == 0 ? 0 : -ENOMEM;
}

static void say(struct instance *i, enum chan_type type)
{
	struct chan_msg m = { .type = type };

	if (i->channel >= 0)
		fd_send(i->channel, &m, sizeof(m), -1);
}

/* ---- starting ---- */
/* Puts the two descriptors where a director expects them and closes all others. Runs between fork and exec. */
static void exec_director(const struct instance *i, int channel)
{
	const struct supervisor *s = i->s;
	char cookie[32], pins[2 * ELVS_PATH_MAX], *argv[12];
	int n = 0, ns, chan;

	chan = fcntl(channel, F_DUPFD, 10);
	ns = fcntl(i->netns_fd, F_DUPFD, 10);
	if (chan < 0 || ns < 0 || dup2(chan, CHAN_FD) < 0 || dup2(ns, NETNS_FD) < 0)
		_exit(127);
	close_range(NETNS_FD + 1, ~0u, 0);
	snprintf(cookie, sizeof(cookie), "%llu", (unsigned long long)i->cookie);
	argv[n++] = "elvsd";
	argv[n++] = "--role";
	argv[n++] = "director";
	argv[n++] = "--cookie";
	argv[n++] = cookie;
	if (s->pin_root[0]) {
		traces_pin_dir(s, i->cookie, pins, sizeof(pins));
		argv[n++] = "--pin-dir";
		argv[n++] = pins;
	}
	if (!s->o->on_demand)
		argv[n++] = "--unit";
	if (s->o->debug)
		argv[n++] = "--debug";
	argv[n] = NULL;
	execv("/proc/self/exe", argv);
	_exit(127);
}

static int make_state_dir(struct instance *i)
{
	char dir[2 * ELVS_PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/instance", i->s->o->run_dir);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	traces_state_dir(i->s, i->cookie, dir, sizeof(dir));
	return mkdir(dir, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static int spawn(struct instance *i)
{
	int pair[2], r;
	pid_t pid;

	r = make_state_dir(i);
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		exec_director(i, pair[1]);
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r < 0) {
		close(pair[0]);
		return r;
	}
	i->pid = pid;
	return channel_watch(i, pair[0]);
}

int instance_start(struct instance *i)
{
	int r;

	channel_close(i);
	i->state = INSTANCE_STARTING;
	r = spawn(i);
	if (r < 0) {
		snprintf(i->why, sizeof(i->why), "cannot start a director: %s", strerror(-r));
		log_err("%s", i->why);
		set_state(i, INSTANCE_BROKEN);
	}
	return r;
}

void instance_adopt(struct instance *i, int channel, pid_t pid, uint32_t flags)
{
	bool ending = i->state == INSTANCE_ENDING;

	channel_close(i);
	if (i->pid && i->pid != pid)
		kill(i->pid, SIGKILL);	/* ours waits for the lock that the one that came back holds */
	i->pid = pid;
	i->flags = flags;
	if (channel_watch(i, channel) < 0) {
		channel_close(i);
		return;
	}
	log_info("director %d of instance %llu came back", (int)pid, (unsigned long long)i->cookie);
	if (ending)
		say(i, CHAN_END);
	else
		set_state(i, INSTANCE_READY);
}

int instance_serve(struct instance *i, int fd)
{
	struct chan_msg m = { .type = CHAN_CLIENT };

	return fd_send(i->channel, &m, sizeof(m), fd);
}

/* ---- ending ---- */
void instance_end(struct instance *i)
{
	bool may_register = i->state == INSTANCE_WAITING && i->s->waiting_ticks;

	if (i->state == INSTANCE_ENDING)
		return;
	set_state(i, INSTANCE_ENDING);
	i->ending_ticks = 0;
	if (i->pid) {
		say(i, CHAN_END);
		return;
	}
	if (may_register)	/* its director may live, and would work on without pins: survivors_tick() */
		return;
	traces_remove(i->s, i->cookie, i->netns_fd);
	instance_free(i);
}

/* Its director has ended, or says that it is about to. */
static void instance_lost(struct instance *i)
{
	channel_close(i);
	if (i->state == INSTANCE_ENDING) {
		traces_remove(i->s, i->cookie, i->netns_fd);
		instance_free(i);
		return;
	}
	i->pid = 0;
	if (i->state == INSTANCE_BROKEN)
		return;
	if (++i->deaths > DEATHS_MAX) {
		snprintf(i->why, sizeof(i->why), "the director died %u times in a row; the log says more", i->deaths);
		log_err("instance %llu: %s", (unsigned long long)i->cookie, i->why);
		set_state(i, INSTANCE_BROKEN);
		return;
	}
	log_warn("the director of instance %llu died; starting another", (unsigned long long)i->cookie);
	instance_start(i);
}

void instance_child_died(struct supervisor *s, pid_t pid, int status)
{
	for (struct instance *i = s->instances; i; i = i->next)
		if (i->pid == pid) {
			if (WIFSIGNALED(status))
				log_warn("director %d was killed by signal %d", (int)pid, WTERMSIG(status));
			/* what it said last may still be unread: the channel's end says that it is gone */
			if (i->channel < 0)
				instance_lost(i);
			return;
		}
}

void instances_leave(struct supervisor *s)
{
	for (struct instance *i = s->instances; i; i = i->next)
		say(i, CHAN_LEAVE);
}

void instances_detach(struct supervisor *s)
{
	while (s->instances) {
		struct instance *i = s->instances;

		s->instances = i->next;
		channel_close(i);
		close(i->netns_fd);
		free(i);
	}
}

/* ---- looking after them ---- */
struct census {
	struct supervisor *s;
	size_t missing;
};

static bool is_ours(const struct supervisor *s, pid_t pid)
{
	if (pid == getpid())
		return true;
	for (const struct instance *i = s->instances; i; i = i->next)
		if (i->pid == pid)
			return true;
	return false;
}

static int count_user(void *arg, uint64_t inode, pid_t pid, const char *path)
{
	struct census *c = arg;

	for (struct instance *i = c->s->instances; i; i = i->next) {
		if (i->inode != inode || !i->missed)
			continue;
		if (pid && is_ours(c->s, pid))
			return 0;
		i->missed = 0;
		return --c->missing == 0;
	}
	return 0;
}

static void end_unused(struct supervisor *s)
{
	struct census c = { s, 0 };
	struct instance *next;

	for (struct instance *i = s->instances; i; i = i->next) {
		if (i->inode == s->own_inode || i->state == INSTANCE_ENDING)
			continue;
		i->missed++;
		c.missing++;
	}
	if (c.missing && netns_each(count_user, &c) < 0)
		return;
	for (struct instance *i = s->instances; i; i = next) {
		next = i->next;
		if (i->missed < UNUSED_LOOKS || i->state == INSTANCE_ENDING)
			continue;
		log_info("the network namespace of instance %llu has gone", (unsigned long long)i->cookie);
		instance_end(i);
	}
}

void instances_tick(struct supervisor *s)
{
	struct instance *next;

	survivors_tick(s);
	if (s->ticks % DEATHS_TICKS == 0)
		for (struct instance *i = s->instances; i; i = i->next)
			i->deaths = 0;
	for (struct instance *i = s->instances; i; i = next) {
		next = i->next;
		if (i->state != INSTANCE_ENDING || !i->pid || ++i->ending_ticks != ENDING_TICKS)
			continue;
		log_warn("director %d does not end; killing it", (int)i->pid);
		kill(i->pid, SIGKILL);
	}
	end_unused(s);
}
