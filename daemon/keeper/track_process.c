/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_process - vrrp_track_process: how many processes match, and whether that has been enough for long enough.
 *
 * The kernel says which processes begin and end (proc_events); where it does not, /proc is looked through every
 * second. Invariant: pids holds exactly the processes that matched when they were looked at last.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "proc_events.h"
#include "process_match.h"
#include "track_internal.h"

struct process {
	struct track *t;
	const struct conf_track_process *c;
	uint32_t index;
	pid_t *pids;
	uint32_t n, room;
	bool known, up;
	struct event *delay; /* a change that waits for its delay */
};

struct track_processes {
	struct process **list;
	uint32_t n;
	struct proc_events *events; /* NULL: there are none */
	struct event *scan;
	int netns_home;
};

/* ---- the verdict ---- */
static void say(const struct process *p)
{
	track_say(p->t, CONF_TRACK_PROCESS, p->index, p->known, p->up);
}

static void decide(struct process *p, bool up)
{
	if (p->known && p->up == up)
		return;
	if (p->known || !up)
		log_info("Track process %s is %s: %u running", p->c->name, up ? "up" : "down", p->n);
	p->known = true;
	p->up = up;
	say(p);
}

static void on_delay(evutil_socket_t fd, short what, void *arg)
{
	struct process *p = arg;

	decide(p, process_quorum(p->c, p->n));
}

/* The number has changed: a change of the verdict waits, and one that goes back is forgotten. */
static void judge(struct process *p)
{
	bool up = process_quorum(p->c, p->n);
	uint64_t us = up ? p->c->fork_delay_us : p->c->terminate_delay_us;
	const struct timeval t = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };

	if (p->known && up == p->up) {
		event_del(p->delay);
		return;
	}
	if (!p->known || !us)
		decide(p, up);
	else if (!event_pending(p->delay, EV_TIMEOUT, NULL))
		event_add(p->delay, &t);
}

static void count(struct process *p, pid_t pid, bool matches)
{
	uint32_t i = 0;

	while (i < p->n && p->pids[i] != pid)
		i++;
	if (matches == (i < p->n))
		return;
	if (!matches) {
		p->pids[i] = p->pids[--p->n];
		return;
	}
	if (p->n == p->room) {
		pid_t *more = realloc(p->pids, (p->room + 16) * sizeof(*more));

		if (!more)
			return;
		p->pids = more;
		p->room += 16;
	}
	p->pids[p->n++] = pid;
}

/* ---- /proc ---- */
static ssize_t read_proc(pid_t pid, const char *what, char *buf, size_t size)
{
	char path[64];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buf, size);
	close(fd);
	return n;
}

struct looked_at {
	pid_t pid;
	char comm[32], cmdline[4096];
	ssize_t n; /* of cmdline, -1: not read yet */
};

static bool matches(struct looked_at *l, const struct conf_track_process *c)
{
	if (process_needs_cmdline(c) && l->n < 0) {
		l->n = read_proc(l->pid, "cmdline", l->cmdline, sizeof(l->cmdline));
		if (l->n < 0)
			l->n = 0;
	}
	return process_matches(c, l->comm, l->cmdline, process_needs_cmdline(c) && l->n > 0 ? (size_t)l->n : 0);
}

static void look_at(struct track *t, pid_t pid, bool ended)
{
	struct track_processes *all = t->processes;
	struct looked_at l = { .pid = pid, .n = -1 };
	ssize_t n = ended ? -1 : read_proc(pid, "comm", l.comm, sizeof(l.comm) - 1);

	if (n > 0)
		l.comm[n - (l.comm[n - 1] == '\n')] = '\0';
	for (uint32_t i = 0; i < all->n; i++)
		if (all->list[i])
			count(all->list[i], pid, n > 0 && matches(&l, all->list[i]->c));
}

static void judge_all(struct track *t)
{
	for (uint32_t i = 0; i < t->processes->n; i++)
		if (t->processes->list[i])
			judge(t->processes->list[i]);
}

static void scan(struct track *t)
{
	struct track_processes *all = t->processes;
	DIR *proc = opendir("/proc");
	struct dirent *e;

	for (uint32_t i = 0; i < all->n; i++)
		if (all->list[i])
			all->list[i]->n = 0;
	while (proc && (e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]))
			look_at(t, (pid_t)atoi(e->d_name), false);
	if (proc)
		closedir(proc);
	judge_all(t);
}

