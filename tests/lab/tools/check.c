/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-check - one health check, run by the real check role in its jail, its results as lines: for labs.
 *
 * usage: lab-check KIND ADDRESS PORT [WORD=VALUE]...
 *
 * KIND: tcp http ssl smtp dns misc udp ping agent passive. Prints "up TEXT" or "down TEXT" (and weight=N, drain) per
 * result. Runs until it is killed. SIGHUP: the same configuration again; SIGUSR1: kill -9 for the role, and a new
 * one. Lines on stdin: "counter UNANSWERED ESTABLISHED" for passive checks, "mail SUBJECT" sends a mail, "suspend",
 * "resume", "dump".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive.h"
#include "lazy_curl.h"
#include "log.h"

static volatile sig_atomic_t again, restart;

static void on_signal(int n)
{
	if (n == SIGHUP)
		again = 1;
	else
		restart = 1;
}

struct asked {
	struct conf_check check;
	struct conf_url urls[4];
	struct conf_global global;
	struct conf_ssl ssl;
	const char *script;
};

static void fail(const char *word)
{
	fprintf(stderr, "lab-check: %s: not understood\n", word);
	exit(2);
}

static uint64_t micro(const char *v)
{
	return (uint64_t)(atof(v) * 1e6);
}

static void status_range(struct conf_url *u, const char *v)
{
	unsigned from, to;

	memset(u->status, 0, sizeof(u->status));
	if (sscanf(v, "%u-%u", &from, &to) != 2)
		to = from = (unsigned)atoi(v);
	for (; from <= to && from < 600; from++)
		u->status[from / 64] |= 1ull << (from % 64);
}

static void digest(struct conf_url *u, const char *v)
{
	for (int i = 0; i < 16; i++)
		if (sscanf(v + 2 * i, "%2hhx", &u->digest[i]) != 1)
			fail(v);
	u->has_digest = true;
}

static void address(struct conf_addr *a, const char *v)
{
	a->family = strchr(v, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a->family, v, a->bytes) != 1)
		fail(v);
}

static void common_word(struct asked *a, const char *w, const char *v)
{
	struct conf_check *c = &a->check;

	if (!strcmp(w, "delay"))
		c->delay_loop_us = micro(v);
	else if (!strcmp(w, "retry"))
		c->retry = (uint32_t)atoi(v);
	else if (!strcmp(w, "retry_delay"))
		c->delay_before_retry_us = micro(v);
	else if (!strcmp(w, "timeout"))
		c->connect_timeout_us = micro(v);
	else if (!strcmp(w, "total"))
		c->total_timeout_us = micro(v);
	else if (!strcmp(w, "rise"))
		c->rise = (uint32_t)atoi(v);
	else if (!strcmp(w, "fall"))
		c->fall = (uint32_t)atoi(v);
	else if (!strcmp(w, "alpha"))
		c->alpha = true;
	else if (!strcmp(w, "bind"))
		address(&c->bind, v);
	else if (!strcmp(w, "bind_if"))
		c->bind_if = v;
	else if (!strcmp(w, "mark"))
		c->fwmark = (uint32_t)atoi(v);
	else if (!strcmp(w, "smtp_server"))
		a->global.smtp_server = v;
	else if (!strcmp(w, "smtp_port"))
		a->global.smtp_port = (uint16_t)atoi(v);
	else
		fail(w);
}

static bool web_word(struct asked *a, const char *w, const char *v)
{
	struct conf_check *c = &a->check;
	struct conf_url *u;

	if (!strcmp(w, "path")) {
		a->urls[c->http.n_urls] = (struct conf_url){ .path = v, .virtualhost = "", .regex = "" };
		status_range(&a->urls[c->http.n_urls++], "200-299");
		return true;
	}
	u = &a->urls[c->http.n_urls ? c->http.n_urls - 1 : 0];
	if (!strcmp(w, "status"))
		status_range(u, v);
	else if (!strcmp(w, "digest"))
		digest(u, v);
	else if (!strcmp(w, "regex"))
		u->regex = v;
	else if (!strcmp(w, "host"))
		u->virtualhost = v;
	else if (!strcmp(w, "protocol"))
		c->http.protocol = atoi(v);
	else if (!strcmp(w, "sni"))
		c->http.enable_sni = true, c->http.sni_name = v;
	else if (!strcmp(w, "verify"))
		c->http.verify = true, c->http.verify_ca = v;
	else if (!strcmp(w, "cert"))
		a->ssl.certificate = v;
	else if (!strcmp(w, "key"))
		a->ssl.key = v;
	else
		return false;
	return true;
}

