/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec - see exec.h. */
#include "exec.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define SCRIPT_USER "keepalived_script" /* keepalived's default, where it exists */
#define BUCKETS 256			/* power of two */

struct run {
	struct run *next; /* in its bucket */
	uint64_t id, tag;
	exec_done *done; /* NULL: nobody is told */
	void *arg;
	bool limited;
	struct message *unsent; /* NULL: the role has it */
};

struct exec {
	struct roles *roles;
	const char *default_user; /* of scripts for which nobody is named; "": root */
	uint64_t last_id;
	struct run *runs[BUCKETS];
	unsigned limited;
};

static struct run **bucket(struct exec *e, uint64_t id)
{
	return &e->runs[id & (BUCKETS - 1)];
}

static void end(struct exec *e, struct run **at, const struct exec_end *how)
{
	struct run *x = *at;

	*at = x->next;
	e->limited -= x->limited;
	if (x->done)
		x->done(x->arg, x->tag, how);
	free(x->unsent);
	free(x);
}

/* ---- the command's words ---- */
static bool add(struct msg_exec *m, size_t *at, const char *word)
{
	size_t len = strlen(word) + 1;

	if (*at + len > sizeof(m->argv))
		return false;
	memcpy(m->argv + *at, word, len);
	*at += len;
	m->argc++;
	return true;
}

static bool copy_name(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from ? from : "") < (int)size;
}

static bool fill(const struct exec *e, struct message *m, const struct conf_script *s, const char *const *extra)
{
	size_t at = 0;
	bool fits = copy_name(m->exec.user, sizeof(m->exec.user), s->has_user ? s->user : e->default_user) &&
		    copy_name(m->exec.group, sizeof(m->exec.group), s->has_user ? s->group : "");

	for (const char *const *w = s->argv; fits && *w; w++)
		fits = add(&m->exec, &at, *w);
	for (; fits && extra && *extra; extra++)
		fits = add(&m->exec, &at, *extra);
	return fits && m->exec.argc;
}

/* ---- runs ---- */
static void send_or_keep(struct exec *e, struct run *x, struct message *m)
{
	roles_start(e->roles, ROLE_SCRIPT);
	if (roles_running(e->roles, ROLE_SCRIPT)) {
		roles_send(e->roles, ROLE_SCRIPT, m, -1);
		free(m);
	} else {
		x->unsent = m; /* it will be back */
	}
}

uint64_t exec_run(struct exec *e, const struct conf_script *s, const char *const *extra, uint64_t timeout_us,
		  exec_done *done, void *arg, uint64_t tag)
{
	struct message *m = calloc(1, sizeof(*m));
	struct run *x = calloc(1, sizeof(*x));

	if (!m || !x || !s->argv || !fill(e, m, s, extra)) {
		log_err("%s: the command is too long to be run", s->text ? s->text : "");
		free(m);
		free(x);
		return 0;
	}
	m->type = MSG_EXEC;
	m->exec.id = ++e->last_id;
	m->exec.timeout_us = timeout_us;
	*x = (struct run){ .next = *bucket(e, e->last_id),
			   .id = e->last_id,
			   .tag = tag,
			   .done = done,
			   .arg = arg,
			   .limited = timeout_us != 0 };
	*bucket(e, x->id) = x;
	e->limited += x->limited;
	send_or_keep(e, x, m);
	return x->id;
}

void exec_stop(struct exec *e, uint64_t id)
{
	struct message m = { .type = MSG_EXEC_END, .exec_end.id = id };

	roles_send(e->roles, ROLE_SCRIPT, &m, -1);
}

void exec_forget(struct exec *e, const void *arg)
{
	for (size_t b = 0; b < BUCKETS; b++)
		for (struct run *x = e->runs[b]; x; x = x->next)
			if (x->arg == arg)
				x->done = NULL;
}

unsigned exec_pending(const struct exec *e)
{
	return e->limited;
}

/* ---- the role ---- */
void exec_role_started(struct exec *e)
{
	for (size_t b = 0; b < BUCKETS; b++) {
		for (struct run *x = e->runs[b]; x; x = x->next) {
			if (!x->unsent)
				continue;
			roles_send(e->roles, ROLE_SCRIPT, x->unsent, -1);
			free(x->unsent);
			x->unsent = NULL;
		}
	}
}

/* What it had started died with it. A run that is asked for while we tell of the ends is not among them. */
void exec_role_ended(struct exec *e)
{
	const struct exec_end killed = { .status = -SIGKILL };
	uint64_t last = e->last_id;

	for (size_t b = 0; b < BUCKETS; b++) {
		for (struct run **at = &e->runs[b]; *at;) {
			if ((*at)->unsent || (*at)->id > last)
				at = &(*at)->next;
			else
				end(e, at, &killed);
		}
	}
}

void exec_reported(struct exec *e, const struct msg_exec_done *d)
{
	const struct exec_end how = { d->status, d->timed_out, d->took_us };

	for (struct run **at = bucket(e, d->id); *at; at = &(*at)->next) {
		if ((*at)->id == d->id) {
			end(e, at, &how);
			return;
		}
	}
}

int exec_new(struct exec **ret, struct roles *roles)
{
	struct exec *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->roles = roles;
	e->default_user = getpwnam(SCRIPT_USER) ? SCRIPT_USER : "";
	*ret = e;
	return 0;
}

void exec_free(struct exec *e)
{
	if (!e)
		return;
	for (size_t b = 0; b < BUCKETS; b++) {
		while (e->runs[b]) {
			struct run *x = e->runs[b];

			e->runs[b] = x->next;
			free(x->unsent);
			free(x);
		}
	}
	free(e);
}
