/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_test - what servers answer: pages, DNS messages, agents' lines, SMTP replies, datagrams; the passive window;
 * and mails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_line.h"
#include "conf.h"
#include "dns_msg.h"
#include "http_msg.h"
#include "mail_text.h"
#include "page.h"
#include "passive_window.h"
#include "reply_match.h"
#include "smtp_line.h"

static void a_query_has_the_bytes_of_rfc_1035(void **state)
{
	static const uint8_t want[] = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
				      "\x03www\x07"
				      "example\x00\x00\x1c\x00\x01";
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
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_OTHER); /* a query is no answer */
	assert_int_equal(rcode, 99);
	a[2] |= 0x80;
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_GOOD);
	a[13] = 'e';
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_GOOD); /* whatever the case */
	a[3] = 0x82;
	assert_int_equal(dns_answer(a, n, q, n, &rcode), DNS_ERROR);
	assert_string_equal(dns_rcode_name(rcode), "SERVFAIL");
	a[5] = 0;
	assert_int_equal(dns_answer(a, 12, q, n, &rcode), DNS_ERROR); /* without the question */
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
	static const char *const none[] = { "",	     "\n75%", "%",	 "7x%", "-1%", "hello world",
					    "upper", "#down", "maxconn:" };
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
		{ "220 mx ESMTP\r\n", 220 },
		{ "220\r\n", 220 },
		{ "220 mx", 0 },
		{ "22", 0 },
		{ "", 0 },
		{ "250-mx\r\n250-SIZE\r\n250 OK\r\n", 250 },
		{ "250-mx\r\n250-SIZE\r\n", 0 },
		{ "250-a\n550 b\n", -EINVAL },
		{ "SSH-2.0-OpenSSH\r\n", -EINVAL },
		{ "HTTP", -EINVAL },
		{ "2200 x\r\n", -EINVAL },
		{ "\r\n", -EINVAL },
		{ "199 x\r\n", -EINVAL },
		{ "600 x\r\n", -EINVAL },
		{ "554 no\n", 554 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(smtp_reply(rows[i].in, strlen(rows[i].in)), rows[i].code);
}

/* Status and body of an answer; "-N" for an error, "..." behind what is not complete. */
static const char *http(const char *in)
{
	static char out[300];
	const char *p = in, *body;
	size_t len = strlen(in), n, used = 0;
	struct http_msg m = { 0 };
	char got[200];
	int r;

	while ((r = http_msg_next(&m, &p, &len, &body, &n)) == 1) {
		memcpy(got + used, body, n);
		used += n;
	}
	if (r < 0)
		snprintf(out, sizeof(out), "%d", r);
	else
		snprintf(out, sizeof(out), "%d %.*s%s", m.status, (int)used, got, m.state == HTTP_DONE ? "" : "...");
	return out;
}

static void http_bodies_end_by_length_chunks_or_close(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "HTTP/1.0 200 OK\r\n\r\nbody", "200 body..." },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbody", "200 bod" },
		{ "HTTP/1.1 200 OK\r\ncontent-length:\t9 \r\n\r\nbody", "200 body..." },
		{ "HTTP/1.1 200\nContent-Length: 0\n\n", "200 " },
		{ "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nbus\r\n1\r\ny\r\n0\r\nT: 1\r\n\r\n",
		  "503 busy" },
		{ "HTTP/1.1 204 No\r\n\r\nrest", "204 " },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 x" },
		{ "HTTP/1.1 200 OK\r\nContent-Le", "200 ..." },
		/* a length that is none: until the end */
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nbody", "200 body..." },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nbody", "200 bo" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\nContent-Length: 2\r\n\r\nbody", "200 body..." },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nbody", "200 body..." },
		/* chunks that are none: what came before them */
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "200 " },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK!\r\n", "200 OK" },
		{ "HTTP/1.1 2000 OK\r\n\r\n", "-74" },
		{ "HTTP/2 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 x" },
		{ "http/1.0 404 no\r\nContent-Length: 1\r\n\r\nx", "404 x" },
		{ "ICY 200 OK\r\n\r\n", "200 ..." },
		{ "HTTP/ 200 OK\r\n\r\n", "-74" },
		{ "ICYY 200 OK\r\n\r\n", "-74" },
		{ "SSH-2.0-OpenSSH", "-74" },
		{ "HTTP/1.1", "0 ..." },
		{ "<html>old</html>", "-74" },
		{ "", "0 ..." },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(http(rows[i].in), rows[i].out);
}

static void http_headers_have_an_end(void **state)
{
	static char line[1000];
	struct http_msg m = { 0 };
	const char *p = "HTTP/1.1 200 OK\r\n", *body;
	size_t len = strlen(p), n;
	int r = http_msg_next(&m, &p, &len, &body, &n), lines = 0;

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (; r == 0 && lines < 100000; lines++) {
		p = line;
		len = sizeof(line);
		r = http_msg_next(&m, &p, &len, &body, &n);
	}
	assert_int_equal(r, -E2BIG);
	assert_in_range(lines, 250, 270);
}

static int judge(struct conf_url *u, const char *body, long status, char *why)
{
	struct page_regex *regex = u->regex[0] ? page_regex_new(u, why, 200) : NULL;
	struct page p;
	int r;

	page_begin(&p, u);
	for (const char *c = body; *c; c++) /* in pieces of one byte */
		page_add(&p, c, 1);
	r = page_judge(&p, u, regex, status, why, 200);
	page_end(&p);
	page_regex_free(regex);
	return r;
}

