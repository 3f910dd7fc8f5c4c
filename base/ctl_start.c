/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_start - see ctl_start.h.
 *
 * What is started must outlive its starter and hang on to nothing of its: it is twice forked, in a session of its
 * own, with no descriptor but /dev/null and the pipe on which it says "ok", or why not: its standard error, until it
 * takes that off itself, so that what the loader or a shell says is heard, too. A client under `ip netns exec` sits in a
 * private mount namespace that dies with it, and a bpffs mounted in there would, too: the daemon is put into the
 * mount namespace of the furthest ancestor that shares our run directory and lets us in.
 */
#include "ctl_start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ctl_wire.h"
#include "elvs_version.h"

#define ANCESTORS_MAX 64
#define READY_FD 3 /* where the daemon finds its pipe */

const char *ctl_run_dir(void)
{
	const char *dir = getenv("ELVS_RUN_DIR");

	return dir && *dir ? dir : "/run/elvs";
}

bool ctl_may_administer(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return geteuid() == 0;
	return data[0].effective & (1u << CAP_NET_ADMIN);
}

/* ---- where it is ---- */

static int find_daemon(char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash) {
			*slash = '\0';
			if ((size_t)snprintf(path, size, "%s/elvsd", self) < size && !access(path, X_OK))
				return 0;
		}
	}
	if ((size_t)snprintf(path, size, "%s/elvsd", ELVS_SBINDIR) < size && !access(path, X_OK))
		return 0;
	return -ENOENT;
}

/* ---- as a unit ---- */

