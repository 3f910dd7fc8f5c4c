/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bus_address - see bus_address.h. */
#include "bus_address.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define USUAL "unix:path=/run/dbus/system_bus_socket"
#define ONE_MAX 512 /* of an address in a list */

/* "%2f" and the like; false: that is none, or it does not fit */
static bool unescape(const char *from, size_t n, char *to, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned c = (unsigned char)from[i];

		if (c == '%' && (n - i < 3 || sscanf(from + i + 1, "%2x", &c) != 1 || !c))
			return false;
		i += from[i] == '%' ? 2 : 0;
		if (len + 1 >= size)
			return false;
		to[len++] = (char)c;
	}
	to[len] = '\0';
	return len;
}

/* Of "unix:path=/run/x,guid=0": the path into to. */
static bool value_of(const char *one, const char *key, char *to, size_t size)
{
	size_t n = strlen(key);

	if (strncmp(one, "unix:", 5) != 0)
		return false;
	for (const char *s = one + 5; *s; s += strcspn(s, ","), s += *s == ',')
		if (!strncmp(s, key, n) && s[n] == '=')
			return unescape(s + n + 1, strcspn(s + n + 1, ","), to, size);
	return false;
}

static int connect_one(const char *one)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	bool path = value_of(one, "path", to.sun_path, sizeof(to.sun_path));
	bool abstract = !path && value_of(one, "abstract", to.sun_path + 1, sizeof(to.sun_path) - 1);
	socklen_t len;
	int fd;

	if (!path && !abstract)
		return -EPROTONOSUPPORT;
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + abstract + strlen(to.sun_path + abstract) + path);
	if (abstract)
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (void *)&to, len) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int bus_connect(const char *address, char *ret_at, size_t size)
{
	int r = -EPROTONOSUPPORT;

	for (const char *s = address && *address ? address : USUAL; *s && r < 0;
	     s += strcspn(s, ";"), s += *s == ';') {
		size_t n = strcspn(s, ";"), fits = n < ONE_MAX ? n : ONE_MAX - 1;
		char one[ONE_MAX];

		memcpy(one, s, fits);
		one[fits] = '\0';
		snprintf(ret_at, size, "%s", one);
		r = fits == n ? connect_one(one) : -ENAMETOOLONG;
	}
	return r;
}
