/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * https - SSL_GET: as HTTP_GET (http.c), over TLS.
 *
 * HTTP and TLS are libcurl's; the time is ours, as keepalived counts it: connect_timeout for the connection (with
 * TLS), then anew for each piece of the answer, total_timeout for the whole. What a check needs again and again
 * (request headers, URL, compiled regex) is made at its first try and kept.
 */
#include "https.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "page.h"
#include "sock.h"
#include "urls.h"
#include "web.h"

#define IDLE_MAX 512 /* handles of about 6 KiB each */
#define HEADERS_MAX (256 << 10)

struct https_pool {
	struct transfer *idle;
	uint32_t n;
};

/* Of one URL, as long as the check lives */
struct https_url {
	struct curl_slist *headers;
	struct url_regex regex;
};
struct https_kept {
	char *url;		       /* scheme, host and port; the path goes by itself */
	struct curl_slist *connect_to; /* when the URL has a name in it */
	uint32_t n;
	struct https_url urls[];
};

struct https_try {
	struct transfer *transfer;
	struct page page;
	size_t headers;
	int socket_error; /* -errno when there was no socket */
	bool sending;	  /* connected, TLS included */
};

/* ---- idle handles ---- */

struct https_pool *https_pool_new(void)
{
	return calloc(1, sizeof(struct https_pool));
}

void https_pool_free(struct https_pool *p)
{
	for (struct transfer *t = p ? p->idle : NULL, *next; t; t = next) {
		next = t->next;
		web_transfer_free(t);
	}
	free(p);
}

static struct transfer *new_transfer(struct web *w);

static struct transfer *pool_get(struct web *w)
{
	struct https_pool *p = w->pool;
	struct transfer *t = p->idle;

	if (!t)
		return new_transfer(w);
	p->idle = t->next;
	p->n--;
	return t;
}

static void pool_put(struct web *w, struct transfer *t)
{
	struct https_pool *p = w->pool;

	if (p->n == IDLE_MAX) {
		web_transfer_free(t);
		return;
	}
	t->next = p->idle;
	p->idle = t;
	p->n++;
}

/* ---- what curl calls ---- */

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct check *k = arg;
	struct https_try *t = k->try;

	t->headers += size * n;
	if (t->headers > HEADERS_MAX)
		return 0;
	check_step(k, k->conf->connect_timeout_us);
	return size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct check *k = arg;
	struct https_try *t = k->try;

	check_step(k, k->conf->connect_timeout_us);
	return page_add(&t->page, data, size * n) ? size * n : 0;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct check *k = arg;
	struct https_try *t = k->try;
	int fd, r = sock_open(k, SOCK_STREAM);

	if (r < 0) {
		t->socket_error = r;
		return CURL_SOCKET_BAD;
	}
	fd = k->fd;
	k->fd = -1; /* curl's from now on */
	return fd;
}

static int on_connected(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct check *k = arg;
	struct https_try *t = k->try;

	t->sending = true;
	check_step(k, k->conf->connect_timeout_us);
	return CURL_PREREQFUNC_OK;
}

/* Servers that just close instead of ending TLS are many; HTTP itself says how long an answer is. */
static CURLcode on_tls_context(CURL *easy, void *context, void *arg)
{
	const struct check *k = arg;

#ifdef SSL_OP_IGNORE_UNEXPECTED_EOF
	if (!k->conf->http.tls_compliant)
		SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
#endif
	return CURLE_OK;
}

/* ---- a handle for this check ---- */

static struct transfer *new_transfer(struct web *w)
{
	struct transfer *t = web_transfer_new(w);

	if (!t)
		return NULL;
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, URL_AGENT);
	curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, 8192L);
	curl_easy_setopt(t->easy, CURLOPT_TCP_NODELAY, 0L); /* a request is one segment */
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(t->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
	return t;
}

static void set_blob(CURL *easy, CURLoption option, const struct web_file *f)
{
	struct curl_blob blob = { f->data, f->len, CURL_BLOB_NOCOPY };

	curl_easy_setopt(easy, option, f->data ? &blob : NULL);
}

