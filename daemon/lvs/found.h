/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * found - services that somebody made with ipvsadm and that a service_check of the configuration asks to have
 * checked.
 *
 * It looks at the tables and says what is there as virtual servers in the configuration's language; everything after
 * that is as if somebody had written them. A server that our checks have taken out is remembered, one that somebody
 * else has deleted is not.
 */
#ifndef ELVS_LVS_FOUND_H
#define ELVS_LVS_FOUND_H

#include "conf.h"
#include "ctl.h"
#include "pool.h"

struct found;

/* state_file: where the text is kept over a restart, read at once if it is there; NULL: nowhere. NULL: no memory. */
struct found *found_new(const char *state_file);
void found_free(struct found *f);
/* Looks; true if the text has changed. Without an answer from the director nothing changes. */
bool found_look(struct found *f, struct ctl *c, const struct conf *conf, struct pool *pool);
const char *found_text(const struct found *f);

#endif
