/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng_test - what libpcap, which others read captures with, finds in ours; and the blocks byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "pcapng.h"

static const uint8_t bytes[7] = { 1, 2, 3, 4, 5, 6, 7 };

static void libpcap_reads_what_was_written(void **state)
{
	char err[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const uint8_t *data;
	struct pcapng w;
	pcap_t *p;
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_int_equal(pcapng_begin(&w, f, 9000, "elvs capture"), 0);
	assert_int_equal(pcapng_interface(&w, 3, "eth0"), 0);
	assert_int_equal(pcapng_packet(&w, &(struct pcapng_packet){ 1700000000123456789, 3, "eth0", false, bytes, 7,
								    7, "hello" }),
			 0);
	assert_int_equal(pcapng_packet(&w, &(struct pcapng_packet){ 1700000001000000000, 9, "eth1", true, bytes, 4,
								    1500, NULL }),
			 0);
	assert_int_equal(w.interfaces, 2);
	rewind(f);
	p = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, err);
	assert_non_null(p);
	assert_int_equal(pcap_datalink(p), DLT_EN10MB);
	assert_int_equal(pcap_snapshot(p), 9000);
	assert_int_equal(pcap_next_ex(p, &h, &data), 1);
	assert_int_equal(h->caplen, 7);
	assert_int_equal(h->len, 7);
	assert_int_equal(h->ts.tv_sec, 1700000000);
	assert_int_equal(h->ts.tv_usec, 123456789);
	assert_memory_equal(data, bytes, 7);
	assert_int_equal(pcap_next_ex(p, &h, &data), 1);
	assert_int_equal(h->caplen, 4);
	assert_int_equal(h->len, 1500);
	assert_int_equal(h->ts.tv_sec, 1700000001);
	assert_int_equal(pcap_next_ex(p, &h, &data), PCAP_ERROR_BREAK);
	pcap_close(p);
}

static void a_packet_block_is_as_the_draft_says(void **state)
{
	static const uint32_t wanted[] = {
		6,	    60,		0,	    0x17979cfe, 0x3b9aca00,
		7,	    7,		0x04030201, 0x00070605, /* block, interface 0, time, lengths, data */
		0x00040002, 2,					/* flags: outbound */
		0x00020001, 0x00006968,				/* comment "hi" */
		0,	    60,
	};
	uint32_t got[sizeof(wanted) / 4 + 8] = {};
	struct pcapng w = { .out = tmpfile(), .snap_len = 100, .ifindex = { 3 }, .interfaces = 1 };
	struct pcapng_packet p = { ((uint64_t)0x17979cfe << 32) + 0x3b9aca00, 3, "eth0", true, bytes, 7, 7, "hi" };

	assert_non_null(w.out);
	assert_int_equal(pcapng_packet(&w, &p), 0);
	rewind(w.out);
	assert_int_equal(fread(got, 1, sizeof(got), w.out), sizeof(wanted));
	assert_memory_equal(got, wanted, sizeof(wanted));
	fclose(w.out);
}

static void a_full_disk_is_an_error(void **state)
{
	struct pcapng w;
	FILE *f = fopen("/dev/full", "w");

	assert_non_null(f);
	setbuf(f, NULL);
	assert_true(pcapng_begin(&w, f, 100, "x") < 0);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libpcap_reads_what_was_written),
		cmocka_unit_test(a_packet_block_is_as_the_draft_says),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
