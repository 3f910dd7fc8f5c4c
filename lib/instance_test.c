/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance_test - a whole instance on the running kernel: IPVS's rules, what lies in the maps, taking over, attaching.
 * Needs root. Runs in a network and a mount namespace of its own, with a BPF file system of its own.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char bpffs[] = "/tmp/elvs-lib-test-XXXXXX";

#define OK(x) assert_int_equal((x), 0)

/* ---- builders ---- */

static union elvs_addr ip(const char *text)
{
	union elvs_addr a = { .a = { 0 } };

	if (inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, &a) != 1)
		abort();
	return a;
}

static struct elvs_svc_conf svc(const char *addr, uint16_t port, const char *sched)
{
	struct elvs_svc_conf c = { .key = { .proto = IPPROTO_TCP, .port = htons(port), .addr = ip(addr) } };

	c.key.af = strchr(addr, ':') ? AF_INET6 : AF_INET;
	c.netmask = c.key.af == AF_INET6 ? 128 : 0xffffffff;
	snprintf(c.sched, sizeof(c.sched), "%s", sched);
	return c;
}

static struct elvs_dest_conf dest(const char *addr, uint16_t port, uint32_t method, uint32_t weight)
{
	struct elvs_dest_conf c = { .port = htons(port), .addr = ip(addr), .method = method, .weight = weight };

	c.af = strchr(addr, ':') ? AF_INET6 : AF_INET;
	return c;
}

static struct elvs *open_at(const char *pin_dir, bool manual)
{
	struct elvs_options o = { .pin_dir = pin_dir, .manual_clock = manual };
	struct elvs *e = NULL;
	int r = elvs_open(&e, &o);

	if (r)
		fail_msg("elvs_open: %s", elvs_strerror(NULL));
	return e;
}

struct listing {
	char text[2048];
};

static int list_dest(void *arg, const struct elvs_dest_info *i)
{
	struct listing *l = arg;
	size_t n = strlen(l->text);
	char a[INET6_ADDRSTRLEN];

	snprintf(l->text + n, sizeof(l->text) - n, "%s:%u w%u a%u i%u id%u|", addr_text(i->conf.af, &i->conf.addr, a),
		 ntohs(i->conf.port), i->conf.weight, i->active, i->inactive, i->id);
	return 0;
}

static int list_svc(void *arg, const struct elvs_svc_info *i)
{
	struct listing *l = arg;
	size_t n = strlen(l->text);
	char a[INET6_ADDRSTRLEN];

	snprintf(l->text + n, sizeof(l->text) - n, "%s:%u %s %u|", addr_text(i->conf.key.af, &i->conf.key.addr, a),
		 ntohs(i->conf.key.port), i->conf.sched, i->ndests);
	return 0;
}

static void expect_svcs(struct elvs *e, const char *want)
{
	struct listing l = { "" };

	OK(elvs_svc_each(e, list_svc, &l));
	assert_string_equal(l.text, want);
}

static void expect_dests(struct elvs *e, const struct elvs_svc_conf *s, const char *want)
{
	struct listing l = { "" };

	OK(elvs_dest_each(e, &s->key, list_dest, &l));
	assert_string_equal(l.text, want);
}

/* The next n choices of an rr or wrr service, as the data plane makes them; advances the cursor. */
static void expect_picks(struct elvs *e, uint32_t svc_id, const char *want)
{
	struct elvs_svc *s = &e->svcs[svc_id];
	const uint32_t *t = dir_at(&e->sched, ELVS_TAB_CHUNK(s->table) * ELVS_SCHED_CHUNK + ELVS_TAB_OFF(s->table));
	char got[64] = "";

	for (size_t i = 0; want[i]; i++)
		got[i] = '0' + t[s->cursor++ % ELVS_TAB_LEN(s->table)];
	assert_string_equal(got, want);
}

static struct elvs_ep *ep_of(struct elvs *e, const struct elvs_svc_conf *s)
{
	struct ep_table t = { e->eps, e->set, 0 };

	return ep_find(&t, kind_of(s->key.af), s->key.addr.a, s->key.port, s->key.proto);
}

static uint64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* ---- configuration ---- */

