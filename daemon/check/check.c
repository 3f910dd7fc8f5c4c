/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check - see check.h: the life of one check, and what it says. */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "kinds.h"
#include "log.h"
#include "sock.h"

#define RELEASE_US 1000000 /* before a check runs that a new configuration does not know to be suspended */
#define SOCKET_US 5000000  /* the keeper's time to hand over a socket */

/* xorshift: spreads checks; nothing here is secret */
uint64_t check_random(struct checker *r)
{
	r->rnd ^= r->rnd << 13;
	r->rnd ^= r->rnd >> 7;
	r->rnd ^= r->rnd << 17;
	return r->rnd;
}

const struct check_kind *check_kind_of(enum conf_check_kind kind)
{
	static const struct check_kind *const kinds[CONF_CHECK_KINDS] = {
		[CONF_CHECK_TCP] = &check_tcp,	   [CONF_CHECK_HTTP] = &check_http,
		[CONF_CHECK_SSL] = &check_ssl,	   [CONF_CHECK_SMTP] = &check_smtp,
		[CONF_CHECK_DNS] = &check_dns,	   [CONF_CHECK_MISC] = &check_misc,
		[CONF_CHECK_UDP] = &check_udp,	   [CONF_CHECK_PING] = &check_ping,
		[CONF_CHECK_AGENT] = &check_agent, [CONF_CHECK_PASSIVE] = &check_passive,
	};

	return (unsigned)kind < CONF_CHECK_KINDS ? kinds[kind] : NULL;
}

struct check *check_new(struct checker *r, const struct conf_target *t)
{
	struct check *k = calloc(1, sizeof(*k));
	struct engine_rules rules;

	if (!k)
		return NULL;
	k->role = r;
	k->at = t;
	k->conf = t->how;
	k->kind = check_kind_of(k->conf->kind);
	engine_rules_of(&rules, k->conf);
	engine_init(&k->engine, &rules, r->again);
	return k;
}

static void end_try(struct check *k)
{
	struct check_run *run = k->run;

	if (k->state == CHECK_RUNNING) {
		if (k->kind->end)
			k->kind->end(k);
		k->role->stats.running--;
	}
	k->state = CHECK_WAITING;
	k->run = NULL;
	if (run)
		sockset_release(&k->role->sockets, run);
}

void check_free(struct check *k)
{
	if (!k)
		return;
	end_try(k);
	if (k->kind->gone)
		k->kind->gone(k);
	heap_remove(&k->role->heap, &k->timer);
	free(k->text);
	free(k);
}

/* ---- time ---- */

void check_at(struct check *k, uint64_t when_us)
{
	/* The place was there when the check was made; what leaves the heap leaves room for what comes back. */
	if (heap_set(&k->role->heap, &k->timer, when_us) < 0) {
		log_err("%s %s: no memory to schedule it", k->kind->name, CHECK_LABEL(k));
		return;
	}
	checker_arm(k->role);
}

void check_step(struct check *k, uint64_t step_us)
{
	uint64_t when = clock_us() + step_us;

	check_at(k, k->run->total_us && k->run->total_us < when ? k->run->total_us : when);
}

static bool make_run(struct check *k)
{
	struct check_run *run = calloc(1, sizeof(*run) + k->kind->try_size);

	if (!run)
		return false;
	run->check = k;
	run->try = run + 1;
	run->fd = -1;
	run->total_us = k->conf->total_timeout_us ? k->started_us + k->conf->total_timeout_us : 0;
	k->run = run;
	return true;
}

static void run(struct check *k)
{
	struct checker_stats *s = &k->role->stats;

	k->state = CHECK_RUNNING;
	if (++s->running > s->running_max)
		s->running_max = s->running;
	k->kind->start(k);
}

