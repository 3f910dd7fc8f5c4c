/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table_test - what a reload leaves alone, what it begins and ends; and that a keeper which does not read loses
 * nothing. No check is tried here: time stands still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "log.h"
#include "outbox.h"
#include "table.h"

#define MANY 40000

struct bench {
	struct role_start start;
	struct checker r;
	int keeper;
};

static void ignore(evutil_socket_t fd, short what, void *arg)
{
}

static void open_bench(struct bench *b, bool again)
{
	int pair[2];

	memset(b, 0, sizeof(*b));
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	b->keeper = pair[0];
	b->start.fd = pair[1];
	b->r.start = &b->start;
	b->r.again = again;
	b->r.rnd = 1;
	b->r.base = event_base_new();
	b->r.keeper_out = event_new(b->r.base, pair[1], EV_WRITE, ignore, NULL);
	b->r.timer = evtimer_new(b->r.base, ignore, NULL);
}

static void close_bench(struct bench *b)
{
	table_free(&b->r);
	outbox_free(&b->r);
	heap_free(&b->r.heap);
	event_free(b->r.timer);
	event_free(b->r.keeper_out);
	event_base_free(b->r.base);
	close(b->keeper);
	close(b->start.fd);
}

static struct conf_target tcp_check(uint64_t key)
{
	static const struct conf_check how = {
		.kind = CONF_CHECK_TCP,
		.delay_loop_us = 1000000,
		.bind_if = "",
		.connect_timeout_us = 1000000,
		.retry = 1,
	};

	return (struct conf_target){
		.key = key,
		.how = &how,
		.addr = { .family = AF_INET, .port = 80, .v4.s_addr = htonl(10u << 24 | (uint32_t)key) }
	};
}

static int apply(struct bench *b, struct conf *conf, const struct conf_target *checks, uint32_t n)
{
	conf->checks = checks;
	conf->n_checks = n;
	b->r.generation++;
	return table_apply(&b->r, conf);
}

/* As if a try had ended */
static void ends(struct bench *b, uint64_t key, enum engine_event event)
{
	struct check *k = check_find(&b->r, key);

	assert_non_null(k);
	check_done(k, event, "so it was");
}

static int read_result(struct bench *b, struct msg_check_result *ret)
{
	struct message m;
	int fd, n = message_recv(b->keeper, ROLE_CHECK, ROLE_KEEPER, &m, &fd);

	if (n != 1 || m.type != MSG_CHECK_RESULT)
		return 0;
	*ret = m.check_result;
	return 1;
}

static void the_same_check_keeps_its_state_and_its_timer(void **state)
{
	const struct conf_target first[] = { tcp_check(1), tcp_check(2) }, second[] = { tcp_check(3), tcp_check(2) };
	struct conf a = { 0 }, c = { 0 };
	struct check *two;
	struct bench b;
	uint64_t when;

	open_bench(&b, false);
	assert_int_equal(apply(&b, &a, first, 2), 0);
	ends(&b, 2, ENGINE_FAILED);
	two = check_find(&b.r, 2);
	when = two->timer.when_us;
	assert_int_equal(apply(&b, &c, second, 2), 0);
	assert_ptr_equal(check_find(&b.r, 2), two);
	assert_ptr_equal(two->at, &second[1]);
	assert_true(two->engine.decided && !two->engine.up);
	assert_int_equal(two->timer.when_us, when);
	assert_null(check_find(&b.r, 1));
	assert_non_null(check_find(&b.r, 3));
	assert_int_equal(b.r.n_checks, 2);
	assert_int_equal(b.r.heap.n, 2);
	close_bench(&b);
}

static void a_suspended_check_waits_with_what_it_knew(void **state)
{
	const struct conf_target checks[] = { tcp_check(1) };
	struct conf a = { 0 };
	struct check *k;
	struct bench b;

	open_bench(&b, false);
	assert_int_equal(apply(&b, &a, checks, 1), 0);
	ends(&b, 1, ENGINE_OK);
	k = check_find(&b.r, 1);
	check_suspend(k, true);
	check_suspend(k, true);
	assert_int_equal(b.r.heap.n, 0);
	assert_true(k->engine.decided && k->engine.up);
	check_suspend(k, false);
	assert_int_equal(b.r.heap.n, 1);
	assert_true(k->timer.when_us <= clock_us());
	check_suspend(k, true);
	assert_int_equal(apply(&b, &a, checks, 1), 0); /* the keeper forgets with the configuration, so do we */
	assert_int_equal(b.r.heap.n, 1);
	assert_in_range(k->timer.when_us, clock_us() + 100000, clock_us() + 1000000);
	check_suspend(k, true); /* said anew before it ran */
	assert_int_equal(b.r.heap.n, 0);
	close_bench(&b);
}

