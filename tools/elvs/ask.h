/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask - questions to director and supervisor, answered as JSON; text is rendered from the same answer.
 */
#ifndef ELVS_TOOLS_ASK_H
#define ELVS_TOOLS_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"

/*
 * Sends command with the given flag ATTR_PLAN or not and returns the array of its answers, each an object with the
 * attributes that it had (NULL on error, *ret_error -errno). dump: the answers are several.
 */
json_t *ask(struct ctl *c, uint8_t command, bool dump, bool plan, int *ret_error);

static inline const char *ask_str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "";
}
static inline json_int_t ask_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

#endif
