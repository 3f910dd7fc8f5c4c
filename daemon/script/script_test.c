/* SPDX-License-Identifier: GPL-2.0-or-later */
/* script_test - the role as the keeper sees it: runs, ends, limits, users, environment; many at once. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "message.h"

struct script {
	pid_t pid;
	int fd;
	char dir[64];
};

#define FILES 200 /* descriptors that the role may have before it asks for more */

static int script_open(void **state)
{
	static struct script s;
	struct rlimit files;
	int sv[2];

	snprintf(s.dir, sizeof(s.dir), "/tmp/elvs-script-XXXXXX");
	if (!mkdtemp(s.dir) || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -1;
	chmod(s.dir, 0777);
	s.pid = fork();
	if (s.pid == 0) {
		close(sv[0]);
		getrlimit(RLIMIT_NOFILE, &files);
		files.rlim_cur = FILES;
		setrlimit(RLIMIT_NOFILE, &files);
		_exit(script_role(&(struct role_start){ .fd = sv[1], .netns = -1 }));
	}
	close(sv[1]);
	s.fd = sv[0];
	*state = &s;
	return 0;
}

static int script_close(void **state)
{
	struct script *s = *state;
	char cmd[100];
	int status;

	close(s->fd);
	waitpid(s->pid, &status, 0);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", s->dir);
	return system(cmd) || status;
}

static void ask(struct script *s, uint64_t id, uint64_t timeout_us, const char *user, const char *line)
{
	struct message m = { .type = MSG_EXEC };
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	int n;

	m.exec = (struct msg_exec){ .id = id, .timeout_us = timeout_us, .argc = 3 };
	snprintf(m.exec.user, sizeof(m.exec.user), "%s", user);
	n = snprintf(m.exec.argv, sizeof(m.exec.argv), "/bin/sh%c-c%c%s", 0, 0, line);
	assert_in_range(n, 1, (int)sizeof(m.exec.argv) - 1);
	while ((n = message_send(s->fd, &m, -1)) == -EAGAIN)
		poll(&p, 1, 1000);
	assert_int_equal(n, 0);
}

static struct msg_exec_done answer(struct script *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	struct message m;
	int fd;

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(message_recv(s->fd, ROLE_SCRIPT, ROLE_KEEPER, &m, &fd), 1);
	assert_int_equal(m.type, MSG_EXEC_DONE);
	return m.exec_done;
}

static void statuses(void **state)
{
	struct script *s = *state;
	struct msg_exec_done d;

	ask(s, 1, 0, "", "exit 7");
	d = answer(s);
	assert_int_equal(d.id, 1);
	assert_int_equal(d.status, 7);
	ask(s, 2, 0, "", "kill -USR1 $$");
	assert_int_equal(answer(s).status, -SIGUSR1);
	ask(s, 3, 0, "no-such-user-at-all", "exit 0");
	assert_int_equal(answer(s).status, INT32_MIN);
}

static void missing_program(void **state)
{
	struct script *s = *state;
	struct message m = { .type = MSG_EXEC, .exec = { .id = 4, .argc = 1, .argv = "/nonexistent/x" } };

	assert_int_equal(message_send(s->fd, &m, -1), 0);
	assert_int_equal(answer(s).status, INT32_MIN);
	m = (struct message){ .type = MSG_EXEC, .exec = { .id = 5, .argc = 3, .argv = "" } };
	assert_int_equal(message_send(s->fd, &m, -1), 0);
	assert_int_equal(answer(s).status, INT32_MIN);
}

static void limits(void **state)
{
	struct script *s = *state;
	struct msg_exec_done d;

	ask(s, 1, 100000, "", "sleep 30");
	d = answer(s);
	assert_int_equal(d.status, -SIGTERM);
	assert_true(d.timed_out);
	assert_in_range(d.took_us, 100000, 1900000);
	ask(s, 2, 100000, "", "trap '' TERM; sleep 30 & while :; do wait; sleep 0.1; done");
	d = answer(s);
	assert_int_equal(d.status, -SIGKILL);
	assert_in_range(d.took_us, 2000000, 4000000);
}

static void ended_on_request(void **state)
{
	struct script *s = *state;
	struct message m = { .type = MSG_EXEC_END, .exec_end.id = 9 };
	struct msg_exec_done d;

	ask(s, 9, 0, "", "sleep 30");
	assert_int_equal(message_send(s->fd, &m, -1), 0);
	d = answer(s);
	assert_int_equal(d.status, -SIGTERM);
	assert_false(d.timed_out);
}

/* Files, session and signals are clean; a user is the user whole. */
static void clean(void **state)
{
	struct script *s = *state;

	setenv("LD_PRELOAD", "", 1);
	ask(s, 1, 0, "",
	    "[ $(ls /proc/self/fd | wc -l) -le 4 ] && [ $(ps -o pgid= -p $$) -eq $$ ] && "
	    "! env | grep -q -e ^LD_ -e ^IFS=");
	assert_int_equal(answer(s).status, 0);
	ask(s, 2, 0, "",
	    "[ $(awk '/SigIgn/ { print $2 }' /proc/self/status) = 0000000000000000 ] && "
	    "[ $(awk '/SigBlk/ { print $2 }' /proc/self/status) = 0000000000000000 ]");
	assert_int_equal(answer(s).status, 0);
	unsetenv("LD_PRELOAD");
	ask(s, 4, 0, "", "[ $(ulimit -Sn) -eq 200 ]");
	assert_int_equal(answer(s).status, 0);
	if (geteuid() != 0)
		return;
	ask(s, 3, 0, "nobody", "[ $(id -un) = nobody ] && [ $(id -G) = $(id -g) ] && ! [ -r /etc/shadow ]");
	assert_int_equal(answer(s).status, 0);
}

/* Two thousand short ones, each reported once. */
static void many(void **state)
{
	struct script *s = *state;
	static unsigned char seen[2000];

	memset(seen, 0, sizeof(seen));
	for (unsigned sent = 0, got = 0; got < 2000;) {
		if (sent < 2000 && sent - got < 100) {
			ask(s, 100 + sent++, 5000000, "", ":");
			continue;
		}
		uint64_t id = answer(s).id - 100;

		assert_in_range(id, 0, 1999);
		assert_int_equal(seen[id]++, 0);
		got++;
	}
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A role that is killed takes its scripts along. */
static void dies_with_it(void **state)
{
	struct script *s = *state;
	char line[400], path[100];

	snprintf(path, sizeof(path), "%s/ended", s->dir);
	snprintf(line, sizeof(line), "trap 'echo > %s; exit' TERM; echo > %s.begun; while :; do sleep 0.05; done",
		 path, path);
	ask(s, 1, 0, "", line);
	snprintf(line, sizeof(line), "%s.begun", path);
	for (int i = 0; i < 200 && !exists(line); i++)
		usleep(20000);
	kill(s->pid, SIGKILL);
	for (int i = 0; i < 200 && !exists(path); i++)
		usleep(20000);
	assert_true(exists(path));
}

static int killed_close(void **state)
{
	script_close(state);
	return 0;
}

static void arguments(void **state)
{
	char *argv[CHILD_ARGS_MAX + 1];

	assert_int_equal(child_args((char *)"a\0b", 4, 2, argv), 0);
	assert_string_equal(argv[1], "b");
	assert_null(argv[2]);
	assert_int_equal(child_args((char *)"a\0b", 4, 3, argv), -EINVAL);
	assert_int_equal(child_args((char *)"a\0b", 3, 2, argv), -EINVAL);
	assert_int_equal(child_args((char *)"", 1, 1, argv), -EINVAL);
	assert_int_equal(child_args((char *)"a", 2, 0, argv), -EINVAL);
	assert_int_equal(child_args((char *)"a", 2, CHILD_ARGS_MAX + 1, argv), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),
		cmocka_unit_test_setup_teardown(statuses, script_open, script_close),
		cmocka_unit_test_setup_teardown(missing_program, script_open, script_close),
		cmocka_unit_test_setup_teardown(limits, script_open, script_close),
		cmocka_unit_test_setup_teardown(ended_on_request, script_open, script_close),
		cmocka_unit_test_setup_teardown(clean, script_open, script_close),
		cmocka_unit_test_setup_teardown(many, script_open, script_close),
		cmocka_unit_test_setup_teardown(dies_with_it, script_open, killed_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
