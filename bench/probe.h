/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe - how fast the machine's memory is just now. A virtual machine shares its last cache with strangers, and the
 * same cell may cost three times as much a minute later; this figure, taken beside each cell, tells that apart.
 */
#ifndef ELVS_BENCH_PROBE_H
#define ELVS_BENCH_PROBE_H

/* ns of one dependent read at a random place of 8 MB in 4 KB pages, about a table of 100k flows; 0: no memory */
double probe_memory_ns(void);

#endif
