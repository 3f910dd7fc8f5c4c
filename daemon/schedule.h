/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schedule - how a process is scheduled, as configured (vrrp_priority, checker_rt_priority, ...): nice, SCHED_RR, CPUs,
 * memory that is not swapped. Of the calling process; what it forks does not inherit the real-time class. What cannot
 * be had is logged.
 */
#ifndef ELVS_DAEMON_SCHEDULE_H
#define ELVS_DAEMON_SCHEDULE_H

#include "conf.h"

/* The keeper and the check role: its name, too; what is not asked for stays as inherited. */
void schedule_apply(const struct conf_process *p);
/*
 * VRRP and BFD, whose peers count milliseconds. A process without any wish (vrrp_rt_priority, vrrp_priority) gets
 * SCHED_RR 1, the lowest there is above all ordinary ones: with four busy processes on two CPUs adverts were up to
 * 230 ms late without it, and 1.3 ms with it. Returns the priority, 0: none.
 */
int schedule_urgent(const struct conf_process *p);
int schedule_realtime(const struct conf_process *p, int priority); /* -errno; not logged */

#endif
