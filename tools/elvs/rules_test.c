/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules_test - files of rules: what is read, and where mistakes are said to be.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules.h"

static int read_text(struct rules *r, const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	int n;

	assert_non_null(f);
	n = rules_read(r, f);
	fclose(f);
	return n;
}

static void a_good_file_is_read(void **state)
{
	struct rules r;

	assert_int_equal(read_text(&r, "# saved\n\n-A -t 10.0.0.1:80 -s rr   # the web\n"
				       "  ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 3\n-A -f 5 -s wlc\n"
				       "-A -t [fd00::1]:443 -s sh"),
			 0);
	assert_int_equal(r.n, 4);
	assert_int_equal(r.errors, 0);
	assert_int_equal(r.rule[0].line, 3);
	assert_int_equal(r.rule[0].cmd.op, OP_ADD);
	assert_int_equal(r.rule[0].service_column, 7);
	assert_int_equal(r.rule[1].cmd.op, OP_ADD_DEST);
	assert_int_equal(r.rule[1].cmd.dest.weight, 3);
	assert_int_equal(r.rule[1].server_column, 32);
	assert_int_equal(r.rule[3].line, 6);
	rules_free(&r);
}

static void every_mistake_has_its_place(void **state)
{
	static const struct {
		const char *text;
		unsigned int line, column;
		const char *message;
	} rows[] = {
		{ "foo", 1, 1, "does not begin with a command" },
		{ "\n  -A -t 10.0.0.1:80 -Q", 2, 21, "unknown option" },
		{ "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:99999", 2, 22, "illegal real server" },
		{ "-a -t 10.0.0.1:80", 1, 18, "You need to supply the 'real-server' option" },
		{ "-A -t 10.0.0.1", 1, 7, "Zero port" },
		{ "-A -t 10.0.0.1:80 -s rr -t 10.0.0.2:80", 1, 28, "multiple 'service-address'" },
		{ "-L", 1, 1, "does not belong" },
		{ "-S", 1, 1, "does not belong" },
		{ "-h", 1, 1, "does not belong" },
		{ "-A -t 10.0.0.1:80 stray", 1, 19, "unexpected argument" },
	};
	struct rules r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(read_text(&r, rows[i].text), -EINVAL);
		assert_int_equal(r.errors, 1);
		assert_non_null(strstr(r.error[0].text, rows[i].message));
		assert_int_equal(r.error[0].line, rows[i].line);
		assert_int_equal(r.error[0].column, rows[i].column);
		rules_free(&r);
	}
}

static void all_mistakes_are_told_at_once_up_to_a_hundred(void **state)
{
	char text[1000] = "";
	struct rules r;
	int i;

	for (i = 0; i < 130; i++)
		strcat(text, "bad\n");
	assert_int_equal(read_text(&r, text), -EINVAL);
	assert_int_equal(r.errors, RULES_ERRORS_MAX);
	assert_int_equal(r.more_errors, 30);
	assert_int_equal(r.error[99].line, 100);
	rules_free(&r);
}

static void a_line_of_too_many_words_is_a_mistake(void **state)
{
	char text[400] = "-A";
	struct rules r;
	int i;

	for (i = 0; i < 80; i++)
		strcat(text, " x");
	assert_int_equal(read_text(&r, text), -EINVAL);
	assert_non_null(strstr(r.error[0].text, "words"));
	rules_free(&r);
}

/* What undoing deletes is what the file added */
static void services_go_to_text_and_back(void **state)
{
	static const char *const wanted[] = { "-t 10.0.0.1:80", "-u [fd00::1]:53", "-f 5", "-f 6 -6",
					      "--sctp-service 10.0.0.2:99" };
	struct rules r, back;
	json_t *texts;
	size_t i, n;

	assert_int_equal(read_text(&r,
				   "-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.1.0.1\n-A -u [fd00::1]:53\n-A -f 5\n"
				   "-A -f 6 -6\n-A --sctp-service 10.0.0.2:99\n-E -t 10.0.0.9:80 -s rr\n"),
			 0);
	texts = rules_services(&r);
	assert_int_equal(json_array_size(texts), 5);
	for (i = 0; i < 5; i++)
		assert_string_equal(json_string_value(json_array_get(texts, i)), wanted[i]);
	assert_int_equal(rules_from_services(&back, texts, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(back.rule[0].cmd.op, OP_DEL);
	assert_int_equal(back.rule[2].cmd.svc.fwmark, 5);
	assert_int_equal(memcmp(&back.rule[1].cmd.svc.addr, &r.rule[2].cmd.svc.addr, sizeof(struct addr)), 0);
	json_decref(texts);
	rules_free(&back);
	rules_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_file_is_read),
		cmocka_unit_test(every_mistake_has_its_place),
		cmocka_unit_test(all_mistakes_are_told_at_once_up_to_a_hundred),
		cmocka_unit_test(a_line_of_too_many_words_is_a_mistake),
		cmocka_unit_test(services_go_to_text_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
