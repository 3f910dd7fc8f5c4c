/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pool_test - virtual servers through their lives: what the tables are asked for, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/ip_vs.h>

#include "pool.h"

#define SEC 1000000ul

/* Everything that the pool says, in one string: "+s 10.0.0.1:80;+d 192.168.0.1:80 w1;..." */
struct record {
	char table[4000], events[4000], log[4000];
};

static void append(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void append(char *to, size_t size, const char *fmt, ...)
{
	size_t n = strlen(to);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to + n, size - n, fmt, ap);
	va_end(ap);
}

static void change(void *arg, enum pool_op op, const struct service *s, const struct dest *d,
		   const struct conf_vs *vs)
{
	struct record *r = arg;
	char at[ADDR_TEXT];

	assert_non_null(vs);
	if (d)
		append(r->table, sizeof(r->table), "%cd %s w%d;", "+=-"[op],
		       addr_format_endpoint(at, &d->addr, d->port), d -> weight);
	else if (s->fwmark)
		append(r->table, sizeof(r->table), "%cs mark %u %s;", "+=-"[op], s -> fwmark, s -> sched);
	else
		append(r->table, sizeof(r->table), "%cs %s %s;", "+=-"[op],
		       addr_format_endpoint(at, &s->addr, s->port), s -> sched);
}

static void event(void *arg, const struct pool_event *ev)
{
	static const char *const names[] = { "rs up", "rs down", "quorum up", "quorum down" };
	struct record *r = arg;
	char at[20] = "";

	if (ev->rs)
		inet_ntop(AF_INET, ev->rs->addr.bytes, at, sizeof(at));
	append(r->events, sizeof(r->events), "%s%s%s%s%s;", names[ev->kind], *at ? " " : "", at,
	       ev->initial ? " initial" : "", ev->stopping ? " stopping" : "");
}

static void say(void *arg, int level, const char *text)
{
	struct record *r = arg;

	append(r->log, sizeof(r->log), "%s\n", text);
}

static void heard(char *what, const char *want)
{
	assert_string_equal(what, want);
	*what = '\0';
}

/* ---- a configuration by hand ---- */

static struct conf_addr at(const char *ip, uint16_t port)
{
	struct conf_addr a = { .family = AF_INET, .port = port };

	inet_pton(AF_INET, ip, &a.v4);
	return a;
}

static const struct conf_script no_script = { .text = "" };

/* A server with two real servers, each with its own check (keys 1 and 2); what a test changes it changes. */
struct world {
	struct conf conf;
	struct conf_vs vs[2];
	struct conf_rs rs[3];
	struct conf_check hows[3];
	struct conf_target checks[3];
	uint32_t idx[3];
	struct record said;
	struct pool *pool;
};

static void world_vs(struct conf_vs *vs, const char *ip, const struct conf_rs *rs, uint32_t n)
{
	*vs = (struct conf_vs){
		.addr = at(ip, 80),
		.vsg = CONF_NONE,
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
		.sched = "rr",
		.pe = "",
		.netmask = ~0u,
		.quorum = 1,
		.quorum_up = no_script,
		.quorum_down = no_script,
		.rs = rs,
		.n_rs = n,
	};
}

static void world_make(struct world *w)
{
	static const char *const ips[] = { "192.168.0.1", "192.168.0.2", "192.168.0.3" };
	struct pool_sink sink = { w, NULL, NULL, NULL };

	memset(w, 0, sizeof(*w));
	for (uint32_t i = 0; i < 3; i++) {
		w->idx[i] = i;
		w->hows[i] = (struct conf_check){ .kind = CONF_CHECK_TCP };
		w->checks[i] = (struct conf_target){ .key = i + 1, .addr = at(ips[i], 80), .how = &w->hows[i] };
		w->rs[i] = (struct conf_rs){
			.addr = at(ips[i], 80),
			.weight = 1,
			.checks = &w->idx[i],
			.n_checks = 1,
		};
	}
	world_vs(&w->vs[0], "10.0.0.1", w->rs, 2);
	w->conf.servers = w->vs;
	w->conf.n_servers = 1;
	w->conf.checks = w->checks;
	w->conf.n_checks = 3;
	w->conf.usable = true;
	sink = (struct pool_sink){ &w->said, change, event, say };
	assert_int_equal(pool_new(&w->pool, &sink), 0);
}

