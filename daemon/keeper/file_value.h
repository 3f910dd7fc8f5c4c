/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file_value - the number that a tracked file holds: its first word. Pure; any bytes may come. */
#ifndef ELVS_KEEPER_FILE_VALUE_H
#define ELVS_KEEPER_FILE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: there is no number; *ret is 0 then. Blank text is 0. What is beyond 32 bits is taken as their limit. */
bool file_value(const char *text, size_t n, int32_t *ret);

#endif
