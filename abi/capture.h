/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture - what the capturing programs send to `elvs capture': this, then the packet's first bytes.
 */
#ifndef ELVS_ABI_CAPTURE_H
#define ELVS_ABI_CAPTURE_H

#include <linux/types.h>

#define CAPTURE_SNAP_MAX 65000		/* a sample of the perf buffer holds less than 64 KiB */
#define CAPTURE_NO_VERDICT 0xffffffffu	/* the fast path notes none: what it sends is told by the action */

enum capture_hook { CAPTURE_XDP, CAPTURE_TC_IN, CAPTURE_TC_OUT };

struct capture_event {
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u64 id;		/* the same before and after; unique for a CPU */
	__u32 cpu;
	__u32 ifindex;
	__u32 packet_len;
	__u32 captured_len;	/* bytes that follow this struct */
	__s32 action;		/* XDP_* or TC_ACT_*; after only */
	__u32 verdict;		/* enum elvs_verdict or CAPTURE_NO_VERDICT; after only */
	__u16 vlan_tci;		/* tag that stands beside the frame, if vlan_proto is not 0 */
	__u16 vlan_proto;	/* network order */
	__u8 hook;		/* enum capture_hook */
	__u8 after;
	__u8 pad[2];
};

#endif
