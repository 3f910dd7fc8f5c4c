/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper_load - reading a configuration at the start and on reload.
 *
 * A reload changes nothing unless the whole text is good: what keepalived would have run with at the start (an
 * unknown word, say) is accepted at the start, and on a reload if it was already wrong before. Everything else is
 * refused.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "control.h"
#include "error.h"
#include "ipvs.h"
#include "keeper.h"
#include "load.h"
#include "log.h"
#include "reader.h"
#include "roles.h"
#include "sdnotify.h"
#include "vrrps.h"

struct reload_asker {
	struct reload_asker *next;
	reload_told *told;
	void *arg;
	bool begun; /* the reload that runs now began after the question */
};

/* Messages about one reload, for the log and for whoever asked */
struct report {
	char *text;
	size_t len;
	FILE *out;
};

/* ---- what is wrong ---- */
static bool is_error(enum conf_severity s)
{
	return s == CONF_ERROR || s == CONF_FATAL || s == CONF_MISSING_PARAM || s == CONF_MISSING_FILE;
}

static int level_of(enum conf_severity s)
{
	return is_error(s) ? LOG_ERR : s == CONF_NOTE || s == CONF_HINT ? LOG_INFO : LOG_WARNING;
}

/* Was it wrong before, and accepted? Lines may have moved. */
static bool known_before(const struct conf *old, const struct conf_message *m)
{
	for (uint32_t i = 0; old && i < old->n_messages; i++) {
		const struct conf_message *o = &old->messages[i];

		if (o->severity == m->severity && !strcmp(o->text, m->text) &&
		    !strcmp(o->where.file ? o->where.file : "", m->where.file ? m->where.file : ""))
			return true;
	}
	return false;
}

/* reload_check_config: what was wrong before is no excuse. */
static bool acceptable(const struct conf *old, const struct conf *c)
{
	if (!c->usable)
		return false;
	for (uint32_t i = 0; old && i < c->n_messages; i++)
		if (is_error(c->messages[i].severity) &&
		    (old->global.reload_check_config || !known_before(old, &c->messages[i])))
			return false;
	return true;
}

/* All messages at the start; on a reload, those that are new. */
static void report_messages(struct report *rep, const struct conf *old, const struct conf *c)
{
	char text[1200];

	for (uint32_t i = 0; i < c->n_messages; i++) {
		const struct conf_message *m = &c->messages[i];

		if (old && known_before(old, m))
			continue;
		conf_message_text(m, text, sizeof(text));
		log_msg(level_of(m->severity), "%s", text);
		if (rep->out)
			fprintf(rep->out, "%s\n", text);
	}
}

static void report_open(struct report *rep)
{
	*rep = (struct report){ 0 };
	rep->out = open_memstream(&rep->text, &rep->len);
}

/* reload_check_log: as -t would have said it */
static void write_check_log(const struct conf *c, const char *text)
{
	FILE *f = *c->global.reload_check_log ? fopen(c->global.reload_check_log, "we") : NULL;

	if (!f)
		return;
	fputs(text, f);
	fclose(f);
}

static const char *report_text(struct report *rep)
{
	if (rep->out)
		fclose(rep->out);
	rep->out = NULL;
	return rep->text ? rep->text : "";
}

/* ---- whoever waits for a reload ---- */
int keeper_reload_ask(struct keeper *k, reload_told *f, void *arg)
{
	struct reload_asker *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	*a = (struct reload_asker){ k->askers, f, arg, false };
	k->askers = a;
	keeper_reload(k);
	return 0;
}

void keeper_reload_unask(struct keeper *k, const void *arg)
{
	for (struct reload_asker **at = &k->askers; *at;) {
		struct reload_asker *a = *at;

		if (a->arg != arg) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		free(a);
	}
}

