/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * track_script - vrrp_script: runs each at its interval, counts, and says what changes.
 *
 * A script is never started while its last run goes on; the next run is due one interval after the last one began.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "rise_fall.h"
#include "track_internal.h"

struct script {
	struct track *t;
	const struct conf_vrrp_script *c;
	uint32_t index;
	struct rise_fall verdict;
	struct event *due;
	bool running, overdue;
	int32_t last; /* status */
};

struct track_scripts {
	struct script **list; /* as in the configuration */
	uint32_t n;
};

static void start(struct script *s);

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* What would have to be forgotten otherwise: weights are the users' business */
static bool same(const struct conf_vrrp_script *a, const struct conf_vrrp_script *b)
{
	return !strcmp(a->name, b->name) && same_text(a->script.text, b->script.text) &&
	       same_text(a->script.user, b->script.user) && same_text(a->script.group, b->script.group) &&
	       a->interval_us == b->interval_us && a->timeout_us == b->timeout_us && a->rise == b->rise &&
	       a->fall == b->fall && a->init_fail == b->init_fail;
}

static void say(const struct script *s)
{
	track_say(s->t, CONF_TRACK_SCRIPT, s->index, s->verdict.known, s->verdict.up);
}

/* ---- runs ---- */
static void log_end(const struct script *s, const struct exec_end *end)
{
	char how[64];

	if (end->timed_out)
		snprintf(how, sizeof(how), "timed out");
	else if (end->status == EXEC_COULD_NOT)
		snprintf(how, sizeof(how), "could not be run");
	else if (end->status < 0)
		snprintf(how, sizeof(how), "due to signal %d", -end->status);
	else
		snprintf(how, sizeof(how), "exited with status %d", end->status);
	if (s->verdict.up)
		log_info("VRRP_Script(%s) succeeded", s->c->name);
	else
		log_info("VRRP_Script(%s) failed (%s)", s->c->name, how);
}

static void ended(void *arg, uint64_t tag, const struct exec_end *end)
{
	struct script *s = arg;
	bool success = end->status == 0 && !end->timed_out;

	s->running = false;
	if (s->verdict.decided && s->last != end->status && end->status >= 0)
		log_info("Script `%s` now returning %d", s->c->name, end->status);
	s->last = end->status;
	if (rise_fall_step(&s->verdict, s->c->rise, s->c->fall, success)) {
		log_end(s, end);
		say(s);
	}
	if (s->overdue)
		start(s);
}

static void start(struct script *s)
{
	const uint64_t us = s->c->interval_us ? s->c->interval_us : 1000000;
	const struct timeval t = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };

	event_add(s->due, &t);
	s->overdue = s->running;
	if (s->running)
		return;
	s->running = exec_run(s->t->exec, &s->c->script, NULL, s->c->timeout_us ? s->c->timeout_us : us, ended, s, 0);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	start(arg);
}

/* ---- the list ---- */
static void script_free(struct script *s)
{
	if (!s)
		return;
	exec_forget(s->t->exec, s);
	if (s->due)
		event_free(s->due);
	free(s);
}

static struct script *script_new(struct track *t, const struct conf_vrrp_script *c)
{
	const struct timeval now = { 0 };
	struct script *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	*s = (struct script){ .t = t, .c = c, .due = event_new(t->base, -1, 0, on_due, s) };
	rise_fall_begin(&s->verdict, c->init_fail);
	if (!s->due || event_add(s->due, &now) < 0) {
		script_free(s);
		return NULL;
	}
	return s;
}

static struct script *take(struct track_scripts *all, const struct conf_vrrp_script *c)
{
	for (uint32_t i = 0; i < all->n; i++) {
		struct script *s = all->list[i];

		if (s && same(s->c, c)) {
			all->list[i] = NULL;
			return s;
		}
	}
	return NULL;
}

void track_scripts_conf(struct track *t, const struct conf *c)
{
	struct track_scripts *all = t->scripts;
	struct script **list = calloc(c->n_scripts ? c->n_scripts : 1, sizeof(struct script *));
	uint32_t n = list ? c->n_scripts : 0;

	for (uint32_t i = 0; i < n; i++) {
		list[i] = take(all, &c->scripts[i]);
		if (!list[i])
			list[i] = script_new(t, &c->scripts[i]);
		if (!list[i])
			continue;
		list[i]->c = &c->scripts[i];
		list[i]->index = i;
	}
	for (uint32_t i = 0; i < all->n; i++)
		script_free(all->list[i]);
	free(all->list);
	all->list = list;
	all->n = n;
}

void track_scripts_tell(struct track *t)
{
	for (uint32_t i = 0; i < t->scripts->n; i++)
		if (t->scripts->list[i])
			say(t->scripts->list[i]);
}

int64_t track_scripts_value(const struct track *t, uint32_t index)
{
	const struct script *s = index < t->scripts->n ? t->scripts->list[index] : NULL;

	return s && s->verdict.known ? s->verdict.up : TRACK_UNKNOWN;
}

int track_scripts_new(struct track *t)
{
	t->scripts = calloc(1, sizeof(*t->scripts));
	return t->scripts ? 0 : -ENOMEM;
}

void track_scripts_free(struct track *t)
{
	if (!t->scripts)
		return;
	for (uint32_t i = 0; i < t->scripts->n; i++)
		script_free(t->scripts->list[i]);
	free(t->scripts->list);
	free(t->scripts);
}
