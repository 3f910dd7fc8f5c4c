/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - see page.h. */
#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "roles.h"
#include "status_json.h"

#define LEAST_US 1000000

struct page {
	struct keeper *k;
	struct event *due;
	uint64_t next_us;	/* not before */
};

static int into_file(const char *text, size_t len)
{
	int fd = memfd_create("elvs-status", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t at = 0;

	while (fd >= 0 && at < len) {
		ssize_t n = write(fd, text + at, len - at);

		if (n <= 0) {
			close(fd);
			return -ENOSPC;
		}
		at += (size_t)n;
	}
	if (fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		int r = -errno;

		if (fd >= 0)
			close(fd);
		return r;
	}
	return fd;
}

static void give(struct page *p)
{
	json_t *o = status_json(p->k);
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	struct message m = { .type = MSG_STATUS };
	int fd = text ? into_file(text, strlen(text)) : -ENOMEM;

	json_decref(o);
	m.status.size = text ? strlen(text) : 0;
	free(text);
	if (fd < 0) {
		log_warn("the status page is not up to date: %s", strerror(-fd));
		return;
	}
	roles_send(p->k->roles, ROLE_STATUS, &m, fd);
	close(fd);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct page *p = arg;
	uint64_t begun = keeper_now_us(), took;

	if (!roles_running(p->k->roles, ROLE_STATUS) || !keeper_conf(p->k))
		return;
	give(p);
	took = (keeper_now_us() - begun) * 10;
	p->next_us = begun + (took > LEAST_US ? took : LEAST_US);
}

void page_changed(struct page *p)
{
	uint64_t now = keeper_now_us(), wait = p->next_us > now ? p->next_us - now : 0;
	const struct timeval t = { (time_t)(wait / 1000000), (suseconds_t)(wait % 1000000) };

	if (!event_pending(p->due, EV_TIMEOUT, NULL) && roles_running(p->k->roles, ROLE_STATUS))
		event_add(p->due, &t);
}

int page_new(struct page **ret, struct keeper *k)
{
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->k = k;
	p->due = event_new(k->base, -1, 0, on_due, p);
	if (!p->due) {
		free(p);
		return -ENOMEM;
	}
	*ret = p;
	return 0;
}

void page_free(struct page *p)
{
	if (!p)
		return;
	event_free(p->due);
	free(p);
}
