/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mail_text - a notification as a message (RFC 5322), with keepalived's headers. Pure. */
#ifndef ELVS_DAEMON_CHECK_MAIL_TEXT_H
#define ELVS_DAEMON_CHECK_MAIL_TEXT_H

#include <stddef.h>
#include <time.h>

struct conf_global;

/* The whole text with CRLF lines; the caller frees it. NULL: no memory. Nothing in subject can become a header. */
char *mail_text(const struct conf_global *g, const char *subject, const char *body, time_t now, size_t *ret_len);

#endif
