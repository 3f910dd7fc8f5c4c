/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snmp_test - what snmp_socket may be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "snmp.h"

static void paths_are_unix_sockets(void **state)
{
	static const char *const texts[][2] = {
		{ "", "/var/agentx/master" },
		{ "unix:/run/a x", "/run/a x" },
		{ "/tmp/s", "/tmp/s" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct conf_snmp_at at;

		assert_int_equal(conf_snmp_at(texts[i][0], &at), 0);
		assert_int_equal(at.type, SOCK_STREAM);
		assert_int_equal(at.addr.ss_family, AF_UNIX);
		assert_string_equal(((struct sockaddr_un *)&at.addr)->sun_path, texts[i][1]);
	}
}

static void addresses_have_a_protocol_and_a_port(void **state)
{
	static const struct {
		const char *text, *addr;
		int type, family;
		uint16_t port;
	} rows[] = {
		{ "tcp:192.0.2.1:7050", "192.0.2.1", SOCK_STREAM, AF_INET, 7050 },
		{ "tcp:localhost:705", "127.0.0.1", SOCK_STREAM, AF_INET, 705 },
		{ "udp:192.0.2.1:705", "192.0.2.1", SOCK_DGRAM, AF_INET, 705 },
		{ "192.0.2.1", "192.0.2.1", SOCK_DGRAM, AF_INET, 705 },
		{ "tcp6:[2001:db8::1]:99", "2001:db8::1", SOCK_STREAM, AF_INET6, 99 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_snmp_at at;
		struct sockaddr_in *v4 = (void *)&at.addr;
		struct sockaddr_in6 *v6 = (void *)&at.addr;
		char text[INET6_ADDRSTRLEN];
		bool is4 = rows[i].family == AF_INET;

		assert_int_equal(conf_snmp_at(rows[i].text, &at), 0);
		assert_int_equal(at.type, rows[i].type);
		assert_int_equal(at.addr.ss_family, rows[i].family);
		inet_ntop(rows[i].family, is4 ? (void *)&v4->sin_addr : (void *)&v6->sin6_addr, text, sizeof(text));
		assert_string_equal(text, rows[i].addr);
		assert_int_equal(ntohs(is4 ? v4->sin_port : v6->sin6_port), rows[i].port);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const texts[] = { "unix:relative", "tcp:", "tcp:host.example:705", "tcp:192.0.2.1:0",
					     "tcp:192.0.2.1:70000", "tcp:192.0.2.1:7x", "tcp6:[::1", "[::1]x",
					     "ssh:192.0.2.1" };
	struct conf_snmp_at at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(conf_snmp_at(texts[i], &at), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_unix_sockets),
		cmocka_unit_test(addresses_have_a_protocol_and_a_port),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
