/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - what time it is, for loops and their timers. State machines are told; they never ask.
 */
#ifndef ELVS_BASE_CLOCK_H
#define ELVS_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds of CLOCK_MONOTONIC: never goes back, stands still while the machine is suspended. */
uint64_t clock_us(void);

#endif
