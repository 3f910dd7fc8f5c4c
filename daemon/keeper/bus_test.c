/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus_test - addresses of a message bus, and sockets that listen there. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "bus_address.h"

/* name: the abstract one has its NUL in front */
static int listen_at(const char *name, size_t n)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, name, n);
	assert_return_code(bind(fd, (void *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), errno);
	assert_return_code(listen(fd, 8), errno);
	return fd;
}

static int connect_to(const char *address, char *at, size_t size)
{
	int fd = bus_connect(address, at, size);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void addresses_lead_to_sockets(void **state)
{
	char dir[] = "/tmp/bus_test-XXXXXX", path[64], abstract[64], address[512], at[124];
	int fds[2];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a b", dir);
	fds[0] = listen_at(path, strlen(path));
	snprintf(abstract, sizeof(abstract), "%c%s", 0, dir);
	memcpy(abstract + 1, dir, sizeof(dir));
	fds[1] = listen_at(abstract, sizeof(dir));

	snprintf(address, sizeof(address), "unix:path=%s", path);
	assert_int_equal(connect_to(address, at, sizeof(at)), 0);
	assert_string_equal(at, address);
	snprintf(address, sizeof(address), "unix:guid=00,path=%s/a%%20b,x=y", dir);
	assert_int_equal(connect_to(address, at, sizeof(at)), 0);
	snprintf(address, sizeof(address), "unix:abstract=%s", dir);
	assert_int_equal(connect_to(address, at, sizeof(at)), 0);
	snprintf(address, sizeof(address), "tcp:host=x,port=1;unix:path=%s/none;unix:abstract=%s;unix:path=/z", dir,
		 dir);
	assert_int_equal(connect_to(address, at, sizeof(at)), 0);
	snprintf(address, sizeof(address), "unix:path=%s/none", dir);
	assert_int_equal(connect_to(address, at, sizeof(at)), -ENOENT);
	assert_string_equal(at, address);

	close(fds[0]);
	close(fds[1]);
	snprintf(address, sizeof(address), "unix:path=%s", path);
	assert_int_equal(connect_to(address, at, sizeof(at)), -ECONNREFUSED);
	unlink(path);
	rmdir(dir);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"unix:",	  "unix:path=",	     "unix:pathx=/a",	"path=/a",
		"unix:path=/a%2", "unix:path=/a%zz", "unix:path=/a%00", "tcp:host=localhost,port=1",
		"autolaunch:"
	};
	char at[124], longer[1024];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(connect_to(rows[i], at, sizeof(at)), -EPROTONOSUPPORT);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "unix:path=/", 11);
	longer[200] = '\0';
	assert_int_equal(connect_to(longer, at, sizeof(at)), -EPROTONOSUPPORT); /* no socket has such a path */
	longer[200] = 'a';
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(connect_to(longer, at, sizeof(at)), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_lead_to_sockets),
		cmocka_unit_test(what_is_no_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
