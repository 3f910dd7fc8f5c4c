/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store - a row's value between the words of a line and its field (internal). */
#ifndef ELVS_CONF_STORE_H
#define ELVS_CONF_STORE_H

#include "schema.h"

/*
 * Reads what follows the keyword of n into field; false: reported, field untouched. Kinds with `set` only: nothing.
 */
bool store_value(struct load *l, const struct row *r, void *field, const struct conf_node *n);
int64_t store_fetch_int(const void *field, const struct row *r);
/* The range that r allows: its own, or its field's. Times: microseconds. */
void store_range(const struct row *r, int64_t *min, int64_t *max);
/* Words that a line of this row may have, with the keyword; UINT32_MAX: any. */
unsigned store_words(const struct row *r);

#endif
