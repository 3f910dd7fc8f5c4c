/* SPDX-License-Identifier: GPL-2.0-or-later */
/* urls - see urls.h. */
#include "urls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "log.h"
#include "page.h"
#include "web.h"

const struct conf_url *url_of(const struct check *k)
{
	return &k->conf->http.urls[k->engine.step];
}

void url_address(const struct conf_addr *a, char *buf, size_t size)
{
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(a->family, a->bytes, ip, sizeof(ip));
	snprintf(buf, size, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip, a->port);
}

const char *url_host(const struct conf_url *u, const char *address)
{
	return u->virtualhost && u->virtualhost[0] ? u->virtualhost : address;
}

void url_page(const struct check *k, struct page *p)
{
	const struct conf_url *u = url_of(k);

	page_begin(p, u);
}

/* ---- regular expressions: compiled when they are needed first, as many as there are URLs ---- */

struct url_regex {
	struct page_regex *regex;
	bool tried;
};

static struct url_regex *regex_of(struct check *k)
{
	if (!k->kept)
		k->kept = calloc(k->conf->http.n_urls, sizeof(struct url_regex));
	return k->kept ? (struct url_regex *)k->kept + k->engine.step : NULL;
}

void url_gone(struct check *k)
{
	struct url_regex *x = k->kept;

	for (uint32_t i = 0; x && i < k->conf->http.n_urls; i++)
		page_regex_free(x[i].regex);
	free(x);
	k->kept = NULL;
}

/* NULL: it is no expression, said once. */
static struct page_regex *compiled(struct check *k)
{
	struct url_regex *x = regex_of(k);
	char why[160] = "no memory";

	if (x && !x->tried) {
		x->regex = page_regex_new(url_of(k), why, sizeof(why));
		x->tried = true;
		if (!x->regex)
			log_err("%s %s: %s", k->kind->name, CHECK_LABEL(k), why);
	}
	return x ? x->regex : NULL;
}

void url_judge(struct check *k, struct page *p, long status)
{
	struct page_regex *regex = NULL;
	char why[300];
	int r;

	if (url_of(k)->regex[0]) {
		regex = compiled(k);
		if (!regex) {
			check_done(k, ENGINE_AGAIN, "the regex is none");
			return;
		}
	}
	r = page_judge(p, url_of(k), regex, status, why, sizeof(why));
	if (r == -ENOMEM)
		check_done(k, ENGINE_AGAIN, "no memory to look at the answer");
	else if (r < 0)
		check_done(k, ENGINE_FAILED, "%s", why);
	else
		check_done(k, ENGINE_OK, NULL);
}
