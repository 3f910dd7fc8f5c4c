/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * web - libcurl in this role's event loop: transfers that run side by side, and the certificates that they may need.
 *
 * Knows neither checks nor mails: a transfer is an easy handle with its socket's event, and ends with one call of
 * done. Handles are made by their users. There is no name resolution here: every transfer goes to an address.
 */
#ifndef ELVS_DAEMON_CHECK_WEB_H
#define ELVS_DAEMON_CHECK_WEB_H

#include <curl/curl.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <time.h>

struct checker;
struct conf;
struct https_pool;

struct transfer {
	CURL *easy;
	struct event ev;
	bool ev_made, added;
	bool connected; /* something is expected to come, if only TLS's part */
	struct web *web;
	void (*done)(struct transfer *t, CURLcode result); /* not called after web_stop() */
	void *arg;
	struct transfer *next; /* the pool's */
	char error[CURL_ERROR_SIZE];
};

/* A file that the SSL block names, as it was when it was read. data NULL: none, or not to be read. */
struct web_file {
	char *name; /* "": none; NULL: not yet looked at */
	char *data;
	size_t len;
	struct timespec changed;
};
struct web_files {
	struct web_file ca, certificate, key;
	char *password;
};

struct web {
	struct checker *role;
	CURLM *multi;
	struct event *timer;
	struct web_files files;
	struct https_pool *pool; /* https.c's idle handles */
};

/* libcurl and OpenSSL are begun with at the first transfer: most configurations need neither. */
struct web *web_new(struct checker *r);
void web_free(struct web *w);

/* A handle of its own with what all transfers have in common; NULL: no memory. */
struct transfer *web_transfer_new(struct web *w);
void web_transfer_free(struct transfer *t);
/* Begins; done() comes from the loop, never from inside. 0 or -ENOMEM. */
int web_start(struct transfer *t);
void web_stop(struct transfer *t);

/*
 * Reads the SSL block's files. What cannot be read is logged and left out; but what was read once, with rights that
 * are gone now, stays as long as it has the same name.
 */
void web_read_files(struct web *w, const struct conf *conf);
/* Whether conf names a file that is another one, or has changed, and cannot be read by this process. */
bool web_files_locked(struct web *w, const struct conf *conf);

#endif