static void services_and_servers_follow_ipvs_rules(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "RR"), bad = s, v6 = svc("2001:db8::1", 80, "wlc");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1), x;
	struct elvs_svc_info info;

	assert_int_equal(elvs_svc_edit(e, &s), -ESRCH);
	OK(elvs_svc_add(e, &s));
	assert_int_equal(elvs_svc_add(e, &s), -EEXIST);
	OK(elvs_svc_get(e, &s.key, &info));
	assert_string_equal(info.conf.sched, "rr");
	assert_int_equal(info.conf.flags, ELVS_SVC_HASHED);
	bad.key.port = htons(81);
	strcpy(bad.sched, "nosuch");
	assert_int_equal(elvs_svc_add(e, &bad), -ENOENT);
	strcpy(bad.sched, "mh");
	assert_int_equal(elvs_svc_add(e, &bad), -EOPNOTSUPP);
	assert_non_null(strstr(elvs_strerror(e), "mh"));
	strcpy(bad.sched, "rr");
	strcpy(bad.pe, "nosuch");
	assert_int_equal(elvs_svc_add(e, &bad), -ENOENT);
	v6.netmask = 129;
	assert_int_equal(elvs_svc_add(e, &v6), -EINVAL);
	v6.netmask = 64;
	OK(elvs_svc_add(e, &v6));

	assert_int_equal(elvs_dest_add(e, &bad.key, &d), -ESRCH);
	OK(elvs_dest_add(e, &s.key, &d));
	assert_int_equal(elvs_dest_add(e, &s.key, &d), -EEXIST);
	x = dest("10.0.0.2", 80, ELVS_MASQ, 1);
	assert_int_equal(elvs_dest_edit(e, &s.key, &x), -ENOENT);
	assert_int_equal(elvs_dest_del(e, &s.key, &x), -ENOENT);
	x.l_threshold = 2;
	assert_int_equal(elvs_dest_add(e, &s.key, &x), -ERANGE);
	x = dest("10.0.0.2", 80, ELVS_MASQ, 0x80000000u);
	assert_int_equal(elvs_dest_add(e, &s.key, &x), -ERANGE);
	x = dest("2001:db8::2", 80, ELVS_DROUTE, 1);
	assert_int_equal(elvs_dest_add(e, &s.key, &x), -EINVAL);
	x.method = ELVS_TUNNEL;
	OK(elvs_dest_add(e, &s.key, &x));
	elvs_close(e);
}

static void only_unicast_addresses_are_servers(void **state)
{
	static const char *const no[] = { "0.0.0.0", "224.0.0.5", "255.255.255.255", "198.51.100.255" };
	static const char *const no6[] = { "::", "ff02::1", "fe80::1" };
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr"), v6 = svc("2001:db8::1", 80, "rr");
	struct elvs_dest_conf d;

	OK(elvs_svc_add(e, &s));
	OK(elvs_svc_add(e, &v6));
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {	/* the last is the broadcast address of our interface */
		d = dest(no[i], 80, ELVS_MASQ, 1);
		assert_int_equal(elvs_dest_add(e, &s.key, &d), -EINVAL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no6); i++) {
		d = dest(no6[i], 80, ELVS_MASQ, 1);
		assert_int_equal(elvs_dest_add(e, &v6.key, &d), -EINVAL);
	}
	d = dest("127.0.0.1", 80, ELVS_MASQ, 1);
	OK(elvs_dest_add(e, &s.key, &d));
	d = dest("198.51.100.7", 80, ELVS_MASQ, 1);
	OK(elvs_dest_add(e, &s.key, &d));
	d = dest("::1", 80, ELVS_MASQ, 1);
	OK(elvs_dest_add(e, &v6.key, &d));
	elvs_close(e);
}

static void the_newest_is_listed_first(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf a = svc("192.0.2.1", 80, "rr"), b = svc("192.0.2.2", 80, "sh");
	struct elvs_dest_conf d1 = dest("10.0.0.1", 80, ELVS_MASQ, 1), d2 = dest("10.0.0.2", 8080, ELVS_MASQ, 3);

	OK(elvs_svc_add(e, &a));
	OK(elvs_svc_add(e, &b));
	OK(elvs_dest_add(e, &a.key, &d1));
	OK(elvs_dest_add(e, &a.key, &d2));
	expect_svcs(e, "192.0.2.2:80 sh 0|192.0.2.1:80 rr 2|");
	expect_dests(e, &a, "10.0.0.2:8080 w3 a0 i0 id2|10.0.0.1:80 w1 a0 i0 id1|");
	OK(elvs_flush(e));
	expect_svcs(e, "");
	elvs_close(e);
}

/* The lines of a recorded session (weights 1,2,3,4; 12 choices between changes) */
static void wrr_and_rr_go_on_as_recorded_through_changes(void **state)
{
	struct elvs *e = open_at(NULL, true);
	const char *scheds[] = { "rr", "wrr" };
	const char *want[2][5] = {
		{ "432143214321", "432143214321", "432432432432", "434343434343", "243243243243" },
		{ "432144343243", "432133243213", "332432332432", "433343334333", "232433232433" },
	};

	for (int k = 0; k < 2; k++) {
		struct elvs_svc_conf s = svc("192.0.2.1", 80 + k, scheds[k]);
		struct elvs_dest_conf d[5];
		struct elvs_svc_info info;

		OK(elvs_svc_add(e, &s));
		OK(elvs_svc_get(e, &s.key, &info));
		for (int i = 1; i <= 4; i++) {
			d[i] = dest("10.0.0.0", 80, ELVS_MASQ, i);
			d[i].addr.v4.s_addr = htonl(0x0a000000 + k * 256 + i);
			OK(elvs_dest_add(e, &s.key, &d[i]));
		}
		for (int step = 0; step < 5; step++) {
			char ids[16] = "";

			for (int i = 0; i < 12; i++)	/* ids of the second service's begin at 5 */
				ids[i] = want[k][step][i] + 4 * k;
			expect_picks(e, info.id, ids);
			d[4].weight = 1;
			d[1].weight = 0;
			d[2].weight = 2;
			if (step == 0)
				OK(elvs_dest_edit(e, &s.key, &d[4]));
			if (step == 1)
				OK(elvs_dest_edit(e, &s.key, &d[1]));
			if (step == 2)
				OK(elvs_dest_del(e, &s.key, &d[2]));
			if (step == 3)
				OK(elvs_dest_add(e, &s.key, &d[2]));
		}
	}
	elvs_close(e);
}

