/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail - see mail.h. */
#include "mail.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "log.h"
#include "mail_text.h"
#include "web.h"

#define QUEUE_MAX 256
#define TRIES 3
#define AGAIN_US 10000000
#define GRACE_US 30000000 /* for the conversation, once connected */

struct mail {
	struct mail *next;
	uint32_t id;
	time_t at;
	int tries;
	char subject[256], body[768];
};

struct mailer {
	struct checker *role;
	struct mail *first, *last;
	uint32_t n;
	struct event *timer;
	/* of the delivery that runs */
	struct transfer *transfer;
	struct evdns_base *dns;
	struct curl_slist *to, *connect_to;
	char *text;
	size_t len, sent;
};

static void next(struct mailer *m);

static void timer_ready(evutil_socket_t fd, short what, void *arg)
{
	next(arg);
}

struct mailer *mailer_new(struct checker *r)
{
	struct mailer *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->role = r;
	m->timer = evtimer_new(r->base, timer_ready, m);
	if (!m->timer) {
		free(m);
		return NULL;
	}
	return m;
}

static void end_delivery(struct mailer *m)
{
	web_transfer_free(m->transfer);
	m->transfer = NULL;
	if (m->dns)
		evdns_base_free(m->dns, 0);
	m->dns = NULL;
	curl_slist_free_all(m->to);
	curl_slist_free_all(m->connect_to);
	m->to = m->connect_to = NULL;
	free(m->text);
	m->text = NULL;
}

void mailer_free(struct mailer *m)
{
	if (!m)
		return;
	end_delivery(m);
	for (struct mail *l = m->first, *after; l; l = after) {
		after = l->next;
		free(l);
	}
	event_free(m->timer);
	free(m);
}

void mailer_configure(struct mailer *m, const struct conf *conf)
{
	/* A delivery that runs has its own copies of everything but the recipients' names. */
	if (m->first && !m->transfer && !m->dns)
		next(m);
}

static void tell(struct mailer *m, uint32_t id, int error, const char *text)
{
	struct message msg = { .type = MSG_MAIL_DONE, .mail_done = { .id = id, .error = error } };

	snprintf(msg.mail_done.text, sizeof(msg.mail_done.text), "%s", text);
	checker_send(m->role, &msg);
}

static void later(struct mailer *m, uint64_t us)
{
	struct timeval tv = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) };

	evtimer_add(m->timer, &tv);
}

/* The first mail has been delivered, or given up. */
static void finish(struct mailer *m, int error, const char *text)
{
	struct mail *l = m->first;

	end_delivery(m);
	tell(m, l->id, error, text);
	m->first = l->next;
	m->n--;
	free(l);
	later(m, 0);
}

static void failed(struct mailer *m, int error, bool forever, const char *text)
{
	struct mail *l = m->first;

	log_info("mail `%s' not delivered: %s%s", l->subject, text,
		 forever || l->tries >= TRIES ? "" : "; tried again");
	if (forever || l->tries >= TRIES) {
		finish(m, error, text);
		return;
	}
	end_delivery(m);
	later(m, AGAIN_US);
}

/* ---- one delivery ---- */

static size_t read_text(char *out, size_t size, size_t n, void *arg)
{
	struct mailer *m = arg;
	size_t len = m->len - m->sent < size * n ? m->len - m->sent : size * n;

	memcpy(out, m->text + m->sent, len);
	m->sent += len;
	return len;
}

