/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsm_test - RFC 5880's table of states, its timers and polls; then two sessions in virtual time over a bad line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fsm.h"

#define SEC 1000000ull
#define MS 1000ull

static struct conf_bfd conf(void)
{
	return (struct conf_bfd){ .name = "b",
				  .min_rx_us = 10 * MS,
				  .min_tx_us = 10 * MS,
				  .idle_tx_us = SEC,
				  .multiplier = 5,
				  .ttl = 255 };
}

static struct bfd_packet packet(enum bfd_state state)
{
	return (struct bfd_packet){
		.state = state, .multiplier = 3, .my = 99, .your = 7, .min_tx_us = 20 * MS, .min_rx_us = 30 * MS
	};
}

static struct bfd_todo hear(struct bfd_session *s, enum bfd_state state, uint64_t now)
{
	struct bfd_packet p = packet(state);
	struct bfd_todo t;

	bfd_session_receive(s, &p, now, &t);
	return t;
}

static struct bfd_packet send_one(struct bfd_session *s, bool final, uint64_t now)
{
	struct bfd_packet p;

	bfd_session_fill(s, final, now, &p);
	return p;
}

/* ---- the table of 6.8.6: what we are, what we hear, what we are then ---- */
static const enum bfd_state table[BFD_STATES][BFD_STATES] = {
	/*		hears	AdminDown	Down	Init	Up */
	[BFD_ADMIN_DOWN] = { BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN },
	[BFD_DOWN] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_DOWN },
	[BFD_INIT] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_UP },
	[BFD_UP] = { BFD_DOWN, BFD_DOWN, BFD_UP, BFD_UP },
};

static void the_table_of_states(void **state)
{
	for (enum bfd_state is = BFD_ADMIN_DOWN; is < BFD_STATES; is++)
		for (enum bfd_state hears = BFD_ADMIN_DOWN; hears < BFD_STATES; hears++) {
			struct conf_bfd c = conf();
			struct bfd_session s;
			struct bfd_todo t;

			bfd_session_init(&s, &c, 7, 1, 1);
			s.state = is;
			t = hear(&s, hears, SEC);
			if (s.state != table[is][hears] || t.changed != (s.state != is))
				fail_msg("%s hears %s: %s, want %s", bfd_state_name(is), bfd_state_name(hears),
					 bfd_state_name(s.state), bfd_state_name(table[is][hears]));
		}
}

static void it_begins_down_and_sends_at_once_then_slowly(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s;
	struct bfd_packet p;

	bfd_session_init(&s, &c, 7, 1, 5);
	assert_int_equal(bfd_session_due(&s), 5);
	p = send_one(&s, false, 5);
	assert_int_equal(p.state, BFD_DOWN);
	assert_int_equal(p.your, 0);
	assert_int_equal(p.my, 7);
	assert_int_equal(p.min_tx_us, SEC);
	assert_int_equal(p.min_rx_us, 10 * MS);
	assert_true(bfd_session_due(&s) >= 5 + 750 * MS && bfd_session_due(&s) <= 5 + SEC);
}

static void a_passive_one_waits_to_be_spoken_to(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s;

	c.passive = true;
	bfd_session_init(&s, &c, 7, 1, 5);
	assert_true(bfd_session_due(&s) == BFD_NEVER);
	assert_true(hear(&s, BFD_DOWN, SEC).send);
}

static struct bfd_session up(const struct conf_bfd *c, uint64_t now)
{
	struct bfd_session s;

	bfd_session_init(&s, c, 7, 1, 1);
	hear(&s, BFD_INIT, now);
	assert_int_equal(s.state, BFD_UP);
	return s;
}

static void intervals_are_the_slower_of_both_sides(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);

	assert_int_equal(bfd_session_interval_us(&s), 30 * MS);	  /* it cannot receive faster */
	assert_int_equal(bfd_session_detect_us(&s), 3 * 20 * MS); /* its multiplier, its interval */
	assert_int_equal(s.detect_at, SEC + 60 * MS);
}

static void silence_ends_the_session_after_the_detection_time(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_todo t;

	send_one(&s, false, SEC + 59 * MS);
	bfd_session_timer(&s, SEC + 60 * MS - 1, &t);
	assert_false(t.changed);
	bfd_session_timer(&s, SEC + 60 * MS, &t);
	assert_true(t.changed && t.send);
	assert_int_equal(t.old, BFD_UP);
	assert_int_equal(s.state, BFD_DOWN);
	assert_int_equal(s.diag, BFD_DIAG_EXPIRED);
	assert_int_equal(s.remote, 0);
	assert_int_equal(send_one(&s, false, SEC + 60 * MS).min_tx_us, SEC);
}

