/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture - looks at packets just before and just after the director's programs handle them.
 *
 * fentry and fexit programs on the running data plane: it is not changed, not slowed while nobody captures, and
 * cannot be disturbed: these programs only read packets and write to a perf buffer. `elvs capture' loads them once
 * for each program of the data plane, sharing the maps, and they are gone when it ends.
 * Filtering is user space's; only the snap length is known here.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "../abi/capture.h"
#include "../abi/maps.h"

/* The kernel's own structs, as far as they are read; relocated to the running kernel's layout */
struct net_device {
	int ifindex;
} __attribute__((preserve_access_index));
struct xdp_rxq_info {
	struct net_device *dev;
} __attribute__((preserve_access_index));
struct xdp_buff {
	void *data, *data_end;
	struct xdp_rxq_info *rxq;
} __attribute__((preserve_access_index));
struct sk_buff {
	unsigned int len;
	struct net_device *dev;
	__u16 vlan_proto, vlan_tci;
} __attribute__((preserve_access_index));

const volatile __u32 snap_len = 128;
const volatile __u8 hook = CAPTURE_XDP;

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

/* Number of the packet that this CPU handles now, by hook */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4);
} current SEC(".maps");

/* The data plane's own map (user space puts it in this one's place): holds the last verdict of each CPU */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct elvs_cpu);
	__uint(max_entries, 1);
} cpus SEC(".maps");

static __always_inline struct elvs_cpu *this_cpu(__u32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

static __always_inline void before(struct capture_event *e)
{
	__u32 cpu = bpf_get_smp_processor_id(), slot = hook & 3;
	__u64 *id = bpf_map_lookup_elem(&current, &slot);
	struct elvs_cpu *c = this_cpu(cpu);

	if (c)	/* so that an old verdict is not taken for this packet's */
		c->last = CAPTURE_NO_VERDICT;
	if (id)
		e->id = ++*id;
	e->cpu = cpu;
	e->time_ns = bpf_ktime_get_ns();
	e->hook = hook;
	e->verdict = CAPTURE_NO_VERDICT;
}

static __always_inline void after(struct capture_event *e, int action)
{
	__u32 cpu = bpf_get_smp_processor_id(), slot = hook & 3;
	__u64 *id = bpf_map_lookup_elem(&current, &slot);
	struct elvs_cpu *c = this_cpu(cpu);

	e->verdict = c ? c->last : CAPTURE_NO_VERDICT;
	if (id)
		e->id = *id;
	e->cpu = cpu;
	e->time_ns = bpf_ktime_get_ns();
	e->hook = hook;
	e->after = 1;
	e->action = action;
}

static __always_inline __u64 sample_flags(struct capture_event *e)
{
	__u32 n = e->packet_len < snap_len ? e->packet_len : snap_len;

	if (n > CAPTURE_SNAP_MAX)
		n = CAPTURE_SNAP_MAX;
	e->captured_len = n;
	return (__u64)n << 32 | BPF_F_CURRENT_CPU;
}

static __always_inline void send_xdp(struct xdp_buff *xdp, struct capture_event *e)
{
	e->packet_len = (__u32)bpf_xdp_get_buff_len((void *)xdp);
	e->ifindex = (__u32)xdp->rxq->dev->ifindex;
	bpf_xdp_output(xdp, &events, sample_flags(e), e, sizeof(*e));
}

static __always_inline void send_skb(struct sk_buff *skb, struct capture_event *e)
{
	e->packet_len = skb->len;
	e->ifindex = (__u32)skb->dev->ifindex;
	e->vlan_proto = skb->vlan_proto;
	e->vlan_tci = skb->vlan_tci;
	bpf_skb_output(skb, &events, sample_flags(e), e, sizeof(*e));
}

SEC("fentry/elvs_xdp")
int BPF_PROG(capture_xdp_before, struct xdp_buff *xdp)
{
	struct capture_event e = {};

	before(&e);
	send_xdp(xdp, &e);
	return 0;
}

SEC("fexit/elvs_xdp")
int BPF_PROG(capture_xdp_after, struct xdp_buff *xdp, int action)
{
	struct capture_event e = {};

	after(&e, action);
	send_xdp(xdp, &e);
	return 0;
}

SEC("fentry/elvs_tc_in")
int BPF_PROG(capture_skb_before, struct sk_buff *skb)
{
	struct capture_event e = {};

	before(&e);
	send_skb(skb, &e);
	return 0;
}

SEC("fexit/elvs_tc_in")
int BPF_PROG(capture_skb_after, struct sk_buff *skb, int action)
{
	struct capture_event e = {};

	after(&e, action);
	send_skb(skb, &e);
	return 0;
}

char _license[] SEC("license") = "GPL";