static void delivered(struct transfer *t, CURLcode result)
{
	struct mailer *m = t->arg;
	char why[CURL_ERROR_SIZE];
	long code = 0;

	if (result == CURLE_OK) {
		finish(m, 0, "");
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
	snprintf(why, sizeof(why), "%s", t->error[0] ? t->error : curl_easy_strerror(result));
	failed(m, -EIO, code >= 500, why);
}

/* What an URL takes for a name; the rest is left out */
static void url_of(const struct conf_global *g, const char *host, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(buf, size, "smtp://%s:%u/", host, g->smtp_port ? g->smtp_port : 25);

	for (const char *p = g->smtp_helo; *p && n + 1 < size; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:", *p))
			buf[n++] = *p;
	buf[n] = '\0';
}

static int recipients(struct mailer *m, const struct conf_global *g)
{
	for (uint32_t i = 0; i < g->n_mail_to; i++) {
		struct curl_slist *l = curl_slist_append(m->to, g->mail_to[i]);

		if (!l)
			return -ENOMEM;
		m->to = l;
	}
	return 0;
}

/* "Name <user@host>" or "user@host": the part for the envelope */
static void envelope(const char *from, char *buf, size_t size)
{
	const char *open = strchr(from, '<'), *close = open ? strchr(open, '>') : NULL;

	if (close)
		snprintf(buf, size, "%.*s", (int)(close - open - 1), open + 1);
	else
		snprintf(buf, size, "%s", from);
}

static void deliver(struct mailer *m, const char *host)
{
	const struct conf_global *g = &m->role->conf->global;
	struct mail *l = m->first;
	char url[700], from[256];
	CURL *e;

	m->transfer = web_transfer_new(m->role->web);
	m->text = mail_text(g, l->subject, l->body, l->at, &m->len);
	m->sent = 0;
	if (!m->transfer || !m->text || recipients(m, g) < 0) {
		failed(m, -ENOMEM, false, "no memory");
		return;
	}
	e = m->transfer->easy;
	m->transfer->arg = m;
	m->transfer->done = delivered;
	url_of(g, host, url, sizeof(url));
	envelope(g->mail_from, from, sizeof(from));
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp");
	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(e, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L); /* who can be reached, is */
	curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, read_text);
	curl_easy_setopt(e, CURLOPT_READDATA, m);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)(g->smtp_timeout_us / 1000));
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)((g->smtp_timeout_us + GRACE_US) / 1000));
	if (web_start(m->transfer) < 0)
		failed(m, -ENOMEM, false, "no memory");
}

static void host_text(const struct sockaddr *sa, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (sa->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)sa)->sin6_addr, ip, sizeof(ip));
		snprintf(buf, size, "[%s]", ip);
	} else {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, ip, sizeof(ip));
		snprintf(buf, size, "%s", ip);
	}
}

static void resolved(int error, struct evutil_addrinfo *list, void *arg)
{
	struct mailer *m = arg;
	char host[64], why[128];

	if (error == EVUTIL_EAI_CANCEL)
		return; /* the delivery ended */
	if (error || !list) {
		snprintf(why, sizeof(why), "%.80s: %s", m->role->conf->global.smtp_server,
			 error ? evutil_gai_strerror(error) : "no address");
		failed(m, -EHOSTUNREACH, false, why);
		return;
	}
	host_text(list->ai_addr, host, sizeof(host));
	evutil_freeaddrinfo(list);
	deliver(m, host);
}

static bool is_address(const char *s, char *host, size_t size)
{
	struct sockaddr_storage ss = { 0 };
	int len = sizeof(ss);

	if (strchr(s, '%') || evutil_parse_sockaddr_port(s, (struct sockaddr *)&ss, &len) < 0)
		return false;
	host_text((struct sockaddr *)&ss, host, size);
	return true;
}

static void next(struct mailer *m)
{
	const struct evutil_addrinfo hints = { .ai_family = PF_UNSPEC, .ai_socktype = SOCK_STREAM };
	const struct conf_global *g = m->role->conf ? &m->role->conf->global : NULL;
	char host[64];

	if (!m->first || !g || m->transfer || m->dns)
		return;
	m->first->tries++;
	if (!g->smtp_server[0] || !g->n_mail_to) {
		finish(m, -EDESTADDRREQ, "no smtp_server, or nobody to write to");
	} else if (is_address(g->smtp_server, host, sizeof(host))) {
		deliver(m, host);
	} else {
		/* A new one each time: whatever resolv.conf and hosts say by now. */
		m->dns = evdns_base_new(m->role->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
		if (!m->dns)
			failed(m, -EIO, false, "name servers cannot be found in /etc/resolv.conf");
		else
			evdns_getaddrinfo(m->dns, g->smtp_server, NULL, &hints, resolved, m);
	}
}

void mailer_take(struct mailer *m, const struct msg_mail *mail)
{
	struct mail *l = m->n < QUEUE_MAX ? calloc(1, sizeof(*l)) : NULL;

	if (!l) {
		tell(m, mail->id, -ENOBUFS, "too many mails wait");
		return;
	}
	l->id = mail->id;
	l->at = time(NULL);
	memcpy(l->subject, mail->subject, sizeof(l->subject));
	memcpy(l->body, mail->body, sizeof(l->body));
	*(m->first ? &m->last->next : &m->first) = l;
	m->last = l;
	m->n++;
	if (m->n == 1)
		next(m);
}
