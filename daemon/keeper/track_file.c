/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_file - files with a number in them: read when they change (inotify on their directories), and what they say.
 *
 * A file that is missing, empty or holds no number counts as 0. A directory that is not there yet is looked for every
 * second.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_value.h"
#include "log.h"
#include "track_internal.h"

#define EVENTS (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR)

struct file {
	const struct conf_track_file *c;
	int wd; /* of its directory, -1: none yet */
	bool known, complained;
	int32_t value;
};

struct track_files {
	int fd; /* inotify */
	struct event *changed, *again;
	struct file *list;
	uint32_t n;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- values ---- */
static void read_file(struct track *t, struct file *f)
{
	uint32_t index = (uint32_t)(f - t->files->list);
	int32_t value = 0;
	char text[64];
	ssize_t n = -1;
	bool number = true;
	struct stat st;
	int fd = open(f->c->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	if (n > 0)
		number = file_value(text, (size_t)n, &value);
	if (!number && !f->complained)
		log_warn("track_file %s: %s does not hold a number; it counts as 0", f->c->name, f->c->path);
	f->complained = !number;
	if (f->known && value == f->value)
		return;
	if (f->known)
		log_info("track_file %s: value is now %d (it was %d)", f->c->name, value, f->value);
	f->known = true;
	f->value = value;
	track_say(t, CONF_TRACK_FILE, index, true, value);
}

static void make_file(const struct conf_track_file *c)
{
	int fd = open(c->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (c->init_overwrite ? O_TRUNC : O_EXCL),
		      0644);

	if (fd < 0 && errno == EEXIST && !c->init_overwrite)
		return;
	if (fd < 0 || dprintf(fd, "%d\n", c->init_value) < 0)
		log_warn("track_file %s: %s cannot be written: %s", c->name, c->path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- watching ---- */
static bool watch(struct track *t, struct file *f)
{
	char dir[PATH_MAX];
	int len = (int)(base_name(f->c->path) - f->c->path);

	if (len >= (int)sizeof(dir))
		return true; /* never */
	snprintf(dir, sizeof(dir), "%.*s", len ? len : 1, len ? f->c->path : ".");
	f->wd = inotify_add_watch(t->files->fd, dir, EVENTS);
	return f->wd >= 0;
}

static void look_again(struct track *t)
{
	const struct timeval second = { .tv_sec = 1 };
	bool missing = false;

	for (uint32_t i = 0; i < t->files->n; i++) {
		struct file *f = &t->files->list[i];

		if (f->wd >= 0)
			continue;
		if (!watch(t, f))
			missing = true;
		read_file(t, f);
	}
	if (missing)
		event_add(t->files->again, &second);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	look_again(arg);
}

static void changed(struct track *t, const struct inotify_event *ev)
{
	bool gone = ev->mask & (IN_IGNORED | IN_Q_OVERFLOW);

	for (uint32_t i = 0; i < t->files->n; i++) {
		struct file *f = &t->files->list[i];

		if (ev->mask & IN_IGNORED && f->wd == ev->wd)
			f->wd = -1; /* the directory has gone */
		if (gone || (f->wd == ev->wd && ev->len && !strcmp(ev->name, base_name(f->c->path))))
			read_file(t, f);
	}
	if (ev->mask & IN_IGNORED)
		look_again(t);
}

static void on_changed(evutil_socket_t fd, short what, void *arg)
{
	char buf[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *ev = (const void *)(buf + at);

			changed(arg, ev);
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	}
}

/* ---- the list ---- */
static const struct file *find(const struct track_files *all, const struct conf_track_file *c)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (!strcmp(all->list[i].c->name, c->name) && !strcmp(all->list[i].c->path, c->path))
			return &all->list[i];
	return NULL;
}

static void unwatch(struct track_files *all, const struct file *f)
{
	for (uint32_t i = 0; i < all->n; i++)
		if (all->list[i].wd == f->wd)
			return; /* others are in the same directory */
	inotify_rm_watch(all->fd, f->wd);
}

void track_files_conf(struct track *t, const struct conf *c)
{
	struct track_files *all = t->files;
	struct file *list = calloc(c->n_files ? c->n_files : 1, sizeof(*list)), *old = all->list;
	uint32_t n = list ? c->n_files : 0, n_old = all->n;

	for (uint32_t i = 0; i < n; i++) {
		const struct file *was = find(all, &c->files[i]);

		list[i] = was ? *was : (struct file){ .wd = -1 };
		list[i].c = &c->files[i];
		if (!was && c->files[i].init)
			make_file(&c->files[i]);
	}
	all->list = list;
	all->n = n;
	for (uint32_t i = 0; i < n_old; i++)
		if (old[i].wd >= 0)
			unwatch(all, &old[i]);
	free(old);
	look_again(t);
}

void track_files_tell(struct track *t)
{
	for (uint32_t i = 0; i < t->files->n; i++)
		track_say(t, CONF_TRACK_FILE, i, t->files->list[i].known, t->files->list[i].value);
}

int64_t track_files_value(const struct track *t, uint32_t index)
{
	return index < t->files->n && t->files->list[index].known ? t->files->list[index].value : TRACK_UNKNOWN;
}

int track_files_new(struct track *t)
{
	struct track_files *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	t->files = all;
	all->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (all->fd < 0)
		return -errno;
	all->changed = event_new(t->base, all->fd, EV_READ | EV_PERSIST, on_changed, t);
	all->again = event_new(t->base, -1, 0, on_again, t);
	return all->changed && all->again && event_add(all->changed, NULL) == 0 ? 0 : -ENOMEM;
}

void track_files_free(struct track *t)
{
	struct track_files *all = t->files;

	if (!all)
		return;
	if (all->changed)
		event_free(all->changed);
	if (all->again)
		event_free(all->again);
	if (all->fd >= 0)
		close(all->fd);
	free(all->list);
	free(all);
}