static void a_batch_ends_where_single_changes_end(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "wrr");
	struct elvs_svc_info info;

	OK(elvs_svc_add(e, &s));
	OK(elvs_svc_get(e, &s.key, &info));
	elvs_batch_begin(e);
	for (int i = 1; i <= 4; i++) {
		struct elvs_dest_conf d = dest("10.0.0.0", 80, ELVS_MASQ, i);

		d.addr.v4.s_addr = htonl(0x0a000000 + i);
		OK(elvs_dest_add(e, &s.key, &d));
	}
	assert_int_equal(e->svcs[info.id].table, 0);
	OK(elvs_batch_end(e));
	expect_picks(e, info.id, "43214434324321");
	elvs_close(e);
}

/* ---- the trash ---- */

static void deleted_with_connections_comes_back_under_its_id(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr"), other = svc("192.0.2.9", 80, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1), d2 = dest("10.0.0.2", 80, ELVS_MASQ, 1);
	uint64_t now = 1000000;

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d));
	e->loads[1].act = 3;
	OK(elvs_dest_del(e, &s.key, &d));
	assert_int_equal(dest_at(e, 1)->flags & ELVS_DEST_AVAILABLE, 0);
	assert_int_equal(e->loads[1].weight, 0);
	elvs_tend(e, now);
	elvs_tend(e, now += 500000);
	OK(elvs_dest_add(e, &s.key, &d2));
	OK(elvs_dest_add(e, &s.key, &d));
	expect_dests(e, &s, "10.0.0.1:80 w1 a3 i0 id1|10.0.0.2:80 w1 a0 i0 id2|");

	OK(elvs_svc_add(e, &other));
	OK(elvs_svc_del(e, &s.key));
	assert_int_equal(ep_of(e, &s)->flags & ELVS_EP_GONE, ELVS_EP_GONE);
	elvs_tend(e, now += 5000);
	elvs_tend(e, now += 5000);
	OK(elvs_svc_add(e, &s));
	assert_int_equal(ep_of(e, &s)->id, 1);
	assert_int_equal(ep_of(e, &s)->flags & ELVS_EP_GONE, 0);
	OK(elvs_dest_add(e, &s.key, &d));
	expect_dests(e, &s, "10.0.0.1:80 w1 a3 i0 id1|");

	OK(elvs_svc_del(e, &s.key));
	OK(elvs_svc_del(e, &other.key));	/* the family's last: nothing of it is handled any more */
	assert_null(ep_of(e, &s));
	e->loads[1].act = 0;
	elvs_tend(e, now += 5000);
	elvs_tend(e, now += 5000);
	elvs_tend(e, now += 5000);
	assert_int_equal(e->ntrash, 0);
	assert_int_equal(e->ntrash_svcs, 0);
	assert_int_equal(e->svcs[1].used, 0);
	assert_int_equal(dest_at(e, 1)->used, 0);
	assert_int_equal(e->ep_count, 0);
	elvs_close(e);
}

static int count_addr(void *arg, uint16_t af, const union elvs_addr *a)
{
	++*(int *)arg;
	return 0;
}

static void ids_run_out_with_a_sentence_and_trash_makes_room(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "lc");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_DROUTE, 1);
	int r = 0, n = 0, addrs = 0;

	OK(elvs_svc_add(e, &s));
	for (int round = 0; round < 2; round++) {
		elvs_batch_begin(e);
		for (n = 0; !r; n++) {
			d.addr.v4.s_addr = htonl(0x0a000000 + (round << 20) + n);
			r = elvs_dest_add(e, &s.key, &d);
		}
		assert_int_equal(r, -ENOMEM);
		assert_non_null(strstr(elvs_strerror(e), "limit"));
		assert_int_equal(n, ELVS_MAX_DESTS);
		assert_int_equal(elvs_batch_end(e), -ENOSPC);	/* more than a table holds */
		OK(elvs_svc_del(e, &s.key));
		OK(elvs_svc_add(e, &s));
		r = 0;
	}
	OK(elvs_svc_del(e, &s.key));
	trash_reap_now(e);
	OK(elvs_dest_addr_each(e, count_addr, &addrs));
	assert_int_equal(addrs, 0);
	elvs_close(e);
}

/* ---- statistics ---- */

