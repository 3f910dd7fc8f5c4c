/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rise_fall - a verdict from results: up after `rise' successes, down after `fall' failures. Pure.
 *
 * Until the first result nothing is known, unless it begins as failed; that first one decides at once.
 */
#ifndef ELVS_KEEPER_RISE_FALL_H
#define ELVS_KEEPER_RISE_FALL_H

#include <stdbool.h>
#include <stdint.h>

struct rise_fall {
	bool known, up;
	bool decided;	  /* a result has come */
	uint32_t against; /* results in a row that contradict the verdict */
};

void rise_fall_begin(struct rise_fall *r, bool init_fail);
/* Returns whether known or up has changed. rise and fall: 1 or more. */
bool rise_fall_step(struct rise_fall *r, uint32_t rise, uint32_t fall, bool success);

#endif