static bool unit_installed(void)
{
	static const char *const dirs[] = {
		"/etc/systemd/system",	   "/run/systemd/system", "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system",
	};
	char path[PATH_MAX];
	size_t i;

	if (access("/run/systemd/system", F_OK))
		return false;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/elvsd.service", dirs[i]);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

static void stdio_to_null(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

static int start_unit(char *why, size_t why_size)
{
	int status = -1;
	pid_t pid = fork();

	if (pid < 0) {
		snprintf(why, why_size, "cannot fork to run systemctl: %s", strerror(errno));
		return -EAGAIN;
	}
	if (!pid) {
		stdio_to_null();
		execlp("systemctl", "systemctl", "start", "elvsd.service", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	snprintf(why, why_size, "`systemctl start elvsd.service' failed; `journalctl -u elvsd' says why");
	return -ECONNREFUSED;
}

/* ---- directly ---- */

static pid_t parent_of(pid_t pid)
{
	char path[64], stat_line[512], *close_paren;
	pid_t ppid = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, stat_line, sizeof(stat_line) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	stat_line[n] = '\0';
	close_paren = strrchr(stat_line, ')'); /* the name before it may contain anything */
	if (!close_paren || sscanf(close_paren + 1, " %*c %d", &ppid) != 1)
		return 0;
	return ppid;
}

/* Does pid see the same directory as we do where the run directory lies? Else its daemon's socket were not ours. */
static bool shares_run_dir(pid_t pid)
{
	char path[PATH_MAX], *slash;
	struct stat ours, theirs;
	int prefix = snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);

	snprintf(path + prefix, sizeof(path) - (size_t)prefix, "%s", ctl_run_dir());
	if (stat(path + prefix, &ours)) { /* not made yet: where it will be */
		slash = strrchr(path + prefix, '/');
		if (!slash)
			return false;
		slash[slash == path + prefix] = '\0';
		if (stat(path + prefix, &ours))
			return false;
	}
	return !stat(path, &theirs) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* Enters the furthest possible ancestor's mount namespace, else stays. Our network the daemon leaves by itself. */
static void leave_mounts(pid_t client)
{
	pid_t pids[ANCESTORS_MAX], pid = client;
	int n = 0, i, fd, r;
	char path[64];

	for (i = 0; i < ANCESTORS_MAX; i++) {
		pid = parent_of(pid);
		if (pid <= 0)
			break;
		if (shares_run_dir(pid))
			pids[n++] = pid;
	}
	while (n-- > 0) {
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pids[n]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		r = setns(fd, CLONE_NEWNS);
		close(fd);
		if (!r)
			return;
	}
}

static void reset_signals(void)
{
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_from(int first)
{
	long max, fd;

	if (!syscall(SYS_close_range, first, ~0u, 0))
		return;
	max = sysconf(_SC_OPEN_MAX); /* a sandbox may forbid close_range */
	for (fd = first; fd < (max > 0 ? max : 1024); fd++)
		close((int)fd);
}

/* In the grandchild: becomes the daemon, or writes into the pipe why not. */
static void become_daemon(const char *path, int ready_fd, pid_t client)
{
	char arg[16];
	int exe;

	if (chdir("/"))
		dprintf(ready_fd, "cannot change to /: %s\n", strerror(errno));
	umask(022);
	reset_signals();
	exe = open(path, O_PATH | O_CLOEXEC); /* path may not exist where we are going */
	leave_mounts(client);
	stdio_to_null();
	if (ready_fd != READY_FD) {
		if (exe == READY_FD)
			exe = dup(exe);
		dup2(ready_fd, READY_FD);
	}
	if (exe >= 0) {
		dup2(exe, READY_FD + 1);
		fcntl(READY_FD + 1, F_SETFD, FD_CLOEXEC);
	}
	dup2(READY_FD, 2);
	close_from(READY_FD + 2);
	snprintf(arg, sizeof(arg), "%d", READY_FD);
	execl(path, "elvsd", "--on-demand", "--ready-fd", arg, (char *)NULL);
	if (errno == ENOENT && exe >= 0) {
		char *const argv[] = { "elvsd", "--on-demand", "--ready-fd", arg, NULL };

		fexecve(READY_FD + 1, argv, environ);
	}
	dprintf(READY_FD, "cannot execute %s: %s\n", path, strerror(errno));
	_exit(127);
}

static long ms_since(const struct timespec *t0)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec - t0->tv_sec) * 1000 + (t.tv_nsec - t0->tv_nsec) / 1000000;
}

/* The last line says that all is well; before it, warnings may stand. */
static bool is_ok(const char *text, size_t len)
{
	return len >= 3 && !strcmp(text + len - 3, "ok\n") && (len == 3 || text[len - 4] == '\n');
}

/* Reads until the daemon says ok, or closes its end. Length of the text (0: nothing was said) or -ETIMEDOUT. */
static ssize_t read_verdict(int fd, char *text, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec t0;
	size_t len = 0;
	ssize_t n;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (;;) {
		left = CTL_START_DEADLINE_MS - ms_since(&t0);
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, text + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0)
			len += (size_t)n;
		text[len] = '\0';
		if (n <= 0 || len == size - 1 || is_ok(text, len))
			return (ssize_t)len;
	}
}

static int start_directly(char *why, size_t why_size)
{
	char path[PATH_MAX], text[512] = "";
	pid_t client = getpid(), pid;
	int ready[2];
	ssize_t n;

	if (find_daemon(path, sizeof(path))) {
		snprintf(why, why_size,
			 "elvsd was found neither beside this program nor in %s; is elvs installed whole?",
			 ELVS_SBINDIR);
		return -ENOENT;
	}
	if (pipe2(ready, O_CLOEXEC) < 0) {
		snprintf(why, why_size, "cannot make a pipe: %s", strerror(errno));
		return -EMFILE;
	}
	pid = fork();
	if (!pid) {
		setsid();
		pid = fork();
		if (!pid)
			become_daemon(path, ready[1], client);
		if (pid < 0)
			dprintf(ready[1], "cannot fork: %s\n", strerror(errno));
		_exit(0);
	}
	if (pid < 0)
		snprintf(why, why_size, "cannot fork to start elvsd: %s", strerror(errno));
	close(ready[1]);
	if (pid < 0) {
		close(ready[0]);
		return -EAGAIN;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	n = read_verdict(ready[0], text, sizeof(text));
	close(ready[0]);
	if (n < 0) {
		snprintf(why, why_size, "%s was started, but was not ready within %d seconds", path,
			 CTL_START_DEADLINE_MS / 1000);
		return -ETIMEDOUT;
	}
	if (is_ok(text, (size_t)n))
		return 0;
	if (!n) {
		snprintf(why, why_size, "%s ended at once and did not say why", path);
		return -ECONNREFUSED;
	}
	text[strcspn(text, "\n")] = '\0';
	snprintf(why, why_size, "elvsd could not start: %.*s", (int)why_size - 32, text);
	return -ECONNREFUSED;
}

int ctl_start_supervisor(char *why, size_t why_size)
{
	const char *dir = getenv("ELVS_RUN_DIR");

	if (!ctl_may_administer())
		return -EPERM;
	if (!(dir && *dir) && unit_installed())
		return start_unit(why, why_size);
	return start_directly(why, why_size);
}
