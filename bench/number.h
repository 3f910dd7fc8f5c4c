/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * number - counts on a command line: 1000, 100k, 1M.
 */
#ifndef ELVS_BENCH_NUMBER_H
#define ELVS_BENCH_NUMBER_H

#include <stdint.h>

int number_parse(const char *text, uint32_t *ret); /* 0; -EINVAL: no number, or above 4 billion */

#endif
