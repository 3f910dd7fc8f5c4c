/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits - every size that the data plane and its tenders must agree on.
 *
 * Sizes that cost memory before they are used are kept small; what grows (connections, destinations,
 * scheduler tables) lives in chunks that the library adds to a map of maps when they are needed.
 */
/*
 * Whoever has this folder in the include path may still ask for INT_MAX and PATH_MAX. Outside the guard: gcc's
 * limits.h comes back here on its way to the C library's.
 */
#ifndef __bpf__
#include_next <limits.h>
#endif

#ifndef ELVS_ABI_LIMITS_H
#define ELVS_ABI_LIMITS_H

#define ELVS_LAYOUT_VERSION 3	/* raised when maps.h changes a meaning or a size, or hash.h a place */

#define ELVS_MAX_SVCS (1 << 14)		/* virtual services of one instance, trash included */
#define ELVS_MAX_DESTS (1 << 17)	/* destinations of one instance, trash included (17 bits of a slot's word) */
#define ELVS_DEST_CHUNK (1 << 10)
#define ELVS_DEST_CHUNKS (ELVS_MAX_DESTS / ELVS_DEST_CHUNK)
#define ELVS_MAX_CPUS 256
#define ELVS_VIP_CHUNK (1 << 8)		/* virtual addresses with a mode of their own */
#define ELVS_VIP_CHUNKS 64
#define ELVS_CHECK_CHUNK (1 << 8)	/* health checks addressed to a virtual service */
#define ELVS_CHECK_CHUNKS 256
#define ELVS_CHECK_FLOWS (1 << 16)	/* their connections; the oldest give way */

#define ELVS_SCHED_CHUNK (1 << 16)	/* u32 entries; one service's table never crosses a chunk */
#define ELVS_SCHED_CHUNKS 256

#define ELVS_PAIR_SLOTS 8		/* connections in a bucket pair, the unit that hashing addresses */
#define ELVS_CONN_SEG (1 << 13)		/* pairs in a segment of the narrow table: 1 MiB */
#define ELVS_CONN_SEGS 512		/* 16 M connections at 50 % fill */
#define ELVS_WCONN_SEG (1 << 11)	/* pairs in a segment of the wide table: 1 MiB */
#define ELVS_WCONN_SEGS 2048
#define ELVS_PROBES 32			/* pairs in which a connection may stand: one client address and port can thus
					 * have 256 connections, to as many services */
#define ELVS_MAX_CONNS (1 << 24)

#define ELVS_EP_LEVELS 16		/* endpoint table: level n has 2^n lines of two entries */
#define ELVS_EP_LINES (1 << ELVS_EP_LEVELS)
#define ELVS_EP_PROBES 4		/* consecutive lines in which an endpoint may stand */
#define ELVS_RS_FILTER_BITS (1 << 20)	/* Bloom filter of NAT real servers */

#define ELVS_IFS 1024			/* interfaces, hashed by index, two ways */
#define ELVS_NH_CACHE_MIN (1 << 12)
#define ELVS_NEXTHOPS (1 << 12)

#define ELVS_TICKS_PER_SEC 8		/* of the data plane's clock: expiry has a grain of 125 ms */
#define ELVS_HEARTBEAT_TICKS (5 * ELVS_TICKS_PER_SEC) /* silent longer: next hops are no longer believed */

#endif
