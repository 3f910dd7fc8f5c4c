/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture - shows packets to `elvs capture', as they came and as they went on, while somebody captures. Compiled
 * into the programs, not attached to them: kernels without BPF trampolines (no fentry) are among those we serve.
 * While nobody captures this is one load and one branch in each direction, on a cache line that is needed anyway.
 *
 * A capture is a lease (settings.capture.until): whoever captures renews it, and if it dies, it ends by itself.
 */
#ifndef ELVS_BPF_CAPTURE_H
#define ELVS_BPF_CAPTURE_H

#include "conn.h"
#include "../abi/capture.h"

_Static_assert(__builtin_offsetof(struct elvs_settings, capture) == CAPTURE_LEASE_OFFSET, "as abi/capture.h says");

ELVS_DEFINE struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} captured SEC(".maps");

/* Not inlined: the fast path shall not see it. action: what the program ends with; that may be -1 (TC_ACT_UNSPEC). */
static __noinline int capture_side(ctx_t *ctx, __u32 hook, bool after, int action)
{
	struct elvs_cpu *c = cpu_get();
	struct capture_event e = { .hook = hook, .after = after, .action = action };
	__u32 snap = settings.capture.snap, len;

	if ((__s32)(settings.capture.until - settings.clock) < 0)
		return 0;
	e.time_ns = bpf_ktime_get_ns();
	e.cpu = bpf_get_smp_processor_id();
	e.verdict = c ? c->last : CAPTURE_NO_VERDICT;
	if (c && !after) /* so that an old verdict is not taken for this packet's */
		c->last = CAPTURE_NO_VERDICT;
#if HOOK_XDP
	len = (__u32)bpf_xdp_get_buff_len(ctx);
	e.ifindex = ctx->ingress_ifindex;
#else
	len = ctx->len;
	e.ifindex = ctx->ifindex;
	if (ctx->vlan_present) {
		e.vlan_tci = ctx->vlan_tci;
		e.vlan_proto = ctx->vlan_proto;
	}
#endif
	e.packet_len = len;
	if (len > snap)
		len = snap;
	if (len > CAPTURE_SNAP_MAX)
		len = CAPTURE_SNAP_MAX;
	e.captured_len = len;
	bpf_perf_event_output(ctx, &captured, (__u64)len << 32 | BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

static __always_inline void capture_before(ctx_t *ctx, enum capture_hook hook)
{
	if (unlikely(settings.capture.until))
		capture_side(ctx, hook, false, 0);
}

static __always_inline int capture_after(ctx_t *ctx, enum capture_hook hook, int action)
{
	if (unlikely(settings.capture.until))
		capture_side(ctx, hook, true, action);
	return action;
}

#endif
