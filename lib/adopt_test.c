/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adopt_test - instances outlive processes: taking over, being killed, attaching to interfaces. Needs root.
 */
#include "test_instance.h"

#include <linux/capability.h>
#include <sys/syscall.h>

/* ---- taking over ---- */

static void a_new_process_finds_everything_as_it_was(void **state)
{
	char dir[128], path[160];
	struct elvs *e;
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "wrr"), t = svc("192.0.2.2", 0, "lc"),
			     gone = svc("192.0.2.3", 80, "rr");
	const uint32_t sec[3] = { 100, 0, 7 };
	uint32_t got[3], clock;
	struct elvs_dest_conf d;
	struct elvs_hop h = {
		.ifindex = 7, .dmac = { 2, 0, 0, 0, 0, 1 }, .mtu = 1500, .resolved = true, .local = true
	};

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
	elvs_close(e); /* what kill -9 leaves, too: nothing is written on closing */

	e = open_at(dir, false);
	assert_true(elvs_adopted(e));
	expect_svcs(e, "192.0.2.2:0 lc 0|192.0.2.1:80 wrr 4|");
	expect_dests(e, &s,
		     "10.0.0.4:80 w4 a0 i2 id4|10.0.0.3:80 w3 a0 i0 id3|10.0.0.2:80 w2 a0 i0 id2|10.0.0.1:80 w1 a0 "
		     "i0 id1|");
	expect_picks(e, 1, "34324321");
	assert_int_equal(svc_packets(e, &s), 3);
	OK(elvs_timeouts_get(e, got));
	assert_int_equal(got[0], 100);
	assert_int_equal(got[1], 120);
	assert_int_equal(got[2], 7);
	assert_true((int32_t)(elvs_clock(e) - clock) >= 0);
	assert_true(e->vips.rec[e->srec[1].vip].local);
	OK(elvs_svc_add(e, &gone));
	assert_int_equal(ep_of(e, &gone)->id, 3); /* revived with its connection */
	d.weight = 9;
	OK(elvs_dest_add(e, &gone.key, &d));
	expect_dests(e, &gone, "10.0.0.4:80 w9 a1 i0 id5|");
	assert_int_equal(dest_at(e, 5)->nh.ifindex, 7);
	assert_int_equal(e->nport0, 1);
	assert_int_equal(e->nlocal, 2);
	assert_true(e->set->flags & ELVS_SET_LOCAL);
	h.local = false;
	elvs_hop_set(e, AF_INET, &d.addr, &h);
	assert_false(e->set->flags & ELVS_SET_LOCAL);
	elvs_close(e);

	OK(elvs_destroy(dir));
	snprintf(path, sizeof(path), "%s/one", bpffs);
	OK(rmdir(path));
}

static void drop_sys_admin(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d))
		_exit(2);
	d[0].effective &= ~(1u << CAP_SYS_ADMIN);
	d[0].permitted &= ~(1u << CAP_SYS_ADMIN);
	d[0].inheritable = 0;
	if (syscall(SYS_capset, &h, d))
		_exit(2);
}

