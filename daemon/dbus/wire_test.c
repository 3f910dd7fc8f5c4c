/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_test - messages as bytes: what is written is what the specification has, and what is read back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "wire.h"

static void hello(struct wire_out *o)
{
	wire_begin(o, WIRE_CALL, 0, 1);
	wire_path(o, "/a");
	wire_member(o, "Hi");
	wire_body(o, "su");
	wire_put_string(o, "x");
	wire_put_u32(o, 7);
	assert_int_equal(wire_end(o), 0);
}

/* Byte by byte, by the specification's tables */
static void a_call_has_these_bytes(void **state)
{
	static const uint8_t want[] = {
		'l', 1, 0, 1, 12, 0, 0, 0, 1, 0, 0, 0, 40, 0, 0, 0,	   /* 40 bytes of fields */
		1, 1, 'o', 0, 2, 0, 0, 0, '/', 'a', 0, 0, 0, 0, 0, 0,	   /* path, padded */
		3, 1, 's', 0, 2, 0, 0, 0, 'H', 'i', 0, 0, 0, 0, 0, 0,	   /* member */
		8, 1, 'g', 0, 2, 's', 'u', 0,				   /* signature */
		1, 0, 0, 0, 'x', 0, 0, 0, 7, 0, 0, 0,
	};
	struct wire_out o = { 0 };

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	hello(&o);
	assert_int_equal(o.len, sizeof(want));
	assert_memory_equal(o.bytes, want, sizeof(want));
	wire_free(&o);
}

static void what_is_written_is_read_back(void **state)
{
	struct wire_out o = { 0 };
	struct wire_in m;
	size_t header, total, array;
	uint32_t v;

	wire_begin(&o, WIRE_ERROR, WIRE_NO_REPLY, 9);
	wire_reply_to(&o, 4);
	wire_destination(&o, ":1.5");
	wire_error(&o, "a.b");
	wire_body(&o, "sua{sv}");
	wire_put_string(&o, "text");
	wire_put_u32(&o, 77);
	array = wire_array(&o);
	wire_put_struct(&o);
	wire_put_string(&o, "k");
	wire_put_signature(&o, "u");
	wire_put_u32(&o, 1);
	wire_array_end(&o, array);
	assert_int_equal(wire_end(&o), 0);

	assert_int_equal(wire_size(o.bytes, &header, &total), 0);
	assert_int_equal(total, o.len);
	assert_int_equal(header % 8, 0);
	assert_int_equal(wire_read(&m, o.bytes, o.len), 0);
	assert_int_equal(m.type, WIRE_ERROR);
	assert_int_equal(m.flags, WIRE_NO_REPLY);
	assert_int_equal(m.serial, 9);
	assert_int_equal(m.reply_serial, 4);
	assert_string_equal(m.error, "a.b");
	assert_string_equal(m.path, "");
	assert_string_equal(m.signature, "sua{sv}");
	assert_string_equal(wire_string(&m), "text");
	assert_int_equal(wire_u32(&m, &v), 0);
	assert_int_equal(v, 77);
	assert_int_equal(wire_u32(&m, &v), 0); /* the array: its length is that of the entry without the padding */
	assert_int_equal(v, m.body_len - 24);
	wire_free(&o);
}

static void the_other_byte_order_is_read(void **state)
{
	static const uint8_t other[] __attribute__((aligned(8))) = {
		'B', 4, 1, 1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 55,
		1, 1, 'o', 0, 0, 0, 0, 2, '/', 'p', 0, 0, 0, 0, 0, 0,
		2, 1, 's', 0, 0, 0, 0, 3, 'i', '.', 'f', 0, 0, 0, 0, 0,
		3, 1, 's', 0, 0, 0, 0, 1, 'M', 0, 0, 0, 0, 0, 0, 0,
		8, 1, 'g', 0, 1, 'u', 0, 0, 1, 2, 3, 4,
	};
	struct wire_in m;
	uint32_t v;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip();
	assert_int_equal(wire_read(&m, other, sizeof(other)), 0);
	assert_int_equal(m.serial, 2);
	assert_string_equal(m.path, "/p");
	assert_string_equal(m.interface, "i.f");
	assert_string_equal(m.member, "M");
	assert_int_equal(wire_u32(&m, &v), 0);
	assert_int_equal(v, 0x01020304);
	assert_int_equal(wire_u32(&m, &v), -EBADMSG);
}

