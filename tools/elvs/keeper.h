/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper - asks the keepalived that runs in this network namespace (abi/keeper_wire.h). */
#ifndef ELVS_TOOLS_KEEPER_H
#define ELVS_TOOLS_KEEPER_H

#include <jansson.h>

/*
 * Sends request (borrowed) to the first and returns the answer, the caller's; NULL: *ret_error is -ENOENT or -ECONNREFUSED if no
 * keeper runs here, else another -errno.
 */
json_t *keeper_ask(const json_t *request, int *ret_error);
/* Several may run in one namespace (keepalived -i, or with pid files of their own): an array of the answers of all. */
json_t *keeper_ask_all(const json_t *request, int *ret_error);
/* {"verb":verb} */
json_t *keeper_ask_verb(const char *verb, int *ret_error);

#endif
