/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arena_test - an arena is the same in every process that maps it, zeroed, aligned, and read-only for readers. */
#include "arena.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct list {
	struct list *next;
	char *text;
};

static void pointers_hold_in_another_process(void **state)
{
	struct arena_space space;
	struct arena a, seen;
	struct list *first, *second;
	int status;
	pid_t pid;

	assert_int_equal(arena_reserve(&space), 0);
	assert_int_equal(arena_open(&a, &space, 1), 0);
	pid = fork();
	if (!pid) {
		first = arena_alloc(&a, sizeof(*first));
		second = arena_alloc(&a, sizeof(*second));
		arena_alloc(&a, 5 << 20);
		first->next = second;
		first->text = arena_printf(&a, "%s %d", "first", 1);
		second->text = arena_strdup(&a, "second");
		_exit((char *)first == a.base ? 7 : 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	/* the child's `used' would come in a message; a second mapping needs the file, which is ours, too */
	assert_int_equal(arena_map(&seen, &space, 2, dup(a.fd), 4096), 0);
	assert_memory_not_equal(seen.base, "\0\0\0\0\0\0\0\0", 8);
	arena_close(&seen);
	assert_int_equal(arena_map(&seen, &space, 1, dup(a.fd), 6 << 20), 0);
	first = (struct list *)seen.base;
	assert_string_equal(first->text, "first 1");
	assert_string_equal(first->next->text, "second");
	pid = fork();
	if (!pid) {
		close(2);
		signal(SIGSEGV, SIG_DFL);
		first->text = NULL;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	arena_close(&seen);
	close(a.fd);
}

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena a;
	char *p;

	assert_int_equal(arena_open_private(&a), 0);
	for (size_t n = 0; n < 100; n++) {
		p = arena_alloc(&a, n);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_memory_equal(arena_memdup(&a, "ab\0c", 5), "ab\0c", 5);
	arena_close(&a);
	arena_close(&a);
}

static void what_does_not_fit_ends_the_builder(void **state)
{
	int status;
	pid_t pid = fork();
	struct arena a;

	if (!pid) {
		close(2);
		if (!arena_open_private(&a))
			arena_alloc(&a, ARENA_SLOT_BYTES);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 204);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_hold_in_another_process),
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(what_does_not_fit_ends_the_builder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