/* Every message that lacks its end, and every one with one byte changed: refused or read, never more than there is */
static void no_byte_is_believed(void **state)
{
	struct wire_out o = { 0 };
	uint8_t *copy;
	struct wire_in m;

	hello(&o);
	for (size_t n = 0; n < o.len; n++) {
		copy = malloc(n ? n : 1); /* so that ASan sees a read beyond */
		memcpy(copy, o.bytes, n);
		assert_int_equal(wire_read(&m, copy, n), n >= 56 ? 0 : -EBADMSG);
		if (n >= 56)
			assert_null(wire_string(&m)); /* a body that is not there as a whole is not there */
		free(copy);
	}
	copy = malloc(o.len);
	for (size_t i = 0; i < o.len * 256; i++) {
		memcpy(copy, o.bytes, o.len);
		copy[i / 256] = (uint8_t)i;
		if (wire_read(&m, copy, o.len) == 0)
			(void)wire_string(&m);
	}
	free(copy);
	wire_free(&o);
}

static void what_is_no_message_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} rows[] = {
		{ 0, 'x' },  /* byte order */
		{ 1, 0 },    /* type */
		{ 3, 2 },    /* version */
		{ 8, 0 },    /* serial 0 */
		{ 14, 2 },   /* fields of 128 kB */
		{ 7, 0xff }, /* a body of 4 GB */
		{ 17, 9 },   /* a field's signature that does not end */
		{ 18, 's' }, /* a path that is a string */
		{ 24, 0 },   /* a NUL in it */
		{ 26, 'x' }, /* none at its end */
		{ 32, 1 },   /* no member */
	};
	struct wire_out o = { 0 };
	struct wire_in m;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hello(&o);
		o.bytes[rows[i].at] = rows[i].byte;
		if (rows[i].at == 32)
			o.bytes[34] = 'o';
		assert_int_equal(wire_read(&m, o.bytes, o.len), -EBADMSG);
	}
	wire_free(&o);
}

static void an_unknown_field_is_passed_over(void **state)
{
	struct wire_out o = { 0 };
	struct wire_in m;

	hello(&o);
	o.bytes[16] = 200;
	o.bytes[32] = 1; /* what was the member is the path now */
	o.bytes[34] = 'o';
	o.bytes[1] = 9; /* and the type one of tomorrow, which needs neither */
	assert_int_equal(wire_read(&m, o.bytes, o.len), 0);
	assert_string_equal(m.path, "Hi");
	wire_free(&o);
}

static void what_is_not_utf8_gets_question_marks(void **state)
{
	static const char *const rows[][2] = {
		{ "caf\xc3\xa9", "caf\xc3\xa9" },	/* UTF-8 stays */
		{ "caf\xe9", "caf?" },			/* Latin-1 */
		{ "\xc3", "?" },			/* cut off */
		{ "\xed\xa0\x80z", "???z" },		/* a surrogate */
		{ "\xc0\xaf", "??" },			/* too long a form */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf5\x80\x80\x80", "????" },
	};
	struct wire_out o = { 0 };
	struct wire_in m;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_begin(&o, WIRE_CALL, 0, 1);
		wire_path(&o, "/a");
		wire_member(&o, "M");
		wire_body(&o, "s");
		wire_put_string(&o, rows[i][0]);
		assert_int_equal(wire_end(&o), 0);
		assert_int_equal(wire_read(&m, o.bytes, o.len), 0);
		assert_string_equal(wire_string(&m), rows[i][1]);
	}
	wire_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_has_these_bytes),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_other_byte_order_is_read),
		cmocka_unit_test(no_byte_is_believed),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(an_unknown_field_is_passed_over),
		cmocka_unit_test(what_is_not_utf8_gets_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
