/* SPDX-License-Identifier: GPL-2.0-or-later */
/* priority - weights of tracked things added up. Pure; what is tracked how is conf.h's struct conf_track. */
#include "priority.h"

#define WEIGHT_MIN (-254) /* of a file: this is a fault (keepalived.conf(5), track_file) */
#define WEIGHT_MAX 253

static int clamp(int64_t v, int low, int high)
{
	return v < low ? low : v > high ? high : (int)v;
}

/* A file's number times its weight; weight 0: any number but 0 is a fault. reverse turns the sign, or 0 and not 0. */
static void add_file(struct vrrp_standing *s, const struct conf_track *t, int32_t value, int weight)
{
	int change;

	if (!weight) {
		s->faults += (value != 0) != t->reverse;
		return;
	}
	change = clamp((int64_t)value * weight * (t->reverse ? -1 : 1), WEIGHT_MIN, WEIGHT_MAX);
	if (change == WEIGHT_MIN)
		s->faults++;
	else
		s->sum += change;
}

/* Weight above 0: added while up; below: subtracted while down; 0: down is a fault. */
static void add_updown(struct vrrp_standing *s, const struct conf_track *t, bool up, int weight)
{
	up = up != t->reverse;
	if (!weight)
		s->faults += !up;
	else if (weight > 0)
		s->sum += up ? weight : 0;
	else
		s->sum += up ? 0 : weight;
}

void vrrp_standing_add(struct vrrp_standing *s, const struct conf_track *tracks, uint32_t n,
		       const struct vrrp_tracked *values, bool count_weights)
{
	for (uint32_t i = 0; i < n; i++) {
		int weight = count_weights ? tracks[i].weight : 0;

		if (!values[i].known)
			s->unknown += weight == 0;
		else if (tracks[i].kind == CONF_TRACK_FILE)
			add_file(s, &tracks[i], values[i].value, weight);
		else
			add_updown(s, &tracks[i], values[i].value != 0, weight);
	}
}

void vrrp_standing_finish(struct vrrp_standing *s, uint8_t base)
{
	s->priority = base == 255 ? 255 : (uint8_t)clamp((int64_t)base + s->sum, 1, 254);
}
