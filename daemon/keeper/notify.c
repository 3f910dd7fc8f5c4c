/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify - see notify.h. */
#include "notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fifo.h"
#include "log.h"
#include "notify_text.h"

#define LIMIT_US (300 * 1000000ull) /* a notification script that hangs does not do so for ever */
#define STOP_LIMIT_US 1000000	    /* while we stop, nobody waits longer */

struct notify {
	struct exec *exec;
	struct mail *mail;
	struct fifo *all, *lvs, *vrrp;
};

int notify_new(struct notify **ret, struct exec *exec, struct mail *mail)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (!n)
		return -ENOMEM;
	n->exec = exec;
	n->mail = mail;
	*ret = n;
	return 0;
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	fifo_close(n->all);
	fifo_close(n->lvs);
	fifo_close(n->vrrp);
	free(n);
}

/* ---- FIFOs ---- */
static void replace(struct notify *n, struct fifo **f, const struct conf_fifo *c)
{
	if (fifo_same(*f, c))
		return;
	fifo_close(*f);
	*f = fifo_open(c, n->exec);
}

static void tell_state(struct notify *n, const struct vrrp_table *vrrps, bool group, const char *name)
{
	const struct vrrp_entry *e = vrrps_find(vrrps, group, name);
	const char *word = e && e->known ? notify_vrrp_word(VRRP_EV_STATE, e->state) : NULL;
	char line[300];

	if (!word)
		return;
	notify_vrrp_line(line, sizeof(line), group, name, word, e->priority);
	fifo_write(n->all, line);
	fifo_write(n->vrrp, line);
}

void notify_conf(struct notify *n, const struct conf *old, const struct conf *c, const struct vrrp_table *vrrps)
{
	replace(n, &n->all, &c->global.fifo);
	replace(n, &n->lvs, &c->global.lvs_fifo);
	replace(n, &n->vrrp, &c->global.vrrp_fifo);
	if (!old || !c->global.fifo_states_on_reload)
		return;
	for (uint32_t i = 0; i < c->n_groups; i++)
		tell_state(n, vrrps, true, c->groups[i].name);
	for (uint32_t i = 0; i < c->n_vrrps; i++)
		tell_state(n, vrrps, false, c->vrrps[i].name);
}

/* ---- scripts ---- */
static void ran(void *arg, uint64_t tag, const struct exec_end *end)
{
	if (end->timed_out)
		log_warn("A notification script was ended after %llu s",
			 (unsigned long long)(end->took_us / 1000000));
	else if (end->status > 0)
		log_info("A notification script ended with status %d", end->status);
}

static void run(struct notify *n, const struct conf_script *s, const char *const *extra, bool stopping)
{
	if (s->argv)
		exec_run(n->exec, s, extra, stopping ? STOP_LIMIT_US : LIMIT_US, ran, n, 0);
}

static const struct conf_script *script_of(const struct conf_notify *c, uint8_t event, uint8_t state)
{
	if (event == VRRP_EV_RX_LOWER_PRI)
		return &c->master_rx_lower_pri;
	if (event != VRRP_EV_STATE)
		return NULL;
	switch (state) {
	case VRRP_MASTER:
		return &c->master;
	case VRRP_BACKUP:
		return &c->backup;
	case VRRP_FAULT:
		return &c->fault;
	case VRRP_STOPPED:
		return &c->stop;
	case VRRP_DELETED:
		return &c->deleted;
	default:
		return NULL;
	}
}

/* ---- VRRP ---- */
static void mail_vrrp(struct notify *n, const struct conf *c, bool group, const char *name, uint8_t state)
{
	struct msg_mail m = { 0 };

	if (state == VRRP_FAULT && c->global.no_email_faults)
		return;
	if (notify_vrrp_mail(group, name, state, &m))
		mail_send(n->mail, c, &m);
}

void notify_vrrp(struct notify *n, const struct conf *c, const struct msg_vrrp_state *m)
{
	const struct conf_notify *what = m->group ? &c->groups[m->index].notify : &c->vrrps[m->index].notify;
	const char *name = m->group ? c->groups[m->index].name : c->vrrps[m->index].name;
	uint8_t state = m->state == VRRP_DELETED && what->deleted_sends_fault ? VRRP_FAULT : m->state;
	const char *word = notify_vrrp_word(m->event, state);
	const struct conf_script *own = script_of(what, m->event, state);
	bool stopping = m->event == VRRP_EV_STATE && (m->state == VRRP_STOPPED || m->state == VRRP_DELETED);
	char line[300], prio[8];
	const char *const extra[] = { m->group ? "GROUP" : "INSTANCE", name, word, prio, NULL };

	if (!word || (m->event == VRRP_EV_PRIORITY && !what->priority_changes))
		return;
	snprintf(prio, sizeof(prio), "%u", m->group ? 0 : m->priority);
	notify_vrrp_line(line, sizeof(line), m->group, name, word, m->priority);
	fifo_write(n->all, line);
	fifo_write(n->vrrp, line);
	if (own)
		run(n, own, NULL, stopping);
	if (m->event == VRRP_EV_STATE) {
		run(n, &what->any, extra, stopping);
		if (what->smtp_alert)
			mail_vrrp(n, c, m->group, name, state);
	}
}

/* ---- virtual servers ---- */
void notify_lvs(struct notify *n, const struct conf *c, const struct pool_event *ev)
{
	bool up = ev->kind == POOL_RS_UP || ev->kind == POOL_QUORUM_UP;
	const struct conf_script *s;
	struct msg_mail m = { 0 };
	char line[500];

	if (ev->initial && ev->rs && !c->global.rs_init_notifies)
		return;
	if (ev->rs)
		s = up ? ev->rs->notify_up : ev->rs->notify_down;
	else
		s = up ? &ev->vs->quorum_up : &ev->vs->quorum_down;
	notify_lvs_line(line, sizeof(line), c, ev->vs, ev->rs, up);
	fifo_write(n->all, line);
	fifo_write(n->lvs, line);
	if (s)
		run(n, s, NULL, ev->stopping);
	if (!(ev->rs ? ev->rs->smtp_alert : ev->vs->smtp_alert && !ev->initial))
		return;
	notify_lvs_mail(c, ev->vs, ev->rs, up, ev->text, &m);
	mail_send(n->mail, c, &m);
}
