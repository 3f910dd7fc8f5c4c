/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_test - what servers answer: DNS messages, agents' lines, SMTP replies, datagrams; and the passive window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent_line.h"
#include "conf.h"
#include "dns_msg.h"
#include "passive_window.h"
#include "reply_match.h"
#include "smtp_line.h"

static void a_query_has_the_bytes_of_rfc_1035(void **state)
{
	static const uint8_t want[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
				      "\x03www\x07""example\x00\x00\x1c\x00\x01";
	uint8_t buf[DNS_QUERY_MAX];

	assert_int_equal(dns_query(buf, 0x1234, 28, "www.example"), sizeof(want) - 1);
	assert_memory_equal(buf, want, sizeof(want) - 1);
	assert_int_equal(dns_query(buf, 0x1234, 28, "www.example."), sizeof(want) - 1);
	assert_int_equal(dns_query(buf, 1, 6, "."), 12 + 1 + 4);
}

static void names_that_are_none_make_no_query(void **state)
{
	char label[70], name[300] = "";
	uint8_t buf[DNS_QUERY_MAX];

	memset(label, 'a', 63);
	label[63] = '\0';
	assert_true(dns_query(buf, 1, 1, label) > 0);
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(dns_query(buf, 1, 1, label), -EINVAL);
	assert_int_equal(dns_query(buf, 1, 1, "a..b"), -EINVAL);
	for (int i = 0; i < 127; i++)
		strcat(name, "a.");
	assert_true(dns_query(buf, 1, 1, name) > 0);
	strcat(name, "b");
	assert_int_equal(dns_query(buf, 1, 1, name), -EINVAL);
}

static void dns_answers_are_told_apart(void **state)
{
	uint8_t q[DNS_QUERY_MAX], a[DNS_QUERY_MAX];
	int n = dns_query(q, 0xbeef, 1, "Example.org");
	unsigned rcode = 99;

	memcpy(a, q, n);
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_OTHER);	/* a query is no answer */
	assert_int_equal(rcode, 99);
	a[2] |= 0x80;
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_GOOD);
	a[13] = 'e';
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_GOOD);	/* whatever the case */
	a[3] = 0x82;
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_ERROR);
	assert_string_equal(dns_rcode_name(rcode), "SERVFAIL");
	a[5] = 0;
	assert_int_equal(dns_answer(a, 12, q, n, &rcode), DNS_ERROR);	/* without the question */
	a[5] = 1;
	assert_int_equal(dns_answer(a, n - 1, q, n, &rcode), DNS_OTHER);
	assert_int_equal(dns_answer(a, 11, q, n, &rcode), DNS_OTHER);
	a[14] = 'y';
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_OTHER);
	a[14] = q[14];
	a[1] ^= 1;
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_OTHER);
	assert_string_equal(dns_rcode_name(15), "");
}

static int agent(struct agent_answer *a, const char *line)
{
	memset(a, 0xee, sizeof(*a));
	return agent_line(a, line, strlen(line));
}

static void agents_speak_haproxys_words(void **state)
{
	struct agent_answer a;

	assert_int_equal(agent(&a, "75%\n"), 0);
	assert_true(a.has_percent && a.percent == 75 && !a.down && !a.drain);
	assert_int_equal(agent(&a, "up ready 150%,maxconn:30\r\nrest"), 0);
	assert_true(a.has_percent && a.percent == 150 && !a.down);
	assert_int_equal(agent(&a, "UP"), 0);
	assert_true(!a.has_percent && !a.down && !a.drain);
	assert_int_equal(agent(&a, "drain"), 0);
	assert_true(a.drain && !a.down);
	assert_int_equal(agent(&a, "0%"), 0);
	assert_true(a.drain && a.has_percent && a.percent == 0);
	assert_int_equal(agent(&a, "maint"), 0);
	assert_true(a.down);
	assert_string_equal(a.word, "maint");
	assert_int_equal(agent(&a, "50% down#disk full, 3 left"), 0);
	assert_true(a.down && a.percent == 50);
	assert_string_equal(a.reason, "disk full, 3 left");
	assert_int_equal(agent(&a, "failed#\x1b[2J"), 0);
	assert_string_equal(a.reason, "?[2J");
	assert_int_equal(agent(&a, "99999999999999999999%"), 0);
	assert_int_equal(a.percent, AGENT_PERCENT_MAX);
}