static bool kind_word(struct asked *a, const char *w, const char *v)
{
	struct conf_check *c = &a->check;

	switch (c->kind) {
	case CONF_CHECK_HTTP:
	case CONF_CHECK_SSL:
		return web_word(a, w, v);
	case CONF_CHECK_DNS:
		if (!strcmp(w, "name"))
			c->dns.name = v;
		return !strcmp(w, "name");
	case CONF_CHECK_MISC:
		if (!strcmp(w, "script"))
			a->script = v;
		else if (!strcmp(w, "dynamic"))
			c->misc.dynamic = true;
		else
			return false;
		return true;
	case CONF_CHECK_UDP:
		if (!strcmp(w, "reply")) {
			c->udp.require_reply = true;
			c->udp.reply = v[0] ? (const uint8_t *)v : NULL;
			c->udp.n_reply = (uint32_t)strlen(v);
		}
		return !strcmp(w, "reply");
	case CONF_CHECK_PASSIVE:
		if (!strcmp(w, "failures"))
			c->passive.failures = (uint32_t)atoi(v);
		else if (!strcmp(w, "hold"))
			c->passive.hold_us = micro(v);
		else
			return false;
		return true;
	default:
		return false;
	}
}

static void defaults(struct asked *a)
{
	struct conf_check *c = &a->check;

	c->delay_loop_us = 300000;
	c->connect_timeout_us = 500000;
	c->delay_before_retry_us = 100000;
	c->bind_if = "";
	switch (c->kind) {
	case CONF_CHECK_HTTP:
	case CONF_CHECK_SSL:
		c->http.urls = a->urls;
		c->http.protocol = 10;
		c->http.sni_name = c->http.verify_ca = "";
		break;
	case CONF_CHECK_SMTP:
		c->smtp.helo = "smtpchecker.keepalived.org";
		break;
	case CONF_CHECK_DNS:
		c->dns.type = 6;
		c->dns.name = ".";
		break;
	case CONF_CHECK_MISC:
		c->misc.timeout_us = 2000000;
		break;
	case CONF_CHECK_UDP:
		c->udp.max_reply = 255;
		break;
	case CONF_CHECK_AGENT:
		c->agent.send = "";
		break;
	default:
		break;
	}
	a->global.smtp_server = "";
	a->global.smtp_helo = "lab";
	a->global.mail_from = "elvs@lab";
	a->global.smtp_timeout_us = 2000000;
}

static void ask(struct asked *a, int argc, char **argv)
{
	static const char *const kinds[CONF_CHECK_KINDS] = {
		[CONF_CHECK_TCP] = "tcp",	 [CONF_CHECK_HTTP] = "http", [CONF_CHECK_SSL] = "ssl",
		[CONF_CHECK_SMTP] = "smtp",	 [CONF_CHECK_DNS] = "dns",   [CONF_CHECK_MISC] = "misc",
		[CONF_CHECK_UDP] = "udp",	 [CONF_CHECK_PING] = "ping", [CONF_CHECK_AGENT] = "agent",
		[CONF_CHECK_PASSIVE] = "passive"
	};
	int kind = 0;

	while (kind < CONF_CHECK_KINDS && (!kinds[kind] || strcmp(kinds[kind], argv[1])))
		kind++;
	if (kind == CONF_CHECK_KINDS)
		fail(argv[1]);
	*a = (struct asked){ .check = { .kind = (enum conf_check_kind)kind } };
	address(&a->check.target, argv[2]);
	a->check.target.port = (uint16_t)atoi(argv[3]);
	defaults(a);
	for (int i = 4; i < argc; i++) {
		char *v = strchr(argv[i], '=');

		if (v)
			*v++ = '\0';
		if (!kind_word(a, argv[i], v ? v : ""))
			common_word(a, argv[i], v ? v : "");
	}
}

/* ---- into an arena, as the reader would leave it ---- */

static const char *text(struct drive *d, const char *s)
{
	return s ? arena_strdup(&d->arena, s) : NULL;
}

static void give(struct drive *d, const struct asked *a)
{
	struct conf *conf = arena_alloc(&d->arena, sizeof(*conf));
	struct conf_target *t = arena_alloc(&d->arena, sizeof(*t));
	struct conf_check *c = arena_memdup(&d->arena, &a->check, sizeof(*c));
	static const char *const to[] = { "root@lab" };
	char shell[] = "/bin/sh", option[] = "-c";

	c->bind_if = text(d, c->bind_if);
	if (c->kind == CONF_CHECK_HTTP || c->kind == CONF_CHECK_SSL) {
		struct conf_url *u = arena_memdup(&d->arena, a->urls, sizeof(a->urls));

		for (uint32_t i = 0; i < c->http.n_urls; i++) {
			u[i].path = text(d, u[i].path);
			u[i].regex = text(d, u[i].regex);
			u[i].virtualhost = text(d, u[i].virtualhost);
		}
		c->http.urls = u;
		c->http.sni_name = text(d, c->http.sni_name);
		c->http.verify_ca = text(d, c->http.verify_ca);
	}
	if (c->kind == CONF_CHECK_MISC) {
		const char **argv = arena_alloc(&d->arena, 4 * sizeof(*argv));

		argv[0] = text(d, shell);
		argv[1] = text(d, option);
		argv[2] = text(d, a->script);
		c->misc.script.argv = argv;
		c->misc.script.text = argv[2];
	}
	if (c->kind == CONF_CHECK_SMTP)
		c->smtp.helo = text(d, c->smtp.helo);
	if (c->kind == CONF_CHECK_DNS)
		c->dns.name = text(d, c->dns.name);
	if (c->kind == CONF_CHECK_AGENT)
		c->agent.send = text(d, c->agent.send);
	if (c->kind == CONF_CHECK_UDP && c->udp.reply)
		c->udp.reply = arena_memdup(&d->arena, c->udp.reply, c->udp.n_reply);
	conf->global = a->global;
	conf->ssl = (struct conf_ssl){ .password = "", .ca = "" };
	conf->ssl.certificate = text(d, a->ssl.certificate ? a->ssl.certificate : "");
	conf->ssl.key = text(d, a->ssl.key ? a->ssl.key : "");
	conf->global.mail_to = arena_memdup(&d->arena, to, sizeof(to));
	conf->global.n_mail_to = 1;
	t->key = 4711;
	t->addr = c->target;
	t->how = c;
	conf->checks = t;
	conf->n_checks = 1;
	drive_conf(d, conf);
}