static void set_tls(struct transfer *t, const struct check *k)
{
	const struct web_files *files = &t->web->files;
	const bool verify = k->conf->http.verify;
	const char *ca = k->conf->http.verify_ca;

	curl_easy_setopt(t->easy, CURLOPT_SSL_CTX_DATA, k);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	/* The file of the check, else that of the SSL block, else the system's; without verification none is read. */
	curl_easy_setopt(t->easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(t->easy, CURLOPT_CAINFO_BLOB, NULL);
	if (verify && ca && ca[0])
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, ca);
	else if (verify && files->ca.data)
		set_blob(t->easy, CURLOPT_CAINFO_BLOB, &files->ca);
	else
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, verify ? "/etc/ssl/certs/ca-certificates.crt" : NULL);
	set_blob(t->easy, CURLOPT_SSLCERT_BLOB, &files->certificate);
	set_blob(t->easy, CURLOPT_SSLKEY_BLOB, &files->key);
	curl_easy_setopt(t->easy, CURLOPT_KEYPASSWD, files->password);
}

static void set_up(struct transfer *t, struct check *k, const struct https_kept *kept)
{
	const struct conf_url *u = url_of(k);

	curl_easy_setopt(t->easy, CURLOPT_URL, kept->url);
	curl_easy_setopt(t->easy, CURLOPT_REQUEST_TARGET, u->path);
	curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, kept->connect_to);
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, kept->urls[k->engine.step].headers);
	curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION,
			 (long)(k->conf->http.protocol == 11 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_1_0));
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, k);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, k);
	curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, k);
	curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, k);
	set_tls(t, k);
}

/* ---- what is kept of a check ---- */

/* The name that TLS asks for and verifies: "" = the address */
static const char *tls_name(const struct check *k)
{
	const struct conf_check *c = k->conf;
	const char *host = c->http.n_urls ? c->http.urls[0].virtualhost : "";

	if (!c->http.enable_sni && !c->http.verify)
		return "";
	return c->http.sni_name && c->http.sni_name[0] ? c->http.sni_name : host ? host : "";
}

static struct curl_slist *make_headers(const struct check *k, const struct conf_url *u, const char *address)
{
	struct curl_slist *l = NULL;
	char host[600];

	snprintf(host, sizeof(host), "Host: %s", url_host(u, address));
	l = curl_slist_append(l, host);
	if (l && !curl_slist_append(l, "Accept:"))
		goto fail;
	if (l && k->conf->http.protocol != 10 && !curl_slist_append(l, "Connection: close"))
		goto fail;
	return l;
fail:
	curl_slist_free_all(l);
	return NULL;
}

static void kept_free(struct https_kept *h)
{
	if (!h)
		return;
	for (uint32_t i = 0; i < h->n; i++) {
		curl_slist_free_all(h->urls[i].headers);
		page_regex_free(h->urls[i].regex.regex);
	}
	curl_slist_free_all(h->connect_to);
	free(h->url);
	free(h);
}

static struct https_kept *kept_new(const struct check *k)
{
	const uint32_t n = k->conf->http.n_urls;
	struct https_kept *h = calloc(1, sizeof(*h) + n * sizeof(h->urls[0]));
	const char *name = tls_name(k);
	char address[80], to[100];

	if (!h)
		return NULL;
	h->n = n;
	url_address(&k->at->addr, address, sizeof(address));
	if (name[0]) {
		/* A virtual host may come with a port. */
		if (asprintf(&h->url, "https://%.*s:%u/", (int)strcspn(name, ":/"), name, k->at->addr.port) < 0)
			h->url = NULL;
		snprintf(to, sizeof(to), "::%s", address);
		h->connect_to = curl_slist_append(NULL, to);
	} else if (asprintf(&h->url, "https://%s/", address) < 0) {
		h->url = NULL;
	}
	for (uint32_t i = 0; i < n; i++) {
		h->urls[i].headers = make_headers(k, &k->conf->http.urls[i], address);
		if (!h->urls[i].headers) {
			kept_free(h);
			return NULL;
		}
	}
	if (!h->url || (name[0] && !h->connect_to)) {
		kept_free(h);
		return NULL;
	}
	return h;
}

