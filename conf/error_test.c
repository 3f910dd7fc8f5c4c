/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error_test - messages are kept once, without bytes that could confuse, and give keepalived's exit status. */
#include "error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct conf_errors errors;

static int setup(void **state)
{
	return arena_open_private(&arena);
}

static int teardown(void **state)
{
	arena_close(&arena);
	return 0;
}

static void messages_are_clean_and_once(void **state)
{
	struct conf_where w = { "f", 1, 2 }, v = { "f", 1, 1 };
	char buf[100];

	errors = (struct conf_errors){ .arena = &arena };
	for (int i = 0; i < 100; i++)
		conf_error(&errors, CONF_ERROR, w, "x %s", "\x1b[31m\xc2\x9b\xff\xc3\xa9\n");
	conf_error(&errors, CONF_WARNING, v, "y");
	assert_int_equal(errors.n, 2);
	conf_errors_sort(&errors);
	conf_message_text(&errors.list[0], buf, sizeof(buf));
	assert_string_equal(buf, "f:1:1: warning: y");
	conf_message_text(&errors.list[1], buf, sizeof(buf));
	assert_string_equal(buf, "f:1:2: error: x ?[31m???\xc3\xa9?");
	for (int i = 0; i < CONF_ERRORS_MAX + 5; i++)
		conf_error(&errors, CONF_ERROR, w, "%d", i);
	assert_int_equal(errors.n, CONF_ERRORS_MAX);
	assert_int_equal(errors.dropped, 7);
}

static void exit_status_is_keepaliveds(void **state)
{
	static const struct {
		enum conf_severity s[3];
		int status;
	} rows[] = {
		{ { CONF_NOTE, CONF_HINT, CONF_NOTE }, 0 },
		{ { CONF_MISSING_FILE, CONF_NOTE, CONF_NOTE }, 4 },
		{ { CONF_BAD_IF, CONF_ERROR, CONF_NOTE }, 5 },
		{ { CONF_FATAL, CONF_HINT, CONF_NOTE }, 4 },
		{ { CONF_SECURITY, CONF_WARNING, CONF_ERROR }, 6 },
		{ { CONF_DEPRECATED, CONF_NOTE, CONF_NOTE }, 5 },
		{ { CONF_MISSING_PARAM, CONF_SECURITY, CONF_NOTE }, 2 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_message list[3];

		for (int k = 0; k < 3; k++)
			list[k] = (struct conf_message){ .severity = rows[i].s[k] };
		assert_int_equal(conf_exit_status(list, 3), rows[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_clean_and_once),
		cmocka_unit_test(exit_status_is_keepaliveds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
