/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roles_test - roles come and go: they are started again, told in order, stopped, and read to their last word. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "exec.h"
#include "roles.h"
#include "signals.h"

struct keeper_like {
	struct event_base *base;
	struct roles *roles;
	struct exec *exec;
	struct signals *signals;
	unsigned started, ended, heard;
	bool again;
	int status;
	uint64_t sum;
	int (*run)(struct role_start *s);
};

static int run(void *arg, enum role r, struct role_start *s)
{
	return ((struct keeper_like *)arg)->run(s);
}

static void started(void *arg, enum role r, pid_t pid)
{
	struct keeper_like *k = arg;

	k->started++;
	if (k->exec && r == ROLE_SCRIPT)
		exec_role_started(k->exec);
}

static void message(void *arg, enum role r, const struct message *m, int fd)
{
	struct keeper_like *k = arg;

	k->heard++;
	if (m->type == MSG_READY)
		k->sum = k->sum * 31 + m->ready.generation;
	if (m->type == MSG_EXEC_DONE)
		exec_reported(k->exec, &m->exec_done);
}

static void ended(void *arg, enum role r, pid_t pid, int status, bool again)
{
	struct keeper_like *k = arg;

	k->ended++;
	k->again = again;
	k->status = status;
	if (k->exec && r == ROLE_SCRIPT)
		exec_role_ended(k->exec);
}

static void on_signal(void *arg, int sig)
{
	if (sig == SIGCHLD)
		roles_reap(((struct keeper_like *)arg)->roles);
}

static struct keeper_like *new (int (*f)(struct role_start *s), bool respawn)
{
	struct keeper_like *k = calloc(1, sizeof(*k));
	const struct roles_owner owner = { k, run, started, message, ended };

	k->run = f;
	k->base = event_base_new();
	signals_block(false);
	assert_int_equal(signals_new(&k->signals, k->base, on_signal, k), 0);
	assert_int_equal(roles_new(&k->roles, k->base, &owner, respawn), 0);
	return k;
}

static void delete (struct keeper_like *k)
{
	roles_free(k->roles);
	exec_free(k->exec);
	signals_free(k->signals);
	event_base_free(k->base);
	free(k);
}

static void loop_until(struct keeper_like *k, unsigned *counter, unsigned n)
{
	time_t limit = time(NULL) + 10;
	const struct timeval tick = { .tv_usec = 20000 };

	while (*counter < n && time(NULL) < limit) {
		event_base_loopexit(k->base, &tick);
		event_base_dispatch(k->base);
	}
	assert_in_range(*counter, n, ~0u);
}

/* ---- roles ---- */
static int hear_one(struct role_start *s, struct message *m)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int fd = -1, r;

	poll(&p, 1, -1);
	r = message_recv(s->fd, ROLE_KEEPER, ROLE_CHECK, m, &fd);
	if (fd >= 0)
		close(fd);
	return r;
}

/* Says ready until it is stopped. */
static int good(struct role_start *s)
{
	struct message m = { .type = MSG_READY }, in;

	message_send(s->fd, &m, -1);
	while (hear_one(s, &in) > 0 && in.type != MSG_STOP)
		;
	return 0;
}

static int dies(struct role_start *s)
{
	struct message m = { .type = MSG_READY };

	for (uint32_t i = 1; i <= 3; i++) {
		m.ready.generation = i;
		message_send(s->fd, &m, -1);
	}
	raise(SIGKILL);
	return 0;
}

/* Sums what it is told, after a while in which nothing is read. */
static int slow(struct role_start *s)
{
	struct message in, m = { .type = MSG_READY };

	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	for (uint32_t i = 0; i < 20000; i++) {
		if (hear_one(s, &in) != 1 || in.type != MSG_COUNTER || in.counter.key != i)
			return 9;
	}
	m.ready.generation = 20000;
	message_send(s->fd, &m, -1);
	return hear_one(s, &in) == 1 && in.type == MSG_STOP ? 0 : 8;
}

