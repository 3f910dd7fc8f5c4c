/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * election_test - two to five nodes in virtual time: whatever happened before, when it is over there is one master.
 *
 * Each seed is another life: half a minute in which adverts get lost and delayed, links and scripts fail, priorities
 * change, nodes stop and start; then half a minute of peace. At every step each node's own invariants are looked at; in
 * the end exactly one node must be master, and without nopreempt it must be one of the highest priority. A second network
 * (sync groups) must then have the same master. The clock is a number; a failure names its seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "group.h"
#include "test_conf.h"

#define NODES 5
#define LINKS 2
#define FLIGHTS 4096
#define CHAOS (30 * SEC)
#define PEACE (40 * SEC)

struct node {
	struct conf_vip vips[2];
	struct conf_vrrp conf[LINKS];
	struct conf_sync_group group_conf;
	struct vrrp_fsm f[LINKS], *members[LINKS];
	struct vrrp_group group;
	bool has_addresses[LINKS];
	bool running;
};

struct flight { /* an advert on its way */
	uint64_t at;
	unsigned to, link;
	struct vrrp_event e;
};

static struct world {
	unsigned seed, n_nodes, n_links, n_flights;
	uint64_t rnd, now;
	unsigned loss;	/* percent */
	uint64_t delay; /* at most */
	struct node node[NODES];
	struct flight flight[FLIGHTS];
	struct vrrp_actions out;
} w;

static unsigned rnd(unsigned below)
{
	w.rnd = w.rnd * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(w.rnd >> 33) % below;
}

#define MUST(cond, what)                                                                             \
	do {                                                                                         \
		if (!(cond))                                                                         \
			fail_msg("seed %u at %llu us: %s", w.seed, (unsigned long long)w.now, what); \
	} while (0)

static void check_node(const struct node *n)
{
	for (unsigned l = 0; l < w.n_links; l++) {
		const struct vrrp_fsm *f = &n->f[l];
		bool timed = f->state == VRRP_BACKUP || f->state == VRRP_MASTER;

		MUST((f->timer != VRRP_NEVER) == timed, "the protocol's timer runs in BACKUP and MASTER only");
		MUST(n->has_addresses[l] == (f->state == VRRP_MASTER), "the master, nobody else, has the addresses");
		MUST(f->priority >= 1, "a priority of 0 is not ours to have");
		MUST((f->state == VRRP_MASTER) == (n->group.state == VRRP_MASTER) || !n->running,
		     "members of a group are master together");
	}
}

static void send_all(unsigned from, unsigned link, uint8_t priority)
{
	struct node *n = &w.node[from];

	for (unsigned to = 0; to < w.n_nodes; to++) {
		struct flight *f = &w.flight[w.n_flights];

		if (to == from || rnd(100) < w.loss)
			continue;
		MUST(w.n_flights < FLIGHTS, "too many adverts at once: a storm");
		*f = (struct flight){ .at = w.now + 20 + (w.delay ? rnd((unsigned)w.delay) : 0),
				      .to = to,
				      .link = link };
		f->e = (struct vrrp_event){ .type = VRRP_ON_ADVERT,
					    .priority = priority,
					    .src = n->f[link].src,
					    .interval_us = n->conf[link].advert_us };
		w.n_flights++;
	}
}

static void carry_out(unsigned who)
{
	struct node *n = &w.node[who];

	for (uint32_t i = 0; i < w.out.n; i++) {
		const struct vrrp_action *a = &w.out.list[i];
		unsigned link = a->fsm ? (unsigned)(a->fsm - n->f) : 0;

		if (a->kind == VRRP_DO_ADVERT) {
			send_all(who, link, a->priority);
		} else if (a->kind == VRRP_DO_ADD) {
			MUST(!n->has_addresses[link], "addresses are added once");
			n->has_addresses[link] = true;
		} else if (a->kind == VRRP_DO_REMOVE) {
			MUST(n->has_addresses[link], "addresses are removed once");
			n->has_addresses[link] = false;
		}
	}
	w.out.n = 0;
}

static void step(unsigned who, unsigned link, const struct vrrp_event *e)
{
	struct node *n = &w.node[who];

	vrrp_group_step(&n->group, &n->f[link], e, w.now, &w.out);
	carry_out(who);
	check_node(n);
}

static void step_all(unsigned who, struct vrrp_event e)
{
	for (unsigned l = 0; l < w.n_links; l++)
		step(who, l, &e);
}

static void boot(unsigned who)
{
	struct node *n = &w.node[who];

	for (unsigned l = 0; l < w.n_links; l++) {
		vrrp_fsm_init(&n->f[l], &n->conf[l], 0, w.now);
		n->f[l].src = addr("192.0.2.0");
		n->f[l].src.bytes[3] = (uint8_t)(10 + who);
		n->members[l] = &n->f[l];
	}
	vrrp_group_init(&n->group, w.n_links > 1 ? &n->group_conf : NULL, n->members, w.n_links);
	n->running = true;
	step_all(who, (struct vrrp_event){ .type = VRRP_ON_START });
}

