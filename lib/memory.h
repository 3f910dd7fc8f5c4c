/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory - how much memory this process may count on: the machine's, or its cgroup's limit if that is lower.
 */
#ifndef ELVS_LIB_MEMORY_H
#define ELVS_LIB_MEMORY_H

#include <stdint.h>

uint64_t memory_limit(void);	/* bytes; both cgroup versions */

#endif
