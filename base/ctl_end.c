/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_end - the end of a supervisor, seen from a client: it is waited for, and brought about where the two do not
 * speak the same version of the protocol. Who it is says its lock file: "PID on-demand" or "PID foreground", true
 * while the lock is held.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_start.h"

#define END_TIMEOUT_MS 5000 /* an older one without work looks round for two seconds before it ends */

/* A descriptor of the supervisor's process, -ESRCH if none runs */
static int holder(pid_t *ret_pid, bool *ret_on_demand)
{
	char path[4096], text[64] = "", mode[16] = "";
	int fd, r = -ESRCH, pid = 0;

	snprintf(path, sizeof(path), "%s/lock", ctl_run_dir());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && pread(fd, text, sizeof(text) - 1, 0) > 0 &&
	    sscanf(text, "%d %15s", &pid, mode) == 2 && pid > 1) {
		r = syscall(SYS_pidfd_open, pid, 0);
		if (r < 0)
			r = -errno;
	}
	close(fd); /* and the lock, if it could be had */
	*ret_pid = pid;
	*ret_on_demand = !strcmp(mode, "on-demand");
	return r;
}

static int wait_end(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int r = poll(&p, 1, END_TIMEOUT_MS);

	return r > 0 ? 0 : r ? -errno : -ETIMEDOUT;
}

int ctl_await_end(void)
{
	bool on_demand;
	pid_t pid;
	int fd = holder(&pid, &on_demand), r;

	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	r = on_demand ? wait_end(fd) : 0;
	close(fd);
	return r;
}

int ctl_end_supervisor(char *why, size_t size)
{
	bool on_demand;
	pid_t pid;
	int fd = holder(&pid, &on_demand), r;

	if (fd == -ESRCH)
		return 0;
	r = fd < 0 ? fd : syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) < 0 ? -errno : wait_end(fd);
	if (r < 0)
		snprintf(why, size, "elvsd (process %d) is of another version and cannot be ended: %s", (int)pid,
			 strerror(-r));
	if (fd >= 0)
		close(fd);
	return r;
}