static void create(bool with_nopreempt)
{
	static const uint64_t intervals[] = { SEC, 10000, 100000, 2 * SEC };
	unsigned version = 2 + rnd(2);
	bool mixed = rnd(3) == 0; /* version 3: nodes learn the master's */
	uint64_t interval = version == 2 ? SEC : intervals[rnd(4)];

	for (unsigned i = 0; i < w.n_nodes; i++) {
		struct node *n = &w.node[i];
		struct conf_vrrp c = conf_v2(n->vips);

		c.version = (uint8_t)version;
		c.advert_us = mixed && version == 3 ? intervals[rnd(4)] : interval;
		c.priority = (uint8_t)(1 + rnd(254));
		if (i && rnd(4) == 0)
			c.priority = w.node[i - 1].conf[0].priority;
		c.start_master = rnd(4) == 0;
		c.nopreempt = with_nopreempt && rnd(2) == 0;
		c.higher_prio_send_advert = rnd(4) == 0;
		c.lower_prio_no_advert = rnd(4) == 0;
		c.preempt_delay_us = rnd(4) == 0 ? rnd(5) * SEC : 0;
		for (unsigned l = 0; l < w.n_links; l++)
			n->conf[l] = c;
	}
}

/* One random misfortune, or its end */
static void disturb(void)
{
	unsigned who = rnd(w.n_nodes), link = rnd(w.n_links);
	struct node *n = &w.node[who];
	struct vrrp_event e = { .type = VRRP_ON_WHY };

	if (!n->running) {
		boot(who);
		return;
	}
	switch (rnd(5)) {
	case 0:
		e.why = VRRP_WHY_IF_DOWN;
		step(who, link, &e);
		break;
	case 1:
		step(who, link, &e);
		break;
	case 2:
		e = (struct vrrp_event){ .type = VRRP_ON_PRIORITY, .priority = (uint8_t)(1 + rnd(254)) };
		step_all(who, e);
		break;
	case 3:
		n->running = false;
		step_all(who, (struct vrrp_event){ .type = VRRP_ON_STOP });
		break;
	default:
		w.loss = rnd(60);
		w.delay = rnd(2) ? 0 : rnd(20000);
		break;
	}
}

static uint64_t next_thing(void)
{
	uint64_t at = VRRP_NEVER;

	for (unsigned i = 0; i < w.n_flights; i++)
		at = w.flight[i].at < at ? w.flight[i].at : at;
	for (unsigned i = 0; i < w.n_nodes; i++)
		for (unsigned l = 0; w.node[i].running && l < w.n_links; l++) {
			uint64_t due = vrrp_fsm_due(&w.node[i].f[l]);

			at = due < at ? due : at;
		}
	return at;
}

static void happen(void)
{
	for (unsigned i = 0; i < w.n_flights; i++) {
		struct flight f = w.flight[i];

		if (f.at > w.now)
			continue;
		w.flight[i--] = w.flight[--w.n_flights];
		if (w.node[f.to].running)
			step(f.to, f.link, &f.e);
	}
	for (unsigned i = 0; i < w.n_nodes; i++)
		for (unsigned l = 0; w.node[i].running && l < w.n_links; l++)
			if (vrrp_fsm_due(&w.node[i].f[l]) <= w.now)
				step(i, l, &(struct vrrp_event){ .type = VRRP_ON_TIMER });
}

static void run_until(uint64_t end, bool chaos)
{
	uint64_t trouble = w.now;

	while (w.now < end) {
		uint64_t at = next_thing();

		if (chaos && trouble < at) {
			w.now = trouble;
			disturb();
			trouble += 50000 + rnd(3000000);
			continue;
		}
		if (at > end)
			break;
		w.now = at > w.now ? at : w.now;
		happen();
	}
	w.now = end;
}

static void make_peace(void)
{
	w.loss = 0;
	w.delay = 0;
	for (unsigned i = 0; i < w.n_nodes; i++) {
		if (!w.node[i].running)
			boot(i);
		step_all(i, (struct vrrp_event){ .type = VRRP_ON_WHY });
	}
}

static unsigned highest_priority(void)
{
	unsigned top = 0;

	for (unsigned i = 0; i < w.n_nodes; i++)
		top = w.node[i].f[0].priority > top ? w.node[i].f[0].priority : top;
	return top;
}

static void live(unsigned seed, unsigned n_links, bool with_nopreempt)
{
	unsigned masters = 0, master = 0;

	w.seed = seed;
	w.rnd = seed * 7919ull + 1;
	w.now = SEC;
	w.n_flights = 0;
	w.n_links = n_links;
	w.n_nodes = 2 + rnd(NODES - 1);
	w.loss = rnd(40);
	memset(w.node, 0, sizeof(w.node));
	create(with_nopreempt);
	run_until(w.now + CHAOS, true);
	make_peace();
	run_until(w.now + PEACE, false);
	for (unsigned i = 0; i < w.n_nodes; i++)
		if (w.node[i].group.state == VRRP_MASTER) {
			masters++;
			master = i;
		}
	MUST(masters == 1, masters ? "more than one master" : "no master");
	if (!with_nopreempt)
		MUST(w.node[master].f[0].priority == highest_priority(), "the master is not of the highest priority");
}

static void one_master_in_the_end_the_highest(void **state)
{
	for (unsigned seed = 1; seed <= 300; seed++)
		live(seed, 1, false);
}

static void one_master_in_the_end_with_nopreempt(void **state)
{
	for (unsigned seed = 1; seed <= 200; seed++)
		live(seed, 1, true);
}

static void one_master_of_both_networks_in_a_sync_group(void **state)
{
	for (unsigned seed = 1; seed <= 200; seed++)
		live(seed, 2, false);
}

static int teardown(void **state)
{
	vrrp_actions_free(&w.out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(one_master_in_the_end_the_highest, teardown),
		cmocka_unit_test_teardown(one_master_in_the_end_with_nopreempt, teardown),
		cmocka_unit_test_teardown(one_master_of_both_networks_in_a_sync_group, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