/* In a process of its own, without CAP_SYS_ADMIN. 0: taken over, with all its chunks, and it can grow. */
static int open_with_less_rights(const char *dir, uint32_t chunks)
{
	struct elvs_options o = { .pin_dir = dir, .manual_clock = true };
	struct elvs *e = NULL;
	int status;
	pid_t pid = fork();

	if (!pid) {
		drop_sys_admin();
		if (elvs_open(&e, &o))
			_exit(strstr(elvs_strerror(NULL), "CAP_SYS_ADMIN") ? 3 : 4);
		if (!elvs_adopted(e) || e->conn.count != chunks)
			_exit(5);
		e->cpus[0].conns = e->conns_before = 100000;
		e->tended = true;
		elvs_tend(e, 1000);
		_exit(e->conn.count == 2 * chunks ? 0 : 6);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int list_vip(void *arg, const struct elvs_vip_info *v)
{
	char text[INET6_ADDRSTRLEN];
	struct listing *l = arg;
	size_t n = strlen(l->text);

	inet_ntop(v->af, &v->addr, text, sizeof(text));
	snprintf(l->text + n, sizeof(l->text) - n, "%s %d%s%s|", text, v->mode,
		 v->local ? " local" : "", v->live ? " live" : "");
	return 0;
}

static void expect_vips(struct elvs *e, const char *want)
{
	struct listing l = { "" };

	OK(elvs_vip_info_each(e, list_vip, &l));
	assert_string_equal(l.text, want);
}

static void modes_of_virtual_addresses_outlive_process_and_services(void **state)
{
	union elvs_addr a = ip("192.0.2.1"), b = ip("fd00::1"), c = ip("192.0.2.3");
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr"), t = svc("fd00::1", 80, "rr");
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/modes", bpffs);
	e = open_at(dir, false);
	expect_vips(e, "");
	OK(elvs_vip_mode_set(e, AF_INET, &c, ELVS_VIP_DEFAULT));
	expect_vips(e, "");
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_MUTED));
	OK(elvs_svc_add(e, &s));
	elvs_vip_set_local(e, AF_INET, &a, true);
	expect_vips(e, "192.0.2.1 2 local|");
	OK(elvs_svc_add(e, &t));
	expect_vips(e, "192.0.2.1 2 local|fd00::1 0|");
	OK(elvs_vip_mode_set(e, AF_INET6, &b, ELVS_VIP_LIVE));
	OK(elvs_vip_mode_set(e, AF_INET, &c, ELVS_VIP_LIVE));
	assert_int_equal(elvs_vip_mode_set(e, AF_INET, &c, 4), -EINVAL);
	OK(elvs_svc_del(e, &s.key));
	elvs_close(e);

	e = open_at(dir, false);
	OK(elvs_svc_add(e, &s));
	elvs_vip_set_local(e, AF_INET, &a, true);
	expect_vips(e, "192.0.2.1 2 local|fd00::1 1 local live|192.0.2.3 1|");
	elvs_vip_set_local(e, AF_INET6, &b, false); /* the watcher's first look: nothing local about it */
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_DEFAULT));
	OK(elvs_vip_mode_set(e, AF_INET, &c, ELVS_VIP_DEFAULT));
	expect_vips(e, "192.0.2.1 0 local live|fd00::1 1 live|");
	elvs_close(e);

	e = open_at(dir, false);
	expect_vips(e, "fd00::1 1 local live|192.0.2.1 0 local live|"); /* in the order of their services */
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void a_held_address_is_live_where_it_stands(void **state)
{
	union elvs_addr a = ip("192.0.2.1");
	struct elvs_svc_conf s = svc("192.0.2.1", 80, "rr");
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/held", bpffs);
	e = open_at(dir, false);
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_HELD));
	OK(elvs_svc_add(e, &s));
	elvs_vip_set_local(e, AF_INET, &a, true); /* on lo */
	expect_vips(e, "192.0.2.1 3 local|");
	elvs_vip_set_held(e, AF_INET, &a, true);
	expect_vips(e, "192.0.2.1 3 local live|");
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_MUTED));
	expect_vips(e, "192.0.2.1 2 local|");
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_HELD));
	elvs_close(e);

	e = open_at(dir, false); /* until the new one has looked, it counts as the old one saw it */
	expect_vips(e, "192.0.2.1 3 local live|");
	elvs_vip_set_held(e, AF_INET, &a, false);
	expect_vips(e, "192.0.2.1 3 local|");
	elvs_close(e);

	e = open_at(dir, false);
	expect_vips(e, "192.0.2.1 3|");
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void modes_take_further_chunks(void **state)
{
	struct elvs *e = open_at(NULL, true);
	union elvs_addr a = { .a = { 0 } };

	for (uint32_t i = 0; i <= ELVS_VIP_CHUNK; i++) {
		a.a[0] = htonl(0x0a000000 + i);
		OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_MUTED));
	}
	assert_int_equal(e->vip_modes.count, 2);
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_DEFAULT));
	a.a[0] = htonl(0x0b000000);
	OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_MUTED)); /* where the other one was */
	for (uint32_t i = 0; i < ELVS_VIP_CHUNK - 1; i++) {
		a.a[0] = htonl(0x0c000000 + i);
		OK(elvs_vip_mode_set(e, AF_INET, &a, ELVS_VIP_MUTED));
	}
	assert_int_equal(e->vip_modes.count, 2);
	elvs_close(e);
}

