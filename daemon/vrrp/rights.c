/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rights - see rights.h. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "log.h"
#include "rights.h"
#include "sandbox.h"

/* Later on it may want more of them than it has: max_auto_priority, ears of a real-time role, vrrp_no_swap. */
static void raise_limits(void)
{
	const struct rlimit rt = { 99, 99 }, nice = { 40, 40 }, locked = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_RTPRIO, &rt);
	setrlimit(RLIMIT_NICE, &nice);
	setrlimit(RLIMIT_MEMLOCK, &locked);
}

int rights_give_up(void)
{
	static const int caps[] = { CAP_NET_ADMIN, CAP_NET_RAW };
	/* ip and nft run under it, too, so it cannot name what is allowed */
	static const char *const never[] = {
		"acct",
		"add_key",
		"adjtimex",
		"bpf",
		"chroot",
		"clock_adjtime",
		"clock_settime",
		"delete_module",
		"finit_module",
		"fsconfig",
		"fsmount",
		"fsopen",
		"fspick",
		"init_module",
		"io_uring_setup",
		"ioperm",
		"iopl",
		"kexec_file_load",
		"kexec_load",
		"keyctl",
		"mount",
		"mount_setattr",
		"move_mount",
		"name_to_handle_at",
		"open_by_handle_at",
		"open_tree",
		"perf_event_open",
		"personality",
		"pivot_root",
		"process_vm_readv",
		"process_vm_writev",
		"ptrace",
		"quotactl",
		"reboot",
		"request_key",
		"setdomainname",
		"sethostname",
		"setns",
		"settimeofday",
		"swapoff",
		"swapon",
		"syslog",
		"umount2",
		"unshare",
		"userfaultfd",
		NULL,
	};
	size_t n = sizeof(caps) / sizeof(caps[0]);
	int e;

	raise_limits();
	e = sandbox_user_with(caps, n);
	if (e == -EPERM) {
		log_warn("VRRP stays root, with CAP_NET_ADMIN and CAP_NET_RAW only: CAP_SETUID, CAP_SETGID are "
			 "missing");
		e = sandbox_caps(caps, n);
	}
	if (e == 0)
		e = sandbox_no_syscalls(never);
	if (e < 0)
		log_err("VRRP cannot give its rights away, and does not run with them: %s", strerror(-e));
	return e;
}

int rights_give_up_all(void)
{
	static const char *const calls[] = {
		"recvmsg",
		"sendto",
		"epoll_create1",
		"epoll_ctl",
		"epoll_wait",
		"epoll_pwait",
		"clock_gettime",
		"clock_nanosleep",
		"close",
		"mmap",
		"munmap",
		"mremap",
		"madvise",
		"brk",
		"futex",
		"getrandom",
		"rt_sigprocmask",
		"rt_sigreturn",
		"getpid",
		"gettid",
		"tgkill",
		"restart_syscall",
		"exit",
		"exit_group",
		NULL,
	};
	int e = sandbox_user();

	if (e == -EPERM) /* a container's root that may not be anybody else: the filter has to do */
		e = sandbox_caps(NULL, 0);
	if (e == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		e = -errno;
	return e < 0 ? e : sandbox_syscalls(calls);
}
