/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * csum - Internet checksums (RFC 1071), computed from scratch: the judge of what a data plane updated in steps.
 */
#ifndef ELVS_BENCH_CSUM_H
#define ELVS_BENCH_CSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t csum_add(uint32_t sum, const uint8_t *p, size_t n); /* p begins at an even offset of what is summed */
uint16_t csum_fold(uint32_t sum);			     /* complement, network order */

/*
 * Sum over the transport header and data of the IPv4 or IPv6 packet at ip (len bytes, no options), with its
 * pseudo-header: the checksum to fill in if the field is 0, and 0 if a right one is there.
 */
uint16_t csum_l4(const uint8_t *ip, size_t len);

#endif