static void what_no_agent_says_is_no_answer(void **state)
{
	static const char *const none[] = { "", "\n75%", "%", "7x%", "-1%", "hello world", "upper", "#down", "maxconn:" };
	struct agent_answer a;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(agent(&a, none[i]), -EINVAL);
}

static void smtp_replies_may_have_several_lines(void **state)
{
	static const struct {
		const char *in;
		int code;
	} rows[] = {
		{ "220 mx ESMTP\r\n", 220 }, { "220\r\n", 220 }, { "220 mx", 0 }, { "22", 0 }, { "", 0 },
		{ "250-mx\r\n250-SIZE\r\n250 OK\r\n", 250 }, { "250-mx\r\n250-SIZE\r\n", 0 }, { "250-a\n550 b\n", -EINVAL },
		{ "SSH-2.0-OpenSSH\r\n", -EINVAL }, { "HTTP", -EINVAL }, { "2200 x\r\n", -EINVAL }, { "\r\n", -EINVAL },
		{ "199 x\r\n", -EINVAL }, { "600 x\r\n", -EINVAL }, { "554 no\n", 554 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(smtp_reply(rows[i].in, strlen(rows[i].in)), rows[i].code);
}

static void a_datagram_is_compared_under_its_mask(void **state)
{
	static const uint8_t want[] = { 0xa0, 0x12 }, mask[] = { 0xf0, 0xff };
	struct conf_check c = { .kind = CONF_CHECK_UDP, .udp = { .require_reply = true, .max_reply = 4 } };
	char why[80] = "";

	assert_int_equal(reply_match(&c, (const uint8_t *)"abc", 3, why, sizeof(why)), 0);
	assert_int_equal(reply_match(&c, (const uint8_t *)"abcde", 5, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "reply of 5 bytes, want 0 to 4");
	c.udp.reply = want;
	c.udp.reply_mask = mask;
	c.udp.n_reply = 2;
	assert_int_equal(reply_match(&c, (const uint8_t *)"\xaf\x12z", 3, why, sizeof(why)), 0);
	assert_int_equal(reply_match(&c, (const uint8_t *)"\xaf\x13", 2, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "reply has 13 at byte 1, want 12");
	assert_int_equal(reply_match(&c, (const uint8_t *)"\xaf", 1, why, sizeof(why)), -EINVAL);
	c.udp.reply_mask = NULL;
	assert_int_equal(reply_match(&c, (const uint8_t *)"\xaf\x12", 2, why, sizeof(why)), -EINVAL);
}

#define S 1000000ull

static void unanswered_connections_count_while_none_is_established(void **state)
{
	struct passive_window w = { 0 };

	assert_int_equal(passive_count(&w, 10 * S, 100, 50, 1 * S), 0);	/* what was before us does not count */
	assert_int_equal(passive_count(&w, 10 * S, 103, 50, 2 * S), 3);
	assert_int_equal(passive_count(&w, 10 * S, 105, 51, 3 * S), 0);	/* it answers */
	assert_int_equal(passive_count(&w, 10 * S, 107, 51, 4 * S), 2);
	assert_int_equal(passive_count(&w, 10 * S, 2, 0, 5 * S), 0);	/* the director began anew */
	assert_int_equal(passive_count(&w, 10 * S, 9, 0, 6 * S), 7);
	passive_reset(&w);
	assert_int_equal(passive_count(&w, 10 * S, 11, 0, 7 * S), 0);
}

static void what_is_older_than_the_window_does_not_count(void **state)
{
	struct passive_window w = { 0 };
	uint64_t last = 0;

	for (uint64_t t = 1; t < 200; t++) {
		last = passive_count(&w, 10 * S, t, 7, t * S);
		assert_true(last <= 11);
	}
	assert_true(last >= 9);
	assert_true(passive_count(&w, 10 * S, 200, 7, 1000 * S) <= 11);
	assert_true(passive_count(&w, 10 * S, 200, 7, 1001 * S) <= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_has_the_bytes_of_rfc_1035),
		cmocka_unit_test(names_that_are_none_make_no_query),
		cmocka_unit_test(dns_answers_are_told_apart),
		cmocka_unit_test(agents_speak_haproxys_words),
		cmocka_unit_test(what_no_agent_says_is_no_answer),
		cmocka_unit_test(smtp_replies_may_have_several_lines),
		cmocka_unit_test(a_datagram_is_compared_under_its_mask),
		cmocka_unit_test(unanswered_connections_count_while_none_is_established),
		cmocka_unit_test(what_is_older_than_the_window_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
