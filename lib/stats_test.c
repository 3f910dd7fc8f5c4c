/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats_test - counters, rates, and what a process takes in memory to know them. Needs root.
 */
#include "test_instance.h"

static void a_service_counts_what_its_servers_did_gone_ones_included(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs_dest_conf d1 = dest("10.0.0.1", 80, ELVS_MASQ, 1), d2 = dest("10.0.0.2", 80, ELVS_MASQ, 1);

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d1));
	OK(elvs_dest_add(e, &s.key, &d2));
	count(e, 1, 10);
	count(e, 2, 5);
	assert_int_equal(svc_packets(e, &s), 15);
	OK(elvs_dest_del(e, &s.key, &d1));
	assert_int_equal(svc_packets(e, &s), 15);
	OK(elvs_dest_add(e, &s.key, &d1));
	count(e, 1, 1);
	assert_int_equal(svc_packets(e, &s), 16);
	OK(elvs_zero(e, &s.key));
	assert_int_equal(svc_packets(e, &s), 0);
	count(e, 2, 7);
	OK(elvs_dest_del(e, &s.key, &d2));
	assert_int_equal(svc_packets(e, &s), 7);
	OK(elvs_svc_del(e, &s.key));
	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d1));
	assert_int_equal(svc_packets(e, &s), 0); /* a new service, though its index is the old one's */
	elvs_close(e);
}

static void expect_verdicts(struct elvs *e, uint64_t forwarded, uint64_t replied, uint64_t local)
{
	struct elvs_verdict_count v[ELVS_V_COUNT];

	assert_int_equal(elvs_verdicts(e, v, ELVS_V_COUNT), ELVS_V_COUNT);
	assert_string_equal(v[ELVS_V_FORWARDED].name, "forwarded");
	assert_int_equal(v[ELVS_V_FORWARDED].count, forwarded);
	assert_int_equal(v[ELVS_V_REPLIED].count, replied);
	assert_int_equal(v[ELVS_V_LOCAL].count, local);
}

static void what_was_forwarded_is_never_forgotten(void **state)
{
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr"), t = svc("192.0.2.2", 80, "rr");
	struct elvs_dest_conf d1 = dest("10.0.0.1", 80, ELVS_MASQ, 1), d2 = dest("10.0.0.2", 80, ELVS_MASQ, 1);
	char dir[128];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/verdicts", bpffs);
	e = open_at(dir, true);
	OK(elvs_svc_add(e, &s));
	OK(elvs_svc_add(e, &t));
	OK(elvs_dest_add(e, &s.key, &d1));
	OK(elvs_dest_add(e, &s.key, &d2));
	OK(elvs_dest_add(e, &t.key, &d1));
	expect_verdicts(e, 0, 0, 0);
	count(e, 1, 10);
	count(e, 2, 5);
	count(e, 3, 100);
	((struct elvs_stats *)dest_stats(e, 1, 0))->outpkts = 7;
	e->cpus[e->ncpus - 1].verdict[ELVS_V_LOCAL] = 4;
	expect_verdicts(e, 111, 7, 4);
	OK(elvs_zero(e, NULL));
	OK(elvs_dest_del(e, &s.key, &d1));
	expect_verdicts(e, 111, 7, 4);
	e->loads[2].act = 1;
	OK(elvs_svc_del(e, &s.key));
	expect_verdicts(e, 111, 7, 4);
	OK(elvs_svc_add(e, &s)); /* anew, from the trash, and its servers as well */
	OK(elvs_dest_add(e, &s.key, &d2));
	expect_verdicts(e, 111, 7, 4);
	count(e, 2, 1);
	expect_verdicts(e, 112, 7, 4);
	e->loads[2].act = 0;
	OK(elvs_flush(e));
	trash_reap_now(e);
	assert_int_equal(e->ntrash + e->ntrash_svcs, 0);
	expect_verdicts(e, 112, 7, 4);
	OK(elvs_svc_add(e, &t)); /* an index used before */
	OK(elvs_dest_add(e, &t.key, &d1));
	expect_verdicts(e, 112, 7, 4);
	elvs_close(e);
	e = open_at(dir, true);
	expect_verdicts(e, 112, 7, 4);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void rates_are_the_kernels_estimator(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1);
	struct elvs_svc_info i;
	uint64_t now = 10000, est = 0;

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d));
	elvs_tend(e, now);
	for (int k = 0; k < 5; k++) {
		count(e, 1, 2000);
		elvs_tend(e, now += 2000);
		est += (((uint64_t)2000 << 9) - est) >> 2;
	}
	OK(elvs_svc_get(e, &s.key, &i));
	assert_int_equal(i.counters.inpps, (est + 0x1ff) >> 10);
	assert_in_range(i.counters.inpps, 700, 800); /* of 1000, after 5 steps of a quarter */
	assert_in_range(i.counters.inbps, 70000, 80000);
	OK(elvs_zero(e, NULL));
	OK(elvs_svc_get(e, &s.key, &i));
	assert_int_equal(i.counters.inpps, 0);
	elvs_close(e);
}

/* ---- this process's memory ---- */

/* Kilobytes of maps that are mapped here */
static unsigned long mapped_kb(void)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	unsigned long sum = 0, kb;
	bool ours = false;
	char line[512];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strchr(line, '-') && strstr(line, " r"))
			ours = strstr(line, "anon_inode:bpf-map");
		if (ours && sscanf(line, "Rss: %lu", &kb) == 1)
			sum += kb;
	}
	fclose(f);
	return sum;
}

static void what_is_not_used_is_not_mapped(void **state)
{
	struct elvs_options o = { .manual_clock = true };
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "wlc");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_DROUTE, 1);
	struct elvs_counters none = { 0 };
	struct elvs_svc_info info;
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/mapped", bpffs);
	o.pin_dir = dir;
	OK(elvs_open(&e, &o));
	elvs_tend(e, 1000);
	assert_in_range(mapped_kb(), 1, 800);
	elvs_batch_begin(e);
	for (uint32_t i = 1; i <= 10000; i++) {
		if (i % 10 == 1) {
			s.key.addr.v4.s_addr = htonl(0xc0000200 + i);
			OK(elvs_svc_add(e, &s));
		}
		d.addr.v4.s_addr = htonl(0x0a000000 + i);
		OK(elvs_dest_add(e, &s.key, &d));
	}
	OK(elvs_batch_end(e));
	elvs_tend(e, 5000);
	assert_in_range(mapped_kb(), 1, 1500);
	elvs_close(e);

	OK(elvs_open(&e, &o)); /* taken over, and still all is found */
	elvs_tend(e, 1000);
	assert_in_range(mapped_kb(), 1, 1500);
	OK(elvs_svc_get(e, &s.key, &info));
	assert_int_equal(info.ndests, 10);
	assert_memory_equal(&info.counters, &none, sizeof(none));
	assert_int_equal(elvs_dest_add(e, &s.key, &d), -EEXIST);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_counts_what_its_servers_did_gone_ones_included),
		cmocka_unit_test(what_was_forwarded_is_never_forgotten),
		cmocka_unit_test(rates_are_the_kernels_estimator),
		cmocka_unit_test(what_is_not_used_is_not_mapped),
	};

	if (geteuid())
		return 77; /* meson: skipped */
	return cmocka_run_group_tests(tests, setup, teardown);
}
