/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decap - how the decapsulating program of a real server stands. Attaching it is a change like others (change.h).
 */
#ifndef ELVS_TOOLS_DECAP_H
#define ELVS_TOOLS_DECAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "abi/decap.h"

struct decap_status {
	uint32_t prog_id;
	const char *hook; /* "xdp", "tc" */
	bool counted;	  /* counts could be read (that takes CAP_SYS_ADMIN) */
	uint64_t counts[DECAP_COUNTS];
};

/* change: the journal's decap change of that interface. -ENODEV, -ENOENT: not attached (any more). */
int decap_status(const char *dev, const json_t *change, struct decap_status *ret);
const char *decap_counter_text(unsigned int i);

#endif
