/* SPDX-License-Identifier: GPL-2.0-or-later */
/* director - see director.h: start, loop, the channel to the supervisor, end. */
#include "director.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"
#include "channel.h"
#include "clock.h"
#include "ctl_wire.h"
#include "fdpass.h"
#include "log.h"
#include "netns.h"
#include "watch.h"

#define TICK_MS 500
#define LOCK_WAIT_MS 5000
#define RECONNECT_MS 100
#define LONELY_START 4		/* reconnects after which a supervisor is started */
#define LONELY_UNIT 100		/* the same, where somebody else should start it */

void director_end(struct director *d, bool destroy)
{
	d->ending = true;
	d->destroy |= destroy;
	event_base_loopexit(d->base, NULL);
}

void director_turn_begin(struct director *d)
{
	if (d->batch)
		return;
	d->in_turn = true;
	elvs_batch_begin(d->elvs);
}

void director_turn_end(struct director *d)
{
	if (!d->in_turn)
		return;
	d->in_turn = false;
	if (elvs_batch_end(d->elvs) < 0)
		log_err("writing the tables: %s", elvs_strerror(d->elvs));
}

/* ---- telling the supervisor ---- */
static void tell(struct director *d, enum chan_type type, int error, const char *text, int fd)
{
	struct chan_msg m;

	if (d->channel < 0)
		return;
	memset(&m, 0, sizeof(m));
	m.type = type;
	m.error = error;
	m.cookie = d->o->cookie;
	m.pid = getpid();
	m.flags = (d->o->pin_dir[0] ? CHAN_PINNED : 0) | (d->elvs && elvs_adopted(d->elvs) ? CHAN_ADOPTED : 0);
	snprintf(m.text, sizeof(m.text), "%s", text ? text : "");
	fd_send(d->channel, &m, sizeof(m), fd);
}

static void channel_lost(struct director *d);

static void channel_readable(evutil_socket_t fd, short what, void *arg)
{
	struct director *d = arg;
	struct chan_msg m;
	int passed;
	ssize_t n;

	while (!d->ending) {
		n = fd_recv(fd, &m, sizeof(m), &passed);
		if (n == -EAGAIN)
			return;
		if (n != sizeof(m)) {
			channel_lost(d);
			return;
		}
		switch (m.type) {
		case CHAN_CLIENT:
			if (passed >= 0 && client_add(d, passed) < 0)
				log_warn("cannot serve another client: out of memory or descriptors");
			break;
		case CHAN_END:
			director_end(d, true);
			break;
		case CHAN_LEAVE:
			director_end(d, false);
			break;
		}
	}
}

