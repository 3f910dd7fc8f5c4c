/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csum - the Internet checksum (RFC 1071), incrementally (RFC 1624). Sums are kept unfolded in 32 bits and in the
 * byte order of the packet, which one's complement does not mind.
 */
#ifndef ELVS_BPF_CSUM_H
#define ELVS_BPF_CSUM_H

#include "common.h"

static __always_inline __u16 csum_fold(__u64 s)
{
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return s;
}

/* What replacing 32 bits adds to a sum */
static __always_inline __u64 csum_swap32(__u32 from, __u32 to)
{
	return (__u64)(__u32)~from + to;
}

static __always_inline __u64 csum_swap16(__u16 from, __u16 to)
{
	return (__u64)(__u16)~from + to;
}

static __always_inline __u64 csum_swap128(const __u32 from[4], const __u32 to[4])
{
	return csum_swap32(from[0], to[0]) + csum_swap32(from[1], to[1]) + csum_swap32(from[2], to[2]) +
	       csum_swap32(from[3], to[3]);
}

/* A checksum field after its data changed by diff */
static __always_inline __u16 csum_apply(__u16 check, __u64 diff)
{
	return ~csum_fold((__u64)(__u16)~check + diff);
}

static __always_inline __u64 csum_addr(const __u32 *a, int words)
{
	__u64 s = 0;

	for (int i = 0; i < words; i++)
		s += a[i];
	return s;
}

#endif