static void world_start(struct world *w)
{
	pool_conf(w->pool, &w->conf, SEC);
	pool_settle(w->pool, true, SEC);
}

static void world_quiet(struct world *w)
{
	memset(&w->said, 0, sizeof(w->said));
}

static void told(struct world *w, uint64_t key, bool up, uint64_t now)
{
	struct msg_check_result r = { .key = key, .up = up, .changed = 1 };

	pool_check(w->pool, &r, now);
}

/* ---- the lives ---- */

static void servers_are_taken_for_up_until_a_check_fails(void **state)
{
	struct world w;

	world_make(&w);
	world_start(&w);
	heard(w.said.table, "+s 10.0.0.1:80 rr;+d 192.168.0.1:80 w1;+d 192.168.0.2:80 w1;");
	heard(w.said.events, "quorum up initial;");
	heard(w.said.log, "Gained quorum 1+0=1 <= 2 for VS [10.0.0.1]:tcp:80\n");
	told(&w, 2, true, 2 * SEC);
	heard(w.said.table, "");
	heard(w.said.events, "rs up 192.168.0.2 initial;");
	told(&w, 1, false, 2 * SEC);
	heard(w.said.table, "-d 192.168.0.1:80 w1;");
	heard(w.said.log, "Removing service [192.168.0.1]:tcp:80 from VS [10.0.0.1]:tcp:80\n");
	world_quiet(&w);
	told(&w, 1, true, 3 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;");
	heard(w.said.events, "rs up 192.168.0.1;");
	heard(w.said.log, "Adding service [192.168.0.1]:tcp:80 to VS [10.0.0.1]:tcp:80\n");
	pool_free(w.pool);
}

static void alpha_servers_come_in_with_their_first_success(void **state)
{
	struct world w;

	world_make(&w);
	w.hows[0].alpha = w.hows[1].alpha = true;
	world_start(&w);
	heard(w.said.table, "+s 10.0.0.1:80 rr;");
	heard(w.said.log, "");
	heard(w.said.events, "");
	told(&w, 2, true, 2 * SEC);
	heard(w.said.table, "+d 192.168.0.2:80 w1;");
	heard(w.said.events, "rs up 192.168.0.2;quorum up;");
	pool_free(w.pool);
}

static void inhibited_servers_keep_their_place_with_weight_0(void **state)
{
	struct world w;

	world_make(&w);
	w.rs[0].inhibit = true;
	world_start(&w);
	world_quiet(&w);
	told(&w, 1, false, 2 * SEC);
	heard(w.said.table, "=d 192.168.0.1:80 w0;");
	heard(w.said.log, "Disabling service [192.168.0.1]:tcp:80 of VS [10.0.0.1]:tcp:80\n");
	told(&w, 1, true, 3 * SEC);
	heard(w.said.table, "=d 192.168.0.1:80 w1;");
	pool_free(w.pool);
}

static void a_sorry_server_stands_in_when_the_last_one_fails(void **state)
{
	struct world w;

	world_make(&w);
	w.vs[0].has_sorry = true;
	w.vs[0].sorry = (struct conf_rs){ .addr = at("192.168.0.9", 80), .weight = 1 };
	world_start(&w);
	told(&w, 1, false, 2 * SEC);
	world_quiet(&w);
	told(&w, 2, false, 3 * SEC);
	heard(w.said.table, "+d 192.168.0.9:80 w1;-d 192.168.0.2:80 w1;");
	heard(w.said.events, "rs down 192.168.0.2;quorum down;");
	heard(w.said.log, "Removing service [192.168.0.2]:tcp:80 from VS [10.0.0.1]:tcp:80\n"
			  "Lost quorum 1-0=1 > 0 for VS [10.0.0.1]:tcp:80\n"
			  "Adding sorry server [192.168.0.9]:tcp:80 to VS [10.0.0.1]:tcp:80\n"
			  "Removing alive servers from the pool for VS [10.0.0.1]:tcp:80\n");
	told(&w, 1, true, 4 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;-d 192.168.0.9:80 w1;");
	pool_free(w.pool);
}

static void quorum_and_hysteresis(void **state)
{
	struct world w;

	world_make(&w);
	w.rs[0].weight = w.rs[1].weight = w.rs[2].weight = 2;
	world_vs(&w.vs[0], "10.0.0.1", w.rs, 3);
	w.vs[0].quorum = 4;
	w.vs[0].hysteresis = 2;
	w.vs[0].has_sorry = true;
	w.vs[0].sorry = (struct conf_rs){ .addr = at("192.168.0.9", 80), .weight = 1 };
	world_start(&w);
	heard(w.said.events, "quorum up initial;"); /* 6 >= 4 + 2 */
	told(&w, 1, false, SEC);
	told(&w, 2, false, SEC);
	heard(w.said.events, "rs down 192.168.0.1;rs down 192.168.0.2;"); /* 2 >= 4 - 2 */
	told(&w, 3, false, SEC);
	heard(w.said.events, "rs down 192.168.0.3;quorum down;");
	world_quiet(&w);
	told(&w, 1, true, SEC);
	told(&w, 2, true, SEC);
	heard(w.said.table, ""); /* alive, but the sorry server serves */
	told(&w, 3, true, SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w2;+d 192.168.0.2:80 w2;+d 192.168.0.3:80 w2;-d 192.168.0.9:80 w1;");
	pool_free(w.pool);
}

static void one_check_speaks_for_every_service_that_shares_it(void **state)
{
	struct world w;

	world_make(&w);
	world_vs(&w.vs[1], "10.0.0.2", w.rs, 1);
	w.conf.n_servers = 2;
	world_start(&w);
	world_quiet(&w);
	told(&w, 1, false, 2 * SEC);
	heard(w.said.table, "-d 192.168.0.1:80 w1;-d 192.168.0.1:80 w1;");
	heard(w.said.events, "rs down 192.168.0.1;rs down 192.168.0.1;quorum down;");
	pool_free(w.pool);
}

static void weights_follow_misc_dynamic_agents_and_files(void **state)
{
	struct msg_check_result misc = { .key = 1, .up = 1, .has_weight = 1, .weight = 40 };
	struct msg_check_result agent = { .key = 2, .up = 1, .has_weight = 1, .weight_percent = 50 };
	struct world w;

	world_make(&w);
	w.rs[0].weight = 10;
	w.rs[1].weight = 10;
	world_start(&w);
	world_quiet(&w);
	pool_check(w.pool, &misc, 2 * SEC);
	heard(w.said.table, "=d 192.168.0.1:80 w40;");
	pool_check(w.pool, &agent, 2 * SEC);
	heard(w.said.table, "=d 192.168.0.2:80 w5;");
	agent.drain = 1;
	pool_check(w.pool, &agent, 2 * SEC);
	heard(w.said.table, "=d 192.168.0.2:80 w0;");
	w.hows[0].kind = CONF_CHECK_FILE;
	w.hows[0].file.file = 7;
	w.hows[0].file.weight = 2;
	pool_file(w.pool, 7, -3, 3 * SEC);
	heard(w.said.table, "=d 192.168.0.1:80 w4;");
	pool_free(w.pool);
}

/* The same content elsewhere, as a configuration that was loaded again is. */
static void world_again(struct world *to, const struct world *from)
{
	memcpy(to, from, sizeof(*to));
	to->conf.servers = to->vs;
	to->conf.checks = to->checks;
	to->vs[0].rs = to->rs;
	for (int i = 0; i < 3; i++)
		to->rs[i].checks = &to->idx[i];
}

static void reload(struct world *w, struct world *next, uint64_t now)
{
	pool_conf(w->pool, &next->conf, now);
	pool_settle(w->pool, false, now);
}

static void a_reload_touches_only_what_changed(void **state)
{
	struct world w, same, more, other;

	world_make(&w);
	world_start(&w);
	told(&w, 1, false, 2 * SEC);
	world_quiet(&w);
	world_again(&same, &w);
	reload(&w, &same, 3 * SEC);
	heard(w.said.table, "");
	heard(w.said.log, "");
	heard(w.said.events, "");
	/* one more, one with another weight; the failed one stays out */
	world_again(&more, &same);
	more.vs[0].n_rs = 3;
	more.rs[1].weight = 5;
	reload(&w, &more, 4 * SEC);
	heard(w.said.table, "=d 192.168.0.2:80 w5;+d 192.168.0.3:80 w1;");
	world_again(&other, &more);
	other.vs[0].sched = "wlc";
	reload(&w, &other, 5 * SEC);
	heard(w.said.table, "=s 10.0.0.1:80 wlc;");
	pool_conf(w.pool, NULL, 6 * SEC);
	heard(w.said.table, "-s 10.0.0.1:80 wlc;");
	pool_free(w.pool);
}

static void a_failed_server_with_a_new_check_waits_for_it(void **state)
{
	struct world w, next;

	world_make(&w);
	world_start(&w);
	told(&w, 1, false, 2 * SEC);
	world_quiet(&w);
	world_again(&next, &w);
	next.checks[0].key = 77;
	reload(&w, &next, 3 * SEC);
	heard(w.said.table, "");
	told(&w, 77, true, 4 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;");
	pool_free(w.pool);
}

static struct dest dest_at(const char *ip, int weight)
{
	struct dest d = { .addr.af = AF_INET, .port = htons(80), .weight = weight };

	inet_pton(AF_INET, ip, &d.addr.v4);
	return d;
}

static struct service service_at(const char *ip)
{
	struct service s = {
		.af = AF_INET, .proto = IPPROTO_TCP, .addr.af = AF_INET, .port = htons(80), .netmask = ~0u
	};

	inet_pton(AF_INET, ip, &s.addr.v4);
	strcpy(s.sched, "rr");
	return s;
}

static void a_restart_returns_no_dead_server_to_duty(void **state)
{
	struct dest have[] = { dest_at("192.168.0.2", 1), dest_at("192.168.7.7", 3) };
	struct service s = service_at("10.0.0.1");
	struct world w;

	world_make(&w);
	pool_conf(w.pool, &w.conf, SEC);
	pool_actual(w.pool, &s, true, have, 2);
	pool_settle(w.pool, true, SEC);
	heard(w.said.table, "-d 192.168.7.7:80 w3;"); /* configured no more; .1 was down and stays out */
	told(&w, 1, true, 2 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;");
	pool_free(w.pool);
}

static void a_repair_puts_back_what_somebody_deleted(void **state)
{
	struct service s = service_at("10.0.0.1");
	struct world w;

	world_make(&w);
	world_start(&w);
	world_quiet(&w);
	pool_actual(w.pool, &s, false, NULL, 0);
	pool_settle(w.pool, false, 2 * SEC);
	heard(w.said.table, "+s 10.0.0.1:80 rr;+d 192.168.0.1:80 w1;+d 192.168.0.2:80 w1;");
	pool_free(w.pool);
}

static void slow_start_raises_the_weight_in_steps(void **state)
{
	struct world w;

	world_make(&w);
	w.rs[0].weight = 100;
	w.rs[0].slow_start_us = 10 * SEC;
	world_start(&w);
	told(&w, 1, false, 2 * SEC);
	world_quiet(&w);
	told(&w, 1, true, 3 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;");
	assert_int_equal(pool_tick(w.pool, 8 * SEC), SEC);
	heard(w.said.table, "=d 192.168.0.1:80 w50;");
	assert_true(pool_tick(w.pool, 13 * SEC) == UINT64_MAX);
	heard(w.said.table, "=d 192.168.0.1:80 w100;");
	pool_free(w.pool);
}

static void a_removed_server_is_drained_when_asked(void **state)
{
	struct service s = service_at("10.0.0.1");
	struct dest d = dest_at("192.168.0.2", 0);
	struct world w, next;

	world_make(&w);
	w.rs[1].drain = true;
	world_start(&w);
	world_quiet(&w);
	world_again(&next, &w);
	next.vs[0].n_rs = 1;
	reload(&w, &next, 2 * SEC);
	heard(w.said.table, "=d 192.168.0.2:80 w0;");
	pool_drained(w.pool, &s, &d, 3 * SEC);
	heard(w.said.table, "-d 192.168.0.2:80 w0;");
	pool_free(w.pool);
}

static void a_group_makes_a_service_of_each_address_and_mark(void **state)
{
	struct conf_vsg_entry entries[] = {
		{ .first = at("10.0.0.255", 80), .count = 2 },
		{ .first = { .family = AF_INET }, .fwmark = 9 },
	};
	struct conf_vsg g = { .name = "g", .entries = entries, .n_entries = 2 };
	struct world w;

	world_make(&w);
	w.conf.vsgs = &g;
	w.conf.n_vsgs = 1;
	w.vs[0].vsg = 0;
	w.vs[0].addr.family = 0;
	w.vs[0].n_rs = 1;
	world_start(&w);
	heard(w.said.table, "+s 10.0.0.255:80 rr;+d 192.168.0.1:80 w1;+s 10.0.1.0:80 rr;+d 192.168.0.1:80 w1;"
			    "+s mark 9 rr;+d 192.168.0.1:80 w1;");
	told(&w, 1, false, SEC);
	pool_free(w.pool);
}

static void what_is_refused_is_tried_again_when_asked(void **state)
{
	struct service s = service_at("10.0.0.1");
	struct world w;

	world_make(&w);
	world_start(&w);
	world_quiet(&w);
	pool_refused(w.pool, &s);
	told(&w, 1, false, SEC);
	heard(w.said.table, "");
	assert_true(pool_retry(w.pool, SEC));
	heard(w.said.table, "+s 10.0.0.1:80 rr;+d 192.168.0.2:80 w1;");
	assert_false(pool_retry(w.pool, SEC));
	pool_free(w.pool);
}

static void an_adopted_service_is_neither_made_nor_taken_out(void **state)
{
	struct dest have[] = { dest_at("192.168.0.1", 1), dest_at("192.168.0.2", 1), dest_at("192.168.7.7", 3) };
	struct service s = service_at("10.0.0.1");
	struct world w;

	world_make(&w);
	w.vs[0].adopted = true;
	world_start(&w);
	heard(w.said.table, "");
	strcpy(s.sched, "wlc"); /* its owner's choice */
	pool_actual(w.pool, &s, true, have, 3);
	pool_settle(w.pool, false, SEC);
	heard(w.said.table, "");
	told(&w, 1, false, 2 * SEC);
	heard(w.said.table, "-d 192.168.0.1:80 w1;");
	assert_true(pool_is_down(w.pool, &s, &have[0]));
	assert_false(pool_is_down(w.pool, &s, &have[1]));
	told(&w, 1, true, 2 * SEC);
	heard(w.said.table, "+d 192.168.0.1:80 w1;");
	pool_stop(w.pool, false, 3 * SEC);
	pool_conf(w.pool, NULL, 3 * SEC);
	heard(w.said.table, "");
	pool_free(w.pool);
}

static void omega_says_down_when_it_stops(void **state)
{
	struct world w;

	world_make(&w);
	w.vs[0].omega = true;
	world_start(&w);
	world_quiet(&w);
	pool_stop(w.pool, false, 2 * SEC);
	heard(w.said.events, "rs down 192.168.0.1 stopping;rs down 192.168.0.2 stopping;quorum down stopping;");
	heard(w.said.table, "-s 10.0.0.1:80 rr;");
	told(&w, 1, false, 3 * SEC); /* a check that was under way brings nothing back */
	told(&w, 1, true, 3 * SEC);
	pool_settle(w.pool, false, 3 * SEC);
	heard(w.said.table, "");
	pool_free(w.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_taken_for_up_until_a_check_fails),
		cmocka_unit_test(alpha_servers_come_in_with_their_first_success),
		cmocka_unit_test(inhibited_servers_keep_their_place_with_weight_0),
		cmocka_unit_test(a_sorry_server_stands_in_when_the_last_one_fails),
		cmocka_unit_test(quorum_and_hysteresis),
		cmocka_unit_test(one_check_speaks_for_every_service_that_shares_it),
		cmocka_unit_test(weights_follow_misc_dynamic_agents_and_files),
		cmocka_unit_test(a_reload_touches_only_what_changed),
		cmocka_unit_test(a_failed_server_with_a_new_check_waits_for_it),
		cmocka_unit_test(a_restart_returns_no_dead_server_to_duty),
		cmocka_unit_test(a_repair_puts_back_what_somebody_deleted),
		cmocka_unit_test(slow_start_raises_the_weight_in_steps),
		cmocka_unit_test(a_removed_server_is_drained_when_asked),
		cmocka_unit_test(a_group_makes_a_service_of_each_address_and_mark),
		cmocka_unit_test(what_is_refused_is_tried_again_when_asked),
		cmocka_unit_test(an_adopted_service_is_neither_made_nor_taken_out),
		cmocka_unit_test(omega_says_down_when_it_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