static int channel_watch(struct director *d)
{
	if (fcntl(d->channel, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	d->channel_ev = event_new(d->base, d->channel, EV_READ | EV_PERSIST, channel_readable, d);
	return d->channel_ev && event_add(d->channel_ev, NULL) == 0 ? 0 : -ENOMEM;
}

/* ---- without a supervisor: find the next one, or start it ---- */
static void start_supervisor(struct director *d)
{
	pid_t pid;

	log_info("no supervisor comes back; starting one");
	pid = fork();
	if (pid == 0) {
		if (d->o->debug)
			execl("/proc/self/exe", "elvsd", "--on-demand", "--debug", NULL);
		else
			execl("/proc/self/exe", "elvsd", "--on-demand", NULL);
		_exit(127);
	}
}

static int reconnect(struct director *d)
{
	struct elvs_hello hello = { ELVS_HELLO_MAGIC, ELVS_CTL_VERSION, ELVS_HELLO_DIRECTOR };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int ns, fd;

	if (snprintf(to.sun_path, sizeof(to.sun_path), "%s/control", d->o->run_dir) >= (int)sizeof(to.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (connect(fd, (void *)&to, sizeof(to)) < 0 || fd_send(fd, &hello, sizeof(hello), ns) < 0) {
		close(ns);
		close(fd);
		return -ECONNREFUSED;
	}
	close(ns);
	d->channel = fd;
	tell(d, CHAN_REGISTER, 0, NULL, -1);
	return channel_watch(d);
}

static void lonely(evutil_socket_t fd, short what, void *arg)
{
	struct director *d = arg;

	if (d->channel >= 0)
		return;
	if (reconnect(d) >= 0) {
		log_info("found the new supervisor");
		d->lonely_ticks = 0;
		return;
	}
	if (++d->lonely_ticks % 100 == (d->o->unit ? LONELY_UNIT - 1 : LONELY_START))
		start_supervisor(d);
	event_base_once(d->base, -1, EV_TIMEOUT, lonely, d, &(struct timeval){ 0, RECONNECT_MS * 1000 });
}

static void channel_lost(struct director *d)
{
	event_free(d->channel_ev);
	d->channel_ev = NULL;
	close(d->channel);
	d->channel = -1;
	log_warn("the supervisor is gone; going on without it");
	event_base_once(d->base, -1, EV_TIMEOUT, lonely, d, &(struct timeval){ 0, RECONNECT_MS * 1000 });
}

/* ---- the loop ---- */
static void tick(evutil_socket_t fd, short what, void *arg)
{
	struct director *d = arg;

	elvs_heartbeat(d->elvs);
	elvs_tend(d->elvs, clock_us() / 1000);
	watch_tick(d->watch);
	batch_tick(d);
}

static void resume(evutil_socket_t fd, short what, void *arg)
{
	clients_resume(arg);
}

static void terminated(evutil_socket_t sig, short what, void *arg)
{
	director_end(arg, false);
}

/* An XDP program has been loaded in the background, or refused. */
static void loaded(evutil_socket_t fd, short what, void *arg)
{
	struct director *d = arg;

	elvs_loaded(d->elvs);
	watch_config_changed(d->watch);
	watch_settle(d->watch);
	malloc_trim(0);
}

static int add_events(struct director *d)
{
	struct timeval every = { 0, TICK_MS * 1000 };

	d->tick_ev = event_new(d->base, -1, EV_PERSIST, tick, d);
	d->term_ev = evsignal_new(d->base, SIGTERM, terminated, d);
	d->resched_ev = event_new(d->base, -1, 0, resume, d);
	d->loaded_ev = event_new(d->base, elvs_loaded_fd(d->elvs), EV_READ | EV_PERSIST, loaded, d);
	if (!d->tick_ev || !d->term_ev || !d->resched_ev || !d->loaded_ev)
		return -ENOMEM;
	if (event_add(d->tick_ev, &every) < 0 || event_add(d->term_ev, NULL) < 0 || event_add(d->loaded_ev, NULL) < 0)
		return -ENOMEM;
	return channel_watch(d);
}

static void state_dir(const struct options *o, char *buf, size_t size)
{
	snprintf(buf, size, "%s/instance/%llu", o->run_dir, (unsigned long long)o->cookie);
}

/* A predecessor may still be on its way out. */
static int take_lock(struct director *d)
{
	char dir[ELVS_PATH_MAX + 64], path[ELVS_PATH_MAX + 80];
	struct timespec nap = { 0, 10 * 1000000 };

	state_dir(d->o, dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/lock", dir);
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock_fd < 0)
		return -errno;
	for (int waited = 0; flock(d->lock_fd, LOCK_EX | LOCK_NB) < 0; waited += 10) {
		if (errno != EWOULDBLOCK || waited >= LOCK_WAIT_MS)
			return -errno;
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int refuse(struct director *d, int error, const char *text)
{
	log_err("%s", text);
	tell(d, CHAN_FAILED, error, text, -1);
	return 1;
}

static int refuse_errno(struct director *d, int error, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(-error));
	return refuse(d, error, text);
}

static int open_instance(struct director *d)
{
	struct elvs_options lib = { .pin_dir = d->o->pin_dir[0] ? d->o->pin_dir : NULL, .xdp_later = true };
	char dir[ELVS_PATH_MAX + 64];
	int r;

	r = netns_enter(NETNS_FD);
	close(NETNS_FD);
	if (r < 0)
		return refuse_errno(d, r, "elvsd cannot enter this network namespace (CAP_SYS_ADMIN is needed)");
	r = take_lock(d);
	if (r < 0)
		return refuse_errno(d, r, "another director does not let go of this network namespace");
	r = elvs_open(&d->elvs, &lib);
	if (r < 0)
		return refuse(d, r, elvs_strerror(NULL));
	state_dir(d->o, dir, sizeof(dir));
	r = watch_open(&d->watch, d->base, d->elvs, d->o->hook, dir);
	if (r < 0)
		return refuse_errno(d, r, "the director cannot watch routes and neighbours (rtnetlink)");
	return 0;
}

/* The supervisor hangs up when it has forgotten us: whoever asked for this may then call again at once. */
static void wait_for_farewell(struct director *d)
{
	struct timeval patience = { .tv_sec = 1 };
	struct chan_msg m;
	int passed;

	if (d->channel < 0)
		return;
	fcntl(d->channel, F_SETFL, 0);
	setsockopt(d->channel, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	while (fd_recv(d->channel, &m, sizeof(m), &passed) == sizeof(m))
		if (passed >= 0)
			close(passed);
}

static void take_down(struct director *d)
{
	int r;

	watch_forget(d->watch);
	watch_close(d->watch);
	elvs_close(d->elvs);
	d->watch = NULL;
	d->elvs = NULL;
	r = d->o->pin_dir[0] ? elvs_destroy(d->o->pin_dir) : 0;
	if (r < 0)
		log_err("cannot remove %s: %s", d->o->pin_dir, elvs_strerror(NULL));
	else
		log_info("taken down");
	tell(d, CHAN_GONE, r, NULL, -1);
	wait_for_farewell(d);
}

static void event_drop(struct event *e)
{
	if (e)
		event_free(e);
}

/* Answers still under way are sent; who does not read them loses them. */
static void finish(struct director *d)
{
	if (d->batch)
		batch_abort(d);
	if (d->destroy && d->elvs && d->watch)
		take_down(d);
	clients_free(d);
	watch_close(d->watch);
	elvs_close(d->elvs);
	event_drop(d->channel_ev);
	event_drop(d->tick_ev);
	event_drop(d->term_ev);
	event_drop(d->resched_ev);
	event_drop(d->loaded_ev);
	event_base_free(d->base);
}

/*
 * Memory that a moment needed goes back to the kernel: one arena also for the thread that loads programs, and large
 * blocks always on their own.
 */
static void tune_malloc(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
	mallopt(M_TRIM_THRESHOLD, 128 << 10);
}

int director_run(const struct options *o)
{
	struct director d = { .o = o, .channel = CHAN_FD, .lock_fd = -1 };
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int r;

	tune_malloc();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);	/* a supervisor that it started is nobody's child */
	setrlimit(RLIMIT_MEMLOCK, &all);	/* kernels before 5.11, or in a memory-less cgroup */
	fcntl(CHAN_FD, F_SETFD, FD_CLOEXEC);
	d.base = event_base_new();
	if (!d.base)
		return 1;
	r = open_instance(&d);
	if (!r && add_events(&d) < 0)
		r = refuse(&d, -ENOMEM, "the director has not enough memory for its events");
	if (!r) {
		log_info("%s instance %llu", elvs_adopted(d.elvs) ? "adopted" : "opened",
			 (unsigned long long)o->cookie);
		tick(-1, 0, &d);
		tell(&d, CHAN_READY, 0, NULL, -1);
		malloc_trim(0);
		event_base_dispatch(d.base);
	}
	finish(&d);
	return r;
}
