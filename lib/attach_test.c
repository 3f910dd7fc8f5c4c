/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach_test - programs on interfaces: who may be there, what outlives a process, what is loaded when. Needs root.
 */
#include "test_instance.h"

#include <poll.h>

static struct elvs_if_info veth_info(void)
{
	return (struct elvs_if_info){
		.ifindex = if_nametoindex("v0"), .mac = { 2, 0, 0, 0, 0, 2 }, .mtu = 1500, .partial = true
	};
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
	assert_int_equal(elvs_attachments(e, NULL, NULL, 0), 0);
	elvs_close(other);

	OK(sh("tc qdisc add dev v0 clsact"));
	hang_filter(e, BPF_TC_INGRESS);
	OK(elvs_attach(e, &v, ELVS_HOOK_BOTH));
	OK(elvs_detach(e, v.ifindex));
	OK(sh("tc filter show dev v0 ingress | grep -q 'pref 7.*handle 0x1'"));
	OK(sh("! tc filter show dev v0 ingress | grep -q 'pref 1 '"));
	OK(sh("tc qdisc del dev v0 clsact"));

	OK(elvs_attach(e, &v, ELVS_HOOK_TC)); /* our clsact, and somebody hangs a filter on it */
	hang_filter(e, BPF_TC_EGRESS);
	elvs_close(e);
	OK(sh("tc filter show dev v0 egress | grep -q 'pref 7.*handle 0x1'"));
	OK(sh("! tc filter show dev v0 egress | grep -q 'pref 1 '"));
	OK(sh("tc qdisc del dev v0 clsact"));
}

static void jumbo_frames_take_the_other_program(void **state)
{
	struct elvs_if_info v = veth_info();
	char dir[128];
	struct elvs *e;

	snprintf(dir, sizeof(dir), "%s/jumbo", bpffs);
	e = open_at(dir, true);
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	assert_false(elvs_prog_loaded(e, ELVS_PROG_XDP_FRAGS)); /* it costs time: only where it is needed */
	OK(elvs_detach(e, v.ifindex));
	OK(sh("ip link set v0 mtu 9000; ip link set v1 mtu 9000"));
	v.mtu = 9000;
	OK(elvs_attach(e, &v, ELVS_HOOK_XDP));
	assert_true(elvs_prog_loaded(e, ELVS_PROG_XDP_FRAGS));
	OK(sh("ip -d link show v0 | grep -q 'prog/xdp'"));
	elvs_close(e);
	e = open_at(dir, true);
	assert_true(elvs_prog_loaded(e, ELVS_PROG_XDP_FRAGS)); /* in the place of the former one */
	OK(sh("ip -d link show v0 | grep -q 'prog/xdp'"));
	elvs_close(e);
	OK(elvs_destroy(dir));
	OK(sh("ip link set v0 mtu 1500; ip link set v1 mtu 1500"));
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

/* ---- XDP's programs, loaded while TC forwards ---- */

static struct elvs *open_later(const char *dir)
{
	struct elvs_options o = { .pin_dir = dir, .manual_clock = true, .xdp_later = true };
	struct elvs *e = NULL;

	if (elvs_open(&e, &o))
		fail_msg("elvs_open: %s", elvs_strerror(NULL));
	return e;
}

static void wait_loaded(struct elvs *e)
{
	struct pollfd p = { .fd = elvs_loaded_fd(e), .events = POLLIN };

	assert_int_equal(poll(&p, 1, 30000), 1);
	elvs_loaded(e);
}

static uint32_t xdp_id(uint32_t ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);

	OK(bpf_xdp_query(ifindex, 0, &q));
	return q.drv_prog_id;
}

static enum elvs_hook only_hook(struct elvs *e)
{
	enum elvs_hook hook[2];
	uint32_t ifindex[2];

	assert_int_equal(elvs_attachments(e, ifindex, hook, 2), 1);
	return hook[0];
}

