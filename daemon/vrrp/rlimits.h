/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rlimits - how a process is scheduled: nice, SCHED_RR, CPUs, memory that is not swapped (vrrp_priority, ...). */
#ifndef ELVS_VRRP_RLIMITS_H
#define ELVS_VRRP_RLIMITS_H

#include "conf.h"

/* Logs what cannot be had; what it starts later (ip, nft) does not inherit the real-time class. */
void rlimits_apply(const struct conf_process *p);

#endif
