/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * priority - what tracked things do to an instance: its effective priority, and whether it may run at all.
 *
 * Pure. Weight 0: a failure is a fault. Other weights are added up and clamped to 1..254; an owner (255) stays one.
 */
#ifndef ELVS_DAEMON_VRRP_PRIORITY_H
#define ELVS_DAEMON_VRRP_PRIORITY_H

#include "conf/conf.h"

/* How a tracked thing is: an interface, script, process, BFD session is up (1) or down (0); a file has a number. */
struct vrrp_tracked {
	bool known; /* a script that has not run yet is not */
	int32_t value;
};

struct vrrp_standing {
	int sum;	  /* of weights */
	uint32_t faults;  /* tracks that forbid to run */
	uint32_t unknown; /* tracks of weight 0 that are not known yet */
	uint8_t priority; /* set by vrrp_standing_finish() */
};

/*
 * Adds tracks to s (zeroed at first). values[i] belongs to tracks[i]. count_weights false: weights do not count, as
 * for members of a sync group without sync_group_tracking_weight: they are taken as 0, a failure is a fault.
 */
void vrrp_standing_add(struct vrrp_standing *s, const struct conf_track *tracks, uint32_t n,
		       const struct vrrp_tracked *values, bool count_weights);
/* The effective priority of an instance configured with base. */
void vrrp_standing_finish(struct vrrp_standing *s, uint8_t base);

#endif
