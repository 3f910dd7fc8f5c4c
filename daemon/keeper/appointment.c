/* SPDX-License-Identifier: GPL-2.0-or-later */
/* appointment - see appointment.h. A file is read when it is another one than before. */
#include "appointment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "when.h"

struct appointment {
	struct event *tick;
	char path[PATH_MAX]; /* "": there is none */
	bool repeat;
	struct timespec mtime; /* of what has been read */
	ino_t ino;
	time_t at; /* 0: nothing is due */
	void (*due)(void *arg);
	void *arg;
};

static void read_time(struct appointment *a)
{
	char text[100], when[40];
	int fd = open(a->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	time_t now = time(NULL);

	if (fd >= 0)
		close(fd);
	a->at = 0;
	if (n < 0 || when_parse(text, (size_t)n, now, &a->at) < 0) {
		log_warn("%s: a time is wanted: HH:MM:SS or YYYY-MM-DD HH:MM:SS, with a Z for UTC", a->path);
	} else if (a->at <= now) {
		log_warn("%s: that time has passed", a->path);
		a->at = 0;
	} else {
		strftime(when, sizeof(when), "%F %T", localtime(&a->at));
		log_info("Reload at %s", when);
	}
}

static void look(struct appointment *a)
{
	struct stat st;

	if (stat(a->path, &st) < 0) {
		a->at = 0;
		a->ino = 0;
		return;
	}
	if (st.st_ino == a->ino && st.st_mtim.tv_sec == a->mtime.tv_sec && st.st_mtim.tv_nsec == a->mtime.tv_nsec)
		return;
	a->ino = st.st_ino;
	a->mtime = st.st_mtim;
	read_time(a);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct appointment *a = arg;

	look(a);
	if (!a->at || time(NULL) < a->at)
		return;
	a->at = 0;
	if (!a->repeat)
		unlink(a->path);
	else
		a->ino = 0; /* read again: the same time tomorrow */
	a->due(a->arg);
}

int appointment_new(struct appointment **ret, struct event_base *base, void (*due)(void *arg), void *arg)
{
	struct appointment *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->due = due;
	a->arg = arg;
	a->tick = event_new(base, -1, EV_PERSIST, on_tick, a);
	if (!a->tick) {
		free(a);
		return -ENOMEM;
	}
	*ret = a;
	return 0;
}

void appointment_free(struct appointment *a)
{
	if (!a)
		return;
	event_free(a->tick);
	free(a);
}

void appointment_conf(struct appointment *a, const struct conf *c)
{
	const struct timeval second = { .tv_sec = 1 };

	a->repeat = c->global.reload_repeat;
	if (!strcmp(a->path, c->global.reload_time_file))
		return;
	snprintf(a->path, sizeof(a->path), "%s", c->global.reload_time_file);
	a->at = 0;
	a->ino = 0;
	event_del(a->tick);
	if (*a->path)
		event_add(a->tick, &second);
}