void check_begin(struct check *k)
{
	struct message m = { .type = MSG_WANT_SOCKET };

	k->role->stats.tries++;
	k->serial++;
	k->started_us = clock_us();
	if (!make_run(k)) {
		check_done(k, ENGINE_AGAIN, "no memory");
		return;
	}
	if (!k->kind->socket_type ||
	    !(sock_needs_keeper(k->conf) || (k->kind == &check_ping && k->conf->bind.family))) {
		run(k);
		return;
	}
	m.want_socket = (struct msg_want_socket){ .key = k->at->key,
						  .want = k->serial,
						  .type = (uint16_t)k->kind->socket_type,
						  .icmp = k->conf->kind == CONF_CHECK_PING };
	k->state = CHECK_WANTS_SOCKET;
	check_step(k, SOCKET_US);
	if (!checker_send(k->role, &m))
		check_done(k, ENGINE_AGAIN, "the keeper does not take its request for a socket");
}

void check_got_socket(struct check *k, const struct msg_socket *m, int take_fd)
{
	if (k->state != CHECK_WANTS_SOCKET || m->want != k->serial) {
		if (take_fd >= 0)
			close(take_fd);
		return;
	}
	if (take_fd < 0) {
		check_done(k, ENGINE_AGAIN, "no socket: %s", strerror(m->error < 0 ? -m->error : EIO));
		return;
	}
	k->run->fd = take_fd;
	k->run->keepers = true;
	run(k);
}

void check_suspend(struct check *k, bool on)
{
	if (on == k->suspended)
		return;
	k->suspended = on;
	if (on) {
		end_try(k);
		heap_remove(&k->role->heap, &k->timer);
		log_debug("%s %s: suspended", k->kind->name, CHECK_LABEL(k));
	} else {
		check_at(k, clock_us());
	}
}

void check_release(struct check *k)
{
	if (k->suspended)
		check_at(k, clock_us() + RELEASE_US);
	k->suspended = false;
}

void check_due(struct check *k)
{
	heap_remove(&k->role->heap, &k->timer);
	switch (k->state) {
	case CHECK_WAITING:
		check_begin(k);
		break;
	case CHECK_WANTS_SOCKET:
		check_done(k, ENGINE_AGAIN, "no socket from the keeper");
		break;
	case CHECK_RUNNING:
		k->kind->timeout(k);
		break;
	}
}

void check_timed_out(struct check *k, const char *doing)
{
	bool total = k->run->total_us && k->run->total_us <= clock_us();
	uint64_t us = total ? k->conf->total_timeout_us : k->conf->connect_timeout_us;

	check_done(k, ENGINE_FAILED, "timed out after %.6g s%s while %s", (double)us / 1e6, total ? " in all" : "",
		   doing);
}

bool check_watch(struct check *k, uint32_t events, sockset_cb *cb)
{
	if (sockset_watch(k, events, cb) == 0)
		return true;
	check_done(k, ENGINE_AGAIN, "no memory");
	return false;
}

/* ---- results ---- */

static void log_success(const struct check *k)
{
	if (k->kind->success)
		log_info(k->kind->success, CHECK_LABEL(k));
	else
		log_info("%s connection to %s success.", k->kind->proto, CHECK_LABEL(k));
}

/* "HTTP_CHECK": what a kind calls itself in the log */
static const char *log_name(const struct check *k)
{
	return k->conf->kind == CONF_CHECK_HTTP || k->conf->kind == CONF_CHECK_SSL ? "HTTP_CHECK" : k->kind->name;
}

static void log_decision(const struct check *k, uint32_t retries, const char *why)
{
	const struct label l = label_of(k);

	if (k->conf->kind == CONF_CHECK_MISC)
		log_info("Misc check for [%s VS %s] by [%s] %s.%s%s%s", l.text, label_service(k).text,
			 k->conf->misc.script.text, k->engine.up ? "succeeded" : "failed", why[0] ? " (" : "", why,
			 why[0] ? ")" : "");
	else if (k->engine.up)
		log_success(k);
	else if (retries)
		log_info("%s on service %s failed after %u retries. (%s)", log_name(k), l.text, retries, why);
	else
		log_info("%s on service %s failed. (%s)", log_name(k), l.text, why);
}