static void a_neighbour_that_goes_down_is_believed_at_once(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_todo t = hear(&s, BFD_ADMIN_DOWN, SEC + 1);

	assert_true(t.changed && t.send);
	assert_int_equal(s.diag, BFD_DIAG_NEIGHBOUR);
}

static void coming_up_is_told_in_a_poll(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_packet p = send_one(&s, false, SEC), answer = packet(BFD_UP);
	struct bfd_todo t;

	assert_true(p.poll);
	assert_int_equal(p.min_tx_us, 10 * MS);
	assert_true(send_one(&s, false, SEC + 1).poll);
	answer.final = true;
	bfd_session_receive(&s, &answer, SEC + 2, &t);
	assert_false(send_one(&s, false, SEC + 3).poll);
}

static void a_poll_is_answered_at_once_and_not_with_a_poll(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_packet question = packet(BFD_UP), p;
	struct bfd_todo t;

	question.poll = true;
	bfd_session_receive(&s, &question, SEC + 1, &t);
	assert_true(t.send && t.final);
	p = send_one(&s, true, SEC + 1);
	assert_true(p.final && !p.poll);
}

static struct bfd_session polled(const struct conf_bfd *c, uint64_t now)
{
	struct bfd_session s = up(c, now);
	struct bfd_packet p = packet(BFD_UP);
	struct bfd_todo t;

	p.final = true;
	p.min_rx_us = 1;
	p.min_tx_us = 1;
	bfd_session_receive(&s, &p, now, &t);
	assert_false(s.poll);
	return s;
}

static void slower_packets_wait_for_the_end_of_the_poll(void **state)
{
	struct conf_bfd c = conf(), slow = c;
	struct bfd_session s = polled(&c, SEC);
	struct bfd_packet p = packet(BFD_UP);
	struct bfd_todo t;

	slow.min_tx_us = 100 * MS;
	bfd_session_reconf(&s, &slow, SEC);
	assert_int_equal(s.state, BFD_UP);
	assert_int_equal(bfd_session_interval_us(&s), 10 * MS);
	assert_int_equal(send_one(&s, false, SEC).min_tx_us, 100 * MS);
	p.final = true;
	p.min_rx_us = 1;
	bfd_session_receive(&s, &p, SEC + 1, &t);
	assert_int_equal(bfd_session_interval_us(&s), 100 * MS);
}

static void a_shorter_detection_waits_for_the_end_of_the_poll(void **state)
{
	struct conf_bfd c = conf(), fast = c;
	struct bfd_session s;
	struct bfd_packet p = packet(BFD_UP);
	struct bfd_todo t;

	c.min_rx_us = 100 * MS;
	s = polled(&c, SEC);
	fast.min_rx_us = 50 * MS;
	bfd_session_reconf(&s, &fast, SEC);
	assert_int_equal(bfd_session_detect_us(&s), 300 * MS);
	p.final = true;
	p.min_tx_us = 1;
	bfd_session_receive(&s, &p, SEC + 1, &t);
	assert_int_equal(bfd_session_detect_us(&s), 150 * MS);
}

static void a_neighbour_that_wants_no_packets_gets_none(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_packet p = packet(BFD_UP);
	struct bfd_todo t;

	p.min_rx_us = 0;
	bfd_session_receive(&s, &p, SEC + 1, &t);
	assert_int_equal(bfd_session_interval_us(&s), 0);
	assert_int_equal(bfd_session_due(&s), s.detect_at);
}

static void a_neighbour_s_demand_mode_is_honoured(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = polled(&c, SEC);
	struct bfd_packet p = packet(BFD_UP);
	struct bfd_todo t;

	p.demand = true;
	bfd_session_receive(&s, &p, SEC + 1, &t);
	assert_int_equal(bfd_session_interval_us(&s), 0);
}

