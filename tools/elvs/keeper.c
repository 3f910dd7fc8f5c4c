/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper - see keeper.h. */
#include "keeper.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper_wire.h"

#define ANSWER_MAX (256 << 20)
#define ANSWER_S 60 /* a reload of a large configuration takes its time */

static int namespace_cookie(unsigned long long *ret)
{
	socklen_t len = sizeof(*ret);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	r = fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, ret, &len) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	return r;
}

/* The sockets of this namespace's keepers, the one without a name of its own first; globfree() them. */
static int sockets(glob_t *ret)
{
	static const char *const patterns[] = { KEEPER_SOCKET, KEEPER_SOCKETS };
	const char *run = getenv("ELVS_RUN_DIR") ?: "/run/elvs";
	unsigned long long cookie = 0;
	char path[300];
	int r = namespace_cookie(&cookie), n;

	*ret = (glob_t){ 0 };
	for (size_t i = 0; i < 2 && r == 0; i++) {
		n = snprintf(path, sizeof(path), "%s/", run);
		if (n >= (int)sizeof(path))
			return -ENAMETOOLONG;
		snprintf(path + n, sizeof(path) - (size_t)n, patterns[i], cookie);
		if (glob(path, i ? GLOB_APPEND : 0, NULL, ret) == GLOB_NOSPACE)
			r = -ENOMEM;
		if (!ret->gl_pathc && access(dirname(path), R_OK) < 0 && errno == EACCES)
			r = -EACCES; /* there may be some: not for us to see */
	}
	return r;
}

static int connect_keeper(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = ANSWER_S };
	int fd, r;

	if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path) >= sizeof(at.sun_path))
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

static json_t *ask_at(const char *path, const json_t *request, int *ret_error)
{
	char *text = json_dumps(request, JSON_COMPACT);
	json_t *answer = NULL;
	int fd = text ? connect_keeper(path) : -ENOMEM;

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

json_t *keeper_ask_all(const json_t *request, int *ret_error)
{
	json_t *answers = json_array(), *one;
	int error = -ENOENT;
	glob_t found;

	*ret_error = sockets(&found);
	for (size_t i = 0; *ret_error == 0 && i < found.gl_pathc; i++) {
		one = ask_at(found.gl_pathv[i], request, &error);
		if (one)
			json_array_append_new(answers, one);
		else if (error != -ENOENT && error != -ECONNREFUSED) /* that one has gone without a word */
			*ret_error = error;
	}
	globfree(&found);
	if (*ret_error == 0 && json_array_size(answers))
		return answers;
	if (*ret_error == 0)
		*ret_error = -ENOENT;
	json_decref(answers);
	return NULL;
}

json_t *keeper_ask(const json_t *request, int *ret_error)
{
	json_t *answer = NULL;
	glob_t found;

	*ret_error = sockets(&found);
	if (*ret_error == 0)
		*ret_error = -ENOENT;
	for (size_t i = 0; !answer && i < found.gl_pathc; i++)
		answer = ask_at(found.gl_pathv[i], request, ret_error);
	globfree(&found);
	return answer;
}

json_t *keeper_ask_verb(const char *verb, int *ret_error)
{
	json_t *request = json_pack("{s:s}", "verb", verb), *answer;

	answer = keeper_ask(request, ret_error);
	json_decref(request);
	return answer;
}
