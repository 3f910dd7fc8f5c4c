/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared - what the wrapper (wrap.bpf.c) and the process that runs it agree on.
 */
#ifndef ELVS_BENCH_SHARED_H
#define ELVS_BENCH_SHARED_H

#include <linux/types.h>

/*
 * What differs between the packets of two flows, as it stands on the wire. 16 bytes, so that the wrapper's own
 * reading does not sweep the cache that the target's table wants. IPv6: the last word of each address.
 */
struct bench_flow {
	__u32 saddr, daddr;
	__u16 sport, dport;
	__u16 ip_csum; /* IPv4 only */
	__u16 l4_csum;
};
_Static_assert(sizeof(struct bench_flow) == 16, "four flows to a cache line");

#define BENCH_STAMPS 8192
#define BENCH_WORDS 10

/* Slots of the wrapper's table of programs, and indexes of its two cursors */
enum bench_slot { BENCH_TARGET, BENCH_NULL, BENCH_SLOTS };

/*
 * One run: `count` packets to the target, of the flows first .. first + flows - 1, round and round. With `paired`,
 * every `chunk` of them comes after a chunk of packets to the empty program, which reads the same flows with a
 * cursor of its own: what disturbs the machine for longer than some microseconds falls on both. The template holds
 * the bytes that all packets share, as the words that the wrapper stores (BENCH_AT, in this order).
 */
struct bench_run {
	__u32 v6, udp, paired;
	__u32 len; /* of the frame */
	__u32 first, flows;
	__u32 next[BENCH_SLOTS]; /* flow of the next packet, counted from first */
	__u64 count;
	__u64 chunk;  /* a power of two */
	__u64 done;   /* packets to the target so far */
	__u64 calls;  /* packets so far */
	__u64 stamps; /* taken so far */
	__u64 word[BENCH_WORDS];
};

/*
 * Where the words go. Fields that a director reads (addresses, ports, lengths) lie within one store each, the one
 * made last: a load that straddles two stores still in flight waits for both, 5 to 9 ns that no network card costs.
 */
#define BENCH_AT4                            \
	{                                    \
		6, 0, 14, 22, 26, 34, 42, 50 \
	}
#define BENCH_AT6                                    \
	{                                            \
		6, 0, 14, 22, 30, 38, 46, 54, 62, 70 \
	}

#endif