static void only_the_first_configuration_after_a_crash_is_cautious(void **state)
{
	const struct conf_target checks[] = { tcp_check(1), tcp_check(2) };
	struct msg_check_result m;
	struct conf a = { 0 };
	struct bench b;

	open_bench(&b, true);
	assert_int_equal(apply(&b, &a, checks, 1), 0);
	assert_int_equal(apply(&b, &a, checks, 2), 0);
	ends(&b, 1, ENGINE_FAILED);
	assert_int_equal(read_result(&b, &m), 0); /* a further try first */
	ends(&b, 1, ENGINE_FAILED);
	assert_int_equal(read_result(&b, &m), 1);
	assert_true(!m.up && !m.changed);
	ends(&b, 2, ENGINE_FAILED);
	assert_int_equal(read_result(&b, &m), 1);
	assert_true(!m.up && m.changed);
	assert_string_equal(m.text, "so it was");
	close_bench(&b);
}

static void labels_are_those_of_the_first_real_server(void **state)
{
	const struct conf_target checks[] = { tcp_check(1), tcp_check(2) };
	const uint32_t indices[] = { 0 };
	const struct conf_rs rs = { .addr = { .family = AF_INET, .port = 53, .v4.s_addr = htonl(0x0a000009) },
				    .checks = indices,
				    .n_checks = 1 };
	const struct conf_vs vs = { .addr = { .family = AF_INET6, .port = 53, .v6 = IN6ADDR_LOOPBACK_INIT },
				    .protocol = IPPROTO_UDP,
				    .vsg = CONF_NONE,
				    .rs = &rs,
				    .n_rs = 1 };
	struct conf a = { .servers = &vs, .n_servers = 1 };
	struct bench b;

	open_bench(&b, false);
	assert_int_equal(apply(&b, &a, checks, 2), 0);
	assert_string_equal(label_of(check_find(&b.r, 1)).text, "[10.0.0.9]:udp:53");
	assert_string_equal(label_service(check_find(&b.r, 1)).text, "[::1]:udp:53");
	assert_string_equal(label_of(check_find(&b.r, 2)).text, "[10.0.0.2]:tcp:80");
	close_bench(&b);
}

static void an_agent_that_nobody_reaches_is_passed_over_unless_it_is_alone(void **state)
{
	static const struct conf_check agent = { .kind = CONF_CHECK_AGENT, .bind_if = "" },
				       alpha = { .kind = CONF_CHECK_AGENT, .bind_if = "", .alpha = true };
	struct conf_target checks[] = { tcp_check(1), tcp_check(2), tcp_check(3), tcp_check(4) };
	const uint32_t three[] = { 0, 1, 3 }, alone[] = { 2 };
	const struct conf_rs rs[] = { { .checks = three, .n_checks = 3 }, { .checks = alone, .n_checks = 1 } };
	const struct conf_vs vs = { .vsg = CONF_NONE, .rs = rs, .n_rs = 2 };
	struct conf a = { .servers = &vs, .n_servers = 1 };
	struct bench b;
	struct check *k;

	checks[1].how = checks[2].how = &agent;
	checks[3].how = &alpha;
	open_bench(&b, true);
	assert_int_equal(apply(&b, &a, checks, 4), 0);
	k = check_find(&b.r, 2);
	ends(&b, 2, ENGINE_FAILED);
	assert_true(k->engine.up && k->engine.decided); /* nobody waits for it */
	ends(&b, 2, ENGINE_REFUSED);
	assert_false(k->engine.up); /* its own word counts */
	ends(&b, 2, ENGINE_FAILED);
	assert_false(k->engine.up); /* and goes on to hold */
	ends(&b, 2, ENGINE_OK);
	assert_true(k->engine.up);
	ends(&b, 4, ENGINE_FAILED);
	assert_false(check_find(&b.r, 4)->engine.decided); /* alpha: down until it is there */
	ends(&b, 3, ENGINE_FAILED);
	ends(&b, 3, ENGINE_FAILED);
	assert_false(check_find(&b.r, 3)->engine.up); /* who else would say so? */
	close_bench(&b);
}

