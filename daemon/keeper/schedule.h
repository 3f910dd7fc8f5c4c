/* SPDX-License-Identifier: GPL-2.0-or-later */
/* schedule - how the keeper, the check and the BFD role are scheduled, as configured (vrrp does its own). */
#ifndef ELVS_KEEPER_SCHEDULE_H
#define ELVS_KEEPER_SCHEDULE_H

#include "conf.h"

/*
 * Of the calling process: name, nice, SCHED_RR (not handed on to what it forks), CPUs, memory that is not swapped;
 * what is not asked for stays as inherited. What cannot be had is logged.
 */
void schedule_apply(const struct conf_process *p);

#endif
