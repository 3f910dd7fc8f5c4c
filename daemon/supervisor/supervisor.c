/* SPDX-License-Identifier: GPL-2.0-or-later */
/* supervisor - see supervisor.h: the lock, the socket, the loop. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "sdnotify.h"
#include "netns.h"

#define TICK_MS 500
#define IDLE_TICKS 4		/* without instances and visitors, then one that was started on demand ends */
#define LOCK_WAIT_MS 5000

static void nap(void)
{
	struct timespec t = { 0, 10 * 1000000 };

	nanosleep(&t, NULL);
}

/* ---- the client that started us ---- */
/* Tells it (why NULL: all is well) and lets it go. */
static void ready(const struct options *o, const char *why)
{
	char text[300];
	int n = snprintf(text, sizeof(text), "%s\n", why ? why : "ok");

	if (o->ready_fd < 0)
		return;
	if (write(o->ready_fd, text, n) < 0)
		log_warn("the client that started this daemon has gone");
	close(o->ready_fd);
}

static void notify_systemd(const char *text)
{
	int r = sdnotify(text);

	if (r < 0)
		log_warn("cannot notify the service manager: %s", strerror(-r));
}

/* ---- one supervisor per run directory ---- */
static int socket_path(const struct options *o, struct sockaddr_un *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	if (snprintf(ret->sun_path, sizeof(ret->sun_path), "%s/control", o->run_dir) >= (int)sizeof(ret->sun_path))
		return -ENAMETOOLONG;
	return 0;
}

static bool somebody_listens(const struct options *o)
{
	struct sockaddr_un to;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && socket_path(o, &to) == 0 && connect(fd, (void *)&to, sizeof(to)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

/* The lock file says who holds it: "PID on-demand" or "PID foreground". */
static bool holder(int fd, pid_t *ret_pid, bool *ret_on_demand)
{
	char text[64] = "", mode[16];
	int pid;

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0 || sscanf(text, "%d %15s", &pid, mode) != 2)
		return false;
	*ret_pid = pid;
	*ret_on_demand = !strcmp(mode, "on-demand");
	return true;
}

static void sign_lock(struct supervisor *s)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%d %s\n", (int)getpid(), s->o->on_demand ? "on-demand" : "foreground");

	if (ftruncate(s->lock_fd, 0) < 0 || pwrite(s->lock_fd, text, n, 0) < 0)
		log_warn("cannot write the lock file: %s", strerror(errno));
}

/*
 * 1: the lock is ours. 0: another supervisor does the work. -errno: neither within a few seconds.
 * One that runs as a service takes over from one that a client started.
 */
static int take_lock(struct supervisor *s)
{
	char path[ELVS_PATH_MAX + 8];
	bool on_demand, asked = false;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/lock", s->o->run_dir);
	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return -errno;
	for (int waited = 0; waited < LOCK_WAIT_MS; waited += 10) {
		if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0) {
			sign_lock(s);
			return 1;
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (s->o->on_demand) {
			if (somebody_listens(s->o))
				return 0;
		} else if (!asked && holder(s->lock_fd, &pid, &on_demand)) {
			if (!on_demand)
				return -EBUSY;
			asked = kill(pid, SIGUSR2) == 0;
		}
		nap();
	}
	return -ETIMEDOUT;
}

static int listen_on_socket(struct supervisor *s)
{
	struct sockaddr_un at;
	mode_t mask;
	int r = socket_path(s->o, &at);

	if (r < 0)
		return r;
	s->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listen_fd < 0)
		return -errno;
	unlink(at.sun_path);	/* of one that was killed; the lock is ours */
	mask = umask(0177);
	if (bind(s->listen_fd, (void *)&at, sizeof(at)) < 0 || listen(s->listen_fd, 256) < 0)
		r = -errno;
	umask(mask);
	return r;
}

/* ---- the loop ---- */
static void knock(evutil_socket_t fd, short what, void *arg)
{
	while (visitor_accept(arg) == 0)
		;
}

static void child_died(evutil_socket_t sig, short what, void *arg)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		instance_child_died(arg, pid, status);
}

static void terminated(evutil_socket_t sig, short what, void *arg)
{
	struct supervisor *s = arg;

	if (sig != SIGUSR2) {	/* with USR2 another supervisor takes the directors over */
		log_info("ending; what is pinned goes on forwarding");
		instances_leave(s);
	}
	event_base_loopexit(s->base, NULL);
}

static int watch_socket(struct supervisor *s)
{
	s->listen_ev = event_new(s->base, s->listen_fd, EV_READ | EV_PERSIST, knock, s);
	return s->listen_ev && event_add(s->listen_ev, NULL) == 0 ? 0 : -ENOMEM;
}

