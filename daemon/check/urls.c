/* SPDX-License-Identifier: GPL-2.0-or-later */
/* urls - see urls.h. */
#include "urls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "check.h"
#include "log.h"
#include "page.h"

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

/* false: it is no expression, said once. */
static bool regex_ready(struct check *k, struct url_regex *x)
{
	char why[160] = "no memory";

	if (url_of(k)->regex[0] && !x->tried) {
		x->regex = page_regex_new(url_of(k), why, sizeof(why));
		x->tried = true;
		if (!x->regex)
			log_err("%s %s: %s", k->kind->name, k->label, why);
	}
	return x->regex || !url_of(k)->regex[0];
}

void url_judge(struct check *k, struct url_regex *x, struct page *p, long status)
{
	char why[300];
	int r;

	if (!regex_ready(k, x)) {
		check_done(k, ENGINE_AGAIN, "the regex is none");
		return;
	}
	r = page_judge(p, url_of(k), x->regex, status, why, sizeof(why));
	if (r == -ENOMEM)
		check_done(k, ENGINE_AGAIN, "no memory, or no MD5, to look at the answer");
	else if (r < 0)
		check_done(k, ENGINE_FAILED, "%s", why);
	else
		check_done(k, ENGINE_OK, NULL);
}
