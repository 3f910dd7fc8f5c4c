/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page - what came from a web server, held against what a url block wants: status, MD5 of the body, regex.
 *
 * The body is digested as it comes, and kept only when there is a regular expression, up to PAGE_KEPT bytes. Regular
 * expressions are matched with bounds on time and memory: both they and the body are foreign.
 */
#ifndef ELVS_DAEMON_CHECK_PAGE_H
#define ELVS_DAEMON_CHECK_PAGE_H

#include <nettle/md5.h>
#include <stdbool.h>
#include <stddef.h>

#define PAGE_KEPT (1 << 20) /* bytes that a regular expression may look at */
#define PAGE_MAX (64 << 20) /* bytes that are read at all */

struct conf_url;
struct page_regex; /* a compiled expression */

struct page {
	struct md5_ctx digest;
	char *body; /* NULL: not wanted */
	size_t kept, room, len;
	bool wants_digest, no_memory;
};

void page_begin(struct page *p, const struct conf_url *u);
/* false: that is enough, nothing more needs to be read. */
bool page_add(struct page *p, const void *data, size_t n);
/* 0, or -EINVAL and what is wrong in why; -ENOMEM: nobody can say. regex: NULL when u has none. */
int page_judge(struct page *p, const struct conf_url *u, struct page_regex *regex, long status, char *why,
	       size_t size);
void page_end(struct page *p);

/* NULL: it is no regular expression (why says where), or no memory. */
struct page_regex *page_regex_new(const struct conf_url *u, char *why, size_t size);
void page_regex_free(struct page_regex *r);

/* "200-299", "200, 301-302"; the length as snprintf */
int page_status_text(const struct conf_url *u, char *buf, size_t size);

#endif
