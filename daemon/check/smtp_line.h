/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smtp_line - one reply of an SMTP server (RFC 5321 4.2), perhaps of several lines, as its bytes come in.
 *
 * Knows codes, not texts. Foreign bytes; fuzzed.
 */
#ifndef ELVS_DAEMON_CHECK_SMTP_LINE_H
#define ELVS_DAEMON_CHECK_SMTP_LINE_H

#include <stddef.h>

#define SMTP_REPLY_MAX 4096 /* bytes of a whole reply */

/* The code (200..599) when buf holds a whole reply, 0 when more is to come, -EINVAL when it is none. */
int smtp_reply(const char *buf, size_t len);

#endif
