// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ends - everything of the end-to-end bench that is not the director: the packet generator, the reference
 * directors (drop all; redirect all, on XDP and on TC), and the sinks that count what arrives at the real servers.
 * All of it runs on one CPU, in softirq context of the generator's thread, so counters need no atomics.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "frame.bpf.h"

#define ENDS_IFS 64 /* interface indexes of a fresh namespace are small */

struct bench_run run;	    /* first, flows, next[BENCH_TARGET] and the template are used */
__u32 out_ifindex;	    /* the generator's interface */
__u32 tc_out_ifindex;	    /* of director_tc_redirect */
__u64 sent, seen[ENDS_IFS]; /* seen: by the sink's interface index */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct bench_flow);
	__uint(max_entries, 1); /* the process sets it before loading */
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} out SEC(".maps");

/* Run with BPF_F_TEST_XDP_LIVE_FRAMES: each frame becomes the next flow's packet and leaves by out_ifindex. */
SEC("xdp")
int generate(struct xdp_md *ctx)
{
	__u32 next = run.next[BENCH_TARGET], key = run.first + next;
	const struct bench_flow *f = bpf_map_lookup_elem(&flows, &key);

	run.next[BENCH_TARGET] = next + 1 < run.flows ? next + 1 : 0;
	if (!f || write_frame((void *)(long)ctx->data, (void *)(long)ctx->data_end, &run, f))
		return XDP_ABORTED;
	sent++;
	return bpf_redirect(out_ifindex, 0);
}

SEC("xdp")
int sink_xdp(struct xdp_md *ctx)
{
	seen[ctx->ingress_ifindex % ENDS_IFS]++;
	return XDP_DROP;
}

SEC("tc")
int sink_tc(struct __sk_buff *skb)
{
	seen[skb->ifindex % ENDS_IFS]++;
	return TC_ACT_SHOT;
}

SEC("xdp")
int director_drop(struct xdp_md *ctx)
{
	seen[ctx->ingress_ifindex % ENDS_IFS]++;
	return XDP_DROP;
}

SEC("xdp")
int director_redirect(struct xdp_md *ctx)
{
	return bpf_redirect_map(&out, 0, XDP_DROP);
}

SEC("tc")
int director_tc_redirect(struct __sk_buff *skb)
{
	return bpf_redirect(tc_out_ifindex, 0);
}

char _license[] SEC("license") = "GPL";
