/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture - what the data plane sends to `elvs capture' while somebody captures: this, then the packet's first bytes.
 */
#ifndef ELVS_ABI_CAPTURE_H
#define ELVS_ABI_CAPTURE_H

#include <linux/types.h>

#define CAPTURE_SNAP_MAX 65000	       /* a sample of the perf buffer holds less than 64 KiB */
#define CAPTURE_NO_VERDICT 0xffffffffu /* the fast path notes none: what it sends is told by the action */

/*
 * A capture is a lease: whoever captures renews it, and when it dies the lease runs out. It lies in the map
 * CAPTURE_SETTINGS_MAP (one value, can be mmapped), whose first u32 is the data plane's clock, in ticks.
 */
#define CAPTURE_SETTINGS_MAP ".data.elvs"
#define CAPTURE_BUFFER_MAP "captured"
#define CAPTURE_LEASE_OFFSET 56
#define CAPTURE_LEASE_TICKS 16 /* 2 s */
struct capture_lease {
	__u32 until; /* clock; 0 = nobody captures */
	__u32 snap;  /* bytes of a packet that are wanted at most */
};

enum capture_hook { CAPTURE_XDP, CAPTURE_TC_IN, CAPTURE_TC_OUT };

struct capture_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 cpu;
	__u32 ifindex;
	__u32 packet_len;
	__u32 captured_len; /* bytes that follow this struct */
	__s32 action;	    /* XDP_* or TC_ACT_*; after only */
	__u32 verdict;	    /* enum elvs_verdict or CAPTURE_NO_VERDICT; after only */
	__u16 vlan_tci;	    /* tag that stands beside the frame, if vlan_proto is not 0 */
	__u16 vlan_proto;   /* network order */
	__u8 hook;	    /* enum capture_hook */
	__u8 after;
	__u8 pad[2];
};

#endif
