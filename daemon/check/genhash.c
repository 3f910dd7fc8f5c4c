/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * genhash - see genhash.h. One transfer, waited for; the same request as HTTP_GET makes, so that the digest is the
 * same.
 *
 * Output is keepalived's: the hash alone, or with -v the headers, the body and the hash as hexadecimal dumps. Unlike
 * keepalived's, it says no and exits with 1 when there was no page; a page of another status than 200 is hashed, too.
 */
#include "genhash.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <nettle/md5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct genhash {
	const char *program, *server, *url, *vhost, *protocol;
	long port, timeout;
	unsigned mark;
	bool tls, sni, verbose;
	struct md5_ctx digest;
	char *headers;
	size_t n_headers;
};

static void usage(const struct genhash *g, FILE *f)
{
	fprintf(f,
		"Usage: %s -s SERVER -p PORT -u URL [OPTION]...\n"
		"Prints the MD5 of a page, as `digest' in HTTP_GET and SSL_GET wants it.\n"
		"\n"
		"  -s, --server ADDRESS        of the web server\n"
		"  -p, --port PORT             default 80, with -S 443\n"
		"  -u, --url PATH              of the page\n"
		"  -S, --use-ssl               HTTPS\n"
		"  -I, --use-sni               name the virtual host when TLS begins\n"
		"  -V, --use-virtualhost HOST  the Host: header; default is the address\n"
		"  -P, --protocol VERSION      1.0, 1.0c (with Connection: close) or 1.1; default 1.0\n"
		"  -t, --timeout SECONDS       default 5\n"
		"  -m, --fwmark MARK           of the socket\n"
		"  -v, --verbose               headers, body and times, too\n"
		"  -h, --help                  this text\n",
		g->program);
}

/* ---- dumps ---- */

static void dump(const char *data, size_t n)
{
	for (size_t at = 0; at < n; at += 16) {
		printf("%04zx  ", at);
		for (size_t i = at; i < at + 16; i++) {
			if (i == at + 8)
				printf("- ");
			if (i < n)
				printf("%02x ", (unsigned char)data[i]);
			else
				printf("   ");
		}
		printf("  ");
		for (size_t i = at; i < at + 16 && i < n; i++)
			putchar(isprint((unsigned char)data[i]) ? data[i] : '.');
		putchar('\n');
	}
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct genhash *g = arg;
	char *more = realloc(g->headers, g->n_headers + size * n + 1);

	if (!more)
		return 0;
	memcpy(more + g->n_headers, data, size * n);
	g->headers = more;
	g->n_headers += size * n;
	more[g->n_headers] = '\0';
	return size * n;
}

static void show_headers(struct genhash *g)
{
	if (!g->headers)
		return;
	puts("-----------------------[    HTTP Header Buffer    ]-----------------------");
	dump(g->headers, g->n_headers);
	puts("-----------------------[ HTTP Header Ascii Buffer ]-----------------------");
	fwrite(g->headers, 1, g->n_headers, stdout);
	puts("\n-----------------------[        HTML Buffer        ]-----------------------");
	free(g->headers);
	g->headers = NULL;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	struct genhash *g = arg;

	if (g->verbose) {
		show_headers(g);
		dump(data, size * n);
	}
	md5_update(&g->digest, size * n, (const uint8_t *)data);
	return size * n;
}

/* ---- the transfer ---- */

static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const struct genhash *g = arg;

	if (!g->mark || setsockopt(fd, SOL_SOCKET, SO_MARK, &g->mark, sizeof(g->mark)) == 0)
		return CURL_SOCKOPT_OK;
	fprintf(stderr, "%s: the mark %u cannot be set: %s\n", g->program, g->mark, strerror(errno));
	return CURL_SOCKOPT_ERROR;
}

static struct curl_slist *headers_of(const struct genhash *g, const char *address)
{
	char host[600];
	struct curl_slist *l;

	snprintf(host, sizeof(host), "Host: %s", g->vhost ? g->vhost : address);
	l = curl_slist_append(NULL, host);
	curl_slist_append(l, "Accept:");
	if (strcmp(g->protocol, "1.0"))
		curl_slist_append(l, "Connection: close");
	return l;
}

static CURLcode transfer(struct genhash *g, CURL *e, char *error)
{
	char address[100], url[700], to[110];
	struct curl_slist *headers, *connect_to = NULL;
	CURLcode r;

	snprintf(address, sizeof(address), strchr(g->server, ':') ? "[%s]:%ld" : "%s:%ld", g->server, g->port);
	snprintf(to, sizeof(to), "::%s", address);
	snprintf(url, sizeof(url), "%s://%s/", g->tls ? "https" : "http", address);
	if (g->tls && g->sni && g->vhost) {
		snprintf(url, sizeof(url), "https://%.*s:%ld/", (int)strcspn(g->vhost, ":/"), g->vhost, g->port);
		connect_to = curl_slist_append(NULL, to);
	}
	headers = headers_of(g, address);
	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_CONNECT_TO, connect_to);
	curl_easy_setopt(e, CURLOPT_REQUEST_TARGET, g->url);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "KeepAliveClient");
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
			 (long)(!strcmp(g->protocol, "1.1") ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_1_0));
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, g->timeout);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, g->timeout);
	curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(e, CURLOPT_SOCKOPTDATA, g);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, g);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, g);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, error);
	r = curl_easy_perform(e);
	curl_slist_free_all(headers);
	curl_slist_free_all(connect_to);
	return r;
}

