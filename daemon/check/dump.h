/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump - the checks' part of a dump: text, a line or a few per check. */
#ifndef ELVS_DAEMON_CHECK_DUMP_H
#define ELVS_DAEMON_CHECK_DUMP_H

#include <stdint.h>

struct checker;

/* fd is borrowed. kind: enum dump_kind; others than DUMP_DATA and DUMP_STATS* have nothing of checks. */
void checker_dump(struct checker *r, int fd, uint32_t kind);

#endif
