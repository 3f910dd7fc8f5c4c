/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sched_flags - names of the scheduler flags: three bits that every scheduler may read its own way.
 */
#ifndef IPVSADM_SCHED_FLAGS_H
#define IPVSADM_SCHED_FLAGS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Or-s the flags of a comma-separated list into *flags. -EINVAL: no such flag; -EOPNOTSUPP: another scheduler's.
 * Then bad is the name at fault.
 */
int sched_flags_parse(uint32_t *flags, const char *sched, const char *list, char *bad, size_t bad_size);

/* The names of a service's flags, comma-separated; empty when the scheduler has no name for the bits set. */
const char *sched_flags_format(char *buf, size_t size, uint32_t flags, const char *sched);

#define SCHED_FLAGS_TEXT 64

#endif