/* ---- tests ---- */
static void start_and_stop(void **state)
{
	struct keeper_like *k = new (good, true);

	roles_start(k->roles, ROLE_CHECK);
	roles_start(k->roles, ROLE_CHECK);
	assert_int_equal(k->started, 1);
	loop_until(k, &k->heard, 1);
	roles_stop(k->roles, ROLE_CHECK, &(struct msg_stop){ .release = true });
	loop_until(k, &k->ended, 1);
	assert_int_equal(k->status, 0);
	assert_false(k->again);
	assert_false(roles_running(k->roles, ROLE_CHECK));
	delete (k);
}

/* Its last words are heard before its end is told; then it is back, later each time. */
static void started_again(void **state)
{
	struct keeper_like *k = new (dies, true);
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	roles_start(k->roles, ROLE_CHECK);
	loop_until(k, &k->ended, 1);
	assert_int_equal(k->heard, 3 * k->ended);
	assert_int_equal(k->sum % 31, 3);
	assert_int_equal(WTERMSIG(k->status), SIGKILL);
	assert_true(k->again);
	loop_until(k, &k->ended, 5);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_in_range((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000, 700,
			5000); /* 0+100+200+400 */
	assert_int_equal(roles_restarts(k->roles, ROLE_CHECK), 5);
	delete (k);
}

static void not_again(void **state)
{
	struct keeper_like *k = new (dies, false);

	roles_start(k->roles, ROLE_CHECK);
	loop_until(k, &k->ended, 1);
	assert_false(k->again);
	assert_false(roles_wanted(k->roles, ROLE_CHECK));
	delete (k);
}

/* More than a socket holds: in order, and none is lost. */
static void queued(void **state)
{
	struct keeper_like *k = new (slow, true);

	roles_start(k->roles, ROLE_CHECK);
	for (uint64_t i = 0; i < 20000; i++) {
		struct message m = { .type = MSG_COUNTER, .counter.key = i };

		roles_send(k->roles, ROLE_CHECK, &m, -1);
	}
	loop_until(k, &k->heard, 1);
	assert_int_equal(k->sum, 20000);
	roles_stop(k->roles, ROLE_CHECK, &(struct msg_stop){ .release = true });
	loop_until(k, &k->ended, 1);
	assert_int_equal(k->status, 0);
	delete (k);
}

/* A script role that dies: its runs are told as killed, one that is asked for meanwhile is not lost. */
struct told {
	unsigned n;
	int32_t status;
};

static void run_ended(void *arg, uint64_t tag, const struct exec_end *end)
{
	struct told *t = arg;

	t->n++;
	t->status = end->status;
}

static void runs_survive(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "exit 5", NULL }, *const slow_argv[] = { "sleep", "60",
												      NULL };
	const struct conf_script quick = { .argv = argv, .text = "quick", .has_user = true, .user = "", .group = "" };
	const struct conf_script endless = {
		.argv = slow_argv, .text = "slow", .has_user = true, .user = "", .group = ""
	};
	struct keeper_like *k = new ((int (*)(struct role_start *))script_role, true);
	struct told a = { 0 }, b = { 0 }, c = { 0 };

	assert_int_equal(exec_new(&k->exec, k->roles), 0);
	exec_run(k->exec, &quick, NULL, 1000000, run_ended, &a, 0);
	loop_until(k, &a.n, 1);
	assert_int_equal(a.status, 5);
	exec_run(k->exec, &endless, NULL, 60000000, run_ended, &b, 0);
	assert_int_equal(exec_pending(k->exec), 1);
	kill(roles_pid(k->roles, ROLE_SCRIPT), SIGKILL);
	loop_until(k, &b.n, 1);
	assert_int_equal(b.status, -SIGKILL);
	exec_run(k->exec, &quick, NULL, 1000000, run_ended, &c, 0);
	loop_until(k, &c.n, 1);
	assert_int_equal(c.status, 5);
	assert_int_equal(a.n + b.n, 2);
	assert_int_equal(exec_pending(k->exec), 0);
	delete (k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_and_stop), cmocka_unit_test(started_again), cmocka_unit_test(not_again),
		cmocka_unit_test(queued),	  cmocka_unit_test(runs_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