/* ---- the end of a try ---- */

static const char *phase(const struct check *k)
{
	const struct https_try *t = k->try;
	curl_off_t connected = 0;

	if (t->page.len)
		return "reading the answer";
	if (t->headers)
		return "reading the answer's headers";
	if (t->sending)
		return "waiting for the answer";
	curl_easy_getinfo(t->transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
	return connected ? "making the TLS connection" : "connecting";
}

static void judge(struct check *k)
{
	struct https_try *t = k->try;
	struct https_kept *h = k->kept;
	long status = 0;

	curl_easy_getinfo(t->transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	url_judge(k, &h->urls[k->engine.step].regex, &t->page, status);
}

static void socket_failed(struct check *k, const char *error)
{
	struct https_try *t = k->try;
	long err = 0;

	curl_easy_getinfo(t->transfer->easy, CURLINFO_OS_ERRNO, &err);
	if (t->socket_error)
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(t->socket_error));
	else if (err)
		sock_failed(k, (int)-err, phase(k));
	else
		check_done(k, ENGINE_FAILED, "%s while %s", error, phase(k));
}

static void done(struct transfer *transfer, CURLcode result)
{
	struct check *k = transfer->arg;
	struct https_try *t = k->try;
	const char *error = transfer->error[0] ? transfer->error : curl_easy_strerror(result);

	switch (result) {
	case CURLE_OK:
	case CURLE_PARTIAL_FILE: /* Content-Length was wrong: status and digest decide, as keepalived has it */
		judge(k);
		break;
	case CURLE_WRITE_ERROR:
		if (t->page.len > PAGE_MAX)
			judge(k);
		else
			check_done(k, ENGINE_FAILED, "headers of more than %d KiB", HEADERS_MAX >> 10);
		break;
	case CURLE_OUT_OF_MEMORY:
	case CURLE_FAILED_INIT:
	case CURLE_URL_MALFORMAT:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		check_done(k, ENGINE_AGAIN, "%s", error);
		break;
	case CURLE_COULDNT_CONNECT:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		socket_failed(k, error);
		break;
	case CURLE_GOT_NOTHING:
		check_done(k, ENGINE_FAILED, "connection closed without an answer");
		break;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		check_done(k, ENGINE_FAILED, "the answer is not HTTP: %s", error);
		break;
	default:
		check_done(k, ENGINE_FAILED, "%s while %s", error, phase(k));
	}
}

/* ---- the kinds ---- */

static bool prepare(struct check *k)
{
	struct https_try *t;

	if (!k->kept)
		k->kept = kept_new(k);
	if (!k->kept)
		return false;
	t = k->try = calloc(1, sizeof(*t));
	if (!t)
		return false;
	page_begin(&t->page, url_of(k), k->role->web->md5);
	t->transfer = pool_get(k->role->web);
	if (!t->transfer)
		return false;
	t->transfer->arg = k;
	t->transfer->done = done;
	set_up(t->transfer, k, k->kept);
	return true;
}

static void start(struct check *k)
{
	if (!k->conf->http.n_urls)
		check_done(k, ENGINE_AGAIN, "no url");
	else if (!prepare(k) || web_start(((struct https_try *)k->try)->transfer) < 0)
		check_done(k, ENGINE_AGAIN, "no memory");
	else
		check_step(k, k->conf->connect_timeout_us);
}

static void timeout(struct check *k)
{
	check_timed_out(k, phase(k));
}

static void end(struct check *k)
{
	struct https_try *t = k->try;

	if (!t)
		return;
	if (t->transfer) {
		web_stop(t->transfer);
		pool_put(k->role->web, t->transfer);
	}
	page_end(&t->page);
	free(t);
	k->try = NULL;
}

static void gone(struct check *k)
{
	kept_free(k->kept);
	k->kept = NULL;
}

const struct check_kind check_ssl = { .name = "SSL_GET",
				      .proto = "TCP",
				      .socket_type = SOCK_STREAM,
				      .start = start,
				      .timeout = timeout,
				      .end = end,
				      .gone = gone,
				      .success = "Remote Web server %s succeed on service." };
