/* SPDX-License-Identifier: GPL-2.0-or-later */
/* floor - what the same connections cost when nobody checks anything: bare socket calls in one epoll loop. */
#ifndef ELVS_BENCH_CHECKS_FLOOR_H
#define ELVS_BENCH_CHECKS_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Connects to port 80 of first .. first + n - 1 (host order) in turn, `rate' a second for `seconds'; with http it
 * asks for a page and waits for the answer. Returns CPU time of this process per connection in us, -1 when none
 * succeeded.
 */
double floor_us(uint32_t first, unsigned n, unsigned rate, unsigned seconds, bool http);

#endif