static void a_keeper_that_does_not_read_gets_the_last_word_of_all(void **state)
{
	static struct conf_target checks[3000];
	static int up[3000 + 1];
	struct msg_check_result m;
	struct conf a = { 0 };
	struct bench b;
	int n = 0;

	for (int i = 0; i < 3000; i++)
		checks[i] = tcp_check((uint64_t)i + 1);
	open_bench(&b, false);
	assert_int_equal(apply(&b, &a, checks, 3000), 0);
	for (int i = 1; i <= 3000; i++)
		ends(&b, (uint64_t)i, ENGINE_OK);
	assert_non_null(b.r.untold); /* more than the socket takes */
	for (int i = 1; i <= 3000; i++) {
		ends(&b, (uint64_t)i, ENGINE_FAILED);
		ends(&b, (uint64_t)i, ENGINE_FAILED);
	}
	for (;;) {
		if (read_result(&b, &m)) {
			up[m.key] = m.up ? 1 : -1;
			n++;
		} else if (b.r.untold) {
			outbox_flush(&b.r);
		} else {
			break;
		}
	}
	for (int i = 1; i <= 3000; i++)
		assert_int_equal(up[i], -1);
	assert_in_range(n, 3000, 6000);
	close_bench(&b);
}

static void requests_wait_in_their_order(void **state)
{
	struct message m = { .type = MSG_RUN };
	uint32_t next = 0;
	struct bench b;
	int fd;

	open_bench(&b, false);
	for (uint32_t i = 0; i < 5000; i++) {
		m.run.run = i;
		assert_int_equal(outbox_send(&b.r, &m), 0);
	}
	assert_true(b.r.n_letters > 0);
	while (next < 5000) {
		if (message_recv(b.keeper, ROLE_CHECK, ROLE_KEEPER, &m, &fd) == 1)
			assert_int_equal(m.run.run, next++);
		else
			outbox_flush(&b.r);
	}
	assert_int_equal(b.r.n_letters, 0);
	close_bench(&b);
}

static void forty_thousand_checks_are_reloaded_at_once(void **state)
{
	struct conf_target *checks = calloc(MANY, sizeof(*checks)), *others = calloc(MANY, sizeof(*others));
	struct conf a = { 0 }, c = { 0 };
	struct bench b;
	uint64_t begin;

	for (int i = 0; i < MANY; i++) {
		checks[i] = tcp_check((uint64_t)i + 1);
		others[i] = tcp_check((uint64_t)i + MANY / 2);
	}
	open_bench(&b, false);
	assert_int_equal(apply(&b, &a, checks, MANY), 0);
	begin = clock_us();
	assert_int_equal(apply(&b, &c, others, MANY), 0);
	assert_in_range(clock_us() - begin, 0, 1000000); /* some 30 ms on a quiet machine */
	assert_int_equal(b.r.n_checks, MANY);
	assert_int_equal(b.r.heap.n, MANY);
	close_bench(&b);
	free(checks);
	free(others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_check_keeps_its_state_and_its_timer),
		cmocka_unit_test(a_suspended_check_waits_with_what_it_knew),
		cmocka_unit_test(only_the_first_configuration_after_a_crash_is_cautious),
		cmocka_unit_test(labels_are_those_of_the_first_real_server),
		cmocka_unit_test(an_agent_that_nobody_reaches_is_passed_over_unless_it_is_alone),
		cmocka_unit_test(a_keeper_that_does_not_read_gets_the_last_word_of_all),
		cmocka_unit_test(requests_wait_in_their_order),
		cmocka_unit_test(forty_thousand_checks_are_reloaded_at_once),
	};

	const struct log_places nowhere = { .ident = "check" };

	log_open_places(&nowhere); /* thousands of results */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
