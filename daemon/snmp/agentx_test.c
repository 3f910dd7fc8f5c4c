/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agentx_test - PDUs of the master agent as bytes (RFC 2741), and what we answer, byte by byte. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "answer.h"

#define NO_OID 0, 0, 0, 0

static struct conf conf;
static struct view view;

static int setup(void **state)
{
	memset(&conf, 0, sizeof(conf));
	memset(&view, 0, sizeof(view));
	conf.global.router_id = "lb1";
	conf.global.net_namespace = conf.global.smtp_server = conf.global.mail_from = "";
	conf.global.default_interface = "";
	view.conf = &conf;
	view.parts = PART_VRRP;
	view.fresh = ~0u;
	view.netdev = -1;
	return 0;
}

static int ask(const uint8_t *pdu, size_t len, struct agentx_out *out)
{
	struct agentx_header h;
	unsigned need = 0;

	assert_int_equal(agentx_header(pdu, len, &h), 0);
	assert_int_equal(h.len + AGENTX_HEADER, len);
	return answer(&view, 7, &h, pdu + AGENTX_HEADER, out, &need);
}

static void assert_out(struct agentx_out *out, const uint8_t *bytes, size_t len)
{
	assert_int_equal(out->len, len);
	assert_memory_equal(out->bytes, bytes, len);
	agentx_out_free(out);
}

#define HEADER(type, len) 1, type, 0x10, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, len

static void a_get_is_answered(void **state)
{
	/* prefix 4 stands for 1.3.6.1.4 (RFC 2741 section 5.1) */
	const uint8_t get[] = { HEADER(AGENTX_GET, 36), 7, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0x25, 0x72, 0, 0, 0, 100, 0, 0, 0, 5,
				0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, NO_OID };
	const uint8_t want[] = { HEADER(AGENTX_RESPONSE, 72),
				 0, 0, 0, 0, 0, 0, 0, 0, /* uptime, error, index */
				 0, 4, 0, 0,		 /* OCTET STRING */
				 12, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1,
				 0, 0, 0x25, 0x72, 0, 0, 0, 100, 0, 0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0,
				 0, 0, 0, 3, 'l', 'b', '1', 0 };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(get, sizeof(get), &out), 1);
	assert_out(&out, want, sizeof(want));
}

static void the_other_byte_order_is_understood(void **state)
{
	const uint8_t ping[] = { 1, AGENTX_PING, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0 };
	const uint8_t want[] = { HEADER(AGENTX_RESPONSE, 8), 0, 0, 0, 0, 0, 0, 0, 0 };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(ping, sizeof(ping), &out), 1);
	assert_out(&out, want, sizeof(want));
}

static void get_next_finds_the_first_object(void **state)
{
	const uint8_t next[] = { HEADER(AGENTX_GET_NEXT, 12), 1, 4, 0, 0, 0, 0, 0, 1, NO_OID };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(next, sizeof(next), &out), 1);
	assert_int_equal(out.bytes[28] << 8 | out.bytes[29], VALUE_STRING); /* version.0 */
	assert_int_equal(out.bytes[32], 12);
	assert_int_equal(out.bytes[32 + 4 + 12 * 4 - 1], 0);
	agentx_out_free(&out);
}

static void nothing_is_written(void **state)
{
	const uint8_t set[] = { HEADER(AGENTX_TEST_SET, 0) };
	const uint8_t want[] = { HEADER(AGENTX_RESPONSE, 8), 0, 0, 0, 0, 0, AGENTX_NOT_WRITABLE, 0, 1 };
	const uint8_t cleanup[] = { HEADER(AGENTX_CLEANUP_SET, 0) };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(set, sizeof(set), &out), 1);
	assert_out(&out, want, sizeof(want));
	assert_int_equal(ask(cleanup, sizeof(cleanup), &out), 0);
}

static void a_bulk_ends_where_the_mib_ends(void **state)
{
	const uint8_t bulk[] = { HEADER(AGENTX_GET_BULK, 16), 0, 0, 0xff, 0xff, 1, 4, 0, 0, 0, 0, 0, 1, NO_OID };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(bulk, sizeof(bulk), &out), 1);
	assert_true(out.len < 4096);
	assert_int_equal(out.bytes[26], 0);
	agentx_out_free(&out);
}

static void what_is_wrong_is_told(void **state)
{
	const uint8_t context[] = { 1, AGENTX_GET, 0x18, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0 };
	const uint8_t cut[] = { HEADER(AGENTX_GET, 8), 3, 4, 0, 0, 0, 0, 0, 1 };
	const uint8_t stranger[] = { 1, AGENTX_GET, 0x10, 0, 0, 0, 0, 6, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 0 };
	struct agentx_out out = { 0 };

	assert_int_equal(ask(context, sizeof(context), &out), 1);
	assert_int_equal(out.bytes[24] << 8 | out.bytes[25], AGENTX_UNSUPPORTED_CONTEXT);
	assert_int_equal(ask(cut, sizeof(cut), &out), 1);
	assert_int_equal(out.bytes[24] << 8 | out.bytes[25], AGENTX_PARSE_ERROR);
	assert_int_equal(out.len, AGENTX_HEADER + 8);
	assert_int_equal(ask(stranger, sizeof(stranger), &out), 1);
	assert_int_equal(out.bytes[24] << 8 | out.bytes[25], AGENTX_NOT_OPEN);
	agentx_out_free(&out);
}

static void notifications_that_waited_get_their_session(void **state)
{
	const struct agentx_header none = { .session = 0, .packet = 1 };
	struct agentx_out pdu = { 0 }, all = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		agentx_begin(&pdu, AGENTX_NOTIFY, &none);
		agentx_string(&pdu, "abcde", i);
		assert_int_equal(agentx_end(&pdu), 0);
		agentx_append(&all, &pdu);
	}
	agentx_set_session(&all, 0x01020304);
	assert_int_equal(all.len, 3 * AGENTX_HEADER + 4 + 8 + 8);
	assert_memory_equal(all.bytes + 4, "\1\2\3\4", 4);
	assert_memory_equal(all.bytes + 28, "\1\2\3\4", 4);
	assert_memory_equal(all.bytes + 56, "\1\2\3\4", 4);
	agentx_out_free(&pdu);
	agentx_out_free(&all);
}

static void a_header_must_be_one(void **state)
{
	uint8_t h[] = { HEADER(AGENTX_PING, 0) };
	struct agentx_header got;

	for (size_t n = 1; n < sizeof(h); n++)
		assert_int_equal(agentx_header(h, n, &got), -EAGAIN);
	h[0] = 2;
	assert_int_equal(agentx_header(h, 1, &got), -EBADMSG);
	h[0] = 1;
	h[19] = 3;
	assert_int_equal(agentx_header(h, sizeof(h), &got), -EBADMSG);
	h[16] = 1;
	h[19] = 0;
	assert_int_equal(agentx_header(h, sizeof(h), &got), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_get_is_answered, setup),
		cmocka_unit_test_setup(the_other_byte_order_is_understood, setup),
		cmocka_unit_test_setup(get_next_finds_the_first_object, setup),
		cmocka_unit_test_setup(nothing_is_written, setup),
		cmocka_unit_test_setup(a_bulk_ends_where_the_mib_ends, setup),
		cmocka_unit_test_setup(what_is_wrong_is_told, setup),
		cmocka_unit_test(notifications_that_waited_get_their_session),
		cmocka_unit_test(a_header_must_be_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