static void tell_askers(struct keeper *k, bool accepted, const char *text)
{
	for (struct reload_asker **at = &k->askers; *at;) {
		struct reload_asker *a = *at;

		if (!a->begun) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		a->told(a->arg, accepted, text);
		free(a);
	}
}

/* ---- reading ---- */
static void mark_reload(const struct keeper *k, bool begins)
{
	const struct conf *c = keeper_conf(k);

	if (!c || !*c->global.reload_file)
		return;
	if (!begins) {
		unlink(c->global.reload_file);
		return;
	}
	FILE *f = fopen(c->global.reload_file, "we");

	if (f)
		fclose(f);
}

static void take(struct keeper *k, struct reader_result *res)
{
	const struct conf *old = keeper_conf(k);
	unsigned slot = (unsigned)((size_t)(res->arena.base - k->space.base) / ARENA_SLOT_BYTES);
	struct timeval now;

	k->slots[slot] = (struct generation){ ++k->last_number, res->arena, res->conf };
	if (vrrps_conf(k->vrrps, res->conf) < 0)
		log_err("out of memory: states of VRRP are not known");
	k->current = slot;
	gettimeofday(&now, NULL);
	k->loaded_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec;
	keeper_apply(k, old, res->conf);
	keeper_sweep(k);
}

/* What cannot change while we run, although the text does */
static bool same_place(const struct keeper *k, const struct conf *c, char *why, size_t size)
{
	if (!k->o->net_namespace && strcmp(k->netns_name, c->global.net_namespace)) {
		snprintf(why, size, "net_namespace cannot change from `%.60s' to `%.60s' by a reload: restart",
			 k->netns_name, c->global.net_namespace);
		return false;
	}
	if (strcmp(k->instance, c->global.instance)) {
		snprintf(why, size, "instance cannot change from `%.60s' to `%.60s' by a reload: restart",
			 k->instance, c->global.instance);
		return false;
	}
	return true;
}

static void reloaded(void *arg, struct reader_result *res)
{
	struct keeper *k = arg;
	const struct conf *old = keeper_conf(k);
	const struct conf *refused_by;
	struct report rep;
	char why[200] = "";
	bool ok;

	k->reader = NULL;
	report_open(&rep);
	if (res->conf)
		report_messages(&rep, old->global.reload_check_config ? NULL : old, res->conf);
	else
		snprintf(why, sizeof(why), "%s", res->error);
	ok = res->conf && acceptable(old, res->conf) && same_place(k, res->conf, why, sizeof(why));
	refused_by = ok ? NULL : old; /* still there then */
	if (!ok) {
		log_err("Reload refused: %s; the configuration of before stays in force",
			*why ? why : "there are errors in the configuration");
		if (*why && rep.out)
			fprintf(rep.out, "%s\n", why);
		k->reloads_refused++;
		if (res->conf)
			arena_close(&res->arena);
	} else {
		k->reloads++;
		take(k, res);
		log_info("Reload finished");
	}
	mark_reload(k, false);
	sdnotify("READY=1");
	if (refused_by && refused_by->global.reload_check_config)
		write_check_log(refused_by, report_text(&rep));
	tell_askers(k, ok, report_text(&rep));
	free(rep.text);
	if (k->reload_queued) {
		k->reload_queued = false;
		keeper_reload(k);
	}
}

static struct conf_options conf_options(const struct keeper *k)
{
	return (struct conf_options){ .path = k->o->conf_file,
				      .config_id = k->o->config_id,
				      .instance = k->instance,
				      .all_includes = k->o->all_includes,
				      .test = k->o->test };
}