static void packets_leave_before_their_interval_is_over_but_not_long_before(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s;
	uint64_t low = BFD_NEVER, high = 0, latest = 0;

	bfd_session_init(&s, &c, 7, 12345, 1);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = SEC + (uint64_t)i * 1237, gap, wake;

		send_one(&s, false, now);
		gap = bfd_session_due(&s) - now;
		wake = bfd_session_wake(&s) - now;
		low = gap < low ? gap : low;
		high = gap > high ? gap : high;
		latest = wake > latest ? wake : latest;
		assert_true(wake >= gap && (wake + now) % (100 * MS) == 0);
	}
	assert_int_equal(low, 750 * MS);
	assert_int_equal(high, 900 * MS);
	assert_in_range(latest, 900 * MS, SEC);
}

static void silence_is_noticed_when_it_has_to_be_whatever_waits(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);

	send_one(&s, false, SEC + 45 * MS);
	assert_true(s.tx_at > s.detect_at);
	assert_int_equal(bfd_session_wake(&s), s.detect_at);
}

static void stop_tells_the_neighbour_and_hears_nobody(void **state)
{
	struct conf_bfd c = conf();
	struct bfd_session s = up(&c, SEC);
	struct bfd_packet p;
	struct bfd_todo t;

	bfd_session_stop(&s, SEC + 1, &t);
	assert_true(t.send && t.changed);
	p = send_one(&s, false, SEC + 1);
	assert_int_equal(p.state, BFD_ADMIN_DOWN);
	assert_int_equal(p.diag, BFD_DIAG_ADMIN);
	assert_true(bfd_session_due(&s) == BFD_NEVER);
	p = packet(BFD_UP);
	assert_int_equal(bfd_session_receive(&s, &p, SEC + 2, &t), BFD_REFUSED_ADMIN_DOWN);
	assert_false(t.send);
}

/* ---- two of them ---- */
struct line {
	struct conf_bfd conf[2];
	struct bfd_session s[2];
	struct {
		uint64_t at;
		unsigned to;
		struct bfd_packet p;
	} flight[64];
	unsigned n_flights, loss;
	uint64_t now, rnd, last_at[2];
	bool cut;
};

static unsigned rnd(struct line *l, unsigned below)
{
	l->rnd = l->rnd * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(l->rnd >> 33) % below;
}

static void carry_out(struct line *l, unsigned who, const struct bfd_todo *t)
{
	struct bfd_packet p;
	uint64_t at;

	if (!t->send)
		return;
	bfd_session_fill(&l->s[who], t->final, l->now, &p);
	if (l->cut || rnd(l, 100) < l->loss)
		return;
	assert_true(l->n_flights < 64);
	/* a line does not reorder: an old Down behind an Init would, rightly, end the session */
	at = l->now + 50 + rnd(l, 200);
	l->last_at[who] = at > l->last_at[who] ? at : l->last_at[who] + 1;
	l->flight[l->n_flights].at = l->last_at[who];
	l->flight[l->n_flights].to = !who;
	l->flight[l->n_flights++].p = p;
}

static void run(struct line *l, uint64_t until)
{
	struct bfd_todo t;

	for (;;) {
		uint64_t at = until;

		for (unsigned i = 0; i < l->n_flights; i++)
			at = l->flight[i].at < at ? l->flight[i].at : at;
		for (unsigned i = 0; i < 2; i++)
			at = bfd_session_wake(&l->s[i]) < at ? bfd_session_wake(&l->s[i]) : at;
		if (at >= until)
			break;
		l->now = at > l->now ? at : l->now;
		for (unsigned i = 0; i < l->n_flights; i++)
			if (l->flight[i].at <= l->now) {
				struct bfd_packet p = l->flight[i].p;
				unsigned to = l->flight[i].to;

				l->flight[i--] = l->flight[--l->n_flights];
				bfd_session_receive(&l->s[to], &p, l->now, &t);
				carry_out(l, to, &t);
			}
		for (unsigned i = 0; i < 2; i++) {
			bfd_session_timer(&l->s[i], l->now, &t);
			carry_out(l, i, &t);
		}
	}
	l->now = until;
}

static struct line connect_two(unsigned seed)
{
	struct line l = { .rnd = seed, .now = SEC };

	for (unsigned i = 0; i < 2; i++) {
		l.conf[i] = conf();
		/* multiplier 1 leaves a tenth of the interval to the line, whose delay varies by 0.2 ms */
		l.conf[i].min_tx_us = (3 + rnd(&l, 50)) * MS;
		l.conf[i].min_rx_us = (3 + rnd(&l, 50)) * MS;
		l.conf[i].multiplier = 1 + rnd(&l, 5);
	}
	l.conf[1].passive = rnd(&l, 2);
	for (unsigned i = 0; i < 2; i++)
		bfd_session_init(&l.s[i], &l.conf[i], 1 + rnd(&l, 1000), seed + 1 + i, l.now + rnd(&l, SEC));
	return l;
}

