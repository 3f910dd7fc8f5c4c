/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * window_test - a window grows in place and shows the same bytes as the map behind it; here that is a memfd.
 */
#include "internal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define BYTES ((1u << 20) + 100)

static int backing(void)
{
	int fd = memfd_create("map", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BYTES), 0);
	return fd;
}

/* Does a read there end a process? */
static bool is_mapped(const uint8_t *at)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		_exit(*(volatile const uint8_t *)at ? 0 : 0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status);
}

static void it_grows_in_place_and_what_is_beyond_is_not_there(void **state)
{
	static struct elvs e;
	int fd = backing();
	struct window w;
	uint8_t *at, byte = 7;

	assert_int_equal(window_open(&e, &w, fd, BYTES), 0);
	at = w.at;
	assert_false(is_mapped(at));
	assert_int_equal(window_reach(&e, &w, 1), 0);
	at[0] = 1;
	assert_true(w.mapped < BYTES / 4);
	assert_false(is_mapped(at + w.mapped));
	for (size_t n = 1; n <= BYTES; n += 5000) {
		assert_int_equal(window_reach(&e, &w, n), 0);
		assert_ptr_equal(w.at, at);
		assert_true(w.mapped >= n);
		at[n - 1] = n % 251;
	}
	assert_int_equal(window_reach(&e, &w, BYTES), 0);
	at[BYTES - 1] = 9;
	assert_int_equal(pread(fd, &byte, 1, BYTES - 1), 1);
	assert_int_equal(byte, 9);
	for (size_t n = 5001; n < BYTES; n += 5000) {
		assert_int_equal(pread(fd, &byte, 1, n - 1), 1);
		assert_int_equal(byte, n % 251);
	}
	window_close(&w);
	close(fd);
}

static void it_lets_go_of_what_is_not_needed(void **state)
{
	static struct elvs e;
	int fd = backing();
	struct window w;

	assert_int_equal(window_open(&e, &w, fd, BYTES), 0);
	assert_int_equal(window_reach(&e, &w, BYTES), 0);
	w.at[BYTES - 1] = 5;
	window_shrink(&w, 1000);
	assert_true(is_mapped(w.at + 999));
	assert_false(is_mapped(w.at + BYTES - 1));
	assert_int_equal(window_reach(&e, &w, BYTES), 0);
	assert_int_equal(w.at[BYTES - 1], 5);
	assert_int_equal(window_reach(&e, &w, BYTES + (1 << 20)), -EPROTO);
	window_close(&w);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_in_place_and_what_is_beyond_is_not_there),
		cmocka_unit_test(it_lets_go_of_what_is_not_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
