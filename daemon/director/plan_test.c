/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan_test - who gets a program, and on which hook. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if_arp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "plan.h"

static struct link make(const char *name, const char *kind)
{
	struct link l = { .ifindex = 1, .flags = IFF_UP, .type = ARPHRD_ETHER, .mtu = 1500,
			  .features_known = true, .features = XDP_ACT_BASIC | XDP_ACT_REDIRECT };

	snprintf(l.name, sizeof(l.name), "%s", name);
	snprintf(l.kind, sizeof(l.kind), "%s", kind);
	return l;
}

static struct plan_input used(enum plan_use use)
{
	struct plan_input in = { .use = use, .wanted = -1, .af = AF_INET };

	in.addr.v4.s_addr = inet_addr("192.0.2.10");
	return in;
}

static enum elvs_hook hook_of(struct link *l, size_t n, struct plan_input *in, enum elvs_hook most, bool routed)
{
	struct links links = { .link = l, .n = n };
	struct plan p = { 0 };
	enum elvs_hook hook;

	assert_int_equal(plan_make(&p, &links, in, most, routed), 0);
	assert_int_equal(p.n, n);
	assert_true(strlen(p.entry[0].reason) > 0);
	hook = p.entry[0].hook;
	plan_free(&p);
	return hook;
}

static void what_services_use_gets_xdp(void **state)
{
	struct link veth = make("eth0", "veth"), nic = make("eth0", ""), bond = make("bond0", "bond");

	for (enum plan_use use = PLAN_ROUTE; use <= PLAN_VIP; use++) {
		struct plan_input in = used(use);

		assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_BOTH);
		assert_int_equal(hook_of(&nic, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_BOTH);
		assert_int_equal(hook_of(&bond, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_BOTH);
		assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_TC, false), ELVS_HOOK_TC);
	}
}

static void bystanders_get_tc_unless_clients_come_over_routers(void **state)
{
	struct link veth = make("eth0", "veth");
	struct plan_input in = used(PLAN_ADDRESS);

	assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_TC);
	assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_BOTH, true), ELVS_HOOK_BOTH);
	in = used(PLAN_UNUSED);
	assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_BOTH, true), 0);
}

static void stacked_devices_get_tc(void **state)
{
	static const char *const kinds[] = { "bridge", "vlan", "macvlan", "ipvlan", "ipip", "vxlan", "dummy", "wireguard" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct link l = make("x0", kinds[i]);
		struct plan_input in = used(PLAN_VIP);

		assert_int_equal(hook_of(&l, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_TC);
		assert_false(link_xdp_xmit(&l, true));
	}
}

static void ports_and_down_ones_get_nothing(void **state)
{
	struct link pair[2] = { make("p0", "veth"), make("br0", "bridge") };
	struct plan_input in[2] = { used(PLAN_SERVER), used(PLAN_VIP) };
	struct link l = make("eth0", "");

	pair[0].master = pair[1].ifindex = 2;
	assert_int_equal(hook_of(pair, 2, in, ELVS_HOOK_BOTH, false), 0);
	snprintf(pair[1].kind, sizeof(pair[1].kind), "vrf");
	assert_int_equal(hook_of(pair, 2, in, ELVS_HOOK_BOTH, false), ELVS_HOOK_BOTH);
	l.flags = 0;
	assert_int_equal(hook_of(&l, 1, in, ELVS_HOOK_BOTH, false), 0);
}

static void loopback_gets_tc_for_the_hosts_own_requests(void **state)
{
	struct plan_input in = used(PLAN_UNUSED);
	struct link l = make("lo", "");

	l.flags |= IFF_LOOPBACK;
	assert_int_equal(hook_of(&l, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_TC);
	in = used(PLAN_VIP);
	assert_int_equal(hook_of(&l, 1, &in, ELVS_HOOK_BOTH, true), ELVS_HOOK_TC);
	in.wanted = 0;
	assert_int_equal(hook_of(&l, 1, &in, ELVS_HOOK_BOTH, false), 0);
	in.wanted = -1;
	l.flags = IFF_LOOPBACK;
	assert_int_equal(hook_of(&l, 1, &in, ELVS_HOOK_BOTH, false), 0);
}

static void the_hand_overrides_the_plan(void **state)
{
	struct link veth = make("eth0", "veth");
	struct plan_input in = used(PLAN_VIP);

	in.wanted = 0;
	assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_BOTH, false), 0);
	in.wanted = ELVS_HOOK_XDP;
	assert_int_equal(hook_of(&veth, 1, &in, ELVS_HOOK_TC, false), ELVS_HOOK_XDP);
}

static void a_device_that_refuses_xdp_gets_tc(void **state)
{
	struct link nic = make("eth0", "");
	struct plan_input in = used(PLAN_VIP);

	in.refused = true;
	in.error = -EBUSY;
	assert_int_equal(hook_of(&nic, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_TC);
	in.refused = false;
	nic.features = 0;
	assert_int_equal(hook_of(&nic, 1, &in, ELVS_HOOK_BOTH, false), ELVS_HOOK_TC);
}

static void transmitting_needs_the_device_to_take_frames(void **state)
{
	struct link l = make("eth0", "veth");

	assert_false(link_xdp_xmit(&l, true));
	l.features |= XDP_ACT_NDO_XMIT;
	assert_true(link_xdp_xmit(&l, false));
	l.mtu = 9000;
	assert_false(link_xdp_xmit(&l, true));
	l.features |= XDP_ACT_NDO_XMIT_SG;
	assert_true(link_xdp_xmit(&l, true));
	l.features_known = false;	/* before 6.3: a veth may swallow everything */
	assert_false(link_xdp_xmit(&l, true));
	l = make("eth0", "");
	l.features_known = false;
	assert_true(link_xdp_xmit(&l, true));
	assert_false(link_xdp_xmit(&l, false));
}

static void a_network_covers_its_addresses_and_not_a_host_route(void **state)
{
	struct link_addr a = { .af = AF_INET, .prefix = 20 };
	union elvs_addr in = { 0 }, out = { 0 };

	a.addr.v4.s_addr = inet_addr("10.1.16.1");
	in.v4.s_addr = inet_addr("10.1.31.255");
	out.v4.s_addr = inet_addr("10.1.32.0");
	assert_true(link_addr_covers(&a, AF_INET, &in));
	assert_false(link_addr_covers(&a, AF_INET, &out));
	assert_false(link_addr_covers(&a, AF_INET6, &in));
	a.prefix = 32;
	assert_false(link_addr_covers(&a, AF_INET, &a.addr));
	a.prefix = 0;
	assert_true(link_addr_covers(&a, AF_INET, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_services_use_gets_xdp),
		cmocka_unit_test(bystanders_get_tc_unless_clients_come_over_routers),
		cmocka_unit_test(stacked_devices_get_tc),
		cmocka_unit_test(ports_and_down_ones_get_nothing),
		cmocka_unit_test(loopback_gets_tc_for_the_hosts_own_requests),
		cmocka_unit_test(the_hand_overrides_the_plan),
		cmocka_unit_test(a_device_that_refuses_xdp_gets_tc),
		cmocka_unit_test(transmitting_needs_the_device_to_take_frames),
		cmocka_unit_test(a_network_covers_its_addresses_and_not_a_host_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
