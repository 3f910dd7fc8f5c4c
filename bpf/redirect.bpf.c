/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * redirect - counts XDP transmissions that failed, which the kernel tells nobody but its tracepoints. Loaded while
 * `elvs drops --watch' runs: the second tracepoint is passed by every bulk of frames, too often to stay for good.
 * Tracepoints are the whole machine's; only devices of one network namespace (netns_cookie) are counted.
 */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "../abi/redirect.h"

struct net {
	__u64 net_cookie;
} __attribute__((preserve_access_index));
typedef struct {
	struct net *net;
} possible_net_t;
struct net_device {
	int ifindex;
	possible_net_t nd_net;
} __attribute__((preserve_access_index));

const volatile __u64 netns_cookie = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct redirect_key);
	__type(value, __u64);
	__uint(max_entries, REDIRECT_KEYS);
} failed SEC(".maps");

static __always_inline void count(const struct net_device *from, __u32 to, int error, __u64 n)
{
	struct redirect_key key = { .to = to, .error = error };
	__u64 *count, zero = 0;

	if (BPF_CORE_READ(from, nd_net.net, net_cookie) != netns_cookie)
		return;
	key.from = (__u32)BPF_CORE_READ(from, ifindex);
	bpf_map_update_elem(&failed, &key, &zero, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&failed, &key);
	if (count)
		__sync_fetch_and_add(count, n);
}

/* dev, program, target, error, map type, map id, index: without a map the index is the interface's */
SEC("raw_tp/xdp_redirect_err")
int redirect_err(struct bpf_raw_tracepoint_args *ctx)
{
	count((const struct net_device *)ctx->args[0], (__u32)ctx->args[6], (int)ctx->args[3], 1);
	return 0;
}

/* from, to, sent, drops, error */
SEC("raw_tp/xdp_devmap_xmit")
int redirect_devmap(struct bpf_raw_tracepoint_args *ctx)
{
	int drops = (int)ctx->args[3];

	if (drops > 0)
		count((const struct net_device *)ctx->args[0],
		      (__u32)BPF_CORE_READ((const struct net_device *)ctx->args[1], ifindex), (int)ctx->args[4],
		      (__u64)drops);
	return 0;
}

char _license[] SEC("license") = "GPL";
