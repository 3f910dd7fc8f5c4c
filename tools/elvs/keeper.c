/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper - see keeper.h. */
#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper_wire.h"

#define ANSWER_MAX (256 << 20)
#define ANSWER_S 60 /* a reload of a large configuration takes its time */

static int connect_keeper(void)
{
	const char *run = getenv("ELVS_RUN_DIR") ?: "/run/elvs";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	char name[64];
	unsigned long long cookie = 0;
	socklen_t len = sizeof(cookie);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0) {
		r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	close(fd);
	snprintf(name, sizeof(name), KEEPER_SOCKET, cookie);
	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", run, name) >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

static json_t *read_answer(int fd, int *ret_error)
{
	char *text = NULL, *more;
	size_t n = 0;
	json_t *answer = NULL;
	ssize_t got;

	do {
		more = n < ANSWER_MAX ? realloc(text, n + KEEPER_CHUNK) : NULL;
		if (!more) {
			*ret_error = -ENOMEM;
			break;
		}
		text = more;
		got = recv(fd, text + n, KEEPER_CHUNK, 0);
		if (got < 0) {
			*ret_error = errno == EAGAIN ? -ETIMEDOUT : -errno;
			break;
		}
		n += (size_t)got;
		if (got < KEEPER_CHUNK) {
			answer = json_loadb(text, n, 0, NULL);
			*ret_error = n ? -EBADMSG : -EPIPE;
		}
	} while (got == KEEPER_CHUNK);
	free(text);
	return answer;
}

json_t *keeper_ask(const json_t *request, int *ret_error)
{
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *answer = NULL;
	int fd = text ? connect_keeper() : -ENOMEM;

	if (fd < 0) {
		*ret_error = fd;
	} else {
		if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			*ret_error = -errno;
		else
			answer = read_answer(fd, ret_error);
		close(fd);
	}
	free(text);
	return answer;
}

json_t *keeper_ask_verb(const char *verb, int *ret_error)
{
	json_t *request = json_pack("{s:s}", "verb", verb), *answer;

	answer = keeper_ask(request, ret_error);
	json_decref(request);
	return answer;
}
