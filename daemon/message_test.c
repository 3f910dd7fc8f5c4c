/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message_test - what may be said comes through, and nothing else does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "fdpass.h"
#include "message.h"

struct pair {
	int a, b;
};

static int pair_open(void **state)
{
	static struct pair p;
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -1;
	p = (struct pair){ sv[0], sv[1] };
	*state = &p;
	return 0;
}

static int pair_close(void **state)
{
	struct pair *p = *state;

	close(p->a);
	close(p->b);
	return 0;
}

/* Every row of the table, from everybody to everybody: only what the row says is let through. */
static void rights(void **state)
{
	struct pair *p = *state;
	unsigned passed = 0;

	for (uint32_t type = MSG_NONE + 1; type < MSG_TYPES; type++) {
		for (enum role from = 0; from < ROLES; from++) {
			for (enum role to = 0; to < ROLES; to++) {
				struct message m = { .type = type };
				int fd = -1, r = message_send(p->a, &m, -1);

				if (r == -EINVAL)
					r = message_send(p->a, &m, 0);
				assert_int_equal(r, 0);
				r = message_recv(p->b, from, to, &m, &fd);
				if (fd >= 0)
					close(fd);
				assert_true(r == 1 || r == -EBADMSG);
				passed += r == 1;
				if (r == 1)
					assert_true((from == ROLE_KEEPER) != (to == ROLE_KEEPER));
			}
		}
	}
	assert_int_equal(message_recv(p->b, 0, 1, &(struct message){ 0 }, &(int){ 0 }), -EAGAIN);
	assert_in_range(passed, MSG_TYPES - 1, 2 * MSG_TYPES);
}

static void check_may_not_stop(void **state)
{
	struct pair *p = *state;
	struct message m = { .type = MSG_STOP };
	int fd;

	assert_int_equal(message_send(p->a, &m, -1), 0);
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &m, &fd), -EBADMSG);
	m = (struct message){ .type = MSG_READY, .ready.generation = 7 };
	assert_int_equal(message_send(p->a, &m, -1), 0);
	memset(&m, 0, sizeof(m));
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &m, &fd), 1);
	assert_int_equal(m.ready.generation, 7);
	assert_int_equal(fd, -1);
}

static void wrong_sizes(void **state)
{
	struct pair *p = *state;
	struct message m = { .type = MSG_READY, .size = sizeof(struct msg_ready) }, got;
	char big[sizeof(m) + 100] = "";
	int fd;

	for (size_t len = 1; len < message_size(MSG_READY) + 9; len++) {
		assert_int_equal(fd_send(p->a, &m, len, -1), 0);
		assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &got, &fd),
				 len == message_size(MSG_READY) ? 1 : -EBADMSG);
	}
	assert_int_equal(fd_send(p->a, big, sizeof(big), -1), 0);
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &got, &fd), -EBADMSG);
	m.size++;
	assert_int_equal(fd_send(p->a, &m, message_size(MSG_READY), -1), 0);
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &got, &fd), -EBADMSG);
}

static void descriptors(void **state)
{
	struct pair *p = *state;
	struct message m = { .type = MSG_READY, .size = sizeof(struct msg_ready) };
	int fd, before = dup(0);

	/* one that must not come is closed, one that must come is missed */
	assert_int_equal(fd_send(p->a, &m, message_size(MSG_READY), 0), 0);
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &m, &fd), -EBADMSG);
	assert_int_equal(fd, -1);
	m = (struct message){ .type = MSG_DUMP, .size = sizeof(struct msg_dump) };
	assert_int_equal(message_send(p->a, &m, -1), -EINVAL);
	assert_int_equal(fd_send(p->a, &m, message_size(MSG_DUMP), -1), 0);
	assert_int_equal(message_recv(p->b, ROLE_KEEPER, ROLE_VRRP, &m, &fd), -EBADMSG);
	m = (struct message){ .type = MSG_DUMP };
	assert_int_equal(message_send(p->a, &m, 0), 0);
	assert_int_equal(message_recv(p->b, ROLE_KEEPER, ROLE_VRRP, &m, &fd), 1);
	assert_true(fd >= 0);
	close(fd);
	close(before);
	fd = dup(0);
	assert_int_equal(fd, before); /* nothing leaked */
	close(fd);
}

static void strings_end(void **state)
{
	struct pair *p = *state;
	struct message m = { .type = MSG_CHECK_RESULT };
	int fd;

	memset(m.check_result.text, 'x', sizeof(m.check_result.text));
	assert_int_equal(message_send(p->a, &m, -1), 0);
	assert_int_equal(message_recv(p->b, ROLE_CHECK, ROLE_KEEPER, &m, &fd), 1);
	assert_int_equal(strlen(m.check_result.text), sizeof(m.check_result.text) - 1);
}

static void never_blocks(void **state)
{
	struct pair *p = *state;
	struct message m = { .type = MSG_EXEC };
	int r = 0;

	for (int i = 0; i < 100000 && r == 0; i++)
		r = message_send(p->a, &m, -1);
	assert_int_equal(r, -EAGAIN);
}

static void ends(void **state)
{
	int sv[2], fd;
	struct message m = { .type = MSG_READY };

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv), 0);
	close(sv[0]);
	assert_int_equal(message_recv(sv[1], ROLE_CHECK, ROLE_KEEPER, &m, &fd), 0);
	m.type = MSG_READY;
	assert_int_equal(message_send(sv[1], &m, -1), -EPIPE);
	close(sv[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rights, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(check_may_not_stop, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(wrong_sizes, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(descriptors, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(strings_end, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(never_blocks, pair_open, pair_close),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
