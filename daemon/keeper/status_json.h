/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status_json - what the keeper knows, as one JSON object: for `elvs status' and the status page. */
#ifndef ELVS_KEEPER_STATUS_JSON_H
#define ELVS_KEEPER_STATUS_JSON_H

#include <jansson.h>

#include "keeper.h"

json_t *status_json(const struct keeper *k); /* the caller's; NULL: out of memory */
bool status_json_write(const struct keeper *k, int fd); /* for a snapshot */

#endif
