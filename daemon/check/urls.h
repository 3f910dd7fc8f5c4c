/* SPDX-License-Identifier: GPL-2.0-or-later */
/* urls - what HTTP_GET and SSL_GET have in common: which URL it is, and how a try ends when a page came. */
#ifndef ELVS_DAEMON_CHECK_URLS_H
#define ELVS_DAEMON_CHECK_URLS_H

#include <stddef.h>

struct check;
struct conf_addr;
struct conf_url;
struct page;

#define URL_AGENT "KeepAliveClient" /* what web servers' logs are searched for */

const struct conf_url *url_of(const struct check *k); /* of this try */
/* "10.0.0.1:80", "[fd00::1]:80": where to, and the Host: of those who name none */
void url_address(const struct conf_addr *a, char *buf, size_t size);
const char *url_host(const struct conf_url *u, const char *address);
/* Begins with the page of this try; page_end() when the try ends. */
void url_page(const struct check *k, struct page *p);
/* Ends the try. Uses k->kept for compiled regular expressions, which url_gone() frees. */
void url_judge(struct check *k, struct page *p, long status);
void url_gone(struct check *k);

#endif
