/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify_test - the words of notifications, the table of VRRP's states, the names of dumps and pid files. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dumps.h"
#include "notify_text.h"
#include "pidfile.h"
#include "vrrps.h"

static const char *line(bool group, const char *name, uint8_t event, uint8_t state, uint8_t priority)
{
	static char buf[200];
	const char *word = notify_vrrp_word(event, state);

	if (!word)
		return "";
	notify_vrrp_line(buf, sizeof(buf), group, name, word, priority);
	return buf;
}

static void vrrp_lines(void **state)
{
	assert_string_equal(line(false, "VI_1", VRRP_EV_STATE, VRRP_MASTER, 100), "INSTANCE \"VI_1\" MASTER 100\n");
	assert_string_equal(line(true, "G", VRRP_EV_STATE, VRRP_BACKUP, 100), "GROUP \"G\" BACKUP 0\n");
	assert_string_equal(line(false, "V", VRRP_EV_STATE, VRRP_STOPPED, 1), "INSTANCE \"V\" STOP 1\n");
	assert_string_equal(line(false, "V", VRRP_EV_STATE, VRRP_DELETED, 1), "INSTANCE \"V\" DELETED 1\n");
	assert_string_equal(line(false, "V", VRRP_EV_STATE, VRRP_INIT, 1), "");
	assert_string_equal(line(false, "V", VRRP_EV_RX_LOWER_PRI, VRRP_MASTER, 9),
			    "INSTANCE \"V\" MASTER_RX_LOWER_PRI 9\n");
	assert_string_equal(line(false, "V", VRRP_EV_PRIORITY, VRRP_MASTER, 9), "INSTANCE \"V\" MASTER_PRIORITY 9\n");
	assert_string_equal(line(false, "V", VRRP_EV_PRIORITY, VRRP_BACKUP, 9), "INSTANCE \"V\" BACKUP_PRIORITY 9\n");
	assert_string_equal(line(false, "V", VRRP_EV_PRIORITY, VRRP_FAULT, 9), "");
	assert_string_equal(line(false, "V", 99, VRRP_FAULT, 9), "");
}

static void vrrp_mails(void **state)
{
	struct msg_mail m = { 0 };

	assert_true(notify_vrrp_mail(false, "VI_1", VRRP_MASTER, &m));
	assert_string_equal(m.subject, "VRRP Instance VI_1 - Entering MASTER state");
	assert_string_equal(m.body, "=> VRRP Instance is now owning VRRP VIPs <=");
	assert_true(notify_vrrp_mail(true, "G", VRRP_FAULT, &m));
	assert_string_equal(m.subject, "VRRP Group G - Entering FAULT state");
	assert_false(notify_vrrp_mail(false, "VI_1", VRRP_INIT, &m));
	assert_false(notify_vrrp_mail(false, "VI_1", 200, &m));
}

static void lvs_words(void **state)
{
	struct conf c = { 0 };
	struct conf_vs vs = { .vsg = CONF_NONE, .protocol = IPPROTO_TCP, .addr = { .family = AF_INET, .port = 80 } };
	struct conf_rs rs = { .addr = { .family = AF_INET6, .port = 8080 } };
	struct msg_mail m = { 0 };
	char buf[300];

	inet_pton(AF_INET, "10.0.0.1", vs.addr.bytes);
	inet_pton(AF_INET6, "fd00::1", rs.addr.bytes);
	notify_lvs_line(buf, sizeof(buf), &c, &vs, NULL, true);
	assert_string_equal(buf, "VS [10.0.0.1]:tcp:80 UP\n");
	notify_lvs_line(buf, sizeof(buf), &c, &vs, &rs, false);
	assert_string_equal(buf, "RS [fd00::1]:tcp:8080 [10.0.0.1]:tcp:80 DOWN\n");
	notify_lvs_mail(&c, &vs, &rs, false, "=> TCP CHECK failed on service <=", &m);
	assert_string_equal(m.subject, "Realserver [fd00::1]:tcp:8080 of virtual server [10.0.0.1]:tcp:80 - DOWN");
	assert_string_equal(m.body, "=> TCP CHECK failed on service <=");
	vs.fwmark = 10;
	notify_lvs_mail(&c, &vs, NULL, true, NULL, &m);
	assert_string_equal(m.subject, "Virtualserver FWM 10 - UP");
}

static struct vrrp_table *table(const struct conf *c)
{
	struct vrrp_table *t;

	assert_int_equal(vrrps_new(&t), 0);
	assert_int_equal(vrrps_conf(t, c), 0);
	return t;
}

