/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_text - what `elvs check' writes: a file of service_check blocks, one for each service, in keepalived's
 * language. Pure: words in, text out.
 */
#ifndef ELVS_TOOLS_CHECK_TEXT_H
#define ELVS_TOOLS_CHECK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A check as the command line gives it; NULL and 0 where nothing was said. */
struct check_words {
	const char *kind;	/* tcp, http, https, smtp, dns, ping, udp, misc, agent */
	const char *arg;	/* path, name, command, port */
	const char *expect, *status, *host;
	const char *interval, *timeout;		/* seconds */
	const char *port, *retry, *fall, *rise;
	bool inhibit;
};

/*
 * "10.0.0.1:80", "tcp:10.0.0.1:80", "udp:[fc00::1]:53", "fwmark:10", "fwmark:10:inet6" -> the words after
 * service_check ("10.0.0.1 80") and the protocol ("" for a mark). 0, or -EINVAL with *ret_why.
 */
int check_service(const char *word, char *ret_name, size_t size, const char **ret_proto, const char **ret_why);
/* The block; malloc()ed. NULL with *ret_why: what is wrong with the words. */
char *check_block(const char *name, const char *proto, const struct check_words *w, const char **ret_why);
/* old (a file's text, may be "") with the block of that name replaced, added, or with block NULL taken out. */
char *check_merge(const char *old, const char *name, const char *proto, const char *block);
/* The block of that name in text is there. */
bool check_has(const char *text, const char *name, const char *proto);
bool check_empty(const char *text);	/* no block at all */

#endif
