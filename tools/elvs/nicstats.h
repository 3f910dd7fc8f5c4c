/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nicstats - what a driver counts of XDP's failures (ethtool statistics), summed over its queues.
 */
#ifndef ELVS_TOOLS_NICSTATS_H
#define ELVS_TOOLS_NICSTATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the queue out of a statistic's name: "rx_queue_0_xdp_drops" -> "rx_xdp_drops". Returns false for a
 * statistic that is no failure of XDP's.
 */
bool nicstats_name(char ret[32], const char *name);
/* f gets each failure's name and sum, also when it is 0. -errno; -EOPNOTSUPP: the driver counts nothing. */
int nicstats_each(const char *dev, void (*f)(void *arg, const char *name, uint64_t count), void *arg);

#endif
