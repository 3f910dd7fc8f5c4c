/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap - listens at the director's programs (bpf/capture.h): each packet before and after.
 */
#ifndef ELVS_TOOLS_TAP_H
#define ELVS_TOOLS_TAP_H

#include <stddef.h>
#include <stdint.h>

#include "abi/capture.h"

struct tap;

/* A packet's two sides; either may be missing (lost). Valid during the call. */
struct tap_packet {
	const struct capture_event *before, *after;
	const uint8_t *before_data, *after_data;
};

struct tap_options {
	uint32_t snap_len;				     /* at most CAPTURE_SNAP_MAX */
	int (*packet)(void *arg, const struct tap_packet *); /* not 0: stop */
	void *arg;
};

/*
 * Begins a capture on the director that the program (an id, as ELVS_CMD_GET_PROG says it) belongs to. One at a time
 * in a network namespace: -EBUSY. On error why says why.
 */
int tap_open(struct tap **ret, const struct tap_options *o, uint32_t program, char *why, size_t why_size);
/* Waits for packets, timeout_ms (under a second) at most. 0; what packet() returned; -errno. Keeps capturing. */
int tap_poll(struct tap *t, int timeout_ms);
/* Hands over packets whose second half has not come */
void tap_flush(struct tap *t);
uint64_t tap_lost(const struct tap *t);
void tap_close(struct tap *t); /* ends it; accepts NULL */

#endif