/* ---- what comes and goes ---- */

static void show(const struct message *m)
{
	const struct msg_check_result *r = &m->check_result;

	if (m->type == MSG_READY) {
		printf("ready %u\n", m->ready.generation);
	} else if (m->type == MSG_MAIL_DONE) {
		printf("mail %d %s\n", m->mail_done.error, m->mail_done.text);
	} else if (m->type == MSG_CHECK_RESULT) {
		printf("%s%s", r->up ? "up" : "down", r->changed ? " changed" : "");
		if (r->has_weight)
			printf(" weight=%d%s", r->weight, r->weight_percent ? "%" : "");
		printf("%s %s\n", r->drain ? " drain" : "", r->text);
	}
	fflush(stdout);
}

static void command(struct drive *d, const char *line)
{
	struct message m = { .type = MSG_COUNTER, .counter = { .key = 4711 } };
	unsigned long long unanswered, established;

	if (sscanf(line, "counter %llu %llu", &unanswered, &established) == 2) {
		m.counter.unanswered = unanswered;
		m.counter.established = established;
		message_send(d->fd, &m, -1);
	} else if (!strncmp(line, "mail ", 5)) {
		m.type = MSG_MAIL;
		m.mail = (struct msg_mail){ .id = 7 };
		snprintf(m.mail.subject, sizeof(m.mail.subject), "%.200s", line + 5);
		m.mail.subject[strcspn(m.mail.subject, "\n")] = '\0';
		snprintf(m.mail.body, sizeof(m.mail.body), "=> it is so <=\n.\nmore\n");
		message_send(d->fd, &m, -1);
	} else if (!strcmp(line, "suspend") || !strcmp(line, "resume")) {
		m.type = MSG_SUSPEND;
		m.suspend = (struct msg_suspend){ .key = 4711, .on = line[0] == 's' };
		message_send(d->fd, &m, -1);
	} else if (!strncmp(line, "dump", 4)) {
		m.type = MSG_DUMP;
		m.dump = (struct msg_dump){ .kind = line[4] == ' ' ? DUMP_STATS : DUMP_DATA };
		message_send(d->fd, &m, STDOUT_FILENO);
	} else {
		fail(line);
	}
}

static void read_commands(struct drive *d)
{
	static char buf[4096];
	static size_t n;
	struct pollfd p = { .fd = 0, .events = POLLIN };
	char *end;
	ssize_t r;

	if (poll(&p, 1, 0) <= 0)
		return;
	r = read(0, buf + n, sizeof(buf) - 1 - n);
	if (r <= 0)
		return;
	n += (size_t)r;
	buf[n] = '\0';
	while ((end = strchr(buf, '\n'))) {
		*end++ = '\0';
		command(d, buf);
		n -= (size_t)(end - buf);
		memmove(buf, end, n + 1);
	}
}

int main(int argc, char **argv)
{
	struct asked a;
	struct drive d;
	struct message m;
	int n;

	if (argc < 4)
		fail("usage: lab-check KIND ADDRESS PORT [WORD=VALUE]...");
	signal(SIGHUP, on_signal);
	signal(SIGUSR1, on_signal);
	signal(SIGPIPE, SIG_IGN);
	log_open("check", NULL, true);
	ask(&a, argc, argv);
	lazy_curl_load(); /* as the keeper does: in the jail it is too late */
	drive_open(&d);
	drive_start(&d, false);
	give(&d, &a);
	while ((n = drive_next(&d, 50, &m)) >= 0) {
		if (n)
			show(&m);
		read_commands(&d);
		if (again)
			give(&d, &a);
		if (restart) {
			drive_kill(&d, SIGKILL);
			drive_start(&d, true);
			give(&d, &a);
		}
		again = restart = 0;
	}
	puts("the role ended");
	return 1;
}
