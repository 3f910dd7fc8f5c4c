/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipvs_test - what a director is told, and told again by itself when another one has taken its place and knows
 * nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ctl_fake.h"
#include "ctl_wire.h"
#include "ipvs.h"

/* A director that knows nothing, and writes down what it is told */
struct world {
	struct ctl_fake *fake;
	pthread_mutex_t lock;
	char heard[1000];
	bool can_sync;
	struct event_base *base;
	struct ipvs *ipvs;
	char log[2000];
	struct conf conf;
	struct conf_vs vs;
	struct conf_rs rs;
	struct conf_vrrp vrrp;
	struct conf_vip vip;
};

static const char *word_of(uint8_t cmd)
{
	static const struct {
		uint8_t cmd;
		const char *word;
	} words[] = {
		{ IPVS_CMD_NEW_SERVICE, "+service " }, { IPVS_CMD_NEW_DEST, "+dest " },
		{ IPVS_CMD_DEL_SERVICE, "-service " }, { IPVS_CMD_DEL_DEST, "-dest " },
		{ IPVS_CMD_SET_CONFIG, "timeouts " },  { IPVS_CMD_NEW_DAEMON, "+sync" },
		{ IPVS_CMD_DEL_DAEMON, "-sync" },      { ELVS_CMD_SET_VIP, "vip" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].cmd == cmd)
			return words[i].word;
	return "";
}

/* "+sync1 ": of that state; "vip3 ": to that mode */
static void note(struct world *w, const struct nlmsghdr *req, uint8_t cmd)
{
	const struct nlattr *a, *b;
	size_t n = strlen(w->heard);

	n += (size_t)snprintf(w->heard + n, sizeof(w->heard) - n, "%s", word_of(cmd));
	mnl_attr_for_each(a, req, sizeof(struct genlmsghdr))
	{
		if (cmd == ELVS_CMD_SET_VIP && mnl_attr_get_type(a) == ELVS_ATTR_VIP_MODE)
			snprintf(w->heard + n, sizeof(w->heard) - n, "%u ", mnl_attr_get_u32(a));
		if (mnl_attr_get_type(a) != IPVS_CMD_ATTR_DAEMON)
			continue;
		mnl_attr_for_each_nested(b, a) if (mnl_attr_get_type(b) == IPVS_DAEMON_ATTR_STATE)
			snprintf(w->heard + n, sizeof(w->heard) - n, "%u ", mnl_attr_get_u32(b));
	}
}

static bool answer(void *arg, int fd, const struct nlmsghdr *req)
{
	const struct genlmsghdr *gh = mnl_nlmsg_get_payload(req);
	bool dump = req->nlmsg_flags & NLM_F_DUMP, refused;
	struct world *w = arg;
	char out[256] = { 0 };
	size_t len = 0;

	pthread_mutex_lock(&w->lock);
	refused = gh->cmd == IPVS_CMD_NEW_DAEMON && !w->can_sync;
	if (!dump)
		note(w, req, gh->cmd);
	pthread_mutex_unlock(&w->lock);
	ctl_fake_put_end(out, &len, dump ? NLMSG_DONE : NLMSG_ERROR, req->nlmsg_seq, refused ? -EOPNOTSUPP : 0);
	send(fd, out, len, MSG_NOSIGNAL);
	return true;
}

static void heard(struct world *w, const char *want)
{
	char got[sizeof(w->heard)];

	pthread_mutex_lock(&w->lock);
	strcpy(got, w->heard);
	*w->heard = '\0';
	pthread_mutex_unlock(&w->lock);
	assert_string_equal(got, want);
}

static void say(void *arg, int level, const char *text)
{
	struct world *w = arg;
	size_t n = strlen(w->log);

	snprintf(w->log + n, sizeof(w->log) - n, "%s\n", text);
}

static void event(void *arg, const struct pool_event *ev)
{
}

static struct conf_addr at(const char *ip, uint16_t port)
{
	struct conf_addr a = { .family = AF_INET, .port = port };

	inet_pton(AF_INET, ip, &a.v4);
	return a;
}

