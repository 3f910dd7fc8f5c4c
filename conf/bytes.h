/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes - content of configuration structs as a row of bytes that depends on nothing but what they mean: no
 * addresses, no indices (names stand for them), no places in the text. Equal bytes: equal content, in whatever arena.
 * Internal.
 */
#ifndef ELVS_CONF_BYTES_H
#define ELVS_CONF_BYTES_H

#include "conf.h"

struct bytes {
	uint8_t *p;
	size_t n, room;
	bool failed; /* no memory: compare as different */
};

void bytes_free(struct bytes *b);
void bytes_put(struct bytes *b, const void *p, size_t n);
void bytes_str(struct bytes *b, const char *s);
void bytes_script(struct bytes *b, const struct conf_script *s);
void bytes_check(struct bytes *b, const struct conf *c, const struct conf_check *check);
void bytes_target(struct bytes *b, const struct conf *c, const struct conf_target *t);
uint64_t bytes_hash(const struct bytes *b);
bool bytes_equal(const struct bytes *x, const struct bytes *y);

#endif
