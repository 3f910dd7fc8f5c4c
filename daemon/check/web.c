/* SPDX-License-Identifier: GPL-2.0-or-later */
/* web - see web.h. */
#include "web.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "conf.h"
#include "https.h"
#include "log.h"

#define FILE_MAX (4 << 20) /* a bundle of certificates is a tenth of that */

/* ---- the loop ---- */

static void reap(struct web *w)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(w->multi, &left))) {
		CURLcode result = m->data.result;
		struct transfer *t;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		web_stop(t);
		t->done(t, result);
	}
}

static void socket_ready(evutil_socket_t fd, short what, void *arg)
{
	struct transfer *t = arg;
	struct web *w = t->web;
	int running, mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(w->multi, fd, mask, &running);
	reap(w);
}

static void time_is_over(evutil_socket_t fd, short what, void *arg)
{
	struct web *w = arg;
	int running;

	curl_multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(w);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct web *w = arg;
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (ms < 0)
		evtimer_del(w->timer);
	else
		evtimer_add(w->timer, &tv);
	return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *mine)
{
	struct web *w = arg;
	struct transfer *t;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
	if (t->ev_made)
		event_del(&t->ev);
	t->ev_made = false;
	if (what == CURL_POLL_REMOVE)
		return 0;
	if (what & CURL_POLL_IN)
		t->connected = true;
	event_assign(&t->ev, w->role->base, fd,
		     (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) | EV_PERSIST,
		     socket_ready, t);
	t->ev_made = event_add(&t->ev, NULL) == 0;
	return 0;
}

struct web *web_new(struct checker *r)
{
	struct web *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->role = r;
	w->pool = https_pool_new();
	if (w->pool)
		return w;
	free(w);
	return NULL;
}

static bool begin(struct web *w)
{
	if (w->multi)
		return true;
	if (!w->timer)
		w->timer = evtimer_new(w->role->base, time_is_over, w);
	if (!w->timer || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return false;
	w->multi = curl_multi_init();
	if (!w->multi) {
		curl_global_cleanup();
		return false;
	}
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
	curl_multi_setopt(w->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return true;
}

static void file_free(struct web_file *f)
{
	if (f->data)
		explicit_bzero(f->data, f->len);
	free(f->data);
	free(f->name);
	*f = (struct web_file){ 0 };
}

static void files_free(struct web_files *f)
{
	file_free(&f->ca);
	file_free(&f->certificate);
	file_free(&f->key);
	free(f->password);
	f->password = NULL;
}

void web_free(struct web *w)
{
	if (!w)
		return;
	https_pool_free(w->pool);
	if (w->multi) {
		curl_multi_cleanup(w->multi);
		curl_global_cleanup();
	}
	if (w->timer)
		event_free(w->timer);
	files_free(&w->files);
	free(w);
}

/* ---- transfers ---- */

struct transfer *web_transfer_new(struct web *w)
{
	struct transfer *t = begin(w) ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->web = w;
	t->easy = curl_easy_init();
	if (!t->easy) {
		free(t);
		return NULL;
	}
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(t->easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	return t;
}

void web_transfer_free(struct transfer *t)
{
	if (!t)
		return;
	web_stop(t);
	curl_easy_cleanup(t->easy);
	free(t);
}

int web_start(struct transfer *t)
{
	t->error[0] = '\0';
	t->connected = false;
	if (curl_multi_add_handle(t->web->multi, t->easy) != CURLM_OK)
		return -ENOMEM;
	t->added = true;
	return 0;
}

void web_stop(struct transfer *t)
{
	if (t->added)
		curl_multi_remove_handle(t->web->multi, t->easy);
	t->added = false;
	/* Usually gone already: curl says so before it closes a socket. */
	if (t->ev_made)
		event_del(&t->ev);
	t->ev_made = false;
}

/* ---- files ---- */

/* ret->name is the caller's. */
static int read_open(struct web_file *ret, int fd)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return -EINVAL;
	ret->data = malloc((size_t)st.st_size + 1);
	if (!ret->data)
		return -ENOMEM;
	n = read(fd, ret->data, (size_t)st.st_size);
	if (n < 0)
		return -errno;
	ret->data[n] = '\0';
	ret->len = (size_t)n;
	ret->changed = st.st_mtim;
	return 0;
}

static int read_file(struct web_file *ret, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r;

	if (fd < 0)
		return -errno;
	r = read_open(ret, fd);
	close(fd);
	return r;
}

static const char *name_or_none(const char *name)
{
	return name ? name : "";
}

static void read_one(struct web_file *f, const char *name, const char *what)
{
	struct web_file new = { 0 };
	int r = *name ? read_file(&new, name) : 0;

	if (r == -EACCES && f->data && f->name && !strcmp(f->name, name))
		return;
	if (r < 0) {
		log_err("SSL: the %s %s cannot be read: %s", what, name,
			r == -EINVAL ? "not a regular file of at most 4 MiB" : strerror(-r));
		file_free(&new);
	}
	file_free(f);
	*f = new;
	f->name = strdup(name);
}

void web_read_files(struct web *w, const struct conf *conf)
{
	const struct conf_ssl *ssl = &conf->ssl;

	read_one(&w->files.ca, name_or_none(ssl->ca), "CA file");
	read_one(&w->files.certificate, name_or_none(ssl->certificate), "certificate");
	read_one(&w->files.key, name_or_none(ssl->key), "key");
	free(w->files.password);
	w->files.password = *name_or_none(ssl->password) ? strdup(ssl->password) : NULL;
}

static bool is_locked(const struct web_file *f, const char *name)
{
	struct stat st;

	if (!*name || access(name, R_OK) == 0 || errno != EACCES)
		return false;
	if (!f->name || strcmp(f->name, name))
		return true;
	/* Where not even this can be asked, it is taken to be the same. */
	return stat(name, &st) == 0 && f->data &&
	       (st.st_mtim.tv_sec != f->changed.tv_sec || st.st_mtim.tv_nsec != f->changed.tv_nsec);
}

bool web_files_locked(struct web *w, const struct conf *conf)
{
	return is_locked(&w->files.ca, name_or_none(conf->ssl.ca)) ||
	       is_locked(&w->files.certificate, name_or_none(conf->ssl.certificate)) ||
	       is_locked(&w->files.key, name_or_none(conf->ssl.key));
}
