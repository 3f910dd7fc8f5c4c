/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent_test - how load and connections become a share of the weight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "agent.h"

static void the_scarcer_of_load_and_connections_counts(void **state)
{
	assert_int_equal(agent_percent(0, 4, 0, 0), 100);
	assert_int_equal(agent_percent(1, 4, 0, 0), 75);
	assert_int_equal(agent_percent(1, 4, 900, 1000), 10);
	assert_int_equal(agent_percent(3.6, 4, 0, 1000), 10);
}

static void a_machine_that_answers_carries_something(void **state)
{
	assert_int_equal(agent_percent(50, 4, 0, 0), 1);
	assert_int_equal(agent_percent(0, 4, 5000, 1000), 1);
	assert_int_equal(agent_percent(0.5, 0, 0, 0), 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scarcer_of_load_and_connections_counts),
		cmocka_unit_test(a_machine_that_answers_carries_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
