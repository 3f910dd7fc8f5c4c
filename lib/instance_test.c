/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * instance_test - a whole instance on the running kernel: IPVS's rules, and what then lies in the maps. Needs root.
 */
#include "test_instance.h"

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
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) { /* the last is the broadcast address of our interface */
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

			for (int i = 0; i < 12; i++) /* ids of the second service's begin at 5 */
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
	OK(elvs_svc_del(e, &other.key)); /* the family's last: nothing of it is handled any more */
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
		assert_int_equal(elvs_batch_end(e), -ENOSPC); /* more than a table holds */
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

/* ---- addresses and next hops ---- */

static void hops_and_local_vips_reach_every_entry_of_the_address(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf a = svc("192.0.2.1", 80, "rr"), b = svc("192.0.2.1", 0, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1);
	struct elvs_hop h = {
		.ifindex = 7, .dmac = { 2, 0, 0, 0, 0, 1 }, .mtu = 1500, .resolved = true, .xdp = true
	};
	int n = 0;

	OK(elvs_svc_add(e, &a));
	OK(elvs_dest_add(e, &a.key, &d));
	assert_int_equal(ep_of(e, &a)->flags, 0);
	elvs_vip_set_local(e, AF_INET, &a.key.addr, true);
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	OK(elvs_svc_add(e, &b));
	OK(elvs_dest_add(e, &b.key, &d)); /* both are known already */
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

static void servers_on_this_host_are_announced_to_the_data_plane(void **state)
{
	struct elvs *e = open_at(NULL, true);
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs_dest_conf d = dest("10.0.0.1", 80, ELVS_MASQ, 1), l = dest("127.0.0.1", 80, ELVS_LOCAL, 1);
	struct elvs_hop h = { .ifindex = 1, .mtu = 65535, .local = true };

	OK(elvs_svc_add(e, &s));
	OK(elvs_dest_add(e, &s.key, &d));
	assert_false(e->set->flags & ELVS_SET_LOCAL);
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	assert_true(e->set->flags & ELVS_SET_LOCAL);
	OK(elvs_dest_add(e, &s.key, &l));
	h.local = false;
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	assert_true(e->set->flags & ELVS_SET_LOCAL);
	l.method = ELVS_MASQ;
	OK(elvs_dest_edit(e, &s.key, &l));
	assert_false(e->set->flags & ELVS_SET_LOCAL);

	h.local = true;
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	e->loads[1].act = 1;
	OK(elvs_dest_del(e, &s.key, &d)); /* deleted, but its connections' answers are still awaited */
	elvs_tend(e, 1000);
	elvs_tend(e, 200000);
	assert_true(e->set->flags & ELVS_SET_LOCAL);
	e->loads[1].act = 0;
	elvs_tend(e, 400000);
	elvs_tend(e, 600000);
	assert_int_equal(e->ntrash, 0);
	assert_false(e->set->flags & ELVS_SET_LOCAL);
	OK(elvs_dest_add(e, &s.key, &d)); /* an address nobody uses is forgotten */
	assert_false(e->set->flags & ELVS_SET_LOCAL);
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
	e->loads[2].inact = 1; /* a connection made while it was masqueraded */
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
	p->slot[4] = p->slot[3]; /* expired */
	p->slot[4].expiry = 999;
	p->slot[5] = p->slot[3]; /* being made */
	p->slot[5].word = ELVS_W_USED;
	w->slot[0] = (struct elvs_wslot){
		.key = { .caddr = { ip("198.51.100.0").a[0] },
			 .vaddr = { 17 },
			 .svc = 1,
			 .proto = IPPROTO_IP,
			 .kind = ELVS_WK_V4 | ELVS_WK_TEMPLATE },
		.word = word,
		.expiry = 1000 + 36 * 8,
		.flags = ELVS_WF_ASSURED,
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

static uint32_t kconns(struct elvs *e)
{
	struct elvs_table_info ti;

	elvs_table_info(e, &ti);
	return ti.capacity / 1024;
}

static void the_table_gets_memory_before_it_fills(void **state)
{
	struct elvs_options o = { .manual_clock = true, .max_conns = 4000000 };
	struct elvs_table_info ti;
	struct elvs *e = NULL;

	OK(elvs_open(&e, &o));
	assert_int_equal(kconns(e), 64);
	elvs_table_info(e, &ti);
	assert_in_range(ti.wide_capacity, 16 << 10, 20 << 10);
	e->cpus[0].conns = 20000; /* came at once: as many again may come four times, and fill 40 % at most */
	elvs_tend(e, 1000);
	assert_int_equal(kconns(e), 256);
	e->cpus[0].conns = 30000; /* 30,000 and 4 times 10,000 */
	elvs_tend(e, 1500);
	assert_int_equal(kconns(e), 256);
	e->cpus[0].conns = 104857; /* 40 %, come slowly: no more than these are reckoned with */
	e->conns_before = e->cpus[0].conns;
	elvs_tend(e, 2000);
	assert_int_equal(kconns(e), 256);
	e->cpus[0].conns++;
	e->conns_before++;
	elvs_tend(e, 2500);
	assert_int_equal(kconns(e), 512);
	e->cpus[0].conns += 100000; /* 604,858 wanted: 1,513,000 at 40 % */
	elvs_tend(e, 3000);
	assert_int_equal(kconns(e), 2048);
	elvs_table_info(e, &ti);
	assert_in_range(ti.wide_capacity, 16 << 10, 20 << 10);
	e->cpus[0].conns = 1000;
	e->cpus[0].wconns = 4000;
	elvs_tend(e, 3500);
	assert_int_equal(kconns(e), 2048); /* never shrinks */
	elvs_table_info(e, &ti);
	assert_in_range(ti.wide_capacity, 64 << 10, 80 << 10);
	e->cpus[0].conns = 10000000;
	elvs_tend(e, 4000);
	assert_int_equal(e->set->alloc_pairs, e->set->max_pairs);
	elvs_table_info(e, &ti);
	assert_in_range(ti.capacity, 4000000, 4000000 + 4 * ELVS_CONN_SEG);
	elvs_close(e);
}

static void what_was_alive_before_taking_over_did_not_come_at_once(void **state)
{
	char dir[128];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/grow", bpffs);
	e = open_at(dir, true);
	e->cpus[0].conns = 20000;
	elvs_close(e);
	e = open_at(dir, true);
	elvs_tend(e, 1000);
	assert_int_equal(kconns(e), 64);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static uint64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

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
		cmocka_unit_test(hops_and_local_vips_reach_every_entry_of_the_address),
		cmocka_unit_test(servers_on_this_host_are_announced_to_the_data_plane),
		cmocka_unit_test(nat_servers_stand_in_the_filter_until_rebuilt),
		cmocka_unit_test(connections_are_listed_as_they_stand_in_the_slots),
		cmocka_unit_test(the_table_gets_memory_before_it_fills),
		cmocka_unit_test(what_was_alive_before_taking_over_did_not_come_at_once),
		cmocka_unit_test(a_hundred_thousand_lines_take_under_two_seconds),
	};

	if (geteuid())
		return 77; /* meson: skipped */
	return cmocka_run_group_tests(tests, setup, teardown);
}
