/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet_test - control packets byte for byte, and a row for each reason to refuse one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "packet.h"

static const uint8_t wire[BFD_PACKET_BYTES] = {
	0x23, 0xe8, 5,	  24,	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
	0,    0,    0x27, 0x10, 0,    0,    0x4e, 0x20, 0,    0,    0,	  0,
};

static void every_field_has_its_place(void **state)
{
	struct bfd_packet p;
	uint8_t buf[BFD_PACKET_BYTES];

	assert_int_equal(bfd_packet_parse(wire, sizeof(wire), &p), BFD_ACCEPTED);
	assert_int_equal(p.diag, BFD_DIAG_NEIGHBOUR);
	assert_int_equal(p.state, BFD_UP);
	assert_true(p.poll && p.control_independent && !p.final && !p.demand);
	assert_int_equal(p.multiplier, 5);
	assert_int_equal(p.my, 0x11223344);
	assert_int_equal(p.your, 0x55667788);
	assert_int_equal(p.min_tx_us, 10000);
	assert_int_equal(p.min_rx_us, 20000);
	assert_int_equal(p.min_echo_rx_us, 0);
	bfd_packet_build(&p, buf);
	assert_memory_equal(buf, wire, sizeof(wire));
}

static const struct row {
	const char *what;
	uint8_t at, value;
	size_t len; /* 0: all */
	enum bfd_refusal why;
} rows[] = {
	{ "cut", 0, 0x23, 23, BFD_REFUSED_SHORT },
	{ "empty", 0, 0x23, 1, BFD_REFUSED_SHORT },
	{ "version 0", 0, 0x03, 0, BFD_REFUSED_VERSION },
	{ "version 2", 0, 0x43, 0, BFD_REFUSED_VERSION },
	{ "length 23", 3, 23, 0, BFD_REFUSED_LENGTH },
	{ "length 25 of 24", 3, 25, 0, BFD_REFUSED_SHORT },
	{ "authenticated, no room for it", 1, 0xcc, 0, BFD_REFUSED_LENGTH },
	{ "multiplier", 2, 0, 0, BFD_REFUSED_MULTIPLIER },
	{ "multipoint", 1, 0xc1, 0, BFD_REFUSED_MULTIPOINT },
};

static void each_reason_has_a_row(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = rows[i].len ? rows[i].len : sizeof(wire);
		uint8_t *p = malloc(len); /* ASan minds its end */
		uint8_t copy[sizeof(wire)];
		struct bfd_packet out = { .my = 77 };

		memcpy(copy, wire, sizeof(wire));
		copy[rows[i].at] = rows[i].value;
		memcpy(p, copy, len);
		if (bfd_packet_parse(p, len, &out) != rows[i].why)
			fail_msg("%s: %s", rows[i].what, bfd_refusal_text(bfd_packet_parse(p, len, &out)));
		assert_int_equal(out.my, 77);
		free(p);
	}
}

static void discriminators_are_looked_at(void **state)
{
	uint8_t p[28];
	struct bfd_packet out;

	memcpy(p, wire, sizeof(wire));
	memset(p + 4, 0, 4);
	assert_int_equal(bfd_packet_parse(p, 24, &out), BFD_REFUSED_MY);
	p[7] = 1;
	memset(p + 8, 0, 4);
	assert_int_equal(bfd_packet_parse(p, 24, &out), BFD_REFUSED_YOUR);
	p[1] = 0x40; /* Down */
	assert_int_equal(bfd_packet_parse(p, 24, &out), BFD_ACCEPTED);
	p[1] = 0x44;
	p[3] = 26;
	assert_int_equal(bfd_packet_parse(p, 26, &out), BFD_REFUSED_AUTH);
}

static void names_are_there(void **state)
{
	for (int i = 0; i < BFD_REFUSALS; i++)
		assert_true(strlen(bfd_refusal_text(i)) > 7);
	assert_string_equal(bfd_state_name(BFD_UP), "Up");
	assert_string_equal(bfd_state_name((enum bfd_state)9), "unknown");
	assert_string_equal(bfd_diag_text(7), "Administratively Down");
	assert_string_equal(bfd_diag_text(31), "Reserved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_has_its_place),
		cmocka_unit_test(each_reason_has_a_row),
		cmocka_unit_test(discriminators_are_looked_at),
		cmocka_unit_test(names_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
