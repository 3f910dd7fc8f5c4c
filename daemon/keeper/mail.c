/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail - see mail.h. */
#include "mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

#define PENDING_MAX 1000 /* alerts; a server that is away so long has enough to read later */
#define TRIES_MAX 3	 /* roles that died with it */

struct alert {
	struct alert *next;
	unsigned tries;
	struct message m;
};

struct mail {
	struct roles *roles;
	struct alert *first, **last;
	unsigned n, last_id;
	bool full;
};

int mail_new(struct mail **ret, struct roles *roles)
{
	struct mail *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->roles = roles;
	m->last = &m->first;
	*ret = m;
	return 0;
}

static void drop(struct mail *m, struct alert **at)
{
	struct alert *a = *at;

	*at = a->next;
	if (!a->next)
		m->last = at;
	m->n--;
	free(a);
}

void mail_free(struct mail *m)
{
	while (m && m->first)
		drop(m, &m->first);
	free(m);
}

static void post(struct mail *m, struct alert *a)
{
	if (!roles_running(m->roles, ROLE_CHECK))
		return; /* when it comes */
	a->tries++;
	roles_send(m->roles, ROLE_CHECK, &a->m, -1);
}

void mail_send(struct mail *m, const struct conf *c, const struct msg_mail *text)
{
	struct alert *a;

	if (!c->global.n_mail_to || !*c->global.smtp_server)
		return;
	a = m->n < PENDING_MAX ? calloc(1, sizeof(*a)) : NULL;
	if (!a) {
		if (!m->full)
			log_err("%u alerts wait for the mail server %s: further ones are dropped", m->n,
				c->global.smtp_server);
		m->full = true;
		return;
	}
	a->m.type = MSG_MAIL;
	a->m.mail = *text;
	a->m.mail.id = ++m->last_id;
	snprintf(a->m.mail.subject, sizeof(a->m.mail.subject), "[%.60s] %.190s", c->global.router_id, text->subject);
	*m->last = a;
	m->last = &a->next;
	m->n++;
	post(m, a);
}

void mail_done(struct mail *m, const struct msg_mail_done *d)
{
	for (struct alert **at = &m->first; *at; at = &(*at)->next) {
		if ((*at)->m.mail.id != d->id)
			continue;
		if (d->error)
			log_err("Alert `%s' was not delivered: %s", (*at)->m.mail.subject,
				*d->text ? d->text : strerror(-d->error));
		m->full = false;
		drop(m, at);
		return;
	}
}

void mail_role_started(struct mail *m)
{
	for (struct alert **at = &m->first; *at;) {
		if ((*at)->tries >= TRIES_MAX) {
			log_err("Alert `%s' is given up: the check role died %u times with it", (*at)->m.mail.subject,
				(*at)->tries);
			drop(m, at);
			continue;
		}
		post(m, *at);
		at = &(*at)->next;
	}
}

unsigned mail_pending(const struct mail *m)
{
	return m->n;
}
