/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf_take_test - a configuration of the keeper's is mapped, nonsense is refused, and no descriptor stays behind. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "conf_take.h"

struct world {
	struct arena_space space;
};

static int set_up(void **state)
{
	static struct world w;

	*state = &w;
	return arena_reserve(&w.space);
}

static int tear_down(void **state)
{
	struct world *w = *state;

	return munmap(w->space.base, ARENA_SLOTS * ARENA_SLOT_BYTES);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* As a reader builds it: what the keeper would say of it, and the descriptor */
static struct msg_conf build(struct world *w, unsigned slot, const char *name, int *ret_fd)
{
	struct arena a;
	struct conf *c;
	struct msg_conf m;

	assert_int_equal(arena_open(&a, &w->space, slot), 0);
	arena_alloc(&a, 4096);
	c = arena_alloc(&a, sizeof(*c));
	c->global.router_id = arena_strdup(&a, name);
	m = (struct msg_conf){ .slot = slot, .used = a.used, .conf = (uint64_t)(uintptr_t)c };
	*ret_fd = fcntl(a.fd, F_DUPFD_CLOEXEC, 3);
	arena_close(&a);
	return m;
}

static void is_mapped_and_given_back(void **state)
{
	struct world *w = *state;
	struct arena a, none = { .fd = -1 };
	const struct conf *c;
	int fd;
	struct msg_conf m = build(w, 1, "one", &fd);

	assert_int_equal(conf_take(&a, &c, &w->space, &m, fd), 0);
	assert_string_equal(c->global.router_id, "one");
	conf_leave(&none, &a);
	assert_string_equal(c->global.router_id, "one");
	arena_close(&a);
	assert_false(is_open(fd));
}

static void what_lies_outside_is_refused(void **state)
{
	struct world *w = *state;
	struct arena a;
	const struct conf *c;
	int fd;
	struct msg_conf good = build(w, 0, "x", &fd);
	const struct msg_conf bad[] = {
		{ .slot = 0, .used = good.used, .conf = 0 },
		{ .slot = 0, .used = good.used, .conf = good.conf + 1 },
		{ .slot = 0, .used = good.used, .conf = good.conf + 64 },
		{ .slot = 0, .used = good.used, .conf = UINT64_MAX - 15 },
		{ .slot = 0, .used = 16, .conf = good.conf },
		{ .slot = 0, .used = 0, .conf = good.conf },
		{ .slot = 1, .used = good.used, .conf = good.conf },
		{ .slot = ARENA_SLOTS, .used = good.used, .conf = good.conf },
		{ .slot = 0, .used = ARENA_SLOT_BYTES + 1, .conf = good.conf },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

		assert_int_equal(conf_take(&a, &c, &w->space, &bad[i], copy), -EINVAL);
		assert_false(is_open(copy));
	}
	close(fd);
}

static void the_next_may_lie_in_the_same_slot(void **state)
{
	struct world *w = *state;
	struct arena before, now;
	const struct conf *c;
	int fd1, fd2;
	struct msg_conf m = build(w, 2, "before", &fd1);

	assert_int_equal(conf_take(&before, &c, &w->space, &m, fd1), 0);
	fd2 = fcntl(fd1, F_DUPFD_CLOEXEC, 3);
	assert_int_equal(conf_take(&now, &c, &w->space, &m, fd2), 0);
	conf_leave(&before, &now);
	assert_false(is_open(fd1));
	assert_string_equal(c->global.router_id, "before");
	arena_close(&now);
	assert_false(is_open(fd2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_mapped_and_given_back),
		cmocka_unit_test(what_lies_outside_is_refused),
		cmocka_unit_test(the_next_may_lie_in_the_same_slot),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