static void two_come_up_stay_up_and_notice_a_cut_in_time(void **state)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		struct line l = connect_two(seed);
		uint64_t detect[2];

		run(&l, 5 * SEC);
		for (unsigned i = 0; i < 2; i++) {
			if (l.s[i].state != BFD_UP || l.s[i].poll)
				fail_msg("seed %u: %u is %s", seed, i, bfd_state_name(l.s[i].state));
			detect[i] = bfd_session_detect_us(&l.s[i]);
		}
		run(&l, 20 * SEC);
		assert_int_equal(l.s[0].ups, 1);
		assert_int_equal(l.s[1].ups, 1);
		l.cut = true;
		run(&l, l.now + 400); /* what is on its way arrives */
		l.n_flights = 0;
		for (unsigned i = 0; i < 2; i++)
			assert_true(l.s[i].detect_at <= l.now + detect[i]);
		run(&l, l.now + (detect[0] > detect[1] ? detect[0] : detect[1]) + 1);
		assert_int_equal(l.s[0].state, BFD_DOWN);
		assert_int_equal(l.s[1].state, BFD_DOWN);
	}
}

static void two_come_up_again_after_a_bad_line(void **state)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		struct line l = connect_two(seed);

		l.loss = 20 + rnd(&l, 60);
		run(&l, 20 * SEC);
		l.loss = 0;
		run(&l, 30 * SEC);
		for (unsigned i = 0; i < 2; i++)
			if (l.s[i].state != BFD_UP)
				fail_msg("seed %u: %u is %s", seed, i, bfd_state_name(l.s[i].state));
	}
}

static void a_restarted_neighbour_is_found_again(void **state)
{
	struct line l = connect_two(3);

	run(&l, 5 * SEC);
	bfd_session_init(&l.s[0], &l.conf[0], 5000, 77, l.now);
	run(&l, 10 * SEC);
	assert_int_equal(l.s[0].state, BFD_UP);
	assert_int_equal(l.s[1].state, BFD_UP);
	assert_int_equal(l.s[1].downs, 1);
}

static void packets_come_no_faster_than_agreed(void **state)
{
	for (unsigned seed = 0; seed < 50; seed++) {
		struct line l = connect_two(seed);
		uint64_t before[2], most;

		run(&l, 5 * SEC);
		before[0] = l.s[0].sent;
		before[1] = l.s[1].sent;
		run(&l, 15 * SEC);
		for (unsigned i = 0; i < 2; i++) {
			most = 10 * SEC * 100 / 75 / bfd_session_interval_us(&l.s[i]);
			assert_in_range(l.s[i].sent - before[i], 10 * SEC / bfd_session_interval_us(&l.s[i]) - 1,
					most + 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_of_states),
		cmocka_unit_test(it_begins_down_and_sends_at_once_then_slowly),
		cmocka_unit_test(a_passive_one_waits_to_be_spoken_to),
		cmocka_unit_test(intervals_are_the_slower_of_both_sides),
		cmocka_unit_test(silence_ends_the_session_after_the_detection_time),
		cmocka_unit_test(a_neighbour_that_goes_down_is_believed_at_once),
		cmocka_unit_test(coming_up_is_told_in_a_poll),
		cmocka_unit_test(a_poll_is_answered_at_once_and_not_with_a_poll),
		cmocka_unit_test(slower_packets_wait_for_the_end_of_the_poll),
		cmocka_unit_test(a_shorter_detection_waits_for_the_end_of_the_poll),
		cmocka_unit_test(a_neighbour_that_wants_no_packets_gets_none),
		cmocka_unit_test(a_neighbour_s_demand_mode_is_honoured),
		cmocka_unit_test(packets_leave_before_their_interval_is_over_but_not_long_before),
		cmocka_unit_test(silence_is_noticed_when_it_has_to_be_whatever_waits),
		cmocka_unit_test(stop_tells_the_neighbour_and_hears_nobody),
		cmocka_unit_test(two_come_up_stay_up_and_notice_a_cut_in_time),
		cmocka_unit_test(two_come_up_again_after_a_bad_line),
		cmocka_unit_test(a_restarted_neighbour_is_found_again),
		cmocka_unit_test(packets_come_no_faster_than_agreed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
