/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sock - see sock.h. */
#include "sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

bool sock_needs_keeper(const struct conf_check *c)
{
	return c->fwmark || c->bind_if[0] || c->via_vip.family;
}

socklen_t sock_sockaddr(const struct conf_addr *a, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (a->family == AF_INET6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_addr = a->v6;
		v6->sin6_port = htons(a->port);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_addr = a->v4;
	v4->sin_port = htons(a->port);
	return sizeof(*v4);
}

static int bind_to(int fd, const struct conf_addr *a)
{
	struct sockaddr_storage ss;
	socklen_t len = sock_sockaddr(a, &ss);
	int on = 1;

	/* A given port serves all checks that are bound to it; a port that is not given is chosen on connecting. */
	if (setsockopt(fd, a->port ? SOL_SOCKET : SOL_IP, a->port ? SO_REUSEADDR : IP_BIND_ADDRESS_NO_PORT, &on,
		       sizeof(on)) < 0)
		return -errno;
	return bind(fd, (struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

int sock_open(struct check *k, int type)
{
	const struct conf_check *c = k->conf;
	int r = 0;

	if (k->run->fd < 0)
		k->run->fd = socket(k->at->addr.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (k->run->fd < 0)
		return -errno;
	if (c->bind.family)
		r = bind_to(k->run->fd, &c->bind);
	return r;
}

void sock_manner(int fd, enum sock_manner manner)
{
	const struct linger reset = { .l_onoff = 1 };
	const int later = 0;

	if (manner == SOCK_LISTENS)
		return;
	/* What these fail to do costs a segment, nothing else. */
	setsockopt(fd, SOL_TCP, TCP_QUICKACK, &later, sizeof(later));
	if (manner == SOCK_KNOCKS)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

bool sock_begin(struct check *k, int type, enum sock_manner manner, uint32_t events, sockset_cb *cb)
{
	struct sockaddr_storage ss;
	socklen_t len = sock_sockaddr(&k->at->addr, &ss);
	int r = sock_open(k, type);

	if (r < 0) {
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(r));
		return false;
	}
	sock_manner(k->run->fd, manner);
	if (connect(k->run->fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS) {
		sock_failed(k, -errno, "connecting");
		return false;
	}
	check_step(k, k->conf->connect_timeout_us);
	return check_watch(k, events, cb);
}

int sock_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

bool sock_error_counts(int err)
{
	switch (-err) {
	case ECONNREFUSED:
	case ECONNRESET:
	case ECONNABORTED:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENETRESET:
	case ENONET:
	case ETIMEDOUT:
	case EPIPE:
	case EPROTO:
	case ENOPROTOOPT:
	case EMSGSIZE:
		return true;
	default:
		return false;
	}
}

const char *sock_error_text(int err)
{
	switch (-err) {
	case ECONNREFUSED:
		return "connection refused";
	case ECONNRESET:
	case EPIPE:
		return "connection reset";
	case ECONNABORTED:
		return "connection aborted";
	case ENETUNREACH:
		return "network unreachable";
	case EHOSTUNREACH:
	case ENONET:
		return "no route to host";
	case EHOSTDOWN:
		return "host is down";
	case ENETDOWN:
		return "network is down";
	case ETIMEDOUT:
		return "connection timed out";
	default:
		return strerror(-err);
	}
}

void sock_failed(struct check *k, int err, const char *doing)
{
	check_done(k, sock_error_counts(err) ? ENGINE_FAILED : ENGINE_AGAIN, "%s while %s", sock_error_text(err),
		   doing);
}
