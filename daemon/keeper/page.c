/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page - see page.h. */
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "roles.h"
#include "snapshot.h"
#include "status_json.h"

#define LEAST_US 1000000

struct page {
	struct keeper *k;
	struct event *due;
	struct snapshot *snapshot;  /* while one is written */
	bool dirty;		    /* something has changed since it was begun */
	uint64_t begun_us, next_us; /* next_us: not before */
};

static void given(void *arg, int fd, size_t size)
{
	struct page *p = arg;
	struct message m = { .type = MSG_STATUS, .status.size = size };
	uint64_t took = (clock_us() - p->begun_us) * 10;

	p->snapshot = NULL;
	p->next_us = p->begun_us + (took > LEAST_US ? took : LEAST_US);
	if (fd >= 0)
		roles_send(p->k->roles, ROLE_STATUS, &m, fd);
	else
		log_warn("the status page is not up to date");
	if (p->dirty)
		page_changed(p);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct page *p = arg;
	int r;

	if (!roles_running(p->k->roles, ROLE_STATUS) || !keeper_conf(p->k) || p->snapshot)
		return;
	p->dirty = false;
	p->begun_us = clock_us();
	r = snapshot_start(&p->snapshot, p->k, status_json_write, given, p);
	if (r < 0)
		log_warn("the status page is not up to date: %s", strerror(-r));
}

void page_changed(struct page *p)
{
	uint64_t now = clock_us(), wait = p->next_us > now ? p->next_us - now : 0;
	const struct timeval t = { (time_t)(wait / 1000000), (suseconds_t)(wait % 1000000) };

	p->dirty = true;
	if (!p->snapshot && !event_pending(p->due, EV_TIMEOUT, NULL) && roles_running(p->k->roles, ROLE_STATUS))
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
	snapshot_cancel(p->snapshot);
	event_free(p->due);
	free(p);
}