static void count(struct elvs *e, uint32_t id, uint64_t packets)
{
	struct elvs_stats *s = (struct elvs_stats *)dest_stats(e, id, packets % e->ncpus);

	s->inpkts += packets;
	s->inbytes += packets * 100;
}

static uint64_t svc_packets(struct elvs *e, const struct elvs_svc_conf *s)
{
	struct elvs_svc_info i;

	OK(elvs_svc_get(e, &s->key, &i));
	assert_int_equal(i.counters.inbytes, i.counters.inpkts * 100);
	return i.counters.inpkts;
}

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
	assert_int_equal(svc_packets(e, &s), 0);	/* a new service, though its index is the old one's */
	elvs_close(e);
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
	assert_in_range(i.counters.inpps, 700, 800);	/* of 1000, after 5 steps of a quarter */
	assert_in_range(i.counters.inbps, 70000, 80000);
	OK(elvs_zero(e, NULL));
	OK(elvs_svc_get(e, &s.key, &i));
	assert_int_equal(i.counters.inpps, 0);
	elvs_close(e);
}

/* ---- addresses and next hops ---- */

static void hops_and_local_vips_reach_every_entry_of_the_address(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf a = svc("192.0.2.1", 80, "rr"), b = svc("192.0.2.1", 0, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1);
	struct elvs_hop h = { .ifindex = 7, .dmac = { 2, 0, 0, 0, 0, 1 }, .mtu = 1500, .resolved = true, .xdp = true };
	int n = 0;

	OK(elvs_svc_add(e, &a));
	OK(elvs_dest_add(e, &a.key, &d));
	assert_int_equal(ep_of(e, &a)->flags, 0);
	elvs_vip_set_local(e, AF_INET, &a.key.addr, true);
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	OK(elvs_svc_add(e, &b));
	OK(elvs_dest_add(e, &b.key, &d));	/* both are known already */
	assert_int_equal(ep_of(e, &a)->flags, ELVS_EP_LIVE);
	assert_int_equal(ep_of(e, &b)->flags, ELVS_EP_LIVE | ELVS_EP_WIDE);
	assert_true(e->set->flags & ELVS_SET_PORT0);
	for (uint32_t id = 1; id <= 2; id++) {
		assert_int_equal(dest_at(e, id)->nh.ifindex, 7);
		assert_int_equal(dest_at(e, id)->nh.flags, ELVS_NH_VALID | ELVS_NH_XDP);
	}
	h.dmac[5] = 9;
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	assert_int_equal(dest_at(e, 2)->nh.dmac[5], 9);
	OK(elvs_dest_addr_each(e, count_addr, &n));
	OK(elvs_vip_each(e, count_addr, &n));
	assert_int_equal(n, 2);
	OK(elvs_svc_del(e, &b.key));
	elvs_vip_set_local(e, AF_INET, &a.key.addr, false);
	assert_int_equal(ep_of(e, &a)->flags, 0);
	elvs_close(e);
}

static bool filter_has(struct elvs *e, const struct elvs_dest_conf *d, uint16_t port, uint8_t proto)
{
	uint32_t bit = elvs_rs_bit(d->addr.a, htons(port), proto);

	return e->rs_filter[bit / 64] >> bit % 64 & 1;
}

static void nat_servers_stand_in_the_filter_until_rebuilt(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 8080, ELVS_MASQ, 1), dr = dest("10.0.0.2", 80, ELVS_DROUTE, 1);

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &dr));
	assert_false(e->set->flags & ELVS_SET_NAT);
	OK(elvs_dest_add(e, &s.key, &d));
	assert_true(e->set->flags & ELVS_SET_NAT);
	assert_true(filter_has(e, &d, 8080, IPPROTO_TCP));
	assert_false(filter_has(e, &dr, 80, IPPROTO_TCP));
	d.method = ELVS_DROUTE;
	e->loads[2].inact = 1;		/* a connection made while it was masqueraded */
	OK(elvs_dest_edit(e, &s.key, &d));
	elvs_tend(e, 100000);
	assert_true(filter_has(e, &d, 8080, IPPROTO_TCP));
	e->loads[2].inact = 0;
	e->filter_stale = true;
	elvs_tend(e, 200000);
	assert_false(filter_has(e, &d, 8080, IPPROTO_TCP));
	assert_false(e->set->flags & ELVS_SET_NAT);
	elvs_close(e);
}

/* ---- connections ---- */

static int take_conns(void *arg, const struct elvs_conn *c)
{
	struct listing *l = arg;
	size_t n = strlen(l->text);
	char a[3][INET6_ADDRSTRLEN];

	snprintf(l->text + n, sizeof(l->text) - n, "%u %u %s %s:%u %s:%u %s:%u|", c->proto, c->expires_sec,
		 elvs_conn_state(c), addr_text(c->af, &c->caddr, a[0]), ntohs(c->cport),
		 addr_text(c->af, &c->vaddr, a[1]), ntohs(c->vport), addr_text(c->daf, &c->daddr, a[2]),
		 ntohs(c->dport));
	return 0;
}

