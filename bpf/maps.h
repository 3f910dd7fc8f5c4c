/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps - the data plane's maps. Keys, values and sizes are abi/maps.h's and abi/limits.h's; libelvs gives the
 * per-CPU sizes (dest_dir's inner value, cpus) before loading, and adds chunks to the maps of maps as they fill.
 */
#ifndef ELVS_BPF_MAPS_H
#define ELVS_BPF_MAPS_H

#include "common.h"
#include "../abi/hash.h"

/*
 * bpftool links the hooks' objects into one. The object compiled with ELVS_CORE defines the maps, the settings and
 * the functions that both hooks call; to the other they are extern.
 */
#ifdef ELVS_CORE
#define ELVS_DEFINE
struct elvs_settings settings __attribute__((aligned(64))) SEC(".data.elvs");
const volatile __u32 cpu_mask = 0;	/* possible CPUs, rounded up to a power of two, minus one */
#else
#define ELVS_DEFINE extern
extern struct elvs_settings settings SEC(".data.elvs");
extern const volatile __u32 cpu_mask;
#endif

#define ELVS_ARRAY(name, type_, n)                                                                                     \
	ELVS_DEFINE struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                                      \
		__uint(map_flags, BPF_F_MMAPABLE);                                                                     \
		__type(key, __u32);                                                                                    \
		__type(value, type_);                                                                                  \
		__uint(max_entries, n);                                                                                \
	} name SEC(".maps")

/* An array of arrays of n entries each, filled by libelvs */
#define ELVS_DIR(name, chunks, value_bytes, n)                                                                         \
	ELVS_DEFINE struct {                                                                                                       \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                                              \
		__uint(max_entries, chunks);                                                                           \
		__type(key, __u32);                                                                                    \
		__array(                                                                                               \
			values, struct {                                                                               \
				__uint(type, BPF_MAP_TYPE_ARRAY);                                                      \
				__uint(map_flags, BPF_F_MMAPABLE);                                                     \
				__uint(key_size, sizeof(__u32));                                                       \
				__uint(value_size, value_bytes);                                                       \
				__uint(max_entries, n);                                                                \
			});                                                                                            \
	} name SEC(".maps")

/*
 * Tables of fixed size are arrays of one value, which the program indexes itself: a lookup hands its key over through
 * the stack, and storing and loading it again stands in every packet's way.
 */
struct narrow_seg {
	struct elvs_pair pair[ELVS_CONN_SEG];
};
struct wide_seg {
	struct elvs_wpair pair[ELVS_WCONN_SEG];
};
ELVS_DIR(conn_dir, ELVS_CONN_SEGS, sizeof(struct narrow_seg), 1);
ELVS_DIR(wconn_dir, ELVS_WCONN_SEGS, sizeof(struct wide_seg), 1);
ELVS_DIR(dest_dir, ELVS_DEST_CHUNKS, sizeof(struct elvs_dest) + sizeof(struct elvs_stats), ELVS_DEST_CHUNK);
struct sched_chunk {
	__u32 entry[ELVS_SCHED_CHUNK];
};
ELVS_DIR(sched_dir, ELVS_SCHED_CHUNKS, sizeof(struct sched_chunk), 1);

ELVS_DIR(vip_dir, ELVS_VIP_CHUNKS, sizeof(struct elvs_vip), ELVS_VIP_CHUNK);	/* read by libelvs alone */

ELVS_DIR(check_dir, ELVS_CHECK_CHUNKS, sizeof(struct elvs_check), ELVS_CHECK_CHUNK);
/* The table of checks' connections is made by libelvs with the first check, of ELVS_CHECK_FLOWS entries. */
ELVS_DEFINE struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_LRU_HASH);
			__uint(max_entries, 64);
			__uint(key_size, sizeof(struct elvs_check_key));
			__uint(value_size, sizeof(struct elvs_check_flow));
		});
} check_flows SEC(".maps");

ELVS_ARRAY(svcs, struct elvs_svc, ELVS_MAX_SVCS);
struct ep_table {	/* level n: lines 2^n .. 2^(n+1)-1; settings.ep_base = 2^n */
	struct elvs_ep_line line[ELVS_EP_LINES];
};
ELVS_ARRAY(eps, struct ep_table, 1);
struct load_table {
	struct elvs_load of[ELVS_MAX_DESTS];
};
ELVS_ARRAY(loads, struct load_table, 1);
ELVS_ARRAY(rs_filter, __u64, ELVS_RS_FILTER_BITS / 64);
struct if_table {
	struct elvs_if at[ELVS_IFS];	/* at ifindex % ELVS_IFS, or at that ^ 1 */
};
ELVS_ARRAY(ifs, struct if_table, 1);
ELVS_ARRAY(nh_cache, __u64, ELVS_NH_CACHE_MIN);		/* larger: libelvs, a power of two; settings.nh_mask */
ELVS_ARRAY(nexthops, struct elvs_nexthop, ELVS_NEXTHOPS);
ELVS_ARRAY(cpus, struct elvs_cpu, 1);			/* as many as possible CPUs (rounded up): libelvs */

#ifdef ELVS_CORE
/* The sweeper's timer cannot live in a map that is mmapped. */
struct sweeper {
	struct bpf_timer timer;
	__u32 next;	/* pair to look at next */
	__u32 wnext;
	__u64 started;	/* ktime of the present pass */
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sweeper);
	__uint(max_entries, 1);
} sweeper SEC(".maps");
#endif

#endif
