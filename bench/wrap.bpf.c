// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wrap - runs a target again and again, each time on a fresh packet of another flow.
 *
 * BPF_PROG_RUN with a repeat count hands the target's own output back to it as the next input. This program stands
 * in front: it takes back what the target did to the frame's head, writes the next flow's headers, and tail-calls
 * the target (a direct jump: the slots are constants). It stamps the time every `chunk` packets, since the syscall's own
 * duration has whole nanoseconds and an RCU grace period in it.
 * Cannot be undone, so not to be measured here: targets that change the frame's tail, and tunnels on TC (a second
 * outer header is refused for good). bench-prog notices.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "frame.bpf.h"

struct bench_run run;
__u64 stamps[BENCH_STAMPS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bench_flow);
	__uint(max_entries, 1); /* the process sets it before loading */
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, BENCH_SLOTS);
} target_xdp SEC(".maps"), target_tc SEC(".maps");

static __always_inline void stamp(void)
{
	stamps[run.stamps++ % BENCH_STAMPS] = bpf_ktime_get_ns();
}

/* The flow whose turn it is, and whether the target or the empty program gets it; NULL when the run is over. */
static __always_inline const struct bench_flow *next_flow(__u32 *slot)
{
	__u64 call = run.calls++;
	__u32 next, key;

	*slot = run.paired && !(call & run.chunk) ? BENCH_NULL : BENCH_TARGET;
	if (!(call & (run.chunk - 1)))
		stamp();
	if (*slot == BENCH_TARGET && run.done++ == run.count) {
		stamp();
		return NULL;
	}
	next = run.next[*slot];
	key = run.first + next;
	run.next[*slot] = next + 1 < run.flows ? next + 1 : 0;
	return bpf_map_lookup_elem(&flows, &key);
}

SEC("xdp")
int wrap_xdp(struct xdp_md *ctx)
{
	__u32 slot;
	const struct bench_flow *f = next_flow(&slot);
	void *data, *end;
	__u64 grown;

	if (!f)
		return XDP_ABORTED;
	/* In 64 bits: clang 14 would subtract the two in 32, which the verifier refuses. */
	grown = ctx->data_end;
	asm volatile("%0 -= %1" : "+r"(grown) : "r"((__u64)ctx->data));
	/* Also when nothing is to be undone, so that the empty target pays for the call too. */
	if (bpf_xdp_adjust_head(ctx, (int)grown - (int)run.len))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (write_frame(data, end, &run, f))
		return XDP_ABORTED;
	if (slot == BENCH_NULL)
		bpf_tail_call_static(ctx, &target_xdp, BENCH_NULL);
	bpf_tail_call_static(ctx, &target_xdp, BENCH_TARGET);
	return XDP_ABORTED;
}

SEC("tc")
int wrap_tc(struct __sk_buff *skb)
{
	__u32 slot;
	const struct bench_flow *f = next_flow(&slot);
	void *data, *end;

	if (!f)
		return TC_ACT_SHOT;
	skb->mark = 0;
	skb->cb[0] = 0;
	data = (void *)(long)skb->data;
	end = (void *)(long)skb->data_end;
	if (write_frame(data, end, &run, f))
		return TC_ACT_SHOT;
	if (slot == BENCH_NULL)
		bpf_tail_call_static(skb, &target_tc, BENCH_NULL);
	bpf_tail_call_static(skb, &target_tc, BENCH_TARGET);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