static void connections_are_listed_as_they_stand_in_the_slots(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 8080, ELVS_MASQ, 1);
	struct elvs_pair *p = dir_at(&e->conn, 77);
	struct elvs_wpair *w = dir_at(&e->wconn, 5);
	struct elvs_table_info ti;
	struct listing l = { "" };
	uint32_t word = ELVS_W_USED | 1 << ELVS_W_DEST_SHIFT | ELVS_TCP_ESTABLISHED << ELVS_W_STATE_SHIFT;

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d));
	elvs_clock_set(e, 1000);
	p->slot[3] = (struct elvs_slot){ ip("198.51.100.1").a[0] | (uint64_t)htons(40000) << 32 | 1ull << 48, word,
					 1000 + 899 * 8 };
	p->slot[4] = p->slot[3];	/* expired */
	p->slot[4].expiry = 999;
	p->slot[5] = p->slot[3];	/* being made */
	p->slot[5].word = ELVS_W_USED;
	w->slot[0] = (struct elvs_wslot){
		.key = { .caddr = { ip("198.51.100.0").a[0] }, .vaddr = { 17 }, .svc = 1, .proto = IPPROTO_IP,
			 .kind = ELVS_WK_V4 | ELVS_WK_TEMPLATE },
		.word = word, .expiry = 1000 + 36 * 8, .flags = ELVS_WF_ASSURED,
	};
	OK(elvs_conn_each(e, take_conns, &l));
	assert_string_equal(l.text, "6 899 ESTABLISHED 198.51.100.1:40000 192.0.2.1:80 10.0.0.1:8080|"
				    "0 36 ASSURED 198.51.100.0:0 0.0.0.17:0 10.0.0.1:0|");
	OK(elvs_conns_clear(e));
	l.text[0] = '\0';
	OK(elvs_conn_each(e, take_conns, &l));
	assert_string_equal(l.text, "");
	elvs_table_info(e, &ti);
	assert_int_equal(ti.conns + ti.wide_conns, 0);
	elvs_close(e);
}

static void the_table_gets_memory_before_it_fills(void **state)
{
	struct elvs_options o = { .manual_clock = true, .max_conns = 200000 };
	struct elvs_table_info ti;
	struct elvs *e = NULL;

	OK(elvs_open(&e, &o));
	assert_int_equal(e->set->alloc_pairs, ELVS_CONN_SEG);
	e->cpus[0].conns = 4 * ELVS_CONN_SEG * 2 / 5;
	elvs_tend(e, 1000);
	assert_int_equal(e->set->alloc_pairs, ELVS_CONN_SEG);
	e->cpus[0].conns++;
	elvs_tend(e, 2000);
	assert_int_equal(e->set->alloc_pairs, 2 * ELVS_CONN_SEG);
	e->cpus[0].conns = 1000000;
	for (int i = 0; i < 10; i++)
		elvs_tend(e, 3000 + i);
	assert_int_equal(e->set->alloc_pairs, e->set->max_pairs);
	elvs_table_info(e, &ti);
	assert_in_range(ti.capacity, 200000, 200000 + 4 * ELVS_CONN_SEG);
	elvs_close(e);
}

/* ---- taking over ---- */

static void a_new_process_finds_everything_as_it_was(void **state)
{
	char dir[128], path[160];
	struct elvs *e;
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "wrr"), t = svc("192.0.2.2", 0, "lc"), gone = svc("192.0.2.3", 80, "rr");
	const uint32_t sec[3] = { 100, 0, 7 };
	uint32_t got[3], clock;
	struct elvs_dest_conf d;
	struct elvs_hop h = { .ifindex = 7, .dmac = { 2, 0, 0, 0, 0, 1 }, .mtu = 1500, .resolved = true };

	snprintf(dir, sizeof(dir), "%s/one/two", bpffs);
	e = open_at(dir, false);
	assert_false(elvs_adopted(e));
	OK(elvs_svc_add(e, &s));
	OK(elvs_svc_add(e, &t));
	OK(elvs_svc_add(e, &gone));
	for (int i = 1; i <= 4; i++) {
		d = dest("10.0.0.0", 80, ELVS_MASQ, i);
		d.addr.v4.s_addr = htonl(0x0a000000 + i);
		OK(elvs_dest_add(e, &s.key, &d));
	}
	OK(elvs_dest_add(e, &gone.key, &d));
	elvs_vip_set_local(e, AF_INET, &s.key.addr, true);
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	OK(elvs_timeouts_set(e, sec));
	expect_picks(e, 1, "432144");
	e->loads[4].inact = 2;
	e->loads[5].act = 1;
	count(e, 2, 3);
	OK(elvs_svc_del(e, &gone.key));
	clock = elvs_clock(e);
	elvs_close(e);			/* what kill -9 leaves, too: nothing is written on closing */

	e = open_at(dir, false);
	assert_true(elvs_adopted(e));
	expect_svcs(e, "192.0.2.2:0 lc 0|192.0.2.1:80 wrr 4|");
	expect_dests(e, &s, "10.0.0.4:80 w4 a0 i2 id4|10.0.0.3:80 w3 a0 i0 id3|10.0.0.2:80 w2 a0 i0 id2|10.0.0.1:80 w1 a0 i0 id1|");
	expect_picks(e, 1, "34324321");
	assert_int_equal(svc_packets(e, &s), 3);
	OK(elvs_timeouts_get(e, got));
	assert_int_equal(got[0], 100);
	assert_int_equal(got[1], 120);
	assert_int_equal(got[2], 7);
	assert_true((int32_t)(elvs_clock(e) - clock) >= 0);
	assert_true(e->vips.rec[e->srec[1].vip].local);
	OK(elvs_svc_add(e, &gone));
	assert_int_equal(ep_of(e, &gone)->id, 3);	/* revived with its connection */
	d.weight = 9;
	OK(elvs_dest_add(e, &gone.key, &d));
	expect_dests(e, &gone, "10.0.0.4:80 w9 a1 i0 id5|");
	assert_int_equal(dest_at(e, 5)->nh.ifindex, 7);
	assert_int_equal(e->nport0, 1);
	elvs_close(e);

	OK(elvs_destroy(dir));
	snprintf(path, sizeof(path), "%s/one", bpffs);
	OK(rmdir(path));
}

