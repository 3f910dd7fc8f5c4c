/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bytes - numbers in network order at any address, the Internet checksum, addresses compared. No bounds are
 * checked.
 */
#ifndef ELVS_DAEMON_VRRP_BYTES_H
#define ELVS_DAEMON_VRRP_BYTES_H

#include <string.h>

#include "conf/conf.h"

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* RFC 1071: adds n bytes to an unfolded sum; all but the last piece of one sum must be of even length. */
static inline uint64_t sum_add(uint64_t sum, const uint8_t *p, size_t n)
{
	for (; n >= 2; p += 2, n -= 2)
		sum += get16(p);
	return n ? sum + ((uint64_t)p[0] << 8) : sum;
}

static inline uint16_t sum_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline size_t addr_bytes(uint16_t family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* Ports do not count. */
static inline int addr_compare(const struct conf_addr *a, const struct conf_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, addr_bytes(a->family));
}

static inline bool addr_is_multicast(const struct conf_addr *a)
{
	return a->family == AF_INET6 ? a->bytes[0] == 0xff : (a->bytes[0] & 0xf0) == 0xe0;
}

#endif