static void configure(struct world *w)
{
	const struct conf_where where = { .file = "k.conf", .line = 7 };

	w->rs = (struct conf_rs){ .addr = at("192.168.0.1", 80), .weight = 1 };
	w->vs = (struct conf_vs){
		.addr = at("10.0.0.1", 80),
		.vsg = CONF_NONE,
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
		.sched = "rr",
		.pe = "",
		.quorum = 1,
		.rs = &w->rs,
		.n_rs = 1,
		.where = where,
	};
	w->vip = (struct conf_vip){ .addr = at("10.0.0.1", 0), .dev = "" };
	w->vrrp = (struct conf_vrrp){ .name = "vi", .family = AF_INET, .iface = "eth0" };
	w->vrrp.vips = &w->vip;
	w->vrrp.n_vips = 1;
	w->conf.servers = &w->vs;
	w->conf.n_servers = 1;
	w->conf.vrrps = &w->vrrp;
	w->conf.n_vrrps = 1;
	w->conf.global.timeout_tcp_s = 100;
	w->conf.global.sync.iface = "eth0";
	w->conf.global.sync.vrrp = "vi";
	w->conf.global.sync.where = where;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct ipvs_owner owner = { .arg = w, .event = event, .log = say };

	pthread_mutex_init(&w->lock, NULL);
	configure(w);
	w->can_sync = true;
	w->fake = ctl_fake_open(answer, w);
	w->base = event_base_new();
	*state = w;
	return w->fake && w->base && ipvs_new(&w->ipvs, w->base, &owner, NULL) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	ipvs_free(w->ipvs);
	event_base_free(w->base);
	ctl_fake_close(w->fake);
	free(w);
	return 0;
}

/* The director dies, and another one that knows nothing is found by itself. */
static void another_director(struct world *w)
{
	ctl_fake_hang_up(w->fake);
	for (int i = 0; i < 300 && ipvs_connected(w->ipvs); i++)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_false(ipvs_connected(w->ipvs));
	for (int i = 0; i < 300 && !ipvs_connected(w->ipvs); i++)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_true(ipvs_connected(w->ipvs));
}

static void a_director_that_knows_nothing_is_told_everything(void **state)
{
	struct world *w = *state;

	w->conf.global.sync.on = true;
	ipvs_conf(w->ipvs, &w->conf, true, false);
	heard(w, "vip3 timeouts +service +dest ");
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_MASTER);
	heard(w, "-sync2 +sync1 ");
	another_director(w);
	heard(w, "vip3 timeouts -sync2 +sync1 +service +dest ");
	assert_non_null(strstr(w->log, "the director has gone"));
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_BACKUP);
	heard(w, "-sync1 +sync2 ");
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_BACKUP);
	heard(w, "");
	ipvs_stop(w->ipvs, false);
	heard(w, "-service -sync2 ");
}

static void without_virtual_servers_it_is_told_of_addresses(void **state)
{
	struct world *w = *state;

	w->conf.n_servers = 0;
	ipvs_conf(w->ipvs, &w->conf, false, false);
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_MASTER);
	heard(w, "vip3 ");
	another_director(w);
	heard(w, "vip3 ");
	ipvs_stop(w->ipvs, true);
}

static void what_it_refuses_is_said_once_and_asked_for_again(void **state)
{
	struct world *w = *state;

	w->conf.global.sync.on = true;
	w->can_sync = false;
	ipvs_conf(w->ipvs, &w->conf, true, false);
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_MASTER);
	ipvs_conf(w->ipvs, &w->conf, true, false);
	assert_string_equal(strstr(w->log, "k.conf"), "k.conf:7: lvs_sync_daemon eth0: not today\n");
	heard(w, "vip3 timeouts +service +dest -sync2 +sync1 vip3 timeouts +sync1 ");
	w->can_sync = true; /* another director, that can */
	another_director(w);
	heard(w, "vip3 timeouts -sync2 +sync1 +service +dest ");
}

static void a_reload_changes_only_what_is_different(void **state)
{
	struct world *w = *state;
	struct conf next;

	w->conf.global.sync.on = true;
	w->conf.global.sync.vrrp = "";
	ipvs_conf(w->ipvs, &w->conf, true, false);
	heard(w, "vip3 timeouts +sync1 +sync2 +service +dest ");
	ipvs_conf(w->ipvs, &w->conf, true, false);
	heard(w, "vip3 timeouts ");
	next = w->conf;
	next.global.sync.id = 9;
	ipvs_conf(w->ipvs, &next, true, false);
	heard(w, "vip3 timeouts -sync1 -sync2 +sync1 +sync2 ");
	next.global.sync.vrrp = "vi"; /* whose state comes next */
	ipvs_conf(w->ipvs, &next, true, false);
	heard(w, "vip3 timeouts ");
	ipvs_vrrp(w->ipvs, &w->vrrp, VRRP_BACKUP);
	heard(w, "-sync1 ");
	next.global.sync.on = false;
	ipvs_conf(w->ipvs, &next, true, false);
	heard(w, "vip3 timeouts -sync2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_director_that_knows_nothing_is_told_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(without_virtual_servers_it_is_told_of_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(what_it_refuses_is_said_once_and_asked_for_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reload_changes_only_what_is_different, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