static uint32_t rnd(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* Until it is killed */
static void change_at_random(const char *dir, uint32_t seed)
{
	struct elvs *e = open_at(dir, true);

	for (uint64_t now = 1000;; now += 100) {
		struct elvs_svc_conf s = svc("192.0.2.1", 80, rnd(&seed, 2) ? "wrr" : "rr");
		struct elvs_dest_conf d = dest("10.0.0.1", 80, rnd(&seed, 2) ? ELVS_MASQ : ELVS_DROUTE, rnd(&seed, 5));
		uint32_t what = rnd(&seed, 20);

		s.key.addr.v4.s_addr = htonl(0x0a000000 + rnd(&seed, 200));
		s.key.port = rnd(&seed, 8) ? s.key.port : 0;
		d.addr.v4.s_addr = htonl(0x0b000000 + rnd(&seed, 20));
		elvs_svc_add(e, &s);
		if (what < 10)
			elvs_dest_add(e, &s.key, &d);
		else if (what < 13)
			elvs_dest_edit(e, &s.key, &d);
		else if (what < 15)
			elvs_dest_del(e, &s.key, &d);
		else if (what < 18)
			elvs_svc_edit(e, &s);
		else
			elvs_svc_del(e, &s.key);
		elvs_tend(e, now);
	}
}

static void expect_sound(struct elvs *e)
{
	uint32_t eps = 0, dests = 0;

	for (uint32_t i = e->svc_head; i; i = e->srec[i].next, eps++) {
		struct elvs_svc_key k;
		uint32_t n = 0, len = ELVS_TAB_LEN(e->svcs[i].table);
		const uint32_t *t = dir_at(&e->sched, ELVS_TAB_CHUNK(e->svcs[i].table) * ELVS_SCHED_CHUNK +
							      ELVS_TAB_OFF(e->svcs[i].table));
		struct ep_table table = { e->eps, e->set, 0 };

		svc_key_of(&e->svcs[i], &k);
		assert_int_equal(svc_find(e, &k), i);
		assert_int_equal(ep_find(&table, e->svcs[i].kind, e->svcs[i].vaddr, k.port, k.proto)->id, i);
		for (uint32_t id = e->srec[i].head; id; id = e->drec[id].next, n++) {
			assert_int_equal(dest_at(e, id)->svc, i);
			assert_int_equal(e->loads[id].weight, dest_at(e, id)->weight);
			assert_int_equal(dest_at(e, id)->flags, ELVS_DEST_AVAILABLE);
		}
		assert_int_equal(n, e->svcs[i].ndests);
		for (uint32_t k2 = 0; k2 < len; k2++)
			assert_true(dest_at(e, t[k2])->svc == i && dest_at(e, t[k2])->used == LIVE);
		dests += n;
	}
	assert_int_equal(dests, e->ndests);
	assert_true(e->ep_count >= eps);
}

static void killed_at_any_moment_it_can_be_taken_over(void **state)
{
	char dir[128];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/kill", bpffs);
	elvs_close(open_at(dir, true));
	for (int round = 0; round < 12; round++) {
		struct timespec t = { .tv_nsec = 60000000 + round * 1234567 };
		pid_t pid = fork();

		if (!pid)
			change_at_random(dir, round);
		nanosleep(&t, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		e = open_at(dir, true);
		assert_true(elvs_adopted(e));
		expect_sound(e);
		elvs_close(e);
	}
	e = open_at(dir, true);
	assert_true(e->ndests > 0);
	OK(elvs_flush(e));
	trash_reap_now(e);
	assert_int_equal(e->ep_count + e->nport0 + e->ntrash + e->ntrash_svcs + e->ndests, 0);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void another_layout_is_refused_with_a_sentence(void **state)
{
	struct elvs_options o;
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/old", bpffs);
	e = open_at(dir, true);
	e->set->version = ELVS_LAYOUT_VERSION + 1;
	elvs_close(e);
	o = (struct elvs_options){ .pin_dir = dir };
	assert_int_equal(elvs_open(&e, &o), -EPROTO);
	assert_non_null(strstr(elvs_strerror(NULL), "another layout"));
	OK(elvs_destroy(dir));
	o.pin_dir = "/tmp/elvs-not-a-bpffs/x";
	assert_int_equal(elvs_open(&e, &o), -EINVAL);
	assert_non_null(strstr(elvs_strerror(NULL), "BPF file system"));
	rmdir("/tmp/elvs-not-a-bpffs/x");
	rmdir("/tmp/elvs-not-a-bpffs");
}

static void a_start_that_was_killed_leaves_nothing_in_the_way(void **state)
{
	char dir[128], path[160];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/half", bpffs);
	elvs_close(open_at(dir, true));
	snprintf(path, sizeof(path), "%s/maps/settings", dir);
	OK(unlink(path));
	e = open_at(dir, true);
	assert_false(elvs_adopted(e));
	elvs_close(e);
	OK(elvs_destroy(dir));
}

/* ---- attaching ---- */

static int sh(const char *command)
{
	return system(command);
}

static struct elvs_if_info veth_info(void)
{
	return (struct elvs_if_info){ .ifindex = if_nametoindex("v0"), .mac = { 2, 0, 0, 0, 0, 2 }, .mtu = 1500,
				      .partial = true };
}

static void attachments_outlive_the_process_and_go_without_trace(void **state)
{
	const struct elvs_if_info v = veth_info();
	uint32_t ifindex[4];
	enum elvs_hook hook[4];
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/att", bpffs);
	e = open_at(dir, true);
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	OK(sh("ip link show v0 | grep -q 'prog/xdp'"));
	OK(sh("tc filter show dev v0 ingress | grep -q elvs_tc_in"));
	OK(sh("tc filter show dev v0 egress | grep -q elvs_tc_out"));
	assert_int_equal(e->ifs[v.ifindex].ifindex, v.ifindex);
	elvs_close(e);
	OK(sh("ip link show v0 | grep -q 'prog/xdp'"));

	e = open_at(dir, true);
	assert_int_equal(elvs_attachments(e, ifindex, hook, 4), 1);
	assert_int_equal(ifindex[0], v.ifindex);
	assert_int_equal(hook[0], ELVS_HOOK_BOTH);
	OK(elvs_attach(e, &v, ELVS_HOOK_TC));
	OK(sh("! ip link show v0 | grep -q 'prog/xdp'"));
	assert_int_equal(elvs_attachments(e, ifindex, hook, 4), 1);
	assert_int_equal(hook[0], ELVS_HOOK_TC);
	OK(elvs_detach(e, v.ifindex));
	OK(sh("! tc qdisc show dev v0 | grep -q clsact"));
	OK(elvs_attach(e, &v, ELVS_HOOK_BOTH));
	elvs_close(e);
	OK(elvs_destroy(dir));
	OK(sh("! ip link show v0 | grep -q 'prog/xdp'"));
	OK(sh("! tc qdisc show dev v0 | grep -q clsact"));
}

/* Somebody else's filter: a program of ours under another priority and handle */
static void hang_filter(struct elvs *e, enum bpf_tc_attach_point point)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = if_nametoindex("v0"), .attach_point = point);
	LIBBPF_OPTS(bpf_tc_opts, o, .handle = 1, .priority = 7, .prog_fd = elvs_prog_fd(e, ELVS_PROG_TC_IN));

	OK(bpf_tc_attach(&hook, &o));
}

static void what_others_attached_stays(void **state)
{
	const struct elvs_if_info v = veth_info();
	struct elvs *e = open_at(NULL, true), *other = open_at(NULL, true);

	OK(elvs_attach(other, &v, ELVS_HOOK_XDP));
	assert_int_equal(elvs_attach(e, &v, ELVS_HOOK_XDP), -EBUSY);
	assert_non_null(strstr(elvs_strerror(e), "v0: another XDP program"));
	assert_non_null(strstr(elvs_strerror(e), "elvs_xdp"));
	elvs_close(other);

	OK(sh("tc qdisc add dev v0 clsact"));
	hang_filter(e, BPF_TC_INGRESS);
	OK(elvs_attach(e, &v, ELVS_HOOK_BOTH));
	OK(elvs_detach(e, v.ifindex));
	OK(sh("tc filter show dev v0 ingress | grep -q 'pref 7.*handle 0x1'"));
	OK(sh("! tc filter show dev v0 ingress | grep -q 'pref 1 '"));
	OK(sh("tc qdisc del dev v0 clsact"));

	OK(elvs_attach(e, &v, ELVS_HOOK_TC));	/* our clsact, and somebody hangs a filter on it */
	hang_filter(e, BPF_TC_EGRESS);
	elvs_close(e);
	OK(sh("tc filter show dev v0 egress | grep -q 'pref 7.*handle 0x1'"));
	OK(sh("! tc filter show dev v0 egress | grep -q 'pref 1 '"));
	OK(sh("tc qdisc del dev v0 clsact"));
}

static void jumbo_frames_take_the_other_program(void **state)
{
	const struct elvs_if_info v = veth_info();
	struct elvs *e = open_at(NULL, true);

	OK(sh("ip link set v0 mtu 9000; ip link set v1 mtu 9000"));
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	OK(sh("ip -d link show v0 | grep -q 'prog/xdp'"));
	OK(elvs_detach(e, v.ifindex));
	OK(sh("ip link set v0 mtu 1500; ip link set v1 mtu 1500"));
	elvs_close(e);
}

static void a_vanished_interface_is_forgotten(void **state)
{
	struct elvs_if_info v;
	struct elvs *e;
	char dir[128];
	uint32_t ifindex[4];
	enum elvs_hook hook[4];

	OK(sh("ip link add v8 type veth peer name v9"));
	v = veth_info();
	v.ifindex = if_nametoindex("v8");
	snprintf(dir, sizeof(dir), "%s/van", bpffs);
	e = open_at(dir, true);
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	OK(sh("ip link del v8"));
	elvs_close(e);
	e = open_at(dir, true);
	assert_int_equal(elvs_attachments(e, ifindex, hook, 4), 0);
	assert_int_equal(elvs_attach(e, &v, ELVS_HOOK_BOTH), -ENODEV);
	assert_int_equal(elvs_attachments(e, ifindex, hook, 4), 0);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

/* ---- speed ---- */

static void a_hundred_thousand_lines_take_under_two_seconds(void **state)
{
	struct elvs *e = open_at(NULL, true);
	uint64_t begin = mono_ms();

	elvs_batch_begin(e);
	for (int i = 0; i < 4096; i++) {
		struct elvs_svc_conf s = svc("192.0.2.1", 80, i % 2 ? "wrr" : "sh");

		s.key.addr.v4.s_addr = htonl(0x0a000000 + i);
		OK(elvs_svc_add(e, &s));
		for (int k = 0; k < 24; k++) {
			struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, k % 5);

			d.addr.v4.s_addr = htonl(0x0b000000 + i * 24 + k);
			OK(elvs_dest_add(e, &s.key, &d));
		}
	}
	OK(elvs_batch_end(e));
	assert_in_range(mono_ms() - begin, 0, 2000);
	begin = mono_ms();
	OK(elvs_flush(e));
	assert_in_range(mono_ms() - begin, 0, 1000);
	elvs_close(e);
}

/* ---- the world of the tests ---- */

static int setup(void **state)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	if (!mkdtemp(bpffs) || mount("bpf", bpffs, "bpf", 0, NULL))
		return -1;
	return sh("ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add 198.51.100.1/24 dev v0 "
		  "&& ip link set v0 up && ip link set v1 up");
}

