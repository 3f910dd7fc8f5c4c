/* SPDX-License-Identifier: GPL-2.0-or-later */
/* when - the time that a reload_time_file holds. Pure: over its text and the time it is now. */
#ifndef ELVS_KEEPER_WHEN_H
#define ELVS_KEEPER_WHEN_H

#include <stddef.h>
#include <time.h>

/*
 * text: "HH:MM:SS" (the next time that it is so late) or "[YY]YY-MM-DD HH:MM:SS", local time, or UTC with a Z at the
 * end; blanks around. Returns 0, or -EINVAL. *ret may be past: whoever asks for that has missed it.
 */
int when_parse(const char *text, size_t n, time_t now, time_t *ret);

#endif
