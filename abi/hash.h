/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash - where things stand in the tables of maps.h. Compiled into the data plane and into libelvs, which must
 * agree on every bit. Connection hashes are keyed (settings.key): a client that chooses its ports cannot aim at
 * one bucket. The others are over configuration and need no key.
 */
#ifndef ELVS_ABI_HASH_H
#define ELVS_ABI_HASH_H

#include "maps.h"

#define ELVS_INLINE static inline __attribute__((always_inline))

/* Three multiplications: every input bit reaches every output bit used. */
ELVS_INLINE __u64 elvs_mix(__u64 a, __u64 k0, __u64 k1)
{
	a = (a ^ k0) * 0x9e3779b97f4a7c15ull;
	a = (a ^ (a >> 32) ^ k1) * 0xd6e8feb86659fd93ull;
	a = (a ^ (a >> 32)) * 0xff51afd7ed558ccdull;
	return a ^ (a >> 29);
}

/*
 * IPv4 client, narrow table. Replies and requests of a connection hash alike. Two multiplications, the first by a
 * secret odd number: this stands in every packet's way. The high half of the product is the better one.
 */
ELVS_INLINE __u64 elvs_conn_hash(__u32 caddr, __u16 cport, const __u64 key[2])
{
	__u64 a = (((__u64)caddr | (__u64)cport << 32) ^ key[0]) * (key[1] | 1);

	a = (a ^ a >> 32) * 0x9e3779b97f4a7c15ull;
	return a >> 32 | a << 32;
}

/*
 * Wide table: client address and port only, for the same reason; templates have port 0. Each half of the address and
 * the port has a multiplier of its own, and they do not wait for each other.
 */
ELVS_INLINE __u64 elvs_wconn_hash(const __u32 caddr[4], __u16 cport, const __u64 key[2])
{
	__u64 a = (((__u64)caddr[0] | (__u64)caddr[1] << 32) ^ key[0]) * (key[1] | 1);
	__u64 b = (((__u64)caddr[2] | (__u64)caddr[3] << 32) ^ key[1]) * (key[0] | 1);

	a += (b >> 32 | b << 32) + (cport + 1) * 0xd6e8feb86659fd93ull;
	a = (a ^ a >> 32) * 0x9e3779b97f4a7c15ull;
	return a >> 32 | a << 32;
}

/*
 * Linear hashing: npairs pairs are in use, mask is the next power of two minus one. Probe i of a connection looks
 * in the pair that its hash gives after i steps of an odd stride.
 */
ELVS_INLINE __u32 elvs_pair_index(__u32 h, __u32 npairs, __u32 mask)
{
	__u32 i = h & mask;

	return i < npairs ? i : i & (mask >> 1);
}

ELVS_INLINE __u32 elvs_probe(__u64 hash, __u32 nth)
{
	return (__u32)hash + nth * ((__u32)(hash >> 32) | 1);
}

/* Line of the endpoint table's level, before masking */
ELVS_INLINE __u32 elvs_ep_hash(__u8 kind, const __u32 addr[4], __u16 port, __u8 proto)
{
	__u64 a = (__u64)addr[0] | (__u64)port << 32 | (__u64)proto << 48 | (__u64)kind << 56;

	if (kind & ELVS_WK_V6)
		a ^= ((__u64)addr[1] | (__u64)addr[2] << 32) * 0x9e3779b97f4a7c15ull ^ (__u64)addr[3] << 13;
	a *= 0xd6e8feb86659fd93ull;
	return (__u32)(a >> 32);
}

/* Bit of the filter of NAT real servers; port 0 for destinations that take any port */
ELVS_INLINE __u32 elvs_rs_bit(const __u32 addr[4], __u16 port, __u8 proto)
{
	return elvs_ep_hash(ELVS_WK_V6, addr, port, proto) & (ELVS_RS_FILTER_BITS - 1);
}

/* IPVS's folding of an address for sh, dh, ...: IPv6 words xor-ed before the byte swap (spec 2.8) */
ELVS_INLINE __u32 elvs_addr_fold(const __u32 addr[4])
{
	return addr[0] ^ addr[1] ^ addr[2] ^ addr[3];
}

/* the kernel's hash_32() */
ELVS_INLINE __u32 elvs_hash_32(__u32 v, unsigned int bits)
{
	return (v * 0x61C88647u) >> (32 - bits);
}

#endif
