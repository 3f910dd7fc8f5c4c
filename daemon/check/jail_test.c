/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail_test - what the check role cannot do any more. Each test is a child, since there is no way out; run as root it
 * also shows that the user is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail.h"

/* Runs one deed in the jail; the result is what the deed returned, as an exit status. */
static int inside(int (*deed)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(jail_enter() < 0 ? 99 : deed());
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int exec_sh(void)
{
	char sh[] = "/bin/true", *argv[] = { sh, NULL };

	execve(sh, argv, NULL);
	return errno;
}
static int call_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) < 0 ? errno : 0;
}
static int make_child(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? errno : 0;
}
static int write_file(void)
{
	return open("/tmp/elvs-jail-test", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}
static int netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) < 0 ? errno : 0;
}
static int raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, 1) < 0 ? errno : 0;
}
static int map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}
static int make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;
}
static int trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
}
static int signal_others(void)
{
	return kill(getppid(), 0) < 0 ? errno : 0;
}
static int make_namespace(void)
{
	return unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}
static int become_root(void)
{
	return setuid(0) < 0 ? errno : 0;
}
static int is_root(void)
{
	return geteuid() == 0;
}
static int may_gain(void)
{
	/* prctl itself is forbidden inside, which says the same. */
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) < 0 ? errno : 0;
}

static void what_a_checker_never_does_is_refused(void **state)
{
	assert_int_equal(inside(exec_sh), EPERM);
	assert_int_equal(inside(call_bpf), EPERM);
	assert_int_equal(inside(make_child), EPERM);
	assert_int_equal(inside(trace), EPERM);
	assert_int_equal(inside(signal_others), EPERM);
	assert_int_equal(inside(make_namespace), EPERM);
	assert_int_equal(inside(become_root), EPERM);
	assert_int_equal(inside(may_gain), EPERM);
	assert_int_equal(inside(is_root), 0);
}

static void files_are_for_reading_and_sockets_for_the_network(void **state)
{
	assert_int_equal(inside(write_file), EPERM);
	assert_int_equal(inside(netlink_socket), EPERM);
	assert_int_equal(inside(raw_socket), EPERM);
	assert_int_equal(inside(map_code), EPERM);
	assert_int_equal(inside(make_code), EPERM);
}

static int read_passwd(void)
{
	char c;
	int fd = open("/etc/passwd", O_RDONLY);

	return fd < 0 || read(fd, &c, 1) != 1;
}
static int tcp_socket(void)
{
	return socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0) < 0 && errno != EAFNOSUPPORT;
}
static int memory(void)
{
	char *p = malloc(64 << 20);

	if (!p)
		return 1;
	p[5 << 20] = 1;
	free(p);
	return 0;
}

static void what_a_checker_does_is_allowed(void **state)
{
	assert_int_equal(inside(read_passwd), 0);
	assert_int_equal(inside(tcp_socket), 0);
	assert_int_equal(inside(memory), 0);
}

static void descriptors_are_as_many_as_may_be(void **state)
{
	struct rlimit r;

	jail_limits();
	getrlimit(RLIMIT_NOFILE, &r);
	assert_true(r.rlim_cur == r.rlim_max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_checker_never_does_is_refused),
		cmocka_unit_test(files_are_for_reading_and_sockets_for_the_network),
		cmocka_unit_test(what_a_checker_does_is_allowed),
		cmocka_unit_test(descriptors_are_as_many_as_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
