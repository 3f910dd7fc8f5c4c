/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_test - whose packet it is, how far it may have come, and what of a session survives a reload. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "session.h"

#define SEC 1000000ull

static struct conf_addr addr(const char *text)
{
	struct conf_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	assert_int_equal(inet_pton(a.family, text, a.bytes), 1);
	return a;
}

static struct conf_bfd conf(const char *name, const char *neighbour)
{
	return (struct conf_bfd){ .name = name,
				  .neighbour = addr(neighbour),
				  .min_rx_us = 10000,
				  .min_tx_us = 10000,
				  .idle_tx_us = SEC,
				  .multiplier = 5,
				  .ttl = 255 };
}

static struct bfd_table t;
static struct conf_bfd bfds[3];

static int setup(void **state)
{
	t = (struct bfd_table){ .random = 42 };
	bfds[0] = conf("a", "192.0.2.1");
	bfds[1] = conf("b", "192.0.2.2");
	bfds[2] = conf("c", "2001:db8::1");
	assert_int_equal(bfd_table_apply(&t, bfds, 3, SEC), 0);
	return 0;
}

static int teardown(void **state)
{
	bfd_table_free(&t);
	return 0;
}

static const char *finds(const char *src, const char *dst, uint32_t your, int ttl, bool multihop)
{
	struct bfd_datagram d = { .src = addr(src), .dst = addr(dst), .ttl = ttl };
	struct bfd_packet p = { .my = 1, .your = your };
	enum bfd_refusal why;
	struct bfd_entry *e = bfd_table_find(&t, &p, &d, multihop, &why);

	assert_true((e != NULL) == (why == BFD_ACCEPTED));
	return e ? e->s.conf->name : why == BFD_REFUSED_TTL ? "TTL" : "none";
}

static void by_address_while_our_discriminator_is_not_known(void **state)
{
	assert_string_equal(finds("192.0.2.2", "192.0.2.9", 0, 255, false), "b");
	assert_string_equal(finds("2001:db8::1", "2001:db8::9", 0, 255, false), "c");
	assert_string_equal(finds("192.0.2.3", "192.0.2.9", 0, 255, false), "none");
	assert_string_equal(finds("192.0.2.2", "192.0.2.9", 0, 255, true), "none");
}

static void by_discriminator_and_address_afterwards(void **state)
{
	assert_string_equal(finds("192.0.2.2", "192.0.2.9", t.list[1]->s.local, 255, false), "b");
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", t.list[1]->s.local, 255, false), "none");
	assert_string_equal(finds("192.0.2.2", "192.0.2.9", t.list[1]->s.local + 1, 255, false), "none");
}

static void a_configured_source_must_be_meant(void **state)
{
	bfds[1].source = addr("192.0.2.9");
	assert_string_equal(finds("192.0.2.2", "192.0.2.9", 0, 255, false), "b");
	assert_string_equal(finds("192.0.2.2", "192.0.2.8", 0, 255, false), "none");
}

static void hops_are_counted_from_our_own_ttl(void **state)
{
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 254, false), "TTL");
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, -1, false), "TTL");
	bfds[0].max_hops = 3;
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 252, false), "a");
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 251, false), "TTL");
	bfds[0].max_hops = 255;
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 1, false), "a");
	bfds[0].max_hops = 0;
	bfds[0].ttl = 64;
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 64, false), "a");
	assert_string_equal(finds("192.0.2.1", "192.0.2.9", 0, 63, false), "TTL");
}

static void discriminators_are_distinct_and_not_0(void **state)
{
	assert_true(t.list[0]->s.local && t.list[1]->s.local && t.list[2]->s.local);
	assert_true(t.list[0]->s.local != t.list[1]->s.local && t.list[1]->s.local != t.list[2]->s.local);
}

static void a_reload_keeps_what_is_the_same_wherever_it_stands(void **state)
{
	struct conf_bfd next[] = { bfds[2], conf("d", "192.0.2.4"), bfds[0] };
	struct bfd_entry *a = t.list[0], *c = t.list[2];
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	t.list[1]->fd = pipes[0];
	a->s.state = BFD_UP;
	a->told = true;
	assert_int_equal(bfd_table_apply(&t, next, 3, 2 * SEC), 0);
	assert_int_equal(t.n, 4);
	assert_true(t.list[1]->gone);
	bfd_table_sweep(&t);
	assert_int_equal(t.n, 3);
	assert_int_equal(close(pipes[0]), -1); /* its socket is closed */
	close(pipes[1]);
	assert_ptr_equal(t.list[0], a);
	assert_int_equal(a->s.state, BFD_UP);
	assert_int_equal(a->index, 2);
	assert_false(a->told); /* its number has changed: it is told again */
	assert_ptr_equal(a->s.conf, &next[2]);
	assert_ptr_equal(t.list[1], c);
	assert_int_equal(c->index, 0);
	assert_string_equal(t.list[2]->s.conf->name, "d");
	assert_int_equal(t.list[2]->index, 1);
	bfd_table_free(&t);
}

static void other_intervals_are_negotiated_without_going_down(void **state)
{
	struct conf_bfd next[] = { bfds[0], bfds[1], bfds[2] };
	struct bfd_entry *a = t.list[0];

	a->s.state = BFD_UP;
	next[0].min_tx_us = 50000;
	assert_int_equal(bfd_table_apply(&t, next, 3, 2 * SEC), 0);
	assert_ptr_equal(t.list[0], a);
	assert_false(a->gone);
	assert_int_equal(a->s.state, BFD_UP);
	assert_true(a->s.poll);
	assert_int_equal(a->s.told_tx_us, 50000);
	bfd_table_free(&t);
}

static void another_neighbour_is_another_session(void **state)
{
	struct conf_bfd next[] = { conf("a", "192.0.2.77"), bfds[1], bfds[2] };
	struct bfd_entry *a = t.list[0];

	assert_int_equal(bfd_table_apply(&t, next, 3, 2 * SEC), 0);
	assert_true(a->gone);
	assert_string_equal(t.list[3]->s.conf->name, "a");
	assert_true(t.list[3]->s.local != a->s.local);
	bfd_table_free(&t);
}

static void who_may_hear_of_it_does_not_touch_the_session(void **state)
{
	struct conf_bfd x = bfds[0];

	x.for_vrrp = !x.for_vrrp;
	assert_int_equal(bfd_compare(&x, &bfds[0]), BFD_SAME);
	x.max_hops = 3;
	assert_int_equal(bfd_compare(&x, &bfds[0]), BFD_SAME);
	x.multiplier = 3;
	assert_int_equal(bfd_compare(&x, &bfds[0]), BFD_RETIMED);
	x.multihop = true;
	assert_int_equal(bfd_compare(&x, &bfds[0]), BFD_OTHER);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(by_address_while_our_discriminator_is_not_known),
		T(by_discriminator_and_address_afterwards),
		T(a_configured_source_must_be_meant),
		T(hops_are_counted_from_our_own_ttl),
		T(discriminators_are_distinct_and_not_0),
		T(a_reload_keeps_what_is_the_same_wherever_it_stands),
		T(other_intervals_are_negotiated_without_going_down),
		T(another_neighbour_is_another_session),
		T(who_may_hear_of_it_does_not_touch_the_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
