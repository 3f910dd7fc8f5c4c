/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_test - a status becomes exactly this text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "metrics.h"

static void a_status_becomes_metrics(void **state)
{
	json_t *status = json_loads(
		"{\"vrrp\":[{\"name\":\"VI \\\"1\\\"\",\"state\":\"MASTER\",\"priority\":100,\"interface\":\"eth0\","
		"\"transitions\":3}],"
		"\"checks\":[{\"kind\":\"TCP_CHECK\",\"target\":\"10.0.0.1:80\",\"up\":true,\"latency_us\":1500}],"
		"\"services\":[{\"service\":\"[10.0.0.9]:tcp:80\",\"quorum\":true,\"sorry\":false,\"alive\":1,"
		"\"real_servers\":[{\"server\":\"[10.0.0.1]:tcp:80\",\"up\":true,\"weight\":5}]}]}",
		0, NULL);
	char *text = metrics_text(status);

	assert_string_equal(
		text,
		"# HELP elvs_up 1: this process has a status to tell.\n# TYPE elvs_up gauge\nelvs_up 1\n"
		"# HELP elvs_vrrp_state 1 for the state that the VRRP instance is in.\n# TYPE elvs_vrrp_state gauge\n"
		"elvs_vrrp_state{name=\"VI \\\"1\\\"\",state=\"INIT\"} 0\n"
		"elvs_vrrp_state{name=\"VI \\\"1\\\"\",state=\"BACKUP\"} 0\n"
		"elvs_vrrp_state{name=\"VI \\\"1\\\"\",state=\"MASTER\"} 1\n"
		"elvs_vrrp_state{name=\"VI \\\"1\\\"\",state=\"FAULT\"} 0\n"
		"# HELP elvs_vrrp_priority Effective priority of the VRRP instance.\n# TYPE elvs_vrrp_priority "
		"gauge\n"
		"elvs_vrrp_priority{name=\"VI \\\"1\\\"\",interface=\"eth0\"} 100\n"
		"# HELP elvs_vrrp_transitions_total Changes of state of the VRRP instance.\n"
		"# TYPE elvs_vrrp_transitions_total counter\n"
		"elvs_vrrp_transitions_total{name=\"VI \\\"1\\\"\",interface=\"eth0\"} 3\n"
		"# HELP elvs_service_quorum 1: the virtual server has its quorum.\n# TYPE elvs_service_quorum gauge\n"
		"elvs_service_quorum{service=\"[10.0.0.9]:tcp:80\"} 1\n"
		"# HELP elvs_service_sorry 1: the sorry server stands in.\n# TYPE elvs_service_sorry gauge\n"
		"elvs_service_sorry{service=\"[10.0.0.9]:tcp:80\"} 0\n"
		"# HELP elvs_service_servers_alive Real servers that are up.\n"
		"# TYPE elvs_service_servers_alive gauge\n"
		"elvs_service_servers_alive{service=\"[10.0.0.9]:tcp:80\"} 1\n"
		"# HELP elvs_service_weight_alive Weight of the real servers that are up.\n"
		"# TYPE elvs_service_weight_alive gauge\n"
		"# HELP elvs_check_up 1: the health check succeeds.\n# TYPE elvs_check_up gauge\n"
		"elvs_check_up{kind=\"TCP_CHECK\",target=\"10.0.0.1:80\"} 1\n"
		"# HELP elvs_check_latency_seconds Time that the last try took.\n"
		"# TYPE elvs_check_latency_seconds gauge\n"
		"elvs_check_latency_seconds{kind=\"TCP_CHECK\",target=\"10.0.0.1:80\"} 0.0015\n"
		"# HELP elvs_server_up 1: the real server is up.\n# TYPE elvs_server_up gauge\n"
		"elvs_server_up{service=\"[10.0.0.9]:tcp:80\",server=\"[10.0.0.1]:tcp:80\"} 1\n"
		"# HELP elvs_server_weight Weight of the real server in the table.\n"
		"# TYPE elvs_server_weight gauge\n"
		"elvs_server_weight{service=\"[10.0.0.9]:tcp:80\",server=\"[10.0.0.1]:tcp:80\"} 5\n");
	free(text);
	json_decref(status);
}

static void without_a_status_it_says_so(void **state)
{
	char *text = metrics_text(NULL);

	assert_string_equal(
		text, "# HELP elvs_up 1: this process has a status to tell.\n# TYPE elvs_up gauge\nelvs_up 0\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_becomes_metrics),
		cmocka_unit_test(without_a_status_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
