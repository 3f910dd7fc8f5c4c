/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flows - the flows of a bench, and their packets: 60-byte TCP or UDP frames (74 for IPv6) with right checksums.
 *
 * Flow i belongs to client i % clients. The order is the caller's: flows are shuffled between being made known and
 * being replayed, since a table that hands out records in sequence would otherwise be read in sequence.
 */
#ifndef ELVS_BENCH_FLOWS_H
#define ELVS_BENCH_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "shared.h"

#define BENCH_FRAME_MAX 128
#define BENCH_VIP 0xc0a86401u /* 192.168.100.1 */
#define BENCH_VPORT 80
#define BENCH_CLIENT_NET 0x0a000000u /* 10.0.0.0/8 */
#define BENCH_SERVER_NET 0xac100000u /* 172.16.0.0/12; server n is 172.16.0.0 + n, n from 1 */
#define BENCH_PREFIX6                                          \
	{                                                      \
		0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0 \
	} /* before every IPv4 address above */

enum flow_packet { FLOW_SYN, FLOW_ACK, FLOW_UDP };

struct flow_kind {
	enum flow_packet packet;
	bool v6;
	uint8_t smac[6], dmac[6];
};

/* Words of the wrapper's template, and the frame's length. */
void flow_template(struct bench_run *run, const struct flow_kind *k);

/* Client i's request to the VIP, checksums for kind k. */
struct bench_flow flow_request(const struct flow_kind *k, uint32_t i, uint32_t clients);

/* A packet between two endpoints (addresses and ports in network order), checksums for kind k. */
struct bench_flow flow_between(const struct flow_kind *k, uint32_t saddr, uint16_t sport, uint32_t daddr,
			       uint16_t dport);

/* The frame of flow f, byte for byte what the wrapper writes. Returns its length. */
size_t flow_frame(uint8_t frame[BENCH_FRAME_MAX], const struct flow_kind *k, const struct bench_flow *f);

/* Fisher-Yates with a seed: the same order in every run. */
void flows_shuffle(struct bench_flow *f, uint32_t n, uint64_t seed);

#endif