/*
 * Nobody needs us: take the socket away first, so that new clients start another supervisor (which waits for our
 * lock), then see whether somebody came in that very moment. Returns whether we may end.
 */
static bool leave_quietly(struct supervisor *s)
{
	struct sockaddr_un at;

	if (socket_path(s->o, &at) == 0)
		unlink(at.sun_path);
	if (visitor_accept(s) == -EAGAIN)
		return true;
	event_free(s->listen_ev);
	close(s->listen_fd);
	if (listen_on_socket(s) < 0 || watch_socket(s) < 0) {
		log_err("cannot listen again: %s", strerror(errno));
		event_base_loopexit(s->base, NULL);
	}
	return false;
}

void supervisor_done(struct supervisor *s)
{
	if (!s->o->on_demand || s->done || !leave_quietly(s))
		return;
	s->done = true;
	bpffs_leave(s);
	event_base_loopexit(s->base, NULL);
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	s->ticks++;
	instances_tick(s);
	visitors_tick(s);
	s->idle_ticks = s->instances || s->visitors ? 0 : s->idle_ticks + 1;
	if (s->idle_ticks >= IDLE_TICKS)
		supervisor_done(s);
}

static int add_signal(struct supervisor *s, struct event **ev, int sig, event_callback_fn f)
{
	*ev = evsignal_new(s->base, sig, f, s);
	return *ev && event_add(*ev, NULL) == 0 ? 0 : -ENOMEM;
}

static int add_events(struct supervisor *s)
{
	struct timeval every = { 0, TICK_MS * 1000 };

	s->tick_ev = event_new(s->base, -1, EV_PERSIST, tick, s);
	if (!s->tick_ev || event_add(s->tick_ev, &every) < 0 || watch_socket(s) < 0)
		return -ENOMEM;
	if (add_signal(s, &s->child_ev, SIGCHLD, child_died) < 0 ||
	    add_signal(s, &s->term_ev, SIGTERM, terminated) < 0 ||
	    add_signal(s, &s->int_ev, SIGINT, terminated) < 0 || add_signal(s, &s->usr2_ev, SIGUSR2, terminated) < 0)
		return -ENOMEM;
	return 0;
}

/* ---- starting and ending ---- */
static int fail(struct supervisor *s, int error, const char *what)
{
	char why[300];

	snprintf(why, sizeof(why), "elvsd: %s: %s", what, strerror(-error));
	log_err("%s: %s", what, strerror(-error));
	ready(s->o, why);
	return 1;
}

/* One that a client started must not keep that client's network namespace alive. */
static void leave_namespace(struct supervisor *s)
{
	if (!s->o->on_demand || unshare(CLONE_NEWNET) < 0)
		s->own_inode = netns_own_inode();
}

static void raise_limits(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, files;

	setrlimit(RLIMIT_MEMLOCK, &all);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void free_events(struct supervisor *s)
{
	struct event *all[] = { s->listen_ev, s->tick_ev, s->child_ev, s->term_ev, s->int_ev, s->usr2_ev };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i])
			event_free(all[i]);
	event_base_free(s->base);
}

static int serve(struct supervisor *s)
{
	int r;

	s->base = event_base_new();
	if (!s->base)
		return fail(s, -ENOMEM, "no event loop");
	bpffs_find(s);
	survivors_find(s);
	r = listen_on_socket(s);
	if (r < 0)
		return fail(s, r, "cannot listen on the control socket");
	r = add_events(s);
	if (r < 0)
		return fail(s, r, "cannot set up the event loop");
	ready(s->o, NULL);
	notify_systemd("READY=1");
	log_info("listening on %s/control; pins under %s", s->o->run_dir, s->pin_root[0] ? s->pin_root : "nothing");
	event_base_dispatch(s->base);
	visitors_free(s);
	instances_detach(s);
	free_events(s);
	return 0;
}

int supervisor_run(const struct options *o)
{
	struct supervisor s = { .o = o, .listen_fd = -1, .lock_fd = -1 };
	int r;

	signal(SIGPIPE, SIG_IGN);
	if (mkdir(o->run_dir, 0755) < 0 && errno != EEXIST)
		return fail(&s, -errno, o->run_dir);
	r = take_lock(&s);
	if (r == 0) {
		ready(o, NULL);
		return 0;
	}
	if (r < 0)
		return fail(&s, r, r == -EBUSY ? "another elvsd is running here" : "cannot get the lock");
	raise_limits();
	leave_namespace(&s);
	return serve(&s);
}
