/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_test - the client against a supervisor and director made of a thread: greeting, calls, dumps, pipelining.
 *
 * The director answers FLUSH with done, DEL_SERVICE with the errno in its TIMEOUT_TCP attribute, GET_SERVICE dumps
 * with as many messages as TIMEOUT_TCP says, and GET_INFO by hanging up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl.h"
#include "ctl_fake.h"
#include "ctl_wire.h"

/* Answers one message; false: hang up. */
static bool answer(void *arg, int fd, const struct nlmsghdr *req)
{
	static char out[ELVS_MSG_MAX];
	const struct genlmsghdr *gh = mnl_nlmsg_get_payload(req);
	const struct nlattr *a;
	uint32_t n = 0, i;
	size_t len = 0;

	mnl_attr_for_each(a, req, sizeof(*gh)) if (mnl_attr_get_type(a) == IPVS_CMD_ATTR_TIMEOUT_TCP) n =
		mnl_attr_get_u32(a);
	switch (gh->cmd) {
	case IPVS_CMD_GET_INFO:
		return false;
	case IPVS_CMD_GET_SERVICE:
		for (i = 0; i < n; i++) {
			struct nlmsghdr *nlh = mnl_nlmsg_put_header(out);
			struct genlmsghdr *h;

			nlh->nlmsg_type = ELVS_GENL_ID;
			nlh->nlmsg_seq = req->nlmsg_seq;
			h = mnl_nlmsg_put_extra_header(nlh, sizeof(*h));
			h->cmd = IPVS_CMD_NEW_SERVICE;
			mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, i);
			send(fd, nlh, nlh->nlmsg_len, MSG_NOSIGNAL);
		}
		ctl_fake_put_end(out, &len, NLMSG_DONE, req->nlmsg_seq, 0);
		break;
	case IPVS_CMD_DEL_SERVICE:
		ctl_fake_put_end(out, &len, NLMSG_ERROR, req->nlmsg_seq, -(int)n);
		break;
	default:
		ctl_fake_put_end(out, &len, NLMSG_ERROR, req->nlmsg_seq, 0);
	}
	send(fd, out, len, MSG_NOSIGNAL);
	return true;
}

static int setup(void **state)
{
	*state = ctl_fake_open(answer, NULL);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	ctl_fake_close(*state);
	return 0;
}

static struct ctl *open_or_fail(void)
{
	const char *why = "";
	struct ctl *c = NULL;
	int r = ctl_open(&c, CTL_NO_START, &why);

	if (r)
		fail_msg("ctl_open: %d, %s", r, why);
	return c;
}

static struct nlmsghdr *request(struct ctl *c, uint8_t cmd, uint16_t flags, uint32_t n)
{
	struct nlmsghdr *nlh = ctl_request(c, cmd, flags);

	mnl_attr_put_u32(nlh, IPVS_CMD_ATTR_TIMEOUT_TCP, n);
	return nlh;
}

static void the_namespace_is_sent_and_calls_are_answered(void **state)
{
	struct ctl_fake *f = *state;
	struct ctl *c = open_or_fail();

	assert_true(f->got_netns);
	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_FLUSH, NLM_F_ACK, 0), NULL, NULL), 0);
	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, ESRCH), NULL, NULL), -ESRCH);
	assert_string_equal(ctl_why(c), "");
	ctl_close(c);
}

static void expect_why(void *arg, unsigned nth, int error)
{
	struct ctl *c = arg;

	assert_string_equal(ctl_why(c), error == -EOPNOTSUPP ? "not today" : "");
}

static void the_directors_sentence_comes_with_its_error(void **state)
{
	struct ctl *c = open_or_fail();

	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, EOPNOTSUPP), NULL, NULL),
			 -EOPNOTSUPP);
	assert_string_equal(ctl_why(c), "not today");
	assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, ESRCH)), 0);
	assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, EOPNOTSUPP)), 0);
	assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, 0)), 0);
	assert_int_equal(ctl_flush(c, expect_why, c), 0);
	ctl_close(c);
}

static int count_until(const struct nlmsghdr *nlh, void *arg)
{
	int *left = arg;

	return --*left ? 0 : 77;
}

