/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_text_test - frames in words; and that no beginning of a frame is read beyond its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nicstats.h"
#include "packet_text.h"

struct frame {
	uint8_t bytes[256];
	size_t len;
};

/* "0a 0b ..." with comments in parentheses left out by the writer */
static struct frame frame(const char *hex)
{
	struct frame f = {};
	char *end;

	while (*hex) {
		f.bytes[f.len++] = (uint8_t)strtoul(hex, &end, 16);
		hex = end + strspn(end, " ");
	}
	return f;
}

#define ETH4 "02 00 00 00 00 02 02 00 00 00 00 01 08 00 "
#define ETH4_ON "02 00 00 00 00 03 02 00 00 00 00 02 08 00 "
#define ETH6 "02 00 00 00 00 02 02 00 00 00 00 01 86 dd "
#define VLAN5 "02 00 00 00 00 02 02 00 00 00 00 01 81 00 00 05 08 00 "
#define TCP4 "45 00 00 28 00 01 40 00 40 06 00 00 0a 00 00 02 0a 01 00 64 "
#define TCP4_NAT "45 00 00 28 00 01 40 00 3f 06 00 00 0a 00 00 02 0a 01 00 0b "
#define IPIP "45 00 00 3c 00 01 40 00 40 04 00 00 0a 01 00 01 0a 01 00 0b "
#define SYN "11 d7 00 50 00 00 00 01 00 00 00 00 50 02 ff ff 00 00 00 00"
#define SYN_8080 "11 d7 1f 90 00 00 00 01 00 00 00 00 50 02 ff ff 00 00 00 00"
#define IP6_UDP                                                                    \
	"60 00 00 00 00 08 11 40 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02 " \
	"fd 01 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 35 00 35 00 08 00 00"
#define PING "45 00 00 1c 00 01 00 00 40 01 00 00 0a 00 00 02 0a 01 00 64 08 00 00 00 00 01 00 01"
#define LATER "45 00 00 1c 00 01 00 b9 40 11 00 00 0a 00 00 02 0a 01 00 64 08 00 00 00 00 01 00 01"
#define ARP "ff ff ff ff ff ff 02 00 00 00 00 01 08 06 00 01 08 00 06 04 00 01"

static void says_what_a_frame_is(void **state)
{
	static const struct {
		const char *hex, *text;
	} rows[] = {
		{ ETH4 TCP4 SYN, "TCP 10.0.0.2:4567 > 10.1.0.100:80 [S]" },
		{ VLAN5 TCP4 SYN, "vlan 5 TCP 10.0.0.2:4567 > 10.1.0.100:80 [S]" },
		{ ETH6 IP6_UDP, "UDP [fd00::2]:53 > [fd01::100]:53" },
		{ ETH4 PING, "ICMP 10.0.0.2 > 10.1.0.100 type 8 code 0" },
		{ ETH4 LATER, "UDP 10.0.0.2 > 10.1.0.100 fragment" },
		{ ETH4 IPIP TCP4 SYN, "IPIP 10.1.0.1 > 10.1.0.11 (TCP 10.0.0.2:4567 > 10.1.0.100:80 [S])" },
		{ ARP, "ethertype 0x0806 02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff" },
	};
	char text[300];
	struct frame f;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f = frame(rows[i].hex);
		assert_string_equal(packet_format(text, sizeof(text), f.bytes, f.len), rows[i].text);
	}
}

static void says_what_became_of_it(void **state)
{
	static const struct {
		const char *before, *after, *text;
	} rows[] = {
		{ ETH4 TCP4 SYN, ETH4_ON TCP4_NAT SYN_8080, "to 10.1.0.11:8080" },
		{ ETH4 TCP4_NAT SYN, ETH4_ON TCP4 SYN, "to 10.1.0.100:80" },
		{ ETH4 TCP4 SYN, ETH4_ON TCP4 SYN, "MAC 02:00:00:00:00:02 > 02:00:00:00:00:03" },
		{ ETH4 TCP4 SYN, ETH4_ON IPIP TCP4 SYN, "in IPIP 10.1.0.1 > 10.1.0.11" },
		{ ETH4 TCP4 SYN, ETH4 TCP4 SYN, "" },
	};
	char text[200];
	struct frame b, a;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b = frame(rows[i].before);
		a = frame(rows[i].after);
		assert_string_equal(packet_difference(text, sizeof(text), b.bytes, b.len, a.bytes, a.len),
				    rows[i].text);
	}
}

/* Each beginning in memory of its own, so that the sanitizer sees a step beyond it */
static void a_cut_frame_is_not_read_beyond_its_end(void **state)
{
	static const char *const whole[] = { ETH4 TCP4 SYN, VLAN5 TCP4 SYN, ETH6 IP6_UDP, ETH4 IPIP TCP4 SYN,
					     ETH4 PING };
	char text[300];
	size_t i, n;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		struct frame f = frame(whole[i]);

		for (n = 0; n <= f.len; n++) {
			uint8_t *cut = malloc(n ? n : 1);

			assert_non_null(cut);
			memcpy(cut, f.bytes, n);
			packet_format(text, sizeof(text), cut, n);
			assert_true(strlen(text) < sizeof(text));
			packet_difference(text, sizeof(text), cut, n, f.bytes, f.len);
			free(cut);
		}
	}
}

static void a_small_buffer_is_not_overrun(void **state)
{
	struct frame f = frame(ETH4 IPIP TCP4 SYN);
	char text[40];

	memset(text, 'x', sizeof(text));
	packet_format(text, 20, f.bytes, f.len);
	assert_int_equal(strlen(text), 19);
	assert_int_equal(text[20], 'x');
}

static void queues_of_a_statistic_are_summed_up(void **state)
{
	static const struct {
		const char *name, *sum;
	} rows[] = {
		{ "rx_queue_0_xdp_drops", "rx_xdp_drops" },
		{ "tx_queue_12_xdp_xmit_errors", "tx_xdp_xmit_errors" },
		{ "rx3_xdp_drop", "rx_xdp_drop" },
		{ "rx_xdp_tx_full", "rx_xdp_tx_full" },
		{ "rx_queue_0_drops", NULL },
		{ "tx_queue_0_xdp_xmit", NULL },
		{ "rx_packets", NULL },
	};
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(nicstats_name(name, rows[i].name), rows[i].sum != NULL);
		if (rows[i].sum)
			assert_string_equal(name, rows[i].sum);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_a_frame_is),
		cmocka_unit_test(says_what_became_of_it),
		cmocka_unit_test(a_cut_frame_is_not_read_beyond_its_end),
		cmocka_unit_test(a_small_buffer_is_not_overrun),
		cmocka_unit_test(queues_of_a_statistic_are_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
