/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail - see jail.h. */
#include "jail.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../sandbox.h"

#define FILES_WANTED 1048576

void jail_limits(void)
{
	struct rlimit all = { FILES_WANTED, FILES_WANTED }, now;

	if (setrlimit(RLIMIT_NOFILE, &all) == 0 || getrlimit(RLIMIT_NOFILE, &now) < 0)
		return;
	now.rlim_cur = now.rlim_max;
	setrlimit(RLIMIT_NOFILE, &now);
}

/* ---- system calls ---- */

/* clang-format off */
static const char *const calls[] = {
	/* descriptors */
	"read", "write", "readv", "writev", "pread64", "close", "lseek", "_llseek", "fstat", "fstat64",
	"newfstatat", "fstatat64", "stat", "stat64", "statx", "access", "faccessat", "faccessat2", "dup", "fcntl",
	"fcntl64", "ioctl", "pipe2", "eventfd2",
	/* sockets */
	"connect", "bind", "getsockopt", "setsockopt", "getsockname", "getpeername", "shutdown", "send", "sendto",
	"sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "socketpair",
	/* waiting, time */
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select",
	"_newselect", "pselect6", "timerfd_create", "timerfd_settime", "clock_gettime", "clock_gettime64",
	"clock_getres", "gettimeofday", "time", "nanosleep", "clock_nanosleep", "futex", "sched_yield",
	/* memory, files, sockets, itself: sandbox_syscalls() bounds what their arguments may be */
	"mmap", "mprotect", "openat", "socket", "tgkill", "prlimit64", "munmap", "mremap", "madvise", "brk",
	"membarrier",
	/* itself */
	"getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrandom", "getrusage", "uname",
	"sysinfo", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall",
	"set_robust_list", "rseq", "exit", "exit_group", NULL,
};
/* clang-format on */

int jail_enter(void)
{
	const struct rlimit none = { 0, 0 };
	int r = sandbox_user();

	if (r < 0)
		return r;
	if (setresuid(0, 0, 0) == 0)
		return -EPERM; /* the way back must be closed */
	setrlimit(RLIMIT_NPROC, &none);
	return sandbox_syscalls(calls);
}
