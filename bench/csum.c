// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * csum - Internet checksums, see csum.h. Slow and plain on purpose.
 */
#include "csum.h"

#include <arpa/inet.h>

uint32_t csum_add(uint32_t sum, const uint8_t *p, size_t n)
{
	for (; n > 1; p += 2, n -= 2)
		sum += p[0] << 8 | p[1];
	return n ? sum + (p[0] << 8) : sum;
}

uint16_t csum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

uint16_t csum_l4(const uint8_t *ip, size_t len)
{
	int v6 = ip[0] >> 4 == 6;
	size_t hlen = v6 ? 40 : 20;
	uint32_t sum = v6 ? csum_add(0, ip + 8, 32) : csum_add(0, ip + 12, 8);

	sum += (v6 ? ip[6] : ip[9]) + (len - hlen);
	return csum_fold(csum_add(sum, ip + hlen, len - hlen));
}