static void xdp_follows_when_its_program_is_loaded(void **state)
{
	const struct elvs_if_info v = veth_info();
	uint32_t former;
	struct elvs *e;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/later", bpffs);
	e = open_later(dir);
	assert_false(elvs_prog_loaded(e, ELVS_PROG_XDP));
	assert_int_equal(elvs_attach(e, &v, ELVS_HOOK_BOTH), -EINPROGRESS);
	assert_int_equal(only_hook(e), ELVS_HOOK_TC);
	OK(sh("tc filter show dev v0 ingress | grep -q elvs_tc_in"));
	wait_loaded(e);
	OK(elvs_attach(e, &v, ELVS_HOOK_BOTH));
	assert_int_equal(only_hook(e), ELVS_HOOK_BOTH);
	former = xdp_id(v.ifindex);
	assert_true(former);
	elvs_close(e);

	e = open_later(dir); /* the former process's program works on until the new one is there */
	assert_int_equal(only_hook(e), ELVS_HOOK_BOTH);
	assert_int_equal(xdp_id(v.ifindex), former);
	wait_loaded(e);
	assert_int_equal(only_hook(e), ELVS_HOOK_BOTH);
	assert_true(xdp_id(v.ifindex) && xdp_id(v.ifindex) != former);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

static void closing_does_not_leave_a_thread_behind(void **state)
{
	const struct elvs_if_info v = veth_info();
	struct elvs *e = open_later(NULL);

	assert_int_equal(elvs_attach(e, &v, ELVS_HOOK_BOTH), -EINPROGRESS);
	elvs_close(e);
	OK(sh("! tc qdisc show dev v0 | grep -q clsact"));
}

/* A kernel that refuses: here, because a map that the program needs cannot be had. */
static void a_refused_xdp_program_leaves_the_work_to_tc(void **state)
{
	const struct elvs_if_info v = veth_info();
	struct elvs *e;
	char dir[128];
	int fd;

	snprintf(dir, sizeof(dir), "%s/refused", bpffs);
	e = open_later(dir);
	fd = e->map_fd[0];
	e->map_fd[0] = -1;
	assert_int_equal(elvs_attach(e, &v, ELVS_HOOK_BOTH), -EINPROGRESS);
	wait_loaded(e);
	assert_true(elvs_attach(e, &v, ELVS_HOOK_BOTH) < 0);
	assert_non_null(strstr(elvs_strerror(e), "the programs cannot be loaded into this kernel"));
	assert_int_equal(only_hook(e), ELVS_HOOK_TC);
	e->map_fd[0] = fd;
	assert_true(elvs_attach(e, &v, ELVS_HOOK_BOTH) < 0); /* and is not tried with every change again */
	elvs_close(e);
	OK(elvs_destroy(dir));

	e = open_at(dir, true);
	OK(elvs_attach(e, &v, ELVS_HOOK_BOTH));
	elvs_close(e);
	e = open_later(dir); /* taken over, then refused: no program of a former process stays */
	wait_loaded(e);
	e->prog_error[ELVS_PROG_XDP] = -EINVAL;
	close(e->prog_fd[ELVS_PROG_XDP]);
	e->prog_fd[ELVS_PROG_XDP] = -1;
	e->att[0].stale = true;
	attach_renew(e);
	assert_int_equal(only_hook(e), ELVS_HOOK_TC);
	assert_int_equal(xdp_id(v.ifindex), 0);
	elvs_close(e);
	OK(elvs_destroy(dir));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachments_outlive_the_process_and_go_without_trace),
		cmocka_unit_test(what_others_attached_stays),
		cmocka_unit_test(jumbo_frames_take_the_other_program),
		cmocka_unit_test(a_vanished_interface_is_forgotten),
		cmocka_unit_test(xdp_follows_when_its_program_is_loaded),
		cmocka_unit_test(closing_does_not_leave_a_thread_behind),
		cmocka_unit_test(a_refused_xdp_program_leaves_the_work_to_tc),
	};

	if (geteuid())
		return 77; /* meson: skipped */
	return cmocka_run_group_tests(tests, setup, teardown);
}