static void a_dump_reaches_the_callback_until_it_has_enough(void **state)
{
	struct ctl *c = open_or_fail();
	int left = 1 << 30;

	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_GET_SERVICE, NLM_F_DUMP, 1000), count_until, &left), 0);
	assert_int_equal((1 << 30) - left, 1000);
	left = 5;
	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_GET_SERVICE, NLM_F_DUMP, 1000), count_until, &left), 77);
	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_FLUSH, NLM_F_ACK, 0), NULL, NULL), 0);
	ctl_close(c);
}

struct expected {
	unsigned n;
	bool right;
};

static void check_error(void *arg, unsigned nth, int error)
{
	struct expected *e = arg;

	if (nth != e->n++ || error != -(int)(nth % 7))
		e->right = false;
}

static void queued_errors_come_in_order_and_requests_share_datagrams(void **state)
{
	struct expected e = { .right = true };
	struct ctl_fake *f = *state;
	struct ctl *c = open_or_fail();
	unsigned i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, i % 7)), 0);
	assert_int_equal(ctl_flush(c, check_error, &e), 0);
	assert_int_equal(e.n, 1000);
	assert_true(e.right);
	assert_true(f->datagrams < 100);
	e = (struct expected){ .right = true };
	assert_int_equal(ctl_flush(c, check_error, &e), 0);
	assert_int_equal(e.n, 0);
	ctl_close(c);
}

static void a_call_between_queued_requests_disturbs_nothing(void **state)
{
	struct expected e = { .right = true };
	struct ctl *c = open_or_fail();
	unsigned i;

	for (i = 0; i < 10; i++) {
		assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, i % 7)), 0);
		if (i == 4)
			assert_int_equal(ctl_call(c, request(c, IPVS_CMD_DEL_SERVICE, NLM_F_ACK, EEXIST), NULL, NULL),
					 -EEXIST);
	}
	assert_int_equal(ctl_flush(c, check_error, &e), 0);
	assert_int_equal(e.n, 10);
	assert_true(e.right);
	ctl_close(c);
}

static void count_only(void *arg, unsigned nth, int error)
{
	++*(unsigned *)arg;
}

static void a_director_that_dies_is_noticed(void **state)
{
	struct ctl *c = open_or_fail();
	unsigned told = 0;

	assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_FLUSH, NLM_F_ACK, 0)), 0);
	assert_int_equal(ctl_queue(c, request(c, IPVS_CMD_GET_INFO, NLM_F_ACK, 0)), 0);
	assert_int_equal(ctl_flush(c, count_only, &told), -EPIPE);
	assert_int_equal(told, 1);
	assert_int_equal(ctl_call(c, request(c, IPVS_CMD_FLUSH, NLM_F_ACK, 0), NULL, NULL), -EPIPE);
	ctl_close(c);
}

static int setup_refusing(void **state)
{
	int r = setup(state);

	((struct ctl_fake *)*state)->welcome_error = -ENOSYS;
	return r;
}

static void a_refusal_comes_with_its_reason(void **state)
{
	const char *why = "";
	struct ctl *c = NULL;

	assert_int_equal(ctl_open(&c, CTL_NO_START, &why), -ENOSYS);
	assert_string_equal(why, "a reason");
	assert_null(c);
}

static int setup_leaving(void **state)
{
	int r = setup(state);

	((struct ctl_fake *)*state)->silent = 2;
	return r;
}

static void a_supervisor_that_leaves_is_followed_by_the_next(void **state)
{
	struct ctl_fake *f = *state;
	struct ctl *c = open_or_fail();

	assert_int_equal(f->greetings, 3);
	ctl_close(c);
}

static void without_a_supervisor_the_socket_is_named(void **state)
{
	const char *why = "";
	struct ctl *c = NULL;

	setenv("ELVS_RUN_DIR", "/nonexistent/elvs", 1);
	assert_int_equal(ctl_open(&c, CTL_NO_START, &why), -ECONNREFUSED);
	assert_string_equal(why, "elvsd is not running (nothing answers on /nonexistent/elvs/control)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_namespace_is_sent_and_calls_are_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(the_directors_sentence_comes_with_its_error, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dump_reaches_the_callback_until_it_has_enough, setup, teardown),
		cmocka_unit_test_setup_teardown(queued_errors_come_in_order_and_requests_share_datagrams, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_call_between_queued_requests_disturbs_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_director_that_dies_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_comes_with_its_reason, setup_refusing, teardown),
		cmocka_unit_test_setup_teardown(a_supervisor_that_leaves_is_followed_by_the_next, setup_leaving,
						teardown),
		cmocka_unit_test(without_a_supervisor_the_socket_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