static void marks_of_checks_outlive_the_process(void **state)
{
	struct elvs_check_conf c = {
		.af = AF_INET, .vip = ip("192.0.2.1"), .server = ip("10.0.0.1"), .method = ELVS_DROUTE
	};
	struct elvs_check_conf d = c, wrong = c;
	uint32_t one, two, again;
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/checks", bpffs);
	e = open_at(dir, true);
	d.method = ELVS_TUNNEL;
	wrong.method = ELVS_MASQ;
	assert_int_equal(elvs_check_set(e, &wrong, &one), -EINVAL);
	assert_int_equal(e->set->flags & ELVS_SET_CHECK, 0);
	OK(elvs_check_set(e, &c, &one));
	OK(elvs_check_set(e, &d, &two));
	assert_int_not_equal(one, two);
	assert_int_equal(one & 0xff000000, 0xe1000000);
	assert_int_equal(elvs_check_overhead(&c), 0);
	assert_int_equal(elvs_check_overhead(&d), 20);
	elvs_close(e);

	e = open_at(dir, true);
	assert_int_equal(e->set->flags & ELVS_SET_CHECK, ELVS_SET_CHECK);
	OK(elvs_check_set(e, &d, &again));
	assert_int_equal(again, two);
	OK(elvs_check_del(e, one));
	assert_int_equal(elvs_check_del(e, one), -ENOENT);
	assert_int_equal(elvs_check_del(e, two & 0xffffff), -ENOENT);
	d.af = AF_INET6;
	d.vip = ip("fd00::1");
	d.server = ip("fd00::2");
	OK(elvs_check_set(e, &d, &again));
	assert_int_equal(again, one); /* the free number */
	OK(elvs_check_del(e, two));
	elvs_close(e);

	e = open_at(dir, true);
	OK(elvs_check_del(e, one));
	assert_int_equal(e->set->flags & ELVS_SET_CHECK, 0);
	for (uint32_t i = 0; i < 2 * ELVS_CHECK_CHUNK; i++) {
		c.server.v4.s_addr = htonl(0x0a000001 + i);
		OK(elvs_check_set(e, &c, &one));
	}
	assert_int_equal(e->checks.count, 3);
	c.server.v4.s_addr = htonl(0x0a000001);
	OK(elvs_check_set(e, &c, &again));
	elvs_close(e);
	e = open_at(dir, true);
	OK(elvs_check_set(e, &c, &two));
	assert_int_equal(again, two);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void taking_over_needs_no_cap_sys_admin(void **state)
{
	char dir[128], path[160], other[160];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/cap", bpffs);
	e = open_at(dir, true);
	e->cpus[0].conns = e->conns_before = 50000;
	elvs_tend(e, 1000);
	assert_int_equal(e->conn.count, 4);
	elvs_close(e);
	assert_int_equal(open_with_less_rights(dir, 4), 0);
	snprintf(path, sizeof(path), "%s/chunks/elvs_conns-7", dir);
	snprintf(other, sizeof(other), "%s/chunks/elvs_conns-6", dir);
	OK(access(path, F_OK));
	OK(unlink(path)); /* an instance of a version that did not pin them, and a pin of another map */
	OK(rename(other, path));
	assert_int_equal(open_with_less_rights(dir, 8), 3);
	e = open_at(dir, true);
	assert_int_equal(e->conn.count, 8);
	elvs_close(e);
	e = open_at(dir, true);
	elvs_conns_clear(e);
	elvs_close(e);
	assert_int_equal(open_with_less_rights(dir, 8), 6); /* 100,000 need no more */
	OK(elvs_destroy(dir));
}

static uint32_t rnd(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

/* Until it is killed; says through the pipe that it has begun. */
static void change_at_random(const char *dir, uint32_t seed, int begun)
{
	struct elvs_options o = { .pin_dir = dir, .manual_clock = true };
	struct elvs *e = NULL;

	if (elvs_open(&e, &o) || write(begun, "", 1) != 1)
		_exit(1); /* no assertion: it would go on with the next test, in this process too */
	for (uint64_t now = 1000;; now += 100) {
		struct elvs_svc_conf s = svc("192.0.2.1", 80, rnd(&seed, 2) ? "wrr" : "rr");
		struct elvs_dest_conf d =
			dest("10.0.0.1", 80, rnd(&seed, 2) ? ELVS_MASQ : ELVS_DROUTE, rnd(&seed, 5));
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
		const uint32_t *t = sched_at(e, ELVS_TAB_CHUNK(e->svcs[i].table), ELVS_TAB_OFF(e->svcs[i].table));
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
	for (int round = 0; round < 6; round++) {
		struct timespec t = { .tv_nsec = 3000000 + round * 1234567 };
		int begun[2];
		pid_t pid;
		char c;

		OK(pipe(begun));
		pid = fork();
		if (!pid)
			change_at_random(dir, round, begun[1]);
		close(begun[1]); /* a child that dies before it begins is noticed */
		assert_int_equal(read(begun[0], &c, 1), 1);
		nanosleep(&t, NULL); /* no wait for anything: the moment of the kill, another in every round */
		close(begun[0]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_process_finds_everything_as_it_was),
		cmocka_unit_test(modes_of_virtual_addresses_outlive_process_and_services),
		cmocka_unit_test(a_held_address_is_live_where_it_stands),
		cmocka_unit_test(modes_take_further_chunks),
		cmocka_unit_test(marks_of_checks_outlive_the_process),
		cmocka_unit_test(taking_over_needs_no_cap_sys_admin),
		cmocka_unit_test(killed_at_any_moment_it_can_be_taken_over),
		cmocka_unit_test(another_layout_is_refused_with_a_sentence),
		cmocka_unit_test(a_start_that_was_killed_leaves_nothing_in_the_way),
	};

	if (geteuid())
		return 77; /* meson: skipped */
	return cmocka_run_group_tests(tests, setup, teardown);
}
