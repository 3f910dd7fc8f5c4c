/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decap - what the decapsulating program of a real server and the command that attaches it agree on.
 */
#ifndef ELVS_ABI_DECAP_H
#define ELVS_ABI_DECAP_H

#include <linux/types.h>

struct decap_addr {
	__u32 family;  /* 4, 6 */
	__u32 addr[4]; /* network order; IPv4 in [0], the rest 0 */
};

/* Index in the map of counters, and what `elvs realserver status` calls it */
#define DECAP_COUNTERS(X)                                                          \
	X(DONE, "decapsulated")                                                    \
	X(NOT_VIP, "inner destination is no virtual address of this server")       \
	X(FRAGMENT, "outer fragment, left alone")                                  \
	X(MALFORMED, "malformed inner header, left alone")                         \
	X(CONGESTION, "congestion mark on a packet that cannot carry it, dropped") \
	X(FAILED, "frame could not be shortened, dropped")
#define X(name, text) DECAP_##name,
enum decap_counter { DECAP_COUNTERS(X) DECAP_COUNTS };
#undef X

#endif
