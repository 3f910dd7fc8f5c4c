/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * https - SSL_GET: as HTTP_GET (http.c), over TLS.
 *
 * HTTP and TLS are libcurl's; the time is ours, as keepalived counts it: connect_timeout for the connection (with
 * TLS), then anew for each piece of the answer, total_timeout for the whole.
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

#define IDLE_MIN 8 /* handles of about 6 KiB each that are kept in any case; as many as run besides */
#define HEADERS_MAX (256 << 10)

struct https_pool {
	struct transfer *idle;
	uint32_t n, running;
};

struct https_try {
	struct transfer *transfer;
	struct curl_slist *headers;
	struct curl_slist *connect_to; /* when the URL has a name in it */
	struct page page;
	size_t n_headers; /* bytes of the answer's */
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

	if (t) {
		p->idle = t->next;
		p->n--;
	} else {
		t = new_transfer(w);
	}
	p->running += !!t;
	return t;
}

/* As many are kept as run now, so that a wave of them leaves no more behind than it needs. */
static void pool_put(struct web *w, struct transfer *t)
{
	struct https_pool *p = w->pool;

	t->next = p->idle;
	p->idle = t;
	p->n++;
	p->running--;
	while (p->n > IDLE_MIN && p->n > p->running) {
		t = p->idle;
		p->idle = t->next;
		p->n--;
		web_transfer_free(t);
	}
}

/* ---- what curl calls ---- */

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct check *k = arg;
	struct https_try *t = k->run->try;

	t->n_headers += size * n;
	if (t->n_headers > HEADERS_MAX)
		return 0;
	check_step(k, k->conf->connect_timeout_us);
	return size * n;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct check *k = arg;
	struct https_try *t = k->run->try;

	check_step(k, k->conf->connect_timeout_us);
	return page_add(&t->page, data, size * n) ? size * n : 0;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct check *k = arg;
	struct https_try *t = k->run->try;
	int fd, r = sock_open(k, SOCK_STREAM);

	if (r < 0) {
		t->socket_error = r;
		return CURL_SOCKET_BAD;
	}
	sock_manner(k->run->fd, SOCK_ASKS);
	fd = k->run->fd;
	k->run->fd = -1; /* curl's from now on */
	return fd;
}

static int on_connected(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct check *k = arg;
	struct https_try *t = k->run->try;

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

/* The name that TLS asks for and verifies: "" = the address */
static const char *tls_name(const struct check *k)
{
	const struct conf_check *c = k->conf;
	const char *host = c->http.n_urls ? c->http.urls[0].virtualhost : "";

	if (!c->http.enable_sni && !c->http.verify)
		return "";
	return c->http.sni_name && c->http.sni_name[0] ? c->http.sni_name : host ? host : "";
}

/* list with text behind it; it is freed, and NULL, when there is no memory. */
static struct curl_slist *append(struct curl_slist *list, const char *text)
{
	struct curl_slist *l = curl_slist_append(list, text);

	if (!l)
		curl_slist_free_all(list);
	return l;
}

static struct curl_slist *make_headers(const struct check *k, const struct conf_url *u, const char *address)
{
	struct curl_slist *l;
	char *host;

	if (asprintf(&host, "Host: %s", url_host(u, address)) < 0)
		return NULL;
	l = append(NULL, host);
	free(host);
	if (l)
		l = append(l, "Accept:");
	if (l && k->conf->http.protocol != 10)
		l = append(l, "Connection: close");
	return l;
}

/* Whom to ask: the path goes by itself. A name in the URL is for TLS alone, the connection goes to the address. */
static bool set_url(struct https_try *t, const struct check *k, const char *address)
{
	const char *name = tls_name(k);
	char *url, to[100];
	int n;

	if (name[0]) {
		/* A virtual host may come with a port. */
		n = asprintf(&url, "https://%.*s:%u/", (int)strcspn(name, ":/"), name, k->at->addr.port);
		snprintf(to, sizeof(to), "::%s", address);
		t->connect_to = append(NULL, to);
	} else {
		n = asprintf(&url, "https://%s/", address);
	}
	if (n < 0)
		return false;
	curl_easy_setopt(t->transfer->easy, CURLOPT_CONNECT_TO, t->connect_to);
	n = curl_easy_setopt(t->transfer->easy, CURLOPT_URL, url);
	free(url);
	return n == CURLE_OK && (t->connect_to || !name[0]);
}

static bool set_up(struct https_try *t, struct check *k)
{
	const struct conf_url *u = url_of(k);
	CURL *easy = t->transfer->easy;
	char address[80];

	url_address(&k->at->addr, address, sizeof(address));
	t->headers = make_headers(k, u, address);
	if (!t->headers || !set_url(t, k, address))
		return false;
	curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, u->path);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)(k->conf->http.protocol == 11 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_1_0));
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, k);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, k);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, k);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, k);
	set_tls(t->transfer, k);
	return true;
}

/* ---- the end of a try ---- */

static const char *phase(const struct check *k)
{
	const struct https_try *t = k->run->try;

	if (t->page.len)
		return "reading the answer";
	if (t->n_headers)
		return "reading the answer's headers";
	if (t->sending)
		return "waiting for the answer";
	return t->transfer->connected ? "making the TLS connection" : "connecting";
}

static void judge(struct check *k)
{
	struct https_try *t = k->run->try;
	long status = 0;

	curl_easy_getinfo(t->transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	url_judge(k, &t->page, status);
}

static void socket_failed(struct check *k, const char *error)
{
	struct https_try *t = k->run->try;
	long err = 0;

	curl_easy_getinfo(t->transfer->easy, CURLINFO_OS_ERRNO, &err);
	if (t->socket_error)
		check_done(k, ENGINE_AGAIN, "%s", sock_error_text(t->socket_error));
	else if (err)
		sock_failed(k, (int)-err, phase(k));
	else
		check_done(k, ENGINE_FAILED, "%s while %s", error, phase(k));
}

/* curl's own words end with a blank now and then. */
static const char *error_text(struct transfer *t, CURLcode result)
{
	size_t n = strlen(t->error);

	while (n && t->error[n - 1] == ' ')
		t->error[--n] = '\0';
	return n ? t->error : curl_easy_strerror(result);
}

static void done(struct transfer *transfer, CURLcode result)
{
	struct check *k = transfer->arg;
	struct https_try *t = k->run->try;
	const char *error = error_text(transfer, result);

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
	struct https_try *t = k->run->try;

	url_page(k, &t->page);
	t->transfer = pool_get(k->role->web);
	if (!t->transfer)
		return false;
	t->transfer->arg = k;
	t->transfer->done = done;
	return set_up(t, k) && web_start(t->transfer) == 0;
}

static void start(struct check *k)
{
	if (!k->conf->http.n_urls)
		check_done(k, ENGINE_AGAIN, "no url");
	else if (!prepare(k))
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
	struct https_try *t = k->run->try;

	if (t->transfer) {
		web_stop(t->transfer);
		pool_put(k->role->web, t->transfer);
	}
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connect_to);
	page_end(&t->page);
}

const struct check_kind check_ssl = { .name = "SSL_GET",
				      .proto = "TCP",
				      .socket_type = SOCK_STREAM,
				      .try_size = sizeof(struct https_try),
				      .start = start,
				      .timeout = timeout,
				      .end = end,
				      .gone = url_gone,
				      .success = "Remote Web server %s succeed on service." };