void keeper_reload(struct keeper *k)
{
	struct conf_options o = conf_options(k);
	unsigned slot;
	int r;

	if (k->phase != KEEPER_RUNS)
		return;
	if (k->reader) {
		k->reload_queued = true;
		return;
	}
	log_info("Reloading ...");
	for (struct reload_asker *a = k->askers; a; a = a->next)
		a->begun = true;
	sdnotify_reloading();
	mark_reload(k, true);
	slot = keeper_free_slot(k);
	r = slot == ARENA_SLOTS ? -EBUSY
				: reader_start(&k->reader, k->base, &k->space, slot, &o,
					       k->ipvs ? ipvs_found_text(k->ipvs) : NULL, reloaded, k);
	if (r < 0) {
		struct reader_result res = { .arena.fd = -1 };

		snprintf(res.error, sizeof(res.error), "%s",
			 r == -EBUSY ? "the reloads of before are not through yet" : strerror(-r));
		reloaded(k, &res);
	}
}

/* ---- the first time ---- */
struct first {
	struct keeper *k;
	struct reader_result res;
};

static void first_read(void *arg, struct reader_result *res)
{
	struct first *f = arg;

	f->res = *res;
	f->k->reader = NULL;
	event_base_loopbreak(f->k->base);
}

int keeper_read(struct keeper *k, struct reader_result *ret)
{
	struct conf_options o = conf_options(k);
	struct first f = { .k = k };
	int r = reader_start(&k->reader, k->base, &k->space, keeper_free_slot(k), &o, NULL, first_read, &f);

	if (r < 0) {
		*ret = (struct reader_result){ .arena.fd = -1 };
		snprintf(ret->error, sizeof(ret->error), "the configuration cannot be read: %s", strerror(-r));
		return r;
	}
	while (k->reader)
		event_base_dispatch(k->base);
	*ret = f.res;
	return ret->conf ? 0 : -EIO;
}

/* The namespace that the text names, the text read there: which interfaces exist depends on it */
static int read_in_place(struct keeper *k, struct reader_result *res)
{
	int r = keeper_read(k, res);

	if (r < 0 || k->o->net_namespace || !*res->conf->global.net_namespace)
		return r;
	r = keeper_enter_netns(res->conf->global.net_namespace, res->error, sizeof(res->error));
	arena_close(&res->arena);
	res->conf = NULL;
	return r < 0 ? r : keeper_read(k, res);
}

static void open_control(struct keeper *k)
{
	int r = control_new(&k->control, k);

	if (r < 0)
		log_warn("`elvs status' cannot ask this process: %s", strerror(-r));
}

/* --dump-conf: as it was understood, a line of the log for each of its lines */
static void log_conf(const struct conf *c)
{
	char *text = NULL, *line, *rest;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	conf_print(c, out);
	fclose(out);
	for (rest = text; (line = strsep(&rest, "\n"));)
		if (*line)
			log_info("%s", line);
	free(text);
}

int keeper_load_first(struct keeper *k)
{
	struct reader_result res;
	struct report rep = { 0 };
	int status;

	if (read_in_place(k, &res) < 0) {
		keeper_failed(k, "%s", res.error);
		return KEEPER_EXIT_CONF;
	}
	if (!res.conf->usable && k->ready_fd >= 0)
		rep.out = fdopen(dup(k->ready_fd), "w"); /* for whoever started us: there is a terminal */
	report_messages(&rep, NULL, res.conf);
	if (rep.out)
		fclose(rep.out);
	if (!res.conf->usable) {
		status = conf_exit_status(res.conf->messages, res.conf->n_messages);
		keeper_failed(k, "%s cannot be used; its errors are above (and in the log)", k->o->conf_file);
		arena_close(&res.arena);
		return status ? status : KEEPER_EXIT_CONF;
	}
	if (!k->o->net_namespace)
		snprintf(k->netns_name, sizeof(k->netns_name), "%s", res.conf->global.net_namespace);
	snprintf(k->instance, sizeof(k->instance), "%s", res.conf->global.instance);
	if (keeper_take_pidfile(k, res.conf) < 0) {
		arena_close(&res.arena);
		return 1;
	}
	open_control(k);
	if (k->o->dump_conf)
		log_conf(res.conf);
	take(k, &res);
	keeper_look_ready(k);
	return 0;
}
