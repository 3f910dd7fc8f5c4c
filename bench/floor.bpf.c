// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor - what no director can be faster than: an empty program, MACs swapped and the packet sent back, and one
 * look into a table of connections with the MACs rewritten. They do no director's work (no state, no counters, no
 * expiry, no second CPU); they say what the machine of this run can do.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FLOOR_SLOTS 4

#define FLOOR_PROBES 4

struct floor_slot {
	__u64 key;   /* client address | client port << 32 | 1 << 48; 0: free */
	__u64 value; /* server */
};

struct floor_bucket {
	struct floor_slot slot[FLOOR_SLOTS];
} __attribute__((aligned(64)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* page-aligned, so that a bucket is a cache line */
	__type(key, __u32);
	__type(value, struct floor_bucket);
	__uint(max_entries, 1); /* the process sets it, a power of two */
} buckets SEC(".maps");

const volatile __u32 bucket_mask;
const volatile __u32 vip;
__u64 inserted;

static __always_inline void macs_swap(void *data)
{
	__u16 *m = data;
	__u16 a = m[0], b = m[1], c = m[2];

	m[0] = m[3];
	m[1] = m[4];
	m[2] = m[5];
	m[3] = a;
	m[4] = b;
	m[5] = c;
}

static __always_inline int swap(void *data, void *end)
{
	if (data + sizeof(struct ethhdr) > end)
		return -1;
	macs_swap(data);
	return 0;
}

/* The slot of a key, made if it is missing; NULL: no room */
static __always_inline struct floor_slot *slot_of(__u64 key)
{
	__u64 h = key * 0x9e3779b97f4a7c15ull;
	__u32 at = ((h ^ h >> 32) * 0xd6e8feb86659fd93ull) >> 32;

	for (int probe = 0; probe < FLOOR_PROBES; probe++) {
		__u32 i = (at + probe) & bucket_mask;
		struct floor_bucket *b = bpf_map_lookup_elem(&buckets, &i);

		if (!b)
			return NULL;
		for (int n = 0; n < FLOOR_SLOTS; n++) {
			struct floor_slot *s = &b->slot[n];

			if (s->key == key)
				return s;
			if (!s->key) { /* nothing is ever removed: the first free slot ends the search */
				s->key = key;
				s->value = (inserted++ & 7) + 1;
				return s;
			}
		}
	}
	return NULL;
}

static __always_inline int table(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct floor_slot *slot;
	__u64 key;

	if ((void *)(tcp + 1) > end)
		return -1;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 || ip->protocol != IPPROTO_TCP || ip->daddr != vip)
		return -1;
	key = ip->saddr | (__u64)tcp->source << 32 | 1ull << 48;
	slot = slot_of(key);
	if (!slot)
		return -1;
	/* the last byte of the address is the server's number: locally administered 02:00:00:02:00:NN */
	*(__u16 *)(data + 6) = *(__u16 *)data;
	*(__u16 *)(data + 8) = *(__u16 *)(data + 2);
	*(__u16 *)(data + 10) = *(__u16 *)(data + 4);
	*(__u16 *)data = bpf_htons(0x0200);
	*(__u16 *)(data + 2) = bpf_htons(0x0002);
	*(__u16 *)(data + 4) = bpf_htons(slot->value & 0xff);
	return 0;
}

SEC("xdp")
int null_xdp(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int swap_xdp(struct xdp_md *ctx)
{
	return swap((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP : XDP_TX;
}

SEC("xdp")
int table_xdp(struct xdp_md *ctx)
{
	return table((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP : XDP_TX;
}

SEC("tc")
int null_tc(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("tc")
int swap_tc(struct __sk_buff *skb)
{
	if (swap((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

SEC("tc")
int table_tc(struct __sk_buff *skb)
{
	if (table((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "GPL";
