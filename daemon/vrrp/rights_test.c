/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rights_test - what the vrrp role can still do, and what somebody who has taken over its ear by an advert cannot. Each
 * test is a child, since there is no way back. Who is not root sees the filters only.
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rights.h"

/*
 * Runs one deed with what is left; the result is what the deed returned. The exit is the bare system call, and its status
 * not one that a sanitizer gives: what that does at the end of a program is more than the filter allows.
 */
#define SAID 64
static int after(int (*give_up)(void), int (*deed)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		syscall(SYS_exit_group, give_up() < 0 ? SAID - 1 : SAID + deed());
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) >= SAID);
	return WEXITSTATUS(status) - SAID;
}

static int read_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}
static int read_file_the_old_way(void)
{
#ifdef SYS_open
	return syscall(SYS_open, "/etc/passwd", O_RDONLY) < 0 ? errno : 0;
#else
	return EPERM;
#endif
}
static int write_file(void)
{
	return open("/tmp/elvs-rights-test", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}
static int run_program(void)
{
	char t[] = "/bin/true", *argv[] = { t, NULL };

	execve(t, argv, NULL);
	return errno;
}
static int make_child(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? errno : 0;
}
static int udp_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}
static int raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 112) < 0 ? errno : 0;
}
static int netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE) < 0 ? errno : 0;
}
static int signal_parent(void)
{
	return kill(getppid(), 0) < 0 ? errno : 0;
}
static int trace_me(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
}
static int call_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) < 0 ? errno : 0;
}
static int make_namespace(void)
{
	return unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}
static int make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}
static int become_root(void)
{
	return setuid(0) < 0 ? errno : 0;
}
static int is_root(void)
{
	return geteuid() == 0;
}

static void whoever_takes_over_the_ear_opens_nothing(void **state)
{
	assert_int_equal(after(rights_give_up_all, read_file), EPERM);
	assert_int_equal(after(rights_give_up_all, read_file_the_old_way), EPERM);
	assert_int_equal(after(rights_give_up_all, write_file), EPERM);
	assert_int_equal(after(rights_give_up_all, udp_socket), EPERM);
	assert_int_equal(after(rights_give_up_all, raw_socket), EPERM);
	assert_int_equal(after(rights_give_up_all, netlink_socket), EPERM);
}

static void nor_does_it_run_or_disturb_anything(void **state)
{
	assert_int_equal(after(rights_give_up_all, run_program), EPERM);
	assert_int_equal(after(rights_give_up_all, make_child), EPERM);
	assert_int_equal(after(rights_give_up_all, make_code), EPERM);
	assert_int_equal(after(rights_give_up_all, signal_parent), EPERM);
	assert_int_equal(after(rights_give_up_all, trace_me), EPERM);
	assert_int_equal(after(rights_give_up_all, call_bpf), EPERM);
	assert_int_equal(after(rights_give_up_all, make_namespace), EPERM);
	assert_int_equal(after(rights_give_up_all, become_root), EPERM);
}

static int receive_and_send(void)
{
	char c = 'x';
	ssize_t n = send(-1, &c, 1, MSG_NOSIGNAL);

	return n < 0 && errno == EBADF ? 0 : 1; /* not EPERM: the call itself is allowed */
}
static int allocate(void)
{
	char *p = malloc(8 << 20);

	if (!p)
		return 1;
	p[1 << 20] = 1;
	free(p);
	return 0;
}

static void the_ear_sends_and_has_memory(void **state)
{
	assert_int_equal(after(rights_give_up_all, receive_and_send), 0);
	assert_int_equal(after(rights_give_up_all, allocate), 0);
}

static void the_role_is_no_administrator_of_anything_else(void **state)
{
	assert_int_equal(after(rights_give_up, call_bpf), EPERM);
	assert_int_equal(after(rights_give_up, trace_me), EPERM);
	assert_int_equal(after(rights_give_up, make_namespace), EPERM);
}

static int number_of(const char *name, unsigned long *ret)
{
	char line[200];
	FILE *f = fopen("/proc/self/status", "re");
	int r = -1;

	while (f && r < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			r = sscanf(line + strlen(name), ": %lx", ret) == 1 ? 0 : -1;
	if (f)
		fclose(f);
	return r;
}

/* NET_ADMIN, NET_RAW, as far as it had them, and programs that it runs have them, too. */
static int wrong_capabilities(void)
{
	unsigned long caps = 0, ambient = 0, nnp = 0;

	if (number_of("CapEff", &caps) < 0 || number_of("CapAmb", &ambient) < 0 || number_of("NoNewPrivs", &nnp) < 0)
		return 1;
	return caps != 0x3000 ? 2 : ambient != caps ? 3 : nnp != 1 ? 4 : 0;
}
static int write_roots_file(void)
{
	return open("/etc/passwd", O_WRONLY) < 0 ? errno : 0;
}
static int ip_sees_and_sets(void)
{
	return WEXITSTATUS(system("ip link set lo up"));
}
static int write_sysctl(void)
{
	return open("/proc/sys/net/ipv4/conf/lo/arp_ignore", O_WRONLY) < 0 ? errno : 0;
}

static int in_own_network(int (*deed)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) < 0 ? 77 : after(rights_give_up, deed));
	assert_true(waitpid(pid, &status, 0) == pid);
	return WEXITSTATUS(status);
}

static void the_role_keeps_what_its_work_needs(void **state)
{
	unsigned long caps = 0;

	assert_int_equal(number_of("CapEff", &caps), 0);
	if (geteuid() != 0 || (caps & 0x3000) != 0x3000)
		skip();
	assert_int_equal(after(rights_give_up, is_root), 0);
	assert_int_equal(after(rights_give_up, wrong_capabilities), 0);
	assert_int_equal(after(rights_give_up, raw_socket), 0);
	assert_int_equal(after(rights_give_up, write_roots_file), EACCES);
	assert_int_equal(after(rights_give_up, become_root), EPERM);
	if (in_own_network(is_root) == 77)
		skip();
	assert_int_equal(in_own_network(ip_sees_and_sets), 0);
	assert_int_equal(in_own_network(write_sysctl), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_takes_over_the_ear_opens_nothing),
		cmocka_unit_test(nor_does_it_run_or_disturb_anything),
		cmocka_unit_test(the_ear_sends_and_has_memory),
		cmocka_unit_test(the_role_is_no_administrator_of_anything_else),
		cmocka_unit_test(the_role_keeps_what_its_work_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