static void on_scan(evutil_socket_t fd, short what, void *arg)
{
	scan(arg);
}

static void changed(void *arg, pid_t pid, bool ended)
{
	look_at(arg, pid, ended);
	judge_all(arg);
}

static void lost(void *arg)
{
	scan(arg);
}

/* Only while there is something to track */
static void watch(struct track *t)
{
	const struct proc_events_owner owner = { t, changed, lost };
	const struct timeval second = { .tv_sec = 1 };
	struct track_processes *all = t->processes;

	if (!all->n) {
		proc_events_free(all->events);
		all->events = NULL;
		event_del(all->scan);
		return;
	}
	if (all->events || event_pending(all->scan, EV_TIMEOUT, NULL))
		return;
	if (proc_events_new(&all->events, t->base, &owner, all->netns_home) == 0)
		return;
	all->events = NULL;
	log_debug("the kernel's process events are not to be had here: /proc is looked through every second");
	event_add(all->scan, &second);
}

/* ---- the list ---- */
static bool same(const struct conf_track_process *a, const struct conf_track_process *b)
{
	const char *const *x = a->argv, *const *y = b->argv;

	for (; *x && *y && !strcmp(*x, *y); x++, y++)
		;
	return !*x && !*y && !strcmp(a->name, b->name) && a->params_initial == b->params_initial &&
	       a->params_partial == b->params_partial && a->full_command == b->full_command;
}

static void process_free(struct process *p)
{
	if (!p)
		return;
	if (p->delay)
		event_free(p->delay);
	free(p->pids);
	free(p);
}

static struct process *process_new(struct track *t, const struct conf_track_process *c)
{
	struct process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	*p = (struct process){ .t = t, .c = c, .delay = event_new(t->base, -1, 0, on_delay, p) };
	if (!p->delay) {
		process_free(p);
		return NULL;
	}
	return p;
}

static struct process *take(struct track_processes *all, const struct conf_track_process *c)
{
	for (uint32_t i = 0; i < all->n; i++) {
		struct process *p = all->list[i];

		if (p && same(p->c, c)) {
			all->list[i] = NULL;
			return p;
		}
	}
	return NULL;
}

void track_processes_conf(struct track *t, const struct conf *c)
{
	struct track_processes *all = t->processes;
	struct process **list = calloc(c->n_processes ? c->n_processes : 1, sizeof(struct process *));
	uint32_t n = list ? c->n_processes : 0;

	for (uint32_t i = 0; i < n; i++) {
		list[i] = take(all, &c->processes[i]);
		if (!list[i])
			list[i] = process_new(t, &c->processes[i]);
		if (!list[i])
			continue;
		list[i]->c = &c->processes[i];
		list[i]->index = i;
	}
	for (uint32_t i = 0; i < all->n; i++)
		process_free(all->list[i]);
	free(all->list);
	all->list = list;
	all->n = n;
	watch(t);
	if (n)
		scan(t);
}

void track_processes_tell(struct track *t)
{
	for (uint32_t i = 0; i < t->processes->n; i++)
		if (t->processes->list[i])
			say(t->processes->list[i]);
}

int64_t track_processes_value(const struct track *t, uint32_t index)
{
	const struct process *p = index < t->processes->n ? t->processes->list[index] : NULL;

	return p && p->known ? p->up : TRACK_UNKNOWN;
}

uint32_t track_process_count(const struct track *t, uint32_t index)
{
	return index < t->processes->n && t->processes->list[index] ? t->processes->list[index]->n : 0;
}

int track_processes_new(struct track *t, int netns_home)
{
	struct track_processes *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	t->processes = all;
	all->netns_home = netns_home;
	all->scan = event_new(t->base, -1, EV_PERSIST, on_scan, t);
	return all->scan ? 0 : -ENOMEM;
}

void track_processes_free(struct track *t)
{
	struct track_processes *all = t->processes;

	if (!all)
		return;
	for (uint32_t i = 0; i < all->n; i++)
		process_free(all->list[i]);
	free(all->list);
	proc_events_free(all->events);
	if (all->scan)
		event_free(all->scan);
	free(all);
}
