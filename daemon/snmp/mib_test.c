/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mib_test - the search: whatever GETNEXT finds, GET finds too, in ascending order, to the end; needs; traps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "trap.h"

#define ALL (PART_VRRP | PART_CHECKER | PART_RFC2787 | PART_RFC6527)

static const struct conf_vip vips[] = {
	{ .addr = { .family = AF_INET, .bytes = { 10, 0, 0, 9 } }, .prefix = 24, .dev = "", .label = "" },
	{ .addr = { .family = AF_INET, .bytes = { 10, 0, 0, 8 } }, .prefix = 24, .dev = "", .label = "" },
};
static const char *const route_words[] = {
	"default", "nexthop", "via", "10.0.0.1", "nexthop", "via", "10.0.0.2", NULL
};
static const struct conf_ipline routes[] = { { .words = route_words, .family = AF_INET } };
static const struct conf_track tracks[] = { { .kind = CONF_TRACK_IF, .ifname = "lo", .weight = -7 },
					    { .kind = CONF_TRACK_SCRIPT, .weight = 3 } };
static const struct conf_vrrp_script scripts[] = { { .name = "s" } };
static const struct conf_vrrp vrrps[] = {
	{ .name = "B",
	  .family = AF_INET,
	  .version = 2,
	  .vrid = 9,
	  .iface = "lo",
	  .vips = vips,
	  .n_vips = 2,
	  .group = CONF_NONE,
	  .routes = routes,
	  .n_routes = 1 },
	{ .name = "A",
	  .family = AF_INET,
	  .version = 2,
	  .vrid = 5,
	  .iface = "lo",
	  .group = CONF_NONE,
	  .tracks = tracks,
	  .n_tracks = 2 },
	{ .name = "C", .family = AF_INET6, .version = 3, .vrid = 5, .iface = "lo", .group = CONF_NONE },
};
static const struct conf_rs real[] = {
	{ .addr = { .family = AF_INET, .port = 80, .bytes = { 10, 0, 0, 1 } }, .snmp_name = "" },
	{ .addr = { .family = AF_INET, .port = 80, .bytes = { 10, 0, 0, 2 } }, .snmp_name = "two" },
};
static const struct conf_vs servers[] = {
	{ .addr = { .family = AF_INET, .port = 80 },
	  .vsg = CONF_NONE,
	  .sched = "rr",
	  .virtualhost = "",
	  .snmp_name = "",
	  .rs = real,
	  .n_rs = 2,
	  .has_sorry = true,
	  .sorry = { .addr = { .family = AF_INET }, .snmp_name = "" } },
};
static struct conf conf;
static struct view view;
static struct vrrp_known known[3];
static struct tracked tracked[2];
static const struct lvs_facts head = { .n_servers = 1, .n_real = 3 };
static const struct vs_facts vs_fact = { .alive = 2, .counters.conns = 5ull << 32 | 7 };
static const struct rs_facts rs_fact[3] = { { .weight = 1 }, { .weight = 2, .up = 1 }, { .weight = 3 } };

static int setup(void **state)
{
	memset(&conf, 0, sizeof(conf));
	memset(&view, 0, sizeof(view));
	memset(known, 0, sizeof(known));
	conf.global.router_id = conf.global.net_namespace = conf.global.mail_from = conf.global.smtp_server = "";
	conf.global.default_interface = "lo";
	conf.vrrps = vrrps;
	conf.n_vrrps = 3;
	conf.scripts = scripts;
	conf.n_scripts = 1;
	conf.servers = servers;
	conf.n_servers = 1;
	view.conf = &conf;
	view.parts = ALL;
	view.fresh = ~0u;
	view.vrrps = known;
	view.tracked[CONF_TRACK_SCRIPT] = tracked;
	view.lvs = (struct mapped_facts){ &head, &vs_fact, rs_fact };
	view.netdev = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return view.netdev < 0;
}

static int teardown(void **state)
{
	return close(view.netdev);
}

#define OID(...)                                                        \
	{                                                               \
		sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), \
		{                                                       \
			__VA_ARGS__                                     \
		}                                                       \
	}

static void a_walk_is_ascending_and_each_step_can_be_got(void **state)
{
	struct agentx_search s = { .start = OID(1) };
	struct value v, again;
	unsigned need, n = 0;
	struct oid name;

	for (;; n++) {
		assert_int_equal(mib_next(&view, &s, &name, &v, &need), 0);
		if (v.type == VALUE_END_OF_MIB)
			break;
		assert_true(oid_order(&s.start, &name) < 0);
		assert_int_equal(mib_get(&view, &name, &again, &need), 0);
		assert_int_equal(again.type, v.type);
		if (v.type == VALUE_STRING) {
			assert_int_equal(again.len, v.len);
			assert_memory_equal(again.bytes, v.bytes, v.len);
		} else if (v.type != VALUE_IP) {
			assert_int_equal(again.number, v.number);
		}
		s.start = name;
		assert_true(n < 2000);
	}
	assert_in_range(n, 400, 700);
}