static void a_page_is_judged_by_status_digest_and_regex(void **state)
{
	static const uint8_t md5[16] = { 0xb1, 0x94, 0x6a, 0xc9, 0x24, 0x92, 0xd2, 0x34,
					 0x7c, 0x62, 0x35, 0xb4, 0xd2, 0x61, 0x11, 0x84 }; /* "hello\n" */
	struct conf_url u = { .path = "/", .virtualhost = "", .regex = "" };
	char why[200] = "";

	u.status[200 / 64] |= 3ull << 200 % 64;
	u.status[301 / 64] |= 1ull << 301 % 64;
	assert_int_equal(judge(&u, "", 200, why), 0);
	assert_int_equal(judge(&u, "", 404, why), -EINVAL);
	assert_string_equal(why, "HTTP status 404, want 200-201, 301");
	assert_int_equal(judge(&u, "", 700, why), -EINVAL);
	u.has_digest = true;
	memcpy(u.digest, md5, 16);
	assert_int_equal(judge(&u, "hello\n", 200, why), 0);
	assert_int_equal(judge(&u, "hullo\n", 200, why), -EINVAL);
	u.has_digest = false;
	u.regex = "l+o";
	assert_int_equal(judge(&u, "hello", 301, why), 0);
	assert_int_equal(judge(&u, "help", 200, why), -EINVAL);
	assert_string_equal(why, "regex not found in 4 bytes, want a match");
	u.regex_no_match = true;
	assert_int_equal(judge(&u, "hello", 200, why), -EINVAL);
	assert_int_equal(judge(&u, "help", 200, why), 0);
	u.regex_no_match = false;
	u.regex_min_offset = 3;
	assert_int_equal(judge(&u, "hello", 200, why), 0);
	u.regex_min_offset = 4;
	assert_int_equal(judge(&u, "hello", 200, why), -EINVAL);
	u.regex_min_offset = 0;
	u.regex_max_offset = 1;
	assert_int_equal(judge(&u, "hello", 200, why), -EINVAL);
	u.regex = "(a+)+$";
	u.regex_max_offset = 0;
	assert_int_equal(judge(&u, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 200, why), -EINVAL);
	assert_string_equal(why, "regex gives up: match limit exceeded");
	u.regex = "(";
	assert_null(page_regex_new(&u, why, sizeof(why)));
	assert_non_null(strstr(why, "at offset 1"));
}

static void a_mail_has_keepalived_s_headers_and_no_others(void **state)
{
	static const char *const to[] = { "root@a", "b@c" };
	const struct conf_global g = { .mail_from = "me@x", .mail_to = to, .n_mail_to = 2 };
	size_t len;
	char *text;

	setenv("TZ", "UTC", 1);
	tzset();
	text = mail_text(&g, "[x] down\r\nBcc: all@x", "=> a <=\nb\n", 86400, &len);
	assert_string_equal(text,
			    "Date: Fri, 02 Jan 1970 00:00:00 +0000\r\nFrom: me@x\r\nSubject: [x] down  Bcc: all@x\r\n"
			    "X-Mailer: Keepalived\r\nTo: root@a, b@c\r\n\r\n=> a <=\r\nb\r\n\r\n");
	assert_int_equal(len, strlen(text));
	free(text);
}

static void a_datagram_is_compared_under_its_mask(void **state)
{
	static const uint8_t want[] = { 0xa0, 0x12 }, mask[] = { 0xf0, 0xff };
	struct conf_check c = { .kind = CONF_CHECK_UDP, .udp = { .require_reply = true, .max_reply = 4 } };
	char why[80] = "";

	assert_int_equal(reply_match(&c, (const uint8_t *)"abc", 3, why, sizeof(why)), 0);
	/* The most that a reply may have (255 if nothing is said) is for those that are compared. */
	assert_int_equal(reply_match(&c, (const uint8_t *)"abcde", 5, why, sizeof(why)), 0);
	c.udp.min_reply = 1;
	assert_int_equal(reply_match(&c, (const uint8_t *)"", 0, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "reply of 0 bytes, want at least 1");
	c.udp.min_reply = 0;
	c.udp.reply = want;
	c.udp.reply_mask = mask;
	c.udp.n_reply = 2;
	assert_int_equal(reply_match(&c, (const uint8_t *)"\xaf\x12zzz", 5, why, sizeof(why)), -EINVAL);
	assert_string_equal(why, "reply of 5 bytes, want at most 4");
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

	assert_int_equal(passive_count(&w, 10 * S, 100, 50, 1 * S), 0); /* what was before us does not count */
	assert_int_equal(passive_count(&w, 10 * S, 103, 50, 2 * S), 3);
	assert_int_equal(passive_count(&w, 10 * S, 105, 51, 3 * S), 0); /* it answers */
	assert_int_equal(passive_count(&w, 10 * S, 107, 51, 4 * S), 2);
	assert_int_equal(passive_count(&w, 10 * S, 2, 0, 5 * S), 0); /* the director began anew */
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
		cmocka_unit_test(http_bodies_end_by_length_chunks_or_close),
		cmocka_unit_test(http_headers_have_an_end),
		cmocka_unit_test(a_page_is_judged_by_status_digest_and_regex),
		cmocka_unit_test(a_mail_has_keepalived_s_headers_and_no_others),
		cmocka_unit_test(a_datagram_is_compared_under_its_mask),
		cmocka_unit_test(unanswered_connections_count_while_none_is_established),
		cmocka_unit_test(what_is_older_than_the_window_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
