/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumps - see dumps.h. A file's closing is heard of by inotify: the descriptor is the role's alone then. */
#include "dumps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "load.h"
#include "log.h"

struct pending {
	struct pending *next;
	int wd;
	char path[PATH_MAX], new[PATH_MAX];
};

struct dumps {
	struct roles *roles;
	int fd; /* inotify */
	struct event *closed;
	struct pending *first;
	unsigned begun; /* so that a second one does not take the first one's name while that is written */
};

int dumps_path(const struct conf *c, enum dump_kind kind, const char *part, char *buf, size_t size)
{
	const struct conf_global *g = &c->global;
	const char *given = kind == DUMP_DATA	? g->state_dump_file
			    : kind == DUMP_JSON ? g->json_dump_file
						: g->stats_dump_file;
	const char *usual = kind == DUMP_DATA	? "/tmp/keepalived.data"
			    : kind == DUMP_JSON ? "/tmp/keepalived.json"
						: "/tmp/keepalived.stats";
	const char *path = *given ? given : usual, *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
	int stem = dot && (!slash || dot > slash) ? (int)(dot - path) : (int)strlen(path), n;

	n = snprintf(buf, size, "%.*s%s%s%s%s", stem, path, part, g->data_use_instance && *g->instance ? "_" : "",
		     g->data_use_instance ? g->instance : "", path + stem);
	return n < (int)size ? 0 : -ENAMETOOLONG;
}

static void pending_free(struct pending *p)
{
	unlink(p->new); /* nothing there if it has got its name */
	free(p);
}

static void finished(struct dumps *d, int wd)
{
	for (struct pending **at = &d->first; *at; at = &(*at)->next) {
		struct pending *p = *at;

		if (p->wd != wd)
			continue;
		if (rename(p->new, p->path) < 0)
			log_err("%s cannot be written: %s", p->path, strerror(errno));
		*at = p->next;
		inotify_rm_watch(d->fd, wd);
		pending_free(p);
		return;
	}
}

static void on_closed(evutil_socket_t fd, short what, void *arg)
{
	char buf[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev = (const void *)(buf + at);

			if (ev->mask & IN_CLOSE_WRITE)
				finished(arg, ev->wd);
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	}
}

/* A new file beside the one that is meant; whoever has put a link there finds it gone */
static int begin(struct dumps *d, const char *path)
{
	struct pending *p = calloc(1, sizeof(*p));
	int fd;

	if (!p)
		return -ENOMEM;
	snprintf(p->path, sizeof(p->path), "%s", path);
	if (snprintf(p->new, sizeof(p->new), "%.4000s.%d-%u.new", path, (int)getpid(), d->begun++) >=
	    (int)sizeof(p->new)) {
		free(p);
		return -ENAMETOOLONG;
	}
	unlink(p->new);
	fd = open(p->new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	p->wd = fd < 0 ? -1 : inotify_add_watch(d->fd, p->new, IN_CLOSE_WRITE);
	if (p->wd < 0) {
		int r = -errno;

		if (fd >= 0)
			close(fd);
		pending_free(p);
		return r;
	}
	p->next = d->first;
	d->first = p;
	return fd;
}

static int open_part(struct dumps *d, const struct conf *c, enum dump_kind kind, const char *part)
{
	char path[PATH_MAX];
	int r = dumps_path(c, kind, part, path, sizeof(path));

	if (r == 0)
		r = begin(d, path);
	if (r < 0)
		log_err("%s cannot be written: %s", path, strerror(-r));
	return r;
}

static void ask(struct dumps *d, const struct conf *c, enum dump_kind kind, enum role r, const char *part)
{
	struct message m = { .type = MSG_DUMP, .dump.kind = kind };
	int fd = roles_running(d->roles, r) ? open_part(d, c, kind, part) : -1;

	if (fd < 0)
		return;
	roles_send(d->roles, r, &m, fd);
	close(fd);
}

/* The keeper's own part: the configuration as it is in force */
static void dump_conf(struct dumps *d, const struct conf *c)
{
	int fd = open_part(d, c, DUMP_DATA, "_parent");
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out)
		return;
	if (conf_print(c, out) < 0)
		log_err("the configuration cannot be printed");
	fclose(out);
}

void dumps_make(struct dumps *d, const struct conf *c, enum dump_kind kind)
{
	ask(d, c, kind, ROLE_VRRP, "");
	if (kind != DUMP_DATA)
		return;
	ask(d, c, kind, ROLE_CHECK, "_check");
	ask(d, c, kind, ROLE_BFD, "_bfd");
	dump_conf(d, c);
}

int dumps_new(struct dumps **ret, struct event_base *base, struct roles *roles)
{
	struct dumps *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->roles = roles;
	d->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	d->closed = d->fd < 0 ? NULL : event_new(base, d->fd, EV_READ | EV_PERSIST, on_closed, d);
	if (!d->closed || event_add(d->closed, NULL) < 0) {
		dumps_free(d);
		return -ENOMEM;
	}
	*ret = d;
	return 0;
}

void dumps_free(struct dumps *d)
{
	if (!d)
		return;
	while (d->first) {
		struct pending *p = d->first;

		d->first = p->next;
		pending_free(p);
	}
	if (d->closed)
		event_free(d->closed);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}