/* By name, over a reload that moves indices; who is gone is forgotten. */
static void states_survive(void **state)
{
	const struct conf_vrrp before[] = { { .name = "A" }, { .name = "B" } },
			       after[] = { { .name = "B" }, { .name = "C" } };
	const struct conf_sync_group groups[] = { { .name = "B" } };
	const struct conf c1 = { .vrrps = before, .n_vrrps = 2, .groups = groups, .n_groups = 1 };
	const struct conf c2 = { .vrrps = after, .n_vrrps = 2, .groups = groups, .n_groups = 1 };
	struct vrrp_table *t = table(&c1);
	struct msg_vrrp_state m = { .index = 1, .state = VRRP_MASTER, .priority = 99, .why = "because" };

	assert_non_null(vrrps_told(t, &c1, &m, 1000));
	m.index = 2;
	assert_null(vrrps_told(t, &c1, &m, 1000));
	assert_null(vrrps_told(t, NULL, &m, 1000));
	assert_int_equal(vrrps_conf(t, &c2), 0);
	assert_null(vrrps_find(t, false, "A"));
	assert_false(vrrps_find(t, false, "C")->known);
	assert_false(vrrps_find(t, true, "B")->known); /* a group of the same name is another */
	assert_int_equal(vrrps_find(t, false, "B")->state, VRRP_MASTER);
	assert_int_equal(vrrps_find(t, false, "B")->since_us, 1000);
	m = (struct msg_vrrp_state){ .index = 0, .state = VRRP_MASTER, .priority = 50, .event = VRRP_EV_PRIORITY };
	vrrps_told(t, &c2, &m, 2000);
	assert_int_equal(vrrps_find(t, false, "B")->priority, 50);
	assert_int_equal(vrrps_find(t, false, "B")->since_us, 1000);
	assert_int_equal(vrrps_find(t, false, "B")->transitions, 0);
	m = (struct msg_vrrp_state){ .index = 0, .state = VRRP_BACKUP };
	vrrps_told(t, &c2, &m, 3000);
	assert_int_equal(vrrps_find(t, false, "B")->transitions, 1);
	assert_int_equal(vrrps_find(t, false, "B")->since_us, 3000);
	vrrps_reset(t);
	assert_false(vrrps_find(t, false, "B")->known);
	vrrps_free(t);
}

static void dump_names(void **state)
{
	struct conf c = {
		.global = { .state_dump_file = "", .stats_dump_file = "", .json_dump_file = "", .instance = "I" }
	};
	char buf[100];

	assert_int_equal(dumps_path(&c, DUMP_DATA, "", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/tmp/keepalived.data");
	dumps_path(&c, DUMP_DATA, "_check", buf, sizeof(buf));
	assert_string_equal(buf, "/tmp/keepalived_check.data");
	dumps_path(&c, DUMP_STATS_CLEAR, "", buf, sizeof(buf));
	assert_string_equal(buf, "/tmp/keepalived.stats");
	dumps_path(&c, DUMP_JSON, "", buf, sizeof(buf));
	assert_string_equal(buf, "/tmp/keepalived.json");
	c.global.data_use_instance = true;
	c.global.state_dump_file = "/a.b/state";
	dumps_path(&c, DUMP_DATA, "_bfd", buf, sizeof(buf));
	assert_string_equal(buf, "/a.b/state_bfd_I");
	assert_int_equal(dumps_path(&c, DUMP_DATA, "_bfd", buf, 5), -ENAMETOOLONG);
}

static void pid_names(void **state)
{
	struct pidfile_names n = { .netns = "", .instance = "" };
	char buf[100];

	assert_int_equal(pidfile_path(&n, ROLE_KEEPER, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "/run/keepalived.pid");
	pidfile_path(&n, ROLE_CHECK, buf, sizeof(buf));
	assert_string_equal(buf, "/run/checkers.pid");
	assert_int_equal(pidfile_path(&n, ROLE_SCRIPT, buf, sizeof(buf)), -ENOENT);
	n.own_dir = true;
	n.instance = "one";
	pidfile_path(&n, ROLE_VRRP, buf, sizeof(buf));
	assert_string_equal(buf, "/run/keepalived/vrrp_one.pid");
	n.netns = "blue";
	pidfile_path(&n, ROLE_BFD, buf, sizeof(buf));
	assert_string_equal(buf, "/run/keepalived/blue/bfd_one.pid");
	n.given[ROLE_BFD] = "/x";
	pidfile_path(&n, ROLE_BFD, buf, sizeof(buf));
	assert_string_equal(buf, "/x");
	assert_int_equal(pidfile_path(&n, ROLE_KEEPER, buf, 8), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vrrp_lines),	  cmocka_unit_test(vrrp_mails), cmocka_unit_test(lvs_words),
		cmocka_unit_test(states_survive), cmocka_unit_test(dump_names), cmocka_unit_test(pid_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