static void log_end(struct check *k, enum engine_event event, bool passed, const struct engine_next *n,
		    const char *why)
{
	const bool nothing = event == ENGINE_AGAIN || passed;

	/* What keeps a check from being tried is said once, until it was tried. */
	if (nothing && !k->again_said)
		log_info("%s %s: %s. %s.", log_name(k), CHECK_LABEL(k), why, passed ? "Passed over" : "Rescheduling");
	else if (n->decided_now && !passed)
		log_decision(k, n->tries, why);
	else if (k->conf->log_all_failures && (event == ENGINE_FAILED || event == ENGINE_REFUSED))
		log_info("%s on service %s failed. (%s)", log_name(k), CHECK_LABEL(k), why);
	else if (event != ENGINE_OK) /* that all is as it was is no news, with -D either */
		log_debug("%s %s: %s", log_name(k), CHECK_LABEL(k), why);
	k->again_said = nothing;
}

/* FNV-1a; 0 is for no text. Two reasons of one hash would only leave the older one in the status. */
static uint32_t hash_of(const char *text)
{
	uint32_t h = 2166136261u;

	if (!text)
		return 0;
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 16777619u;
	return h ? h : 1;
}

static void set_text(struct check *k, const char *text)
{
	if (text && k->text && !strcmp(k->text, text))
		return;
	free(k->text);
	k->text = text ? strdup(text) : NULL;
}

void check_result_of(const struct check *k, struct msg_check_result *ret)
{
	*ret = (struct msg_check_result){ .key = k->at->key,
					  .latency_us = k->latency_us,
					  .up = k->engine.up,
					  .changed = k->changed,
					  .has_weight = k->has_weight,
					  .drain = k->drain,
					  .rounds_failed = (uint8_t)(k->engine.bad < 255 ? k->engine.bad : 255),
					  .weight = k->weight,
					  .weight_percent = k->weight_percent };
	if (k->text)
		snprintf(ret->text, sizeof(ret->text), "%s", k->text);
}

void check_told(struct check *k)
{
	k->untold = false;
	k->told_once = true;
	k->changed = false;
	k->told_text = hash_of(k->text);
}

/* Whether the keeper and who asks it should hear of this: a decision, another weight, another reason. */
static bool is_news(const struct check *k, const struct engine_next *n, bool weight_changed)
{
	if (!k->engine.decided)
		return false;
	return n->decided_now || weight_changed || !k->told_once ||
	       (n->round_failed && hash_of(k->text) != k->told_text);
}

static void settle(struct check *k, enum engine_event event, const struct engine_next *n)
{
	bool weight_changed = k->weight_changed;

	k->weight_changed = false;
	if (n->changed)
		k->changed = true;
	if (event == ENGINE_OK && k->engine.up)
		set_text(k, NULL);
	if (is_news(k, n, weight_changed))
		checker_tell(k->role, k);
}

static void count(struct checker_stats *s, enum engine_event event)
{
	if (event == ENGINE_OK)
		s->good++;
	else if (event == ENGINE_AGAIN)
		s->again++;
	else
		s->failed++;
}

/* What becomes of a try that is passed over: nothing; but nobody shall wait for the first word of such a check. */
static enum engine_event without_word(const struct check *k)
{
	return k->engine.decided || k->conf->alpha ? ENGINE_AGAIN : ENGINE_OK;
}

void check_done(struct check *k, enum engine_event event, const char *why, ...)
{
	const bool passed = event == ENGINE_FAILED && k->kind->optional && !k->only;
	struct engine_next n;
	struct engine_rules rules;
	uint64_t now = clock_us(), when;
	char text[sizeof(((struct msg_check_result *)NULL)->text)] = "";
	va_list ap;

	if (why) {
		va_start(ap, why);
		vsnprintf(text, sizeof(text), why, ap);
		va_end(ap);
	}
	end_try(k);
	if (passed)
		event = without_word(k);
	count(&k->role->stats, event);
	if (event != ENGINE_AGAIN)
		k->latency_us = now - k->started_us < UINT32_MAX ? (uint32_t)(now - k->started_us) : UINT32_MAX;
	if (event == ENGINE_FAILED || event == ENGINE_REFUSED)
		set_text(k, text);
	engine_rules_of(&rules, k->conf);
	n = engine_result(&k->engine, &rules, event, check_random(k->role));
	when = (n.from_start ? k->started_us : now) + n.delay_us;
	check_at(k, when > now ? when : now);
	log_end(k, event, passed, &n, text);
	settle(k, event, &n);
}