static int teardown(void **state)
{
	umount(bpffs);
	return rmdir(bpffs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_and_servers_follow_ipvs_rules),
		cmocka_unit_test(only_unicast_addresses_are_servers),
		cmocka_unit_test(the_newest_is_listed_first),
		cmocka_unit_test(wrr_and_rr_go_on_as_recorded_through_changes),
		cmocka_unit_test(a_batch_ends_where_single_changes_end),
		cmocka_unit_test(deleted_with_connections_comes_back_under_its_id),
		cmocka_unit_test(ids_run_out_with_a_sentence_and_trash_makes_room),
		cmocka_unit_test(a_service_counts_what_its_servers_did_gone_ones_included),
		cmocka_unit_test(rates_are_the_kernels_estimator),
		cmocka_unit_test(hops_and_local_vips_reach_every_entry_of_the_address),
		cmocka_unit_test(nat_servers_stand_in_the_filter_until_rebuilt),
		cmocka_unit_test(connections_are_listed_as_they_stand_in_the_slots),
		cmocka_unit_test(the_table_gets_memory_before_it_fills),
		cmocka_unit_test(a_new_process_finds_everything_as_it_was),
		cmocka_unit_test(killed_at_any_moment_it_can_be_taken_over),
		cmocka_unit_test(another_layout_is_refused_with_a_sentence),
		cmocka_unit_test(a_start_that_was_killed_leaves_nothing_in_the_way),
		cmocka_unit_test(attachments_outlive_the_process_and_go_without_trace),
		cmocka_unit_test(what_others_attached_stays),
		cmocka_unit_test(jumbo_frames_take_the_other_program),
		cmocka_unit_test(a_vanished_interface_is_forgotten),
		cmocka_unit_test(a_hundred_thousand_lines_take_under_two_seconds),
	};

	if (geteuid())
		return 77;	/* meson: skipped */
	return cmocka_run_group_tests(tests, setup, teardown);
}