/* By id, not in the order of the file */
static void keyed_rows_are_sorted(void **state)
{
	struct agentx_search s = { .start = OID(MIB_VRRP, 1, 3, 1, 3) };
	struct value v;
	struct oid name;
	unsigned need;

	assert_int_equal(mib_next(&view, &s, &name, &v, &need), 0);
	assert_int_equal(name.id[name.n - 1], 5);
	s.start = name;
	assert_int_equal(mib_next(&view, &s, &name, &v, &need), 0);
	assert_int_equal(name.id[name.n - 1], 9);
}

static void an_end_is_heeded(void **state)
{
	struct agentx_search s = { .start = OID(MIB_KEEPALIVED, 2), .end = OID(MIB_KEEPALIVED, 2, 3) };
	struct value v;
	struct oid name;
	unsigned need;

	assert_int_equal(mib_next(&view, &s, &name, &v, &need), 0);
	assert_int_equal(v.type, VALUE_END_OF_MIB);
	assert_int_equal(oid_order(&name, &s.start), 0);
}

static void what_is_not_there_is_told_apart(void **state)
{
	const struct oid no_object = OID(MIB_KEEPALIVED, 2, 3, 1, 99, 1), no_row = OID(MIB_KEEPALIVED, 2, 3, 1, 2, 4),
			 too_long = OID(MIB_KEEPALIVED, 2, 3, 1, 2, 1, 1), scalar = OID(MIB_KEEPALIVED, 1, 2),
			 other_part = OID(MIB_VRRP, 1, 1, 0);
	struct value v;
	unsigned need;

	mib_get(&view, &no_object, &v, &need);
	assert_int_equal(v.type, VALUE_NO_OBJECT);
	mib_get(&view, &no_row, &v, &need);
	assert_int_equal(v.type, VALUE_NO_INSTANCE);
	mib_get(&view, &too_long, &v, &need);
	assert_int_equal(v.type, VALUE_NO_INSTANCE);
	mib_get(&view, &scalar, &v, &need);
	assert_int_equal(v.type, VALUE_NO_INSTANCE);
	view.parts = PART_VRRP;
	mib_get(&view, &other_part, &v, &need);
	assert_int_equal(v.type, VALUE_NO_OBJECT);
}

static void what_must_be_known_first_is_named(void **state)
{
	struct agentx_search s = { .start = OID(MIB_KEEPALIVED, 3, 2) };
	const struct oid state_of = OID(MIB_KEEPALIVED, 2, 3, 1, 4, 1);
	struct value v;
	struct oid name;
	unsigned need = 0;

	view.fresh = NEED_LVS;
	assert_int_equal(mib_get(&view, &state_of, &v, &need), -EAGAIN);
	assert_int_equal(need, NEED_VRRP);
	view.fresh = NEED_VRRP;
	assert_int_equal(mib_next(&view, &s, &name, &v, &need), -EAGAIN);
	assert_int_equal(need, NEED_LVS);
}

static void counters_have_all_their_bits(void **state)
{
	const struct oid conns = OID(MIB_KEEPALIVED, 3, 3, 1, 38, 1), up = OID(MIB_KEEPALIVED, 3, 4, 1, 6, 1, 2),
			 weight = OID(MIB_KEEPALIVED, 3, 4, 1, 7, 1, 3);
	struct value v;
	unsigned need;

	mib_get(&view, &conns, &v, &need);
	assert_int_equal(v.type, VALUE_COUNTER64);
	assert_int_equal(v.number, 5ull << 32 | 7);
	mib_get(&view, &up, &v, &need); /* the second: the sorry server is the first */
	assert_int_equal(v.number, 1);
	mib_get(&view, &weight, &v, &need);
	assert_int_equal(v.number, 3);
}

static void states_are_numbered_as_the_mib_does(void **state)
{
	static const struct {
		uint8_t state, number;
	} rows[] = { { VRRP_INIT, 0 }, { VRRP_MASTER, 2 }, { VRRP_FAULT, 3 }, { VRRP_STOPPED, 5 }, { VRRP_DELETED, 6 } };
	const struct oid state_of = OID(MIB_KEEPALIVED, 2, 3, 1, 4, 1);
	struct value v;
	unsigned need;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		known[0].state = rows[i].state;
		mib_get(&view, &state_of, &v, &need);
		assert_int_equal(v.number, rows[i].number);
	}
}

static void traps_name_what_they_speak_of(void **state)
{
	const struct agentx_header h = { .session = 1 };
	struct agentx_out out = { 0 };

	for (enum trap t = 0; t < TRAPS; t++) {
		if (t == TRAP_GROUP_STATE)
			continue; /* there is none */
		assert_true(trap_make(&view, t, (uint32_t[]){ 0, 1 }, &h, &out));
		assert_true(out.len > 100);
	}
	agentx_out_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_walk_is_ascending_and_each_step_can_be_got, setup, teardown),
		cmocka_unit_test_setup_teardown(keyed_rows_are_sorted, setup, teardown),
		cmocka_unit_test_setup_teardown(an_end_is_heeded, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(what_must_be_known_first_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(counters_have_all_their_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(states_are_numbered_as_the_mib_does, setup, teardown),
		cmocka_unit_test_setup_teardown(traps_name_what_they_speak_of, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