static void show_hash(struct genhash *g, CURL *e)
{
	uint8_t md5[MD5_DIGEST_SIZE];
	curl_off_t us = 0;

	md5_digest(&g->digest, sizeof(md5), md5);
	if (g->verbose) {
		show_headers(g);
		puts("\n-----------------------[    HTML hash resulting    ]-----------------------");
		dump((const char *)md5, 16);
		puts("-----------------------[ HTML hash final resulting ]-----------------------");
	}
	for (int i = 0; i < 16; i++)
		printf("%02x", md5[i]);
	putchar('\n');
	curl_easy_getinfo(e, CURLINFO_TOTAL_TIME_T, &us);
	if (g->verbose)
		printf("\nGlobal response time for [%s] = %lld usecs\n", g->url, (long long)us);
}

static int run(struct genhash *g)
{
	char error[CURL_ERROR_SIZE] = "";
	CURL *e;
	CURLcode r = CURLE_OUT_OF_MEMORY;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	e = curl_easy_init();
	md5_init(&g->digest);
	if (e)
		r = transfer(g, e, error);
	if (r == CURLE_OK)
		show_hash(g, e);
	else
		fprintf(stderr, "%s: %s port %ld: %s\n", g->program, g->server, g->port,
			error[0] ? error : curl_easy_strerror(r));
	free(g->headers);
	curl_easy_cleanup(e);
	curl_global_cleanup();
	return r == CURLE_OK ? 0 : 1;
}

/* ---- options ---- */

static bool is_address(const char *s)
{
	uint8_t buf[16];

	return inet_pton(AF_INET, s, buf) == 1 || inet_pton(AF_INET6, s, buf) == 1;
}

static bool number(const char *s, unsigned long min, unsigned long max, unsigned long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoul(s, &end, 0);
	return isdigit((unsigned char)*s) && !*end && !errno && *ret >= min && *ret <= max;
}

/* One option; NULL or what is wrong with it */
static const char *take(struct genhash *g, int c, char *arg)
{
	unsigned long n = 0;

	switch (c) {
	case 's':
		g->server = arg;
		return is_address(arg) ? NULL : "server should be an IP address";
	case 'p':
		if (!number(arg, 1, 65535, &n))
			return "invalid port number, want 1 to 65535";
		g->port = (long)n;
		return NULL;
	case 'm':
		if (!number(arg, 0, UINT32_MAX, &n))
			return "invalid fwmark, want 0 to 4294967295";
		g->mark = (unsigned)n;
		return NULL;
	case 't':
		if (!number(arg, 1, 3600, &n))
			return "invalid timeout, want 1 to 3600 seconds";
		g->timeout = (long)n;
		return NULL;
	case 'P':
		g->protocol = arg;
		return !strcmp(arg, "1.0") || !strcasecmp(arg, "1.0c") || !strcmp(arg, "1.1")
			       ? NULL
			       : "invalid HTTP protocol version, want 1.0, 1.0c or 1.1";
	case 'u':
		g->url = arg;
		return NULL;
	case 'V':
		g->vhost = arg;
		return NULL;
	default:
		return "";
	}
}

/* -1: go on; else the exit status */
static int options(struct genhash *g, int argc, char **argv)
{
	static const struct option words[] = {
		{ "use-ssl", no_argument, NULL, 'S' },	      { "use-sni", no_argument, NULL, 'I' },
		{ "server", required_argument, NULL, 's' },   { "port", required_argument, NULL, 'p' },
		{ "url", required_argument, NULL, 'u' },      { "use-virtualhost", required_argument, NULL, 'V' },
		{ "protocol", required_argument, NULL, 'P' }, { "timeout", required_argument, NULL, 't' },
		{ "fwmark", required_argument, NULL, 'm' },   { "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },	      { NULL, 0, NULL, 0 }
	};
	const char *wrong;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "SIs:p:u:V:P:t:m:vh", words, NULL)) != -1) {
		if (c == 'h') {
			usage(g, stdout);
			return 0;
		}
		wrong = c == 'S' || c == 'I' || c == 'v' ? NULL : take(g, c, optarg);
		g->tls = g->tls || c == 'S';
		g->sni = g->sni || c == 'I';
		g->verbose = g->verbose || c == 'v';
		if (wrong && *wrong)
			fprintf(stderr, "%s: %s: %s\n", g->program, optarg, wrong);
		if (wrong)
			return 2;
	}
	if (optind < argc) {
		fprintf(stderr, "%s: unexpected argument: %s\n", g->program, argv[optind]);
		return 2;
	}
	if (!g->server || !g->url) {
		fprintf(stderr, "%s: %s is missing\n", g->program, g->server ? "the url (-u)" : "the server (-s)");
		usage(g, stderr);
		return 2;
	}
	g->port = g->port ? g->port : g->tls ? 443 : 80;
	return -1;
}

int genhash_main(int argc, char **argv)
{
	struct genhash g = { .program = argv[0], .protocol = "1.0", .timeout = 5 };
	int r = options(&g, argc, argv);

	return r < 0 ? run(&g) : r;
}
