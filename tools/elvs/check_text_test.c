/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_text_test - words become blocks, blocks a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "check_text.h"

static void services_are_read_in_every_form(void **state)
{
	static const struct {
		const char *word, *name, *proto;
	} rows[] = {
		{ "10.0.0.1:80", "10.0.0.1 80", "TCP" },   { "tcp:10.0.0.1:80", "10.0.0.1 80", "TCP" },
		{ "udp:[fc00::1]:53", "fc00::1 53", "UDP" }, { "fwmark:10", "fwmark 10", "" },
		{ "fwmark:10:inet6", "fwmark 10 inet6", "" },
	};
	const char *proto, *why;
	char name[100];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(check_service(rows[i].word, name, sizeof(name), &proto, &why), 0);
		assert_string_equal(name, rows[i].name);
		assert_string_equal(proto, rows[i].proto);
	}
	assert_true(check_service("fwmark:x", name, sizeof(name), &proto, &why) < 0);
	assert_true(check_service("nonsense:", name, sizeof(name), &proto, &why) < 0);
}

static void the_words_become_a_block(void **state)
{
	struct check_words w = { .kind = "http", .arg = "/.health.html", .expect = "OK $1", .fall = "3", .rise = "2",
				 .inhibit = true };
	const char *why;
	char *text = check_block("10.0.0.1 80", "TCP", &w, &why);

	assert_string_equal(text, "service_check 10.0.0.1 80 {\n\tprotocol TCP\n\tinhibit_on_failure\n\tHTTP_GET {\n"
				  "\t\turl {\n\t\t\tpath \"/.health.html\"\n\t\t\tregex \"OK \\x241\"\n\t\t}\n"
				  "\t\tfall 3\n\t\trise 2\n\t}\n}\n");
	free(text);
	w = (struct check_words){ .kind = "tcp", .expect = "x" };
	assert_null(check_block("10.0.0.1 80", "TCP", &w, &why));
	assert_string_equal(why, "--expect, --status and --host go with http and https");
	w = (struct check_words){ .kind = "misc" };
	assert_null(check_block("10.0.0.1 80", "TCP", &w, &why));
	assert_string_equal(why, "misc needs the command to run");
}

static void a_file_holds_one_block_for_each_service(void **state)
{
	char *one = check_merge("", "10.0.0.1 80", "TCP", "\nservice_check one\n");
	char *two = check_merge(one, "10.0.0.2 80", "TCP", "service_check two\n");
	char *other = check_merge(two, "10.0.0.1 80", "TCP", "service_check other\n");
	char *less = check_merge(other, "10.0.0.2 80", "TCP", NULL);
	char *none = check_merge(less, "10.0.0.1 80", "TCP", NULL);

	assert_true(check_has(two, "10.0.0.1 80", "TCP"));
	assert_true(check_has(other, "10.0.0.2 80", "TCP"));
	assert_false(check_has(less, "10.0.0.2 80", "TCP"));
	assert_false(check_empty(less));
	assert_true(check_empty(none));
	free(one);
	free(two);
	free(other);
	free(less);
	free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_are_read_in_every_form),
		cmocka_unit_test(the_words_become_a_block),
		cmocka_unit_test(a_file_holds_one_block_for_each_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
