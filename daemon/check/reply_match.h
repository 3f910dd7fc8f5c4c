/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reply_match - whether a datagram is the reply that a UDP_CHECK wants: its length, and its bytes under a mask.
 */
#ifndef ELVS_DAEMON_CHECK_REPLY_MATCH_H
#define ELVS_DAEMON_CHECK_REPLY_MATCH_H

#include <stddef.h>
#include <stdint.h>

struct conf_check;

/* 0, or what is wrong into why ("reply of 3 bytes, want at least 4"). c->kind is CONF_CHECK_UDP. */
int reply_match(const struct conf_check *c, const uint8_t *reply, size_t len, char *why, size_t why_size);

#endif
